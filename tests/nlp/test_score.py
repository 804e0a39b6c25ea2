"""The labelled messages of `examples.jsonl`: what was read once must stay read."""

import json
from pathlib import Path

import pytest

from nlp.reader import Reader
from nlp.score import main, score

EXAMPLES = Path(__file__).with_name("examples.jsonl")

FLOORS = {
    "emergency or crisis found": 0.99,
    "harmless left alone": 0.98,
    "triage": 0.97,
    "intent": 0.97,
    "answer": 0.97,
    "when": 0.97,
}


def test_the_examples_are_read_as_before(reader: Reader) -> None:
    result = score(reader, EXAMPLES.read_text(encoding="utf-8").splitlines())
    figures = {name: hits / total for name, (hits, total) in result.counts.items()}
    assert set(figures) == set(FLOORS)
    assert {name: figure for name, figure in figures.items() if figure < FLOORS[name]} == {}, result.misses


def test_a_miss_is_counted_and_shown(
    reader: Reader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        {"text": "i cant breathe", "level": "emergency"},
        {"kind": "intent", "text": "yes", "intent": "cancel"},
    ]
    path = tmp_path / "labelled.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert score(reader, path.read_text(encoding="utf-8").splitlines()).counts == {
        "triage": (1, 1),
        "emergency or crisis found": (1, 1),
        "intent": (0, 1),
    }
    main([str(path), "--misses"])
    assert "wanted 'cancel', got 'confirm'" in capsys.readouterr().out
