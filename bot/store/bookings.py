"""Bookings that patients make by themselves: a first visit in an open slot, and the slot that was offered to one."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update

from bot.core.facts import Slot, VisitStatus
from bot.store.appointments import appointments
from bot.store.base import Db
from bot.store.slots import Service, service_columns, slots, taken_by

_FIELDS = ("provider", "location", "kind")


def open_for(db: Db, clinic: UUID, patient: UUID, at_most: int, now: datetime) -> tuple[Slot, ...]:
    """Open slots like the patient's latest visit, soonest first; for who has never been here, all of them."""
    latest = (
        select(appointments.c.service_index)
        .where(appointments.c.patient_id == patient)
        .order_by(appointments.c.start_at.desc())
        .limit(1)
    )
    like = db.conn.execute(latest).scalar_one_or_none()
    free = select(slots.c.id, slots.c.start_at).where(
        slots.c.clinic_id == clinic,
        slots.c.appointment_id.is_(None),
        slots.c.offered_to.is_(None),
        slots.c.start_at > now,
    )
    if like is not None:
        free = free.where(slots.c.service_index == like)
    rows = db.conn.execute(free.order_by(slots.c.start_at).limit(at_most))
    return tuple(Slot(id=row.id, start=row.start_at) for row in rows)


def book_new(db: Db, clinic: UUID, patient: UUID, slot_id: UUID, now: datetime) -> UUID | None:
    """A visit in this slot; None if somebody was quicker. The clinic's own system hears of it by the export."""
    row = db.conn.execute(
        select(slots)
        .where(
            slots.c.id == slot_id,
            slots.c.clinic_id == clinic,
            slots.c.appointment_id.is_(None),
            slots.c.offered_to.is_(None),
            slots.c.start_at > now,
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        return None
    service = Service(
        **{name: db.open(slots, name, getattr(row, name), clinic=clinic, row=row.id) for name in _FIELDS}
    )
    visit = uuid4()
    external_id = f"careline-{visit}"
    made = {
        "id": visit,
        "clinic_id": clinic,
        "patient_id": patient,
        "external_id": external_id,
        "external_index": db.keys(clinic).blind("appointment", external_id),
        **service_columns(db, clinic, service),
        "start_at": row.start_at,
        "minutes": row.minutes,
        "status": VisitStatus.BOOKED,
        "version": 1,
        "digest": b"",  # no import has said this: the first one that does is looked at
        "booked_at": now,
        "updated_at": now,
    }
    db.conn.execute(insert(appointments).values(db.sealed(appointments, made)))
    db.conn.execute(update(slots).where(slots.c.id == slot_id).values(taken_by(visit)))
    return visit


def offered(db: Db, visit: UUID, now: datetime) -> Slot | None:
    """The slot that is held for this visit now."""
    wanted = select(slots.c.id, slots.c.start_at).where(
        slots.c.offered_to == visit,
        slots.c.offer_at > now,
        slots.c.start_at > now,
        slots.c.appointment_id.is_(None),
    )
    row = db.conn.execute(wanted.order_by(slots.c.start_at).limit(1)).one_or_none()
    return Slot(id=row.id, start=row.start_at) if row else None
