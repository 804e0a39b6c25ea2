"""The answer to what was asked (`Expect`), or None where the text doesn't answer it: a question back, a
refusal, a number off the scale, two values left open. A later value corrects an earlier one.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nlp.amounts import amounts, elsewhere, measures_of, spans, without_others
from nlp.choices import choose
from nlp.dates.resolve import asked_date
from nlp.intents import WHOLE
from nlp.lexicon import Lexicon
from nlp.measures import is_pressure, pressures
from nlp.message import Message, understand
from nlp.normalise import is_end
from nlp.numbers import Numeral
from nlp.phrases import Match
from nlp.reading import (
    LONGEST_TEXT,
    Anything,
    BloodPressure,
    Choice,
    Date,
    Expect,
    FreeText,
    Intent,
    Number,
    Photo,
    Scale,
    Value,
    When,
    Window,
    YesNo,
)
from nlp.values import Said, pick, plain, without_denominator

CLEAR, LIKELY = 0.95, 0.8
"""Confidence: the answer and little else; an answer inside of a longer text."""

SHORT = 4
"""Words up to which a text is little else than its answer."""


def answer(expect: Expect, message: Message) -> tuple[Value | None, float]:
    """The value and how sure it is."""
    told = message if isinstance(expect, _TEXTS) else _without_question(message)
    value = _READERS[type(expect)](expect, told) if told is not None else None
    if value is None:
        return None, 0.0
    return value, CLEAR if len(message.words) <= SHORT else LIKELY


# -- questions back ----------------------------------------------------------------------------------


def _without_question(message: Message) -> Message | None:
    """What is told before a question back ("7, is that bad?"), the whole text if none is asked, else None."""
    asked = _question_at(message)
    if asked is None:
        return message
    cuts = [index for index in range(asked) if message.words[index] in _PARTS]
    head = message.text.raw[: message.text.spans[cuts[-1]][0]] if cuts else ""
    if not head.strip():
        return None
    told = understand(head, message.lexicon, message.grammar, message.now)
    weak = set(message.lexicon.replies["weak_yes"])
    return None if weak.issuperset(told.words) else told


_PARTS = frozenset({",", ".", "!", ";", "\n", "-", "but", "pero"})
_BEFORE_QUESTION = _PARTS | {"?", "and", "ok", "okay", "y", "so", "hi", "hello", "hola"}


def _question_at(message: Message) -> int | None:
    """Where a question back begins: more than a question mark behind an answer."""
    openers = [tuple(phrase.split()) for phrase in message.lexicon.replies["question_openers"]]
    words = message.words
    opened = [
        index
        for index in range(len(words))
        if (index == 0 or words[index - 1] in _BEFORE_QUESTION)
        and any(words[index : index + len(opener)] == opener for opener in openers)
    ]
    marked = [
        match.start
        for match in message.found.get("intent:question", ())
        if "?" in words and words[match.start] != "?"
    ]
    return min([*opened, *marked], default=None)


# -- yes or no ---------------------------------------------------------------------------------------


_BY_DIGIT = {"1": True, "one": True, "uno": True, "2": False, "two": False, "dos": False}


def _yes_no(expect: YesNo, message: Message) -> bool | None:
    said = [word for word in message.words if word.isalnum()]
    if expect.digits and len(said) == 1 and said[0] in _BY_DIGIT:
        return _BY_DIGIT[said[0]]
    hits = _longest(message.found, ("yes", "no", "both", "unsure"))
    if not hits or any(kind == "both" for kind, _ in hits) or hits[0][0] == "unsure":
        return None
    decided = [(kind, match) for kind, match in hits if kind in {"yes", "no"}]
    if len(decided) < len(hits) and _is_weak(message, decided):
        return None
    first, last = decided[0], decided[-1]
    between = message.words[first[1].end : last[1].start]
    kind = last[0] if _corrects(between, message.lexicon) else first[0]
    return kind == "yes"


def _is_weak(message: Message, decided: list[tuple[str, Match]]) -> bool:
    """Whether no more than an "ok" was said."""
    weak = set(message.lexicon.replies["weak_yes"])
    return all(weak.issuperset(message.words[match.start : match.end]) for _, match in decided)


def _longest(found: Mapping[str, list[Match]], kinds: Sequence[str]) -> list[tuple[str, Match]]:
    """The matches of some answers from left to right; where two overlap the longer one counts, then the later
    kind."""
    hits = [(kind, match) for kind in kinds for match in found.get(f"reply:{kind}", ())]
    hits.sort(key=lambda hit: (hit[1].start - hit[1].end, hit[1].start, kinds.index(hit[0])))
    kept: list[tuple[str, Match]] = []
    for kind, match in hits:
        if not any(one.start < match.end and match.start < one.end for _, one in kept):
            kept.append((kind, match))
    return sorted(kept, key=lambda hit: hit[1].start)


def _corrects(words: tuple[str, ...], lexicon: Lexicon) -> bool:
    line = f" {' '.join(words)} "
    return any(
        f" {phrase} " in line for phrase in (*map(plain, lexicon.replies["corrections"]), "bueno", "well")
    )


# -- numbers -----------------------------------------------------------------------------------------


def _scale(expect: Scale, message: Message) -> int | None:
    said = without_denominator(message.words, message.numerals, expect.max)
    if said is None:
        return None
    said = [numeral for numeral in said if not _of_something_else(message, numeral)]
    if not said:
        return None if message.numerals else _worded(expect, message)
    value = _settled(message, [Said(n.value, n.start, n.end) for n in said])
    if value is None or value % 1 or not expect.min <= value <= expect.max:
        return None
    return int(value)


_ARTICLES = frozenset({"a", "an", "un", "una", "el"})
_DECADE = 20
"""From here on a number in the plural is a range: "low 90s"; "all 5s" are fives."""


def _worded(expect: Scale, message: Message) -> int | None:
    """An end of the scale in words: "no pain", "maximum"."""
    hits = _longest(message.found, ("top", "unsure"))
    if hits and hits[0][0] == "top":
        return expect.max
    return _zero(message) if expect.min <= 0 else None


def _of_something_else(message: Message, numeral: Numeral) -> bool:
    """Whether a number isn't the one on the scale: "2 pills", "day 3", "my visit is at 3", "not 10"."""
    words, table = message.words, message.lexicon.replies
    before = words[numeral.start - 1] if numeral.start else ""
    is_hour = before == "at" and not set(table["at_hour_of"]).isdisjoint(words)
    return (
        is_hour
        or before == "not"
        or before in table["taken"]
        or _after(words, numeral) in {"x", *table["other_counts"]}
        or elsewhere(words, numeral.start, message.lexicon)
        or _asks_meaning(words, numeral)
    )


