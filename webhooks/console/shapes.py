"""Shapes: how moments look on the console's pages. Filters of the templates, on the clinic's clock."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, g

from webhooks.security import runtime

_UNITS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min"))


def ago(moment: datetime) -> str:
    """How long ago, or how long until: '3 min', '2 h', '5 d', 'now'."""
    span = abs(runtime().now() - moment)
    return next((f"{span // size} {unit}" for size, unit in _UNITS if span >= size), "now")


def moment(value: datetime) -> str:
    """'9:04 AM' today, 'Mon 30 Nov, 9:04 AM' otherwise."""
    local, today = value.astimezone(_zone()), runtime().now().astimezone(_zone()).date()
    return clock(value) if local.date() == today else f"{day(local.date())}, {clock(value)}"


def clock(value: datetime) -> str:
    """'9:04 AM'."""
    local = value.astimezone(_zone())
    return f"{local.hour % 12 or 12}:{local:%M %p}"


def day(value: date) -> str:
    """'Mon 30 Nov'; with its year where that is not this one."""
    year = f" {value.year}" if value.year != runtime().now().astimezone(_zone()).year else ""
    return f"{value:%a} {value.day} {value:%b}{year}"


def local_day(value: datetime) -> date:
    """The day of a moment, for `day`."""
    return value.astimezone(_zone()).date()


def iso(value: datetime) -> str:
    """For the `datetime` of a <time>."""
    return value.isoformat(timespec="seconds")


def _zone() -> ZoneInfo:
    return ZoneInfo(g.seat.zone)


def register(app: Flask) -> None:
    """Templates know them by their names."""
    for shape in (ago, moment, clock, day, local_day, iso):
        app.add_template_filter(shape)
