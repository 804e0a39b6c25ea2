"""Months and their parts: "mid june", "early next month", "the last friday of the month"."""

from collections.abc import Mapping
from datetime import date

from nlp.dates.counting import Calendar, Days, length, one_day, shift_month
from nlp.dates.holidays import nth_weekday


def _month_from(parts: Mapping[str, str], context: Calendar) -> date:
    """The first of the month meant: the named one's next occurrence, the next, or this."""
    this = context.today.replace(day=1)
    if "next" in parts:
        return shift_month(this, 1)
    if "name" not in parts:
        return this
    return shift_month(this, (context.grammar.months[parts["name"]] - this.month) % 12)


def month_part(parts: Mapping[str, str], context: Calendar) -> Days:
    month = _month_from(parts, context)
    days = length(month)
    first, last = _PARTS.get(parts["part"], (days - 6, days))
    return month.replace(day=first), month.replace(day=last)


_PARTS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(
        (
            *("beginning", "start", "first week", "early", "early part", "first part"),
            *("principios", "principio", "inicios", "comienzos", "primera semana"),
        ),
        (1, 7),
    ),
    **dict.fromkeys(("middle", "mid", "mediados"), (11, 20)),
}


def nth_weekday_of(parts: Mapping[str, str], context: Calendar) -> Days:
    """ "The last friday of the month". One that has gone by is that of the month, or of the year, after."""
    weekday, nth = context.grammar.weekdays[parts["weekday"]], _nth(parts, context)
    month = _month_from(parts, context)
    day = nth_weekday(month.year, month.month, weekday, nth)
    if day < context.today and "next" not in parts and not context.past:
        month = shift_month(month, 12 if "name" in parts else 1)
        day = nth_weekday(month.year, month.month, weekday, nth)
    return one_day(day)


def nth_week_of(parts: Mapping[str, str], context: Calendar) -> Days:
    """The first week of a month is its first seven days, the last its last seven."""
    month, nth = _month_from(parts, context), _nth(parts, context)
    last = min(7 * nth, length(month)) if nth > 0 else length(month)
    return month.replace(day=7 * nth - 6 if nth > 0 else last - 6), month.replace(day=last)


def _nth(parts: Mapping[str, str], context: Calendar) -> int:
    word = parts["nth"]
    nth = context.grammar.nth[word] if word in context.grammar.nth else int(word[0])
    if nth not in {-1, 1, 2, 3, 4, 5}:
        raise ValueError(nth)
    return nth


def whole_month(parts: Mapping[str, str], context: Calendar) -> Days:
    month = _month_from(parts, context)
    return max(month, context.today), month.replace(day=length(month))
