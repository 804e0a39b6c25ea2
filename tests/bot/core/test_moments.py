"""Moments in a clinic's words: what is read, what they come to, and calendars with holidays.

The calendar of these tests is open Monday to Friday from 8:00 to 17:00, on Wednesdays until noon, and closed on
Thanksgiving (Thursday, November 26) and on the Monday after it.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.core.moments import AroundVisit, AtClock, AtVisit, BusinessDays, Calendar, When, read_around, when

READ: TypeAdapter[object] = TypeAdapter(When)
ZONE = "America/New_York"
DAY = {"from": "08:00", "until": "17:00"}
OFFICE = Calendar.model_validate(
    {
        "open": {
            "monday": DAY,
            "tuesday": DAY,
            "wednesday": {"from": "08:00", "until": "12:00"},
            "thursday": DAY,
            "friday": DAY,
        },
        "closed_on": ["2026-11-26", "2026-11-30"],
    }
)
NEVER = Calendar(open={})


def at(shown: str, zone: str = ZONE) -> datetime:
    """The moment, in UTC, at which the clock shows this."""
    return datetime.fromisoformat(shown).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def comes(
    words: str, *, now: str, start: str | None = None, calendar: Calendar | None = OFFICE
) -> str | None:
    """When this comes, as a clock in New York shows it."""
    found = when(
        READ.validate_python(words),  # type: ignore[arg-type]
        now=at(now),
        start=at(start) if start else None,
        zone=ZONE,
        calendar=calendar,
    )
    return f"{found.astimezone(ZoneInfo(ZONE)):%Y-%m-%d %H:%M}" if found else None


# -- words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("until the visit", AtVisit()),
        ("the visit", AtVisit()),
        ("20 hours", timedelta(hours=20)),
        ("1 week", timedelta(days=7)),
        ("30 minutes", timedelta(minutes=30)),
        ("2 business days", BusinessDays(count=2)),
        ("1 business day at 9:00", BusinessDays(count=1, at=time(9))),
        ("until 17:00", AtClock(at=time(17))),
        ("until today at 17:00", AtClock(at=time(17))),
        ("until tomorrow at 9:00", AtClock(at=time(9), tomorrow=True)),
        (
            "until 1 day before the visit at 10:00",
            AroundVisit(unit="day", count=1, side="before", at=time(10)),
        ),
        ("3 hours after the visit", AroundVisit(unit="hour", count=3, side="after")),
        (
            "2 business days before the visit",
            AroundVisit(unit="business day", count=2, side="before"),
        ),
    ],
)
def test_words_are_read(words: str, meaning: object) -> None:
    assert READ.validate_python(words) == meaning
    assert READ.validate_python(f" {words} ") == meaning
    assert READ.validate_python(meaning) == meaning


@pytest.mark.parametrize(
    "words",
    [
        "until the visit",
        "until 17:00",
        "until tomorrow at 09:00",
        "1 business day",
        "2 business days at 09:00",
        "1 hour before the visit",
        "3 days before the visit",
        "3 days before the visit at 10:00",
        "2 weeks after the visit",
        "1 business day after the visit at 07:30",
    ],
)
def test_what_was_read_is_said_in_the_same_words(words: str) -> None:
    assert str(READ.validate_python(words)) == words


@pytest.mark.parametrize(
    "words",
    [
        "soon",
        "",
        "until",
        "20",
        "20 hrs",
        "1.5 hours",
        "-1 days",
        "until 24:00",
        "until 9:60",
        "until 9",
        "until yesterday at 09:00",
        "2 business days at 25:00",
        "2 business hours",
        "3 days before the visit at 10:75",
        "3 months before the visit",
        "3 days during the visit",
        "until tomorrow",
    ],
)
def test_what_is_no_moment_is_refused_with_the_forms_that_there_are(words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        READ.validate_python(words)
    told = str(refused.value)
    for form in ("20 hours", "2 business days", "until the visit", "until tomorrow at 09:00"):
        assert f"'{form}'" in told


@pytest.mark.parametrize("words", ["3 days", "until the visit", "3 days before the visit at 24:00"])
def test_what_is_not_around_a_visit_is_not_taken_for_it(words: str) -> None:
    assert read_around(words) is None


# -- points in time ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "now", "expected"),
    [
        ("20 hours", "2026-12-01 09:00", "2026-12-02 05:00"),
        ("1 day", "2026-03-07 12:00", "2026-03-08 13:00"),  # 24 hours, over a change of the clocks
        # the next time that the clock shows it
        ("until 17:00", "2026-12-01 09:00", "2026-12-01 17:00"),
        ("until 17:00", "2026-12-01 17:00", "2026-12-02 17:00"),
        ("until 09:00", "2026-12-01 09:01", "2026-12-02 09:00"),
        ("until tomorrow at 09:00", "2026-12-01 00:10", "2026-12-02 09:00"),
        ("until tomorrow at 09:00", "2026-12-01 23:50", "2026-12-02 09:00"),
        ("until tomorrow at 09:00", "2026-03-07 09:00", "2026-03-08 09:00"),
        # business days
        ("1 business day", "2026-12-01 15:20", "2026-12-02 15:20"),
        ("1 business day at 09:00", "2026-12-01 15:20", "2026-12-02 09:00"),
        ("1 business day", "2026-12-04 15:20", "2026-12-07 15:20"),  # Friday to Monday
        ("1 business day", "2026-11-25 10:00", "2026-11-27 10:00"),  # over Thanksgiving
        ("2 business days", "2026-11-25 10:00", "2026-12-01 10:00"),  # and over the weekend and a holiday
        ("1 business day", "2026-12-05 10:00", "2026-12-07 10:00"),  # from a Saturday
        ("0 business days at 16:00", "2026-12-01 10:00", "2026-12-01 16:00"),
    ],
)
def test_a_moment_from_now(words: str, now: str, expected: str) -> None:
    assert comes(words, now=now) == expected


@pytest.mark.parametrize(
    ("words", "start", "expected"),
    [
        ("until the visit", "2026-12-03 10:30", "2026-12-03 10:30"),
        ("3 days before the visit", "2026-12-03 10:30", "2026-11-30 10:30"),
        ("3 days before the visit at 09:00", "2026-12-03 10:30", "2026-11-30 09:00"),
        ("1 week before the visit", "2026-12-03 10:30", "2026-11-26 10:30"),
        ("1 day before the visit", "2026-03-08 10:30", "2026-03-07 10:30"),  # days keep the clock time
        ("24 hours before the visit", "2026-03-08 10:30", "2026-03-07 09:30"),  # hours are counted
        ("2 hours after the visit", "2026-12-03 10:30", "2026-12-03 12:30"),
        ("1 day after the visit at 09:00", "2026-12-03 10:30", "2026-12-04 09:00"),
        ("1 business day before the visit", "2026-12-07 10:30", "2026-12-04 10:30"),
        ("1 business day before the visit", "2026-12-01 10:30", "2026-11-27 10:30"),
        ("2 business days before the visit at 16:00", "2026-12-01 10:30", "2026-11-25 16:00"),
        ("1 business day after the visit", "2026-11-25 10:30", "2026-11-27 10:30"),
    ],
)
def test_a_moment_around_the_visit(words: str, start: str, expected: str) -> None:
    assert comes(words, now="2026-11-01 09:00", start=start) == expected


@pytest.mark.parametrize(
    "words", ["until the visit", "1 day before the visit", "1 business day after the visit"]
)
def test_a_moment_around_a_visit_that_there_is_not_never_comes(words: str) -> None:
    assert comes(words, now="2026-12-01 09:00") is None


def test_without_a_calendar_every_day_is_a_business_day() -> None:
    assert comes("2 business days", now="2026-12-04 10:00", calendar=None) == "2026-12-06 10:00"


def test_a_calendar_that_is_never_open_still_gives_a_moment() -> None:
    assert comes("1 business day", now="2026-12-04 10:00", calendar=NEVER) is not None


def test_the_clock_is_the_patients() -> None:
    moment = READ.validate_python("until 09:00")
    found = when(
        moment,  # type: ignore[arg-type]
        now=at("2026-12-01 08:00"),
        start=None,
        zone="America/Los_Angeles",
        calendar=None,
    )
    assert found == at("2026-12-01 12:00")


# -- calendars ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "is_open"),
    [
        ("2026-12-01 07:59", False),
        ("2026-12-01 08:00", True),
        ("2026-12-01 16:59", True),
        ("2026-12-01 17:00", False),
        ("2026-12-02 11:59", True),
        ("2026-12-02 12:00", False),
        ("2026-12-05 10:00", False),
        ("2026-11-26 10:00", False),
    ],
)
def test_a_calendar_is_open_in_its_hours_and_on_its_days(shown: str, is_open: bool) -> None:
    assert OFFICE.is_open(at(shown), ZONE) is is_open


def test_a_calendar_is_on_the_clock_of_the_clinic() -> None:
    assert OFFICE.is_open(at("2026-12-01 08:30"), ZONE)
    assert not OFFICE.is_open(at("2026-12-01 08:30"), "America/Chicago")


@pytest.mark.parametrize(
    ("shown", "opens"),
    [
        ("2026-12-01 10:00", "2026-12-01 10:00"),
        ("2026-12-01 06:00", "2026-12-01 08:00"),
        ("2026-12-01 17:00", "2026-12-02 08:00"),
        ("2026-12-02 12:00", "2026-12-03 08:00"),
        ("2026-12-04 18:00", "2026-12-07 08:00"),
        ("2026-12-05 06:00", "2026-12-07 08:00"),
        ("2026-11-27 18:00", "2026-12-01 08:00"),
    ],
)
def test_a_moment_outside_of_the_hours_moves_to_the_next_opening(shown: str, opens: str) -> None:
    assert OFFICE.next_open(at(shown), ZONE) == at(opens)


def test_where_nobody_ever_comes_the_moment_stays() -> None:
    assert NEVER.next_open(at("2026-12-01 10:00"), ZONE) == at("2026-12-01 10:00")
