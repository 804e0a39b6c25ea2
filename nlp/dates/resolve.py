"""What the mentioned days and times are on a given day: wishes (`wished`) and answers (`asked_date`).

A later day corrects an earlier one after "scratch that" and the like; a refused day is no wish; "monday or
tuesday" is both; of several mentions the most exact one counts. The conventions are in `nlp/README.md`.
"""

import itertools
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from nlp.dates.clock import moment
from nlp.dates.counting import Calendar, Days, weekday_after
from nlp.dates.days import NEXT, WEEKS, resolved, takes_hour
from nlp.dates.grammar import DayMention, Grammar, Mentions, TimeMention
from nlp.reading import Window

Mention = TypeVar("Mention", DayMention, TimeMention)

_RANGE_WORDS = frozenset({"to", "through", "until", "till", "-", "al", "a", "hasta"})
_LIST_WORDS = frozenset({"or", "and", ",", "o", "y", "either", "maybe", "u", "e", "/", "the", "el"})

Span = tuple[time | None, time | None]

_A_DAY, _A_WEEKDAY, _SOME_WEEK = 3, 2, 1
_SPECIFIC: Mapping[str, int] = {
    **dict.fromkeys(
        ("iso", "numeric", "points", "short", "spaced", "digits", "slash", "month_day", "day_month"), _A_DAY
    ),
    **dict.fromkeys(
        ("dash", "dotted", "holiday", "ordinal", "weekday_number", "shifted", "nth_weekday"), _A_DAY
    ),
    **dict.fromkeys(
        (*WEEKS, "next_month", "this_month", "month", "month_alone", "nth_week", "month_part"), _SOME_WEEK
    ),
}
"""How exactly a kind of mention names a day; those that aren't here are `_A_WEEKDAY`."""


def wished(mentions: Mentions, grammar: Grammar, now: datetime) -> Window | None:
    """The days and times that the text asks for; None where it asks for none."""
    context = Calendar(now.date(), grammar)
    segments = [_to_come(part, context) for part in _segments(mentions, grammar)]
    named = _named_month(segments, context)
    days = next((found for found in (_days(part, named) for part in reversed(segments)) if found), None)
    times = next((found for found in (_times(part, context) for part in reversed(segments)) if found), None)
    if days is None and times is None:
        return Window() if mentions.any_time else None
    return Window(
        date_from=days[0] if days else None,
        date_to=days[1] if days else None,
        time_from=times[0] if times else None,
        time_to=times[1] if times else None,
    )


def asked_date(mentions: Mentions, grammar: Grammar, now: datetime, *, past: bool) -> date | None:
    """The one date that answers a question for a date; None if there is none, or more than one."""
    context = Calendar(now.date(), grammar, asked=True, past=past)
    for segment in reversed(_segments(mentions, grammar)):
        found = _days(segment, context)
        if found is not None and any(_is_vague(mentions.line, day) for day in segment.days):
            return None
        if found is not None:
            return found[0] if found[0] == found[1] else None
    return None


_ABOUT = re.compile(r"(?<!\S)(?:about|around|roughly|approximately|like|como|aproximadamente) $")
_OPEN = re.compile(r"(?<!\S)(?:after|before|past|despues del?|antes del?)(?: the| el)? $")
_OR = re.compile(r" (?:(?:or|o) (?!antes|before|sooner|earlier)|ago\b)")
_FEW = re.compile(r"(?<!\S)(?:few|several|some|unos|unas|varios|varias)(?!\S)")
_YEAR = re.compile(r"(?<!\S)(?:19|20)\d\d(?!\S)")


def _is_vague(line: str, day: DayMention) -> bool:
    """ "About a month ago", "after the 10th", "yesterday or the day before", "two tuesdays ago": no one date."""
    before, named, behind = line[: day.start], line[day.start : day.end], line[day.end :]
    if _OR.match(behind) or _OPEN.search(before):
        return True
    if not _YEAR.search(named) and (_YEAR.search(before) or _YEAR.search(behind)):  # "in 1950 on may 3"
        return day.kind != "ago"
    return day.kind == "ago" and bool(_ABOUT.search(before) or _FEW.search(named))


