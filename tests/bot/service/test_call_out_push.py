"""Call out, by web push: every browser of theirs; and that nothing of all that leaves is the patient's."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from bot.gateways.push import new_key
from bot.gateways.twilio_twin.server import serve_app
from bot.store import devices
from tests.bot.service import duty
from tests.bot.service.duty import JOE, MARIA, step
from tests.bot.service.receivers import Browser, MailServer, Post
from tests.conftest import House


@pytest.fixture
def maria(house: House) -> UUID:
    return duty.hire(house, "maria", MARIA)


@pytest.fixture(autouse=True)
def _joe(house: House, maria: UUID) -> None:
    duty.hire(house, "joe", JOE, role="provider")


Subscribe = Callable[[], Browser]


@pytest.fixture
def pushing(house: House) -> House:
    """The house with a key for web push."""
    return duty.with_settings(house, vapid_key=new_key())


@pytest.fixture
def subscribe(house: House, maria: UUID) -> Iterator[Subscribe]:
    """One more browser of Maria's."""
    serving = []

    def add() -> Browser:
        made = Browser()
        serving.append(serve_app(made))
        made.base_url = serving[-1].base_url
        made.subscribe(house.rt, house.clinic, maria)
        return made

    yield add
    for one in serving:
        one.stop()


def browsers(house: House, member: UUID) -> int:
    with house.rt.begin() as db:
        return len(devices.of(db, house.clinic, member))


def test_a_push_reaches_every_browser_of_theirs(pushing: House, subscribe: Subscribe) -> None:
    mine = [subscribe(), subscribe()]
    code = duty.alarmed(pushing, "push")
    assert duty.batch(pushing)
    said = {browser.read() for browser in mine}
    assert len(said) == 1
    assert code in said.pop()
    topics = {browser.came[0].headers["Topic"] for browser in mine}
    assert topics == {duty.alert_row(pushing, "push").id.hex}, (
        "the same alert again takes the place of itself"
    )
    assert duty.alert_row(pushing, "push").status == "sent"


def test_a_push_holds_no_link(pushing: House, subscribe: Subscribe) -> None:
    browser = subscribe()
    duty.alarmed(pushing, "push")
    duty.batch(pushing)
    assert "[link]" not in browser.read()
    assert "http" not in browser.read()


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten_and_the_next_step_comes_at_once(
    pushing: House, subscribe: Subscribe, maria: UUID, status: int
) -> None:
    subscribe().status = status
    duty.alarmed(pushing, "push")
    duty.work(pushing)
    assert browsers(pushing, maria) == 0
    assert (duty.alert_row(pushing, "push").status, duty.climbs(pushing), duty.rung(pushing)) == (
        "failed",
        [0],
        1,
    )


def test_one_that_is_gone_is_no_harm_to_the_other(pushing: House, subscribe: Subscribe, maria: UUID) -> None:
    subscribe().status = 410
    other = subscribe()
    duty.alarmed(pushing, "push")
    duty.work(pushing)
    assert (len(other.came), browsers(pushing, maria), duty.rung(pushing)) == (1, 1, 0)


@pytest.mark.parametrize("away", [0, 1])
def test_one_that_is_away_is_no_reason_to_ring_the_other_again(
    pushing: House, subscribe: Subscribe, away: int
) -> None:
    mine = [subscribe(), subscribe()]
    mine[away].status = 503
    duty.alarmed(pushing, "push")
    duty.batch(pushing)
    assert (duty.alert_row(pushing, "push").status, len(mine[1 - away].came)) == ("sent", 1)


def test_a_push_service_that_is_away_is_tried_again(
    pushing: House, subscribe: Subscribe, maria: UUID
) -> None:
    browser = subscribe()
    browser.status = 503
    duty.alarmed(pushing, "push")
    duty.batch(pushing)
    assert (duty.alert_row(pushing, "push").status, browsers(pushing, maria)) == ("ready", 1)
    browser.status = 201
    duty.later(pushing, seconds=5)
    assert (duty.alert_row(pushing, "push").status, len(browser.came), duty.rung(pushing)) == ("sent", 2, 0)


def test_without_a_key_for_push_the_on_call_phone_is_texted_instead(
    house: House, subscribe: Subscribe
) -> None:
    browser = subscribe()
    duty.alarmed(house, "push")
    duty.work(house)
    assert (duty.whom(house), browser.came) == ([(0, "phone", "text")], [])


# -- nothing of the patient's, nothing of ours ------------------------------------------------------------------


def test_no_request_to_the_carrier_and_no_mail_holds_anything_of_the_patients(
    house: House, subscribe: Subscribe
) -> None:
    server, browser = MailServer(post := Post()), subscribe()
    server.start()
    url, sender = f"smtp://127.0.0.1:{server.port}", "careline@clinic.example"
    whole = duty.with_settings(house, vapid_key=new_key(), smtp_url=url, mail_from=sender)
    duty.plan(whole.rt, step("nurse on call", "text", "call", "email", "push"))
    whole.patient("Anastasia")
    whole.text("I have crushing chest pain and can't breathe")
    duty.work(whole)
    server.stop()
    duty.phone(whole).answer()
    (ring,) = duty.calls(whole)
    said = "\n".join([post.taken[0].as_string(), browser.read(), *ring.said, *whole.got(MARIA)])
    assert str(duty.escalation(whole).code) in said
    for phi in ("Anastasia", "Morales", "chest", "breathe", "2025550111"):
        assert phi not in said
