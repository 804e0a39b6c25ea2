import json
from typing import Any

import pytest

from nlp.lines import answer_line
from nlp.reader import Reader

NOW = "2026-03-11T10:00:00-05:00"


def ask(reader: Reader, **fields: Any) -> dict[str, Any]:
    answer = answer_line(reader, json.dumps(fields))
    json.dumps(answer)
    return answer


def test_intent(reader: Reader) -> None:
    answer = ask(reader, id="1", kind="intent", text="see you then", lang="en")
    assert (answer["id"], answer["intent"]) == ("1", "confirm")
    assert 0 <= answer["confidence"] <= 1


def test_triage(reader: Reader) -> None:
    answer = ask(reader, id=7, kind="triage", text="no puedo respirar")
    assert (answer["id"], answer["level"], answer["category"]) == (7, "emergency", "breathing")


@pytest.mark.parametrize(
    ("expects", "text", "value"),
    [
        ({"type": "yes_no"}, "nope", False),
        ({"type": "scale", "min": 0, "max": 10}, "7", 7),
        ({"type": "choice", "options": {"a": ["Red"], "b": ["Blue"]}}, "the blue one", "b"),
        ({"type": "number", "unit": "lb"}, "180", 180),
        ({"type": "blood_pressure"}, "120/80", {"systolic": 120, "diastolic": 80}),
        ({"type": "date", "past": True}, "3/14/1962", "1962-03-14"),
        ({"type": "date", "past": False}, "who knows", None),
    ],
)
def test_answer(reader: Reader, expects: dict[str, Any], text: str, value: object) -> None:
    answer = ask(reader, id="1", kind="answer", text=text, now=NOW, expects=expects)
    assert set(answer) == {"id", "value", "confidence"}
    assert answer["value"] == value


def test_when(reader: Reader) -> None:
    answer = ask(reader, id="1", kind="when", text="friday after 3", now=NOW)
    assert answer["value"] == {
        "date_from": "2026-03-13", "date_to": "2026-03-13", "time_from": "15:00", "time_to": None,
    }  # fmt: skip
    assert ask(reader, id="1", kind="when", text="no idea", now=NOW)["value"] is None


@pytest.mark.parametrize(
    "line",
    [
        "", "{", "[]", "null", '"x"', "[" * 100_000, "{}",
        '{"id": "1"}',
        '{"id": "1", "kind": "poem", "text": "x"}',
        '{"id": "1", "kind": ["intent"], "text": "x"}',
        '{"id": "1", "kind": "intent"}',
        '{"id": "1", "kind": "intent", "text": 5}',
        '{"id": "1", "kind": "intent", "text": "x", "lang": 5}',
        '{"id": "1", "kind": "when", "text": "x"}',
        '{"id": "1", "kind": "when", "text": "x", "now": "yesterday"}',
        '{"id": "1", "kind": "when", "text": "x", "now": 5}',
        '{"id": "1", "kind": "when", "text": "x", "now": "2026-03-11T10:00:00"}',
        '{"id": "1", "kind": "answer", "text": "x"}',
        '{"id": "1", "kind": "answer", "text": "x", "expects": 5}',
        '{"id": "1", "kind": "answer", "text": "x", "expects": {"type": "poem"}}',
        '{"id": "1", "kind": "answer", "text": "x", "expects": {"type": "choice"}}',
        '{"id": "1", "kind": "answer", "text": "x", "expects": {"type": "when"}}',
        '{"id": "1", "kind": "answer", "text": "x", "expects": {"type": "anything"}}',
        '{"id": "1", "kind": "answer", "text": "x", "expects": {"type": "date"}}',
    ],
)  # fmt: skip
def test_a_bad_line_is_told_and_no_more(reader: Reader, line: str) -> None:
    answer = answer_line(reader, line)
    assert set(answer) == {"id", "error"}
    assert answer["id"] == ("1" if '"id"' in line else None)


def test_an_error_does_not_repeat_the_text(reader: Reader) -> None:
    answer = ask(reader, id="1", kind="answer", text="Jane Doe", expects={"type": "scale", "min": "Jane Doe"})
    assert "Jane" not in answer["error"]


def test_the_confidence_of_a_triage_speaks_of_the_level(reader: Reader) -> None:
    text = "my cousin drove me there"
    answer = ask(reader, id="1", kind="triage", text=text)
    assert answer["level"] == "none"
    assert answer["confidence"] == reader.read(text).level_confidence != reader.read(text).confidence
