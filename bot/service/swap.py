"""Swap: somebody takes over a duty for a while. Made by hand, undone by hand, and over by itself."""

from datetime import datetime, timedelta
from uuid import UUID

from bot.core.roster import Swap
from bot.errors import BadImport, NotFound
from bot.runtime import Runtime
from bot.service import enrol
from bot.service.clinic import the_one
from bot.service.desk import Desk
from bot.service.duty import known_roster, moment
from bot.store import audit, swaps
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.store.swaps import Swapped

LONGEST = timedelta(days=366)


def make(
    rt: Runtime,
    clinic_id: UUID | None,
    roster: str,
    handle: str,
    start: str,
    until: str,
    *,
    desk: Desk | None = None,
) -> Swapped:
    """This person has the roster's duty from then until then; what lies behind stays as it was.

    Raises NotFound for a roster or person that nobody knows, BadImport for a span that is none, UnknownClinic.
    """
    clinic, now = the_one(rt, clinic_id), rt.now()
    begins, ends = moment("from", start, clinic.zone), moment("until", until, clinic.zone)
    if ends <= begins:
        raise BadImport("until: must be later than from.")
    if ends <= now:
        raise BadImport("until: is over already.")
    begins = max(begins, now.replace(second=0, microsecond=0))
    if ends - begins > LONGEST:
        raise BadImport(f"until: is more than {LONGEST.days} days after from; change the roster instead.")
    enrol.member(rt, clinic.id, handle)
    made = Swap(roster=roster, person=handle, start=begins, end=ends)
    with rt.begin() as db:
        known_roster(rt.book(db, rt.current_edition(db)), roster)
        number = swaps.add(db, clinic.id, made, now)
        _note(db, clinic, "oncall.swapped", number, f"{roster} {handle}", now, desk)
    return Swapped(id=number, swap=made)


def undo(rt: Runtime, clinic_id: UUID | None, number: UUID, *, desk: Desk | None = None) -> None:
    """The roster holds again. Raises NotFound where there is no such swap, UnknownClinic."""
    clinic, now = the_one(rt, clinic_id), rt.now()
    with rt.begin() as db:
        if not swaps.undo(db, clinic.id, number, now):
            raise NotFound(f"There is no swap {number}: `bot oncall swaps`.")
        _note(db, clinic, "oncall.swap_undone", number, "", now, desk)


def made(rt: Runtime, clinic_id: UUID | None) -> tuple[Swapped, ...]:
    """Swaps that are not over, oldest first: the later one counts. Raises UnknownClinic."""
    clinic = the_one(rt, clinic_id)
    with rt.begin() as db:
        return swaps.made(db, clinic.id, rt.now())


def _note(
    db: Db, clinic: Clinic, action: str, number: UUID, detail: str, now: datetime, desk: Desk | None
) -> None:
    subject = f"swap:{number}"
    by_operator = Entry(
        clinic=clinic.id, actor="operator", action=action, subject=subject, origin="cli", detail=detail
    )
    audit.write(db, [desk.entry(action, subject, detail=detail) if desk else by_operator], now)
