"""Tests of bot/core/deadlines.py: by when somebody must have seen to a task."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.book import Book, House
from bot.core.deadlines import answer_due
from bot.core.effects import Urgency
from bot.core.oncall import AnswerWithin, OnCall
from tests.bot.core.alarms import BOOK, ZONE, without

NEW_YORK = ZoneInfo(ZONE)
CLOSED = House(policy=BOOK.house.policy)
"""A clinic that keeps no calendar."""


def at(shown: str) -> datetime:
    """The moment at which the clinic's clock shows this."""
    return datetime.fromisoformat(shown).replace(tzinfo=NEW_YORK).astimezone(UTC)


def within(*, house: House | None = None, **spans: timedelta | None) -> Book:
    """The book with these spans; what is not given does not climb."""
    oncall = OnCall(answer_within=AnswerWithin(**spans))
    return without(BOOK, oncall=oncall, house=house or BOOK.house)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-30 10:00", "2026-12-01 10:00"),
        ("2026-12-04 16:00", "2026-12-07 16:00"),  # Friday at four: Monday at four
        ("2026-12-04 17:00", "2026-12-08 08:00"),  # Friday at five counts from Monday's opening
        ("2026-12-05 12:00", "2026-12-08 08:00"),
        ("2026-12-06 23:59", "2026-12-08 08:00"),
        ("2026-11-25 09:00", "2026-11-27 09:00"),  # over Thanksgiving
        ("2026-12-01 03:00", "2026-12-02 08:00"),
    ],
)
def test_routine_tasks_are_counted_over_the_days_on_which_the_clinic_is_open(now: str, due: str) -> None:
    assert answer_due(BOOK, Urgency.ROUTINE, at(now), ZONE) == at(due)


@pytest.mark.parametrize(
    ("span", "now", "due"),
    [
        (timedelta(hours=4), "2026-11-30 10:00", "2026-11-30 14:00"),
        (timedelta(hours=4), "2026-11-30 15:00", "2026-12-01 08:00"),  # 19:00 is closed
        (timedelta(hours=4), "2026-12-04 15:00", "2026-12-07 08:00"),
        (timedelta(days=2, hours=4), "2026-11-30 10:00", "2026-12-02 14:00"),
        (timedelta(days=2), "2026-12-03 10:00", "2026-12-07 10:00"),
    ],
)
def test_routine_tasks_are_due_while_somebody_is_there(span: timedelta, now: str, due: str) -> None:
    assert answer_due(within(routine=span), Urgency.ROUTINE, at(now), ZONE) == at(due)


def test_urgent_tasks_are_counted_by_the_clock() -> None:
    night = at("2026-12-04 23:30")
    assert answer_due(BOOK, Urgency.URGENT, night, ZONE) == night + timedelta(hours=1)


def test_without_a_calendar_all_are_counted_by_the_clock() -> None:
    night = at("2026-12-04 23:30")
    book = within(house=CLOSED, routine=timedelta(hours=24))
    assert answer_due(book, Urgency.ROUTINE, night, ZONE) == night + timedelta(hours=24)


@pytest.mark.parametrize("urgency", Urgency)
def test_what_has_no_time_does_not_climb(urgency: Urgency) -> None:
    assert answer_due(within(), urgency, at("2026-11-30 10:00"), ZONE) is None


def test_an_emergency_has_its_ladder_at_once() -> None:
    assert answer_due(BOOK, Urgency.EMERGENCY, at("2026-11-30 10:00"), ZONE) is None


@given(
    now=st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: at("2026-01-01") + timedelta(minutes=minutes)),
    hours=st.integers(1, 200),
)
def test_a_routine_task_is_never_due_before_its_time_nor_while_nobody_is_there(
    now: datetime, hours: int
) -> None:
    due = answer_due(within(routine=timedelta(hours=hours)), Urgency.ROUTINE, now, ZONE)
    office = BOOK.calendar()
    assert office
    assert due
    assert due.tzinfo is UTC
    # The clock may change meanwhile: a day of 23 hours is a day.
    assert due >= now + timedelta(hours=hours - 1)
    assert office.next_open(due, ZONE) == due
