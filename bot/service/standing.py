"""Standing: the escalations that nobody has resolved, and what comes next of each. Nothing of a patient is in it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.core.book import Book
from bot.core.oncall import THE_PHONE, Rung, Whom, whom
from bot.errors import BadImport, NotFound
from bot.runtime import Runtime
from bot.service import enrol
from bot.service.clinic import the_one
from bot.service.duty import known_roster
from bot.store import duties, escalations
from bot.store.escalations import Escalation

MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An escalation that is open. `by`: who has it (a handle, or the on-call phone), None while it climbs.

    At `due` the ladder's step `then` is told, or whoever has it is asked how it stands.
    """

    code: str
    urgency: str
    reason: str
    opened: datetime
    by: str | None
    snoozed: bool
    due: datetime | None
    then: Rung | None


def open_ones(rt: Runtime, clinic_id: UUID | None) -> tuple[Standing, ...]:
    """Those of the clinic that nobody has resolved, oldest first. Raises UnknownClinic."""
    clinic = the_one(rt, clinic_id)
    with rt.begin() as db:
        book = rt.book(db, rt.current_edition(db))
        return tuple(
            _standing(book, found, duties.page_due(db, found.conversation, found.code))
            for found in escalations.open_ones(db, clinic.id, MOST)
        )


def _standing(book: Book, found: Escalation, due: datetime | None) -> Standing:
    ladder = book.oncall.ladder(found.urgency, book.policy.ack_within)
    return Standing(
        code=found.code,
        urgency=found.urgency,
        reason=found.reason,
        opened=found.opened,
        by=(found.by or THE_PHONE) if found.taken else None,
        snoozed=found.snoozed_until is not None,
        due=due,
        then=ladder.rung(found.rung + 1) if ladder and not found.taken else None,
    )


def still_open(rt: Runtime, clinic_id: UUID | None, code: str) -> Escalation:
    """The escalation with this code. Raises NotFound where there is none or it is closed, UnknownClinic."""
    clinic = the_one(rt, clinic_id)
    with rt.begin() as db:
        found = escalations.by_code(db, clinic.id, code)
    if found is None:
        raise NotFound(f"There is no escalation {code}.")
    if found.resolved:
        raise NotFound(f"{code} is closed already: `bot oncall reopen {code}` opens it again.")
    return found


def answering(rt: Runtime, clinic_id: UUID | None, by: str) -> str:
    """Who acts, as a handle: a member, or whoever holds the on-call phone (empty). Raises NotFound, UnknownClinic."""
    return "" if by == THE_PHONE else enrol.member(rt, clinic_id, by).handle


def meant(rt: Runtime, clinic_id: UUID | None, text: str) -> Whom:
    """Whom these words mean: 'nurse on call', 'maria', … Raises BadImport, NotFound where nobody knows the name."""
    try:
        found = whom(text)
    except ValueError as error:
        raise BadImport(f"to: {error}.") from None
    if found.kind == "person":
        enrol.member(rt, clinic_id, found.name)
    elif found.kind == "role":
        with rt.begin() as db:
            enrol.known_role("to: a role is", enrol.roles(rt, db), found.name)
    elif found.kind in ("on call", "everyone"):
        with rt.begin() as db:
            known_roster(rt.book(db, rt.current_edition(db)), found.name)
    return found
