"""Passkeys over HTTP: made on an opened page, right on the next one; whatever is wrong is refused in one way."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from webauthn.helpers import bytes_to_base64url
from werkzeug.test import TestResponse

from bot.core.flow import Page
from bot.runtime import Runtime
from bot.store import passkeys, worklist
from tests.bot.service.authenticator import PRESENT, VERIFIED, Authenticator
from tests.conftest import House
from tests.webhooks.pages import practice
from tests.webhooks.pages.conftest import BORN, Browser, Pages

HOST = "pages.riverside.example"
ORIGIN = f"https://{HOST}"
BUTTON, OFFER = "Use my fingerprint or face", "Open faster next time"


@pytest.fixture
def pages(house: House) -> Iterator[Pages]:
    """Ana, whose clinic has its pages under a name: passkeys belong to one."""
    named = Runtime(house.rt.settings.model_copy(update={"link_url": ORIGIN}))
    named.__dict__["reader"] = house.rt.reader
    house = House(rt=named, twin=house.twin, clinic=house.clinic, url=house.url)
    yield Pages(house, house.patient())
    named.engine.dispose()


def phone(**more: Any) -> Authenticator:
    """A phone with the page of the clinic's."""
    return Authenticator(origin=ORIGIN, host=HOST, **more)


def link(pages: Pages, page: Page = Page.HISTORY, patient: UUID | None = None) -> str:
    """The token of a new link to a page."""
    return practice.link(pages, page, patient=patient).token


def call(browser: Browser, what: str, **more: object) -> TestResponse:
    """What the page's script sends."""
    csrf = browser.seen.text.split('name="csrf" value="')[1].split('"')[0] if browser.seen else ""
    return browser.client.post(
        f"{browser.here}/passkey/{what}",
        json={"csrf": csrf} | more,
        base_url=browser.origin,
        headers={"Sec-Fetch-Site": "same-origin", "Origin": browser.origin},
    )


def options(browser: Browser) -> dict[str, Any]:
    """What the phone is asked for."""
    answer = call(browser, "options")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    found: dict[str, Any] = answer.json
    return found


def opened(pages: Pages, page: Page = Page.HISTORY) -> Browser:
    """A browser with an open page."""
    browser = pages.browser()
    browser.tap(link(pages, page))
    assert browser.unlock().status_code == 303
    return browser


def with_passkey(pages: Pages, **more: Any) -> Authenticator:
    """A phone whose passkey is Ana's."""
    made, browser = phone(**more), opened(pages)
    assert call(browser, "register", credential=made.make(options(browser))).status_code == 200
    return made


def asked(pages: Pages, token: str = "") -> Browser:
    """A browser that is asked who it is."""
    browser = pages.browser()
    browser.tap(token or link(pages))
    return browser


def prove(browser: Browser, credential: object) -> TestResponse:
    """Answer by a passkey."""
    return call(browser, "authenticate", credential=credential)


def count(pages: Pages) -> int:
    """How many passkeys there are."""
    with pages.rt.begin() as db:
        return len(passkeys.of(db, pages.house.clinic, pages.patient))


def audited(pages: Pages, noun: str = "passkey") -> list[tuple[str, str]]:
    """What the audit trail has of passkeys: actions and details."""
    query = f"SELECT action, detail FROM audit WHERE action LIKE '{noun}.%%' ORDER BY at, lane, seq"
    with pages.rt.begin() as db:
        return [(row.action, row.detail) for row in db.conn.exec_driver_sql(query)]


def refused(answer: TestResponse) -> bool:
    """Refused, in the one way."""
    return (answer.status_code, answer.data) == (422, b"{}\n")


# -- it works ------------------------------------------------------------------------------------------