# -- which mentions count ----------------------------------------------------------------------------


def _segments(mentions: Mentions, grammar: Grammar) -> list[Mentions]:
    """The text cut at its corrections ("scratch that"), without what it refuses."""
    cuts = [
        found.start() for found in re.finditer(rf"(?<!\S){grammar.talk.corrections}(?!\S)", mentions.line)
    ]
    bounds = [0, *cuts, len(mentions.line)]
    days = _wanted(mentions.days, mentions, grammar)
    times = _wanted(mentions.times, mentions, grammar)
    return [
        Mentions(
            mentions.line,
            tuple(day for day in days if start <= day.start < end),
            tuple(at for at in times if start <= at.start < end),
            mentions.any_time,
        )
        for start, end in itertools.pairwise(bounds)
    ]


def _wanted(named: tuple[Mention, ...], mentions: Mentions, grammar: Grammar) -> list[Mention]:
    """The mentions that aren't refused. "Not monday or tuesday" refuses both."""
    wanted: list[Mention] = []
    refused: Mention | None = None
    ends = {mention.end for mention in named}
    for mention in named:
        joined = (
            refused is not None and set(mentions.line[refused.end : mention.start].split()) <= _SAME_REFUSAL
        )
        if joined or _refused_before(mentions.line, mention, grammar, ends):
            refused = mention
            wanted += _rest_of_day(mention)
        elif grammar.talk.refused_after.match(mentions.line, mention.end):
            refused = None
        else:
            refused = None
            wanted.append(mention)
    return wanted


_FREE = re.compile(r"(?<!\S)(?:dont|do not|never|no) (?:work|trabajo)(?: on| the| el| los)? $")
_TAKEN_BACK = re.compile(r" \? no (?:the |el )?$")


def _rest_of_day(refused: Mention) -> tuple[Mention, ...]:
    """ "I can't before 10" leaves what is after 10."""
    if isinstance(refused, DayMention) or (refused.time_from is None) == (refused.time_to is None):
        return ()
    return (replace(refused, time_from=refused.time_to, time_to=refused.time_from),)


_SAME_REFUSAL = frozenset({"or", "and", "nor", "o", "y", "ni", "u", "&", "/", "el", "the"})


def _refused_before(line: str, mention: DayMention | TimeMention, grammar: Grammar, ends: set[int]) -> bool:
    """A "no" between two days refuses the first ("tuesday no wednesday")."""
    before = line[max(0, mention.start - 40) : mention.start]
    if (before.endswith(" no ") and mention.start - len(" no ") in ends) or _TAKEN_BACK.search(before):
        return False
    return grammar.talk.refused_before.search(before) is not None and not _FREE.search(before)


def _to_come(segment: Mentions, context: Calendar) -> Mentions:
    """Without the days that have gone by or are told of ("it hurts since monday"), and without the times
    beside them ("i called yesterday at 3")."""
    gone = [day for day in segment.days if _gone(day, context) or _told(segment.line, day, context)]
    starts = {day.start for day in gone}
    return Mentions(
        segment.line,
        tuple(day for day in segment.days if day.start not in starts),
        tuple(
            at
            for at in segment.times
            if not _told(segment.line, at, context)
            and not any(_same_clause(segment.line, at, day) for day in gone)
        ),
        segment.any_time,
    )


def _told(line: str, day: DayMention | TimeMention, context: Calendar) -> bool:
    start = max(0, day.start - _CLAUSE)
    ends = [told.end() for told in context.grammar.talk.told.finditer(line, start, day.end)]
    return bool(ends) and not _CLAUSE_END & set(line[ends[-1] : day.start].split())


