"""Times of the day: "after 3", "2ish", "between 2:30 and 4", "cuarto para las 3", "a las 10 y media".

Bare hours follow a clinic's day: 1 to 7 is PM, 8 to 11 is AM, 12 is noon.
"""

import re
from collections.abc import Callable, Mapping
from datetime import time

Span = tuple[time | None, time | None]


def either(*phrases: str) -> str:
    """An expression for any of the phrases."""
    return "(?:" + "|".join(phrases) + ")"


_MORNING = ("in the morning", "de la manana", "en la manana", "por la manana")
_LATER = (
    *("in the afternoon", "in the evening", "at night"),
    *("de la tarde", "de la noche", "en la tarde", "en la noche", "por la tarde", "por la noche"),
)
_NOON = ("12 noon", "noon", "midday", "mediodia", "medio dia")
_MIDNIGHT = ("midnight", "medianoche")
_PAST = ("half past", "quarter past", "quarter after")
_TO = ("quarter to", "quarter till", "quarter of", "1 cuarto para las", "cuarto para las", "cuarto para la")

_MERIDIEM = either("am", "pm", "a m", "p m")
_PART = f"(?: {either(*_MORNING, *_LATER)})?"
_AM_PM = rf"(?: (?:{_MERIDIEM}|a|p)(?!\S))?{_PART}"
_AND_A_BIT = rf"\d{{1,2}} {either('y media', 'y cuarto', 'menos cuarto', 'y 30', 'y 15')}"
_DIGITS = either(
    r"\d{1,2} : \d{2}",
    _AND_A_BIT,
    r"\d{1,2}\.5",
    rf"\d{{1,2}} {either('00', '15', '30', '45')}",
    r"\d{3,4}",
    r"\d{1,2}",
)
_SPOKEN = rf"{either(*_PAST, *_TO)} \d{{1,2}}"

CLOCK = either(*_NOON, *_MIDNIGHT, rf"{_SPOKEN}{_AM_PM}", rf"{_DIGITS}(?: oclock| en punto)?{_AM_PM}")
"""Anything that can name one moment of the day."""

_SURE = either(
    *_NOON,
    *_MIDNIGHT,
    rf"{_SPOKEN}{_AM_PM}",
    rf"\d{{1,2}} : \d{{2}}{_AM_PM}",
    rf"\d{{1,4}} {either(_MERIDIEM, 'oclock', 'en punto')}{_PART}",
    rf"\d{{1,2}} {either(*_MORNING, *_LATER)}",
    rf"\d{{1,2}} {either('y media', 'y cuarto')}{_PART}",
)
"""What names a moment wherever it stands: "10:30", "3 pm", not a bare 3."""

_ONE, _TWO = f"(?P<one>{CLOCK})", f"(?P<two>{CLOCK})"
_LAS = "(?:las |la |at |the )?"
_AT = f"(?:at |a )?{_LAS}"
_LEAD = "(?:any ?time |anything |sometime |as long as its |any )?"

_BETWEEN = either("between", "from", "de", "entre", "desde")
_AND = either("and", "to", "until", "till", "through", "-", "a", "y", "hasta")
_THROUGH = either("to", "until", "till", "through", "-", "hasta")
_AFTER = either(
    *("after", "past", "later than", "no earlier than", "not before", "starting at", "starting", "since"),
    *("despues de", "a partir de", "pasadas", "luego de", "desde"),
)
_OR_LATER = either(
    *("or later", "or after", "and later", "and after", "onwards?", "on"),
    *("o mas tarde", "o despues", "en adelante", "para adelante"),
)
_BEFORE = either(
    *("before", "by", "no later than", "earlier than", "not after", "until", "till", "til", "up to"),
    *("antes de", "hasta", "a mas tardar"),
)
_OR_EARLIER = either("or earlier", "or before", "o antes", "o mas temprano")
_AROUND = either(
    *("around", "about", "approximately", "like", "near", "roughly", "close to"),
    *("como", "a eso de", "alrededor de", "cerca de", "tipo"),
)
_ISH = either("ish", "or so", "mas o menos", "o algo asi")
_FOR = either("at", "@", "for", "make it", "make that", "lets say", "say", "how about", "what about", "a")