KEYS: dict[str, Callable[[], object]] = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
    "RS256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
}


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_passkey_of_one_page_opens_the_next(pages: Pages, algorithm: str) -> None:
    made = with_passkey(pages, key=KEYS[algorithm]())
    browser = asked(pages)
    assert BUTTON in browser.text
    assert browser.text.index(BUTTON) < browser.text.index("Birth date")
    assert prove(browser, made.use(options(browser))).status_code == 200
    assert "Is it you?" not in browser.get().text
    assert OFFER not in browser.text
    assert audited(pages) == [("passkey.made", "history"), ("passkey.used", "history")]
    assert [action for action, _ in audited(pages, "page")].count("page.opened") == 2


def test_a_page_that_a_passkey_opened_goes_on_with_its_flow(pages: Pages) -> None:
    made = with_passkey(pages)
    pages.house.text("I need a refill")
    pages.house.work()
    browser = asked(pages, pages.token())
    prove(browser, made.use(options(browser)))
    browser.get()
    assert "Which medicine do you need?" in browser.text
    with pages.rt.begin() as db:
        told = db.conn.exec_driver_sql("SELECT dedupe FROM inbox WHERE dedupe LIKE 'page:opened:%%'").all()
    assert len(told) == 2


def test_a_counter_that_is_never_kept_is_no_fault(pages: Pages) -> None:
    made = with_passkey(pages, counter=0)
    for _ in range(2):
        made.counter = -1  # `use` counts on
        browser = asked(pages)
        assert prove(browser, made.use(options(browser))).status_code == 200


def test_only_who_has_a_passkey_sees_the_button(pages: Pages) -> None:
    luz = pages.house.patient("Luz", "+12025550112")
    assert BUTTON not in asked(pages).text
    with_passkey(pages)
    assert BUTTON in asked(pages).text
    assert BUTTON not in asked(pages, link(pages, patient=luz)).text
    assert call(asked(pages, link(pages, patient=luz)), "options").status_code == 404


def test_the_offer_stands_on_pages_where_nothing_is_left_to_do(pages: Pages) -> None:
    shown = opened(pages)
    assert OFFER in shown.text
    assert shown.text.index("I&#39;m done") < shown.text.index(OFFER)
    assert OFFER not in opened(pages, Page.PREFERENCES).text


def test_the_offer_goes_once_it_was_taken(pages: Pages) -> None:
    browser = opened(pages)
    call(browser, "register", credential=phone().make(options(browser)))
    browser.get()
    assert OFFER not in browser.text


def test_where_nothing_of_it_can_be_used_no_script_is_loaded(pages: Pages) -> None:
    browser = asked(pages)
    assert browser.seen
    assert "passkey.js" not in browser.seen.text
    with_passkey(pages)
    fresh = asked(pages)
    assert fresh.seen
    part = fresh.seen.text.split("data-passkey=")[1].split("</div>")[0]
    assert part.split(">")[0].endswith(" hidden")  # without script it stays so


def test_the_page_speaks_spanish(pages: Pages) -> None:
    with pages.rt.begin() as db:
        db.conn.exec_driver_sql("UPDATE patients SET language = 'es'")
    assert "Abra más rápido la próxima vez: use su huella o su cara" in opened(pages).text
    with_passkey(pages)
    assert "Usar mi huella o mi cara" in asked(pages).text


# -- what is wrong -------------------------------------------------------------------------------------


def _other_origin(made: Authenticator) -> None:
    made.origin = "https://pages.riverside.example.evil.example"


def _plain_http(made: Authenticator) -> None:
    made.origin = f"http://{HOST}"


def _other_rp(made: Authenticator) -> None:
    made.host = "riverside.example"


def _no_verification(made: Authenticator) -> None:
    made.flags = PRESENT


def _nobody_there(made: Authenticator) -> None:
    made.flags = VERIFIED


def _in_a_frame(made: Authenticator) -> None:
    made.more = {"crossOrigin": True}


def _other_ceremony(made: Authenticator) -> None:
    made.kind = "webauthn.create"


def _wrong_key(made: Authenticator) -> None:
    made.key = ec.generate_private_key(ec.SECP256R1())


def _other_handle(made: Authenticator) -> None:
    made.user_handle = os.urandom(32)


def _unknown_credential(made: Authenticator) -> None:
    made.credential = os.urandom(32)