def _gone(day: DayMention, context: Calendar) -> bool:
    days = resolved(day, context)
    return days is not None and days[1] < context.today


def _same_clause(line: str, at: TimeMention, day: DayMention) -> bool:
    between = line[min(at.end, day.end) : max(at.start, day.start)]
    return not _CLAUSE_END & set(between.split())


_CLAUSE = 60
"""Characters before a day in which it may be said that the past is told."""

_CLAUSE_END = frozenset({".", ",", "!", "?", ";", "\n", "but", "so", "can", "pero"})


def _times(segment: Mentions, context: Calendar) -> Span | None:
    """An exact time counts before a part of the day, and that before an hour right behind a weekday."""
    exact = [at for at in segment.times if at.exact]
    if exact:
        return _both(segment.line, *exact[:2])
    hour = next((day.parts["day"] for day in segment.days if takes_hour(day, context)), None)
    at = moment(hour) if hour is not None else None
    if at is not None:
        return at, at
    part = min(segment.times, key=_hours, default=None)
    return (part.time_from, part.time_to) if part is not None else None


def _both(line: str, one: TimeMention, two: TimeMention | None = None) -> Span:
    """ "After 2 but before 4" is one window."""
    start, end = one.time_from, one.time_to
    if two is None or not set(line[one.end : two.start].split()) <= _AND_ALSO:
        return start, end
    if end is None and start is not None and two.time_from is None and two.time_to is not None:
        end = two.time_to if two.time_to > start else None
    elif start is None and end is not None and two.time_to is None and two.time_from is not None:
        start = two.time_from if two.time_from < end else None
    return start, end


_AND_ALSO = frozenset({"but", "and", "pero", "y", ",", "also"})


def _hours(part: TimeMention) -> int:
    """How long a part of the day is: "monday morning, first thing" is the first thing."""
    start, end = part.time_from or time(0), part.time_to or time(23)
    return (end.hour - start.hour) * 60 + end.minute - start.minute


OpenDays = tuple[date | None, date | None]


def _days(segment: Mentions, context: Calendar) -> OpenDays | None:
    """The days of a segment: the most specific mention, with those joined to it by "or" and "to"."""
    week = next((WEEKS[day.kind] for day in segment.days if day.kind in WEEKS), None)
    groups = _joined(segment)
    ranked = sorted(groups, key=lambda group: -max(_SPECIFIC.get(day.kind, _A_WEEKDAY) for day, _ in group))
    for group in ranked:
        found = _group(group, _in_month(segment, group[0][0], context), week)
        if found is not None and group[0][0].kind == "weekday" and not context.asked:
            found = _within(found, segment, context)
        if found is not None:
            return (
                found if context.asked or len(group) > 1 else _open(found, group[0][0].bound, context.today)
            )
    return None


def _within(days: Days, segment: Mentions, context: Calendar) -> Days:
    """The weekday of a week that is named beside it ("2nd week of june, tuesday"); all of the weeks of a month
    if that is named ("in june, any friday")."""
    ranges = (resolved(day, context) for day in segment.days if day.kind in _RANGES)
    for span in ranges:
        if span is None or span[0] <= days[0] <= span[1]:
            continue
        first = weekday_after(max(span[0], context.today) - timedelta(days=1), days[0].weekday())
        last = first + (days[1] - days[0])
        return (first, last) if span[1] - span[0] < timedelta(days=7) and last <= span[1] else span
    return days


def _named_month(segments: list[Mentions], context: Calendar) -> Calendar:
    """With the month of the first date, if what comes later puts it right."""
    first = next((day for part in segments[:-1] for day in part.days if day.kind in _NAMED), None)
    days = resolved(first, context) if first is not None else None
    return replace(context, month=days[0].replace(day=1)) if days is not None else context


_NAMED = frozenset({"month_day", "day_month", "slash"})


