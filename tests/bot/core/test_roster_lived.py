"""Rosters against somebody who lived through them (`rota`): a whole year, the nights when the clocks change, chance."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.moments import Calendar
from bot.core.oncall import OnCall
from bot.core.roster import Shift, Swap, on_call, shifts
from tests.bot.core.rosters import HALF_HOUR, on_calls, some_swaps
from tests.bot.core.rota import DAYS, Lived, expected, live

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
INSTANT = timedelta(microseconds=1)
OFFICE = {"open": {day: {"from": "08:00", "until": "17:00"} for day in DAYS[:5]}}

YEAR: dict[str, Any] = {
    "nurse": {
        "layers": [
            {"people": ["ana", "ben", "cy"], "hand_over": "every day at 08:00", "starts": "2025-12-30"},
            {
                "people": ["week1", "end1", "week2", "end2", "week3", "end3"],
                "hand_over": "mondays at 08:00 and fridays at 17:00",
                "starts": "2026-02-04",
                "only": {"days": ["friday", "saturday", "sunday", "monday"]},
            },
            {
                "people": ["owl", "bat"],
                "hand_over": "wednesdays at 20:00",
                "starts": "2026-01-06",
                "only": {"from": "22:30", "until": "02:30", "days": ["tuesday", "saturday"]},
            },
            {"people": ["santa"], "only": {"holidays": "office"}},
        ],
        "overrides": [
            {"person": "sub", "from": "2026-03-08 02:30", "until": "2026-03-08 12:00"},
            {"person": "dub", "from": "2026-03-08 06:00", "until": "2026-03-20 00:00"},
        ],
    },
    "doctor": {
        "layers": [
            {"people": ["dee"], "only": {"calendar": "office"}},
            {
                "people": ["eve", "fay"],
                "hand_over": "every day at 02:00",
                "starts": "2026-01-01",
                "only": {"closed": "office", "from": "17:00", "until": "06:00"},
            },
        ],
        "otherwise": "nurse",
    },
    "far": {
        "zone": "Asia/Kathmandu",
        "layers": [{"people": ["gus", "hal"], "hand_over": "sundays at 00:00", "starts": "2026-01-01"}],
        "otherwise": "doctor",
    },
}


def agree(
    oncall: OnCall, lived: Lived, zone: str, calendars: dict[str, Calendar], swaps: Sequence[Swap] = ()
) -> None:
    """Whoever lived through it says the same at every moment."""
    for moment, named in lived.items():
        for roster in oncall.rosters:
            found = on_call(oncall, roster, moment, zone=zone, calendars=calendars, swaps=swaps)
            assert found == expected(oncall, roster, named, moment, swaps), (roster, moment)


@pytest.mark.parametrize(
    "zone", ["America/New_York", "America/Phoenix", "Europe/Berlin", "Australia/Lord_Howe"]
)
def test_every_hour_of_a_year(zone: str) -> None:
    oncall = OnCall.model_validate({"rosters": YEAR})
    calendars = {
        "office": Calendar.model_validate(OFFICE | {"closed_on": ["2026-01-01", "2026-11-26", "2026-12-25"]})
    }
    since, until = datetime(2025, 12, 27, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC)
    step = HOUR / 4  # what Kathmandu is off by
    lived = live(oncall, since, until, step, zone=zone, calendars=calendars)
    agree(oncall, {moment: named for moment, named in lived.items() if not moment.minute}, zone, calendars)


def small_hours(day: date) -> dict[str, Any]:
    """Rosters with much to do in the night of this day."""
    starts = str(day - 9 * DAY)
    hand_overs = [
        f"every day at {clock}" for clock in ("00:00", "00:17", "01:00", "01:30", "02:07", "02:59", "03:00")
    ]
    night = {"people": [f"n{number}" for number in range(16)], "hand_over": " and ".join(hand_overs)}
    return {
        "turns": {"layers": [night | {"starts": starts}]},
        "begins": {"layers": [night | {"starts": str(day)}, {"people": ["first"], "starts": str(day)}]},
        "today": {
            "layers": [{"people": ["ana"], "only": {"days": [DAYS[day.weekday()]]}}],
            "otherwise": "parts",
        },
        "parts": {
            "layers": [
                {"people": ["ben"], "only": {"from": "22:11", "until": "01:31"}},
                {"people": ["cy"], "only": {"from": "01:41", "until": "03:21"}},
                {"people": ["dee"], "only": {"from": "02:10", "until": "02:20"}},
                {
                    "people": ["eve"],
                    "only": {"from": "00:20", "until": "00:40", "days": [DAYS[day.weekday()]]},
                },
            ],
            "overrides": [{"person": "fay", "from": f"{day} 00:50", "until": f"{day} 01:10"}],
            "otherwise": "hours",
        },
        "hours": {
            "layers": [
                {"people": ["gus"], "only": {"calendar": "night"}},
                {"people": ["hal"], "only": {"closed": "owl"}},
            ]
        },
    }


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/New_York", "2026-03-08"),
        ("America/New_York", "2026-11-01"),
        ("America/Phoenix", "2026-03-08"),  # nothing changes
        ("Europe/Berlin", "2026-03-29"),
        ("Europe/Berlin", "2026-10-25"),
        ("Australia/Lord_Howe", "2026-04-05"),  # by half an hour
        ("Australia/Lord_Howe", "2026-10-04"),
        ("America/Havana", "2026-03-08"),  # the day begins at 01:00
        ("America/Havana", "2026-11-01"),  # 00:00 comes twice
        ("Africa/Cairo", "2026-10-30"),  # at midnight it is 23:00 again
    ],
)
def test_every_minute_when_the_clocks_change(zone: str, day: str) -> None:
    night = date.fromisoformat(day)
    oncall = OnCall.model_validate({"rosters": small_hours(night)})
    hours = {"from": "00:30", "until": "01:20"}
    calendars = {
        "night": Calendar.model_validate({"open": dict.fromkeys(DAYS, hours)}),
        "owl": Calendar.model_validate(
            {"open": dict.fromkeys(DAYS, hours | {"until": "23:40"}), "closed_on": [day]}
        ),
    }
    midnight = datetime.combine(night, time(), UTC)
    lived = live(oncall, midnight - 11 * DAY, midnight + 2 * DAY, MINUTE, zone=zone, calendars=calendars)
    there = {moment: named for moment, named in lived.items() if moment >= midnight - DAY}
    agree(oncall, there, zone, calendars)
    for roster in oncall.rosters:
        found = shifts(oncall, roster, midnight - DAY, midnight + 2 * DAY, zone=zone, calendars=calendars)
        changes = [
            other
            for one, other in pairwise(list(there)[:-1])
            if expected(oncall, roster, there[one], one, ())
            != expected(oncall, roster, there[other], other, ())
        ]
        assert [shift.start for shift in found[1:]] == changes


def at(found: tuple[Shift, ...], moment: datetime) -> str | None:
    """Who has duty at the moment, by the shifts."""
    return found[bisect_right(found, moment, key=lambda shift: shift.start) - 1].person


@settings(max_examples=150)
@given(
    data=st.data(),
    zone=st.sampled_from(
        ["America/New_York", "America/Phoenix", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo"]
    ),
    day=st.sampled_from(
        ["2026-03-08", "2026-11-01", "2026-03-29", "2026-10-25", "2026-04-05", "2026-10-30", "2028-02-29"]
    ),
)
def test_rosters_by_chance(data: st.DataObject, zone: str, day: str) -> None:
    night = date.fromisoformat(day)
    midnight = datetime.combine(night, time(), UTC)
    oncall, swaps = data.draw(on_calls(night)), data.draw(some_swaps(night))
    opens = data.draw(st.sampled_from([time(0), time(0, 30), time(1, 30), time(8)]))
    hours = {"from": opens, "until": time(17)}
    office = {"open": dict.fromkeys(DAYS[:6], hours), "closed_on": [day]}
    calendars = {"office": Calendar.model_validate(office)}
    lived = live(oncall, midnight - 20 * DAY, midnight + 2 * DAY, HALF_HOUR, zone=zone, calendars=calendars)
    there = {moment: named for moment, named in lived.items() if moment >= midnight - 2 * DAY}
    agree(oncall, there, zone, calendars, swaps)

    late = data.draw(st.timedeltas(timedelta(), HALF_HOUR - INSTANT))
    agree(oncall, {moment + late: named for moment, named in there.items()}, zone, calendars, swaps)

    start, end = min(there) + late, max(there) - late
    for roster in oncall.rosters:
        found = shifts(oncall, roster, start, end, zone=zone, calendars=calendars, swaps=swaps)
        assert (found[0].start, found[-1].end) == (start, end)
        assert all(one.end == other.start and one.person != other.person for one, other in pairwise(found))
        for moment, named in there.items():
            for within in (moment, moment + HALF_HOUR - INSTANT):
                if start <= within < end:
                    assert at(found, within) == expected(oncall, roster, named, within, swaps), (
                        roster,
                        within,
                    )