def _counter_back(made: Authenticator) -> None:
    made.counter = 0  # `use` makes it 1, as it was when it was made


SPOILT = (
    _other_origin,
    _plain_http,
    _other_rp,
    _no_verification,
    _nobody_there,
    _in_a_frame,
    _other_ceremony,
    _wrong_key,
    _other_handle,
    _unknown_credential,
    _counter_back,
)


@pytest.mark.parametrize("spoil", SPOILT)
def test_an_assertion_with_one_fault_is_a_wrong_try(
    pages: Pages, spoil: Callable[[Authenticator], None]
) -> None:
    made = with_passkey(pages)
    browser = asked(pages)
    spoil(made)
    assert refused(prove(browser, made.use(options(browser))))
    assert "Is it you?" in browser.get().text
    assert [action for action, _ in audited(pages, "page")].count("page.refused") == 1
    with pages.rt.begin() as db:
        left = db.conn.exec_driver_sql("SELECT min(tries_left) FROM links").scalar_one()
        wrong = db.conn.exec_driver_sql("SELECT wrong FROM guards WHERE scope = 'patient'").scalar_one()
    assert (left, wrong) == (4, 1)


NONSENSE: tuple[object, ...] = (
    None,
    {},
    [],
    "x",
    {"rawId": "ä"},
    {"rawId": "A"},
    {"id": 1, "rawId": {"a": 1}, "response": None},
    {"id": "AA", "rawId": "AA", "type": "public-key", "response": {}},
)


def test_what_is_no_assertion_is_a_wrong_try_too(pages: Pages) -> None:
    with_passkey(pages)
    browser = asked(pages)
    for tries, given in enumerate(NONSENSE[:3], start=1):
        options(browser)
        assert refused(prove(browser, given))
        with pages.rt.begin() as db:
            assert db.conn.exec_driver_sql("SELECT min(tries_left) FROM links").scalar_one() == 5 - tries
    for given in NONSENSE[3:]:  # locked or not, what came is looked at, and stumbled over in no other way
        options(browser)
        assert refused(prove(browser, given))


def test_parts_that_are_none_are_refused_too(pages: Pages) -> None:
    made = with_passkey(pages)
    browser = asked(pages)
    for part in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        for value in ("", "AA", "!", 5, {}, "A" * 2000):
            credential: dict[str, Any] = made.use(options(browser))
            credential["response"][part] = value
            if (part, value) != ("userHandle", ""):  # which says nothing
                assert refused(prove(browser, credential)), (part, value)


def test_an_assertion_counts_once(pages: Pages) -> None:
    made = with_passkey(pages)
    token = link(pages)
    browser = asked(pages, token)
    credential = made.use(options(browser))
    assert prove(browser, credential).status_code == 200
    other = asked(pages, token)
    assert refused(prove(other, credential))  # nothing was asked there
    options(other)
    assert refused(prove(other, credential))  # something else was


def test_a_challenge_that_was_answered_wrongly_is_over(pages: Pages) -> None:
    made = with_passkey(pages)
    browser = asked(pages)
    wanted = options(browser)
    assert refused(prove(browser, {}))
    assert refused(prove(browser, made.use(wanted)))
    assert prove(browser, made.use(options(browser))).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (301, 422)])
def test_a_challenge_lives_five_minutes(pages: Pages, seconds: int, status: int) -> None:
    made = with_passkey(pages)
    browser = asked(pages)
    wanted = options(browser)
    pages.rt.move_clock(timedelta(seconds=seconds))
    assert prove(browser, made.use(wanted)).status_code == status


def test_a_newer_challenge_ends_the_one_before(pages: Pages) -> None:
    made = with_passkey(pages)
    browser = asked(pages)
    wanted = options(browser)
    options(browser)
    assert refused(prove(browser, made.use(wanted)))


def test_the_challenge_of_another_opening_is_none(pages: Pages) -> None:
    made = with_passkey(pages)
    token = link(pages)
    browser, other = asked(pages, token), asked(pages, token)
    wanted = options(other)
    options(browser)
    assert refused(prove(browser, made.use(wanted)))


