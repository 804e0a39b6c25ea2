"""What the mentioned days and times are on a given day: wishes (`wished`) and answers (`asked_date`).

Conventions (`nlp/README.md`): a weekday is the next such day after today; "next tuesday" is that of the
calendar week after this one; weeks start on Monday; a day that a month lacks moves to the next month that
has it. A later day corrects an earlier one after "scratch that" and the like; a refused day is no wish.
"""

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nlp.dates.grammar import DayMention, Grammar, Mentions, TimeMention
from nlp.reading import Window

Days = tuple[date, date]

_RANGE_WORDS = frozenset({"to", "through", "until", "till", "-", "al", "a", "hasta"})
_LIST_WORDS = frozenset({"or", "and", ",", "o", "y", "either", "maybe", "u", "e", "/", "the", "el"})
_COUNTS = {
    "a": 1,
    "an": 1,
    "the": 1,
    "a couple": 2,
    "a couple of": 2,
    "couple of": 2,
    "un par de": 2,
    "a few": 3,
}
_SPECIFIC: Mapping[str, int] = {
    **dict.fromkeys(
        (
            "iso",
            "numeric",
            "spaced",
            "digits",
            "slash",
            "month_day",
            "day_month",
            "holiday",
            "ordinal",
            "weekday_number",
        ),
        3,
    ),
    **dict.fromkeys(
        ("week_after_next", "next_week", "this_week", "next_month", "this_month", "month", "month_alone"), 1
    ),
}
_WEEKS = {"this_week": 0, "next_week": 1, "week_after_next": 2}
FARTHEST = timedelta(days=366 * 130)


@dataclass(frozen=True, slots=True)
class _Calendar:
    """Today, the names of days and months, and on which side of today an open date lies."""

    today: date
    grammar: Grammar
    past: bool = False


def wished(mentions: Mentions, grammar: Grammar, now: datetime) -> Window | None:
    """The days and times that the text asks for; None where it asks for none."""
    context = _Calendar(now.date(), grammar)
    segments = _segments(mentions, grammar)
    days = next((found for found in (_days(part, context) for part in reversed(segments)) if found), None)
    times = next((found for found in (_times(part, grammar) for part in reversed(segments)) if found), None)
    if days is None and times is None:
        return Window() if mentions.any_time else None
    return Window(
        date_from=days[0] if days else None,
        date_to=days[1] if days else None,
        time_from=times.time_from if times else None,
        time_to=times.time_to if times else None,
    )


def asked_date(mentions: Mentions, grammar: Grammar, now: datetime, *, past: bool) -> date | None:
    """The one date that answers a question for a date; None if there is none, or more than one."""
    context = _Calendar(now.date(), grammar, past=past)
    for segment in reversed(_segments(mentions, grammar)):
        found = _days(segment, context)
        if found is not None:
            return found[0] if found[0] == found[1] else None
    return None


# -- which mentions count ----------------------------------------------------------------------------


def _segments(mentions: Mentions, grammar: Grammar) -> list[Mentions]:
    """The text cut at its corrections ("scratch that"), without what it refuses."""
    cuts = [found.start() for found in re.finditer(rf"(?<!\S){grammar.corrections}(?!\S)", mentions.line)]
    bounds = [0, *cuts, len(mentions.line)]
    return [
        Mentions(
            mentions.line,
            tuple(
                day
                for day in mentions.days
                if start <= day.start < end and not _refused(mentions, day, grammar)
            ),
            tuple(
                at for at in mentions.times if start <= at.start < end and not _refused(mentions, at, grammar)
            ),
            mentions.any_time,
        )
        for start, end in zip(bounds, bounds[1:], strict=False)
    ]


def _refused(mentions: Mentions, mention: DayMention | TimeMention, grammar: Grammar) -> bool:
    before = mentions.line[max(0, mention.start - 40) : mention.start]
    return bool(
        grammar.refused_before.search(before) or grammar.refused_after.match(mentions.line, mention.end)
    )


def _times(segment: Mentions, grammar: Grammar) -> TimeMention | None:
    """An exact time counts before a part of the day."""
    del grammar
    return next((at for at in segment.times if at.exact), segment.times[0] if segment.times else None)


