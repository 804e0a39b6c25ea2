"""Numbers in digits and in words, English and Spanish: "a hundred and thirty four", "ciento dos",
"one eighteen" (dictated, 118), "one oh three point nine" (103.9), "7 and a half".
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number that stands in words `start` up to, not including, `end`. `spelled`: in words."""

    value: float
    start: int
    end: int
    spelled: bool = False


@dataclass(frozen=True, slots=True)
class NumberWords:
    """The tables of `data/numbers.yaml`."""

    units: Mapping[str, int]  # one … nineteen, veintiuno …
    tens: Mapping[str, int]
    hundreds: Mapping[str, int]  # cien, doscientos …
    scales: Mapping[str, int]  # hundred, thousand, mil
    joiners: frozenset[str]  # and, y
    points: frozenset[str]
    zeros: frozenset[str]  # oh
    articles: frozenset[str]  # un, una
    halves: tuple[tuple[str, ...], ...]
    not_numbers: tuple[tuple[str, ...], ...]  # "no one", "one of"


def find_numbers(words: tuple[str, ...], table: NumberWords) -> list[Numeral]:
    """All numbers of a text from left to right, none overlapping."""
    found: list[Numeral] = []
    index = 0
    while index < len(words):
        phrase = next((p for p in table.not_numbers if words[index : index + len(p)] == p), ())
        if phrase:
            index += len(phrase)
            continue
        numeral = _at(words, index, table)
        if numeral is None:
            index += 1
            continue
        numeral = _with_half(words, numeral, table)
        found.append(numeral)
        index = numeral.end
    return found


def in_digits(words: tuple[str, ...], table: NumberWords) -> list[str]:
    """The words with every spelled number written in digits, for grammars that read digits."""
    written: list[str] = []
    index = 0
    for numeral in find_numbers(words, table):
        if not numeral.spelled:
            continue
        written += words[index : numeral.start]
        written.append(f"{numeral.value:g}")
        index = numeral.end
    return written + list(words[index:])


def parse(word: str) -> float | None:
    """The value of a word that is digits, else None. Absurdly long ones are no numbers."""
    if not word or not word[0].isdigit() or len(word) > 12:
        return None
    try:
        return float(word)
    except ValueError:
        return None


def _at(words: tuple[str, ...], index: int, table: NumberWords) -> Numeral | None:
    value = parse(words[index])
    if value is not None:
        return _hundreds(words, value, index, table) or _with_decimals(words, value, index, table)
    return _spelled(words, index, table)


def _hundreds(words: tuple[str, ...], value: float, index: int, table: NumberWords) -> Numeral | None:
    """ "1 hundred 50", "2 hundred and five"."""
    if (
        value not in range(1, 10)
        or table.scales.get(words[index + 1] if index + 1 < len(words) else "") != 100
    ):
        return None
    end = index + 2
    behind = end + (words[end : end + 1] != () and words[end] in table.joiners)
    rest = _any_value(words[behind], table) if behind < len(words) else None
    if rest is None or not 0 < rest < 100 or rest % 1:
        return Numeral(value * 100, index, end)
    spelled = _simple(words, behind, table)
    last, end = spelled or (int(rest), behind + 1)
    return Numeral(value * 100 + last, index, end) if last < 100 else Numeral(value * 100, index, end)


def _with_decimals(words: tuple[str, ...], value: float, index: int, table: NumberWords) -> Numeral:
    """ "98 point 6": dictated, the point stays a word."""
    point, digits = words[index + 1 : index + 2], words[index + 2 : index + 3]
    if point and point[0] in table.points and digits and value % 1 == 0:
        decimals, end = digits[0], index + 3
        if not (decimals.isdigit() and len(decimals) <= 2):
            decimals = _digits_after_point(words, index + 2, table)
            end = index + 2 + len(decimals)
        if decimals:
            return Numeral(float(f"{value:.0f}.{decimals}"), index, end)
    return Numeral(value, index, index + 1)


def _spelled(words: tuple[str, ...], index: int, table: NumberWords) -> Numeral | None:
    head = _simple(words, index, table)
    if head is None:
        return None
    value, end = _dictated(words, *head, table)
    if end + 1 < len(words) and words[end] in table.points:
        decimals = _digits_after_point(words, end + 1, table)
        if decimals:
            return Numeral(float(f"{value}.{decimals}"), index, end + 1 + len(decimals), spelled=True)
    return Numeral(float(value), index, end, spelled=True)


def _simple(words: tuple[str, ...], index: int, table: NumberWords) -> tuple[int, int] | None:
    """A number as it is written out in words, and the word after it."""
    value: int | None = None
    end = index
    if (
        words[index] in table.articles
        and end + 1 < len(words)
        and _any_value(words[end + 1], table) is not None
    ):
        return None  # "un 7" is a seven
    while end < len(words):
        word = words[end]
        if value is not None and word in table.joiners and end + 1 < len(words):
            next_value = _value(words[end + 1], table)
            if next_value is None or not _fits(value, next_value):
                break
        elif (grown := _grown(value, word, table)) is None:
            break
        else:
            value = grown
        end += 1
    return None if value is None else (value, end)


def _grown(value: int | None, word: str, table: NumberWords) -> int | None:
    """The value with one more word, or None if the word starts something else."""
    if word in table.scales:
        scale = table.scales[word]
        if value is None:
            return scale
        thousands, rest = divmod(value, 1000)
        return thousands * 1000 + rest * scale if 0 < rest < scale else None
    more = _value(word, table)
    if more is None or value is None:
        return more
    return value + more if _fits(value, more) else None


def _any_value(word: str, table: NumberWords) -> float | None:
    return parse(word) if word[:1].isdigit() else _value(word, table)


def _value(word: str, table: NumberWords) -> int | None:
    for part in (table.units, table.tens, table.hundreds):
        if word in part:
            return part[word]
    return None


def _fits(value: int, more: int) -> bool:
    """Whether `more` fills the empty places of `value`: 30 and 4, 100 and 34, 1000 and 250."""
    places = 10 if more < 10 else 100 if more < 100 else 1000
    return more > 0 and value >= 20 and value % places == 0


def _dictated(words: tuple[str, ...], value: int, end: int, table: NumberWords) -> tuple[int, int]:
    """ "One eighteen" is 118, "one oh three" 103, "nineteen fifty eight" 1958, as people say them."""
    if not (0 < value < 10 or value in {19, 20}) or end >= len(words):
        return value, end
    if words[end] in table.zeros and end + 1 < len(words):
        last = _value(words[end + 1], table)
        return (value * 100 + last, end + 2) if last is not None and 0 < last < 10 else (value, end)
    tail = _simple(words, end, table)
    if tail is not None and 10 <= tail[0] < 100:
        return value * 100 + tail[0], tail[1]
    return value, end


def _digits_after_point(words: tuple[str, ...], index: int, table: NumberWords) -> str:
    digits = ""
    for word in words[index : index + 2]:
        value = _value(word, table)
        if value is None or value > 9:
            break
        digits += str(value)
    return digits


def _with_half(words: tuple[str, ...], numeral: Numeral, table: NumberWords) -> Numeral:
    for phrase in table.halves:
        end = numeral.end + len(phrase)
        if words[numeral.end : end] == phrase:
            return Numeral(numeral.value + 0.5, numeral.start, end, numeral.spelled)
    return numeral