def _in_month(segment: Mentions, day: DayMention, context: Calendar) -> Calendar:
    """ "In august, after the 15th": the day is one of that month."""
    if context.asked or day.kind != "ordinal":
        return context
    months = (resolved(other, context) for other in segment.days if other.kind in _MONTHS)
    start = next((span[0] for span in months if span is not None), context.month or context.today)
    return replace(context, today=max(start, context.today))


_MONTHS = frozenset({"month", "month_alone", "next_month"})
_RANGES = frozenset({"month", "next_month", "month_part", "nth_week"})


def _open(days: Days, bound: str, today: date) -> OpenDays:
    """Days that are open to one side: "after the 15th", "by friday", "from monday on"."""
    if bound == "after":
        return days[1] + timedelta(days=1), None
    if bound == "before" and days[0] > today:
        return None, days[0] - timedelta(days=1)
    if bound == "by":
        return None, days[1]
    return (days[0], None) if bound == "from" else days


def _joined(segment: Mentions) -> list[list[tuple[DayMention, str]]]:
    """Mentions in groups; each comes with how it is joined to the one before: "", "list" or "range"."""
    groups: list[list[tuple[DayMention, str]]] = []
    previous: DayMention | None = None
    for day in segment.days:
        link = ""
        if previous is not None:
            link = _link(segment.line[previous.end : day.start].split(), previous, day)
            if not link or (link == "list" and previous.bound == "between"):
                link = _range_link(segment.line[previous.end :], previous, day) or link
        if link:
            groups[-1].append((day, link))
        else:
            groups.append([(day, "")])
        previous = day
    return groups


_LISTED = frozenset({"weekday", "ordinal", "slash", "month_day", "day_month"})
"""Kinds that are listed without a word between them."""


def _link(words: list[str], one: DayMention, two: DayMention) -> str:
    """How the words between two mentions join them; a bare comma joins days of a kind only ("tues, weds")."""
    listed = one.kind == two.kind and one.kind in _LISTED
    if not words:
        return "list" if listed and one.kind != "weekday" else ""
    if set(words) <= _RANGE_WORDS:
        return "range"
    if words == [","]:
        return "list" if listed else ""
    return "list" if set(words) <= _LIST_WORDS else ""


def _range_link(behind: str, one: DayMention, two: DayMention) -> str:
    """ "Lunes a viernes", "between the 3rd and the 9th", "mon-fri", which loses its dash."""
    if one.bound == "between" and set(behind[: two.start - one.end].split()) & {"and", "y", "&"}:
        return "range"
    if not one.kind == two.kind == "weekday" or behind[: two.start - one.end].strip():
        return ""
    return "range" if behind.startswith(" a ") or "which" not in two.parts else ""


def _further(
    mention: DayMention, days: Days, context: Calendar, week: int | None, *, in_order: bool
) -> Days | None:
    """The days of a mention that is joined to others: "tues, weds or thurs" is one week's."""
    if mention.kind == "ordinal" and not context.past:
        return resolved(mention, replace(context, today=days[0]), week)
    more = resolved(mention, context, week)
    if mention.kind != "weekday" or more is None:
        return more
    after = weekday_after(days[1], context.grammar.weekdays[mention.parts["name"]])
    return (after, after) if in_order or (after - days[1]).days == 1 else more


def _group(group: list[tuple[DayMention, str]], context: Calendar, week: int | None) -> Days | None:
    first, *others = group
    days = resolved(first[0], context, week)
    if days is None:
        return None
    following = first[0].parts.get("which") in NEXT
    for mention, link in others:
        more = _further(mention, days, context, week, in_order=following or link == "range")
        if more is None:
            continue
        if link == "range" and more[1] >= days[0]:
            days = days[0], more[1]
        elif abs((more[0] - days[1]).days) <= 1 or abs((days[0] - more[1]).days) <= 1:
            days = min(days[0], more[0]), max(days[1], more[1])
        elif context.asked:
            return min(days[0], more[0]), max(days[1], more[1])  # two dates left open are no answer
    return days
