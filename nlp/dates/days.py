"""What one mentioned day means on a given day: "next tuesday", "the 31st", "in two weeks", "3/14/62".

Conventions (`nlp/README.md`): a weekday is the next such day after today; "next tuesday" is that of the
calendar week after this one; weeks start on Monday; a day that a month lacks moves to the next month that
has it. A date that no calendar has is no date.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from nlp.dates.counting import (
    Calendar,
    Days,
    length,
    monday,
    one_day,
    shift_month,
    weekday_after,
    weekday_before,
    working_days,
)
from nlp.dates.grammar import DayMention
from nlp.dates.months import month_part, nth_week_of, nth_weekday_of, whole_month

FARTHEST = timedelta(days=366 * 130)
"""Nobody's birthday and no appointment lies farther away."""

WEEKS: Mapping[str, int] = {"this_week": 0, "next_week": 1, "week_after_next": 2}

_COUNTS: Mapping[str, int] = {
    **dict.fromkeys(("a", "an", "the"), 1),
    **dict.fromkeys(("a couple", "a couple of", "couple", "couple of", "un par de", "1 par de"), 2),
}
_A_FEW = 3


NEXT = frozenset({"next", "el proximo", "proximo", "la proxima", "proxima", "el siguiente", "siguiente"})
_LAST = frozenset({"last", "past", "this past", "el pasado"})


def resolved(mention: DayMention, context: Calendar, week: int | None = None) -> Days | None:
    """The days that a mention means, None if there are none such. A weekday is that of `week`, if given:
    0 for this calendar week, 1 for the next."""
    try:
        if mention.kind == "weekday" and week is not None:
            return one_day(
                monday(context.today, week) + timedelta(days=context.grammar.weekdays[mention.parts["name"]])
            )
        if mention.base is not None:
            days = _shifted(mention, mention.base, context)
        else:
            days = _KINDS[mention.kind](mention.parts, context)
    except (ValueError, OverflowError):
        return None
    if days is not None and max(abs(days[0] - context.today), abs(days[1] - context.today)) > FARTHEST:
        return None
    return days


def _weekday(parts: Mapping[str, str], context: Calendar) -> Days:
    weekday = context.grammar.weekdays[parts["name"]]
    which = parts.get("which", "")
    if "tail" in parts:
        which = "last" if parts["tail"] == "pasado" else "next"
    if parts.get("tail") == "after next":
        return one_day(monday(context.today, 2) + timedelta(days=weekday))
    if which in _LAST or (context.past and which not in NEXT):
        return one_day(weekday_before(context.today, weekday))
    if which in NEXT:
        return one_day(monday(context.today, 1) + timedelta(days=weekday))
    return one_day(weekday_after(context.today, weekday))


def takes_hour(mention: DayMention, context: Calendar) -> bool:
    """Whether the number behind a weekday is an hour ("monday 8"): the day has another date."""
    if mention.kind != "weekday_number" or "nth" in mention.parts or int(mention.parts["day"]) > 12:
        return False
    return _ordinal(mention.parts, context)[0].weekday() != context.grammar.weekdays[mention.parts["name"]]


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
        if day <= length(month) and (_fits(month.replace(day=day), context)):
            first = month.replace(day=day)
            return first, _last(first, parts)
        month = shift_month(month, -1 if context.past else 1)


def _fits(day: date, context: Calendar) -> bool:
    return day <= context.today if context.past else day >= context.today


def _last(first: date, parts: Mapping[str, str]) -> date:
    """The second day of "28 or 29", "16th to 19th". Days left open that aren't neighbours ("the 5th or the
    20th") are the first only. "The 30th to the 2nd" ends in the next month."""
    last = int(parts.get("last") or parts.get("last_2") or 0)
    if not 1 <= last <= 31:
        return first
    month = first.replace(day=1) if last > first.day else shift_month(first.replace(day=1), 1)
    if last > length(month):
        return first
    end = month.replace(day=last)
    if (parts.get("join") or parts.get("join_2")) in {"or", "and", "o", "y", "&", "/"}:
        middle = parts.get("middle") or parts.get("middle_2")
        far = 2 if middle == str(first.day + 1) else 1
    else:
        far = 31 if last > first.day else 13
    return end if (end - first).days <= far else first


def _calendar_date(parts: Mapping[str, str], context: Calendar) -> Days:
    month, day = int(parts["month"]), int(parts["day"])
    if month > 12 >= day:
        month, day = day, month  # 25/12: day first, there is no other way to read it
    return _dated(month, day, parts, context)


def _short_date(parts: Mapping[str, str], context: Calendar) -> Days:
    """ "3 14 62", "031462": only where a date was asked for; in a wish these are codes."""
    if not context.asked:
        raise ValueError(parts)
    if "mdy" in parts:
        digits = parts["mdy"]
        parts = {"month": digits[:2], "day": digits[2:4], "year": digits[4:]}
    return _calendar_date(parts, context)


def _named_date(parts: Mapping[str, str], context: Calendar) -> Days:
    return _dated(context.grammar.months[parts["name"]], int(parts["day"]), parts, context)


def _holiday(parts: Mapping[str, str], context: Calendar) -> Days:
    holiday = context.grammar.holidays[parts["name"]]
    step = -1 if context.past else 1
    day = next(
        day
        for year in range(context.today.year, context.today.year + 3 * step, step)
        if _fits(day := holiday.on(year), context)
    )
    if "week" not in parts:
        return one_day(day)
    return _weekend_by(day) if parts["week"].endswith("end") else working_days(day)


