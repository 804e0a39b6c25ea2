"""Which of several values in a text is meant: "it was an 8 but now it's a 2" is 2, "6 or 7" is left open."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nlp.normalise import plain_words
from nlp.numbers import Numeral

_DENOMINATOR = frozenset(
    {("/",), ("out", "of"), ("of",), ("de",), ("sobre",), ("over",), ("on", "a", "scale", "of")}
)


@dataclass(frozen=True, slots=True)
class Said:
    """A value and the words that say it."""

    value: float
    start: int
    end: int


def plain(phrase: str) -> str:
    """A phrase of a table as it stands in a line of plain words."""
    return " ".join(plain_words(phrase))


def pick(words: tuple[str, ...], said: list[Said], table: Mapping[str, Any]) -> float | None:
    """The value that counts, or None where two are left open."""
    said = _without_corrected(words, said, table)
    if len({one.value for one in said}) <= 1:
        return said[0].value if said else None
    if _alternatives(words, said, table):
        return None
    times = [(_time_of(words, one, said, table), one.value) for one in said]
    for wanted in ({1}, {0, 1}):
        values = {value for time, value in times if time in wanted}
        if len(values) == 1:
            return values.pop()
    return None


def without_denominator(words: tuple[str, ...], numerals: list[Numeral], top: int) -> list[Numeral] | None:
    """ "8/10" is 8; None if the text counts on another scale ("4/5" where 10 is the top)."""
    kept: list[Numeral] = []
    for numeral in numerals:
        before = kept[-1] if kept else None
        if before is not None and words[before.end : numeral.start] in _DENOMINATOR:
            if numeral.value != top:
                return None
            continue
        if numeral.start and words[numeral.start - 1] == "-" and before is None:
            return None
        kept.append(numeral)
    return kept


def _without_corrected(words: tuple[str, ...], said: list[Said], table: Mapping[str, Any]) -> list[Said]:
    """What stands behind the last correction, if a value does."""
    line = f" {' '.join(words)} "
    cut = max((line.rfind(f" {plain(phrase)} ") for phrase in table["corrections"]), default=-1)
    if cut < 0:
        return said
    index = len(line[:cut].split())
    return [one for one in said if one.start >= index] or said


def _alternatives(words: tuple[str, ...], said: list[Said], table: Mapping[str, Any]) -> bool:
    """ "6 or 7", "6-7", "6 to 7"; but "from 6 to 7" went up and is 7 now."""
    links = set(table["alternatives"])
    for one, two in itertools.pairwise(said):
        between = words[one.end : two.start]
        leaves = _before(words, one) & {"from", "de", "desde"}
        if len(between) <= 2 and links.intersection(between) and one.value != two.value and not leaves:
            return True
    return False


def _time_of(words: tuple[str, ...], one: Said, said: list[Said], table: Mapping[str, Any]) -> int:
    """-1 if the value is over, 1 if it is said to be now, else 0."""
    start, end = _clause(words, one, said, table)
    near = _before(words, one)
    if near & {"from", "desde"}:
        return -1
    clause = set(words[start:end])
    if clause.intersection(table["past"]):
        return -1
    return 1 if clause.intersection(table["present"]) else 0


def _before(words: tuple[str, ...], one: Said) -> set[str]:
    return set(words[max(0, one.start - 2) : one.start])


def _clause(words: tuple[str, ...], one: Said, said: list[Said], table: Mapping[str, Any]) -> tuple[int, int]:
    """The words around a value up to a comma, a "but" or the next value."""
    ends = set(table["clause_ends"])
    others = {index for other in said if other != one for index in range(other.start, other.end)}
    start, end = one.start, one.end
    while start > 0 and words[start - 1] not in ends and start - 1 not in others:
        start -= 1
    while end < len(words) and words[end] not in ends and end not in others:
        end += 1
    return start, end
