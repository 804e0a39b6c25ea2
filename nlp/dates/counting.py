"""Today, weeks and months: what the days of a wish are counted with. Weeks start on Monday."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from nlp.dates.grammar import Grammar

Days = tuple[date, date]
"""The first and the last day, both included."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Today and the names of days and months. `asked`: one date was asked for, not a wish; `past`: on
    which side of today a date without a year lies. `month`: a month that was named before, of which a day
    that is put right ("july 3rd, no, the 10th") is one."""

    today: date
    grammar: Grammar
    asked: bool = False
    past: bool = False
    month: date | None = None


def one_day(day: date) -> Days:
    """A day as the first and the last."""
    return day, day


def monday(today: date, weeks: int) -> date:
    """The Monday of this calendar week, or of one so many weeks later."""
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)


def weekday_after(day: date, weekday: int) -> date:
    """The first such weekday after a day, not that day itself."""
    return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)


def weekday_before(day: date, weekday: int) -> date:
    """The last such weekday before a day, not that day itself."""
    return day - timedelta(days=(day.weekday() - weekday - 1) % 7 + 1)


def working_days(day: date) -> Days:
    """Monday to Friday of the week of a day."""
    start = monday(day, 0)
    return start, start + timedelta(days=4)


def shift_month(first: date, months: int) -> date:
    """The first of the month so many months later."""
    total = first.year * 12 + first.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)


def length(month: date) -> int:
    """How many days the month of a day has."""
    return calendar.monthrange(month.year, month.month)[1]
