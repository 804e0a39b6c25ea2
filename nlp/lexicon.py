"""Loads `nlp/data/*.yaml` into one frozen `Lexicon`, once per process.

Every scalar is read as text ("no" stays "no"). A fault in a file is a ValueError that names the file and
the place: a clinic's words must not be dropped in silence.
"""

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nlp.measures import Measure
from nlp.negation import Denials
from nlp.normalise import plain_words
from nlp.numbers import NumberWords
from nlp.phrases import PhraseBook, ordinary_words
from nlp.reading import Intent, Level, Repair
from nlp.spelling import Speller

DATA = Path(__file__).parent / "data"

ALARMS = ("emergency.yaml", "crisis.yaml", "urgent.yaml")
REACHES = frozenset({"overlap", "before", "clause", "sentence", "message"})
_ELEMENT = re.compile(r"\[[^\]]*\]|\S+")
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One concept of an alarm file: "chest pain", an emergency of the category `cardiac`."""

    level: Level
    category: str
    concept: str
    even_if: frozenset[str]  # contexts that don't excuse it


@dataclass(frozen=True, slots=True)
class Context:
    """A group of `contexts.yaml`: what turns a symptom into a story, and how far it reaches."""

    name: str
    reach: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """The word lists of `corrections.yaml`; its patterns are in the book."""

    leads: frozenset[str]  # may stand before a correction phrase
    fillers: frozenset[str]  # say nothing beside a yes or no
    refuses: frozenset[str]  # the value behind is the wrong one
    instead: frozenset[str]  # the right one follows the wrong one


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """All that the data files say."""

    book: PhraseBook
    speller: Speller
    numbers: NumberWords
    measures: tuple[Measure, ...]
    denials: Denials
    alarms: Mapping[str, Alarm]  # by rule name
    contexts: Mapping[str, Context]  # by rule name
    intents: tuple[Intent, ...]  # the first that was found wins
    courtesy: frozenset[str]  # words that carry no intent
    repair_courtesy: frozenset[str]  # words beside which a repair is the whole message
    corrections: Corrections
    function_words: Mapping[str, frozenset[str]]  # by language
    listed: Mapping[str, str]  # the list of `words.yaml` that has a word, as <name>
    replies: Mapping[str, Any]
    dates: Mapping[str, Any]


def load(folder: Path = DATA) -> Lexicon:
    """Reads the data files of a folder. Raises ValueError, or OSError if one is missing."""
    spellings = _read(folder / "spellings.yaml")
    short_forms = {form: word for word, forms in spellings["short_forms"].items() for form in forms}
    words = {name: phrases(listed) for name, listed in _read(folder / "words.yaml").items()}
    book = PhraseBook(sets=words, short_forms=short_forms)
    alarms: dict[str, Alarm] = {}
    for name in ALARMS:
        alarms.update(_alarms(book, folder / name))
    contexts = _contexts(book, folder / "contexts.yaml")
    intents = _read(folder / "intents.yaml")
    order = _intents(book, intents, folder / "intents.yaml")
    replies = _tables(_read(folder / "replies.yaml"))
    for answer, patterns in replies["answers"].items():
        _add(book, f"reply:{answer}", patterns, folder / "replies.yaml")
    repairs = _repairs(book, folder / "repair.yaml")
    corrections = _corrections(book, folder / "corrections.yaml")
    book.seal()
    dates = _tables(_read(folder / "dates.yaml"))
    negation, languages = _read(folder / "negation.yaml"), _tables(_read(folder / "languages.yaml"))
    numbers = _read(folder / "numbers.yaml")
    known = book.vocabulary | _vocabulary([dates, negation, languages, numbers, list(short_forms.values())])
    return Lexicon(
        book=book,
        speller=Speller(
            mend=phrases(spellings["mend"]),
            short_forms=short_forms,
            known=known | ordinary_words() | set(phrases(spellings["ordinary"])),
        ),
        numbers=_numbers(numbers),
        measures=tuple(_measure(name, entry) for name, entry in _read(folder / "measures.yaml").items()),
        denials=_denials(negation),
        alarms=alarms,
        contexts=contexts,
        intents=order,
        courtesy=frozenset(phrases(intents["courtesy"])),
        repair_courtesy=repairs,
        corrections=corrections,
        function_words={name: frozenset(words) for name, words in languages.items()},
        listed={phrase: f"<{name}>" for name, listed in reversed(words.items()) for phrase in listed},
        replies=replies,
        dates=dates,
    )


def _read(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8") as stream:
        try:
            content = yaml.load(stream, Loader=_LOADER)  # noqa: S506 - a BaseLoader makes nothing but text
        except yaml.YAMLError as fault:
            raise ValueError(f"{path.name} is not valid YAML: {fault}") from fault
    if not isinstance(content, dict):
        raise ValueError(f"{path.name} must be a table of names")
    return content


def phrases(value: str | Iterable[str]) -> list[str]:
    """A list of the data files: a YAML list, or a text in which commas part the phrases."""
    if not isinstance(value, str):
        return list(value)
    return [phrase for part in value.split(",") if (phrase := " ".join(part.split()))]


def spelled_out(value: str | Iterable[str]) -> list[str]:
    """The phrases with each `a|b` written out, so that a rare word and not "i" leads to their patterns."""
    return [
        " ".join(chosen)
        for phrase in phrases(value)
        for chosen in itertools.product(
            *(
                [word] if word[0] in "[<" or "&" in phrase else word.split("|")
                for word in _ELEMENT.findall(phrase)
            )
        )
    ]


def _add(book: PhraseBook, rule: str, patterns: str | Iterable[str], path: Path) -> None:
    for pattern in phrases(patterns):
        try:
            book.add(rule, pattern)
        except ValueError as fault:
            raise ValueError(f"{path.name}, {rule}, {pattern!r}: {fault}") from fault


def _alarms(book: PhraseBook, path: Path) -> dict[str, Alarm]:
    content = _read(path)
    level = Level(content.pop("level"))
    alarms = {}
    for category, concepts in content.items():
        for entry in concepts:
            rule = f"{category}/{entry['concept']}"
            alarms[rule] = Alarm(
                level, category, entry["concept"], frozenset(phrases(entry.get("even_if", "")))
            )
            _add(book, f"alarm:{rule}", phrases(entry.get("en", "")) + phrases(entry.get("es", "")), path)
            _add(book, f"not:{rule}", entry.get("not", ""), path)
            _add(book, f"unless:{rule}", entry.get("unless", ""), path)
    return alarms


def _contexts(book: PhraseBook, path: Path) -> dict[str, Context]:
    content = _read(path)
    _add(book, "present:", content.pop("present"), path)
    contexts = {}
    for name, group in content.items():
        for reach in REACHES & group.keys():
            rule = f"{name}/{reach}"
            contexts[rule] = Context(name, reach)
            _add(book, f"context:{rule}", group[reach], path)
    return contexts


def _intents(book: PhraseBook, content: Mapping[str, Any], path: Path) -> tuple[Intent, ...]:
    order = phrases(content["order"])
    for name in order:
        entry = content[name]
        _add(book, f"intent:{name}", entry.get("say", ""), path)
        _add(book, f"whole:{name}", entry.get("whole", ""), path)
        _add(book, f"not:{name}", entry.get("not", ""), path)
    return tuple(Intent(name) for name in order)


def _repairs(book: PhraseBook, path: Path) -> frozenset[str]:
    """Fills in the patterns; what stands beside them as courtesy is given back."""
    content = _read(path)
    for repair in Repair:
        _add(book, f"repair:{repair}", spelled_out(content[repair]), path)
    return frozenset(content["courtesy"])


def _corrections(book: PhraseBook, path: Path) -> Corrections:
    content = _read(path)
    for kind, patterns in content["patterns"].items():
        _add(book, f"corrects:{kind}", spelled_out(patterns), path)
    return Corrections(
        **{name: frozenset(content[name]) for name in ("leads", "fillers", "refuses", "instead")}
    )


def _tables(content: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of a file, its texts parted into lists."""
    return {name: phrases(value) if isinstance(value, str) else value for name, value in content.items()}


