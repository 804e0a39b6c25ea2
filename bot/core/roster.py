"""Who is on call: rosters worked out for a moment, and for a span of time.

Nothing walks through the past: a layer's turn is counted from its weekly hand-overs. All of a roster's times are
moments: of an hour that the clocks repeat the first, of one that they skip the first moment after it. A calendar's
hours are on the clinic's clock, also where a roster has a zone of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, groupby, pairwise
from zoneinfo import ZoneInfo

from bot.core.moments import Calendar, Weekday
from bot.core.oncall import Layer, OnCall, Only, Roster, WeeklyMoment, Whom

_WEEK = tuple(Weekday)
_NUMBER = {day: number for number, day in enumerate(Weekday)}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """This person instead of whoever the roster names, from `start` until `end` (UTC). In a list the later one wins."""

    roster: str
    person: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The person has duty from `start` until `end`, in UTC; nobody where it is None."""

    start: datetime
    end: datetime
    person: str | None


# -- at a moment ----------------------------------------------------------------------------------------


def on_call(
    oncall: OnCall,
    roster: str,
    moment: datetime,
    *,
    zone: str,
    calendars: Mapping[str, Calendar],
    swaps: Sequence[Swap] = (),
) -> str | None:
    """Who has duty; where the roster has nobody, whoever stands in. `zone` is the clinic's."""
    for name, found in _with_stand_ins(oncall, roster):
        person = _swapped(name, moment, swaps) or _on_duty(found, moment, zone, calendars)
        if person:
            return person
    return None


def members(oncall: OnCall, roster: str) -> tuple[str, ...]:
    """Everybody whom the roster names, in its order, once."""
    found = oncall.rosters.get(roster)
    if found is None:
        return ()
    named = chain.from_iterable(layer.people for layer in found.layers)
    return tuple(dict.fromkeys((*named, *(override.person for override in found.overrides))))


def told(
    oncall: OnCall,
    whom: Whom,
    moment: datetime,
    *,
    zone: str,
    calendars: Mapping[str, Calendar],
    swaps: Sequence[Swap] = (),
) -> tuple[str, ...]:
    """Whom this means at the moment; nobody for a role and for the clinic's phone, which no roster knows."""
    match whom.kind:
        case "on call":
            person = on_call(oncall, whom.name, moment, zone=zone, calendars=calendars, swaps=swaps)
            return (person,) if person else ()
        case "everyone":
            return members(oncall, whom.name)
        case "person":
            return (whom.name,)
        case _:
            return ()


def _with_stand_ins(oncall: OnCall, name: str | None) -> Iterator[tuple[str, Roster]]:
    """The roster, and those that stand in for it one after another; each once, so that a circle ends."""
    seen: set[str] = set()
    while name is not None and name not in seen and name in oncall.rosters:
        seen.add(name)
        yield name, oncall.rosters[name]
        name = oncall.rosters[name].otherwise


def _swapped(name: str, moment: datetime, swaps: Sequence[Swap]) -> str | None:
    for swap in reversed(swaps):
        if swap.roster == name and swap.start <= moment < swap.end:
            return swap.person
    return None


def _on_duty(roster: Roster, moment: datetime, zone: str, calendars: Mapping[str, Calendar]) -> str | None:
    shown = _shown(moment, ZoneInfo(roster.zone or zone))
    for override in reversed(roster.overrides):
        if override.opens <= shown < override.until:
            return override.person
    for layer in reversed(roster.layers):
        person = _turn(layer, shown)
        if person and (layer.only is None or _counts(layer.only, shown, moment, zone, calendars)):
            return person
    return None


def _turn(layer: Layer, shown: datetime) -> str | None:
    """Whose turn it is; nobody's before the first one."""
    if layer.starts is None:
        return layer.people[0]
    if not layer.hand_over:
        return layer.people[0] if layer.starts <= shown.date() else None
    passed = sum(_times(weekly, layer.starts, shown) for weekly in layer.hand_over)
    return layer.people[(passed - 1) % len(layer.people)] if passed else None


def _times(weekly: WeeklyMoment, starts: date, shown: datetime) -> int:
    """How often this moment of the week has come since the date."""
    until_first = (_NUMBER[weekly.day] - starts.weekday()) % 7
    weeks, days = divmod(shown.toordinal() - starts.toordinal() - until_first, 7)
    return max(0, weeks + (days > 0 or weekly.at <= shown.time()))


