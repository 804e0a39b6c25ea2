"""What only the demo can do: text as a patient, acknowledge a page, and move the clock past every timer."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from bot.errors import NotFound
from bot.service import demo, show
from tests.bot.service.test_spine import at
from tests.conftest import ONCALL_PHONE, House

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


@pytest.mark.parametrize(("step", "hours"), [("hour", 1), ("day", 24)])
def test_the_clock_goes_on_by_an_hour_or_a_day(house: House, ana: UUID, step: str, hours: int) -> None:
    before = house.rt.now()
    assert close_to(demo.move_clock(house.rt, step), before + timedelta(hours=hours))


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
