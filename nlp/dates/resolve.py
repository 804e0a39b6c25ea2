"""What the mentioned days and times are on a given day: wishes (`wished`) and answers (`asked_date`).

A later day corrects an earlier one after "scratch that" and the like; a refused day is no wish; "monday or
tuesday" is both; of several mentions the most exact one counts. The conventions are in `nlp/README.md`.
"""

import itertools
import re
from collections.abc import Mapping
from datetime import date, datetime

from nlp.dates.days import NEXT, WEEKS, Calendar, Days, resolved, weekday_after
from nlp.dates.grammar import DayMention, Grammar, Mentions, TimeMention
from nlp.reading import Window

_RANGE_WORDS = frozenset({"to", "through", "until", "till", "-", "al", "a", "hasta"})
_LIST_WORDS = frozenset({"or", "and", ",", "o", "y", "either", "maybe", "u", "e", "/", "the", "el"})

_A_DAY, _A_WEEKDAY, _SOME_WEEK = 3, 2, 1
_SPECIFIC: Mapping[str, int] = {
    **dict.fromkeys(("iso", "numeric", "spaced", "digits", "slash", "month_day", "day_month"), _A_DAY),
    **dict.fromkeys(("holiday", "ordinal", "weekday_number"), _A_DAY),
    **dict.fromkeys((*WEEKS, "next_month", "this_month", "month", "month_alone"), _SOME_WEEK),
}
"""How exactly a kind of mention names a day; those that aren't here are `_A_WEEKDAY`."""


def wished(mentions: Mentions, grammar: Grammar, now: datetime) -> Window | None:
    """The days and times that the text asks for; None where it asks for none."""
    context = Calendar(now.date(), grammar)
    segments = _segments(mentions, grammar)
    days = next((found for found in (_days(part, context) for part in reversed(segments)) if found), None)
    times = next((found for found in (_times(part) for part in reversed(segments)) if found), None)
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
    context = Calendar(now.date(), grammar, asked=True, past=past)
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
        for start, end in itertools.pairwise(bounds)
    ]


def _refused(mentions: Mentions, mention: DayMention | TimeMention, grammar: Grammar) -> bool:
    before = mentions.line[max(0, mention.start - 40) : mention.start]
    return bool(
        grammar.refused_before.search(before) or grammar.refused_after.match(mentions.line, mention.end)
    )


def _times(segment: Mentions) -> TimeMention | None:
    """An exact time counts before a part of the day."""
    return next((at for at in segment.times if at.exact), segment.times[0] if segment.times else None)


def _days(segment: Mentions, context: Calendar) -> Days | None:
    """The days of a segment: the most specific mention, with those joined to it by "or" and "to"."""
    week = next((WEEKS[day.kind] for day in segment.days if day.kind in WEEKS), None)
    groups = _joined(segment)
    ranked = sorted(groups, key=lambda group: -max(_SPECIFIC.get(day.kind, _A_WEEKDAY) for day, _ in group))
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
            link = _link(segment.line[previous.end : day.start].split(), previous, day)
        if link:
            groups[-1].append((day, link))
        else:
            groups.append([(day, "")])
        previous = day
    return groups


def _link(words: list[str], one: DayMention, two: DayMention) -> str:
    """How the words between two mentions join them; a bare comma joins weekdays only ("tues, weds")."""
    if not words:
        return ""
    if set(words) <= _RANGE_WORDS:
        return "range"
    if words == [","]:
        return "list" if one.kind == two.kind == "weekday" else ""
    return "list" if set(words) <= _LIST_WORDS else ""


def _group(group: list[tuple[DayMention, str]], context: Calendar, week: int | None) -> Days | None:
    first, *others = group
    days = resolved(first[0], context, week)
    if days is None:
        return None
    following = first[0].parts.get("which") in NEXT
    for mention, link in others:
        if mention.kind == "weekday" and (following or link == "range"):
            one = weekday_after(days[1], context.grammar.weekdays[mention.parts["name"]])
            more: Days | None = (one, one)
        else:
            more = resolved(mention, context, week)
            after = weekday_after(days[1], more[0].weekday()) if more is not None else days[1]
            if mention.kind == "weekday" and (after - days[1]).days == 1:
                more = after, after  # "tues, weds or thurs" is one week's
        if more is None:
            continue
        if link == "range" and more[1] >= days[0]:
            days = days[0], more[1]
        elif abs((more[0] - days[1]).days) <= 1 or abs((days[0] - more[1]).days) <= 1:
            days = min(days[0], more[0]), max(days[1], more[1])
        elif context.asked:
            return min(days[0], more[0]), max(days[1], more[1])  # two dates left open are no answer
    return days
