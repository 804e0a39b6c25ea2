"""What a message measures: temperature, sugar, oxygen, pulse, blood pressure, age of a baby, weeks of a
pregnancy, a year that is over. Patterns of the lexicons name them with @.

Ranges and the words that must stand near are in `data/measures.yaml`; what isn't a plain range is here.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nlp.normalise import is_end
from nlp.numbers import Numeral
from nlp.phrases import Hit

REACH = 6
"""Words between a number and the word that says what it measures."""

BETWEEN_PRESSURES = frozenset({"/", "over", "sobre", "-", "\\", "con", "entre", "by"})
_DAYS = frozenset({"day", "days", "dia", "dias"})
_WEEKS = frozenset({"week", "weeks", "wk", "wks", "semana", "semanas", "sem"})
_MONTHS = frozenset({"month", "months", "mo", "mos", "mes", "meses"})
_BORN = frozenset({"old", "nacido", "nacida", "born", "newborn", "baby", "infant", "bebe", "edad", "tiene"})
_NOT_GESTATION = frozenset({"ago", "old", "from", "de nacido", "nacido", "nacida", "post", "later"})
_DOSES = frozenset(
    {
        "mg",
        "mcg",
        "ml",
        "units",
        "unit",
        "unidades",
        "days",
        "day",
        "weeks",
        "hours",
        "minutes",
        "years",
        "times",
        "am",
        "pm",
        ":",
        "/",
    }
)
_WHEN_IN_YEAR = frozenset({"in", "en", "back", "of", "del", "de", "since", "desde", "year", "like"})


@dataclass(frozen=True, slots=True)
class Measure:
    """One entry of `data/measures.yaml`."""

    name: str
    near: frozenset[str]
    near_pairs: frozenset[tuple[str, ...]]
    ranges: tuple[tuple[float, float], ...]
    decimal_alone: bool


def measure(
    words: tuple[str, ...], numerals: list[Numeral], measures: tuple[Measure, ...]
) -> dict[str, list[Hit]]:
    """Everything measured, by name."""
    found: dict[str, list[Hit]] = {}
    if not numerals:
        return found
    for numeral in numerals:
        for entry in measures:
            if _is(words, numeral, entry):
                found.setdefault(entry.name, []).append(Hit(numeral.start, numeral.end))
        for name, test in _SHAPES.items():
            if test(words, numeral):
                found.setdefault(name, []).append(Hit(numeral.start, numeral.end))
    for systolic, diastolic in pressures(words, numerals):
        hit = Hit(systolic.start, diastolic.end)
        for name, (high, low) in _PRESSURES.items():
            if systolic.value >= high or diastolic.value >= low:
                found.setdefault(name, []).append(hit)
    return found


def pressures(words: tuple[str, ...], numerals: list[Numeral]) -> list[tuple[Numeral, Numeral]]:
    """Pairs that can be a blood pressure in mmHg, "120/80" or "120 over 80"."""
    return [
        (first, second)
        for first, second in itertools.pairwise(numerals)
        if second.start - first.end <= 1
        and (second.start == first.end or words[first.end] in BETWEEN_PRESSURES)
        and is_pressure(first.value, second.value)
    ]


def is_pressure(systolic: float, diastolic: float) -> bool:
    """Whether a living person can have it."""
    return 60 <= systolic <= 300 and 30 <= diastolic <= 200 and systolic > diastolic


def names(measures: tuple[Measure, ...]) -> frozenset[str]:
    """What a pattern can name with @."""
    return frozenset({entry.name for entry in measures} | _SHAPES.keys() | _PRESSURES.keys())


_PRESSURES: Mapping[str, tuple[float, float]] = {"bp_crisis": (180, 110), "bp_high": (140, 90)}


def _is(words: tuple[str, ...], numeral: Numeral, entry: Measure) -> bool:
    if not any(low <= numeral.value <= high for low, high in entry.ranges):
        return False
    if _next(words, numeral) in _WEEKS | _DAYS | _MONTHS:
        return False
    if entry.decimal_alone and numeral.value % 1:
        return True
    start, end = _sentence(words, numeral)
    around = words[max(start, numeral.start - REACH) : min(end, numeral.end + REACH)]
    return any(word in entry.near for word in around) or any(
        pair in entry.near_pairs for pair in itertools.pairwise(around)
    )


def _sentence(words: tuple[str, ...], numeral: Numeral) -> tuple[int, int]:
    start, end = numeral.start, numeral.end
    while start > 0 and not is_end(words[start - 1]):
        start -= 1
    while end < len(words) and not is_end(words[end]):
        end += 1
    return start, end


def _next(words: tuple[str, ...], numeral: Numeral) -> str:
    return words[numeral.end] if numeral.end < len(words) else ""


def _newborn(words: tuple[str, ...], numeral: Numeral) -> bool:
    """Up to three months old: a fever is an emergency then."""
    unit = _next(words, numeral)
    limit = 90 if unit in _DAYS else 12 if unit in _WEEKS else 2 if unit in _MONTHS else 0
    around = words[max(0, numeral.start - 4) : numeral.end + 4]
    return numeral.value <= limit and any(word in _BORN for word in around)


def _gestation(words: tuple[str, ...], numeral: Numeral) -> bool:
    if _next(words, numeral) not in _WEEKS or not 4 <= numeral.value <= 42:
        return False
    after = words[numeral.end + 1 : numeral.end + 2]
    before = words[max(0, numeral.start - 1) : numeral.start]
    return not _NOT_GESTATION.intersection(after) and not {"hace", "in", "en", "for", "past"}.intersection(
        before
    )


def _preterm(words: tuple[str, ...], numeral: Numeral) -> bool:
    return numeral.value < 37 and _gestation(words, numeral)


def _old_year(words: tuple[str, ...], numeral: Numeral) -> bool:
    """ "In 2018". Which year it is now doesn't matter: nobody names the present year in a symptom."""
    before = words[max(0, numeral.start - 1) : numeral.start]
    return (
        1930 <= numeral.value <= 2099 and numeral.value % 1 == 0 and bool(_WHEN_IN_YEAR.intersection(before))
    )


def _many(words: tuple[str, ...], numeral: Numeral) -> bool:
    """More pills than anybody is told to take at once."""
    return 8 <= numeral.value <= 500 and numeral.value % 1 == 0 and _next(words, numeral) not in _DOSES


_SHAPES: Mapping[str, Callable[[tuple[str, ...], Numeral], bool]] = {
    "newborn": _newborn,
    "gestation": _gestation,
    "preterm": _preterm,
    "old_year": _old_year,
    "many": _many,
    "number": lambda _words, _numeral: True,
}
