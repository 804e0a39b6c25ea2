"""What only the demo can do: text as a patient, use the phones of staff, and move the clock past every timer."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot.core.effects import OpenTask, Urgency
from bot.errors import NotFound
from bot.service import board, demo, show
from bot.store import conversations, worklist
from tests.bot.service.duty import MARIA, alarm, escalation, hire, plan, step, work
from tests.bot.service.test_spine import at
from tests.conftest import ANA_PHONE, ONCALL_PHONE, House

MOMENT = timedelta(seconds=30)


def close_to(moment: datetime, wanted: datetime) -> bool:
    return wanted <= moment < wanted + MOMENT


@pytest.fixture
def ana(house: House) -> UUID:
    patient = house.patient()
    house.visit(patient, at(7, 10, 30))
    house.work()
    return patient


def text(house: House, patient: UUID, body: str) -> None:
    demo.text_as_patient(house.rt, patient, body)
    house.twin.pending(10)
    house.work()


def test_a_text_as_the_patient_comes_in_over_the_webhook(house: House, ana: UUID) -> None:
    text(house, ana, "I want to talk to a person")
    assert [seen.direction for seen in house.thread()] == ["inbound", "outbound-api"]


def test_nobody_can_text_as_a_patient_that_there_is_not(house: House, ana: UUID) -> None:
    with pytest.raises(NotFound):
        demo.text_as_patient(house.rt, uuid4(), "hello")


def test_the_on_call_phone_acknowledges(house: House, ana: UUID) -> None:
    text(house, ana, "I have crushing chest pain and can't breathe")
    (code,) = show.phone_state(house.rt, ana)["unacknowledged"]
    demo.acknowledge(house.rt, code)
    house.twin.pending(10)
    house.work()
    assert show.phone_state(house.rt, ana)["unacknowledged"] == []


@pytest.fixture
def maria(house: House, ana: UUID) -> UUID:
    """She is the nurse on call: texted, then called after two minutes, and again after three."""
    plan(
        house.rt,
        step("nurse on call", wait="2 minutes"),
        step("nurse on call", "call", "text", wait="3 minutes"),
    )
    return hire(house, "maria", MARIA)


def calls(house: House, patient: UUID) -> list[Any]:
    """The calls of Maria's phone, newest first."""
    (member, _) = show.phone_state(house.rt, patient)["staff"]
    found: list[Any] = member["calls"]
    return found


def test_a_member_acknowledges_from_their_own_phone(house: House, ana: UUID, maria: UUID) -> None:
    code = alarm(house)
    demo.acknowledge(house.rt, code, "maria")
    work(house)
    assert escalation(house).by == "maria"


def test_nobody_acknowledges_who_is_not_there_or_has_no_phone(house: House, maria: UUID) -> None:
    hire(house, "zoe")
    for handle in ("nobody", "zoe"):
        with pytest.raises(NotFound):
            demo.acknowledge(house.rt, "1001", handle)


def test_whoever_is_called_answers_and_takes_it_with_a_key(house: House, ana: UUID, maria: UUID) -> None:
    alarm(house)
    demo.move_clock(house.rt, "climb")
    (call,) = calls(house, ana)
    assert call["status"] == "ringing"
    with pytest.raises(NotFound):  # nobody has picked up
        demo.use_phone(house.rt, call["id"], "press")
    demo.use_phone(house.rt, call["id"], "answer")
    with pytest.raises(NotFound):
        demo.use_phone(house.rt, call["id"], "answer")
    demo.use_phone(house.rt, call["id"], "press")
    work(house)
    assert (escalation(house).by, calls(house, ana)[0]["status"]) == ("maria", "completed")


@pytest.mark.parametrize(
    ("acts", "status"),
    [(["miss"], "no-answer"), (["answer", "hang_up"], "completed")],
    ids=["miss", "hang_up"],
)
def test_who_does_not_take_it_by_phone_stays_without_it(
    house: House, ana: UUID, maria: UUID, acts: list[str], status: str
) -> None:
    alarm(house)
    demo.move_clock(house.rt, "climb")
    for act in acts:
        demo.use_phone(house.rt, calls(house, ana)[0]["id"], act)
    work(house)
    assert (escalation(house).by, calls(house, ana)[0]["status"]) == (None, status)


def test_a_call_that_there_is_not_can_t_be_answered(house: House, ana: UUID) -> None:
    with pytest.raises(NotFound):
        demo.use_phone(house.rt, "CA" + "0" * 32, "answer")


