"""Call out: alerts leave once, are tried again while they may yet arrive, and else the ladder goes on. Here: calls."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from bot.core.events import Acknowledged
from bot.core.oncall import Channel
from bot.gateways.doorbell import INBOUND
from bot.service import answer, call_out
from bot.store import alerts, staff
from bot.store.alerts import Status
from bot.store.audit import audit
from tests.bot.service import duty
from tests.bot.service.duty import JOE, MARIA, step
from tests.conftest import House

HALF_A_MINUTE = {"seconds": 31}


@pytest.fixture
def maria(house: House) -> UUID:
    return duty.hire(house, "maria", MARIA)


@pytest.fixture(autouse=True)
def _joe(house: House, maria: UUID) -> None:
    duty.hire(house, "joe", JOE, role="provider")


# -- calls --------------------------------------------------------------------------------------------------


def test_a_call_rings_and_is_known_by_its_sid(house: House) -> None:
    duty.alarmed(house, "call")
    before = house.rt.now()
    assert duty.batch(house)
    (ring,) = duty.calls(house)
    sent = duty.alert_row(house, "call")
    assert (ring.status, sent.status, sent.sid, sent.attempts) == ("ringing", "sent", ring.sid, 1)
    assert before <= sent.sent_at <= house.rt.now()
    assert not duty.batch(house)


def test_a_call_to_the_on_call_phone(house: House) -> None:
    duty.plan(house.rt, step("the on-call phone", "call"))
    duty.alarm(house)
    assert duty.told(house) == [(0, "phone", "call", "sent")]


def test_where_the_phone_is_another_by_now_that_one_rings(house: House) -> None:
    duty.alarmed(house, "call")
    duty.hire(house, "maria", "+12025550179")
    duty.batch(house)
    assert (len(duty.calls(house, "+12025550179")), len(duty.calls(house))) == (1, 0)


@pytest.mark.parametrize("missed", ["busy", "no-answer", "failed", "canceled"])
def test_a_call_that_nobody_takes_brings_the_next_step_at_once(house: House, missed: str) -> None:
    duty.alarmed(house, "call")
    duty.batch(house)
    duty.phone(house).miss(missed)
    duty.work(house)
    assert duty.climbs(house) == [0]
    assert [one[:3] for one in duty.told(house)] == [(0, "maria", "call"), (1, "joe", "text")]


def test_but_not_where_a_text_of_the_same_page_arrived(house: House) -> None:
    duty.alarmed(house, "call", "text")
    house.work()
    duty.batch(house)
    duty.phone(house).miss("busy")
    duty.work(house)
    assert (duty.climbs(house), duty.rung(house)) == ([], 0)
    duty.later(house, minutes=6)
    assert duty.rung(house) == 1


def test_where_the_text_is_lost_after_the_call_the_next_step_comes_then(house: House) -> None:
    house.twin.weather(undelivered={"code": 30005, "to": MARIA}, voice={"answers": "busy", "to": MARIA})
    duty.alarmed(house, "call", "text")
    duty.work(house)
    assert duty.climbs(house) == [0]
    assert duty.rung(house) == 1


def test_a_call_that_the_carrier_refuses_brings_the_next_step_at_once(house: House) -> None:
    house.twin.weather(refuse={"code": 21211, "of": "call"})
    duty.alarmed(house, "call")
    duty.work(house)
    assert (duty.alert_row(house, "call").status, duty.alert_row(house, "call").error_code) == (
        "failed",
        21211,
    )
    assert (duty.climbs(house), duty.rung(house)) == ([0], 1)


def test_the_next_page_is_rung_for_at_once(house: House) -> None:
    """Nobody has to look: those who decide have a job."""
    house.twin.weather(refuse={"code": 21211, "of": "call"})
    duty.alarmed(house, "call")
    bell = house.rt.doorbell
    bell.heard(INBOUND)
    before = bell._queues[INBOUND].count
    duty.batch(house)
    assert bell._queues[INBOUND].count == before + 1


def test_while_the_carrier_is_busy_a_call_is_tried_again_soon(house: House) -> None:
    house.twin.weather(busy=3)
    duty.alarmed(house, "call")
    pauses = []
    for _ in range(3):
        before = house.rt.now()
        assert duty.batch(house)
        assert not duty.batch(house)
        pauses.append((duty.alert_row(house, "call").not_before - before).total_seconds())
        house.rt.move_clock(timedelta(seconds=pauses[-1] + 1))
    assert pauses == pytest.approx([2, 4, 8], abs=2)
    duty.batch(house)
    sent = duty.alert_row(house, "call")
    assert (sent.status, sent.attempts, len(duty.calls(house))) == ("sent", 4, 1)
    assert duty.climbs(house) == []


def test_pauses_stay_below_a_quarter_of_a_minute(house: House) -> None:
    house.twin.weather(busy=1)
    duty.alarmed(house, "call")
    duty.change(house, duty.alert_row(house, "call").id, attempts=90)
    before = house.rt.now()
    duty.batch(house)
    assert (duty.alert_row(house, "call").not_before - before).total_seconds() == pytest.approx(15, abs=2)


def test_the_carrier_is_away_altogether_and_comes_back(house: House) -> None:
    away = duty.with_settings(house, twilio_api_base="http://127.0.0.1:1")
    duty.alarmed(house, "call")
    assert duty.batch(away)
    assert duty.alert_row(house, "call").status == "ready"
    house.rt.move_clock(timedelta(seconds=5))
    assert duty.batch(house)
    assert len(duty.calls(house)) == 1


# -- nobody knows whether it left ---------------------------------------------------------------------------


def test_a_call_of_which_the_carrier_said_nothing_is_found_in_its_list_and_not_made_twice(
    house: House,
) -> None:
    house.twin.weather(accept_then_hang_up=1)
    duty.alarmed(house, "call")
    duty.batch(house)
    assert (duty.alert_row(house, "call").status, duty.alert_row(house, "call").sid) == ("sending", None)
    assert call_out.settle(house.rt) == 0, "it is looked into after a while only"
    house.rt.move_clock(timedelta(**HALF_A_MINUTE))
    assert call_out.settle(house.rt) == 1
    (ring,) = duty.calls(house)
    assert (duty.alert_row(house, "call").status, duty.alert_row(house, "call").sid) == ("sent", ring.sid)
    assert call_out.settle(house.rt) == 0
    assert not duty.batch(house)


def test_two_such_calls_to_one_phone_are_two(house: House) -> None:
    house.twin.weather(accept_then_hang_up=2)
    duty.alarmed(house, "call")
    duty.alarm(house, "+12025550119", works=False)
    while duty.batch(house):
        pass
    house.rt.move_clock(timedelta(**HALF_A_MINUTE))
    assert call_out.settle(house.rt) == 2
    with house.rt.begin() as db:
        known = set(db.conn.execute(select(alerts.alerts.c.sid)).scalars())
    assert known == {ring.sid for ring in duty.calls(house)}
    assert len(known) == 2


def test_who_takes_such_a_call_is_heard_and_it_is_settled_by_its_end(house: House) -> None:
    house.twin.weather(accept_then_hang_up=1)
    duty.alarmed(house, "call")
    duty.batch(house)
    duty.phone(house).answer()
    duty.phone(house).press("1")
    duty.work(house)
    assert duty.escalation(house).by == "maria"
    house.rt.move_clock(timedelta(**HALF_A_MINUTE))
    assert (call_out.settle(house.rt), duty.alert_row(house, "call").status) == (0, "answered")


def test_a_call_of_which_the_carrier_knows_nothing_is_made_again(house: House) -> None:
    house.twin.weather(server_error=1)
    duty.alarmed(house, "call")
    duty.batch(house)
    assert (duty.alert_row(house, "call").status, duty.calls(house)) == ("sending", [])
    house.rt.move_clock(timedelta(**HALF_A_MINUTE))
    assert call_out.settle(house.rt) == 1
    duty.batch(house)
    assert (duty.alert_row(house, "call").status, len(duty.calls(house))) == ("sent", 1)


class Crash(Exception):
    """The process is gone."""


@pytest.mark.parametrize(("place", "rings"), [("call-out-before-call", 0), ("call-out-after-accepted", 1)])
def test_a_crash_loses_no_call_and_doubles_none(
    house: House, monkeypatch: pytest.MonkeyPatch, place: str, rings: int
) -> None:
    def crash(name: str) -> None:
        if name == place:
            raise Crash

    duty.alarmed(house, "call")
    with monkeypatch.context() as patched:
        patched.setattr("bot.service.call_out.failpoint", crash)
        with pytest.raises(Crash):
            call_out.call_out(house.rt)
    assert (duty.alert_row(house, "call").status, len(duty.calls(house))) == ("sending", rings)
    house.rt.move_clock(timedelta(**HALF_A_MINUTE))
    assert call_out.settle(house.rt) == 1
    duty.batch(house)
    assert (duty.alert_row(house, "call").status, len(duty.calls(house))) == ("sent", 1)


def test_while_the_list_can_not_be_had_nothing_is_settled(house: House) -> None:
    house.twin.weather(accept_then_hang_up=1)
    duty.alarmed(house, "call")
    duty.batch(house)
    house.rt.move_clock(timedelta(**HALF_A_MINUTE))
    away = duty.with_settings(house, twilio_api_base="http://127.0.0.1:1")
    assert (call_out.settle(away.rt), duty.alert_row(house, "call").status) == (0, "sending")
    assert call_out.settle(house.rt) == 1


def test_who_has_left_meanwhile_holds_up_nobody(house: House) -> None:
    house.twin.weather(server_error=1)
    duty.alarmed(house, "call")
    duty.batch(house)
    with house.rt.begin() as db:
        staff.leave(db, house.clinic, "maria", house.rt.now())
    house.rt.move_clock(timedelta(**HALF_A_MINUTE))
    assert call_out.settle(house.rt) == 1
    duty.work(house)
    assert (duty.alert_row(house, "call").status, duty.climbs(house), duty.rung(house)) == ("failed", [0], 1)


def test_what_is_being_sent_again_by_now_another_clock_leaves_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two clocks look at the same moment; between them a worker has taken it up again."""
    house.twin.weather(server_error=1)
    duty.alarmed(house, "call")
    duty.batch(house)
    house.rt.move_clock(timedelta(**HALF_A_MINUTE))
    slow = house.rt.carrier.calls
    asked: list[int] = []

    def calls(**given: Any) -> Any:
        listed = slow(**given)
        if not asked:
            asked.append(1)
            assert call_out.settle(house.rt) == 1
            with house.rt.begin() as db:
                assert alerts.claim(db, house.rt.now(), 9)
        return listed

    monkeypatch.setattr(house.rt.carrier, "calls", calls)
    assert call_out.settle(house.rt) == 0
    assert (duty.alert_row(house, "call").status, duty.alert_row(house, "call").attempts) == ("sending", 2)


