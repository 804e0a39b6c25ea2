"""The answer to what was asked (`Expect`), or None where the text doesn't answer it: a question back, a
refusal, a number off the scale, two values left open. A later value corrects an earlier one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nlp.choices import choose
from nlp.dates.resolve import asked_date
from nlp.intents import WHOLE
from nlp.lexicon import Lexicon
from nlp.measures import is_pressure, pressures
from nlp.message import Message
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
    value = _READERS[type(expect)](expect, message)
    if value is None:
        return None, 0.0
    return value, CLEAR if len(message.words) <= SHORT else LIKELY


# -- yes or no ---------------------------------------------------------------------------------------


_BY_DIGIT = {"1": True, "one": True, "uno": True, "2": False, "two": False, "dos": False}


def _yes_no(expect: YesNo, message: Message) -> bool | None:
    said = [word for word in message.words if word.isalnum()]
    if expect.digits and len(said) == 1 and said[0] in _BY_DIGIT:
        return _BY_DIGIT[said[0]]
    hits = _longest(message.found, ("yes", "no", "both", "unsure"))
    if not hits or any(kind == "both" for kind, _ in hits) or hits[0][0] == "unsure":
        return None
    if _asks(message):
        return None
    decided = [(kind, match) for kind, match in hits if kind in {"yes", "no"}]
    first, last = decided[0], decided[-1]
    between = message.words[first[1].end : last[1].start]
    kind = last[0] if _corrects(between, message.lexicon) else first[0]
    return kind == "yes"


def _longest(found: Mapping[str, list[Match]], kinds: Sequence[str]) -> list[tuple[str, Match]]:
    """The matches of some answers from left to right, none inside of a longer one."""
    hits = [(kind, match) for kind in kinds for match in found.get(f"reply:{kind}", ())]
    hits.sort(key=lambda hit: (hit[1].start, -hit[1].end))
    kept: list[tuple[str, Match]] = []
    for kind, match in hits:
        if not kept or match.end > kept[-1][1].end:
            kept.append((kind, match))
    return kept


def _asks(message: Message) -> bool:
    """A question back: more than a question mark behind an answer."""
    return "?" in message.words and any(
        message.words[match.start] != "?" for match in message.found.get("intent:question", ())
    )


def _corrects(words: tuple[str, ...], lexicon: Lexicon) -> bool:
    line = f" {' '.join(words)} "
    return any(f" {phrase} " in line for phrase in map(plain, lexicon.replies["corrections"]))


# -- numbers -----------------------------------------------------------------------------------------


def _scale(expect: Scale, message: Message) -> int | None:
    if _asks(message):
        return None
    counted = set(message.lexicon.replies["other_counts"])
    said = without_denominator(message.words, message.numerals, expect.max)
    if said is None:
        return None
    said = [numeral for numeral in said if _after(message.words, numeral) not in counted]
    if not said:
        return _zero(message) if expect.min <= 0 else None
    value = pick(message.words, [Said(n.value, n.start, n.end) for n in said], message.lexicon.replies)
    if value is None or value % 1 or not expect.min <= value <= expect.max:
        return None
    return int(value)


def _zero(message: Message) -> int | None:
    """ "No pain" is a nought, unless something else is said besides."""
    hits = _longest(message.found, ("nothing", "unsure"))
    return 0 if hits and hits[0][0] == "nothing" else None


def _number(expect: Number, message: Message) -> float | None:
    if _asks(message):
        return None
    unit = expect.unit.casefold()
    table = message.lexicon.replies
    factors = table["units"].get(table["same_unit"].get(unit, unit), {})
    counted = set(table["other_counts"]) - set(factors) - {unit}
    said = [
        Said(
            numeral.value * float(factors.get(_after(message.words, numeral), 1)), numeral.start, numeral.end
        )
        for numeral in message.numerals
        if _after(message.words, numeral) not in counted
    ]
    if not said:
        return None if unit in _NEVER_ZERO or factors else _as_float(_zero(message))
    value = pick(message.words, _feet_and_inches(said, message.words, factors), table)
    return None if value is None else _degrees(value, unit)


def _within(expect: Number, message: Message) -> float | None:
    """A number off the bounds is none: it is told by asking again, not by taking the nearest."""
    value = _number(expect, message)
    if value is None or (expect.min is not None and value < expect.min):
        return None
    return None if expect.max is not None and value > expect.max else value


_NEVER_ZERO = frozenset({"f", "c", "°f", "°c", "bpm", "mg/dl", "mmol/l", "%"})


def _as_float(value: int | None) -> float | None:
    return None if value is None else float(value)


def _degrees(value: float, unit: str) -> float:
    """A body has 90 to 110 °F or 32 to 43 °C: a number in the other range was said in the other unit."""
    if unit in {"f", "°f"} and 32 <= value <= 43:
        return round(value * 1.8 + 32, 1)
    if unit in {"c", "°c"} and 90 <= value <= 110:
        return round((value - 32) / 1.8, 1)
    return round(value, 2)


def _feet_and_inches(said: list[Said], words: tuple[str, ...], factors: Mapping[str, str]) -> list[Said]:
    """ "5 feet 10" is one height."""
    if (
        len(said) == 2
        and "feet" in factors
        and words[said[0].end : said[0].end + 1] in {("feet",), ("ft",), ("foot",)}
    ):
        inches = (
            said[1].value
            if _after_words(words, said[1].end) in factors
            else said[1].value * float(factors["in"])
        )
        return [Said(said[0].value + inches, said[0].start, said[1].end)]
    return said


def _after(words: tuple[str, ...], numeral: Numeral) -> str:
    return _after_words(words, numeral.end)


def _after_words(words: tuple[str, ...], index: int) -> str:
    return words[index] if index < len(words) else ""


def _blood_pressure(_expect: BloodPressure, message: Message) -> dict[str, int] | None:
    if _asks(message):
        return None
    pairs = pressures(message.words, message.numerals) or _named_pressures(message)
    if not pairs:
        return None
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


# -- choices and dates -------------------------------------------------------------------------------


def _choice(expect: Choice, message: Message) -> str | None:
    if _asks(message):
        return None
    hits = _longest(message.found, ("yes", "no", "unsure"))
    refuses = bool(hits) and hits[0][0] == "unsure"
    return choose(
        expect.options,
        message.words,
        message.numerals,
        message.lexicon,
        refuses=refuses,
        says=hits[0][0] if hits else None,
    )


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
