"""What a text measures in the unit asked: "half a pack", "1 hr 15 min", "12 stone 4", "6k", "2 hours" in minutes.

The tables are in `data/replies.yaml`: `units` (how many of the unit asked make one of the unit said), `amounts`
("half a", "couple of"), `smaller` (what a bare number behind a unit counts).
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nlp.lexicon import Lexicon
from nlp.measures import pressures
from nlp.numbers import Numeral
from nlp.values import Said, phrase_words

_JOINS = frozenset({(), ("and",), ("y",), (",",), ("con",), ("&",)})
_FRACTIONS = frozenset({2, 3, 4, 8})
_THOUSANDS = frozenset({"k", "thousand", "mil"})
_PARTS = {
    ("and", "a", "half"): 0.5,
    ("y", "media"): 0.5,
    ("y", "medio"): 0.5,
    ("and", "a", "quarter"): 0.25,
    ("y", "cuarto"): 0.25,
    ("and", "three", "quarters"): 0.75,
    ("y", "tres", "cuartos"): 0.75,
}
"""What stands behind a unit and adds a part of one."""

_HALF, _COUPLE = 0.5, 2
_SAME = {"c": "f", "kg": "lb", "mmol/l": "mg/dl"}
"""Units of what has the same name."""

_FEET, _INCHES = range(3, 8), range(12)


@dataclass(frozen=True, slots=True)
class Measures:
    """The unit asked, and what one of each other unit makes in it."""

    unit: str
    factors: Mapping[str, float]
    low: float
    high: float

    @property
    def may_be_none(self) -> bool:
        """Whether "none" is a nought: nobody weighs nothing."""
        return self.low == 0

    def has(self, value: float) -> bool:
        """Whether a living person can have the value."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class _Amount:
    """`count` of the unit `word`, "" where none is said."""

    count: float
    word: str
    start: int
    end: int


def measures_of(unit: str, table: Mapping[str, Any]) -> Measures:
    """The tables of a unit; one that is unknown converts to nothing."""
    name = unit.casefold()
    name = table["same_unit"].get(name, name)
    factors = {word: float(factor) for word, factor in table["units"].get(name, {}).items()}
    low, high = table["plausible"].get(name, (0, "inf"))
    return Measures(name, {**factors, name: 1.0}, float(low), float(high))


def amounts(
    words: tuple[str, ...], numerals: Sequence[Numeral], measures: Measures, lexicon: Lexicon
) -> list[Said]:
    """Every amount of the unit asked, from left to right; what counts something else is left out."""
    table = lexicon.replies
    found = _compound(words, _counted(words, numerals, measures, lexicon), measures, table)
    names = [_name(words, amount.start, table) for amount in found]
    own = _SAME.get(measures.unit, measures.unit)
    said = [
        Said(amount.count * measures.factors.get(amount.word, 1.0), amount.start, amount.end)
        for amount, name in zip(found, names, strict=True)
        if (name == own if own in names else not _counts_other(words, amount, measures, lexicon))
    ]
    fitting = [one for one in said if measures.has(one.value)]
    return fitting or said


def elsewhere(words: tuple[str, ...], start: int, lexicon: Lexicon) -> bool:
    """Whether a number belongs to something else for the word before it: "day 3", "took 2", "dec 5", "8:30"."""
    linked = start > 1 and words[start - 1] in _NAMING  # "my room is 7"
    before = words[start - 1 - linked] if start else ""
    months = {name for names in lexicon.dates["months"].values() for name in names}
    if before in lexicon.replies["other_before"] or before in months:
        return True
    behind = before == ":" and start > 1 and _digits(words, start - 2)
    return behind or (words[start + 1 : start + 2] == (":",) and _digits(words, start + 2))


_NAMING = frozenset({"is", "number", "#", "no"})