def _counts(
    only: Only, shown: datetime, moment: datetime, zone: str, calendars: Mapping[str, Calendar]
) -> bool:
    """Whether a layer counts then. A calendar that nobody knows is never open and has no holidays."""
    day = _day(only, shown)
    if day is None or (only.days and _WEEK[day.weekday()] not in only.days):
        return False
    if only.holidays is not None:
        calendar = calendars.get(only.holidays)
        if calendar is None or day.isoformat() not in calendar.closed_on:
            return False
    if only.calendar is not None and not _is_open(calendars.get(only.calendar), moment, zone):
        return False
    return only.closed is None or not _is_open(calendars.get(only.closed), moment, zone)


def _is_open(calendar: Calendar | None, moment: datetime, zone: str) -> bool:
    return calendar is not None and calendar.is_open(moment, zone)


def _day(only: Only, shown: datetime) -> date | None:
    """The day to which the moment belongs: for a part of the day, the one on which it began; None outside of it."""
    clock, today = shown.time(), shown.date()
    if only.opens is None or only.until is None:
        return today
    if only.opens < only.until:
        return today if only.opens <= clock < only.until else None
    if clock >= only.opens:
        return today
    return today - _DAY if clock < only.until else None


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """The latest that the clock has shown by now. It stands still while an hour is repeated.

    A time of the roster has passed if it is not later than this.
    """
    local = moment.astimezone(zone)
    if not local.fold:
        return local.replace(tzinfo=None)
    before = local.replace(fold=0)
    end = _change(before.astimezone(UTC), moment.astimezone(UTC), zone)
    return end.replace(tzinfo=None) + (before.utcoffset() or timedelta()) - datetime.resolution


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The moment between the two, in UTC, at which the clocks change: halve until the minute is found."""
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high.replace(second=0, microsecond=0)


# -- over a span of time --------------------------------------------------------------------------------


def shifts(
    oncall: OnCall,
    roster: str,
    start: datetime,
    end: datetime,
    *,
    zone: str,
    calendars: Mapping[str, Calendar],
    swaps: Sequence[Swap] = (),
) -> tuple[Shift, ...]:
    """Who has duty from `start` until `end`, one after another, without a gap; next to each other nobody twice."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if start >= end:
        return ()
    changes = {start}
    for name, found in _with_stand_ins(oncall, roster):
        edges = _edges(found, start, end, zone, calendars)
        swapped = (edge for swap in swaps if swap.roster == name for edge in (swap.start, swap.end))
        changes.update(edge.astimezone(UTC) for edge in (*edges, *swapped) if start < edge < end)
    duty = [
        (moment, on_call(oncall, roster, moment, zone=zone, calendars=calendars, swaps=swaps))
        for moment in sorted(changes)
    ]
    begun = [(next(same)[0], person) for person, same in groupby(duty, key=lambda found: found[1])]
    return tuple(
        Shift(start=begins, end=ends, person=person)
        for (begins, person), (ends, _) in pairwise([*begun, (end, None)])
    )


def _edges(
    roster: Roster, start: datetime, end: datetime, zone: str, calendars: Mapping[str, Calendar]
) -> Iterator[datetime]:
    """Every moment at which the roster may change; more of them do no harm."""
    own, clinic = ZoneInfo(roster.zone or zone), ZoneInfo(zone)
    onlys = [layer.only for layer in roster.layers if layer.only]
    clock = {time()}
    clock.update(weekly.at for layer in roster.layers for weekly in layer.hand_over)
    clock.update(at for only in onlys for at in (only.opens, only.until) if at is not None)
    yield from _moments(clock, own, start, end)
    for override in roster.overrides:
        yield from _both(override.opens, own)
        yield from _both(override.until, own)
    hours = [
        span
        for only in onlys
        for name in (only.calendar, only.closed)
        if name is not None and name in calendars
        for span in calendars[name].open.values()
    ]
    if hours:
        yield from _moments(
            {time(), *(at for span in hours for at in (span.opens, span.until))}, clinic, start, end
        )


def _moments(clock: set[time], zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """These times on every day of the span, and the changes of the clocks, to which skipped ones move."""
    day = start.replace(hour=0, minute=0, second=0, microsecond=0) - _DAY
    while day <= end + _DAY:
        for at in clock:
            yield from _both(datetime.combine(day, at), zone)
        if day.astimezone(zone).utcoffset() != (day + _DAY).astimezone(zone).utcoffset():
            yield _change(day, day + _DAY, zone)
        day += _DAY


def _both(shown: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Both moments at which a clock shows this; nearly always they are one."""
    first = shown.replace(tzinfo=zone, fold=0)
    return first.astimezone(UTC), first.replace(fold=1).astimezone(UTC)
