"""Where a text names days and times: from plain words to mentions, without a calendar.

The words, numbers in digits, are joined to one line and a table of small expressions is tried from left to
right; the first that fits wins. The expressions have no nested repeats, so a line costs time in proportion
to its length. What a mention means on a given day is for `nlp/dates/resolve.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from nlp.dates.clock import TIMES, between, either
from nlp.normalise import plain_words
from nlp.numbers import NumberWords, in_digits

_ORDINARY_FIRST = "(?! (?:thing|week|available|slot|appointment|opening|one|time|half|visit|opinion))"


@dataclass(frozen=True, slots=True)
class DayMention:
    """A day or days, as they were named: `kind` says which of the numbers in `parts` count."""

    kind: str
    parts: Mapping[str, str]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TimeMention:
    """A window of the day; `exact` is False for a part of the day ("morning")."""

    time_from: time | None
    time_to: time | None
    start: int
    end: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Mentions:
    """All that a line names, in its order."""

    line: str
    days: tuple[DayMention, ...]
    times: tuple[TimeMention, ...]
    any_time: bool


class Grammar:
    """The expressions, built once from `data/dates.yaml`."""

    def __init__(self, table: Mapping[str, Any], numbers: NumberWords) -> None:
        self._numbers = numbers
        self.weekdays = _index(table["weekdays"])
        self.months = _index(table["months"])
        self.holidays = {
            _line(name): (int(month), int(day))
            for date, names in table["holidays"].items()
            for month, day in [date.split("-")]
            for name in names
        }
        self.corrections = _any(table["corrections"])
        self.refused_before = re.compile(
            rf"(?<!\S){_any(table['refused'])} (?:on |for |the |el |la |los |a )?$"
        )
        self.refused_after = re.compile(rf" {_any(table['doesnt_work'])}(?!\S)")
        self._ordinals = _ordinals(table["ordinals"], self.months)
        self._nothing = re.compile(rf"(?<!\S){_any(table['nothing_wished'])}(?!\S)")
        self._any_time = re.compile(rf"(?<!\S){_any(table['any_time'])}(?!\S)")
        self._dayparts = {
            _line(name): tuple(time.fromisoformat(bound) for bound in window.split("-"))
            for window, names in table["dayparts"].items()
            for name in names
        }
        self._daypart = re.compile(rf"{_any(self._dayparts)}(?!\S)")
        self._days = _day_table(_any(self.weekdays), _any(self.months), _any(self.holidays))

    def read(self, words: tuple[str, ...]) -> Mentions:
        """All mentions of a text."""
        line = " ".join(in_digits(words, self._numbers))
        line = self._nothing.sub("~", line)
        line = self._ordinals[0].sub(lambda found: f"{self._ordinals[1][found.group(1)]} th", line)
        days: list[DayMention] = []
        times: list[TimeMention] = []
        position = 0
        while position < len(line):
            end = self._day(line, position, days) or self._time(line, position, days, times)
            following = line.find(" ", max(end or position, position))
            position = following + 1 if following >= 0 else len(line)
        return Mentions(line, tuple(days), tuple(times), self._any_time.search(line) is not None)

    def _day(self, line: str, position: int, days: list[DayMention]) -> int | None:
        for kind, expression in self._days:
            found = expression.match(line, position)
            if found is not None:
                parts = {name: value for name, value in found.groupdict().items() if value}
                days.append(DayMention(kind, parts, position, found.end()))
                return found.end()
        return None

    def _time(self, line: str, position: int, days: list[DayMention], times: list[TimeMention]) -> int | None:
        after_day = bool(days) and line[days[-1].end : position].strip(" ,") in {"", "at", "around", "about"}
        for kind, expression in TIMES:
            if kind == "bare" and not after_day:
                continue
            found = expression.match(line, position)
            window = between(kind, found) if found is not None else None
            if found is not None and window is not None:
                times.append(TimeMention(*window, position, found.end()))
                return found.end()
        part = self._daypart.match(line, position)
        if part is None:
            return None
        start, end = self._dayparts[part.group()]
        times.append(TimeMention(start, end, position, part.end(), exact=False))
        return part.end()


def _line(phrase: str) -> str:
    return " ".join(plain_words(phrase))


def _any(phrases: Any) -> str:
    """An expression for any of the phrases, the longest first."""
    lines = sorted({_line(phrase) for phrase in phrases}, key=lambda line: (-len(line), line))
    return "(?:" + "|".join(re.escape(line) for line in lines) + ")"


def _index(table: Mapping[str, list[str]]) -> dict[str, int]:
    return {_line(name): int(number) for number, names in table.items() for name in names}


def _ordinals(table: Mapping[str, str], months: Mapping[str, int]) -> tuple[re.Pattern[str], dict[str, int]]:
    """ "The fourth", "june fourth" are days; "the first available" is none."""
    numbers = {name: int(number) for name, number in table.items()}
    before = "|".join(f"(?<= {word} )|(?<=^{word} )" for word in ("the", "on", "el", *months))
    return re.compile(rf"(?:{before})({'|'.join(numbers)})(?!\S){_ORDINARY_FIRST}"), numbers


def _day_table(weekday: str, month: str, holiday: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The kinds of days. A name in `(?P<…>)` is a part that `nlp/dates/days.py` reads."""
    table = {
        **_dated(month),
        "holiday": f"(?P<name>{holiday})",
        **_weeks(month),
        **_relative(weekday),
    }
    return tuple((kind, re.compile(rf"(?:{table[kind]})(?!\S)")) for kind in (*_FIRST, *_rest(table)))


