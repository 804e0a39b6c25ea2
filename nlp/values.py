"""Which of several values in a text is meant: "it was an 8 but now it's a 2" is 2, "6 or 7" is left open."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from nlp.normalise import plain_words
from nlp.numbers import Numeral

_DENOMINATOR = frozenset(
    {
        ("/",),
        ("out", "of"),
        ("out",),
        ("outta",),
        ("over",),
        ("of",),
        ("de",),
        ("sobre",),
        ("on", "a", "scale", "of"),
    }
)

_LEAVES = frozenset({"from", "desde"})
_OPENS = _LEAVES | {
    *("now", "today", "currently", "then", "was", "were", "is", "its", "and", "but", "since"),
    *("ahora", "ahorita", "hoy", "era", "fue", "estaba", "es", "esta", "y", "pero", "luego"),
}
_NOT = frozenset({"not", "isnt", "wasnt"})


@dataclass(frozen=True, slots=True)
class Said:
    """A value and the words that say it."""

    value: float
    start: int
    end: int


@cache
def phrase_words(phrase: str) -> tuple[str, ...]:
    """The words of a phrase of a table; never of a text, which is not to be remembered."""
    return plain_words(phrase)


def plain(phrase: str) -> str:
    """A phrase of a table as it stands in a line of plain words."""
    return " ".join(phrase_words(phrase))


def pick(words: tuple[str, ...], said: list[Said], table: Mapping[str, Any]) -> float | None:
    """The value that counts, or None where two are left open."""
    pointed = _pointed(words, said, table)
    if pointed is not None:
        return pointed
    said = _without_refused(words, _without_corrected(words, said, table))
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


def corrected_at(words: tuple[str, ...], table: Mapping[str, Any]) -> int | None:
    """The first word behind the last correction, if there is one."""
    line = f" {' '.join(words)} "
    ends = [
        cut + len(phrase) + 1
        for phrase in map(plain, table["corrections"])
        if (cut := line.rfind(f" {phrase} ")) >= 0
    ]
    if not ends:
        return None
    return line[: max(ends)].count(" ")  # words are parted by one blank each, empty ones too


def _pointed(words: tuple[str, ...], said: list[Said], table: Mapping[str, Any]) -> float | None:
    """ "Use the second": one of several values is pointed at."""
    ordinals, verbs = table["ordinals"], set(table["points_at"])
    for index, word in enumerate(words):
        if word in ordinals and verbs.intersection(words[max(0, index - 3) : index]) and len(said) > 1:
            place = int(ordinals[word])
            if place == -1 or 1 <= place <= len(said):
                return said[place - 1 if place > 0 else -1].value
    return None


def _without_refused(words: tuple[str, ...], said: list[Said]) -> list[Said]:
    """ "7 not 6" and "it isn't 6, it's 7" are 7."""
    if len(said) < 2:
        return said
    return [one for one in said if not _NOT.intersection(words[max(0, one.start - 2) : one.start])] or said


def without_denominator(words: tuple[str, ...], numerals: list[Numeral], top: int) -> list[Numeral] | None:
    """ "8/10" is 8; None if the text counts on another scale ("4/5" where 10 is the top)."""
    kept: list[Numeral] = []
    for numeral in _without_bounds(words, numerals, top):
        before = kept[-1] if kept else None
        between = words[before.end : numeral.start] if before is not None else ()
        if tuple(word for word in between if word != "(") in _DENOMINATOR:
            if numeral.value != top:
                return None
            continue
        if numeral.start and words[numeral.start - 1] == "-" and before is None:
            return None
        kept.append(numeral)
    return kept


def _without_bounds(words: tuple[str, ...], numerals: list[Numeral], top: int) -> list[Numeral]:
    """The numbers without the scale's own bounds, where there are others: "del 1 al 10 un 6"."""
    for one, two in itertools.pairwise(numerals):
        between = words[one.end : two.start]
        opened = words[max(0, one.start - 1) : one.start]
        if one.value in {0, 1} and two.value == top and between in _TO and opened in _SCALE_OPENS:
            return [numeral for numeral in numerals if numeral not in {one, two}] or numerals
    return numerals


_TO = frozenset({("to",), ("a",), ("al",), ("-",), ("through",)})
_SCALE_OPENS = frozenset({("from",), ("of",), ("scale",), ("de",), ("del",), ("escala",)})


def _without_corrected(words: tuple[str, ...], said: list[Said], table: Mapping[str, Any]) -> list[Said]:
    """What stands behind the last correction, if a value does; "5 no 4" is one too."""
    line = f" {' '.join(words)} "
    cut = max((line.rfind(f" {plain(phrase)} ") for phrase in table["corrections"]), default=-1)
    index = line[: cut + 1].count(" ") - 1 if cut >= 0 else 0
    for one, two in itertools.pairwise(said):
        if [word for word in words[one.end : two.start] if word.isalnum()] in (["no"], ["no", "no"]):
            index = max(index, two.start)
    return [one for one in said if one.start >= index] or said


def _alternatives(words: tuple[str, ...], said: list[Said], table: Mapping[str, Any]) -> bool:
    """ "6 or 7", "6-7", "6 to 7"; but "from 6 to 7" went up and is 7 now."""
    links = set(table["alternatives"])
    for one, two in itertools.pairwise(said):
        between = words[one.end : two.start]
        leaves = _before(words, one) & {"from", "de", "desde"} or _LEAVES.intersection(between)
        if len(between) <= 2 and links.intersection(between) and one.value != two.value and not leaves:
            return True
    return False


def _time_of(words: tuple[str, ...], one: Said, said: list[Said], table: Mapping[str, Any]) -> int:
    """-1 if the value is over, 1 if it is said to be now, else 0."""
    start, end = _clause(words, one, said, table)
    near = _before(words, one)
    following = min((other.start for other in said if other.start >= one.end), default=one.end)
    if near & _LEAVES or ("de" in near and words[following - 1 : following] == ("a",)):
        return -1
    clause = set(words[start:end])
    if clause.intersection(table["past"]):
        return -1
    return 1 if clause.intersection(table["present"]) else 0


def _before(words: tuple[str, ...], one: Said) -> set[str]:
    return set(words[max(0, one.start - 2) : one.start])


def _clause(words: tuple[str, ...], one: Said, said: list[Said], table: Mapping[str, Any]) -> tuple[int, int]:
    """The words around a value up to a comma or a "but", and those between it and another that are its own."""
    ends = set(table["clause_ends"])
    before = max((other.end for other in said if other.end <= one.start), default=0)
    after = min((other.start for other in said if other.start >= one.end), default=len(words))
    first = _parting(words, before, one.start) if before else 0
    last = _parting(words, one.end, after) if after < len(words) else after
    start, end = one.start, one.end
    while start > first and words[start - 1] not in ends:
        start -= 1
    while end < last and words[end] not in ends:
        end += 1
    return start, end


def _parting(words: tuple[str, ...], start: int, end: int) -> int:
    """Where what is said of the next value begins between two: "was 9 | now 4", "9 before meds | 4 after"."""
    return next((index for index in range(start, end) if words[index] in _OPENS), end)
