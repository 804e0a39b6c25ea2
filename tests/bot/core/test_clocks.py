"""What a clock on the wall shows is one moment, even where summer time skips or repeats it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.clocks import at_clock

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown", "zone", "moment"),
    [
        ("2026-12-03T10:30", "America/New_York", "2026-12-03T15:30"),
        ("2026-07-03T10:30", "America/New_York", "2026-07-03T14:30"),
        ("2026-12-03T10:30", "Asia/Kolkata", "2026-12-03T05:00"),
        ("2026-03-08T01:59", "America/New_York", "2026-03-08T06:59"),
        # 02:00 to 03:00 does not exist that night: the first moment after it does
        ("2026-03-08T02:00", "America/New_York", "2026-03-08T07:00"),
        ("2026-03-08T02:30", "America/New_York", "2026-03-08T07:00"),
        ("2026-03-08T02:59", "America/New_York", "2026-03-08T07:00"),
        ("2026-03-08T03:00", "America/New_York", "2026-03-08T07:00"),
        # 01:00 to 02:00 comes twice that night: the first of the two
        ("2026-11-01T01:30", "America/New_York", "2026-11-01T05:30"),
        ("2026-11-01T02:00", "America/New_York", "2026-11-01T07:00"),
        # a gap of half an hour, and one of a whole day
        ("2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-03T15:30"),
        ("2011-12-30T12:00", "Pacific/Apia", "2011-12-30T10:00"),
    ],
)
def test_what_a_clock_shows_is_one_moment(shown: str, zone: str, moment: str) -> None:
    found = at_clock(datetime.fromisoformat(shown), zone, NOW)
    assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert found.tzinfo is UTC


@given(
    minutes=st.integers(0, 60 * 24 * 366),
    zone=st.sampled_from(["America/New_York", "America/Phoenix", "Australia/Lord_Howe", "Africa/Casablanca"]),
)
def test_the_clock_shows_it_then_or_has_just_jumped_over_it(minutes: int, zone: str) -> None:
    naive = datetime(2026, 1, 1) + timedelta(minutes=minutes)  # noqa: DTZ001
    found = at_clock(naive, zone, NOW)
    shown = found.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    before = (found - timedelta(minutes=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert shown == naive or before < naive < shown