def _weekend_by(day: date) -> Days:
    """The weekend next to a day: up to Tuesday the one before it."""
    saturday = monday(day, -1 if day.weekday() < 2 else 0) + timedelta(days=5)
    return saturday, saturday + timedelta(days=1)


def _shifted(mention: DayMention, base: DayMention, context: Calendar) -> Days | None:
    """Days counted from another: "the day after christmas", "two weeks from the 3rd", "the week of may 4"."""
    parts = mention.parts
    found = resolved(base, context)
    if found is None:
        return None
    way = parts["way"]
    sign = -1 if way == "before" else 1
    start = found[0] if way == "before" else found[1]
    if "unit" in parts:
        return one_day(_shift(start, parts.get("count", "a"), parts["unit"], sign))
    what = parts["what"]
    if what in {"day", "dia"}:
        return one_day(start + timedelta(days=sign))
    if what in context.grammar.weekdays:
        weekday = context.grammar.weekdays[what]
        return one_day(weekday_after(start, weekday) if sign > 0 else weekday_before(start, weekday))
    week = start if way == "of" else start + timedelta(weeks=sign)
    saturday = monday(week if what in _WEEK_WORDS else start, 0) + timedelta(days=5)
    if what in _WEEK_WORDS:
        return working_days(week)
    saturday += timedelta(weeks=sign) if way != "of" and not start < saturday else timedelta()
    return saturday, saturday + timedelta(days=1)


_WEEK_WORDS = frozenset({"week", "semana"})


def _dated(month: int, day: int, parts: Mapping[str, str], context: Calendar) -> Days:
    if context.asked and "short_year" in parts:
        parts = {**parts, "year": parts["short_year"]}
    if "year" in parts:
        first = date(_year(parts["year"], context), month, day)
        return first, _last(first, parts)
    step = -1 if context.past else 1
    for year in range(context.today.year, context.today.year + 9 * step, step):
        if day <= length(date(year, month, 1)) and _fits(date(year, month, day), context):
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
    """ "In 2 to 3 weeks" is a range; of "2 or 3 weeks" the first counts, of "2 or 3 days" both."""
    last = _shift(context.today, parts["count"], parts["unit"], 1)
    if "low" not in parts:
        return one_day(last)
    first = _shift(context.today, parts["low"], parts["unit"], 1)
    return (
        (first, last)
        if parts["join"] not in {"or", "o"} or last - first == timedelta(days=1)
        else one_day(first)
    )


def _ago(parts: Mapping[str, str], context: Calendar) -> Days:
    count, unit = (parts["hace"], parts["hace_unit"]) if "hace" in parts else (parts["count"], parts["unit"])
    last = _shift(context.today, count, unit, -1)
    return last, _shift(context.today, parts["low"], unit, -1) if "low" in parts else last


def _from_day(parts: Mapping[str, str], context: Calendar) -> Days:
    anchors = {"now": 0, "today": 0, "hoy": 0, "ahora": 0, "tomorrow": 1, "manana": 1}
    anchor = parts["anchor"]
    if anchor in anchors:
        start = context.today + timedelta(days=anchors[anchor])
    else:
        start = weekday_after(context.today, context.grammar.weekdays[anchor])
    return one_day(_shift(start, parts["count"], parts["unit"], 1))


def _in_eight(parts: Mapping[str, str], context: Calendar) -> Days:
    """ "De hoy en ocho" is a week from today, as Spanish counts both ends; "en quince" is two."""
    return _from_day({**parts, "count": "1" if parts["count"] == "8" else "2", "unit": "weeks"}, context)


def _shift(start: date, count: str, unit: str, sign: int) -> date:
    number = sign * (int(count) if count.isdigit() else _COUNTS.get(count, _A_FEW))
    if unit[0] == "d":
        return start + timedelta(days=number)
    if unit[0] in "ws":
        return start + timedelta(weeks=number)
    month = shift_month(start.replace(day=1), number * (12 if unit[0] in "ya" else 1))
    return month.replace(day=min(start.day, length(month)))


def _weekend(parts: Mapping[str, str], context: Calendar) -> Days:
    weeks = 1 if "tail" in parts or parts.get("which", "").strip() in NEXT else 0
    saturday = monday(context.today, weeks) + timedelta(days=5)
    if saturday + timedelta(days=1) <= context.today:
        saturday += timedelta(weeks=1)
    return saturday, saturday + timedelta(days=1)


def _working_week(weeks: int) -> Callable[[Mapping[str, str], Calendar], Days]:
    def days(_parts: Mapping[str, str], context: Calendar) -> Days:
        return working_days(monday(context.today, weeks))

    return days


def _this_week(_parts: Mapping[str, str], context: Calendar) -> Days:
    return context.today, max(context.today, monday(context.today, 0) + timedelta(days=4))


def _offset(days: int) -> Callable[[Mapping[str, str], Calendar], Days]:
    return lambda _parts, context: one_day(context.today + timedelta(days=days))


_KINDS: Mapping[str, Callable[[Mapping[str, str], Calendar], Days | None]] = {
    "iso": _calendar_date,
    "numeric": _calendar_date,
    "spaced": _calendar_date,
    "points": _calendar_date,
    "short": _short_date,
    "digits": _calendar_date,
    "slash": _calendar_date,
    "dash": _calendar_date,
    "dotted": _calendar_date,
    "nth_weekday": nth_weekday_of,
    "nth_week": nth_week_of,
    "in_eight": _in_eight,
    "month_part": month_part,
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
    "next_month": lambda _parts, context: whole_month({"next": "next"}, context),
    "this_month": whole_month,
    "month": whole_month,
    "month_alone": whole_month,
    "weekday_number": _weekday_number,
    "weekday": _weekday,
    "ordinal": _ordinal,
}
