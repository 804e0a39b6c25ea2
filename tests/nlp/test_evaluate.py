"""`bot understand --evaluate`: what is counted, and how it is told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.cli.understand import understand
from nlp.evaluate import GRAVE, Evaluation, evaluate, report
from nlp.message import Message
from nlp.reader import Reader
from nlp.safety import Verdict

DATA = Path(__file__).parent / "data"

FLOORS = {
    "triage, emergency or crisis somebody hears of": 0.97,
    "triage, emergency or crisis at its level": 0.91,
    "triage, urgent somebody hears of": 0.96,
    "triage, harmless left alone": 0.91,
    "intent": 0.97,
    "answer": 0.95,
    "answer, no answer is none": 0.94,
    "when": 0.95,
}
"""What the release reads of messages that nobody looked at (`nlp/README.md`), less about one message."""

LINES: list[dict[str, Any]] = [
    {"text": "i cant breathe", "level": "emergency", "lang": "en", "trait": ["short"]},
    {"text": "me duele el pecho", "level": "emergency", "lang": "es"},
    {"text": "what time is my visit", "level": "emergency", "lang": "en", "trait": ["short", "made_up"]},
    {"kind": "intent", "text": "yes", "intent": "cancel", "lang": "en"},
    {"kind": "intent", "text": "please cancel it", "intent": "cancel", "lang": "en"},
    {"kind": "answer", "text": "7", "expects": {"type": "scale", "min": 0, "max": 10}, "value": 7},
    {"kind": "answer", "text": "why", "expects": {"type": "scale", "min": 0, "max": 10}, "value": None},
]


def evaluated(reader: Reader) -> Evaluation:
    return evaluate(reader, map(json.dumps, LINES))


def test_each_figure_is_counted(reader: Reader) -> None:
    figures = {name: (tally.right, tally.total) for name, tally in evaluated(reader).figures.items()}
    assert figures == {
        "triage": (2, 3),
        "triage, emergency or crisis somebody hears of": (2, 3),
        "triage, emergency or crisis at its level": (2, 3),
        "intent": (1, 2),
        "answer": (2, 2),
        "answer, a value": (1, 1),
        "answer, no answer is none": (1, 1),
    }


def test_slices_are_languages_and_traits(reader: Reader) -> None:
    slices = {name: (tally.right, tally.total) for name, tally in evaluated(reader).slices.items()}
    assert slices["triage, lang es"] == (1, 1)
    assert slices["triage, trait short"] == (1, 2)
    assert slices["triage, trait made_up"] == (0, 1)


def test_the_report_shows_what_was_taken_for_what_and_the_misses(reader: Reader) -> None:
    told = "\n".join(report(evaluated(reader)))
    assert "triage: label, taken for" in told
    assert "wanted 'cancel', got 'confirm'" in told
    assert "expected calibration error" in told
    assert "what time is my visit" not in "\n".join(report(evaluated(reader), misses=False))


def test_a_line_without_a_label_is_named(reader: Reader) -> None:
    with pytest.raises(ValueError, match="line 2: needs a kind"):
        evaluate(
            reader,
            ['{"text": "yes", "kind": "intent", "intent": "confirm"}', '{"text": "yes", "kind": "intent"}'],
        )


def test_the_command(tmp_path: Any) -> None:
    path = tmp_path / "labelled.jsonl"
    path.write_text("\n".join(map(json.dumps, LINES)), encoding="utf-8")
    done = CliRunner().invoke(understand, ["--evaluate", str(path), "--no-misses"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("triage  ")
    path.write_text("{}", encoding="utf-8")
    failed = CliRunner().invoke(understand, ["--evaluate", str(path)])
    assert failed.exit_code == 1
    assert "line 1: needs a kind" in failed.output


def _shares(reader: Reader, pattern: str) -> dict[str, float]:
    lines = [line for path in DATA.glob(pattern) for line in path.read_text(encoding="utf-8").splitlines()]
    return {name: tally.share for name, tally in evaluate(reader, lines).figures.items()}


def test_what_was_measured_on_unseen_messages_holds(reader: Reader) -> None:
    """No message is shown: they stay unseen."""
    shares = _shares(reader, "*-unseen.jsonl")
    assert {name: shares[name] for name, floor in FLOORS.items() if shares[name] < floor} == {}


KEPT = {
    "triage": 0.97,
    "triage, emergency or crisis somebody hears of": 0.98,
    "triage, emergency or crisis at its level": 0.96,
    "triage, harmless left alone": 0.98,
}
"""Of the files that were looked at; where nothing stands here, 0.97."""


@pytest.mark.parametrize("pattern", ["examples.jsonl", "answer-written.jsonl", "when-written.jsonl"])
def test_what_was_read_once_stays_read(reader: Reader, pattern: str) -> None:
    shares = _shares(reader, pattern)
    assert {name: share for name, share in shares.items() if share < KEPT.get(name, 0.97)} == {}


def test_the_rules_alone_read_the_examples_as_before_there_were_models(
    verdict: Callable[[str], Verdict], understood: Callable[[str], Message]
) -> None:
    lines = [json.loads(line) for line in (DATA / "examples.jsonl").read_text(encoding="utf-8").splitlines()]
    levels = [(line["level"], verdict(line["text"]).level) for line in lines if line["kind"] == "triage"]
    grave = [found in GRAVE for wanted, found in levels if wanted in GRAVE]
    harmless = [found == "none" for wanted, found in levels if wanted == "none"]
    exact = [found == wanted for wanted, found in levels]
    wishes = [
        understood(line["text"]).wish.intent == line["intent"] for line in lines if line["kind"] == "intent"
    ]
    assert sum(grave) >= 0.99 * len(grave)
    assert sum(harmless) >= 0.98 * len(harmless)
    assert sum(exact) >= 0.97 * len(exact)
    assert sum(wishes) >= 0.97 * len(wishes)
