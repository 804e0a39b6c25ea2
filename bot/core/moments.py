"""Moments as a clinic says them: '3 days before the visit at 10:00', 'tomorrow at 09:00', '2 business days'.

`read_moment` takes the words, `when` gives the point in time. Days keep the clock time of what they are counted
from across a change of the clocks; hours are counted. Business days are those on which a calendar is open.
"""

import re
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, WithJsonSchema

from bot.core.clocks import at_clock
from bot.core.shape import Duration, Hours, Shape, duration

_AROUND = re.compile(
    r"(\d{1,3}) (hour|day|business day|week)s? (before|after) the visit(?: at (\d{1,2}:\d{2}))?"
)
_BUSINESS = re.compile(r"(\d{1,3}) business days?(?: at (\d{1,2}:\d{2}))?")
_CLOCK = re.compile(r"(?:(today|tomorrow) at )?(\d{1,2}:\d{2})")
_UNTIL = "until "


class Weekday(StrEnum):
    """In the order of `datetime.weekday`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class Calendar(Shape):
    """When somebody is there: hours by weekday, and dates on which nobody is. On the clinic's clock."""

    open: dict[Weekday, Hours]
    closed_on: tuple[Annotated[str, "YYYY-MM-DD"], ...] = ()

    def is_open(self, moment: datetime, zone: str) -> bool:
        """Whether somebody is there at this moment."""
        local = moment.astimezone(ZoneInfo(zone))
        hours = self._hours(local)
        return hours is not None and hours.opens <= local.time() < hours.until

    def next_open(self, moment: datetime, zone: str) -> datetime:
        """This moment if somebody is there, else when somebody next comes; the moment itself if nobody ever does."""
        local = moment.astimezone(ZoneInfo(zone))
        for days in range(32):
            day = local + timedelta(days=days)
            hours = self._hours(day)
            if hours is None:
                continue
            if days == 0 and local.time() < hours.until:
                return max(moment, at_clock(datetime.combine(day, hours.opens), zone, moment))
            if days:
                return at_clock(datetime.combine(day, hours.opens), zone, moment)
        return moment

    def is_business_day(self, local: datetime) -> bool:
        """Whether the calendar is open at all on this day."""
        return self._hours(local) is not None

    def _hours(self, local: datetime) -> Hours | None:
        if local.date().isoformat() in self.closed_on:
            return None
        return self.open.get(list(Weekday)[local.weekday()])


class AroundVisit(Shape):
    """Before or after the visit's start; `at` sets the clock time of that day."""

    unit: Literal["hour", "day", "business day", "week"]
    count: int
    side: Literal["before", "after"]
    at: time | None = None

    def __str__(self) -> str:
        clock = f" at {self.at:%H:%M}" if self.at else ""
        return f"{self.count} {self.unit}{'s' if self.count != 1 else ''} {self.side} the visit{clock}"


class BusinessDays(Shape):
    """So many days on which the clinic is open from now."""

    count: int
    at: time | None = None

    def __str__(self) -> str:
        clock = f" at {self.at:%H:%M}" if self.at else ""
        return f"{self.count} business day{'s' if self.count != 1 else ''}{clock}"


class AtClock(Shape):
    """The next time that the patient's clock shows this; `tomorrow`: not before the next day."""

    at: time
    tomorrow: bool = False

    def __str__(self) -> str:
        return f"until {'tomorrow at ' if self.tomorrow else ''}{self.at:%H:%M}"


class AtVisit(Shape):
    """When the visit begins."""

    kind: Literal["the visit"] = "the visit"

    def __str__(self) -> str:
        return "until the visit"


Moment = AroundVisit | BusinessDays | AtClock | AtVisit | Duration


def read_around(text: str) -> AroundVisit | None:
    """'3 days before the visit at 10:00'; None for anything else."""
    found = _AROUND.fullmatch(text.strip())
    if not found or not _clock_ok(found[4]):
        return None
    return AroundVisit(unit=found[2], count=int(found[1]), side=found[3], at=_clock(found[4]))


def _read(text: object) -> object:
    if not isinstance(text, str):
        return text
    said = text.strip().removeprefix(_UNTIL)
    if said == "the visit":
        return AtVisit()
    if found := duration(said) or read_around(said):
        return found
    business = _BUSINESS.fullmatch(said)
    if business and _clock_ok(business[2]):
        return BusinessDays(count=int(business[1]), at=_clock(business[2]))
    clock = _CLOCK.fullmatch(said)
    if clock and _clock_ok(clock[2]):
        return AtClock(at=_clock(clock[2]), tomorrow=clock[1] == "tomorrow")
    raise ValueError(
        "write a wait as '20 hours', '2 business days', 'until the visit', "
        "'until 1 day before the visit at 10:00' or 'until tomorrow at 09:00'"
    )


When = Annotated[Moment, BeforeValidator(_read), WithJsonSchema({"type": "string"})]
"""A moment as a step writes it."""


def when(
    moment: Moment, *, now: datetime, start: datetime | None, zone: str, calendar: Calendar | None
) -> datetime | None:
    """The point in time, in UTC; None where it hangs on a visit and there is none. `start` is the visit's."""
    if isinstance(moment, timedelta):
        return now + moment
    if isinstance(moment, AtVisit):
        return start
    if isinstance(moment, AroundVisit):
        return around(moment, start, zone, calendar) if start else None
    local = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if isinstance(moment, AtClock):
        today = datetime.combine(local, moment.at)
        return at_clock(today + timedelta(days=moment.tomorrow or today <= local), zone, now)
    return at_clock(_on(_business(local, moment.count, calendar), moment.at), zone, now)


def around(moment: AroundVisit, start: datetime, zone: str, calendar: Calendar | None) -> datetime:
    """The point in time around a visit that begins at `start`."""
    sign = -1 if moment.side == "before" else 1
    if moment.unit == "hour":
        return start + sign * timedelta(hours=moment.count)
    local = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if moment.unit == "business day":
        day = _business(local, sign * moment.count, calendar)
    else:
        day = local + sign * timedelta(days=moment.count * (7 if moment.unit == "week" else 1))
    return at_clock(_on(day, moment.at), zone, start)


def _business(local: datetime, count: int, calendar: Calendar | None) -> datetime:
    """So many business days on (or back); without a calendar every day counts."""
    step = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    for _ in range(400):
        if left == 0:
            break
        local += step
        left -= calendar is None or calendar.is_business_day(local)
    return local


def _on(day: datetime, at: time | None) -> datetime:
    return datetime.combine(day, at) if at else day


def _clock(text: str | None) -> time | None:
    return time.fromisoformat(text.zfill(5)) if text else None


def _clock_ok(text: str | None) -> bool:
    if text is None:
        return True
    hour, minute = map(int, text.split(":"))
    return hour < 24 and minute < 60
