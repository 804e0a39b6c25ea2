"""What one mentioned day means on a given day: "next tuesday", "the 31st", "in two weeks", "3/14/62".

Conventions (`nlp/README.md`): a weekday is the next such day after today; "next tuesday" is that of the
calendar week after this one; weeks start on Monday; a day that a month lacks moves to the next month that
has it. A date that no calendar has is no date.
"""

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from nlp.dates.grammar import DayMention, Grammar

Days = tuple[date, date]
"""The first and the last day, both included."""

FARTHEST = timedelta(days=366 * 130)
"""Nobody's birthday and no appointment lies farther away."""

WEEKS: Mapping[str, int] = {"this_week": 0, "next_week": 1, "week_after_next": 2}

_COUNTS: Mapping[str, int] = {
    **dict.fromkeys(("a", "an", "the"), 1),
    **dict.fromkeys(("a couple", "a couple of", "couple of", "un par de"), 2),
}
_A_FEW = 3


@dataclass(frozen=True, slots=True)
class Calendar:
    """Today and the names of days and months. `asked`: one date was asked for, not a wish; `past`: on
    which side of today a date without a year lies."""

    today: date
    grammar: Grammar
    asked: bool = False
    past: bool = False


NEXT = frozenset({"next", "el proximo", "proximo", "la proxima", "proxima", "el siguiente", "siguiente"})
_LAST = frozenset({"last", "past", "this past", "el pasado"})


def resolved(mention: DayMention, context: Calendar, week: int | None = None) -> Days | None:
    """The days that a mention means, None if there are none such. A weekday is that of `week`, if given:
    0 for this calendar week, 1 for the next."""
    try:
        if mention.kind == "weekday" and week is not None:
            return _one(
                _monday(context.today, week) + timedelta(days=context.grammar.weekdays[mention.parts["name"]])
            )
        days = _KINDS[mention.kind](mention.parts, context)
    except (ValueError, OverflowError):
        return None
    if days is not None and max(abs(days[0] - context.today), abs(days[1] - context.today)) > FARTHEST:
        return None
    return days


def _one(day: date) -> Days:
    return day, day


def _monday(today: date, weeks: int) -> date:
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)


def weekday_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)


def _weekday(parts: Mapping[str, str], context: Calendar) -> Days:
    weekday = context.grammar.weekdays[parts["name"]]
    which = parts.get("which", "")
    if which in _LAST or (context.past and which not in NEXT):
        return _one(context.today - timedelta(days=(context.today.weekday() - weekday - 1) % 7 + 1))
    if which in NEXT:
        return _one(_monday(context.today, 1) + timedelta(days=weekday))
    return _one(weekday_after(context.today, weekday))


def _weekday_number(parts: Mapping[str, str], context: Calendar) -> Days | None:
    """ "Martes 5" is the 5th if that is a Tuesday; else the number was an hour and the weekday counts."""
    found = _ordinal(parts, context)
    if (
        parts.get("nth")
        or found[0].weekday() == context.grammar.weekdays[parts["name"]]
        or int(parts["day"]) > 12
    ):
        return found
    return _weekday(parts, context)


def _ordinal(parts: Mapping[str, str], context: Calendar) -> Days:
    """The next (or the last) month that has the day."""
    day = int(parts.get("day") or parts["nth_day"])
    if not 1 <= day <= 31:
        raise ValueError(day)
    month = context.today.replace(day=1)
    while True:
        if day <= _length(month) and (_fits(month.replace(day=day), context)):
            first = month.replace(day=day)
            return first, _last(first, parts)
        month = _shift_month(month, -1 if context.past else 1)


def _fits(day: date, context: Calendar) -> bool:
    return day <= context.today if context.past else day >= context.today


def _last(first: date, parts: Mapping[str, str]) -> date:
    """The second day of "28 or 29"; a day that isn't behind the first is ignored."""
    last = int(parts.get("last") or 0)
    return first.replace(day=last) if first.day < last <= _length(first) else first


def _calendar_date(parts: Mapping[str, str], context: Calendar) -> Days:
    month, day = int(parts["month"]), int(parts["day"])
    if month > 12 >= day:
        month, day = day, month  # 25/12: day first, there is no other way to read it
    return _dated(month, day, parts, context)


def _named_date(parts: Mapping[str, str], context: Calendar) -> Days:
    return _dated(context.grammar.months[parts["name"]], int(parts["day"]), parts, context)


def _holiday(parts: Mapping[str, str], context: Calendar) -> Days:
    month, day = context.grammar.holidays[parts["name"]]
    return _dated(month, day, {}, context)


def _dated(month: int, day: int, parts: Mapping[str, str], context: Calendar) -> Days:
    if "year" in parts:
        first = date(_year(parts["year"], context), month, day)
        return first, _last(first, parts)
    step = -1 if context.past else 1
    for year in range(context.today.year, context.today.year + 9 * step, step):
        if day <= _length(date(year, month, 1)) and _fits(date(year, month, day), context):
            first = date(year, month, day)
            return first, _last(first, parts)
    raise ValueError(day)