def test_the_challenge_for_making_one_proves_nothing(pages: Pages) -> None:
    made = with_passkey(pages)
    open_one, browser = opened(pages, Page.MESSAGES), asked(pages)
    wanted = options(open_one)
    options(browser)
    assert refused(prove(browser, made.use(wanted)))


def test_the_passkey_of_another_patient_opens_nothing(pages: Pages) -> None:
    made = with_passkey(pages)
    luz = pages.house.patient("Luz", "+12025550112")
    browser = asked(pages, link(pages, patient=luz))
    browser.unlock()
    call(browser, "register", credential=phone().make(options(browser)))
    other = asked(pages, link(pages, patient=luz))
    assert refused(prove(other, made.use(options(other))))
    assert BUTTON in other.text


def test_a_copied_passkey_opens_nothing_any_more(pages: Pages) -> None:
    made = with_passkey(pages, counter=7)
    browser = asked(pages)
    made.counter = 3
    assert refused(prove(browser, made.use(options(browser))))
    assert count(pages) == 0
    assert audited(pages)[-1] == ("passkey.copied", "history")
    assert BUTTON not in asked(pages).text


def test_who_can_not_sign_takes_nobodys_passkey_away(pages: Pages) -> None:
    made = with_passkey(pages, counter=7)
    browser = asked(pages)
    made.counter, made.key = 3, ec.generate_private_key(ec.SECP256R1())
    assert refused(prove(browser, made.use(options(browser))))
    assert count(pages) == 1


# -- locks ---------------------------------------------------------------------------------------------


def test_a_locked_link_refuses_the_right_passkey_in_the_same_words(pages: Pages) -> None:
    made = with_passkey(pages)
    browser = asked(pages)
    told = set()
    for _ in range(5):
        options(browser)
        wrong = prove(browser, {})
        told.add((wrong.status_code, wrong.data))
    right = prove(browser, made.use(options(browser)))
    assert told == {(right.status_code, right.data)}
    assert refused(right)
    assert browser.unlock(BORN).status_code == 422
    pages.house.work()
    with pages.rt.begin() as db:
        assert [task.task for task in worklist.open_tasks(db, pages.house.clinic, 20)] == ["page_locked"]


def test_wrong_dates_lock_the_passkey_out_and_wrong_passkeys_the_date(pages: Pages) -> None:
    made = with_passkey(pages)
    for _ in range(2):
        browser = asked(pages)
        for _ in range(3):
            browser.unlock(BORN.replace(year=1971))
        for _ in range(2):
            prove(browser, {})
    fresh = asked(pages)
    assert refused(prove(fresh, made.use(options(fresh))))  # ten wrong ones a day, on all links
    assert fresh.unlock(BORN).status_code == 422
    pages.rt.move_clock(timedelta(days=1))
    fresh = asked(pages)
    assert prove(fresh, made.use(options(fresh))).status_code == 200


# -- making one ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spoil", [_other_origin, _plain_http, _other_rp, _no_verification, _nobody_there, _in_a_frame]
)
def test_a_passkey_that_was_made_elsewhere_is_not_kept(
    pages: Pages, spoil: Callable[[Authenticator], None]
) -> None:
    browser, made = opened(pages), phone()
    spoil(made)
    assert refused(call(browser, "register", credential=made.make(options(browser))))
    assert count(pages) == 0


def test_an_algorithm_that_was_not_asked_for_is_not_kept(pages: Pages) -> None:
    browser, made = opened(pages), phone(key=ec.generate_private_key(ec.SECP384R1()))
    assert refused(call(browser, "register", credential=made.make(options(browser))))


def test_what_is_no_passkey_is_not_kept(pages: Pages) -> None:
    browser = opened(pages)
    for given in NONSENSE:
        options(browser)
        assert refused(call(browser, "register", credential=given))
    for part in ("clientDataJSON", "attestationObject"):
        for value in ("", "AA", "!", 5, {}, "A" * 2000):
            credential: dict[str, Any] = phone().make(options(browser))
            credential["response"][part] = value
            assert refused(call(browser, "register", credential=credential)), (part, value)
    assert count(pages) == 0


