"""Where a text names days and times: from plain words to mentions, without a calendar.

The words, numbers in digits, are joined to one line and a table of small expressions is tried from left to
right; the first that fits wins. The expressions have no nested repeats, so a line costs time in proportion
to its length. What a mention means on a given day is for `nlp/dates/resolve.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from typing import Any

from nlp.dates.clock import TIMES, between
from nlp.dates.holidays import holidays
from nlp.dates.line import LineMaker, any_of, index_of, plain
from nlp.dates.patterns import RELATIVE, after_that, day_table, shift_table
from nlp.dates.talk import talk
from nlp.numbers import NumberWords

_LOOK_BACK = 48
"""Characters before a mention in which a word for it is looked for."""


@dataclass(frozen=True, slots=True)
class DayMention:
    """A day or days, as they were named: `kind` says which of the numbers in `parts` count.

    `base` is the day from which a "shifted" one is counted ("the day after christmas"). `bound` is set where
    the days are open to one side: "after", "before", "by", "from"; "between" where a range begins.
    """

    kind: str
    parts: Mapping[str, str]
    start: int
    end: int
    base: "DayMention | None" = None
    bound: str = ""


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


@dataclass(slots=True)
class _Found:
    """What has been found up to a place of the line."""

    days: list[DayMention] = field(default_factory=list)
    times: list[TimeMention] = field(default_factory=list)

    def end(self) -> int | None:
        """Where the last mention ends."""
        ends = [day.end for day in self.days[-1:]] + [at.end for at in self.times[-1:]]
        return max(ends, default=None)


class Grammar:
    """The expressions, built once from `data/dates.yaml`."""

    def __init__(self, table: Mapping[str, Any], numbers: NumberWords) -> None:
        self.weekdays = index_of(table["weekdays"])
        self.months = index_of(table["months"])
        self.holidays = holidays(table["holidays"])
        self.nth = index_of(table["nth"])
        self.talk = talk(table)
        self._line = LineMaker(table, numbers)
        self._any_time = re.compile(rf"(?<!\S){any_of(table['any_time'])}(?!\S)")
        self._dayparts = {
            plain(name): tuple(time.fromisoformat(bound) for bound in window.split("-"))
            for window, names in table["dayparts"].items()
            for name in names
        }
        self._daypart = re.compile(rf"{any_of(self._dayparts)}(?!\S)")
        weekday = any_of(self.weekdays)
        self._days = day_table(weekday, any_of(self.months), any_of(self.holidays), any_of(self.nth))
        self._shifts, self._after_that = shift_table(weekday), after_that(weekday)
        self._before_day = _bounds(table["bounds"], r"(?<!\S){}(?: on)?$")
        self._after_day = _bounds(table["bounds_after"], r" {}(?!\S)")

    def read(self, words: tuple[str, ...]) -> Mentions:
        """All mentions of a text."""
        line = self._line.of(words)
        found = _Found()
        position = 0
        while position < len(line):
            end = self._day(line, position, found) or self._time(line, position, found)
            following = line.find(" ", max(end or position, position))
            position = following + 1 if following >= 0 else len(line)
        return Mentions(line, tuple(found.days), tuple(found.times), self._any_time.search(line) is not None)

    def _day(self, line: str, position: int, found: _Found) -> int | None:
        day = self._plain_day(line, position)
        if day is None or day.kind not in RELATIVE:
            day = self._shifted(line, position, found) or day
        if day is None:
            day = self._corrected_day(line, position, found) or _since_then(line, position, found)
        if day is None:
            return None
        found.days.append(day if day.bound else self._bounded(line, day))
        if day.kind == "today":
            self._part_of_day(line, position, found)
            self._part_of_day(line, line.rfind(" ", position, day.end) + 1 or position, found)
        return day.end

    def _plain_day(self, line: str, position: int) -> DayMention | None:
        for kind, expression in self._days:
            match = expression.match(line, position)
            if match is not None:
                parts = {name: value for name, value in match.groupdict().items() if value}
                return DayMention(kind, parts, position, match.end())
        return None

    def _shifted(self, line: str, position: int, found: _Found) -> DayMention | None:
        last = found.days[-1] if found.days else None
        match = (
            self._after_that.match(line, position) if last is not None and last.kind != "shifted" else None
        )
        if match is not None:
            return DayMention("shifted", {"what": match["what"], "way": "after"}, position, match.end(), last)
        for way, expression in self._shifts:
            match = expression.match(line, position)
            base = self._plain_day(line, match.end()) if match is not None else None
            if match is not None and base is not None and base.kind != "tomorrow":
                parts = {name: value for name, value in match.groupdict().items() if value}
                return DayMention("shifted", {**parts, "way": way}, position, base.end, base)
        return None

    def _bounded(self, line: str, day: DayMention) -> DayMention:
        lead = day.start + 3 if line.startswith("del ", day.start) else day.start  # "antes del 10 de mayo"
        before = _label(self._before_day, line[max(0, lead - _LOOK_BACK) : lead].rstrip())
        behind = line[day.end : day.end + _LOOK_BACK]
        if before == "between" and behind.startswith(" on") and not behind[3:4].strip():
            before = "from"  # "from monday on"
        bound = next((name for name, expression in self._after_day if expression.match(behind)), before)
        joins = [name for name in ("join", "join_2") if day.parts.get(name) in {"and", "y", "&"}]
        if bound == "between" and joins:  # "between the 8th and the 12th"
            return replace(day, bound=bound, parts={**day.parts, joins[0]: "to"})
        return replace(day, bound=bound)

    def _corrected_day(self, line: str, position: int, found: _Found) -> DayMention | None:
        """ "The 20th, no wait, 21": the number takes the place of a day of the month."""
        match = _SMALL.match(line, position)
        if match is None or not found.days or found.days[-1].end != found.end():
            return None
        if found.days[-1].kind not in _NUMBERED or not self._puts_right(line[found.days[-1].end : position]):
            return None
        return DayMention("ordinal", {"day": match.group()}, position, match.end())

    def _time(self, line: str, position: int, found: _Found) -> int | None:
        bare = self._may_be_bare(line, position, found)
        for kind, expression in TIMES:
            match = expression.match(line, position)
            if match is None:
                continue
            if kind == "bare" and not (bare or _alone(line, match) or self._before_a_day(line, match.end())):
                continue
            window = between(kind, match)
            if window is not None:
                found.times.append(TimeMention(*window, position, match.end()))
                return match.end()
        return self._part_of_day(line, position, found)

    def _may_be_bare(self, line: str, position: int, found: _Found) -> bool:
        """Whether a number alone may be an hour here: right behind a day or a part of it, or put right."""
        end = found.end()
        if _NOT_THAT.search(line[max(0, position - _LOOK_BACK) : position]):
            return True
        if end is None:
            return False
        behind = line[end:position]
        if found.times and found.times[-1].end == end and found.times[-1].exact:
            return self._puts_right(behind)
        return behind.strip(" ,-") in {"", "at", "around", "about", "maybe", "like"}

    def _before_a_day(self, line: str, end: int) -> bool:
        """ "330 on friday", "4 p mon"."""
        start = end + 4 if line.startswith(" on ", end) else end + 1
        day = self._plain_day(line, start) if start < len(line) else None
        return day is not None and day.kind in {"weekday", "weekday_number", "tomorrow", "today"}

    def _puts_right(self, words: str) -> bool:
        """Whether words between two numbers say that the second takes the place of the first."""
        rest, corrections = re.subn(rf"(?<!\S){self.talk.corrections}(?!\S)", "", words[:_LOOK_BACK])
        return corrections > 0 and len(words) <= _LOOK_BACK and set(rest.split()) <= _AROUND_CORRECTION

    def _part_of_day(self, line: str, position: int, found: _Found) -> int | None:
        part = self._daypart.match(line, position)
        if part is None or (
            part.group() in _HALVES and not (found.days and found.days[-1].end == position - 1)
        ):
            return None
        start, end = self._dayparts[part.group()]
        found.times.append(TimeMention(start, end, position, part.end(), exact=False))
        return part.end()


def _since_then(line: str, position: int, found: _Found) -> DayMention | None:
    """ "I'm paid on the 28th, so after that"."""
    match = _AFTER_THAT.match(line, position)
    if match is None or not found.days or found.days[-1].bound:
        return None
    return replace(found.days[-1], start=position, end=match.end(), bound="after")


_AFTER_THAT = re.compile(r"(?:after|despues de) (?:that|then|eso)(?!\S)")


def _alone(line: str, number: re.Match[str]) -> bool:
    """A clock without its colon that begins the message: "1130", "three thirty works"."""
    compact = number.start() == 0 and _COMPACT.fullmatch(number.group()) is not None
    return compact and _SUITS.match(line, number.end()) is not None


_HALVES = frozenset({"am", "pm", "eve"})
"""Parts of a day right behind its name only: "thursday pm"."""

_COMPACT = re.compile(r"(?:1[0-2]|[1-9]) ?(?:00|15|30|45)")
_SUITS = re.compile(r"$| (?:[.,!?]|works?|would|please|on|if|instead|sounds|ok|okay|or|for me)(?!\S)")
_NOT_THAT = re.compile(r"(?<!\S)(?:not|no) \d{1,2}(?: : \d{2})?(?: (?:am|pm))? (?:, )?(?:but |maybe )?$")
_SMALL = re.compile(r"[1-9]\d?(?!\S)(?! :)")
_NUMBERED = frozenset({"ordinal", "month_day", "day_month", "weekday_number"})
_AROUND_CORRECTION = frozenset({",", ".", "!", "-", "no", "not", "i", "ay", "uh", "um", "to", "the", "at"})


def _bounds(table: Mapping[str, list[str]], form: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Expressions for the words beside a day that leave its days open to one side."""
    return tuple((name, re.compile(form.format(any_of(words)))) for name, words in table.items())


def _label(table: tuple[tuple[str, re.Pattern[str]], ...], before: str) -> str:
    """The bound whose words begin first, and so are the longest: "not before" is more than "before"."""
    hits = [(match.start(), name) for name, expression in table if (match := expression.search(before))]
    return min(hits, default=(0, ""))[1]