def _asks_meaning(words: tuple[str, ...], numeral: Numeral) -> bool:
    """ "10 is the worst, right?" asks what the scale means; "6 is that normal?" tells a six."""
    verb, behind = words[numeral.end : numeral.end + 1], words[numeral.end + 1 : numeral.end + 2]
    return "?" in words and not _MEANS.isdisjoint(verb) and _THAT.isdisjoint(behind)


_MEANS = frozenset({"is", "es", "means", "being", "significa"})
_THAT = frozenset({"that", "this", "it", "eso", "esto"})


def _settled(message: Message, said: list[Said]) -> float | None:
    """The value that counts; none where only a limit is told: "more than 7"."""
    table = message.lexicon.replies
    limits = [tuple(phrase.split()) for phrase in table["limits"]]
    remainders = [("+",), *(tuple(phrase.split()) for phrase in table["remainders"])]
    words = message.words
    open_ended = [
        one
        for one in said
        if any(words[one.end : one.end + len(more)] == more for more in remainders)
        or any(
            words[max(0, start - len(limit)) : start] == limit
            for limit in limits
            for start in {one.start, one.start - (words[one.start - 1] in _ARTICLES)}
        )
        or words[one.end :] == ("o",)  # "5 or", or a slip for 50
        or (words[one.end : one.end + 1] == ("s",) and one.value >= _DECADE and not one.value % 10)
    ]
    return None if open_ended else pick(words, said, table)


def _zero(message: Message) -> int | None:
    """ "No pain" is a nought, unless something else is said besides."""
    hits = _longest(message.found, ("nothing", "not none", "not former", "unsure"))
    return 0 if hits and hits[0][0] == "nothing" else None


def _number(expect: Number, message: Message) -> float | None:
    measures = measures_of(expect.unit, message.lexicon.replies)
    numerals = without_others(message.words, message.numerals, measures)
    said = amounts(message.words, numerals, measures, message.lexicon)
    if not said:
        return float(0) if measures.may_be_none and _zero(message) == 0 else None
    several = spans(message.words, said, measures) or _at_meals(message.words, said)
    value = None if several else _settled(message, said)
    value = None if value is None else _degrees(value, measures.unit)
    return value if value is not None and measures.has(value) else None


def _at_meals(words: tuple[str, ...], said: list[Said]) -> bool:
    """ "110 before breakfast 150 after": two values, each of its own time."""
    both = not _BEFORE.isdisjoint(words) and not _AFTER.isdisjoint(words)
    return both and len({one.value for one in said}) > 1


_BEFORE, _AFTER = frozenset({"before", "antes"}), frozenset({"after", "despues"})


def _within(expect: Number, message: Message) -> float | None:
    """A number off the bounds is none: it is told by asking again, not by taking the nearest."""
    value = _number(expect, message)
    if value is None or (expect.min is not None and value < expect.min):
        return None
    return None if expect.max is not None and value > expect.max else value


def _degrees(value: float, unit: str) -> float:
    """A body has 90 to 110 °F or 32 to 43 °C: a number in the other range was said in the other unit."""
    if unit == "f" and 32 <= value <= 43:
        return round(value * 1.8 + 32, 1)
    if unit == "c" and 90 <= value <= 110:
        return round((value - 32) / 1.8, 1)
    return round(value, 2)