# -- once -----------------------------------------------------------------------------------------------------


def test_workers_side_by_side_send_each_alert_once(house: House) -> None:
    duty.plan(house.rt, step("nurse on call", "call"))
    for number in range(40):
        duty.alarm(house, f"+1202555{1000 + number}", works=False)
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: call_out.drain(house.rt, 60), range(4)))
    rings = duty.calls(house)
    assert len(rings) == 40
    with house.rt.begin() as db:
        found = db.conn.execute(select(alerts.alerts.c.sid, alerts.alerts.c.attempts)).all()
    assert {one.sid for one in found} == {ring.sid for ring in rings}
    assert {one.attempts for one in found} == {1}


def test_draining_ends_when_nothing_is_left_and_when_its_time_is_over(house: House) -> None:
    duty.alarmed(house, "call")
    assert call_out.drain(house.rt, 0) is True
    assert call_out.drain(house.rt, 60) is False
    assert duty.alert_row(house, "call").status == "sent"


# -- taken meanwhile ------------------------------------------------------------------------------------------


def taken(house: House, code: str) -> None:
    """Joe takes it, and the conversation has heard of it."""
    answer.take(house.rt, house.clinic, code, by="joe", via="console")
    house.work()


def test_what_is_ready_when_somebody_takes_it_does_not_leave(house: House) -> None:
    code = duty.alarmed(house, "call", "email", "push", "text")
    house.twin.weather(busy=1)
    taken(house, code)
    duty.work(house)
    assert not duty.batch(house)
    assert duty.calls(house) == []


