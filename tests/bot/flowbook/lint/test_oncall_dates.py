"""Tests of bot/flowbook/lint/oncall_dates.py, beside the examples of the rulebook."""

from datetime import UTC, datetime

import pytest

from tests.bot.flowbook.lint.rosters import OFFICE, ladder, oncall, provider, told_of

WEEKDAYS = "only: {days: [monday, tuesday, wednesday, thursday, friday]}"
GAP = ["oncall/gap"]


def layer(people: str, *more: str) -> str:
    return f"  - people: [{people}]\n" + "".join(f"    {line}\n" for line in more)


def gap(lines: str, house: str = "") -> str:
    ((rule, line, words),) = oncall(provider(lines), house)
    assert (rule, line) == ("oncall/gap", "provider:")
    return words


def test_the_first_hour_with_nobody_is_named() -> None:
    words = gap("layers:\n" + layer("dr_lee", WEEKDAYS))
    assert (
        "from Saturday, 2026-12-05, 00:00 until Monday, 2026-12-07, 00:00, and no roster stands in" in words
    )


def test_it_is_named_on_the_clock_of_the_roster() -> None:
    words = gap("zone: America/Denver\nlayers:\n" + layer("dr_lee", WEEKDAYS))
    assert "from Saturday, 2026-12-05, 00:00 until Monday, 2026-12-07, 00:00" in words


def test_nobody_at_all_is_said_so() -> None:
    words = gap("layers:\n" + layer("dr_lee", "only: {holidays: office, days: [sunday]}"), OFFICE)
    assert "Nobody has 'provider' from now on, and" in words


def test_a_holiday_of_the_next_weeks_is_found() -> None:
    lines = "layers:\n" + layer("dr_lee", "only: {calendar: office}") + layer("joe", "only: {closed: office}")
    assert told_of(provider(lines), OFFICE) == []
    lines = "layers:\n" + layer("dr_lee", "only: {closed: office}") + layer("joe", "only: {days: [tuesday]}")
    words = gap(lines, OFFICE)
    assert "from Monday, 2026-12-14, 08:00 until Monday, 2026-12-14, 17:00" in words  # closed on the 7th


def test_a_roster_that_stands_in_fills_the_gap() -> None:
    assert told_of(provider("layers:\n" + layer("dr_lee", WEEKDAYS) + "otherwise: nurse")) == []


def test_one_that_has_nobody_then_either_does_not() -> None:
    rosters = "  weekend:\n    layers:\n      - people: [joe]\n        only: {days: [saturday]}\n"
    words = oncall(provider("layers:\n" + layer("dr_lee", WEEKDAYS) + "otherwise: weekend") + rosters)
    ((_, _, said),) = words
    assert "from Sunday, 2026-12-06, 00:00 until Monday, 2026-12-07, 00:00, and neither has weekend" in said


def test_a_roster_that_is_told_as_a_whole_may_have_gaps() -> None:
    spare = "  spare:\n    layers:\n      - people: [joe]\n        only: {days: [saturday]}\n"
    full = provider("layers:\n" + layer("dr_lee")) + spare
    assert told_of(full) == GAP  # nothing uses it: somebody may ask who has it
    steps = ladder("urgent", "tell: nurse on call", "tell: everyone of spare", "tell: everyone of nurse")
    assert told_of(full + steps) == []


@pytest.mark.parametrize(
    ("starts", "now", "rules"),
    [
        ("2026-12-14", datetime(2026, 12, 1, 12, tzinfo=UTC), []),  # the plan has not begun
        ("2026-11-30", datetime(2026, 11, 30, 7, tzinfo=UTC), []),  # nor yet here, an hour before
        ("2026-11-30", datetime(2026, 12, 20, 12, tzinfo=UTC), []),
        ("2026-12-29", datetime(2026, 12, 1, 12, tzinfo=UTC), []),
        ("2026-12-30", datetime(2026, 12, 1, 12, tzinfo=UTC), ["oncall/starts-far"]),
    ],
)
def test_what_comes_before_the_first_turn_is_no_gap(starts: str, now: datetime, rules: list[str]) -> None:
    lines = "layers:\n" + layer("dr_lee, dr_shah", "hand_over: mondays at 08:00", f"starts: {starts}")
    assert told_of(provider(lines), now=now) == rules


def test_but_what_comes_after_it_is() -> None:
    lines = "layers:\n" + layer("dr_lee", "starts: 2026-12-03", WEEKDAYS)
    assert "from Saturday, 2026-12-05, 00:00" in gap(lines)


def test_what_cannot_be_looked_up_makes_no_gap() -> None:
    assert told_of(provider("layers:\n" + layer("dr_lee", "only: {calendar: office}"))) == [
        "oncall/no-calendar"
    ]
    assert told_of(provider("layers:\n" + layer("dr_lee", WEEKDAYS) + "otherwise: moon")) == [
        "oncall/no-roster"
    ]


@pytest.mark.parametrize(
    ("zone", "until", "over"),
    [
        ("", "2026-12-01 00:00", True),  # noon in Greenwich: midnight where the day ends last
        ("", "2026-12-01 00:01", False),
        ("zone: Asia/Tokyo\n", "2026-12-01 21:00", True),
        ("zone: Asia/Tokyo\n", "2026-12-01 21:01", False),
    ],
)
def test_an_override_is_over_when_it_is_over_everywhere(zone: str, until: str, over: bool) -> None:
    override = f"overrides:\n  - {{person: joe, from: 2026-11-20, until: {until}}}"
    assert told_of(provider(f"{zone}layers:\n{layer('dr_lee')}{override}")) == ["oncall/override-over"] * over