def test_time_that_goes_by_ends_the_ringing_and_the_last_step_rings_on(
    house: House, ana: UUID, maria: UUID
) -> None:
    alarm(house)
    demo.move_clock(house.rt, "minutes")  # past the call after two minutes
    assert [call["status"] for call in calls(house, ana)] == ["ringing"]
    demo.move_clock(house.rt, "minutes")
    assert [call["status"] for call in calls(house, ana)] == ["ringing", "no-answer"]


def test_climb_goes_to_the_next_step_and_stays_where_there_is_none(
    house: House, ana: UUID, maria: UUID
) -> None:
    before = house.rt.now()
    assert close_to(demo.move_clock(house.rt, "climb"), before)
    code = alarm(house)
    before = house.rt.now()
    assert close_to(demo.move_clock(house.rt, "climb"), before + timedelta(minutes=2))
    demo.acknowledge(house.rt, code, "maria")
    work(house)
    before = house.rt.now()
    assert close_to(demo.move_clock(house.rt, "climb"), before)


def test_a_fresh_link_opens_the_members_on_call_page_for_a_day(house: House, maria: UUID) -> None:
    link = demo.link_to_oncall(house.rt, "maria")
    assert link is not None
    address, _, token = link.partition("#")
    assert address == f"{house.url}/oncall"
    who = board.visitor(house.rt, token)
    assert who is not None
    assert (who.member, who.code) == (maria, None)
    assert demo.link_to_oncall(house.rt, "maria") != link
    demo.move_clock(house.rt, "day")
    assert board.visitor(house.rt, token) is None


def test_nobody_gets_a_link_who_is_not_there(house: House) -> None:
    assert demo.link_to_oncall(house.rt, "maria") is None


@pytest.mark.parametrize(("step", "span"), [("minutes", 3), ("hour", 60), ("day", 24 * 60)])
def test_the_clock_goes_on_by_some_minutes_an_hour_or_a_day(
    house: House, ana: UUID, step: str, span: int
) -> None:
    before = house.rt.now()
    assert close_to(demo.move_clock(house.rt, step), before + timedelta(minutes=span))


def test_the_clock_stops_where_a_task_falls_due(house: House, ana: UUID, maria: UUID) -> None:
    """It climbs then and not at the end of the hour: the page says how old it is."""
    now = house.rt.now()
    with house.rt.begin() as db:
        worklist.open_task(
            db,
            clinic=house.clinic,
            conversation=conversations.with_phone(db, house.clinic, ANA_PHONE, now),
            task=OpenTask(task="question", urgency=Urgency.EMERGENCY),
            now=now,
            due=now + timedelta(minutes=20),
        )
    demo.move_clock(house.rt, "hour")
    assert close_to(escalation(house).opened, now + timedelta(minutes=20))


def test_next_goes_to_the_patients_own_next_reminder(house: House, ana: UUID) -> None:
    ben = house.patient("Ben", "+12025550122")
    house.visit(ben, at(6, 9, 30))
    house.work()
    assert close_to(demo.move_clock(house.rt, "next", ana), at(4, 10, 30))
    assert "Hi Ana" in house.got()[-1]
    assert "Hi Ben" in house.got("+12025550122")[0]  # on the way


def test_next_without_a_reminder_stays(house: House) -> None:
    before = house.rt.now()
    assert close_to(demo.move_clock(house.rt, "next", house.patient()), before)


def test_a_day_stops_at_every_timer_on_the_way(house: House, ana: UUID) -> None:
    """Pages come every five minutes: at each stop the next one is set from there, not from the end of the day."""
    text(house, ana, "I have crushing chest pain and can't breathe")
    demo.move_clock(house.rt, "hour")
    house.twin.pending(10)
    ages = [int(body.split(" min old")[0].rsplit(" ", 1)[1]) for body in house.got(ONCALL_PHONE)]
    assert ages == [*range(0, 56, 5)] or ages == [*range(0, 61, 5)]


def test_days_bring_the_reminders_at_their_time(house: House, ana: UUID) -> None:
    while house.rt.now() < at(7, 9):
        demo.move_clock(house.rt, "day")
    house.twin.pending(10)
    reminders = [seen for seen in house.thread() if seen.direction == "outbound-api"]
    assert [
        close_to(seen.at, due) for seen, due in zip(reminders, (at(4, 10, 30), at(6, 10, 30)), strict=True)
    ] == [
        True,
        True,
    ]


def test_a_moved_clock_is_seen_by_every_process(house: House, ana: UUID) -> None:
    from bot.runtime import Runtime

    demo.move_clock(house.rt, "day")
    other = Runtime(house.rt.settings)
    assert abs(other.now() - house.rt.now()) < MOMENT