TIMES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"(?:{expression})(?!\S)"))
    for kind, expression in (
        ("range", f"{_BETWEEN} {_LAS}{_ONE} {_AND} {_LAS}{_TWO}"),
        ("range", f"{_AT}{_ONE} {_THROUGH} {_LAS}{_TWO}(?! (?:or|/))"),
        ("after", f"{_LEAD}{_AFTER} {_LAS}{_ONE}"),
        ("after", f"{_AT}{_ONE} {_OR_LATER}"),
        ("before", f"{_LEAD}{_BEFORE} {_LAS}{_ONE}"),
        ("before", f"{_AT}{_ONE} {_OR_EARLIER}"),
        ("around", f"(?:at )?(?<!how )(?<!what ){_AROUND}(?: a)? {_LAS}{_ONE}"),
        ("around", f"{_AT}{_ONE} {_ISH}"),
        ("exact", f"{_FOR} (?:las |la )?{_ONE}"),
        ("exact", f"las {_ONE}"),
        ("exact", f"(?P<one>{_SURE})"),
        ("bare", _ONE),
    )
)
"""The kinds of times, in the order in which they are tried. `bare` only counts right behind a day."""


def between(kind: str, found: re.Match[str]) -> Span | None:
    """The window that an expression of `TIMES` found, or None if it is no time after all."""
    one = moment(found.group("one"))
    if one is None:
        return None
    if kind == "range":
        return _range(found.group("one"), found.group("two"))
    return _KINDS[kind](one)


_KINDS: Mapping[str, Callable[[time], Span]] = {
    "after": lambda at: (at, None),
    "before": lambda at: (None, at),
    "around": lambda at: (_shifted(at, -30), _shifted(at, 30)),
    "exact": lambda at: (at, at),
    "bare": lambda at: (at, at),
}


def moment(text: str, *, meridiem: str = "") -> time | None:
    """The time that a text matched by `CLOCK` names. `meridiem`: "am" or "pm" if it is known from beside."""
    if text in _NOON:
        return time(12)
    if text in _MIDNIGHT:
        return time(0)
    digits = re.findall(r"\d+(?:\.5)?", text)
    if not digits:
        return None
    hour, minute = _hour_minute(text, digits)
    if not (0 <= hour <= 23 and 0 <= minute <= 59):
        return None
    hour = _on_the_day(hour, _meridiem(text) or meridiem)
    return _shifted(time(hour, minute), _offset(text))


def _hour_minute(text: str, digits: list[str]) -> tuple[int, int]:
    if digits[0].endswith(".5"):
        return int(digits[0][:-2]), 30  # "at three and a half" is half past three
    if " y media" in text or "half past" in text:
        return int(digits[0]), 30
    if " y cuarto" in text or "quarter past" in text or "quarter after" in text:
        return int(digits[0]), 15
    if len(digits) > 1:
        return int(digits[0]), int(digits[1])
    if len(digits[0]) > 2:
        return int(digits[0][:-2]), int(digits[0][-2:])
    return int(digits[0]), 0


def _offset(text: str) -> int:
    return -15 if any(phrase in text for phrase in (*_TO, "menos cuarto")) else 0


def _meridiem(text: str) -> str:
    if text.endswith((" am", " a m", " a", *_MORNING)):
        return "am"
    return "pm" if text.endswith((" pm", " p m", " p", *_LATER)) else ""


def _on_the_day(hour: int, meridiem: str) -> int:
    if hour == 0 or hour > 12:
        return hour
    if meridiem == "am":
        return hour % 12
    if meridiem == "pm":
        return hour % 12 + 12
    return hour + 12 if 1 <= hour <= 7 else hour


def _range(one: str, two: str) -> Span | None:
    """ "8 to 9 am" is a morning, "11 to 2" crosses noon."""
    start, end = moment(one), moment(two)
    if start is None or end is None:
        return None
    if start > end:
        start = moment(one, meridiem=_meridiem(two) or "am")
    if start is None or start > end:
        return None
    return start, end


def _shifted(at: time, minutes: int) -> time:
    total = min(max(at.hour * 60 + at.minute + minutes, 0), 23 * 60 + 59)
    return time(total // 60, total % 60)
