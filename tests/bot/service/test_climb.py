"""Climb: the next page comes at once where nothing of this one can reach anybody any more, and only then."""

from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import select, text

from bot.core.oncall import Channel
from bot.service import answer, climb
from bot.store import alerts
from bot.store.alerts import Status
from bot.store.base import Db
from bot.store.outbox import outbox
from tests.bot.service import duty
from tests.bot.service.duty import JOE, MARIA, step
from tests.conftest import House

SOON = 10.0  # seconds after which a test gives up


@pytest.fixture(autouse=True)
def _staff(house: House) -> None:
    duty.hire(house, "maria", MARIA)
    duty.hire(house, "joe", JOE, role="provider")


@pytest.fixture
def mailing(house: House) -> House:
    """The house with a mail server, to which nothing gets: what becomes of an e-mail, the tests say."""
    return duty.with_settings(house, smtp_url="smtp://127.0.0.1:9", mail_from="careline@clinic.example")


def lose(house: House, channel: str) -> bool:
    """The newest alert by this channel failed; whether the ladder goes on."""
    row = duty.alert_row(house, channel)
    duty.change(house, row.id, status="failed")
    with house.rt.begin() as db:
        found = alerts.get(db, row.id)
        assert found
        return climb.lost(db, found, house.rt.now())


# -- texts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "weather",
    [{"undelivered": {"code": 30005, "to": MARIA}}, {"refuse": {"code": 21211, "to": MARIA}}],
    ids=["not delivered", "refused"],
)
def test_a_page_whose_text_fails_brings_the_next_step_at_once(
    house: House, weather: dict[str, object]
) -> None:
    house.twin.weather(**weather)
    duty.plan(house.rt, step("nurse on call", wait="1 hour"), step("provider on call", wait="1 hour"))
    duty.alarm(house)
    assert (duty.climbs(house), duty.rung(house), len(house.got(JOE))) == ([0], 1, 1)


def test_every_step_whose_text_fails_is_passed_but_not_the_last(house: House) -> None:
    house.twin.weather(undelivered={"code": 30005})
    duty.plan(house.rt, step("nurse on call"), step("provider on call"), step("nurse on call", "text"))
    duty.alarm(house)
    assert (duty.climbs(house), duty.rung(house)) == ([0, 1, 2], 2)
    duty.later(house, minutes=4)
    assert duty.rung(house) == 2
    duty.later(house, minutes=2)
    assert duty.rung(house) == 3, "its wait is over: the last step repeats"


def test_a_step_of_several_times_is_passed_page_by_page(house: House) -> None:
    house.twin.weather(undelivered={"code": 30005, "to": MARIA})
    duty.plan(house.rt, step("nurse on call", times=3), step("provider on call"))
    duty.alarm(house)
    assert (duty.climbs(house), duty.rung(house)) == ([0, 1, 2], 3)


def test_a_text_that_is_tried_again_is_not_lost_yet(house: House) -> None:
    house.twin.weather(refuse={"code": 30008, "to": MARIA, "times": 1})
    duty.plan(house.rt, step("nurse on call"), step("provider on call"))
    duty.alarm(house)
    assert (duty.climbs(house), duty.rung(house)) == ([], 0)


def test_a_text_that_somebody_else_also_got_brings_nothing(house: House) -> None:
    house.twin.weather(undelivered={"code": 30005, "to": MARIA})
    both = {"both": {"layers": [{"people": ["maria"]}, {"people": ["joe"]}]}}
    duty.plan(house.rt, step("everyone of both"), step("the on-call phone"), rosters=both)
    duty.alarm(house)
    assert (duty.climbs(house), duty.rung(house)) == ([], 0)


def test_what_is_shown_on_the_page_reaches_nobody_by_itself(house: House) -> None:
    house.twin.weather(undelivered={"code": 30005, "to": MARIA})
    duty.plan(house.rt, step("nurse on call", "text", "console"), step("provider on call"))
    duty.alarm(house)
    assert duty.climbs(house) == [0]


def test_a_failure_that_comes_late_changes_nothing(house: House) -> None:
    """The next page has come by itself meanwhile."""
    house.twin.weather(undelivered={"code": 30005, "to": MARIA}, callbacks="late")
    duty.plan(house.rt, step("nurse on call"), step("provider on call"))
    duty.alarm(house)
    duty.later(house, minutes=6)
    house.twin.release()
    duty.work(house)
    assert (duty.climbs(house), duty.rung(house)) == ([0], 1)


