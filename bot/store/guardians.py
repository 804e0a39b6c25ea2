"""Guardians: who speaks for a patient: a parent, a spouse with power of attorney. All of it is sealed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Column, ForeignKey, Index, Table, Uuid, delete, insert, select

from bot.store.base import Db, Moment, Sealed, metadata

guardians = Table(
    "guardians",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("patient_id", Uuid, ForeignKey("patients.id"), nullable=False),
    Column("name", Sealed, nullable=False),
    Column("relation", Sealed, nullable=False),
    Column("phone", Sealed),
    Column("created_at", Moment, nullable=False),
    Index("ix_guardians_patient", "patient_id", "created_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardian:
    """`relation` is what they are to the patient, in the clinic's words; `phone` in E.164, '' where none is known."""

    id: UUID
    name: str
    relation: str
    phone: str


def add(
    db: Db, *, clinic: UUID, patient: UUID, name: str, relation: str, phone: str | None, now: datetime
) -> UUID:
    """A guardian of this patient; their id."""
    made = uuid4()
    row = {
        "id": made,
        "clinic_id": clinic,
        "patient_id": patient,
        "name": name,
        "relation": relation,
        "phone": phone,
        "created_at": now,
    }
    db.conn.execute(insert(guardians).values(db.sealed(guardians, row)))
    return made


def remove(db: Db, clinic: UUID, patient: UUID, guardian: UUID) -> bool:
    """They speak for the patient no more; False where they did not."""
    c = guardians.c
    gone = delete(guardians).where(c.id == guardian, c.patient_id == patient, c.clinic_id == clinic)
    return db.conn.execute(gone).rowcount == 1


def of(db: Db, clinic: UUID, patient: UUID) -> list[Guardian]:
    """Those who speak for a patient."""
    c = guardians.c
    rows = db.conn.execute(
        select(guardians).where(c.patient_id == patient, c.clinic_id == clinic).order_by(c.created_at, c.id)
    )
    return [
        Guardian(
            id=row.id,
            name=db.open(guardians, "name", row.name, clinic=clinic, row=row.id),
            relation=db.open(guardians, "relation", row.relation, clinic=clinic, row=row.id),
            phone=db.open(guardians, "phone", row.phone, clinic=clinic, row=row.id) if row.phone else "",
        )
        for row in rows
    ]
