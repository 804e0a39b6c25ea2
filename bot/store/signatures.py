"""Signatures: what a patient agreed to on a secure page, with the very text that was shown."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Column, ForeignKey, Index, Table, Text, Uuid, insert, select

from bot.store.base import Db, Moment, Sealed, metadata

signatures = Table(
    "signatures",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("patient_id", Uuid, ForeignKey("patients.id"), nullable=False),
    Column("link_id", Uuid, ForeignKey("links.id"), nullable=False, unique=True),
    Column("consent", Sealed, nullable=False),
    Column("edition", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("text", Sealed, nullable=False),  # as it was shown, title and all
    Column("name", Sealed, nullable=False),  # as it was typed
    Column("at", Moment, nullable=False),
    Index("ix_signatures_patient", "patient_id", "at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What was signed, by which name, when."""

    consent: str
    language: str
    text: str
    name: str
    at: datetime


def sign(
    db: Db,
    *,
    clinic: UUID,
    patient: UUID,
    link: UUID,
    edition: str,
    signature: Signature,
) -> None:
    """Keep a signature; a link signs once."""
    row = {
        "id": uuid4(),
        "clinic_id": clinic,
        "patient_id": patient,
        "link_id": link,
        "consent": signature.consent,
        "edition": edition,
        "language": signature.language,
        "text": signature.text,
        "name": signature.name,
        "at": signature.at,
    }
    db.conn.execute(insert(signatures).values(db.sealed(signatures, row)))


def of_link(db: Db, clinic: UUID, link: UUID) -> Signature | None:
    """What was signed by this link."""
    row = db.conn.execute(select(signatures).where(signatures.c.link_id == link)).one_or_none()
    if row is None:
        return None
    consent, text, name = (
        db.open(signatures, column, getattr(row, column), clinic=clinic, row=row.id)
        for column in ("consent", "text", "name")
    )
    return Signature(consent=consent, language=row.language, text=text, name=name, at=row.at)
