"""Rosters to test with: short ways to write them, and rosters by chance.

January 5, 2026 is a Monday. The office is open Monday to Friday from 8:00 to 17:00, and closed on Thursday,
November 26 and on Christmas Day, a Friday.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from bot.core.moments import Calendar
from bot.core.oncall import OnCall
from bot.core.roster import Swap
from tests.bot.core.rota import DAYS

ZONE = "America/New_York"
OFFICE = Calendar.model_validate(
    {
        "open": {day: {"from": "08:00", "until": "17:00"} for day in DAYS[:5]},
        "closed_on": ["2026-11-26", "2026-12-25"],
    }
)
CALENDARS = {"office": OFFICE}
ALWAYS = {"people": ["ana"]}


def at(shown: str, zone: str = ZONE) -> datetime:
    """The moment, in UTC, at which the clock shows this; of a repeated hour the first, or with '*' the second."""
    naive = datetime.fromisoformat(shown.removesuffix("*"))
    return naive.replace(tzinfo=ZoneInfo(zone), fold=int(shown.endswith("*"))).astimezone(UTC)


def read(*layers: dict[str, Any], **more: Any) -> OnCall:
    """One roster, 'nurse', of these layers; what else it has, and other rosters in `others`."""
    others = more.pop("others", {})
    return OnCall.model_validate({"rosters": {"nurse": {"layers": layers, **more}, **others}})


WEEKLY = {"people": ["ana", "ben", "cy"], "hand_over": "mondays at 08:00", "starts": "2026-01-05"}


def swap(person: str, start: str, end: str, roster: str = "nurse") -> Swap:
    return Swap(roster=roster, person=person, start=at(start), end=at(end))


# -- by chance --------------------------------------------------------------------------------

HALF_HOUR = timedelta(minutes=30)
ROSTERS = ["nurse", "doctor", "surgeon"]
PEOPLE = [f"p{number}" for number in range(9)]

_small_hours = [f"{hour:02}:{minute:02}" for hour in (0, 1, 2, 3, 23) for minute in (0, 30)]
clocks = st.one_of(
    st.sampled_from(_small_hours),
    st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 30])),
)
people = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4)


@st.composite
def _only(draw: st.DrawFn) -> dict[str, Any]:
    only: dict[str, Any] = {}
    if draw(st.booleans()):
        only["days"] = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=5))
    if draw(st.booleans()):
        only |= {"from": draw(clocks), "until": draw(clocks)}
    kind = draw(st.sampled_from(["", "", "calendar", "closed", "holidays"]))
    if kind:
        only[kind] = draw(st.sampled_from(["office", "office", "unknown"]))
    return only


@st.composite
def _layer(draw: st.DrawFn, day: date) -> dict[str, Any]:
    layer: dict[str, Any] = {"people": draw(people)}
    if len(layer["people"]) > 1 or draw(st.booleans()):
        moments = st.builds("{}s at {}".format, st.sampled_from([*DAYS, "every day"]), clocks)
        said = draw(st.lists(moments, min_size=1, max_size=3))
        layer["hand_over"] = " and ".join(said).replace("every days", "every day")
        layer["starts"] = str(day + timedelta(days=draw(st.integers(-17, 2))))
    elif draw(st.booleans()):
        layer["starts"] = str(day + timedelta(days=draw(st.integers(-3, 2))))
    if draw(st.booleans()):
        layer["only"] = draw(_only())
    return layer


def _spans(day: date) -> st.SearchStrategy[tuple[datetime, datetime]]:
    """From a moment around the day, for up to two days; now and then for less than nothing."""
    midnight = datetime.combine(day, time())
    return st.builds(
        lambda start, length: (midnight + start * HALF_HOUR, midnight + (start + length) * HALF_HOUR),
        st.integers(-96, 96),
        st.integers(-1, 96),
    )


@st.composite
def _roster(draw: st.DrawFn, day: date) -> dict[str, Any]:
    spans = draw(st.lists(_spans(day), max_size=2))
    return {
        "zone": draw(st.sampled_from([None, None, "America/New_York", "Australia/Lord_Howe"])),
        "layers": draw(st.lists(_layer(day), min_size=1, max_size=3)),
        "overrides": [
            {"person": draw(st.sampled_from(PEOPLE)), "from": begins, "until": ends} for begins, ends in spans
        ],
        "otherwise": draw(st.sampled_from([None, *ROSTERS, "unknown"])),
    }


def on_calls(day: date) -> st.SearchStrategy[OnCall]:
    """Rosters whose turns, overrides and parts of the day come around this day, all at half hours."""
    return st.dictionaries(st.sampled_from(ROSTERS), _roster(day), min_size=1).map(
        lambda rosters: OnCall.model_validate({"rosters": rosters})
    )


@st.composite
def some_swaps(draw: st.DrawFn, day: date) -> tuple[Swap, ...]:
    """Swaps around this day, at half hours."""

    def made() -> Iterator[Swap]:
        for start, end in draw(st.lists(_spans(day), max_size=2)):
            yield Swap(
                roster=draw(st.sampled_from(ROSTERS)),
                person=draw(st.sampled_from(PEOPLE)),
                start=start.replace(tzinfo=UTC),
                end=end.replace(tzinfo=UTC),
            )

    return tuple(made())
