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
_NOON = ("12 noon", "noon", "midday", "mid day", "mediodia", "medio dia")
_MIDNIGHT = ("midnight", "medianoche")
_MINUTES = ("5", "10", "20", "25")
_PAST = (
    "half past",
    "half after",
    "quarter past",
    "quarter after",
    *(f"{n} {past}" for n in _MINUTES for past in ("past", "after")),
)
_TO = (
    *("quarter to", "quarter till", "quarter til", "quarter of", "quarter before"),
    *("1 cuarto para las", "cuarto para las", "1 cuarto para la", "cuarto para la"),
    *(f"{n} para las" for n in _MINUTES),
    *(f"{n} {to}" for n in ("20", "25") for to in ("to", "till", "til", "before")),
    *(f"at {n} {to}" for n in ("5", "10") for to in ("to", "till", "til", "before")),
)
"""A bare "ten to three" may be a range, "at ten to three" is ten minutes before."""


_MERIDIEM = either("am", "pm", "a m", "p m")
_PART = f"(?: {either(*_MORNING, *_LATER)})?"
_AM_PM = rf"(?: (?:{_MERIDIEM}|a|p)(?!\S))?{_PART}"
_AND_A_BIT = rf"\d{{1,2}} {either('y media', 'y cuarto', 'menos cuarto', 'y 30', 'y 15')}"
_DIGITS = either(
    r"\d{1,2} : \d{2}",
    _AND_A_BIT,
    r"\d{1,2}\.5(?!\d)",
    r"\d{1,2}\.[0-5]\d",
    rf"\d{{1,2}} {either('00', '15', '30', '45')}",
    r"\d{3,4}(?: hours)?",
    r"\d{1,2}",
)
_SPOKEN = rf"{either(*_PAST, *_TO)} \d{{1,2}}(?! :)"

COUNTED = (
    r"(?:days?|weeks?|months?|years?|yrs?|hours?|minutes?|dias?|semanas?|mes|meses|anos?|horas?|minutos?"
    r"|times?|veces|kids?|children|people|person|hijos?|ninos?|dogs?|cats?|grandkids?|of us"
    r"|meds?|medicines?|pills?|pastillas?|tablets?|doses?|shots?|refills?|bottles?|boxes|units?|cups?|mg"
    r"|lbs?|pounds?|miles?|blocks?|dollars?|bucks?|%|percent|degrees|points?|stars?|floor|grade|trimester"
    r"|reminders?|questions?|texts?|messages?|calls?|visits?|tests?|appointments?|appts?|citas?|copies|jobs?"
    r"|more|things?|one|st|nd|rd|th|/ \d|(?:or|to) \d+ (?:days?|weeks?|months?))"
)
"""What stands behind a number that is neither an hour nor a day of the month."""

_END = rf"(?!\S)(?! {COUNTED}(?!\S))"
"""No hour is counted in kids or weeks."""

CLOCK = either(*_NOON, *_MIDNIGHT, rf"{_SPOKEN}{_AM_PM}", rf"{_DIGITS}(?: oclock| en punto)?{_AM_PM}")
"""Anything that can name one moment of the day."""