def test_nor_does_what_waits_for_its_next_try(house: House) -> None:
    """It was just being sent, so nobody could drop it; its try failed after that."""
    code = duty.alarmed(house, "call")
    with house.rt.begin() as db:
        (claimed,) = alerts.claim(db, house.rt.now(), 9)
    taken(house, code)
    with house.rt.begin() as db:
        assert alerts.change(db, claimed.id, status=Status.READY)
    assert duty.batch(house)
    assert (duty.alert_row(house, "call").status, duty.calls(house)) == ("dropped", [])
    with house.rt.begin() as db:
        actions = db.conn.execute(select(audit.c.action)).scalars().all()
    assert "alert.dropped" in actions


def test_what_asks_whoever_has_it_how_it_stands_does_leave(house: House) -> None:
    duty.plan(house.rt, step("nurse on call", "call"))
    code = duty.alarm(house)
    answer.take(house.rt, house.clinic, code, by="maria", via="call")
    house.work()
    answer.snooze(house.rt, house.clinic, code, by="maria", via="console", span=timedelta(minutes=10))
    house.work()
    duty.phone(house).miss()
    duty.later(house, minutes=11)
    assert len(duty.calls(house)) == 2


def test_an_acknowledgement_by_another_way_stops_what_a_call_began(house: House) -> None:
    """The call rings on; nothing follows it."""
    code = duty.alarmed(house, "call")
    duty.batch(house)
    duty.put(house, Acknowledged(code=code, by="joe", via="text"))
    house.work()
    duty.phone(house).miss()
    duty.work(house)
    assert duty.whom(house) == [(0, "maria", "call")]


# -- what can't be read ---------------------------------------------------------------------------------------


def test_whom_nobody_can_read_any_more_holds_up_nobody(house: House) -> None:
    duty.alarmed(house, "call")
    with house.rt.begin() as db:
        spoilt = (
            "UPDATE staff SET phone = set_byte(phone, 20, get_byte(phone, 20) # 1) WHERE handle = 'maria'"
        )
        db.conn.execute(text(spoilt))
        db.conn.execute(update(alerts.alerts).values(not_before=house.rt.now() - timedelta(minutes=1)))
        alerts.make(
            db,
            clinic=house.clinic,
            member=None,
            channel=Channel.CALL,
            effect_key="other",
            words="hello",
            now=house.rt.now(),
        )
    assert duty.batch(house)
    with house.rt.begin() as db:
        found = db.conn.execute(select(alerts.alerts.c.status).order_by(alerts.alerts.c.created_at)).scalars()
        assert list(found) == ["failed", "sent"]
    assert duty.climbs(house) == [0]
