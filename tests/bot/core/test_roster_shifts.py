"""Who has duty over a span of time: shifts, one after another, as the console and the calendar show them."""

from datetime import UTC
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.core.oncall import OnCall
from bot.core.roster import Shift, Swap, shifts
from tests.bot.core.rosters import ALWAYS, CALENDARS, WEEKLY, ZONE, at, read, swap


def spans(oncall: OnCall, start: str, end: str, swaps: tuple[Swap, ...] = ()) -> list[str]:
    """The shifts, as a clock in New York shows them."""
    found = shifts(oncall, "nurse", at(start), at(end), zone=ZONE, calendars=CALENDARS, swaps=swaps)
    assert all(shift.start.tzinfo is UTC and shift.end.tzinfo is UTC for shift in found)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert not found or (found[0].start, found[-1].end) == (at(start), at(end))
    zone = ZoneInfo(ZONE)
    return [f"{shift.start.astimezone(zone):%m-%d %H:%M} {shift.person}" for shift in found]


def test_shifts_of_a_week_with_all_that_there_is() -> None:
    oncall = read(
        {"people": ["ana", "ben"], "hand_over": "mondays at 08:00", "starts": "2026-12-21"},
        {"people": ["cy"], "only": {"holidays": "office"}},
        overrides=[{"person": "dee", "from": "2026-12-24 17:00", "until": "2026-12-24 20:00"}],
        otherwise="doctor",
        others={"doctor": {"layers": [{"people": ["eve"], "only": {"calendar": "office"}}]}},
    )
    made = (
        swap("fay", "2026-12-27 10:15", "2026-12-27 11:45"),
        swap("gus", "2026-12-27 10:15", "2027-01-01", "ward"),
    )
    assert spans(oncall, "2026-12-18 12:00", "2026-12-29 00:00", made) == [
        "12-18 12:00 eve",
        "12-18 17:00 None",
        "12-21 08:00 ana",
        "12-24 17:00 dee",
        "12-24 20:00 ana",
        "12-25 00:00 cy",
        "12-26 00:00 ana",
        "12-27 10:15 fay",
        "12-27 11:45 ana",
        "12-28 08:00 ben",
    ]


def test_shifts_when_the_clocks_change() -> None:
    daily = read({"people": ["ana", "ben"], "hand_over": "every day at 02:30", "starts": "2026-03-06"})
    assert spans(daily, "2026-03-07 12:00", "2026-03-09 12:00") == [
        "03-07 12:00 ben",
        "03-08 03:00 ana",
        "03-09 02:30 ben",
    ]
    tokyo = read(WEEKLY, zone="Asia/Tokyo")
    assert spans(tokyo, "2026-03-01 00:00", "2026-03-16 00:00")[1:] == [
        "03-01 18:00 cy",
        "03-08 19:00 ana",
        "03-15 19:00 ben",
    ]


def test_next_to_each_other_nobody_stands_twice() -> None:
    same = {"people": ["ana", "ana", "ben"], "hand_over": "every day at 08:00", "starts": "2026-01-05"}
    assert spans(read(same), "2026-01-05 08:00", "2026-01-08 09:00") == [
        "01-05 08:00 ana",
        "01-07 08:00 ben",
        "01-08 08:00 ana",
    ]


def test_a_span_without_length_has_no_shifts() -> None:
    assert spans(read(ALWAYS), "2026-01-05 08:00", "2026-01-05 08:00") == []
    assert spans(read(ALWAYS), "2026-01-05 08:00", "2026-01-05 07:00") == []


def test_a_roster_that_nobody_knows_is_one_shift_of_nobody() -> None:
    start, end = at("2026-01-05 00:00"), at("2026-02-05 00:00")
    assert shifts(read(ALWAYS), "doctor", start, end, zone=ZONE, calendars=CALENDARS) == (
        Shift(start=start, end=end, person=None),
    )
