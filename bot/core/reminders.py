"""When a visit is spoken about: timers for every version of it, planned anew at each change."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.core.book import Book
from bot.core.effects import CancelTimers, Effect, SetTimer
from bot.core.events import ReminderDue
from bot.core.facts import HELD, STANDING, Person, Visit
from bot.core.flow import Start
from bot.core.limits import clamp
from bot.core.moments import AroundVisit, around

HALF_A_DAY = timedelta(hours=12)


def plan(
    book: Book, visit: Visit, person: Person, now: datetime, *, just_chosen: bool = False
) -> tuple[Effect, ...]:
    """The effects that a new version of a visit has: older timers go, its own are set.

    A moment that is over is not made up for: who books for tomorrow gets no '3 days before'. A patient who has
    `just_chosen` the time is not asked about it again too soon. What comes after a visit is planned from the
    start, and looks at its moment whether the patient came.
    """
    cancel = CancelTimers(prefix=prefix(visit))
    if visit.status not in (*STANDING, *HELD):
        return (cancel,)
    after = now + book.policy.reminder_after_booking if just_chosen else now
    timers = tuple(_timers(book, visit, person, after))
    return (
        cancel,
        *(_fewer(book, visit, timers) if person.preferences.get("frequency") == "fewer" else timers),
    )


def _fewer(book: Book, visit: Visit, timers: tuple[SetTimer, ...]) -> tuple[SetTimer, ...]:
    """Who wants fewer texts is reminded of a visit once: the last time that leaves half a day to move it."""
    ahead = [
        timer
        for timer in timers
        if timer.due < visit.start
        and isinstance(timer.what, ReminderDue)
        and book.flows[timer.what.flow].purpose == "reminder"
    ]
    early = [timer for timer in ahead if timer.due <= visit.start - HALF_A_DAY]
    kept = max(early or ahead, key=lambda timer: timer.due, default=None)
    return tuple(timer for timer in timers if timer not in ahead or timer == kept)


def prefix(visit: Visit) -> str:
    """Start of the keys of all timers of a visit, whatever its version."""
    return f"visit:{visit.id}:"


def due_at(book: Book, start: Start, visit: Visit, zone: str) -> datetime | None:
    """When this start comes, in the hours in which texts may leave; None if it is none of a visit's time."""
    if not isinstance(start.when, AroundVisit):
        return None
    due = around(start.when, visit.start, zone, book.calendar())
    calendar = book.calendar(start.only_in) if start.only_in else None
    if calendar:
        due = calendar.next_open(due, zone)
    return clamp(book.policy.send_hours, due, zone)


def _timers(book: Book, visit: Visit, person: Person, after: datetime) -> Iterator[SetTimer]:
    for flow in book.flows.values():
        for start in () if flow.extends else flow.starts:
            due = due_at(book, start, visit, person.zone)
            if due is None or due <= after or not _fits(start, visit, due):
                continue
            yield SetTimer(
                key=f"{prefix(visit)}{visit.version}:{flow.name}:{start.when}",
                due=due,
                what=ReminderDue(
                    visit_id=visit.id, version=visit.version, flow=flow.name, when=str(start.when), due=due
                ),
            )


def _fits(start: Start, visit: Visit, due: datetime) -> bool:
    """What comes before a visit stays before it, and only while it stands."""
    assert isinstance(start.when, AroundVisit)
    if start.when.side == "before":
        return visit.status in STANDING and due < visit.start
    return due > visit.start
