"""Family `oncall`, the rules that hang on the day: when nobody has duty, what is over, what is far away."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.roster import shifts
from bot.flowbook.draft import Draft
from bot.flowbook.faults import Fault
from bot.flowbook.lint.oncall_scope import Look, looks

AHEAD = timedelta(weeks=4)
"""So far is looked for an hour when nobody has duty."""

_LAST_CLOCK = "Etc/GMT+12"
"""Where the day ends last of all: what is over there is over everywhere. The clinic's zone stands in no file."""
_TURN = timedelta(weeks=1)


def check(draft: Draft, now: datetime) -> Iterator[Fault]:
    """All faults of this part, as of `now`."""
    for look in looks(draft):
        for rule in RULES:
            yield from rule(look, now)


def gaps(look: Look, now: datetime) -> Iterator[Fault]:
    """Whenever a step asks who is on call, somebody is."""
    for name in _asked(look):
        gap = _gap(look, name, now) if _known(look, name) else None
        if gap:
            others = look.chain(name)[1:]
            nobody = f"and neither has {', '.join(others)}" if others else "and no roster stands in"
            yield look.fault(
                ("rosters", name),
                "oncall/gap",
                f"Nobody has '{name}' {gap}, {nobody}: only the clinic's on-call phone would be told.",
                "Give that time to somebody in a layer, or let a roster stand in with a line 'otherwise: …'.",
                at="key",
            )


def _asked(look: Look) -> Iterator[str]:
    """Rosters that must have somebody at any time: those that steps ask, and those that nothing else uses."""
    whoms = [step.tell for _, step in look.steps()]
    asked = {whom.name for whom in whoms if whom.kind == "on call"}
    used = {whom.name for whom in whoms if whom.kind == "everyone"}
    used |= {roster.otherwise for roster in look.oncall.rosters.values() if roster.otherwise}
    return (name for name in look.oncall.rosters if name in asked or name not in used)


def _known(look: Look, name: str) -> bool:
    """Whether all that it hangs on can be looked up; what can't is told by other rules."""
    wanted = {
        calendar
        for each in look.chain(name)
        for layer in look.oncall.rosters[each].layers
        if layer.only
        for calendar in (layer.only.calendar, layer.only.closed, layer.only.holidays)
        if calendar
    }
    last = look.oncall.rosters[look.chain(name)[-1]].otherwise
    return wanted <= set(look.calendars or ()) and (last is None or last in look.oncall.rosters)


def _gap(look: Look, name: str, now: datetime) -> str | None:
    """The first stretch with nobody, in words. What comes before a plan has begun is none."""
    rosters = [look.oncall.rosters[each] for each in look.chain(name)]
    zone = next((roster.zone for roster in rosters if roster.zone), "UTC")
    begin = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    end = begin + AHEAD
    found = shifts(look.oncall, name, begin, end, zone=zone, calendars=look.calendars or {})
    fresh = any(
        layer.starts and layer.starts + _TURN > now.date() for roster in rosters for layer in roster.layers
    )
    gap = next((shift for shift in found[fresh:] if shift.person is None), None)
    if gap is None:
        return None
    ends = "" if gap.end == end else f" until {_said(gap.end, zone)}"
    begins = "from now on" if gap.start == begin else f"from {_said(gap.start, zone)}"
    return f"{begins}{ends}"


def _said(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%A, %Y-%m-%d, %H:%M}"


def over(look: Look, now: datetime) -> Iterator[Fault]:
    """An override that is over is clutter."""
    for name, roster in look.oncall.rosters.items():
        today = now.astimezone(ZoneInfo(roster.zone or _LAST_CLOCK)).replace(tzinfo=None)
        for number, override in enumerate(roster.overrides):
            if override.opens < override.until <= today:
                yield look.fault(
                    ("rosters", name, "overrides", number),
                    "oncall/override-over",
                    f"This is over since {override.until:%Y-%m-%d %H:%M}: '{override.person}' gets nothing by it any "
                    "more.",
                    "Take it out; if it was meant for a later day, correct the dates.",
                    at="key",
                    severity="warning",
                )


def far(look: Look, now: datetime) -> Iterator[Fault]:
    """A plan begins soon: the year is easily mistyped."""
    for name, roster in look.oncall.rosters.items():
        for number, layer in enumerate(roster.layers):
            if layer.starts and layer.starts > (now + AHEAD).date():
                yield look.fault(
                    ("rosters", name, "layers", number, "starts"),
                    "oncall/starts-far",
                    f"This begins on {layer.starts:%A, %Y-%m-%d}, more than four weeks from now; until then "
                    "nobody of it is on call.",
                    "Compare the date, and its year. 'starts' may lie in the past: turns are counted on from it.",
                    severity="warning",
                )


RULES: tuple[Callable[[Look, datetime], Iterator[Fault]], ...] = (gaps, over, far)