_FIRST = ("iso", "numeric", "spaced", "digits", "slash", "month_part")
"""Kinds that must be tried before the others, for theirs are the longer readings."""

_ST = r"(?: (?:st|nd|rd|th))?"
_NO_CLOCK = r"(?! :)(?! (?:am|pm|oclock)(?!\S))"
_DAY = rf"(?P<day>\d{{1,2}}){_ST}{_NO_CLOCK}"
_OR_DAY = (
    rf"(?: {either('or', 'and', 'to', 'through', 'until', 'o', 'y', 'al', 'a', '-')} (?:the |el )?"
    rf"(?P<last>\d{{1,2}}){_ST}{_NO_CLOCK})?"
)
_YEAR = r"(?:(?: ,| de| del| of)? (?P<year>\d{4}))?"
_COUNT_WORDS = either("an?", "the", "a couple(?: of)?", "a few", "un par de", "unos", "unas", "couple of")
_COUNT = rf"(?P<count>\d{{1,3}}|{_COUNT_WORDS})"
_UNITS = either("days?", "weeks?", "months?", "dias?", "semanas?", "mes", "meses", "years?", "anos?")
_UNIT = f"(?P<unit>{_UNITS})"
_NEXT = either("next", "el proximo", "la proxima", "proximo", "proxima", "el siguiente", "siguiente")
_THIS = either(
    "this coming", "this past", "the coming", "coming", "this", "past", "last", "este", "esta", "el pasado"
)
_WHICH = f"(?P<which>{_THIS}|{_NEXT})"
_PART_OF = either(
    *("end", "last week", "late", "beginning", "start", "first week", "early", "middle", "mid"),
    *(
        "finales",
        "fines",
        "final",
        "fin",
        "principios",
        "inicios",
        "mediados",
        "primera semana",
        "ultima semana",
    ),
)


def _rest(table: Mapping[str, str]) -> list[str]:
    return [kind for kind in table if kind not in _FIRST]


def _dated(month: str) -> dict[str, str]:
    """A day of a month, with or without the month's name and the year."""
    return {
        "iso": r"(?P<year>\d{4}) - (?P<month>\d{1,2}) - (?P<day>\d{1,2})",
        "numeric": r"(?P<month>\d{1,2}) (?P<sep>[/.-]) (?P<day>\d{1,2}) (?P=sep) (?P<year>\d{4}|\d{2})",
        "spaced": r"(?P<month>\d{1,2}) (?P<day>\d{1,2}) (?P<year>(?:19|20)\d{2})",
        "digits": r"(?P<month>\d{2})(?P<day>\d{2})(?P<year>(?:19|20)\d{2})",
        "slash": r"(?P<month>\d{1,2}) / (?P<day>\d{1,2})",
        "month_day": rf"(?P<name>{month})(?: the| el)? {_DAY}{_OR_DAY}{_YEAR}",
        "day_month": rf"(?:the |el |del )?(?:dia )?{_DAY}{_OR_DAY}(?: of| de| del| -)? (?P<name>{month})(?: -)?{_YEAR}",
    }