def _days(segment: Mentions, context: _Calendar) -> Days | None:
    """The days of a segment: the most specific mention, with those joined to it by "or" and "to"."""
    week = next((_WEEKS[day.kind] for day in segment.days if day.kind in _WEEKS), None)
    groups = _joined(segment)
    ranked = sorted(groups, key=lambda group: -max(_SPECIFIC.get(day.kind, 2) for day, _ in group))
    for group in ranked:
        found = _group(group, context, week)
        if found is not None:
            return found
    return None


def _joined(segment: Mentions) -> list[list[tuple[DayMention, str]]]:
    """Mentions in groups; each comes with how it is joined to the one before: "", "list" or "range"."""
    groups: list[list[tuple[DayMention, str]]] = []
    previous: DayMention | None = None
    for day in segment.days:
        link = ""
        if previous is not None:
            words = segment.line[previous.end : day.start].split()
            if words and set(words) <= _RANGE_WORDS:
                link = "range"
            elif words and set(words) <= _LIST_WORDS and words != [","]:
                link = "list"
            elif words == [","] and day.kind == previous.kind == "weekday":
                link = "list"
        if link:
            groups[-1].append((day, link))
        else:
            groups.append([(day, "")])
        previous = day
    return groups


def _group(group: list[tuple[DayMention, str]], context: _Calendar, week: int | None) -> Days | None:
    first, *others = group
    days = _resolved(first[0], context, week)
    if days is None:
        return None
    following = first[0].parts.get("which") in _NEXT
    for mention, link in others:
        if mention.kind == "weekday" and (following or link == "range"):
            one = _weekday_after(days[1], context.grammar.weekdays[mention.parts["name"]])
            more: Days | None = (one, one)
        else:
            more = _resolved(mention, context, week)
        if more is None:
            continue
        if link == "range" and more[1] >= days[0]:
            days = days[0], more[1]
        elif abs((more[0] - days[1]).days) <= 1 or abs((days[0] - more[1]).days) <= 1:
            days = min(days[0], more[0]), max(days[1], more[1])
        elif context.past:
            return date.min, date.max  # two dates left open are no answer
    return days


# -- what one mention means --------------------------------------------------------------------------

_NEXT = frozenset({"next", "el proximo", "proximo", "la proxima", "proxima", "el siguiente", "siguiente"})
_LAST = frozenset({"last", "past", "this past", "el pasado"})


def _resolved(mention: DayMention, context: _Calendar, week: int | None) -> Days | None:
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


def _weekday_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)


def _weekday(parts: Mapping[str, str], context: _Calendar) -> Days:
    weekday = context.grammar.weekdays[parts["name"]]
    which = parts.get("which", "")
    if which in _LAST or (context.past and which not in _NEXT):
        return _one(context.today - timedelta(days=(context.today.weekday() - weekday - 1) % 7 + 1))
    if which in _NEXT:
        return _one(_monday(context.today, 1) + timedelta(days=weekday))
    return _one(_weekday_after(context.today, weekday))


def _weekday_number(parts: Mapping[str, str], context: _Calendar) -> Days | None:
    """ "Martes 5" is the 5th if that is a Tuesday; else the number was an hour and the weekday counts."""
    found = _ordinal(parts, context)
    if (
        parts.get("nth")
        or found[0].weekday() == context.grammar.weekdays[parts["name"]]
        or int(parts["day"]) > 12
    ):
        return found
    return _weekday(parts, context)


def _ordinal(parts: Mapping[str, str], context: _Calendar) -> Days:
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


def _fits(day: date, context: _Calendar) -> bool:
    return day <= context.today if context.past else day >= context.today


def _last(first: date, parts: Mapping[str, str]) -> date:
    """The second day of "28 or 29"; a day that isn't behind the first is ignored."""
    last = int(parts.get("last") or 0)
    return first.replace(day=last) if first.day < last <= _length(first) else first


