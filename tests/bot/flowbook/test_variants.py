"""Tests of bot/flowbook/variants.py: a location's flow says only what differs, and is a whole flow all the same."""

from typing import Any

import pytest

from bot.core.flow import Flow
from bot.flowbook.draft import draft
from bot.flowbook.source import Source, parse
from bot.flowbook.variants import with_base

BASE = """\
flow: base
title: Everywhere
purpose: care
languages: [en, es]
variables: {pain: phi}
starts:
  - when: staff start it
steps:
  first:
    ask: question
    expect: yes or no
    answers: {yes: second, no: end}
    wait: 1 day
  second:
    say: thanks
    then: end
"""


def source(text: str) -> Source:
    return parse("dialogs/own.yaml", text)


def whole(own: str, base: str = BASE) -> dict[str, Any]:
    """What the variant comes to."""
    head = "flow: own\ntitle: Downtown\nextends: base\nsite: Downtown\n"
    value = with_base(source(head + own), {"base": source(base)}).value
    assert isinstance(value, dict)
    return value


def test_what_is_not_said_is_as_in_the_base() -> None:
    made = whole("")
    assert (made["flow"], made["title"], made["site"], made["extends"]) == (
        "own",
        "Downtown",
        "Downtown",
        "base",
    )
    assert (made["purpose"], made["languages"], made["variables"]) == ("care", ["en", "es"], {"pain": "phi"})
    assert list(made["steps"]) == ["first", "second"]


@pytest.mark.parametrize(
    ("own", "at", "value"),
    [
        ("steps: {second: {say: park_here}}\n", ("steps", "second"), {"say": "park_here", "then": "end"}),
        ("steps: {first: {wait: 2 days}}\n", ("steps", "first", "wait"), "2 days"),
        ("steps: {first: {wait: 2 days}}\n", ("steps", "first", "ask"), "question"),
        (
            "steps: {first: {answers: {no: second}}}\n",
            ("steps", "first", "answers"),
            {"yes": "second", "no": "second"},
        ),
        (
            "steps: {first: {nudges: [{after: 1 hour, say: hm}]}}\n",
            ("steps", "first", "nudges"),
            [{"after": "1 hour", "say": "hm"}],
        ),
        ("languages: [en]\n", ("languages",), ["en"]),  # a list is said as a whole
        ("variables: {mood: phi}\n", ("variables",), {"pain": "phi", "mood": "phi"}),
    ],
)
def test_what_is_said_is_laid_over_the_base_at_any_depth(
    own: str, at: tuple[str, ...], value: object
) -> None:
    found: Any = whole(own)
    for key in at:
        found = found[key]
    assert found == value


def test_steps_keep_the_order_of_the_base_and_new_ones_come_last() -> None:
    made = whole("steps:\n  third: {say: bye}\n  second: {then: third}\n")
    assert list(made["steps"]) == ["first", "second", "third"]
    assert made["steps"]["second"] == {"say": "thanks", "then": "third"}


def test_the_base_is_left_as_it_is() -> None:
    base = source(BASE)
    before = parse("dialogs/own.yaml", BASE).value
    with_base(source("flow: own\nextends: base\nsteps: {second: {say: park_here}}\n"), {"base": base})
    assert base.value == before


@pytest.mark.parametrize(
    ("own", "bases"),
    [
        ("flow: own\ntitle: Own\n", {"base": BASE}),
        ("flow: own\nextends: nothing\n", {"base": BASE}),
        ("flow: own\nextends: base\n", {"base": BASE + "extends: other\n", "other": BASE}),  # one level only
        ("- own\n", {"base": BASE}),
        ("flow: own\nextends: base\n", {"base": "- base\n"}),
    ],
)
def test_what_extends_nothing_stays_as_it_is_written(own: str, bases: dict[str, str]) -> None:
    read = source(own)
    assert with_base(read, {name: source(text) for name, text in bases.items()}) is read


def test_a_flow_that_extends_itself_stays_as_it_is_written() -> None:
    read = source("flow: own\nextends: own\n")
    assert with_base(read, {"own": read}) is read


def test_an_edition_has_it_as_a_flow_and_its_faults_have_their_lines(edition) -> None:
    own = "flow: own\ntitle: Own\nextends: mini\nsite: Downtown\nsteps:\n  done: {say: rescheduled}\n"
    made = draft({**edition(), "dialogs/own.yaml": own})
    flow = next(flow for _, flow in made.of(Flow) if flow.name == "own")
    assert (flow.steps["done"].say, flow.steps["done"].then, flow.first) == ("rescheduled", "end", "remind")
    broken = draft({**edition(), "dialogs/own.yaml": own.replace("say:", "sya:")})
    (problem,) = broken.problems
    assert (problem.source.file, problem.source.line(problem.where)) == ("dialogs/own.yaml", 6)