def _relative(weekday: str) -> dict[str, str]:
    """Days counted from today, and days of the week."""
    anchor = either("now", "today", "tomorrow", "hoy", "ahora", "manana", weekday)
    no_hour = r"(?! (?::|/|-|to|am|pm|p|oclock|ish)(?!\S))(?! a(?! las?(?!\S))(?!\S))"
    return {
        "before_yesterday": either("(?:the )?day before yesterday", "anteayer", "antier", "antes de ayer"),
        "after_tomorrow": either("(?:the )?day after tomorrow", "pasado manana"),
        "ago": rf"(?:hace (?P<hace>\d{{1,3}}|un par de) (?P<hace_unit>{_UNITS})|{_COUNT} {_UNIT} ago)",
        "from_day": f"{_COUNT} {_UNIT} (?:from|after|de|desde) (?P<anchor>{anchor})",
        "in": f"(?:in|en|dentro de|within) (?:about |like |como )?{_COUNT} {_UNIT}",
        "weekday_number": rf"(?:the |el |{_WHICH} )?(?P<name>{weekday}) (?:the |el )?(?P<day>\d{{1,2}})"
        rf"(?P<nth> (?:st|nd|rd|th))?{no_hour}",
        "weekday": f"(?:on |for |el |los |the |a |an )?(?:{_WHICH} )?(?P<name>{weekday})",
        "today": either(
            *("today", "tonight", "this morning", "this afternoon", "this evening"),
            *("hoy", "esta tarde", "esta manana"),
        ),
        "yesterday": either("yesterday", "ayer", "anoche", "last night"),
        "tomorrow": "(?<!la )(?<!las )(?:tomorrow|manana)",
        "ordinal": rf"(?:(?:on |for )?the |el dia |dia |el |los dias |los ){_DAY}{_OR_DAY}(?! (?:/|de la)(?!\S))"
        r"|(?P<nth_day>\d{1,2}) (?:st|nd|rd|th)",
    }


def _weeks(month: str) -> dict[str, str]:
    """Weeks, weekends, months and parts of them."""
    in_month = either("in", "en", "during", "for", "all", "next", "this coming", "of", "de")
    next_month = either("next month", "proximo mes", "mes que viene")
    return {
        "month_part": rf"(?:the |a |la |el |at the |by the )?(?P<part>{_PART_OF})(?: of| de| del)?(?: the)? "
        rf"(?:(?P<next>{next_month})|(?P<name>{month})|month|mes)",
        "week_after_next": either(
            "(?:the )?week after next", "(?:the )?week after that", "dentro de dos semanas"
        ),
        "weekend": r"(?:the |a |on the |el |en el |este |un )?(?P<which>this |next |proximo |siguiente )?"
        r"(?:weekends?|fin de semana|finde)(?: que viene)?",
        "next_month": either(
            "(?:the )?next month", "(?:el )?(?:proximo|otro|siguiente) mes", "(?:el )?mes que (?:viene|entra)"
        ),
        "this_month": either("this month", "later this month", "este mes"),
        "next_week": either(
            *("(?:the )?(?:next|following) week", "week after"),
            *("(?:la )?(?:proxima|otra|siguiente) semana", "(?:la )?semana que (?:viene|entra)"),
        ),
        "this_week": either("(?:later )?(?:this|the) week", "esta semana", "(?:el )?resto de la semana"),
        "month": f"(?:sometime |any ?time )?{in_month} (?P<name>{month})",
        "month_alone": rf"(?!may(?!\S)|mar(?!\S)|march(?! (?:works|is|would|sometime)))(?P<name>{month})",
    }