def test_a_passkey_is_kept_once(pages: Pages) -> None:
    browser, made = opened(pages), phone()
    credential = made.make(options(browser))
    assert call(browser, "register", credential=credential).status_code == 200
    assert refused(call(browser, "register", credential=credential))
    assert refused(call(browser, "register", credential=made.make(options(browser))))  # its id is known
    assert count(pages) == 1


def test_another_patient_does_not_take_a_passkey_over(pages: Pages) -> None:
    made = with_passkey(pages)
    luz = pages.house.patient("Luz", "+12025550112")
    browser = asked(pages, link(pages, patient=luz))
    browser.unlock()
    made.key = ec.generate_private_key(ec.SECP256R1())
    assert refused(call(browser, "register", credential=made.make(options(browser))))


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (301, 422)])
def test_making_one_takes_five_minutes_at_most(pages: Pages, seconds: int, status: int) -> None:
    browser = opened(pages)
    wanted = options(browser)
    pages.rt.move_clock(timedelta(seconds=seconds))
    assert call(browser, "register", credential=phone().make(wanted)).status_code == status


def test_who_has_not_proved_who_they_are_makes_none(pages: Pages) -> None:
    with_passkey(pages)
    browser = asked(pages)
    assert "user" not in options(browser)
    made = phone()
    assert refused(call(browser, "register", credential=made.make(options(browser))))
    assert refused(
        call(browser, "register", credential=made.make({"challenge": bytes_to_base64url(b"x" * 32)}))
    )
    assert count(pages) == 1


def test_the_challenge_for_proving_makes_none(pages: Pages) -> None:
    with_passkey(pages)
    browser = asked(pages)
    wanted = options(browser)
    browser.unlock()
    assert refused(call(browser, "register", credential=phone().make(wanted)))
    assert count(pages) == 1


# -- whose request it is -------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["options", "register", "authenticate"])
def test_only_our_own_page_asks(pages: Pages, what: str) -> None:
    with_passkey(pages)
    browser = asked(pages)
    path, base = f"{browser.here}/passkey/{what}", browser.origin
    csrf = browser.seen.text.split('name="csrf" value="')[1].split('"')[0] if browser.seen else ""
    good = {"csrf": csrf, "credential": {}}
    own = {"Sec-Fetch-Site": "same-origin", "Origin": base}

    def status(
        given: object, headers: dict[str, str], client: object = None, kind: str = "application/json"
    ) -> int:
        sender: Any = client or browser.client
        answer = sender.post(path, data=json.dumps(given), base_url=base, headers=headers, content_type=kind)
        return int(answer.status_code)

    assert status(good, own | {"Sec-Fetch-Site": "cross-site"}) == 403
    assert status(good, own | {"Origin": "https://evil.example"}) == 403
    assert status(good | {"csrf": csrf[:-1]}, own) == 403
    assert status({}, own) == 403
    assert status(good, own, kind="text/plain") == 400
    assert status([], own) == 400
    assert status(good, own, client=pages.browser().client) == 403
    assert status(good | {"more": "x" * 20_000}, own) in (400, 413)
    assert status(good, own) in (200, 422)


def test_a_page_that_is_closed_says_so(pages: Pages) -> None:
    made, browser = with_passkey(pages), asked(pages)
    wanted = options(browser)
    pages.rt.move_clock(timedelta(minutes=16))
    answers = [call(browser, "options"), prove(browser, made.use(wanted)), call(browser, "register")]
    assert {answer.status_code for answer in answers} == {410}


def test_this_is_not_for_me_takes_the_passkeys_of_the_phone_away(pages: Pages) -> None:
    with_passkey(pages)
    luz = pages.house.patient("Luz")  # on the same phone
    browser = asked(pages, link(pages, patient=luz))
    browser.post(f"{browser.here}/wrong-person", {})
    assert count(pages) == 0
    assert audited(pages)[-1] == ("passkey.dropped", "wrong_person")