def _calendar_date(parts: Mapping[str, str], context: _Calendar) -> Days:
    month, day = int(parts["month"]), int(parts["day"])
    if month > 12 >= day:
        month, day = day, month  # 25/12: day first, there is no other way to read it
    return _dated(month, day, parts, context)


def _named_date(parts: Mapping[str, str], context: _Calendar) -> Days:
    return _dated(context.grammar.months[parts["name"]], int(parts["day"]), parts, context)


def _holiday(parts: Mapping[str, str], context: _Calendar) -> Days:
    month, day = context.grammar.holidays[parts["name"]]
    return _dated(month, day, {}, context)


def _dated(month: int, day: int, parts: Mapping[str, str], context: _Calendar) -> Days:
    if "year" in parts:
        first = date(_year(parts["year"], context), month, day)
        return first, _last(first, parts)
    step = -1 if context.past else 1
    for year in range(context.today.year, context.today.year + 9 * step, step):
        if day <= _length(date(year, month, 1)) and _fits(date(year, month, day), context):
            first = date(year, month, day)
            return first, _last(first, parts)
    raise ValueError(day)


def _year(text: str, context: _Calendar) -> int:
    """A year of two digits is this century's, or the last one's if a past date would lie ahead."""
    year = int(text)
    if len(text) > 2:
        return year
    year += context.today.year // 100 * 100
    return year - 100 if context.past and year > context.today.year else year


def _in(parts: Mapping[str, str], context: _Calendar) -> Days:
    return _one(_shift(context.today, parts["count"], parts["unit"], 1))


def _ago(parts: Mapping[str, str], context: _Calendar) -> Days:
    count, unit = (parts["hace"], parts["hace_unit"]) if "hace" in parts else (parts["count"], parts["unit"])
    return _one(_shift(context.today, count, unit, -1))


def _from_day(parts: Mapping[str, str], context: _Calendar) -> Days:
    anchors = {"now": 0, "today": 0, "hoy": 0, "ahora": 0, "tomorrow": 1, "manana": 1}
    anchor = parts["anchor"]
    if anchor in anchors:
        start = context.today + timedelta(days=anchors[anchor])
    else:
        start = _weekday_after(context.today, context.grammar.weekdays[anchor])
    return _one(_shift(start, parts["count"], parts["unit"], 1))


def _shift(start: date, count: str, unit: str, sign: int) -> date:
    number = sign * (int(count) if count.isdigit() else _COUNTS.get(count, 3))
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


def _month_from(parts: Mapping[str, str], context: _Calendar) -> date:
    """The first of the month meant: the named one's next occurrence, the next, or this."""
    this = context.today.replace(day=1)
    if "next" in parts:
        return _shift_month(this, 1)
    if "name" not in parts:
        return this
    return _shift_month(this, (context.grammar.months[parts["name"]] - this.month) % 12)


def _month_part(parts: Mapping[str, str], context: _Calendar) -> Days:
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


def _whole_month(parts: Mapping[str, str], context: _Calendar) -> Days:
    month = _month_from(parts, context)
    return max(month, context.today), month.replace(day=_length(month))


def _weekend(parts: Mapping[str, str], context: _Calendar) -> Days:
    weeks = 1 if parts.get("which", "").strip() in _NEXT else 0
    saturday = _monday(context.today, weeks) + timedelta(days=5)
    if saturday + timedelta(days=1) <= context.today:
        saturday += timedelta(weeks=1)
    return saturday, saturday + timedelta(days=1)


def _working_week(weeks: int) -> Callable[[Mapping[str, str], _Calendar], Days]:
    def days(_parts: Mapping[str, str], context: _Calendar) -> Days:
        monday = _monday(context.today, weeks)
        return monday, monday + timedelta(days=4)

    return days


def _this_week(_parts: Mapping[str, str], context: _Calendar) -> Days:
    return context.today, max(context.today, _monday(context.today, 0) + timedelta(days=4))


def _offset(days: int) -> Callable[[Mapping[str, str], _Calendar], Days]:
    return lambda _parts, context: _one(context.today + timedelta(days=days))


_KINDS: Mapping[str, Callable[[Mapping[str, str], _Calendar], Days | None]] = {
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
