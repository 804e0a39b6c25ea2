"""Tests of bot/flowbook/lint/oncall_ladders.py, beside the examples of the rulebook."""

import pytest

from tests.bot.flowbook.lint.bent import bent, rules_of
from tests.bot.flowbook.lint.rosters import FILE, OFFICE, ladder, oncall, provider, told_of

ALL = "tell: everyone of nurse, by: [text, call], wait: 5 minutes"


def emergency(*steps: str, more: str = "") -> list[str]:
    return told_of(ladder("emergency", *steps, more=more))


@pytest.mark.parametrize(
    ("by", "rules"),
    [
        ("[console]", ["oncall/first-step"]),
        ("[email, console]", ["oncall/first-step"]),
        ("[push]", []),
        ("[call]", []),
        ("[console, text]", []),
    ],
)
def test_the_first_page_of_an_emergency_comes_to_somebody(by: str, rules: list[str]) -> None:
    assert emergency(f"tell: nurse on call, by: {by}, wait: 2 minutes", ALL) == rules
    assert emergency(ALL, f"tell: nurse on call, by: {by}, wait: 2 minutes", ALL) == []


@pytest.mark.parametrize(("wait", "slow"), [("5 minutes", False), ("6 minutes", True), ("1 hour", True)])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_every_step_of_an_emergency_is_quick(wait: str, slow: bool, place: int) -> None:
    steps = [ALL] * 3
    steps[place] = f"tell: everyone of nurse, by: [text, call], wait: {wait}"
    assert emergency(*steps) == ["oncall/slow"] * slow


def test_a_step_that_says_nothing_waits_as_the_policy_says() -> None:
    files = bent(more={FILE: ladder("emergency", "tell: nurse on call", ALL)})
    assert rules_of(files, "oncall") == []
    policy = "policies/example.yaml"
    files[policy] = files[policy].replace("ack_within: 5 minutes", "ack_within: 6 minutes")
    assert rules_of(files, "oncall") == ["oncall/slow"]


def test_an_urgent_matter_may_take_longer() -> None:
    assert told_of(ladder("urgent", "tell: nurse on call, wait: 30 minutes", ALL)) == []


def test_hours_are_no_fault_of_other_ladders() -> None:
    hours = "    hours: office\n"
    assert told_of(ladder("urgent", ALL, more=hours), OFFICE) == []
    assert told_of(ladder("emergency", ALL, more=hours), OFFICE) == ["oncall/emergency-hours"]


def test_one_call_anywhere_will_do() -> None:
    text = "tell: everyone of nurse, by: [text], wait: 5 minutes"
    assert emergency(text, ALL) == []
    assert emergency(text, text) == ["oncall/no-call"]
    assert told_of(ladder("urgent", text)) == []


def test_a_ladder_for_the_screen_alone_is_told_once() -> None:
    screen = "tell: everyone of nurse, by: [console]"
    assert told_of(ladder("urgent", screen, screen)) == ["oncall/console-only"]
    assert told_of(ladder("urgent", screen, ALL)) == []


@pytest.mark.parametrize(
    ("last", "urgent", "grave"),
    [
        ("maria", True, True),
        ("the on-call phone", True, True),
        ("provider on call", True, True),  # one doctor
        ("nurse on call", False, True),  # the turn goes on, but not within the hour
        ("everyone of provider", True, True),
        ("everyone of nurse", False, False),
        ("everyone with role nurse", False, False),
    ],
)
def test_the_last_step_tells_several(last: str, urgent: bool, grave: bool) -> None:
    step = f"tell: {last}, by: [text, call], wait: 5 minutes"
    rule = "oncall/one-person"
    assert told_of(ladder("urgent", "tell: nurse on call, wait: 5 minutes", ALL, step)) == [rule] * urgent
    assert told_of(ladder("emergency", ALL, step)) == [rule] * grave


def test_who_stands_in_makes_several() -> None:
    roster = provider("layers:\n  - people: [dr_lee]\notherwise: nurse")
    steps = ladder("urgent", ALL, "tell: provider on call, by: [text]")
    assert told_of(steps) == ["oncall/one-person"]
    assert told_of(roster + steps) == []


@pytest.mark.parametrize(
    ("first", "rules"),
    [
        ("tell: nurse on call, wait: 15 minutes, times: 4", []),
        ("tell: nurse on call, wait: 61 minutes", ["oncall/urgent-slow"]),
        ("tell: nurse on call, times: 12", []),  # 5 minutes by policy
        ("tell: nurse on call, times: 13", ["oncall/urgent-slow"]),
        ("tell: everyone of provider, wait: 61 minutes", ["oncall/urgent-slow"]),
        ("tell: everyone with role provider, wait: 61 minutes", []),
    ],
)
def test_a_second_person_hears_in_time(first: str, rules: list[str]) -> None:
    assert told_of(ladder("urgent", first, ALL)) == rules


def test_a_second_person_who_never_hears() -> None:
    found = oncall(
        ladder("urgent", "tell: nurse on call, wait: 5 minutes", "tell: nurse on call, by: [call]")
    )
    assert [rule for rule, _, _ in found] == ["oncall/urgent-slow"]
    assert "tells a second person never" in found[0][2]


def test_without_a_time_nothing_is_late() -> None:
    steps = ladder("urgent", "tell: nurse on call, wait: 3 hours", ALL)
    assert told_of(f"{steps}answer_within: {{}}\n") == ["oncall/answer-within"]


def test_what_climbs_by_no_ladder_is_told_with_what_to_write() -> None:
    routine = ladder("routine", "tell: nurse on call, wait: 4 hours", ALL)
    ((rule, _, words),) = oncall(f"{routine}answer_within: {{}}\n")
    assert rule == "oncall/answer-within"
    assert "'answer_within: {urgent: 1 hour, routine: 24 hours}'" in words


def test_rosters_alone_are_no_half_of_ladders() -> None:
    files = bent()
    files[FILE] = provider("layers:\n  - people: [dr_lee]")
    assert rules_of(files) == []


def test_times_counts_before_the_last_step_only() -> None:
    often = "tell: everyone of nurse, wait: 5 minutes, times: 2"
    assert told_of(ladder("urgent", often, ALL)) == []
    assert told_of(ladder("urgent", often)) == ["oncall/times"]
