"""The training messages: their labels come from their paths, and the shipped models were trained from them."""

import json
from collections import Counter
from pathlib import Path

import pytest

from nlp import linear
from nlp.network import Network
from nlp.reading import Intent, Level
from nlp.training.corpus import Example, digest, examples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = {
        "triage/emergency/cardiac.en.txt": "my chest\\nhurts\n\n# a remark\n#2 is the pain\n",
        "triage/none/easy-b.es.txt": "gracias\n",
        "triage/pairs.en.txt": "none/historical | had a stroke once\n\nemergency/stroke | having a stroke\n",
        "intents/stop-b.en.txt": "knock it off\n",
        "intents/several.en.txt": "reschedule confirm | yes but at 4\n",
        "language/fr.txt": "bonjour\n",
        "language/mixed.txt": "hola my friend\n",
    }
    for name, content in lines.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def test_the_path_is_the_label(folder: Path) -> None:
    assert examples(folder) == [
        Example(text="my chest\nhurts", language="en", level="emergency", category="cardiac"),
        Example(text="#2 is the pain", language="en", level="emergency", category="cardiac"),
        Example(text="gracias", language="es", level="none", category="easy"),
        Example(text="had a stroke once", language="en", level="none", category="historical"),
        Example(text="having a stroke", language="en", level="emergency", category="stroke"),
        Example(text="yes but at 4", language="en", intent="reschedule"),
        Example(text="knock it off", language="en", intent="stop"),
        Example(text="bonjour", language="und"),
    ]


def test_a_pair_without_a_label_is_named(folder: Path) -> None:
    (folder / "triage/pairs.en.txt").write_text("had a stroke once\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"pairs\.en\.txt: no label"):
        examples(folder)


def test_the_digest_changes_with_any_message(folder: Path) -> None:
    before = digest(folder)
    (folder / "language/fr.txt").write_text("bonsoir\n", encoding="utf-8")
    assert digest(folder) != before


def test_every_label_is_one_of_the_reader() -> None:
    assert {one.level for one in examples() if one.level} == set(Level)
    assert {one.intent for one in examples() if one.intent} == set(Intent)
    assert {one.language for one in examples()} == {"en", "es", "und"}


def test_no_message_has_two_levels() -> None:
    told = {(one.text.casefold(), one.level) for one in examples() if one.level}
    twice = Counter(text for text, _ in told)
    assert [text for text, count in twice.items() if count > 1] == []


def test_no_message_of_the_measure_is_trained_on() -> None:
    trained = {" ".join(one.text.casefold().split()) for one in examples() if one.level}
    data = Path(__file__).parents[1] / "data"
    measured = {
        " ".join(line["text"].casefold().split())
        for name in ("triage-unseen", "triage-tuned")
        for line in _lines(data / f"{name}.jsonl")
        if len(line["text"].split()) > 4  # everybody may say "i cant breathe"
    }
    assert measured & trained == set()


def _lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_shipped_models_were_trained_from_these_messages() -> None:
    """Else train again: python -m nlp.training linear, and network."""
    assert (linear.load().corpus, Network().corpus) == (digest(), digest())
