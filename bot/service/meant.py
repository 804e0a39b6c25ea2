"""Meant: which members of staff a step of a ladder tells at a moment, and which step comes next."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.core.book import Book
from bot.core.oncall import Ladder, Rung, Whom
from bot.core.roster import Swap, told
from bot.store.escalations import Escalation
from bot.store.staff import Member
from bot.store.timers import Climb


def meant(
    book: Book, whom: Whom, moment: datetime, *, zone: str, members: Iterable[Member], swaps: Sequence[Swap]
) -> list[Member]:
    """Who of these members is meant; names that nobody has are left out, and so is the clinic's on-call phone."""
    if whom.kind == "role":
        return [member for member in members if member.role == whom.name]
    by_handle = {member.handle: member for member in members}
    handles = told(book.oncall, whom, moment, zone=zone, calendars=book.house.calendars, swaps=swaps)
    return [by_handle[handle] for handle in handles if handle in by_handle]


def next_step(book: Book, one: Escalation, climb: Climb, *, zone: str) -> tuple[datetime, Rung]:
    """When an escalation that nobody has taken pages next, and the step of that page, by this edition's ladders."""
    ladder = book.oncall.ladder(one.urgency, book.policy.ack_within)
    ladder = ladder or Ladder(steps=(Rung(tell=Whom(kind="phone")),))
    hours = book.calendar(ladder.hours or "")
    due = hours.next_open(climb.due, zone) if hours and not one.drill else climb.due
    return due, ladder.rung(climb.rung + 1)
