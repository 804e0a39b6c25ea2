"""What may be sent now: looked at when a text is about to leave, on the record as it is then."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.clocks import at_clock
from bot.core.effects import Purpose
from bot.core.facts import STANDING, VisitStatus
from bot.core.shape import Hours

ANSWERS = (Purpose.SAFETY, Purpose.PAGE, Purpose.REPLY)
"""Purposes that may leave at any hour: the patient wrote first, or a person on duty is paged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A text that is about to leave, and the record as it is at this moment.

    `opted_out` and `final` (the one text that confirms an opt-out) concern the receiving phone;
    `visit_*` are those of the visit that the text speaks of, `about_version` the version it speaks of.
    """

    purpose: Purpose
    zone: str
    opted_out: bool = False
    final: bool = False
    not_after: datetime | None = None
    about_version: int | None = None
    visit_version: int | None = None
    visit_status: VisitStatus | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """It may leave."""


@dataclass(frozen=True, slots=True)
class Defer:
    """It may leave at `until`, if it still holds then."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Drop:
    """It must not leave. `reason` is a name without PHI."""

    reason: str


def verdict(text: Leaving, hours: Hours, now: datetime) -> Send | Defer | Drop:
    """Whether this text may leave now."""
    if text.opted_out and not text.final and text.purpose is not Purpose.PAGE:
        return Drop("opted_out")
    if text.not_after and now > text.not_after:
        return Drop("too_late")
    if text.about_version is not None and text.purpose not in ANSWERS:
        if text.visit_version != text.about_version:
            return Drop("visit_changed")
        if text.visit_status not in STANDING:
            return Drop("visit_off")
    if text.purpose not in ANSWERS and not within(hours, now, text.zone):
        until = next_opening(hours, now, text.zone)
        return Drop("too_late") if text.not_after and until > text.not_after else Defer(until)
    return Send()


def within(hours: Hours, moment: datetime, zone: str) -> bool:
    """Whether the moment lies in the hours, on the clock of `zone`."""
    return hours.opens <= moment.astimezone(ZoneInfo(zone)).time() < hours.until


def next_opening(hours: Hours, moment: datetime, zone: str) -> datetime:
    """The first opening at or after the moment."""
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() <= hours.opens else local.date() + timedelta(days=1)
    return at_clock(datetime.combine(day, hours.opens), zone, moment)


def clamp(hours: Hours, moment: datetime, zone: str) -> datetime:
    """The moment itself where it is in the hours, else the nearest allowed one of the same day.

    Late moments come half an hour before closing, so that the text has left by then.
    """
    local = moment.astimezone(ZoneInfo(zone))
    if local.time() < hours.opens:
        return at_clock(datetime.combine(local.date(), hours.opens), zone, moment)
    if local.time() >= hours.until:
        last = datetime.combine(local.date(), hours.until) - timedelta(minutes=30)
        return at_clock(max(last, datetime.combine(local.date(), hours.opens)), zone, moment)
    return moment
