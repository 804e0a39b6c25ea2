"""Tests of bot/flowbook/lint/ways.py: a good flow, and what each rule says about a bent one."""

import pytest

from bot.flowbook import loader
from bot.flowbook.lint import lint

MINI = "dialogs/mini.yaml"
ENDLESS = """\
  more:
    ask: reminder
    answers: {confirm: more}
    wait: 1 hour
    no_answer: more
"""
BAD = [
    ("ways/no-such-step", "confirm: done\n", "confirm: doen\n", 14, "Did you mean 'done'?"),
    ("ways/no-such-step", "at: look", "at: lok", 9, "Did you mean 'look'?"),
    ("ways/no-such-step", "at: look", "at: end", 9, "There is no step 'end'"),
    (
        "ways/no-such-step",
        "  done:\n",
        "  end:\n    say: confirmed\n    then: end\n  done:\n",
        18,
        "another name",
    ),
    ("ways/never-reached", "confirm: done\n", "confirm: end\n", 18, "No way leads to the step 'done'"),
    ("ways/never-ends", "then: end", f"then: more\n{ENDLESS}", 18, "never comes to its end"),
    (
        "ways/loop",
        "then: end",
        "then: again\n  again:\n    say: confirmed\n    then: done",
        18,
        "without asking",
    ),
    ("ways/outcomes", "      none: end\n", "", 22, "found, none"),
    (
        "ways/outcomes",
        "    say: confirmed\n",
        "    say: confirmed\n    outcomes: {found: end}\n",
        18,
        "nothing that",
    ),
    (
        "ways/not-done",
        "    do: find open times\n",
        "    do: find open times\n    say: confirmed\n",
        22,
        "own",
    ),
    (
        "ways/question",
        "    wait: 20 hours\n    no_answer: end\n  done:",
        "    no_answer: end\n  done:",
        11,
        "no wait",
    ),
    ("ways/question", "    no_answer: end\n  done:", "  done:", 11, "no no_answer"),
    ("ways/question", "      confirm: done\n      reschedule: look\n", "      {}\n", 11, "no answers"),
    (
        "ways/question",
        "    no_answer: end\n  done:",
        "    no_answer: end\n    then: end\n  done:",
        11,
        "'then'",
    ),
    ("ways/question", "    say: confirmed\n", "    say: confirmed\n    wait: 3 hours\n", 18, "asks nothing"),
    ("ways/again", "    tries: 1\n", "", 27, "'again' and 'tries'"),
    ("ways/again", "    tries: 1\n", "    tries: 1\n    otherwise: look\n", 27, "never asks again"),
    ("ways/dead-end", "    then: end\n", "", 18, "then: end"),
    ("ways/unknown-answer", "confirm: done\n", "conform: done\n", 14, "a time"),
    (
        "ways/never-heard",
        "reschedule: look\n",
        "reschedule: look\n      stop: end\n",
        16,
        "opts the phone out",
    ),
    ("ways/never-heard", "says reschedule", "says wrong_number", 8, "Take this start out"),
    ("ways/no-times", "      reschedule: look\n", "      reschedule: offer\n", 30, "without any open times"),
    ("ways/no-choice", "      none: end\n", "      none: book\n", 36, "nothing to book"),
]


def found_in(files: dict[str, str]) -> list[tuple[str, int, str]]:
    return [(f.rule, f.line, f"{f.message} {f.mend}") for f in lint(files) if f.rule.startswith("ways")]


def test_what_is_good_has_no_fault(edition) -> None:
    assert found_in(edition()) == []


def test_the_shipped_flows_have_no_fault_at_all(flows) -> None:
    assert lint(loader.collect(flows)) == []


@pytest.mark.parametrize(("rule", "old", "new", "line", "told"), BAD)
def test_what_is_bad_is_told(edition, rule, old, new, line, told) -> None:
    found = found_in(edition(MINI, old, new))
    assert any(r == rule and n == line and told in text for r, n, text in found), found


def test_a_loop_that_asks_is_a_conversation(edition) -> None:
    """gone → look → offer asks the patient each time round."""
    assert found_in(edition(MINI, "booked: end", "booked: done")) == []


def test_a_broken_way_is_told_once(edition) -> None:
    found = found_in(edition(MINI, "then: end", "then: edn"))
    assert [rule for rule, _, _ in found] == ["ways/no-such-step"]