def _after(words: tuple[str, ...], numeral: Numeral) -> str:
    return words[numeral.end] if numeral.end < len(words) else ""


def _blood_pressure(_expect: BloodPressure, message: Message) -> dict[str, int] | None:
    pairs = (
        pressures(message.words, message.numerals)
        or _named_pressures(message)
        or _with_comma(message)
        or _joined_pressures(message)
    )
    if not pairs:
        return None
    pairs = [pairs[0], *(two for one, two in itertools.pairwise(pairs) if two[0] != one[1])]  # "120/80/70"
    table = {first.value * 1000 + second.value: (first, second) for first, second in pairs}
    said = [Said(key, first.start, second.end) for key, (first, second) in table.items()]
    key = pick(message.words, said, message.lexicon.replies)
    if key is None:
        return None
    first, second = table[key]
    return {"systolic": int(first.value), "diastolic": int(second.value)}


def _named_pressures(message: Message) -> list[tuple[Numeral, Numeral]]:
    """ "Top number 150 bottom 95": the larger is the systolic, whichever was named first."""
    names = set(message.lexicon.replies["systolic"]) | set(message.lexicon.replies["diastolic"])
    if names.isdisjoint(message.words) or len(message.numerals) < 2:
        return []
    first, second = sorted(message.numerals[:2], key=lambda numeral: -numeral.value)
    return [(first, second)] if is_pressure(first.value, second.value) else []


def _joined_pressures(message: Message) -> list[tuple[Numeral, Numeral]]:
    """ "119 and 72", where it is all that is said in numbers."""
    if len(message.numerals) != 2:
        return []
    first, second = message.numerals
    between = message.words[first.end : second.start]
    return [(first, second)] if between in _JOINS and is_pressure(first.value, second.value) else []


_JOINS = frozenset({("and",), ("y",), ("to",), ("a",), ("&",), (",",), ("on",), ("/", "/")})


def _with_comma(message: Message) -> list[tuple[Numeral, Numeral]]:
    """ "125,80" and "125.80": two numbers that look like one."""
    parts = [(one, message.words[one.start].partition(".")) for one in message.numerals if not one.spelled]
    return [
        (replace(one, value=float(first)), replace(one, value=float(second)))
        for one, (first, _, second) in parts
        if len(second) in {2, 3} and is_pressure(float(first), float(second))
    ]


# -- choices and dates -------------------------------------------------------------------------------


def _choice(expect: Choice, message: Message) -> str | None:
    hits = _longest(message.found, ("yes", "no", "unsure"))
    firm = [kind for kind, match in hits if kind != "unsure" or not _hedges(message, match)]
    return choose(
        expect.options,
        message.words,
        message.numerals,
        message.lexicon,
        found=message.found,
        refuses=bool(firm) and firm[0] == "unsure",
        says=hits[0][0] if hits else None,
    )


def _hedges(message: Message, match: Match) -> bool:
    return " ".join(message.words[match.start : match.end]) in message.lexicon.replies["hedges"]


def _date(expect: Date, message: Message) -> Value | None:
    if message.now is None:
        return None
    return asked_date(message.grammar.read(message.words), message.grammar, message.now, past=expect.past)


def _when(_expect: When, message: Message) -> Window | None:
    return message.when


# -- texts -------------------------------------------------------------------------------------------

_NO_ANSWER = frozenset({Intent.HUMAN, Intent.HELP, Intent.STOP, Intent.START})


def _free_text(_expect: FreeText, message: Message) -> str | None:
    wish = message.wish
    if message.repair is not None or not _NO_ANSWER.isdisjoint({wish.intent, *wish.also}):
        return None
    if all(word == "\n" for word in message.words) or _asks_back(message):
        return None
    return message.text.raw.strip()[:LONGEST_TEXT].rstrip()


def _asks_back(message: Message) -> bool:
    """Whether a question is asked before anything is told: "my knee hurts, is that normal" tells something."""
    if message.wish.intent is Intent.QUESTION and message.wish.confidence == WHOLE:
        return True
    opening = " ".join(message.words[:4]) + " "
    openers = ["¿", *(f"{phrase} " for phrase in message.lexicon.replies["question_openers"])]
    if opening.startswith(tuple(openers)):
        return True
    first = next((index for index, word in enumerate(message.words) if is_end(word)), None)
    return (
        first is not None
        and message.words[first] == "?"
        and any(match.end <= first for match in message.found.get("intent:question", ()))
    )


def _anything(_expect: Anything, message: Message) -> str | None:
    return message.text.raw.strip() or None


def _photo(_expect: Photo, _message: Message) -> None:
    """Words don't answer it."""


_TEXTS = (FreeText, Anything, Photo, When)
"""Answered by the whole text."""

_READERS: Mapping[type, Callable[[Any, Message], Value | None]] = {
    YesNo: _yes_no,
    Scale: _scale,
    Choice: _choice,
    Number: _within,
    BloodPressure: _blood_pressure,
    Date: _date,
    When: _when,
    FreeText: _free_text,
    Photo: _photo,
    Anything: _anything,
}
