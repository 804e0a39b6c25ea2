"""Making and using passkeys, below HTTP: what a phone is asked, who may make one, and many at the same time."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from bot.core.book import PageRules
from bot.core.flow import Page
from bot.runtime import Runtime
from bot.service import drop_passkeys, open_page, use_passkey
from bot.service.open_page import Closed, Given, Opened
from bot.settings import HOME
from bot.store import links, passkeys
from tests.bot.service.authenticator import Authenticator, challenge
from tests.conftest import House
from tests.faults.waiting import until
from tests.webhooks.pages import practice
from tests.webhooks.pages.conftest import BORN, Pages

HOST = "pages.riverside.example"
ORIGIN = f"https://{HOST}"
BROWSER = "b" * 43


@pytest.fixture
def flows_dir() -> Path:
    """The clinic's own flows: pages have their sentences from there."""
    return HOME / "flows"


@dataclass
class Practice:
    """Ana and Luz, and a clinic whose pages have a name."""

    pages: Pages
    luz: UUID

    @property
    def rt(self) -> Runtime:
        """The runtime."""
        return self.pages.rt

    def tapped(self, patient: UUID | None = None, page: Page = Page.HISTORY) -> UUID:
        """A link that somebody has tapped on; its opening."""
        token = practice.link(self.pages, page, patient=patient).token
        opening = open_page.look(self.rt, token, BROWSER)
        assert opening
        return opening

    def opened(self, patient: UUID | None = None, page: Page = Page.HISTORY) -> UUID:
        """An opening that was unlocked by the date of birth."""
        opening = self.tapped(patient, page)
        assert open_page.unlock(self.rt, opening, BROWSER, Given(born=BORN), None) is True
        return opening

    def asked(self, opening: UUID) -> dict[str, Any]:
        """What the phone is asked."""
        wanted = use_passkey.options(self.rt, opening, BROWSER)
        assert isinstance(wanted, str)
        found: dict[str, Any] = json.loads(wanted)
        return found

    def make(self, patient: UUID | None = None, *, counter: int = 1) -> Authenticator:
        """A phone with a passkey of the patient's."""
        made, opening = Authenticator(ORIGIN, HOST, counter=counter), self.opened(patient)
        assert self.register(opening, made) is True
        return made

    def register(self, opening: UUID, made: Authenticator) -> bool | Closed:
        """Make one here."""
        return use_passkey.register(self.rt, opening, BROWSER, made.make(self.asked(opening)))

    def use(self, opening: UUID, credential: dict[str, object]) -> bool | Closed:
        """Prove by it here."""
        return use_passkey.authenticate(self.rt, opening, BROWSER, credential, None)

    def seen(self, opening: UUID) -> Opened:
        """The opening as it is now."""
        found = open_page.resume(self.rt, opening, BROWSER)
        assert isinstance(found, Opened)
        return found

    def somebody_waits(self) -> bool:
        """Whether a transaction waits for another's lock."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        with self.rt.begin() as db:
            return bool(db.conn.exec_driver_sql(query).scalar_one())

    def count(self, patient: UUID | None = None) -> int:
        """How many the patient has."""
        with self.rt.begin() as db:
            return len(passkeys.of(db, self.pages.house.clinic, patient or self.pages.patient))


@pytest.fixture
def at(house: House) -> Iterator[Practice]:
    """The practice."""
    rt = Runtime(house.rt.settings.model_copy(update={"link_url": ORIGIN}))
    rt.__dict__["reader"] = house.rt.reader
    named = House(rt=rt, twin=house.twin, clinic=house.clinic, url=house.url)
    yield Practice(Pages(named, named.patient()), named.patient("Luz", "+12025550112"))
    rt.engine.dispose()


# -- what the phone is asked ---------------------------------------------------------------------------


def test_a_phone_is_asked_to_verify_its_user_and_to_tell_no_more_than_needed(at: Practice) -> None:
    wanted = at.asked(at.opened())
    assert wanted["rp"] == {"name": "Riverside Clinic", "id": HOST}
    assert wanted["attestation"] == "none"
    assert [each["alg"] for each in wanted["pubKeyCredParams"]] == [-7, -8, -257]
    chosen = wanted["authenticatorSelection"]
    assert (chosen["authenticatorAttachment"], chosen["residentKey"]) == ("platform", "discouraged")
    assert (chosen["requireResidentKey"], chosen["userVerification"]) == (False, "required")
    assert (wanted["user"]["name"], wanted["user"]["displayName"]) == ("Ana", "Ana")
    assert len(challenge(wanted)) == 32
    made = at.make()
    wanted = at.asked(at.tapped())
    assert (wanted["rpId"], wanted["userVerification"]) == (HOST, "required")
    allowed = [(each["id"], each["transports"]) for each in wanted["allowCredentials"]]
    assert allowed == [(made.sent({})["id"], ["internal"])]


def test_no_challenge_is_like_another(at: Practice) -> None:
    at.make()
    opening = at.tapped()
    assert len({at.asked(opening)["challenge"] for _ in range(5)}) == 5


def test_a_patient_has_one_handle_that_comes_from_nothing(at: Practice) -> None:
    first = at.asked(at.opened())["user"]["id"]
    other = at.asked(at.opened())["user"]["id"]
    assert first != other  # nothing was kept, so nothing was known: it is drawn anew
    at.make()
    kept = {at.asked(at.opened())["user"]["id"] for _ in range(2)}
    assert len(kept) == 1
    assert at.asked(at.opened(at.luz))["user"]["id"] not in kept
    with at.rt.begin() as db:
        assert len(passkeys.of(db, at.pages.house.clinic, at.pages.patient)[0].user_handle) == 32
        drop_passkeys.drop(db, at.pages.house.clinic, [at.pages.patient], "asked", at.rt.now())
    assert at.asked(at.opened())["user"]["id"] not in kept


def test_a_phone_that_has_one_is_not_asked_for_a_second(at: Practice) -> None:
    made = at.make()
    left_out = [each["id"] for each in at.asked(at.opened())["excludeCredentials"]]
    assert left_out == [made.sent({})["id"]]


def test_where_the_pages_have_no_name_there_are_no_passkeys(at: Practice) -> None:
    at.make()
    rt = Runtime(at.rt.settings.model_copy(update={"link_url": "http://127.0.0.1:8000"}))
    opening, tapped = at.opened(), at.tapped(page=Page.MESSAGES)
    assert use_passkey.options(rt, opening, BROWSER) is None
    assert not use_passkey.can_make(rt, at.seen(opening))
    assert not use_passkey.opens(rt, at.seen(tapped))
    rt.engine.dispose()


# -- who may make one ----------------------------------------------------------------------------------


def test_a_page_that_anybody_may_open_makes_none(at: Practice) -> None:
    practice.rule(at.pages, PageRules(open_without=(Page.PREFERENCES,)))
    opening = at.tapped(page=Page.PREFERENCES)
    assert at.seen(opening).unlocked
    assert use_passkey.options(at.rt, opening, BROWSER) is None
    assert not use_passkey.can_make(at.rt, at.seen(opening))


def test_what_was_asked_before_the_page_was_open_to_all_is_not_kept(at: Practice) -> None:
    opening, made = at.opened(page=Page.PREFERENCES), Authenticator(ORIGIN, HOST)
    answer = made.make(at.asked(opening))
    practice.rule(at.pages, PageRules(open_without=(Page.PREFERENCES,)))
    assert use_passkey.register(at.rt, opening, BROWSER, answer) is False
    assert at.count() == 0


def test_where_a_pin_is_wanted_it_is_chosen_first(at: Practice) -> None:
    practice.rule(at.pages, PageRules(second_factor="pin"))
    opening = at.opened()
    assert use_passkey.options(at.rt, opening, BROWSER) is None
    assert open_page.choose_pin(at.rt, opening, BROWSER, "271828") is True
    made = Authenticator(ORIGIN, HOST)
    assert at.register(opening, made) is True
    tapped = at.tapped()
    assert use_passkey.opens(at.rt, at.seen(tapped))
    assert at.use(tapped, made.use(at.asked(tapped))) is True


def test_a_patient_has_five_at_most(at: Practice) -> None:
    for _ in range(passkeys.MOST - 1):
        at.make()
    opening, other = at.opened(), at.opened(page=Page.MESSAGES)
    answers = [(each, Authenticator(ORIGIN, HOST).make(at.asked(each))) for each in (opening, other)]
    kept = [use_passkey.register(at.rt, each, BROWSER, answer) for each, answer in answers]
    assert kept == [True, False]
    assert use_passkey.options(at.rt, opening, BROWSER) is None
    assert not use_passkey.can_make(at.rt, at.seen(other))


def test_another_browser_has_no_part_in_it(at: Practice) -> None:
    made, opening = at.make(), at.tapped()
    answer = made.use(at.asked(opening))
    assert use_passkey.options(at.rt, opening, "x" * 43) is Closed.UNKNOWN
    assert use_passkey.authenticate(at.rt, opening, "x" * 43, answer, None) is Closed.UNKNOWN
    assert use_passkey.register(at.rt, opening, "x" * 43, answer) is Closed.UNKNOWN
    assert at.use(opening, answer) is True


# -- many at the same time -----------------------------------------------------------------------------


def test_one_assertion_sent_many_times_at_once_opens_once(at: Practice) -> None:
    made, opening = at.make(), at.tapped()
    link = at.seen(opening).link
    answer = made.use(at.asked(opening))
    won = practice.at_once(lambda _: at.use(opening, answer), range(4))
    assert at.seen(opening).unlocked
    assert True in won
    with at.rt.begin() as db:
        left = links.get(db, link.id)
        used = db.conn.exec_driver_sql(
            "SELECT count(*) FROM audit WHERE action = 'passkey.used'"
        ).scalar_one()
    assert left
    assert (link.views_left - left.views_left, used) == (1, 1)


def test_one_phone_opens_many_pages_at_once(at: Practice) -> None:
    made = at.make(counter=0)
    answers = []
    for page in (Page.HISTORY, Page.PREFERENCES, Page.MESSAGES):
        opening = at.tapped(page=page)
        made.counter = -1  # `use` counts on; phones that share a passkey among each other keep no counter
        answers.append((opening, made.use(at.asked(opening))))
    assert practice.at_once(lambda each: at.use(*each), answers) == [True, True, True]


def test_one_passkey_sent_many_times_at_once_is_kept_once(at: Practice) -> None:
    opening = at.opened()
    answer = Authenticator(ORIGIN, HOST).make(at.asked(opening))
    kept = practice.at_once(lambda _: use_passkey.register(at.rt, opening, BROWSER, answer), range(4))
    assert sorted(map(bool, kept)) == [False, False, False, True]
    assert at.count() == 1


def test_none_is_made_while_the_links_and_passkeys_of_a_phone_end(at: Practice) -> None:
    at.make()
    opening, clinic, ana = at.opened(), at.pages.house.clinic, at.pages.patient
    answer = Authenticator(ORIGIN, HOST).make(at.asked(opening))
    with ThreadPoolExecutor(1) as pool:
        with at.rt.begin() as db:
            links.revoke(db, at.rt.now(), "phone_changed", patients=[ana])
            assert drop_passkeys.drop(db, clinic, [ana], "phone_changed", at.rt.now(), actor="operator") == 1
            came = pool.submit(use_passkey.register, at.rt, opening, BROWSER, answer)
            until(lambda: came.done() or at.somebody_waits())
        assert came.result(30) is False
    assert at.count() == 0


# -- the end of one ------------------------------------------------------------------------------------


def test_a_patients_passkeys_end_and_nobody_elses(at: Practice) -> None:
    made, hers = at.make(), at.make(at.luz)
    opening, other = at.tapped(), at.tapped(at.luz)
    answer, her_answer = made.use(at.asked(opening)), hers.use(at.asked(other))
    with at.rt.begin() as db:
        drop_passkeys.drop(db, at.pages.house.clinic, [at.pages.patient], "asked", at.rt.now())
    assert at.use(opening, answer) is False
    assert not use_passkey.opens(at.rt, at.seen(opening))
    assert at.use(other, her_answer) is True


def test_no_patients_means_none(at: Practice) -> None:
    at.make()
    with at.rt.begin() as db:
        assert drop_passkeys.drop(db, at.pages.house.clinic, [], "phone_changed", at.rt.now()) == 0
    assert at.count() == 1


def test_another_clinic_takes_nothing_away(at: Practice) -> None:
    at.make()
    with at.rt.begin() as db:
        assert passkeys.drop(db, at.luz, patients=[at.pages.patient]) == []  # an id that is no clinic's
    assert at.count() == 1


def test_challenges_that_nobody_may_answer_are_taken_away(at: Practice) -> None:
    opening = at.opened()
    at.asked(opening)
    at.rt.move_clock(timedelta(minutes=4))
    at.asked(at.opened(page=Page.MESSAGES))
    at.rt.move_clock(timedelta(minutes=1, seconds=1))
    with at.rt.begin() as db:
        assert passkeys.forget_challenges(db, at.rt.now()) == 1
        assert db.conn.exec_driver_sql("SELECT count(*) FROM passkey_challenges").scalar_one() == 1
        db.conn.exec_driver_sql(
            "DELETE FROM openings WHERE id IN (SELECT opening_id FROM passkey_challenges)"
        )
        assert db.conn.exec_driver_sql("SELECT count(*) FROM passkey_challenges").scalar_one() == 0
