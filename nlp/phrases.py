"""The small language that the lexicons are written in, and the matcher that finds it in a text.

    chest pain            these words, one after the other
    hurt|hurts|ache       one of these words
    [my|his own] chest    words that may be there
    <limb>                one of the ways to say it listed under `words:`
    @fever                something measured, see `nlp/measures.py`
    cant .. breathe       up to three other words between
    cant ... breathe      up to eight other words between
    fever & chemo         both in the message, in any order

A gap never crosses the end of a sentence or a "but". Every run of plain words goes into one spaCy
`PhraseMatcher` (single words into a table), so that the length of the lexicon hardly matters; the patterns
are then joined from what was found.
"""

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nlp.normalise import is_end, plain_words

GAPS = {"..": 3, "...": 8}
TURNS = frozenset({"but", "pero"})
UNKNOWN = "_"
"""Stands for every word that no lexicon has: a patient's words never enter spaCy's string store."""

_ELEMENT = re.compile(r"\[[^\]]*\]|\S+")


@dataclass(frozen=True, slots=True)
class Hit:
    """Words `start` up to, not including, `end`. `between`: the words that stand in gaps."""

    start: int
    end: int
    between: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern found: one hit for each part between `&`."""

    rule: str
    parts: tuple[Hit, ...]

    @property
    def start(self) -> int:
        """First word of the match."""
        return min(part.start for part in self.parts)

    @property
    def end(self) -> int:
        """The word after the last."""
        return max(part.end for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Step:
    piece: str
    gap: int  # how many words may stand before it


@dataclass(frozen=True, slots=True)
class _Pattern:
    rule: str
    parts: tuple[tuple[_Step, ...], ...]


@dataclass(slots=True)
class PhraseBook:
    """All patterns of all lexicons. Fill with `add`, then `seal`, then `find` as often as you like."""

    sets: Mapping[str, Iterable[str]] = field(default_factory=dict)
    short_forms: Mapping[str, str] = field(default_factory=dict)  # spelled out here as in a text
    _pieces: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)
    _patterns: dict[str, list[_Pattern]] = field(default_factory=dict)  # by their first piece
    _single: dict[str, list[str]] = field(default_factory=dict)  # pieces by their one word
    _in_phrases: set[str] = field(default_factory=set)
    _vocab: Any = None
    _matcher: Any = None

    def add(self, rule: str, pattern: str) -> None:
        """One way to say `rule`. Raises ValueError for a pattern that can't be read."""
        if "&" in (pattern.strip()[:1], pattern.strip()[-1:]):
            raise ValueError("a pattern must not begin or end with &")
        for plain in _without_options(pattern):
            parts = tuple(self._part(part) for part in plain.split(" & "))
            first = parts[0][0].piece
            self._patterns.setdefault(first, []).append(_Pattern(rule, parts))

    def seal(self) -> None:
        """Builds the matcher. spaCy is imported here, so that the types of `nlp` stay cheap to import."""
        from spacy.matcher import PhraseMatcher
        from spacy.tokens import Doc
        from spacy.vocab import Vocab

        self._vocab = Vocab()
        self._matcher = PhraseMatcher(self._vocab, attr="ORTH")
        for piece, phrases in self._pieces.items():
            several = sorted(phrase for phrase in phrases if len(phrase) > 1)
            if several:
                self._matcher.add(piece, [Doc(self._vocab, words=list(phrase)) for phrase in several])
            for phrase in phrases.difference(several):
                self._single.setdefault(phrase[0], []).append(piece)
            self._in_phrases.update(word for phrase in several for word in phrase)
        self._pieces.clear()

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every word that some pattern has."""
        return frozenset(self._single) | self._in_phrases

    def find(self, words: tuple[str, ...], measured: Mapping[str, list[Hit]]) -> list[Match]:
        """Every pattern in the text, in no particular order; of each rule and pattern the first match."""
        hits = self._hits(words)
        hits.update({f"@{name}": found for name, found in measured.items()})
        ends = [index for index, word in enumerate(words) if is_end(word) or word in TURNS]
        found: dict[tuple[str, tuple[Hit, ...]], Match] = {}
        for piece in hits:
            for pattern in self._patterns.get(piece, ()):
                for parts in _join(pattern, hits, ends):
                    found.setdefault((pattern.rule, parts), Match(pattern.rule, parts))
        return list(found.values())

    def _hits(self, words: tuple[str, ...]) -> dict[str, list[Hit]]:
        from spacy.tokens import Doc

        hits: dict[str, list[Hit]] = {}
        for index, word in enumerate(words):
            for piece in self._single.get(word, ()):
                hits.setdefault(piece, []).append(Hit(index, index + 1))
        known = [word if word in self._in_phrases else UNKNOWN for word in words]
        names = self._vocab.strings
        for key, start, end in self._matcher(Doc(self._vocab, words=known)):
            hits.setdefault(names[key], []).append(Hit(start, end))
        return hits

    def _part(self, part: str) -> tuple[_Step, ...]:
        """Steps of one part. Plain words in a row are one piece; all else is a piece of its own."""
        steps: list[_Step] = []
        run: list[str] = []
        gap = 0
        for element in [*_ELEMENT.findall(part), ""]:
            if element and element not in GAPS and element[0] not in "<@" and "|" not in element:
                run.append(element)
                continue
            if run:
                steps.append(_Step(self._piece(" ".join(run), [" ".join(run)]), gap))
                run, gap = [], 0
            if element in GAPS:
                gap = GAPS[element]
            elif element:
                steps.append(_Step(self._element(element), gap))
                gap = 0
        if not steps:
            raise ValueError(f"an empty part in the pattern {part!r}")
        return tuple(steps)

    def _element(self, element: str) -> str:
        if element[0] == "@":
            return element
        return self._piece(element, self._members(element.split("|")))

    def _members(self, entries: Iterable[str]) -> Iterable[str]:
        """The phrases of a list; an entry `<other>` stands for all phrases of that list."""
        for entry in entries:
            if not entry.startswith("<"):
                yield entry
            elif entry[1:-1] not in self.sets:
                raise ValueError(f"no list of words is named {entry}")
            else:
                yield from self._members(self.sets[entry[1:-1]])

    def _piece(self, name: str, phrases: Iterable[str]) -> str:
        if name not in self._pieces:
            split = {
                tuple(self.short_forms.get(word, word) for word in plain_words(phrase)) for phrase in phrases
            }
            if not split or () in split:
                raise ValueError(f"a phrase without words in {name!r}")
            self._pieces[name] = split
        return name


def ordinary_words() -> frozenset[str]:
    """The small words of both languages, which no speller may take for a slip of another word."""
    from spacy.lang.en.stop_words import STOP_WORDS as ENGLISH
    from spacy.lang.es.stop_words import STOP_WORDS as SPANISH

    return frozenset(
        word for listed in (ENGLISH, SPANISH) for phrase in listed for word in plain_words(phrase)
    )


def _without_options(pattern: str) -> list[str]:
    """The pattern with and without each `[…]`."""
    choices = [
        ("", *element[1:-1].split("|")) if element[0] == "[" else (element,)
        for element in _ELEMENT.findall(pattern)
    ]
    return [" ".join(filter(None, chosen)) for chosen in itertools.product(*choices)]


def _join(pattern: _Pattern, hits: Mapping[str, list[Hit]], ends: list[int]) -> Iterable[tuple[Hit, ...]]:
    """All first parts, each with the first match of the other parts."""
    others = []
    for part in pattern.parts[1:]:
        found = next(iter(_chains(part, hits, ends)), None)
        if found is None:
            return
        others.append(found)
    for first in _chains(pattern.parts[0], hits, ends):
        yield (first, *others)


def _chains(steps: tuple[_Step, ...], hits: Mapping[str, list[Hit]], ends: list[int]) -> Iterable[Hit]:
    """Spans in which the steps follow one another within their gaps."""
    if any(step.piece not in hits for step in steps):
        return
    spans = list(hits[steps[0].piece])
    for step in steps[1:]:
        spans = [
            Hit(span.start, hit.end, (*span.between, *range(span.end, hit.start)))
            for span in spans
            for hit in hits[step.piece]
            if 0 <= hit.start - span.end <= step.gap and not any(span.end <= end < hit.start for end in ends)
        ][:64]
    yield from spans
