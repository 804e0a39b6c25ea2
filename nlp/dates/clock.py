"""Times of the day: "after 3", "2ish", "between 2:30 and 4", "cuarto para las 3", "a las 10 y media".

Bare hours follow a clinic's day: 1 to 7 is PM, 8 to 11 is AM, 12 is noon.
"""

import re
from collections.abc import Callable, Mapping
from datetime import time

Span = tuple[time | None, time | None]

_AM_PM = r"(?: (?:am|pm|a m|p m|a|p)(?!\S))?"
_PART = (
    r"(?: (?:in the morning|in the afternoon|in the evening|at night|de la manana|de la tarde|de la noche"
    r"|en la manana|en la tarde|en la noche|por la manana|por la tarde|por la noche))?"
)
CLOCK = (
    r"(?:(?:12 )?noon|midday|mediodia|medio dia|midnight|medianoche"
    r"|(?:half past|quarter past|quarter after|quarter to|quarter till|quarter of"
    r"|cuarto para (?:las|la)|un cuarto para (?:las|la)|1 cuarto para (?:las|la)) \d{1,2}"
    + _AM_PM
    + _PART
    + r"|"
    r"(?:\d{1,2} : \d{2}|\d{1,2} (?:y media|y cuarto|menos cuarto|y 30|y 15)|\d{1,2}\.5|\d{1,2} (?:00|15|30|45)|\d{3,4}|\d{1,2})"
    r"(?: oclock| en punto)?" + _AM_PM + _PART + r")"
)
"""Anything that names one moment of the day."""

_LAS = r"(?:las |la |at |the )?"
_SURE = (
    r"(?:\d{1,2} : \d{2}"
    + _AM_PM
    + _PART
    + r"|\d{1,4}(?: : \d{2})? (?:am|pm|a m|p m|oclock|en punto)"
    + _PART
    + ""
    r"|\d{1,2} (?:in the morning|in the afternoon|in the evening|at night|de la manana|de la tarde|de la noche)"
    r"|(?:12 )?noon|midday|mediodia|medio dia|midnight"
    r"|(?:half past|quarter past|quarter after|quarter to|quarter till|cuarto para las|1 cuarto para las) \d{1,2}"
    + _AM_PM
    + r"|\d{1,2} (?:y media|y cuarto)"
    + _PART
    + r")"
)
_LEAD = r"(?:any ?time |anything |sometime |as long as its |any )?"


def _compile(expression: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{expression})(?!\S)")


TIMES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, _compile(expression))
    for kind, expression in (
        (
            "range",
            rf"(?:between|from|de|entre|desde) {_LAS}(?P<one>{CLOCK}) (?:and|to|until|till|through|-|a|y|hasta) {_LAS}(?P<two>{CLOCK})",
        ),
        (
            "range",
            rf"(?:at |a )?{_LAS}(?P<one>{CLOCK}) (?:to|until|till|through|-|hasta) {_LAS}(?P<two>{CLOCK})(?! (?:or|/))",
        ),
        (
            "after",
            rf"{_LEAD}(?:after|past|later than|no earlier than|not before|starting at|starting|despues de|a partir de|pasadas|luego de|desde|since) {_LAS}(?P<one>{CLOCK})",
        ),
        (
            "after",
            rf"(?:at |a )?{_LAS}(?P<one>{CLOCK}) (?:or later|or after|and later|onwards?|on|and after|o mas tarde|o despues|en adelante|para adelante)",
        ),
        (
            "before",
            rf"{_LEAD}(?:before|by|no later than|earlier than|not after|until|till|til|up to|antes de|hasta|a mas tardar) {_LAS}(?P<one>{CLOCK})",
        ),
        ("before", rf"(?:at |a )?{_LAS}(?P<one>{CLOCK}) (?:or earlier|or before|o antes|o mas temprano)"),
        (
            "around",
            rf"(?:at )?(?<!how )(?<!what )(?:around|about|approximately|like|near|roughly|close to|como|a eso de|alrededor de|cerca de|tipo)(?: a)? {_LAS}(?P<one>{CLOCK})",
        ),
        ("around", rf"(?:at |a )?{_LAS}(?P<one>{CLOCK}) (?:ish|or so|mas o menos|o algo asi)"),
        (
            "exact",
            rf"(?:at|@|for|a|make it|make that|lets say|say|how about|what about) (?:las |la )?(?P<one>{CLOCK})",
        ),
        ("exact", rf"(?:las )(?P<one>{CLOCK})"),
        ("exact", rf"(?P<one>{_SURE})"),
        ("bare", rf"(?P<one>{CLOCK})"),
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
    if text in {"noon", "12 noon", "midday", "mediodia", "medio dia"}:
        return time(12)
    if text in {"midnight", "medianoche"}:
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
    before = ("quarter to", "quarter till", "quarter of", "cuarto para", "menos cuarto")
    return -15 if any(phrase in text for phrase in before) else 0


def _meridiem(text: str) -> str:
    words = text.split()
    if words[-1] in {"am", "a", "morning"} or text.endswith((" a m", "la manana")):
        return "am"
    if words[-1] in {"pm", "p", "afternoon", "evening", "night"} or text.endswith(
        (" p m", "la tarde", "la noche")
    ):
        return "pm"
    return ""


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
