from pathlib import Path

import pytest

from nlp import lexicon
from nlp.lexicon import DATA, Lexicon, phrases, spelled_out
from nlp.reading import Intent, Level


def test_the_shipped_lexicons_cover_every_level_and_intent(shipped: Lexicon) -> None:
    assert {alarm.level for alarm in shipped.alarms.values()} == set(Level) - {Level.NONE}
    assert set(shipped.intents) == set(Intent) - {Intent.OTHER}


def test_every_exemption_names_a_context(shipped: Lexicon) -> None:
    names = {context.name for context in shipped.contexts.values()}
    assert all(alarm.even_if <= names for alarm in shipped.alarms.values())


def test_a_text_in_which_commas_part_the_phrases_is_a_list() -> None:
    assert phrases("chest  pain,\n  heart attack,") == ["chest pain", "heart attack"]
    assert phrases(["no", "yes"]) == ["no", "yes"]


def test_alternatives_are_written_out() -> None:
    assert spelled_out("skip it|this, go [a|b]") == ["skip it", "skip this", "go [a|b]"]
    assert spelled_out("i said .. but|pero") == ["i said .. but", "i said .. pero"]
    assert spelled_out("<day> & a|b") == ["<day> & a|b"]


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        ("emergency.yaml", "chest pains", "<nowhere> pains", "emergency.yaml, alarm:cardiac/chest pain"),
        ("intents.yaml", "order:", "order: [", "intents.yaml is not valid YAML"),
        ("repair.yaml", "skip question", "skip <nowhere>", "repair.yaml, repair:skip, 'skip <nowhere>'"),
        ("corrections.yaml", "que diga", "que <nowhere>", "corrections.yaml, corrects:meant"),
        ("urgent.yaml", "level: urgent", "level: soon", "soon"),
    ],
)
def test_a_fault_names_its_place(tmp_path: Path, name: str, old: str, new: str, complaint: str) -> None:
    for path in DATA.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(
            text.replace(old, new, 1) if path.name == name else text, encoding="utf-8"
        )
    with pytest.raises(ValueError, match=complaint):
        lexicon.load(tmp_path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        lexicon.load(tmp_path)
