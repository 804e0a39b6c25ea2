"""The waitlist: visits whose patients would take an earlier time, and which times each was offered already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from bot.core.facts import STANDING
from bot.store.appointments import appointments
from bot.store.base import Db, Moment, metadata
from bot.store.conversations import conversations
from bot.store.people import patients
from bot.store.slots import slots

waitlist = Table(
    "waitlist",
    metadata,
    Column("visit_id", Uuid, ForeignKey("appointments.id"), primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("service_index", LargeBinary, nullable=False),  # the visit's
    Column("since", Moment, nullable=False),
    Index("ix_waitlist_service", "clinic_id", "service_index", "since"),
    Index("ix_waitlist_since", "clinic_id", "since"),
)
offers = Table(
    "offers",
    metadata,
    Column("slot_id", Uuid, ForeignKey("slots.id"), nullable=False),
    Column("visit_id", Uuid, nullable=False),  # no foreign key, as in `slots`
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("slot_id", "visit_id"),
)
"""A slot is offered to a visit once."""

LOOK_AT = 10
"""Those who wait that are looked at for each slot: some have another offer already."""


def join(db: Db, clinic: UUID, visit: UUID, now: datetime) -> None:
    """Put a visit on the list; one that stands there keeps its place."""
    its = select(
        appointments.c.id, appointments.c.clinic_id, appointments.c.service_index, literal(now, Moment)
    ).where(appointments.c.id == visit, appointments.c.clinic_id == clinic)
    statement = insert(waitlist).from_select(["visit_id", "clinic_id", "service_index", "since"], its)
    db.conn.execute(statement.on_conflict_do_nothing())


def leave(db: Db, visit: UUID) -> None:
    """Take a visit off the list."""
    db.conn.execute(delete(waitlist).where(waitlist.c.visit_id == visit))


def tidy(db: Db, now: datetime) -> int:
    """Take visits off the list that are over or off; returns how many. The others wait for their present service."""
    its = appointments.c.id == waitlist.c.visit_id
    changed = update(waitlist).where(its, waitlist.c.service_index != appointments.c.service_index)
    db.conn.execute(changed.values(service_index=appointments.c.service_index))
    gone = and_(
        appointments.c.id == waitlist.c.visit_id,
        or_(appointments.c.start_at <= now, appointments.c.status.not_in(STANDING)),
    )
    return db.conn.execute(delete(waitlist).where(gone)).rowcount


def pass_on(db: Db, slot: UUID, visit: UUID, now: datetime) -> None:
    """The visit's patient does not want the slot that is held for them: the next may have it."""
    db.conn.execute(
        update(slots)
        .where(slots.c.id == slot, slots.c.offered_to == visit, slots.c.appointment_id.is_(None))
        .values(offered_to=None, offer_at=now)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Free:
    """A slot that may be offered now."""

    id: UUID
    clinic: UUID
    start: datetime


def free(db: Db, now: datetime, at_most: int) -> list[Free]:
    """Lock slots that may be offered now, the longest free first; several clocks may do so at once."""
    rows = db.conn.execute(
        select(slots.c.id, slots.c.clinic_id, slots.c.start_at)
        .where(slots.c.offer_at <= now)
        .order_by(slots.c.offer_at)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    return [Free(id=row.id, clinic=row.clinic_id, start=row.start_at) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A visit that would like a slot. `busy`: another one is held for it at this moment."""

    slot: UUID
    visit: UUID
    patient: UUID
    conversation: UUID
    busy: bool


_held = slots.alias("held")
_first = (
    select(
        waitlist.c.visit_id,
        waitlist.c.since,
        appointments.c.patient_id,
        conversations.c.id.label("conversation_id"),
        exists()
        .where(
            _held.c.offered_to == waitlist.c.visit_id,
            _held.c.offer_at > bindparam("now", type_=Moment),
        )
        .label("busy"),
    )
    .select_from(
        waitlist.join(appointments, appointments.c.id == waitlist.c.visit_id)
        .join(patients, patients.c.id == appointments.c.patient_id)
        .join(
            conversations,
            and_(
                conversations.c.clinic_id == patients.c.clinic_id,
                conversations.c.phone_index == patients.c.phone_index,
            ),
        )
    )
    .where(
        waitlist.c.clinic_id == slots.c.clinic_id,
        waitlist.c.service_index == slots.c.service_index,
        appointments.c.service_index == slots.c.service_index,
        appointments.c.start_at > slots.c.start_at,
        appointments.c.status.in_(STANDING),
        conversations.c.opted_out_at.is_(None),
        ~exists()
        .where(offers.c.slot_id == slots.c.id, offers.c.visit_id == waitlist.c.visit_id)
        .correlate(slots, waitlist),
    )
    .order_by(waitlist.c.since)
    .limit(LOOK_AT)
    .correlate(slots)
    .lateral("first")
)
_WAITING = (
    select(slots.c.id.label("slot_id"), _first)
    .select_from(slots.join(_first, true()))
    .where(slots.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(slots.c.start_at, slots.c.id, _first.c.since)
)


def waiting_for(db: Db, ids: Sequence[UUID], now: datetime) -> list[Waiting]:
    """Who waits for these slots, those that have waited longest first: same service, a later visit, not opted out."""
    return [
        Waiting(
            slot=row.slot_id,
            visit=row.visit_id,
            patient=row.patient_id,
            conversation=row.conversation_id,
            busy=row.busy,
        )
        for row in db.conn.execute(_WAITING, {"ids": list(ids), "now": now})
    ]


def offered(db: Db, held: Sequence[tuple[UUID, UUID, datetime]], now: datetime) -> None:
    """Hold each slot for a visit until a moment."""
    if not held:
        return
    db.conn.execute(
        insert(offers).on_conflict_do_nothing(),
        [{"slot_id": slot, "visit_id": visit, "at": now} for slot, visit, _ in held],
    )
    db.conn.execute(
        update(slots)
        .where(slots.c.id == bindparam("_slot"))
        .values(offered_to=bindparam("_visit"), offer_at=bindparam("_until")),
        [{"_slot": slot, "_visit": visit, "_until": until} for slot, visit, until in held],
    )


def look_again(db: Db, ids: Sequence[UUID], at: datetime | None) -> None:
    """These slots are held for nobody; at this moment they may be offered, never if None."""
    if ids:
        db.conn.execute(update(slots).where(slots.c.id.in_(ids)).values(offered_to=None, offer_at=at))