_SURE = either(
    *_NOON,
    *_MIDNIGHT,
    rf"{_SPOKEN}{_AM_PM}",
    rf"\d{{1,2}} : \d{{2}}{_AM_PM}",
    rf"\d{{1,2}}\.[0-5]\d {_MERIDIEM}",
    r"\d{3,4} hours",
    r"0\d{3}",
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
_AND = either("and", "to", "until", "till", "til", "through", "-", "a", "y", "hasta")
_THROUGH = either("to", "until", "till", "til", "through", "-", "hasta")
_AFTER = either(
    *(
        "after",
        "past",
        "later than",
        "no earlier than",
        "no sooner than",
        "not earlier than",
        "not before",
        "beginning at",
        "from and after",
        "starting at",
        "starting",
    ),
    *("despues de", "no antes de", "a partir de", "pasadas", "luego de", "desde"),
)
_OR_LATER = either(
    *("or later", "or after", "and later", "and after", "onwards?", "on(?= [.,!]|$| works| is)"),
    *("o mas tarde", "o despues", "en adelante", "para adelante"),
)
_BEFORE = either(
    *("before", "by", "no later than", "earlier than", "not after", "until", "till", "til", "up to"),
    *("antes de", "no mas tarde de", "no despues de", "hasta", "a mas tardar"),
)
_OR_EARLIER = either("or earlier", "or before", "o antes", "o mas temprano")
_AROUND = either(
    *("around", "about", "approximately", "like", "near", "roughly", "close to", "closer to"),
    *("como", "a eso de", "alrededor de", "cerca de", "tipo"),
)
_ISH = either("ish", "- ish", "or so", "mas o menos", "o algo asi")
_FOR = either(
    *(
        "can it be",
        "could it be",
        "can i do",
        "can we do",
        "could i do",
        "could we do",
        "can you do",
        "i can do",
    ),
    *("could you do", "i could do", "do", "move it to", "move me to", "move to", "change it to", "change to"),
    *(
        "push it to",
        "push it back to",
        "push to",
        "switch to",
        "switch it to",
        "it to",
        "me to",
        "can i get",
        "could i get",
        "can you get me",
    ),
    "at",
    "@",
    "for",
    "make it",
    "make that",
    "lets say",
    "say",
    "how about",
    "what about",
    "a",
)

_SUITS = either(
    "ok", "okay", "available", "open", "free", "possible", "good", "fine", "too early", "too late", "better"
)
_BETTER = either(
    "works?", "would work", "would be", "is better", "is perfect", "is great", "seria mejor", "me queda"
)

_INSTEAD = either("instead of", "rather than", "not", "en vez de(?: las)?", "en lugar de(?: las)?")

TIMES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"(?:{expression}){_END}"))
    for kind, expression in (
        ("range", f"{_BETWEEN} {_LAS}{_ONE}(?: ish)? {_AND} {_LAS}{_TWO}(?: ish)?"),
        ("range", f"{_AT}{_ONE} {_THROUGH} {_LAS}{_TWO}(?! (?:or|/))"),
        ("after", f"{_LEAD}{_AFTER} {_LAS}{_ONE}"),
        ("after", f"{_AT}{_ONE} {_OR_LATER}"),
        ("before", f"{_LEAD}{_BEFORE} {_LAS}{_ONE}"),
        ("after", f"(?:despues|luego) del? (?P<one>{either(*_NOON)})"),
        ("before", f"antes del? (?P<one>{either(*_NOON)})"),
        ("after", f"(?:from|desde|de) {_LAS}{_ONE} {_OR_LATER}"),
        ("before", f"{_AT}{_ONE} {_OR_EARLIER}"),
        ("around", f"(?:at )?(?<!how )(?<!what ){_AROUND}(?: a)? {_LAS}{_ONE}"),
        ("around", f"{_AT}{_ONE} {_ISH}"),
        ("around", f"{_FOR} {_LAS}{_ONE} {_ISH}"),
        ("exact", f"{_AT}{_ONE} (?:or|o) (?:at |a )?{_LAS}{_SURE}"),
        ("exact", f"{_FOR} (?:las |la )?{_ONE}"),
        ("exact", f"las {_ONE}"),
        ("exact", f"(?P<one>{_SURE})"),
        ("exact", rf"(?:is|are|would) {_ONE}(?= {_SUITS}(?!\S))"),
        ("exact", rf"{_ONE}(?= {_BETTER}(?!\S))"),
        ("exact", rf"{_ONE}(?= {_INSTEAD} \d)"),
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
    digits = re.findall(r"\d+(?:\.5(?!\d))?", text)
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
    if text.startswith("1 cuarto"):
        return int(digits[1]), 0
    minutes = _SPOKEN_MINUTES.search(text)
    if minutes is not None:
        return int(digits[1]), int(minutes["past"] or 0)
    if " y media" in text or "half past" in text or "half after" in text:
        return int(digits[0]), 30
    if " y cuarto" in text or "quarter past" in text or "quarter after" in text:
        return int(digits[0]), 15
    if len(digits) > 1:
        return int(digits[0]), int(digits[1])
    if len(digits[0]) > 2:
        minute = int(digits[0][-2:])
        return int(digits[0][:-2]), minute if minute % 5 == 0 else 60  # nobody's time, a telephone number
    return int(digits[0]), 0


_SPOKEN_MINUTES = re.compile(
    rf"(?:^|at )(?:(?P<past>{either(*_MINUTES)}) (?:past|after)"
    rf"|(?P<to>{either(*_MINUTES)}) (?:to|till|til|before|para las)) "
)


def _offset(text: str) -> int:
    minutes = _SPOKEN_MINUTES.search(text)
    if minutes is not None:
        return -int(minutes["to"] or 0)
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
