"""Who is on call: each rule in an example. Whole years and rosters by chance stand in `test_roster_lived`."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.core.oncall import Layer, OnCall, Whom
from bot.core.roster import Swap, members, on_call, told
from tests.bot.core.rosters import ALWAYS, CALENDARS, WEEKLY, ZONE, at, read, swap


def who(oncall: OnCall, shown: str, roster: str = "nurse", swaps: tuple[Swap, ...] = ()) -> str | None:
    return on_call(oncall, roster, at(shown), zone=ZONE, calendars=CALENDARS, swaps=swaps)


# -- turns ----------------------------------------------------------------------------------------------

DAILY = {"people": ["ana", "ben", "cy"], "hand_over": "every day at 08:00", "starts": "2026-01-05"}
WEEKENDS = {
    "people": ["week1", "end1", "week2", "end2"],
    "hand_over": "fridays at 17:00 and mondays at 08:00",
    "starts": "2026-01-05",
}


@pytest.mark.parametrize(
    ("layer", "shown", "person"),
    [
        (WEEKLY, "2026-01-05 07:59:59.999999", None),
        (WEEKLY, "2026-01-05 08:00", "ana"),
        (WEEKLY, "2026-01-12 07:59", "ana"),
        (WEEKLY, "2026-01-12 08:00", "ben"),
        (WEEKLY, "2026-01-19 08:00", "cy"),
        (WEEKLY, "2026-01-26 08:00", "ana"),
        (WEEKLY, "2036-01-07 12:00", "ana"),  # 522 turns later
        # the first turn begins with the first hand-over on or after the date
        (WEEKLY | {"starts": "2026-01-06"}, "2026-01-12 07:59", None),
        (WEEKLY | {"starts": "2026-01-06"}, "2026-01-12 08:00", "ana"),
        (WEEKLY | {"hand_over": "mondays at 00:00"}, "2026-01-04 23:59", None),
        (WEEKLY | {"hand_over": "mondays at 00:00"}, "2026-01-05 00:00", "ana"),
        (DAILY, "2026-01-05 08:00", "ana"),
        (DAILY, "2026-01-06 07:59", "ana"),
        (DAILY, "2026-01-06 08:00", "ben"),
        (DAILY, "2026-01-12 08:00", "ben"),
        # summer time changes nothing about turns
        (DAILY, "2026-03-07 08:00", "ben"),
        (DAILY, "2026-03-08 07:59", "ben"),
        (DAILY, "2026-03-08 08:00", "cy"),
        # weekdays and weekends
        (WEEKENDS, "2026-01-05 08:00", "week1"),
        (WEEKENDS, "2026-01-09 16:59", "week1"),
        (WEEKENDS, "2026-01-09 17:00", "end1"),
        (WEEKENDS, "2026-01-12 07:59", "end1"),
        (WEEKENDS, "2026-01-12 08:00", "week2"),
        (WEEKENDS, "2026-01-16 17:00", "end2"),
        (WEEKENDS, "2026-01-19 08:00", "week1"),
        (
            WEEKENDS | {"starts": "2026-01-07"},
            "2026-01-09 17:00",
            "week1",
        ),  # whose turn begins first is first
        # who is alone
        (ALWAYS, "1999-01-01 00:00", "ana"),
        (ALWAYS | {"starts": "2026-01-05"}, "2026-01-04 23:59", None),
        (ALWAYS | {"starts": "2026-01-05"}, "2026-01-05 00:00", "ana"),
        (ALWAYS | {"hand_over": "mondays at 08:00"}, "1999-01-01 00:00", "ana"),
        (ALWAYS | {"hand_over": "mondays at 08:00", "starts": "2026-01-05"}, "2026-01-05 07:59", None),
        (ALWAYS | {"hand_over": "mondays at 08:00", "starts": "9999-12-31"}, "2026-01-05 08:00", None),
    ],
)
def test_turns_go_on_with_each_hand_over(layer: dict[str, Any], shown: str, person: str | None) -> None:
    assert who(read(layer), shown) == person


@pytest.mark.parametrize(
    ("clock", "shown", "person"),
    [
        # 02:00 to 03:00 does not exist on March 8: the first moment after it
        ("02:30", "2026-03-08 01:59", "ana"),
        ("02:30", "2026-03-08 03:00", "ben"),
        # 01:00 to 02:00 comes twice on November 1: the first of the two, and once only
        ("01:30", "2026-11-01 01:29", "ana"),
        ("01:30", "2026-11-01 01:30", "ben"),
        ("01:30", "2026-11-01 01:00*", "ben"),
        ("01:30", "2026-11-01 01:30*", "ben"),
        ("01:30", "2026-11-01 02:00", "ben"),
        ("01:59", "2026-11-01 01:00*", "ben"),
        ("02:00", "2026-11-01 01:59:59.999999*", "ana"),
        ("02:00", "2026-11-01 02:00", "ben"),
    ],
)
def test_a_hand_over_when_the_clocks_change(clock: str, shown: str, person: str) -> None:
    starts = at(shown).date() - timedelta(days=1)
    layer = {"people": ["ana", "ben"], "hand_over": f"every day at {clock}", "starts": starts}
    assert who(read(layer), shown) == person


def test_a_hand_over_that_is_said_twice_is_one() -> None:
    twice = DAILY | {"hand_over": "every day at 08:00 and mondays at 8:00"}
    assert [who(read(twice), f"2026-01-{day} 09:00") for day in (12, 13, 14)] == ["ben", "cy", "ana"]


@pytest.mark.parametrize(
    "layer",
    [
        ALWAYS | {"only": {"from": "08:00Z", "until": "17:00"}},
        ALWAYS | {"only": {"from": "08:00", "until": "17:00+01:00"}},
        ALWAYS | {"hand_over": [{"day": "monday", "at": "08:00Z"}]},
    ],
)
def test_a_time_of_day_has_no_zone(layer: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="as a clock on the wall shows it"):
        Layer.model_validate(layer)


# -- when a layer counts --------------------------------------------------------------------------------

NIGHT = {"from": "20:00", "until": "06:00"}


@pytest.mark.parametrize(
    ("only", "shown", "counts"),
    [
        ({}, "2026-01-05 00:00", True),
        ({"days": ["saturday", "sunday"]}, "2026-01-09 23:59", False),
        ({"days": ["saturday", "sunday"]}, "2026-01-10 00:00", True),
        ({"days": ["saturday", "sunday"]}, "2026-01-11 23:59", True),
        ({"days": ["saturday", "sunday"]}, "2026-01-12 00:00", False),
        ({"from": "12:00", "until": "13:00"}, "2026-01-05 11:59", False),
        ({"from": "12:00", "until": "13:00"}, "2026-01-05 12:00", True),
        ({"from": "12:00", "until": "13:00"}, "2026-01-05 13:00", False),
        # over midnight, and then it belongs to the day on which it began
        (NIGHT, "2026-01-05 19:59", False),
        (NIGHT, "2026-01-05 20:00", True),
        (NIGHT, "2026-01-06 05:59", True),
        (NIGHT, "2026-01-06 06:00", False),
        (NIGHT | {"days": ["monday"]}, "2026-01-05 05:00", False),
        (NIGHT | {"days": ["monday"]}, "2026-01-05 21:00", True),
        (NIGHT | {"days": ["monday"]}, "2026-01-06 05:59", True),
        (NIGHT | {"days": ["monday"]}, "2026-01-06 20:00", False),
        ({"from": "08:00", "until": "00:00"}, "2026-01-05 23:59", True),
        ({"from": "08:00", "until": "00:00"}, "2026-01-06 00:00", False),
        ({"from": "08:00", "until": "08:00", "days": ["monday"]}, "2026-01-06 07:59", True),
        ({"from": "08:00", "until": "08:00", "days": ["monday"]}, "2026-01-06 08:00", False),
        # the repeated hour: it ends once, and does not begin again
        ({"from": "22:00", "until": "01:30"}, "2026-11-01 01:29", True),
        ({"from": "22:00", "until": "01:30"}, "2026-11-01 01:10*", False),
        ({"from": "01:30", "until": "05:00"}, "2026-11-01 01:10*", True),
        ({"from": "02:15", "until": "02:45"}, "2026-03-08 03:00", False),
        ({"from": "02:15", "until": "03:15"}, "2026-03-08 03:00", True),
        # calendars
        ({"calendar": "office"}, "2026-01-05 08:00", True),
        ({"calendar": "office"}, "2026-01-05 17:00", False),
        ({"calendar": "office"}, "2026-12-25 09:00", False),
        ({"closed": "office"}, "2026-01-05 08:00", False),
        ({"closed": "office"}, "2026-01-05 17:00", True),
        ({"closed": "office"}, "2026-12-25 09:00", True),
        ({"holidays": "office"}, "2026-12-24 23:59", False),
        ({"holidays": "office"}, "2026-12-25 00:00", True),
        ({"holidays": "office"}, "2026-12-25 23:59", True),
        ({"holidays": "office"}, "2026-12-26 00:00", False),
        (NIGHT | {"holidays": "office"}, "2026-12-25 05:00", False),
        (NIGHT | {"holidays": "office"}, "2026-12-26 05:00", True),
        # everything must hold
        ({"days": ["friday"], "closed": "office"}, "2026-01-09 12:00", False),
        ({"days": ["friday"], "closed": "office"}, "2026-01-09 18:00", True),
        ({"days": ["friday"], "closed": "office"}, "2026-01-10 12:00", False),
        # what nobody knows is never open and has no holidays
        ({"calendar": "offfice"}, "2026-01-05 08:00", False),
        ({"closed": "offfice"}, "2026-01-05 08:00", True),
        ({"holidays": "offfice"}, "2026-12-25 08:00", False),
    ],
)
def test_a_layer_counts_only_then(only: dict[str, Any], shown: str, counts: bool) -> None:
    assert (who(read(ALWAYS | {"only": only}), shown) == "ana") is counts


def test_turns_go_on_while_a_layer_does_not_count() -> None:
    nights = read(ALWAYS, DAILY | {"people": ["ben", "cy"], "only": NIGHT})
    shown = ["05 19:00", "05 21:00", "06 05:00", "06 12:00", "06 21:00", "07 21:00"]
    assert [who(nights, f"2026-01-{text}") for text in shown] == ["ana", "ben", "ben", "ana", "cy", "ben"]


# -- over each other ------------------------------------------------------------------------------------

LATER = {"people": ["ben"], "starts": "2026-02-01"}
EVE = {"from": "2026-12-24 17:00", "until": "2026-12-26 08:00"}


def test_the_last_layer_that_has_somebody_counts() -> None:
    oncall = read(ALWAYS, LATER, {"people": ["cy"], "only": NIGHT})
    shown = ["01-31 19:00", "01-31 20:00", "02-01 06:00", "02-01 20:00"]
    assert [who(oncall, f"2026-{text}") for text in shown] == ["ana", "cy", "ben", "cy"]


@pytest.mark.parametrize(
    ("shown", "person"),
    [
        ("2026-12-24 16:59", "ana"),
        ("2026-12-24 17:00", "ben"),
        ("2026-12-25 00:00", "cy"),  # the later one in the list
        ("2026-12-26 00:00", "ben"),
        ("2026-12-26 08:00", "ana"),
    ],
)
def test_overrides_lie_over_the_layers(shown: str, person: str) -> None:
    christmas = {"person": "cy", "from": "2026-12-25 00:00", "until": "2026-12-26 00:00"}
    assert who(read(ALWAYS, overrides=[EVE | {"person": "ben"}, christmas]), shown) == person


@pytest.mark.parametrize(
    ("shown", "person"),
    [
        ("2026-11-01 01:29", "ana"),
        ("2026-11-01 01:30", "ben"),
        ("2026-11-01 01:00*", "ben"),
        ("2026-11-01 01:59*", "ben"),
        ("2026-11-01 02:00", "ana"),
    ],
)
def test_an_override_over_the_repeated_hour(shown: str, person: str) -> None:
    override = {"person": "ben", "from": "2026-11-01 01:30", "until": "2026-11-01 02:00"}
    assert who(read(ALWAYS, overrides=[override]), shown) == person


def test_swaps_lie_over_overrides_and_the_later_one_wins() -> None:
    oncall = read(ALWAYS, overrides=[EVE | {"person": "ben"}])
    made = (
        swap("cy", "2026-12-24 18:00", "2026-12-24 22:00"),
        swap("dee", "2026-12-24 20:00", "2026-12-24 21:00"),
        swap("eve", "2026-12-24 17:00", "2026-12-24 23:00", roster="doctor"),
    )
    hours = ["16:59", "17:00", "18:00", "20:00", "21:00", "22:00"]
    found = [who(oncall, f"2026-12-24 {hour}", swaps=made) for hour in hours]
    assert found == ["ana", "ben", "cy", "dee", "cy", "ben"]


def test_otherwise_stands_in_while_nobody_is_there_with_its_own_swaps() -> None:
    doctor = {"layers": [{"people": ["dee"], "only": {"days": ["monday"]}}], "otherwise": "surgeon"}
    surgeon = {"layers": [{"people": ["eve"], "only": {"days": ["tuesday"]}}], "otherwise": "nurse"}
    oncall = read(
        {"people": ["ana"], "only": {"calendar": "office"}},
        otherwise="doctor",
        others={"doctor": doctor, "surgeon": surgeon},
    )
    made = (swap("fay", "2026-01-06 18:00", "2026-01-06 19:00", roster="surgeon"),)
    shown = ["05 12:00", "05 18:00", "06 12:00", "06 17:30", "06 18:00", "07 18:00"]
    found = [who(oncall, f"2026-01-{text}", swaps=made) for text in shown]
    assert found == ["ana", "dee", "ana", "eve", "fay", None]


def test_a_roster_that_nobody_knows_has_nobody() -> None:
    oncall = read({"people": ["ana"], "starts": "2030-01-01"}, otherwise="unknown")
    made = (swap("ben", "2026-01-05 00:00", "2026-01-06 00:00", roster="unknown"),)
    assert who(oncall, "2026-01-05 12:00", swaps=made) is None
    assert who(oncall, "2026-01-05 12:00", roster="unknown", swaps=made) is None


@pytest.mark.parametrize(
    ("zone", "shown", "person"),
    [
        # 08:00 in Phoenix is 10:00 in New York in winter and 11:00 in summer
        ("America/Phoenix", "2026-01-12 09:59", "ana"),
        ("America/Phoenix", "2026-01-12 10:00", "ben"),
        ("America/Phoenix", "2026-07-06 10:59", "ben"),
        ("America/Phoenix", "2026-07-06 11:00", "cy"),
        ("Asia/Tokyo", "2026-01-11 17:59", "ana"),
        ("Asia/Tokyo", "2026-01-11 18:00", "ben"),
    ],
)
def test_a_roster_has_a_clock_of_its_own(zone: str, shown: str, person: str) -> None:
    assert who(read(WEEKLY, zone=zone), shown) == person


def test_calendars_are_on_the_clinics_clock_and_days_on_the_rosters() -> None:
    office = read({"people": ["ana"], "only": {"calendar": "office"}}, zone="Asia/Tokyo")
    monday = read({"people": ["ana"], "only": {"days": ["monday"]}}, zone="Asia/Tokyo")
    override = {"person": "ben", "from": "2026-01-05 08:00", "until": "2026-01-05 09:00"}
    assert [who(office, f"2026-01-05 {hour}") for hour in ("07:59", "08:00", "17:00")] == [None, "ana", None]
    assert [who(monday, f"2026-01-0{text}") for text in ("4 09:00", "4 10:00", "5 10:00")] == [
        None,
        "ana",
        None,
    ]
    assert who(read(ALWAYS, zone="Asia/Tokyo", overrides=[override]), "2026-01-04 18:30") == "ben"


# -- whom that means ------------------------------------------------------------------------------------


def test_members_are_named_once_in_order() -> None:
    overrides = [EVE | {"person": "dee"}, EVE | {"person": "ana"}]
    oncall = read(WEEKLY | {"people": ["ben", "ana", "ben"]}, {"people": ["cy"]}, overrides=overrides)
    assert members(oncall, "nurse") == ("ben", "ana", "cy", "dee")
    assert members(oncall, "doctor") == ()


@pytest.mark.parametrize(
    ("whom", "people"),
    [
        (Whom(kind="on call", name="nurse"), ("ben",)),
        (Whom(kind="on call", name="doctor"), ()),
        (Whom(kind="everyone", name="nurse"), ("ana", "ben", "cy")),
        (Whom(kind="everyone", name="doctor"), ()),
        (Whom(kind="person", name="zoe"), ("zoe",)),
        (Whom(kind="role", name="nurse"), ()),
        (Whom(kind="phone"), ()),
    ],
)
def test_who_is_told(whom: Whom, people: tuple[str, ...]) -> None:
    moment = at("2026-01-12 08:00")
    assert told(read(WEEKLY), whom, moment, zone=ZONE, calendars=CALENDARS) == people


def test_a_swap_is_told() -> None:
    made = (swap("zoe", "2026-01-12 08:00", "2026-01-12 09:00"),)
    whom, moment = Whom(kind="on call", name="nurse"), at("2026-01-12 08:00")
    assert told(read(WEEKLY), whom, moment, zone=ZONE, calendars=CALENDARS, swaps=made) == ("zoe",)
