"""Slots: times that can be booked. One is taken while its `appointment_id` is set.

`offer_at` is set while somebody on the waitlist might want the slot: from this moment on it may be offered to the
next. While `offered_to` is set, the slot is held for that visit until then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
    Uuid,
    or_,
)
from sqlalchemy.dialects.postgresql import insert

from bot.store.base import Db, Moment, Sealed, metadata

slots = Table(
    "slots",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("provider", Sealed, nullable=False),
    Column("location", Sealed, nullable=False),
    Column("kind", Sealed, nullable=False),
    Column("service_index", LargeBinary, nullable=False),
    Column("start_at", Moment, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("appointment_id", Uuid, ForeignKey("appointments.id")),
    Column("offer_at", Moment),
    # No foreign key: its check locks the visit, which an import may hold while it waits for the slot.
    Column("offered_to", Uuid),
    UniqueConstraint("clinic_id", "service_index", "start_at"),
)
Index(
    "ix_slots_open",
    slots.c.clinic_id,
    slots.c.service_index,
    slots.c.start_at,
    postgresql_where=slots.c.appointment_id.is_(None),
)
Index("ix_slots_free", slots.c.clinic_id, slots.c.start_at, postgresql_where=slots.c.appointment_id.is_(None))
Index("ix_slots_appointment", slots.c.appointment_id, postgresql_where=slots.c.appointment_id.is_not(None))
Index("ix_slots_offer", slots.c.offer_at, postgresql_where=slots.c.offer_at.is_not(None))
Index("ix_slots_offered", slots.c.offered_to, postgresql_where=slots.c.offered_to.is_not(None))


def freed(now: datetime) -> dict[str, Any]:
    """The columns of a slot that nobody holds any more."""
    return {"appointment_id": None, "offer_at": now, "offered_to": None}


def taken_by(visit: UUID | Column[Any]) -> dict[str, Any]:
    """The columns of a slot that a visit takes."""
    return {"appointment_id": visit, "offer_at": None, "offered_to": None}


def free_for(visit: UUID, now: datetime) -> ColumnElement[bool]:
    """Whether no other visit has the offer of a slot."""
    return or_(slots.c.offered_to.is_(None), slots.c.offered_to == visit, slots.c.offer_at <= now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What makes a slot fit an appointment."""

    provider: str
    location: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A slot as imported."""

    service: Service
    start: datetime
    minutes: int


def add_openings(db: Db, clinic: UUID, batch: Sequence[Opening], now: datetime | None = None) -> int:
    """Add slots that are not there yet; from `now` on the waitlist may have them. Returns how many were new."""
    rows = [
        db.sealed(
            slots,
            {
                "id": uuid4(),
                "clinic_id": clinic,
                **service_columns(db, clinic, opening.service),
                "start_at": opening.start,
                "minutes": opening.minutes,
                "offer_at": now,
            },
        )
        for opening in batch
    ]
    if not rows:
        return 0
    statement = insert(slots).on_conflict_do_nothing().returning(slots.c.id)
    return len(db.conn.execute(statement, rows).all())


def service_columns(db: Db, clinic: UUID, service: Service) -> dict[str, object]:
    """The sealed columns of a service and its keyed hash, as appointments and slots have them."""
    joined = "\x1f".join((service.provider, service.location, service.kind))
    return {
        "provider": service.provider,
        "location": service.location,
        "kind": service.kind,
        "service_index": db.keys(clinic).blind("service", joined),
    }