def _split(listed: Iterable[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(plain_words(phrase) for phrase in listed)


def _denials(content: Mapping[str, list[str]]) -> Denials:
    return Denials(
        before=_split(content["before"]),
        after=_split(content["after"]),
        undone=_split(content["undone"]),
        alone_after=_split(content["alone_after"]),
        between=frozenset(word for phrase in content["between"] for word in plain_words(phrase)),
        joins=frozenset(content["joins"]),
        lists=frozenset(content["lists"]),
        stops=frozenset(content["stops"]),
    )


def _numbers(content: Mapping[str, Any]) -> NumberWords:
    def table(name: str) -> dict[str, int]:
        return {word: int(value) for word, value in content[name].items()}

    return NumberWords(
        units=table("units"),
        tens=table("tens"),
        hundreds=table("hundreds"),
        scales=table("scales"),
        joiners=frozenset(content["joiners"]),
        points=frozenset(content["points"]),
        zeros=frozenset(content["zeros"]),
        articles=frozenset(content["articles"]),
        halves=tuple(plain_words(phrase) for phrase in content["halves"]),
        not_numbers=tuple(plain_words(phrase) for phrase in content["not_numbers"]),
    )


def _measure(name: str, entry: Mapping[str, Any]) -> Measure:
    near = [plain_words(phrase) for phrase in entry["near"]]
    return Measure(
        name=name,
        near=frozenset(words[0] for words in near if len(words) == 1),
        near_pairs=frozenset(words for words in near if len(words) == 2),
        ranges=tuple((float(low), float(high)) for low, high in entry["ranges"]),
        decimal_alone=entry.get("alone") == "decimal",
    )


def _vocabulary(content: object) -> frozenset[str]:
    """Every word that stands anywhere in a table."""
    if isinstance(content, str):
        return frozenset(plain_words(content))
    parts = [*content, *content.values()] if isinstance(content, dict) else content
    assert isinstance(parts, list)
    return frozenset(word for part in parts for word in _vocabulary(part))
