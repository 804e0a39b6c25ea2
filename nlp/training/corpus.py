"""The messages that the model is trained from: text files under `nlp/training/`, one message a line.

    triage/<level>/<category>[-c].<en|es>.txt    the path is the label
    triage/pairs.<en|es>.txt                     `level/category | message`: alike, and yet not the same
    intents/<intent>[-c].<en|es>.txt             replies to a reminder
    intents/several.<en|es>.txt                  `main also[,also] | message`
    language/<code>.txt                          messages in other languages

A line that begins with "# " is a comment; "\\n" in a message is a line break. What follows a "-" tells batches by
different writers apart.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One message with what is known of it; None where nobody said."""

    text: str
    language: str
    level: str | None = None
    category: str | None = None
    intent: str | None = None


def examples(folder: Path = FOLDER) -> list[Example]:
    """Every message, in a fixed order. Raises ValueError for a line without its label."""
    return [
        *_triage(folder / "triage"),
        *_pairs(folder / "triage"),
        *_intents(folder / "intents"),
        *_languages(folder),
    ]


def digest(folder: Path = FOLDER) -> str:
    """Tells one state of the messages from another."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*.txt")):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:16]


def _lines(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("# "):
            yield line.strip().replace("\\n", "\n")


def _name(path: Path) -> tuple[str, str]:
    """What a file's name says: label and language."""
    label, language = path.name.removesuffix(".txt").rsplit(".", 1)
    return label.partition("-")[0], language


def _triage(folder: Path) -> Iterator[Example]:
    for path in sorted(folder.glob("*/*.txt")):
        category, language = _name(path)
        for text in _lines(path):
            yield Example(text=text, language=language, level=path.parent.name, category=category)


def _labelled(path: Path) -> Iterator[tuple[str, str]]:
    for line in _lines(path):
        label, bar, text = line.partition("|")
        if not bar:
            raise ValueError(f"{path.name}: no label and | before {text!r}")
        yield label.strip(), text.strip()


def _pairs(folder: Path) -> Iterator[Example]:
    for path in sorted(folder.glob("pairs.*.txt")):
        for label, text in _labelled(path):
            level, _, category = label.partition("/")
            yield Example(text=text, language=_name(path)[1], level=level, category=category)


def _intents(folder: Path) -> Iterator[Example]:
    for path in sorted(folder.glob("*.txt")):
        intent, language = _name(path)
        if intent == "several":
            for label, text in _labelled(path):
                yield Example(text=text, language=language, intent=label.split()[0])
        else:
            for text in _lines(path):
                yield Example(text=text, language=language, intent=intent)


def _languages(folder: Path) -> Iterator[Example]:
    for path in sorted((folder / "language").glob("*.txt")):
        if path.stem != "mixed":
            for text in _lines(path):
                yield Example(text=text, language="und")
