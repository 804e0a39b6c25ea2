"""Holidays: fixed days, "the fourth Thursday of November", and days counted from Easter."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from nlp.normalise import plain_words


@dataclass(frozen=True, slots=True)
class Holiday:
    """`rule` is "12-25", "11 thu 4" (the fourth; -1 is the last), either with "+1", or "easter-2"."""

    month: int
    day: int = 0
    weekday: int = 0
    nth: int = 0
    offset: int = 0

    def on(self, year: int) -> date:
        """The day in a year. Raises ValueError if that year lacks it."""
        if not self.month:
            return easter(year) + timedelta(days=self.offset)
        if self.nth:
            return nth_weekday(year, self.month, self.weekday, self.nth) + timedelta(days=self.offset)
        return date(year, self.month, self.day)


_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def holidays(table: Mapping[str, Any]) -> dict[str, Holiday]:
    """The holidays of `dates.yaml` by their names."""
    return {" ".join(plain_words(name)): _holiday(rule) for rule, names in table.items() for name in names}


def _holiday(rule: str) -> Holiday:
    if rule.startswith("easter"):
        return Holiday(0, offset=int(rule.removeprefix("easter") or 0))
    rule, _, offset = rule.partition("+")
    parts = rule.split()
    if len(parts) == 3:
        return Holiday(
            int(parts[0]), weekday=_WEEKDAYS.index(parts[1]), nth=int(parts[2]), offset=int(offset or 0)
        )
    month, day = rule.split("-")
    return Holiday(int(month), int(day))


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth such weekday of a month, from its end if negative. Raises ValueError if there are fewer."""
    if nth > 0:
        first = date(year, month, 1)
        return first.replace(day=1 + (weekday - first.weekday()) % 7 + 7 * (nth - 1))
    last = date(year, month, calendar.monthrange(year, month)[1])
    return last.replace(day=last.day - (last.weekday() - weekday) % 7 + 7 * (nth + 1))


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (Meeus, Jones, Butcher)."""
    cycle, century, rest = year % 19, year // 100, year % 100
    correction = (8 * century + 13) // 25
    epact = (19 * cycle + century - century // 4 - correction + 15) % 30
    to_sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    early = (cycle + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * early + 114, 31)
    return date(year, month, day + 1)