def _year(text: str, context: Calendar) -> int:
    """A year of two digits is this century's, or the last one's if a past date would lie ahead."""
    year = int(text)
    if len(text) > 2:
        return year
    year += context.today.year // 100 * 100
    return year - 100 if context.past and year > context.today.year else year


def _in(parts: Mapping[str, str], context: Calendar) -> Days:
    return _one(_shift(context.today, parts["count"], parts["unit"], 1))


def _ago(parts: Mapping[str, str], context: Calendar) -> Days:
    count, unit = (parts["hace"], parts["hace_unit"]) if "hace" in parts else (parts["count"], parts["unit"])
    return _one(_shift(context.today, count, unit, -1))


def _from_day(parts: Mapping[str, str], context: Calendar) -> Days:
    anchors = {"now": 0, "today": 0, "hoy": 0, "ahora": 0, "tomorrow": 1, "manana": 1}
    anchor = parts["anchor"]
    if anchor in anchors:
        start = context.today + timedelta(days=anchors[anchor])
    else:
        start = weekday_after(context.today, context.grammar.weekdays[anchor])
    return _one(_shift(start, parts["count"], parts["unit"], 1))


def _shift(start: date, count: str, unit: str, sign: int) -> date:
    number = sign * (int(count) if count.isdigit() else _COUNTS.get(count, _A_FEW))
    if unit[0] == "d":
        return start + timedelta(days=number)
    if unit[0] in "ws":
        return start + timedelta(weeks=number)
    month = _shift_month(start.replace(day=1), number * (12 if unit[0] in "ya" else 1))
    return month.replace(day=min(start.day, _length(month)))


def _shift_month(first: date, months: int) -> date:
    total = first.year * 12 + first.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)


def _length(month: date) -> int:
    return calendar.monthrange(month.year, month.month)[1]


def _month_from(parts: Mapping[str, str], context: Calendar) -> date:
    """The first of the month meant: the named one's next occurrence, the next, or this."""
    this = context.today.replace(day=1)
    if "next" in parts:
        return _shift_month(this, 1)
    if "name" not in parts:
        return this
    return _shift_month(this, (context.grammar.months[parts["name"]] - this.month) % 12)


def _month_part(parts: Mapping[str, str], context: Calendar) -> Days:
    month = _month_from(parts, context)
    length = _length(month)
    first, last = _PARTS.get(parts["part"], (length - 6, length))
    return month.replace(day=first), month.replace(day=last)


_PARTS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(
        ("beginning", "start", "first week", "early", "principios", "inicios", "primera semana"), (1, 7)
    ),
    **dict.fromkeys(("middle", "mid", "mediados"), (11, 20)),
}


def _whole_month(parts: Mapping[str, str], context: Calendar) -> Days:
    month = _month_from(parts, context)
    return max(month, context.today), month.replace(day=_length(month))


def _weekend(parts: Mapping[str, str], context: Calendar) -> Days:
    weeks = 1 if parts.get("which", "").strip() in NEXT else 0
    saturday = _monday(context.today, weeks) + timedelta(days=5)
    if saturday + timedelta(days=1) <= context.today:
        saturday += timedelta(weeks=1)
    return saturday, saturday + timedelta(days=1)


def _working_week(weeks: int) -> Callable[[Mapping[str, str], Calendar], Days]:
    def days(_parts: Mapping[str, str], context: Calendar) -> Days:
        monday = _monday(context.today, weeks)
        return monday, monday + timedelta(days=4)

    return days


def _this_week(_parts: Mapping[str, str], context: Calendar) -> Days:
    return context.today, max(context.today, _monday(context.today, 0) + timedelta(days=4))


def _offset(days: int) -> Callable[[Mapping[str, str], Calendar], Days]:
    return lambda _parts, context: _one(context.today + timedelta(days=days))


_KINDS: Mapping[str, Callable[[Mapping[str, str], Calendar], Days | None]] = {
    "iso": _calendar_date,
    "numeric": _calendar_date,
    "spaced": _calendar_date,
    "digits": _calendar_date,
    "slash": _calendar_date,
    "month_part": _month_part,
    "month_day": _named_date,
    "day_month": _named_date,
    "holiday": _holiday,
    "before_yesterday": _offset(-2),
    "yesterday": _offset(-1),
    "today": _offset(0),
    "tomorrow": _offset(1),
    "after_tomorrow": _offset(2),
    "ago": _ago,
    "from_day": _from_day,
    "in": _in,
    "week_after_next": _working_week(2),
    "next_week": _working_week(1),
    "this_week": _this_week,
    "weekend": _weekend,
    "next_month": lambda _parts, context: _whole_month({"next": "next"}, context),
    "this_month": _whole_month,
    "month": _whole_month,
    "month_alone": _whole_month,
    "weekday_number": _weekday_number,
    "weekday": _weekday,
    "ordinal": _ordinal,
}
