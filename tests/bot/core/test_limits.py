"""What may leave now: the verdict as a table, and clocks at their worst: gaps, repeated hours, odd offsets."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.effects import Purpose
from bot.core.facts import VisitStatus
from bot.core.limits import Defer, Drop, Leaving, Send, at_clock, clamp, next_opening, verdict, within
from bot.core.shape import Hours

HOURS = Hours(opens=time(9), until=time(20))
DAY = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)  # noon in New York
NIGHT = datetime(2026, 12, 2, 3, 0, tzinfo=UTC)  # 10 PM in New York
MORNING = datetime(2026, 12, 2, 14, 0, tzinfo=UTC)  # 9 AM
ZONE = "America/New_York"
ODD_ZONES = (
    "America/New_York",
    "America/St_Johns",
    "America/Phoenix",
    "America/Havana",
    "Pacific/Honolulu",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Europe/London",
    "UTC",
)
FIRST, LAST = datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2030-12-31")
zones = st.sampled_from(ODD_ZONES)
moments = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
clocks = st.datetimes(FIRST, LAST).map(lambda naive: naive.replace(second=0, microsecond=0))
hours_of_clinics = st.builds(
    lambda opens, minutes: Hours(opens=opens, until=_later(opens, minutes)),
    st.times(time(5), time(11)).map(lambda t: t.replace(second=0, microsecond=0)),
    st.integers(1, 12 * 60),
)


def _later(opens: time, minutes: int) -> time:
    return (datetime.combine(date(2026, 1, 1), opens) + timedelta(minutes=minutes)).time()


def leaving(purpose: Purpose = Purpose.REMINDER, **given: object) -> Leaving:
    """A text about the first version of a visit that is booked and stands."""
    visit = {"about_version": 1, "visit_version": 1, "visit_status": VisitStatus.BOOKED}
    return Leaving(purpose=purpose, zone=ZONE, **(visit | given))  # type: ignore[arg-type]


# -- the verdict -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        # the phone has opted out
        (leaving(opted_out=True), DAY, Drop("opted_out")),
        (leaving(Purpose.REPLY, opted_out=True), DAY, Drop("opted_out")),
        (leaving(Purpose.SAFETY, opted_out=True), DAY, Drop("opted_out")),
        (leaving(Purpose.REPLY, opted_out=True, final=True), DAY, Send()),
        (leaving(Purpose.SAFETY, opted_out=True, final=True), DAY, Send()),
        (leaving(Purpose.PAGE, opted_out=True), DAY, Send()),
        # too late
        (leaving(not_after=DAY), DAY, Send()),
        (leaving(not_after=DAY - timedelta(microseconds=1)), DAY, Drop("too_late")),
        (leaving(Purpose.REPLY, not_after=DAY - timedelta(seconds=1)), DAY, Drop("too_late")),
        # the visit is not as it was
        (leaving(visit_version=2), DAY, Drop("visit_changed")),
        (leaving(visit_version=None, visit_status=None), DAY, Drop("visit_changed")),
        (leaving(visit_status=VisitStatus.CANCELLED), DAY, Drop("visit_off")),
        (leaving(visit_status=VisitStatus.NOSHOW), DAY, Drop("visit_off")),
        (leaving(visit_status=VisitStatus.CONFIRMED), DAY, Send()),
        (leaving(Purpose.REPLY, visit_version=2), DAY, Send()),
        (leaving(Purpose.REPLY, visit_status=VisitStatus.CANCELLED), DAY, Send()),
        # the hour of the day
        (leaving(), DAY, Send()),
        (leaving(), NIGHT, Defer(MORNING)),
        (leaving(Purpose.BULK), NIGHT, Defer(MORNING)),
        (leaving(Purpose.REPLY), NIGHT, Send()),
        (leaving(Purpose.PAGE), NIGHT, Send()),
        (leaving(Purpose.SAFETY), NIGHT, Send()),
        (leaving(not_after=MORNING), NIGHT, Defer(MORNING)),
        (leaving(not_after=MORNING - timedelta(seconds=1)), NIGHT, Drop("too_late")),
        # several at once: the phone's owner first, then the visit, then the hour
        (leaving(opted_out=True, visit_version=2), NIGHT, Drop("opted_out")),
        (leaving(visit_version=2), NIGHT, Drop("visit_changed")),
        # a text that speaks of no visit
        (leaving(about_version=None, visit_version=None, visit_status=None), DAY, Send()),
    ],
)
def test_what_may_leave(text: Leaving, now: datetime, expected: object) -> None:
    assert verdict(text, HOURS, now) == expected


@given(st.sampled_from(Purpose), st.booleans(), st.booleans(), moments, zones)
def test_a_phone_that_opted_out_gets_nothing_but_its_confirmation(
    purpose: Purpose, final: bool, late: bool, now: datetime, zone: str
) -> None:
    text = Leaving(purpose=purpose, zone=zone, opted_out=True, final=final)
    if not final and purpose is not Purpose.PAGE:
        assert verdict(text, HOURS, now) == Drop("opted_out")


@given(moments, zones, hours_of_clinics)
def test_a_deferred_text_may_leave_when_its_time_comes(now: datetime, zone: str, hours: Hours) -> None:
    text = Leaving(purpose=Purpose.REMINDER, zone=zone)
    found = verdict(text, hours, now)
    if isinstance(found, Defer):
        assert found.until > now
        assert verdict(text, hours, found.until) == Send()
    else:
        assert found == Send()


# -- hours -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "inside"),
    [
        ("08:59:59.999999", False),
        ("09:00", True),
        ("19:59:59.999999", True),
        ("20:00", False),
        ("00:00", False),
    ],
)
def test_the_hours_begin_with_the_first_and_end_before_the_last(clock: str, inside: bool) -> None:
    moment = datetime.combine(date(2026, 12, 1), time.fromisoformat(clock), ZoneInfo(ZONE))
    assert within(HOURS, moment, ZONE) is inside


@pytest.mark.parametrize(
    ("zone", "moment", "opening"),
    [
        (ZONE, "2026-12-01T08:00", "2026-12-01T09:00"),
        (ZONE, "2026-12-01T09:00", "2026-12-01T09:00"),
        (ZONE, "2026-12-01T20:00", "2026-12-02T09:00"),
        (ZONE, "2026-12-31T23:59", "2027-01-01T09:00"),
        (ZONE, "2026-03-07T21:00", "2026-03-08T09:00"),  # the night is an hour shorter
        (ZONE, "2026-10-31T21:00", "2026-11-01T09:00"),  # and an hour longer
        ("Asia/Kolkata", "2026-12-01T20:30", "2026-12-02T09:00"),
        ("Australia/Lord_Howe", "2026-10-03T23:00", "2026-10-04T09:00"),
    ],
)
def test_the_next_opening_is_on_the_patients_clock(zone: str, moment: str, opening: str) -> None:
    tz = ZoneInfo(zone)
    found = next_opening(HOURS, datetime.fromisoformat(moment).replace(tzinfo=tz).astimezone(UTC), zone)
    assert found == datetime.fromisoformat(opening).replace(tzinfo=tz)
    assert found.tzinfo is UTC


@given(moments, zones, hours_of_clinics)
def test_the_next_opening_is_open_ahead_and_within_a_day(now: datetime, zone: str, hours: Hours) -> None:
    assume(not within(hours, now, zone))
    opening = next_opening(hours, now, zone)
    assert within(hours, opening, zone)
    assert timedelta() < opening - now <= timedelta(hours=25)


@pytest.mark.parametrize(
    ("moment", "clamped"),
    [
        ("2026-12-01T09:00", "2026-12-01T09:00"),
        ("2026-12-01T12:34", "2026-12-01T12:34"),
        ("2026-12-01T19:59", "2026-12-01T19:59"),
        ("2026-12-01T20:00", "2026-12-01T19:30"),
        ("2026-12-01T23:59", "2026-12-01T19:30"),
        ("2026-12-01T00:00", "2026-12-01T09:00"),
        ("2026-12-01T08:59", "2026-12-01T09:00"),
    ],
)
def test_a_moment_at_night_is_moved_to_the_same_day(moment: str, clamped: str) -> None:
    tz = ZoneInfo(ZONE)
    given_moment = datetime.fromisoformat(moment).replace(tzinfo=tz).astimezone(UTC)
    assert clamp(HOURS, given_moment, ZONE) == datetime.fromisoformat(clamped).replace(tzinfo=tz)


@given(moments, zones, hours_of_clinics)
def test_a_clamped_moment_is_in_the_hours_of_its_day(moment: datetime, zone: str, hours: Hours) -> None:
    clamped = clamp(hours, moment, zone)
    tz = ZoneInfo(zone)
    assert within(hours, clamped, zone)
    assert clamped.astimezone(tz).date() == moment.astimezone(tz).date()
    if within(hours, moment, zone):
        assert clamped == moment


# -- clocks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "clock", "shows"),
    [
        (ZONE, "2026-07-01T10:30", "2026-07-01T10:30-04:00"),
        (ZONE, "2026-12-01T10:30", "2026-12-01T10:30-05:00"),
        # the spring gap, 2:00 to 3:00
        (ZONE, "2026-03-08T01:59", "2026-03-08T01:59-05:00"),
        (ZONE, "2026-03-08T02:00", "2026-03-08T03:00-04:00"),
        (ZONE, "2026-03-08T02:30", "2026-03-08T03:00-04:00"),
        (ZONE, "2026-03-08T02:59", "2026-03-08T03:00-04:00"),
        (ZONE, "2026-03-08T03:00", "2026-03-08T03:00-04:00"),
        # the hour of autumn that comes twice
        (ZONE, "2026-11-01T00:59", "2026-11-01T00:59-04:00"),
        (ZONE, "2026-11-01T01:30", "2026-11-01T01:30-04:00"),
        (ZONE, "2026-11-01T02:00", "2026-11-01T02:00-05:00"),
        # half an hour of summer time
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-04T02:30+11:00"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-05T01:45+11:00"),
        # odd offsets
        ("Asia/Kolkata", "2026-12-01T10:30", "2026-12-01T10:30+05:30"),
        ("Asia/Kathmandu", "2026-12-01T10:30", "2026-12-01T10:30+05:45"),
        ("America/St_Johns", "2026-03-08T02:30", "2026-03-08T03:00-02:30"),
        # a gap at midnight, and a whole day that never was
        ("America/Havana", "2026-03-08T00:30", "2026-03-08T01:00-04:00"),
        ("Pacific/Apia", "2011-12-30T10:00", "2011-12-31T00:00+14:00"),
        # leap days
        (ZONE, "2028-02-29T10:30", "2028-02-29T10:30-05:00"),
        ("Asia/Kolkata", "2028-02-29T23:59", "2028-02-29T23:59+05:30"),
    ],
)
def test_a_clock_time_becomes_the_moment_that_shows_it(zone: str, clock: str, shows: str) -> None:
    found = at_clock(datetime.fromisoformat(clock), zone, DAY)
    assert found.astimezone(ZoneInfo(zone)).isoformat("T", "minutes") == shows
    assert found.tzinfo is UTC


@given(clocks, zones)
def test_a_clock_time_that_exists_is_shown_for_the_first_time(naive: datetime, zone: str) -> None:
    tz = ZoneInfo(zone)
    found = at_clock(naive, zone, DAY)
    local = found.astimezone(tz)
    if local.replace(tzinfo=None) == naive:
        assert local.fold == 0
    else:  # skipped: the clock jumps over it at this very moment
        before = (found - timedelta(seconds=1)).astimezone(tz)
        assert before.replace(tzinfo=None) < naive < local.replace(tzinfo=None)


@given(st.sampled_from(ODD_ZONES), st.integers(2026, 2030), st.integers(0, 24 * 60 - 1))
def test_every_minute_around_the_change_of_the_clocks_is_mapped(zone: str, year: int, minute: int) -> None:
    for month, day in ((3, 8), (3, 29), (4, 5), (10, 4), (10, 25), (11, 1)):
        naive = datetime.combine(date(year, month, day), time()) + timedelta(minutes=minute)
        shown = at_clock(naive, zone, DAY).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert timedelta() <= shown - naive <= timedelta(hours=1)
