"""Who is on call, found by living through it: the slow, plain double of `core/roster`.

It goes through time in small steps of UTC and looks at a clock on the wall. Whatever the clock shows for the first
time is an event: turns go on, parts of the day and overrides begin and end, a new day comes. What a spring gap skips
comes with the first moment after it; what is shown again in autumn is no event. Nothing here comes from the code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.moments import Calendar
from bot.core.oncall import Layer, OnCall, Only, Override, Roster
from bot.core.roster import Swap

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Calendars = Mapping[str, Calendar]
Lived = dict[datetime, dict[str, str | None]]
"""Whom each roster itself names at each step, without swaps and stand-ins."""


def live(
    oncall: OnCall, since: datetime, until: datetime, step: timedelta, *, zone: str, calendars: Calendars
) -> Lived:
    """Live from `since`, which lies before everything that the rosters name, until `until`."""
    walls = {name: _Wall(roster, since, step, zone, calendars) for name, roster in oncall.rosters.items()}
    lived: Lived = {}
    moment = since
    while moment <= until:
        lived[moment] = {name: wall.look(moment) for name, wall in walls.items()}
        moment += step
    return lived


def expected(
    oncall: OnCall, roster: str, named: Mapping[str, str | None], moment: datetime, swaps: Sequence[Swap]
) -> str | None:
    """Who should be on call, from what the rosters themselves name at that time."""
    been: list[str] = []
    name: str | None = roster
    while name in oncall.rosters and name not in been:
        swapped = [swap.person for swap in swaps if swap.roster == name and swap.start <= moment < swap.end]
        person = swapped[-1] if swapped else named[name]
        if person is not None:
            return person
        been.append(name)
        name = oncall.rosters[name].otherwise
    return None


@dataclass
class _Part:
    """What has become of a layer so far."""

    layer: Layer
    hand_overs: set[tuple[int, time]]
    begun: bool
    turns: int = 0
    span: date | None = None

    def strike(self, shown: datetime) -> None:
        clock = shown.time()
        if self.layer.starts is not None and shown == datetime.combine(self.layer.starts, time()):
            self.begun = True
        if self.begun and (shown.weekday(), clock) in self.hand_overs:
            self.turns += 1
        only = self.layer.only
        if only and only.until == clock:
            self.span = None
        if only and only.opens == clock:
            self.span = shown.date()

    def person(self) -> str | None:
        people, starts = self.layer.people, self.layer.starts
        if not self.begun or (self.hand_overs and starts and self.turns == 0):
            return None
        return people[(self.turns - 1) % len(people)]


@dataclass
class _Wall:
    """A roster under its clock."""

    roster: Roster
    since: datetime
    step: timedelta
    clinic: str
    calendars: Calendars
    today: date = field(init=False)
    overridden: list[Override] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.roster.zone or self.clinic)
        self.reached = self.since.astimezone(self.zone).replace(tzinfo=None)
        self.today = self.reached.date()
        self.parts = [
            _Part(
                layer=layer,
                hand_overs={(DAYS.index(weekly.day), weekly.at) for weekly in layer.hand_over},
                begun=layer.starts is None,
            )
            for layer in self.roster.layers
        ]
        named = [datetime.combine(layer.starts, time()) for layer in self.roster.layers if layer.starts]
        named += [override.opens for override in self.roster.overrides]
        assert all(self.reached < shown for shown in named), "live from before everything"

    def look(self, moment: datetime) -> str | None:
        local = moment.astimezone(self.zone).replace(tzinfo=None)
        while self.reached < local:
            self.reached += self.step
            self._strike(self.reached)
        for override in reversed(self.roster.overrides):
            if override in self.overridden:
                return override.person
        for part in reversed(self.parts):
            if (only := part.layer.only) is None or self._holds(only, part.span, moment):
                person = part.person()
                if person:
                    return person
        return None

    def _strike(self, shown: datetime) -> None:
        if shown.time() == time():
            self.today = shown.date()
        for override in self.roster.overrides:
            if override.opens == shown and override.until > shown:
                self.overridden.append(override)
            if override.until == shown and override in self.overridden:
                self.overridden.remove(override)
        for part in self.parts:
            part.strike(shown)

    def _holds(self, only: Only, span: date | None, moment: datetime) -> bool:
        day = self.today if only.opens is None else span
        return (
            day is not None
            and (not only.days or DAYS[day.weekday()] in only.days)
            and (only.holidays is None or str(day) in self._closed_on(only.holidays))
            and (only.calendar is None or self._is_open(only.calendar, moment))
            and (only.closed is None or not self._is_open(only.closed, moment))
        )

    def _closed_on(self, name: str) -> tuple[str, ...]:
        return self.calendars[name].closed_on if name in self.calendars else ()

    def _is_open(self, name: str, moment: datetime) -> bool:
        if name not in self.calendars:
            return False
        local = moment.astimezone(ZoneInfo(self.clinic))
        day = f"{local:%A}".lower()
        for weekday, hours in self.calendars[name].open.items():
            if weekday == day and hours.opens <= local.time() < hours.until:
                return str(local.date()) not in self.calendars[name].closed_on
        return False
