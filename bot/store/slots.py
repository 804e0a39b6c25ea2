"""Slots: times that can be booked. One is taken while its `appointment_id` is set."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, UniqueConstraint, Uuid
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
    UniqueConstraint("clinic_id", "service_index", "start_at"),
)
Index(
    "ix_slots_open",
    slots.c.clinic_id,
    slots.c.service_index,
    slots.c.start_at,
    postgresql_where=slots.c.appointment_id.is_(None),
)
Index("ix_slots_appointment", slots.c.appointment_id, postgresql_where=slots.c.appointment_id.is_not(None))


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


def add_openings(db: Db, clinic: UUID, batch: Sequence[Opening]) -> int:
    """Add slots that are not there yet. Returns how many were new."""
    rows = [
        db.sealed(
            slots,
            {
                "id": uuid4(),
                "clinic_id": clinic,
                **service_columns(db, clinic, opening.service),
                "start_at": opening.start,
                "minutes": opening.minutes,
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