def _name(words: tuple[str, ...], start: int, table: Mapping[str, Any]) -> str:
    """The unit of what is named right before a number, "" for nothing: "%" in "spo2 is 97"."""
    links = set(table["measured_links"])
    while start and words[start - 1] in links:
        start -= 1
    for unit, listed in table["measured"].items():
        for phrase in map(phrase_words, listed):
            if start >= len(phrase) and words[start - len(phrase) : start] == phrase:
                return str(unit)
    return ""


def _digits(words: tuple[str, ...], index: int) -> bool:
    return index < len(words) and words[index][0].isdigit()


# -- single amounts ----------------------------------------------------------------------------------


def _counted(
    words: tuple[str, ...], numerals: Sequence[Numeral], measures: Measures, lexicon: Lexicon
) -> list[_Amount]:
    phrases = sorted(
        ((phrase_words(phrase), float(count)) for phrase, count in lexicon.replies["amounts"].items()),
        key=lambda pair: -len(pair[0]),
    )
    whole = _spoken(numerals) if measures.unit in {"f", "c"} else numerals
    numbers = {numeral.start: numeral for numeral in _fractions(words, whole)}
    found: list[_Amount] = []
    index = 0
    while index < len(words):
        amount = _worded(words, index, phrases, measures) or _numbered(words, index, numbers)
        if amount is None:
            index += 1
            continue
        amount = _with_unit(words, amount, measures)
        found.append(amount)
        index = amount.end
    return found


def _worded(
    words: tuple[str, ...],
    index: int,
    phrases: Sequence[tuple[tuple[str, ...], float]],
    measures: Measures,
) -> _Amount | None:
    """ "Half a pack", "couple of hours", "pack and a half": an amount without a number."""
    for phrase, count in phrases:
        end = index + len(phrase)
        if words[index:end] != phrase:
            continue
        if end < len(words) and (words[end] in measures.factors or words[end] == "dozen"):
            return _Amount(
                count * (12 if words[end] == "dozen" else 1), "", index, end + (words[end] == "dozen")
            )
        if count in {_HALF, _COUPLE} and end == len(words) and index == 0:
            return _Amount(count, "", index, end)
    if words[index] in measures.factors and any(
        words[index + 1 : index + 1 + len(part)] == part for part in _PARTS
    ):
        return _Amount(1.0, "", index, index)
    return None


def _numbered(words: tuple[str, ...], index: int, numbers: Mapping[int, Numeral]) -> _Amount | None:
    numeral = numbers.get(index)
    if numeral is None:
        return None
    thousands = not numeral.spelled and _word(words, numeral.end) in _THOUSANDS
    return _Amount(numeral.value * (1000 if thousands else 1), "", numeral.start, numeral.end + thousands)


def _fractions(words: tuple[str, ...], numerals: Sequence[Numeral]) -> list[Numeral]:
    """The numbers, with "1/2" and "6 1/2" as one."""
    found: list[Numeral] = []
    rest = list(numerals)
    while rest:
        one = rest.pop(0)
        if rest and words[one.end : rest[0].start] == ("/",) and 0 < one.value < rest[0].value in _FRACTIONS:
            below = rest.pop(0)
            part = one.value / below.value
            if found and found[-1].end in {one.start, one.start - 1} and found[-1].value % 1 == 0:
                whole = found.pop()
                one = Numeral(whole.value + part, whole.start, below.end)
            else:
                one = Numeral(part, one.start, below.end)
        found.append(one)
    return found


def _spoken(numerals: Sequence[Numeral]) -> list[Numeral]:
    """Of temperatures "98 6" is 98.6."""
    found: list[Numeral] = []
    for numeral in numerals:
        before = found[-1] if found else None
        behind = before is not None and before.end == numeral.start and before.value % 1 == 0
        if before is not None and behind and numeral.value in range(10) and _is_warm(before.value):
            found[-1] = Numeral(before.value + numeral.value / 10, before.start, numeral.end)
        else:
            found.append(numeral)
    return found


def _is_warm(degrees: float) -> bool:
    return 90 <= degrees <= 110 or 32 <= degrees <= 43


