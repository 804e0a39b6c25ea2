"""`bot understand`: JSON lines in, JSON lines out, in order; a bad line does not stop the others."""

import json
import subprocess
import sys
from typing import Any

import pytest

from bot.settings import HOME

NOW = "2026-03-11T10:00:00-05:00"
BAD = {
    "not json": "not valid JSON",
    "[1]": "not a JSON object",
    '{"id": "x"}': "field 'kind' must be",
    '{"id": "x", "kind": "intent"}': "field 'text' must be",
    '{"id": "x", "kind": "nonsense", "text": "hi"}': "field 'kind' must be",
    '{"id": "x", "kind": "answer", "text": "5"}': "expects",
    '{"id": "x", "kind": "when", "text": "monday"}': "now",
}
GOOD: list[dict[str, Any]] = [
    {"id": 1, "kind": "intent", "text": "see you then", "lang": "en"},
    {"id": "two", "kind": "triage", "text": "no puedo respirar"},
    {"id": 3, "kind": "answer", "text": "about a 7", "expects": {"type": "scale", "min": 0, "max": 10}},
    {"id": 4, "kind": "when", "text": "thursday afternoon", "lang": "en", "now": NOW},
    {"id": "ñ", "kind": "intent", "text": "¿puedo cambiar mi cita?"},
    {"id": None, "kind": "intent", "text": ""},
]


@pytest.fixture(scope="module")
def answers() -> list[dict[str, Any]]:
    """One run of the command, for all tests: good lines, blank ones and bad ones in turn."""
    lines = [json.dumps(line, ensure_ascii=False) for line in GOOD]
    mixed = "\n".join([*lines, "", "   ", *BAD, *lines]) + "\n"
    command = [sys.executable, "-c", "from bot.cli import main; main()", "understand"]
    done = subprocess.run(command, input=mixed, capture_output=True, text=True, cwd=HOME, check=True)
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_line_has_its_answer_in_order_and_blank_ones_none(answers: list[dict[str, Any]]) -> None:
    ids = [line["id"] for line in GOOD]
    assert [answer["id"] for answer in answers] == [*ids, None, None, *["x"] * 5, *ids]


def test_the_answers_are_of_the_kind_that_was_asked(answers: list[dict[str, Any]]) -> None:
    intent, triage, scale, when, spanish, _ = answers[: len(GOOD)]
    assert (intent["intent"], triage["level"], scale["value"]) == ("confirm", "emergency", 7)
    assert set(when) >= {"date_from", "date_to", "time_from", "time_to"} or "value" in when
    assert spanish["intent"] == "reschedule"


def test_a_bad_line_says_what_is_wrong_and_the_rest_goes_on(answers: list[dict[str, Any]]) -> None:
    faults = answers[len(GOOD) : len(GOOD) + len(BAD)]
    for fault, expected in zip(faults, BAD.values(), strict=True):
        assert expected in fault["error"]
    assert answers[: len(GOOD)] == answers[-len(GOOD) :]


def test_every_answer_says_how_sure_it_is(answers: list[dict[str, Any]]) -> None:
    assert all("error" in answer or 0 <= answer["confidence"] <= 1 for answer in answers)
