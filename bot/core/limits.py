"""What may be sent now: looked at when a text is about to leave, on the record as it is then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.clocks import at_clock
from bot.core.effects import Purpose
from bot.core.facts import STANDING, VisitStatus
from bot.core.shape import Hours

ANSWERS = (Purpose.SAFETY, Purpose.PAGE, Purpose.REPLY)
"""Purposes that may leave at any hour: the patient wrote first, or a person on duty is paged."""


PARTS_OF_DAY: Mapping[str, Hours] = {
    "morning": Hours(opens=time(8), until=time(12)),
    "afternoon": Hours(opens=time(12), until=time(17)),
    "evening": Hours(opens=time(17), until=time(21)),
}
"""When a patient can wish to be texted, on their own clock. The hours in which texts may leave still hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A text that is about to leave, and the record as it is at this moment.

    `opted_out` and `final` (the one text that confirms an opt-out) concern the receiving phone;
    `wish` is the part of the day that the patient likes; `link_off`: the page that it leads to is closed already;
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
    wish: str | None = None
    link_off: bool = False


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
    reason = _overtaken(text, now)
    if reason:
        return Drop(reason)
    if text.purpose in ANSWERS:
        return Send()
    liked = _liked(hours, text.wish)
    if liked != hours:
        until = next_opening(liked, now, text.zone)
        if within(liked, now, text.zone):
            return Send()
        if text.not_after is None or until <= text.not_after:
            return Defer(until)
    if not within(hours, now, text.zone):
        until = next_opening(hours, now, text.zone)
        return Drop("too_late") if text.not_after and until > text.not_after else Defer(until)
    return Send()


def _overtaken(text: Leaving, now: datetime) -> str | None:
    """Why it must not leave any more."""
    if text.opted_out and not text.final and text.purpose is not Purpose.PAGE:
        return "opted_out"
    if text.not_after and now > text.not_after:
        return "too_late"
    if text.link_off:
        return "link_revoked"
    if text.about_version is not None and text.purpose not in ANSWERS:
        if text.visit_version != text.about_version:
            return "visit_changed"
        if text.visit_status not in STANDING:
            return "visit_off"
    return None


def _liked(hours: Hours, wish: str | None) -> Hours:
    """What the patient likes within what is allowed; all that is allowed where the two don't meet."""
    part = PARTS_OF_DAY.get(wish or "")
    if part is None:
        return hours
    opens, until = max(hours.opens, part.opens), min(hours.until, part.until)
    return Hours(opens=opens, until=until) if opens < until else hours


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
