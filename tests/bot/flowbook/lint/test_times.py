"""Tests of bot/flowbook/lint/times*.py, beside the examples of the rulebook."""

import pytest

from tests.bot.flowbook.lint.bent import bent, rules_of, told

SECOND = "dialogs/second.yaml"
RATE = 'sentences:\n  rate: "{{clinic}}: How was it? Text STOP to opt out."\n'


def waits(start: str, until: str) -> dict[str, str]:
    return bent(
        f"starts:\n  - when: {start}\n    at: remind\n"
        "steps:\n  remind:\n    ask: reminder\n    answers: {confirm: confirm, reschedule: look}\n"
        f"    wait: {until}\n    no_answer: end\n"
    )


@pytest.mark.parametrize(
    ("start", "until", "over"),
    [
        ("3 days before the visit", "until 2 days before the visit", False),
        ("2 days before the visit", "until 2 days before the visit", True),
        ("2 days before the visit at 10:00", "until 2 days before the visit at 10:00", True),
        ("2 days before the visit at 10:00", "until 2 days before the visit at 16:00", False),
        ("2 days before the visit at 10:00", "until 2 days before the visit", False),
        ("2 days before the visit at 18:00", "until 1 week before the visit at 10:00", True),
        ("2 hours before the visit", "until 1 day before the visit", True),
        ("2 hours before the visit", "until 1 day before the visit at 10:00", False),
        ("1 day before the visit", "until 2 hours before the visit", False),
        ("1 day after the visit", "until 1 day before the visit", True),
        ("the visit is moved", "until 1 day before the visit", False),
        ("1 business day before the visit", "until 3 days before the visit", False),
    ],
)
def test_a_wait_that_is_over_is_told_where_it_is_sure(start: str, until: str, over: bool) -> None:
    assert ("times/over" in rules_of(waits(start, until), "times/over")) is over


def test_one_start_that_is_early_enough_is_enough() -> None:
    files = waits(
        "1 day before the visit\n    at: remind\n  - when: 4 days before the visit",
        "until 2 days before the visit",
    )
    assert rules_of(files, "times/over") == []


@pytest.mark.parametrize(
    ("at", "rule"), [("07:00", True), ("09:00", False), ("19:59", False), ("20:00", True), ("9:30", False)]
)
def test_the_hours_of_the_policy_hold(at: str, rule: bool) -> None:
    flow = (
        f"starts:\n  - when: 3 days before the visit at {at}\n    at: remind\n"
        "  - when: the patient says reschedule\n    at: look\n"
    )
    assert ("times/quiet-hours" in rules_of(bent(flow))) is rule


def second(purpose: str, starts: str, steps: str) -> list[str]:
    text = f"flow: second\ntitle: T\npurpose: {purpose}\nstarts:\n{starts}steps:\n{steps}"
    return [words for rule, _, words in told(bent("", RATE, {SECOND: text}), "times")]


def test_starts_around_the_visit_are_counted_together() -> None:
    starts = "".join(f"  - when: {days} days before the visit\n" for days in (5, 4, 3))
    steps = "  rate:\n    say: rate\n    then: end\n"
    assert second("survey", starts, steps) == []
    (words,) = second("survey", starts + "  - when: 2 days before the visit\n", steps)
    assert "4 texts from this flow in one week" in words


def test_a_later_start_takes_the_place_of_what_is_open() -> None:
    """The nudge of two days before would come when the start of one day before has begun."""
    starts = "".join(f"  - when: {days} days before the visit\n" for days in (2, 1))
    nudged = "  rate:\n    ask: rate\n    expect: text\n    then: end\n    nudges: [{after: 25 hours, say: rate}]\n"
    assert second("survey", starts, f"{nudged}    wait: until the visit\n    no_answer: end\n") == []


def test_two_sentences_at_once_are_two_texts() -> None:
    steps = "  rate:\n    say: rate\n    then: more\n  more:\n    say: rate\n    then: end\n"
    assert "2 texts from this flow in one day" in second("bulk", "  - when: the visit is missed\n", steps)[0]
    assert second("bulk", "  - when: the patient says question\n", steps) == []


def test_what_follows_silence_is_unasked_even_after_a_text_of_the_patient() -> None:
    steps = (
        "  rate:\n    ask: rate\n    expect: text\n    then: end\n    wait: 1 hour\n    no_answer: once\n"
        "  once:\n    say: rate\n    then: again\n  again:\n    say: rate\n    then: end\n"
    )
    assert (
        "2 texts from this flow in one day"
        in second("bulk", "  - when: the patient says question\n", steps)[0]
    )


def test_answers_are_asked_for() -> None:
    steps = (
        "  rate:\n    ask: rate\n    expect: text\n    then: more\n    no_answer: end\n"
        "  more:\n    ask: rate\n    expect: text\n    then: end\n    no_answer: end\n"
    )
    assert second("survey", "  - when: the visit is missed\n", steps) == []


def test_a_flow_that_goes_round_is_no_endless_sum() -> None:
    steps = (
        "  rate:\n    say: rate\n    pause: 1 day\n    then: round\n"
        "  round:\n    branch:\n      - {if: visit.hours_ahead < 2, then: end}\n      - {else: rate}\n"
    )
    assert "texts from this flow in one week" in second("bulk", "  - when: the visit is missed\n", steps)[0]
