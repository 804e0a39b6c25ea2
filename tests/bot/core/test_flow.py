"""Steps as values: where they can lead, which of them wait, and what is refused."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from bot.core.flow import Case, Do, Flow, Start, Step
from tests.bot.core.world import flow


def step(**given: object) -> Step:
    return Step.model_validate(given)


@pytest.mark.parametrize(
    ("given", "waits"),
    [
        ({}, False),
        ({"say": "hello", "then": "next"}, False),
        ({"ask": "how_are_you"}, True),
        ({"pause": "1 day", "then": "next"}, True),
        ({"do": "find open times"}, True),
        ({"do": "book the chosen time"}, True),
        ({"do": "confirm the visit"}, False),
        ({"do": "cancel the visit"}, False),
        ({"do": "put on the waitlist"}, False),
        ({"do": "offer the time to the next"}, False),
        ({"send_page": "result", "say": "look"}, False),
        ({"send_page": "form", "say": "look", "wait": "1 day"}, True),
        ({"send_page": "form", "say": "look", "outcomes": {"submitted": "next"}}, True),
        ({"call": "phq2"}, False),
        ({"branch": [{"else": "next"}]}, False),
    ],
)
def test_a_talk_rests_where_something_must_happen_first(given: dict[str, object], *, waits: bool) -> None:
    assert step(**given).waits is waits


@pytest.mark.parametrize(
    ("given", "ways"),
    [
        ({}, {}),
        ({"then": "a"}, {"then": "a"}),
        ({"do": "find open times", "outcomes": {"found": "a"}}, {"outcome: found": "a"}),
        ({"ask": "q", "answers": {"yes": "a", "a time": "b"}}, {"answer: yes": "a", "answer: a time": "b"}),
        (
            {"branch": [{"if": "x > 1", "then": "a"}, {"else": "end"}]},
            {"if: x > 1": "a", "else": "end"},
        ),
        ({"call": "sub", "results": {"bad": "a"}, "then": "b"}, {"result: bad": "a", "then": "b"}),
        (
            {"ask": "q", "if_skipped": "a", "otherwise": "b", "give_up": "c", "no_answer": "d"},
            {"skipped": "a", "otherwise": "b", "give up": "c", "no answer": "d"},
        ),
    ],
)
def test_every_way_out_has_a_label(given: dict[str, object], ways: dict[str, str]) -> None:
    assert step(**given).ways() == ways


def test_a_flow_begins_at_its_first_step() -> None:
    assert flow(steps={"zeta": {}, "alpha": {}}).first == "zeta"


def test_words_of_a_step_become_values() -> None:
    read = step(do="find open times", wait="20 hours", nudges=[{"after": "2 hours", "say": "still"}])
    assert read.do is Do.FIND_TIMES
    assert read.wait == timedelta(hours=20)
    assert read.nudges[0].after == timedelta(hours=2)


@pytest.mark.parametrize(
    "case",
    [
        {},
        {"if": "x > 1"},
        {"then": "a"},
        {"if": "x > 1", "else": "a"},
        {"if": "x > 1", "then": "a", "else": "b"},
        {"then": "a", "else": "b"},
    ],
)
def test_a_line_of_a_branch_is_if_then_or_else(case: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=r"write a branch as lines of '\{if: …, then: step\}'"):
        Case.model_validate(case)


@pytest.mark.parametrize(
    ("model", "given", "told"),
    [
        (Step, {"aks": "q"}, "Extra inputs"),
        (Step, {"tries": 4}, "less than or equal to 3"),
        (Step, {"tries": -1}, "greater than or equal to 0"),
        (Step, {"save": "My Answer"}, "match pattern"),
        (Step, {"do": "dance"}, "'confirm the visit'"),
        (Step, {"send_page": "diary"}, "'summary'"),
        (Step, {"set": {"x": "1 +"}}, "a value or a name is missing"),
        (Step, {"expect": "a smile"}, "write what is expected as"),
        (Step, {"wait": "long"}, "write a wait as"),
        (Step, {"nudges": [{"after": "soon", "say": "x"}]}, "write a duration as"),
        (Step, {"hand_over": {"task": "Look Here"}}, "match pattern"),
        (Step, {"hand_over": {"task": "look", "role": "cook"}}, "'nurse'"),
        (Step, {"escalate": {"reason": "worry", "urgency": "routine"}}, "'emergency'"),
        (Start, {"when": "whenever"}, "write what starts the flow"),
        (Start, {"when": "staff start it", "if": "and"}, "is missing"),
        (Flow, {"flow": "a", "title": "A", "purpose": "fun", "steps": {"a": {}}}, "'reminder'"),
        (Flow, {"flow": "a", "title": "A", "purpose": "care", "steps": {}}, "at least 1"),
        (Flow, {"flow": "A b", "title": "A", "purpose": "care", "steps": {"a": {}}}, "match pattern"),
        (
            Flow,
            {"flow": "a", "title": "A", "purpose": "care", "steps": {"a": {}}, "variables": {"x": "secret"}},
            "'phi'",
        ),
    ],
)
def test_what_has_no_meaning_is_refused(model: type, given: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        model.model_validate(given)