def _with_unit(words: tuple[str, ...], amount: _Amount, measures: Measures) -> _Amount:
    """The amount with the unit behind it, and with the part behind that: "68 kilos y medio"."""
    word = _word(words, amount.end)
    if word not in measures.factors:
        return amount
    amount = replace(amount, word=word, end=amount.end + 1)
    for part, share in _PARTS.items():
        if words[amount.end : amount.end + len(part)] == part:
            return replace(amount, count=amount.count + share, end=amount.end + len(part))
    return amount


def _word(words: tuple[str, ...], index: int) -> str:
    return words[index] if index < len(words) else ""


# -- amounts that belong together --------------------------------------------------------------------


def _compound(
    words: tuple[str, ...], found: list[_Amount], measures: Measures, table: Mapping[str, Any]
) -> list[_Amount]:
    """ "7 lb 8 oz", "12 stone 4" and "5 feet 10" are one amount each."""
    joined: list[_Amount] = []
    for amount in found:
        before = joined[-1] if joined else None
        if before is None or words[before.end : amount.start] not in _JOINS:
            joined.append(amount)
            continue
        big, small = _pair(before, amount, words, measures, table)
        if 0 < small < big and (before.count % 1 == 0):
            whole = before.count * big + amount.count * small
            joined[-1] = _Amount(whole, measures.unit, before.start, amount.end)
        else:
            joined.append(amount)
    return joined


def _pair(
    before: _Amount, amount: _Amount, words: tuple[str, ...], measures: Measures, table: Mapping[str, Any]
) -> tuple[float, float]:
    """What one of each of two neighbours makes; noughts where they don't belong together."""
    factors = measures.factors
    if before.word and before.word != measures.unit:
        small = amount.word or table["smaller"].get(before.word, "")
        apart = not amount.word and words[before.end : amount.start]
        return (0, 0) if apart else (factors[before.word], factors.get(small, 0))
    if before.word:
        small = amount.word or table["smaller"].get(before.word, "")
        return factors[before.word], factors.get(small, 0)
    heights = "feet" in factors and not words[before.end : amount.start]
    if heights and before.count in _FEET and amount.count in _INCHES:
        return factors["feet"], factors["in"]
    return 0, 0


# -- what counts something else ----------------------------------------------------------------------


def _counts_other(words: tuple[str, ...], amount: _Amount, measures: Measures, lexicon: Lexicon) -> bool:
    table = lexicon.replies
    if elsewhere(words, amount.start, lexicon):
        return True
    if amount.word:
        return _word(words, amount.start - 1) in table["changes"] if amount.start else False
    units = {word for factors in table["units"].values() for word in factors if len(word) > 2}
    other = (set(table["other_counts"]) | units) - set(measures.factors)
    return _word(words, amount.end) in other or (
        amount.start > 0 and words[amount.start - 1] in table["changes"]
    )


def without_others(words: tuple[str, ...], numerals: list[Numeral], measures: Measures) -> list[Numeral]:
    """The numbers, a blood pressure and a height left out where there are others: "120/80 pulse 72"."""
    pairs = {numeral for pair in pressures(words, numerals) for numeral in pair}
    if measures.unit in {"lb", "kg"}:
        pairs |= {
            numeral
            for feet, inches in itertools.pairwise(numerals)
            if feet.end == inches.start and feet.value in _FEET and inches.value in _INCHES
            for numeral in (feet, inches)
        }
    if measures.unit == "%":  # "o2 97"; but "1 o 2" are two numbers
        pairs |= {
            numeral
            for numeral in numerals
            if numeral.value == 2
            and words[numeral.start - 1 : numeral.start] == ("o",)
            and numeral.start == 1
        }
    return [numeral for numeral in numerals if numeral not in pairs] or numerals


def spans(words: tuple[str, ...], said: Sequence[Said], measures: Measures) -> bool:
    """ "From 10 to 6": two times of day, and not how many hours lie between."""
    return measures.unit in {"h", "min"} and any(
        {"from", "de", "desde", "between", "entre"}.intersection(words[max(0, one.start - 2) : one.start])
        for one, _ in itertools.pairwise(said)
    )
