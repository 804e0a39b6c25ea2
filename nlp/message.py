"""A text with all that was found in it: what every rule about answers reads from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from nlp import intents
from nlp.dates.grammar import Grammar
from nlp.dates.resolve import wished
from nlp.lexicon import Lexicon
from nlp.measures import measure
from nlp.normalise import Text, is_end, normalise
from nlp.numbers import Numeral, find_numbers
from nlp.phrases import Hit, Match
from nlp.reading import Window
from nlp.repairs import Asked, asked_of_talk

_OPENERS = frozenset(
    {
        ",",
        "hi",
        "hello",
        "hey",
        "hola",
        "disculpe",
        "dias",
        "tardes",
        "noches",
        "and",
        "so",
        "ok",
        "y",
        "oiga",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`words` are those of `text`, mended. `wish` is what they say, whatever else may overrule it."""

    text: Text
    words: tuple[str, ...]
    numerals: list[Numeral]
    found: Mapping[str, list[Match]]  # by rule name, with its role in front
    measured: Mapping[str, list[Hit]]  # what it measures, by name; also where things begin and end
    wish: intents.Wish
    repair: Asked | None
    when: Window | None
    lexicon: Lexicon
    grammar: Grammar
    now: datetime | None


def understand(raw: str, lexicon: Lexicon, grammar: Grammar, now: datetime | None) -> Message:
    """Everything that the patterns, numbers and dates of the lexicon find in a text."""
    text = normalise(raw)
    words = lexicon.speller.mend(text.words)
    numerals = find_numbers(words, lexicon.numbers)
    measured = measure(words, numerals, lexicon.measures)
    measured["start"], measured["end"] = _starts(words), _ends(words)
    found = by_rule(lexicon.book.find(words, measured))
    return Message(
        text=text,
        words=words,
        numerals=numerals,
        found=found,
        measured=measured,
        wish=intents.wish(words, found, lexicon),
        repair=asked_of_talk(words, found, lexicon),
        when=wished(grammar.read(words), grammar, now) if now is not None else None,
        lexicon=lexicon,
        grammar=grammar,
        now=now,
    )


def _starts(words: tuple[str, ...]) -> list[Hit]:
    """Where something begins to be said: patterns name it `@start`."""
    return [
        Hit(index, index)
        for index in range(len(words))
        if index == 0 or is_end(words[index - 1]) or words[index - 1] in _OPENERS
    ]


def _ends(words: tuple[str, ...]) -> list[Hit]:
    """Where something has been said: patterns name it `@end`."""
    return [
        Hit(index, index)
        for index in range(len(words) + 1)
        if index == len(words) or is_end(words[index]) or words[index] == ","
    ]


def by_rule(matches: list[Match]) -> dict[str, list[Match]]:
    """The matches of each rule."""
    found: dict[str, list[Match]] = {}
    for match in matches:
        found.setdefault(match.rule, []).append(match)
    return found