def test_a_failure_after_somebody_has_taken_it_changes_nothing(house: House) -> None:
    house.twin.weather(undelivered={"code": 30005, "to": MARIA}, callbacks="late")
    duty.plan(house.rt, step("nurse on call"), step("provider on call"))
    code = duty.alarm(house)
    answer.take(house.rt, house.clinic, code, by="joe", via="console")
    house.work()
    house.twin.release()
    duty.work(house)
    assert duty.whom(house) == [(0, "maria", "text")]


def test_a_text_to_a_patient_is_no_page(house: House) -> None:
    duty.plan(house.rt, step("nurse on call"))
    duty.alarm(house)
    with house.rt.begin() as db:
        climb.text_lost(db, duty.escalation(house).id, house.rt.now())
    assert duty.climbs(house) == []


# -- several alerts of one page -----------------------------------------------------------------------------


def test_the_last_one_that_fails_brings_the_next_step_and_only_once(mailing: House) -> None:
    duty.plan(mailing.rt, step("nurse on call", "call", "email", "push", "text"), step("provider on call"))
    duty.alarm(mailing, works=False)
    with mailing.rt.begin() as db:
        db.conn.execute(outbox.update().values(status="undelivered"))
    assert [lose(mailing, channel) for channel in ("call", "email")] == [False, True]
    assert lose(mailing, "email")
    assert duty.climbs(mailing) == [0], "the same failure again is no second one"
    mailing.work()
    assert duty.rung(mailing) == 1


@pytest.mark.parametrize(
    ("status", "climbs"),
    [
        (Status.READY, False),
        (Status.SENDING, False),
        (Status.SENT, False),
        (Status.ANSWERED, False),
        (Status.UNANSWERED, True),
        (Status.FAILED, True),
        (Status.DROPPED, True),
    ],
)
def test_what_of_the_others_is_still_hope(mailing: House, status: Status, climbs: bool) -> None:
    duty.plan(mailing.rt, step("nurse on call", "call", "email"), step("provider on call"))
    duty.alarm(mailing, works=False)
    duty.change(mailing, duty.alert_row(mailing, "email").id, status=status)
    assert lose(mailing, "call") is climbs


def test_two_that_fail_at_the_same_moment_bring_the_next_step(mailing: House) -> None:
    """Neither sees the other's failure before it is committed."""
    duty.plan(mailing.rt, step("nurse on call", "call", "email"), step("provider on call"))
    duty.alarm(mailing, works=False)

    def fail(db: Db, channel: str) -> bool:
        row = duty.alert_row(mailing, channel)
        values = {"status": Status.FAILED}
        db.conn.execute(alerts.alerts.update().where(alerts.alerts.c.id == row.id).values(values))
        found = alerts.get(db, row.id)
        assert found
        return climb.lost(db, found, mailing.rt.now())

    def other() -> bool:
        with mailing.rt.begin() as db:
            return fail(db, "email")

    with ThreadPoolExecutor(1) as pool:
        with mailing.rt.begin() as db:
            first = fail(db, "call")
            second = pool.submit(other)
            wait_until_held_up(mailing, second)
        assert (first, second.result(SOON)) == (False, True)
    assert duty.climbs(mailing) == [0]


def wait_until_held_up(house: House, work: "Future[bool]") -> None:
    """Until the other transaction waits for ours, or is through without."""
    held_up = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while not work.done():
        with house.rt.begin() as db:
            if db.conn.execute(held_up).scalar_one():
                return


# -- alerts of nothing ----------------------------------------------------------------------------------------


def test_an_alert_of_no_escalation_climbs_nowhere(house: House) -> None:
    with house.rt.begin() as db:
        alerts.make(
            db,
            clinic=house.clinic,
            member=None,
            channel=Channel.CALL,
            effect_key="hello",
            words="hello",
            now=house.rt.now(),
        )
        number: UUID = db.conn.execute(select(alerts.alerts.c.id)).scalar_one()
        found = alerts.get(db, number)
        assert found
        assert climb.lost(db, found, house.rt.now()) is False
