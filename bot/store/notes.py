"""Notes: the secure messages between a patient and the clinic, and the photos that patients send; all sealed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Column, ForeignKey, Index, Table, Text, Uuid, insert, select

from bot.store.base import Db, Moment, Sealed, metadata

notes = Table(
    "notes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("patient_id", Uuid, ForeignKey("patients.id"), nullable=False),
    Column("author", Text, nullable=False),  # 'patient', or who of the staff
    Column("body", Sealed, nullable=False),
    Column("at", Moment, nullable=False),
    Column("read_at", Moment),
    Index("ix_notes_patient", "patient_id", "at"),
)
photos = Table(
    "photos",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("patient_id", Uuid, ForeignKey("patients.id"), nullable=False),
    Column("note_id", Uuid, ForeignKey("notes.id")),
    Column("content", Sealed, nullable=False),  # a JPEG that was made here
    Column("at", Moment, nullable=False),
    Index("ix_photos_patient", "patient_id", "at"),
)
Index("ix_photos_note", photos.c.note_id, photos.c.at, postgresql_where=photos.c.note_id.is_not(None))
PATIENT = "patient"
"""The author of what the patient wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A secure message with the ids of its photos."""

    id: UUID
    author: str
    body: str
    at: datetime
    photos: tuple[UUID, ...] = ()


def write(db: Db, *, clinic: UUID, patient: UUID, author: str, body: str, now: datetime) -> UUID:
    """Keep a message; its id."""
    made = uuid4()
    row = {
        "id": made,
        "clinic_id": clinic,
        "patient_id": patient,
        "author": author,
        "body": body,
        "at": now,
    }
    db.conn.execute(insert(notes).values(db.sealed(notes, row)))
    return made


def keep_photo(
    db: Db, *, clinic: UUID, patient: UUID, content: bytes, now: datetime, note: UUID | None = None
) -> UUID:
    """Keep a photo, of a message or of a form; its id."""
    made = uuid4()
    row = {
        "id": made,
        "clinic_id": clinic,
        "patient_id": patient,
        "note_id": note,
        "content": content,
        "at": now,
    }
    db.conn.execute(insert(photos).values(db.sealed(photos, row)))
    return made


def thread(db: Db, clinic: UUID, patient: UUID, at_most: int) -> list[Note]:
    """The latest messages with a patient, oldest first."""
    found = select(notes).where(notes.c.patient_id == patient, notes.c.clinic_id == clinic)
    rows = db.conn.execute(found.order_by(notes.c.at.desc(), notes.c.id).limit(at_most)).all()
    with_photos = select(photos.c.id, photos.c.note_id).where(photos.c.note_id.in_([row.id for row in rows]))
    of: dict[UUID, list[UUID]] = {}
    for photo in db.conn.execute(with_photos.order_by(photos.c.at, photos.c.id)) if rows else ():
        of.setdefault(photo.note_id, []).append(photo.id)
    return [
        Note(
            id=row.id,
            author=row.author,
            body=db.open(notes, "body", row.body, clinic=clinic, row=row.id),
            at=row.at,
            photos=tuple(of.get(row.id, ())),
        )
        for row in reversed(rows)
    ]


def photo(db: Db, clinic: UUID, patient: UUID, wanted: UUID) -> bytes | None:
    """A photo of this patient's."""
    found = select(photos.c.content).where(
        photos.c.id == wanted, photos.c.patient_id == patient, photos.c.clinic_id == clinic
    )
    sealed = db.conn.execute(found).scalar_one_or_none()
    return sealed and db.open_bytes(photos, "content", sealed, clinic=clinic, row=wanted)
