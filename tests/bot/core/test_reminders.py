"""When a visit is spoken about: clock times across changes of the clocks, versions, moments that are over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.effects import CancelTimers, SetTimer
from bot.core.facts import VisitStatus
from bot.core.limits import within
from bot.core.moments import Calendar, Weekday, around, read_around
from bot.core.reminders import plan, prefix
from bot.core.shape import Hours
from tests.bot.core.test_limits import ODD_ZONES, moments
from tests.bot.core.world import ANA, BOOK, POLICY, visit

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def at(clock: str, zone: str = "America/New_York") -> datetime:
    """The moment, in UTC, at which a clock in the zone shows this; of a repeated hour, the first."""
    return datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def dues(start: datetime, *, now: datetime = LONG_AGO, zone: str = "America/New_York") -> list[str]:
    """When the shipped flow reminds of a visit that starts then, as clocks in the zone show it."""
    effects = plan(BOOK, visit(start=start), replace(ANA, zone=zone), now)
    return [
        effect.due.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
        for effect in effects
        if isinstance(effect, SetTimer)
    ]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-12-07T10:30", ["2026-12-04 10:30", "2026-12-06 10:30"]),
        ("2026-03-09T10:30", ["2026-03-06 10:30", "2026-03-08 10:30"]),  # the clocks go forward on the 8th
        ("2026-11-02T10:30", ["2026-10-30 10:30", "2026-11-01 10:30"]),  # and back on the 1st
        ("2027-01-01T10:30", ["2026-12-29 10:30", "2026-12-31 10:30"]),
        ("2028-03-01T10:30", ["2028-02-27 10:30", "2028-02-29 10:30"]),
        ("2028-02-29T10:30", ["2028-02-26 10:30", "2028-02-28 10:30"]),
        ("2026-12-07T07:00", ["2026-12-04 09:00", "2026-12-06 09:00"]),  # too early for a text
        ("2026-12-07T20:30", ["2026-12-04 19:30", "2026-12-06 19:30"]),  # too late for one
    ],
)
def test_a_reminder_comes_three_days_and_a_day_before_at_the_clock_time_of_the_visit(
    start: str, expected: list[str]
) -> None:
    assert dues(at(start)) == expected


@pytest.mark.parametrize(
    "zone", ["America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Auckland"]
)
def test_the_clock_is_the_patients_own(zone: str) -> None:
    assert dues(at("2026-12-07T10:30", zone), zone=zone) == ["2026-12-04 10:30", "2026-12-06 10:30"]


def test_what_is_office_time_can_be_night_where_the_patient_is() -> None:
    start = at("2026-12-07T09:30")  # 4:30 in Honolulu
    assert dues(start, zone="Pacific/Honolulu") == ["2026-12-04 09:00", "2026-12-06 09:00"]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-12-04T10:29", ["2026-12-04 10:30", "2026-12-06 10:30"]),
        ("2026-12-04T10:30", ["2026-12-06 10:30"]),
        ("2026-12-05T00:00", ["2026-12-06 10:30"]),
        ("2026-12-06T10:30", []),
        ("2026-12-07T10:29", []),
    ],
)
def test_a_moment_that_is_over_is_not_made_up_for(now: str, expected: list[str]) -> None:
    assert dues(at("2026-12-07T10:30"), now=at(now)) == expected


@pytest.mark.parametrize(
    "status", [s for s in VisitStatus if s not in (VisitStatus.BOOKED, VisitStatus.CONFIRMED)]
)
def test_a_visit_that_does_not_stand_only_loses_its_timers(status: VisitStatus) -> None:
    gone = visit(status=status)
    assert plan(BOOK, gone, ANA, LONG_AGO) == (CancelTimers(prefix=f"visit:{gone.id}:"),)


def test_a_visit_that_has_begun_only_loses_its_timers() -> None:
    begun = visit()
    assert plan(BOOK, begun, ANA, begun.start) == (CancelTimers(prefix=prefix(begun)),)


def test_timers_of_older_versions_go_before_the_new_ones_are_set() -> None:
    moved = visit(version=7)
    cancel, *timers = plan(BOOK, moved, ANA, LONG_AGO)
    assert cancel == CancelTimers(prefix=prefix(moved))
    assert [timer.key for timer in timers] == [
        f"visit:{moved.id}:7:appointment:3 days before the visit",
        f"visit:{moved.id}:7:appointment:1 day before the visit",
    ]
    for timer in timers:
        assert timer.key.startswith(cancel.prefix)
        assert (timer.what.visit_id, timer.what.version, timer.what.due) == (moved.id, 7, timer.due)


OFFICE = Calendar(
    open={day: Hours.model_validate({"from": "08:00", "until": "17:00"}) for day in list(Weekday)[:5]},
    closed_on=("2026-12-25",),
)


def test_no_visits_timers_are_taken_for_anothers() -> None:
    assert not prefix(visit(0x11)).startswith(prefix(visit(0x1)))


@pytest.mark.parametrize(
    ("words", "start", "expected"),
    [
        ("2 hours before the visit", "2026-12-07T10:30", "2026-12-07T08:30"),
        ("24 hours before the visit", "2026-03-08T10:30", "2026-03-07T09:30"),  # hours are counted
        ("1 day before the visit", "2026-03-08T10:30", "2026-03-07T10:30"),  # days are not
        ("1 day before the visit", "2026-03-09T02:30", "2026-03-08T03:00"),  # 2:30 was skipped
        ("1 day before the visit", "2026-11-02T01:30", "2026-11-01T01:30"),  # the first of two
        ("366 days before the visit", "2028-02-29T10:30", "2027-02-28T10:30"),
        ("3 days before the visit at 10:00", "2026-12-07T08:15", "2026-12-04T10:00"),
        ("2 weeks before the visit", "2026-12-07T10:30", "2026-11-23T10:30"),
        ("1 day after the visit at 09:00", "2026-12-07T15:30", "2026-12-08T09:00"),
        ("2 business days before the visit", "2026-12-07T10:30", "2026-12-03T10:30"),  # Friday, Thursday
        ("1 business day after the visit", "2026-12-24T10:30", "2026-12-28T10:30"),  # the 25th is a holiday
    ],
)
def test_days_keep_the_clock_time_and_hours_are_counted(words: str, start: str, expected: str) -> None:
    moment = read_around(words)
    assert moment
    assert str(moment) == words
    assert around(moment, at(start), "America/New_York", OFFICE) == at(expected)


@given(
    start=moments,
    ahead=st.timedeltas(timedelta(days=-1), timedelta(days=30)),
    zone=st.sampled_from(ODD_ZONES),
)
def test_every_reminder_is_ahead_in_send_hours_and_before_the_visit(
    start: datetime, ahead: timedelta, zone: str
) -> None:
    now = start - ahead
    for effect in plan(BOOK, visit(start=start), replace(ANA, zone=zone), now):
        if isinstance(effect, SetTimer):
            assert now < effect.due < start
            assert within(POLICY.send_hours, effect.due, zone)
