"""When a visit is spoken about: timers for every version of it, planned anew at each change."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.effects import CancelTimers, Effect, SetTimer
from bot.core.events import ReminderDue
from bot.core.facts import STANDING, Person, Visit
from bot.core.flow import BeforeVisit, Book
from bot.core.limits import at_clock, clamp


def plan(
    book: Book, visit: Visit, person: Person, now: datetime, *, just_chosen: bool = False
) -> tuple[Effect, ...]:
    """The effects that a new version of a visit has: older timers go, its own are set.

    A moment that is over is not made up for: who books for tomorrow gets no '3 days before'. A patient who has
    `just_chosen` the time is not asked about it again too soon.
    """
    cancel = CancelTimers(prefix=prefix(visit))
    if visit.status not in STANDING or visit.start <= now:
        return (cancel,)
    after = now + book.policy.reminder_after_booking if just_chosen else now
    return (cancel, *_timers(book, visit, person, after))


def prefix(visit: Visit) -> str:
    """Start of the keys of all timers of a visit, whatever its version."""
    return f"visit:{visit.id}:"


def _timers(book: Book, visit: Visit, person: Person, after: datetime) -> Iterator[SetTimer]:
    for flow in book.flows.values():
        for start in flow.starts:
            if not isinstance(start.when, BeforeVisit):
                continue
            due = clamp(book.policy.send_hours, moment(start.when, visit.start, person.zone), person.zone)
            if after < due < visit.start:
                yield SetTimer(
                    key=f"{prefix(visit)}{visit.version}:{flow.name}:{start.when}",
                    due=due,
                    what=ReminderDue(
                        visit_id=visit.id,
                        version=visit.version,
                        flow=flow.name,
                        when=str(start.when),
                        due=due,
                    ),
                )


def moment(before: BeforeVisit, start: datetime, zone: str) -> datetime:
    """Days keep the clock time of the visit across a change of the clocks; hours are counted."""
    if before.unit == "hour":
        return start - timedelta(hours=before.count)
    local = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return at_clock(local - timedelta(days=before.count), zone, start)
