"""The audit trail: append-only, hash-chained, written in the transaction of what it records.

The database chains the rows itself (migration 0001): a trigger takes a transaction lock, numbers the row and
hashes it with its predecessor's hash; further triggers, always on, refuse UPDATE, DELETE and TRUNCATE.
`verify` recomputes the chain here, from the rows alone. Rows hold ids and names of fields, never PHI.

A chain finds edits, inserts, deletions inside and reordering. A cut tail is found with an anchor: a line of
`bot audit anchor`, kept elsewhere.
"""

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    FetchedValue,
    Index,
    LargeBinary,
    Result,
    Row,
    Table,
    Text,
    Uuid,
    insert,
    select,
)

from bot.errors import AuditBroken
from bot.store.base import Db, Moment, metadata

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, FetchedValue(), primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("clinic_id", Uuid),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("patients", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", LargeBinary, FetchedValue(), nullable=False),
    Column("hash", LargeBinary, FetchedValue(), nullable=False),
)
Index("ix_audit_clinic", audit.c.clinic_id, audit.c.seq)

FIRST = bytes(32)
"""What the first row has for its predecessor's hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who (`actor`) did what (`action`) to what (`subject`), concerning whom (`patients`), coming from where.

    actor    'bot', 'patient', 'carrier', 'clock', 'operator', or a member of staff's id
    action   'text.received', 'visit.confirmed', …: noun and verb
    subject  kind and id, 'visit:7c9e…'
    detail   names of things, never values of a patient
    """

    clinic: UUID | None
    actor: str
    action: str
    subject: str
    patients: Sequence[UUID] = ()
    origin: str = "worker"
    detail: str = field(default="")


_WRITE = insert(audit).inline()


def write(db: Db, entries: Sequence[Entry], now: datetime) -> None:
    """Append. The chain's lock is held until the transaction ends: write last."""
    rows = [
        {
            "at": now,
            "clinic_id": entry.clinic,
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "patients": ",".join(str(patient) for patient in entry.patients),
            "origin": entry.origin,
            "detail": entry.detail,
        }
        for entry in entries
    ]
    if rows:
        db.conn.execute(_WRITE, rows if len(rows) > 1 else rows[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of the chain."""

    seq: int
    hash: bytes


def head(db: Db) -> Head:
    """The last row's number and hash; number 0 where there is none."""
    row = db.conn.execute(
        select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    ).one_or_none()
    return Head(seq=row.seq, hash=row.hash) if row else Head(seq=0, hash=FIRST)


def verify(db: Db, anchors: Sequence[Head] = ()) -> Head:
    """Recompute the chain; returns its end. Raises AuditBroken naming the first bad row."""
    expected = {anchor.seq: anchor.hash for anchor in anchors}
    last = Head(seq=0, hash=FIRST)
    with _rows(db) as rows:
        for row in rows:
            if row.seq != last.seq + 1:
                raise AuditBroken(f"Row {last.seq + 1} is missing: after {last.seq} comes {row.seq}.")
            if row.previous != last.hash or row.hash != _hash(row):
                raise AuditBroken(f"Row {row.seq} was altered.")
            if expected.get(row.seq, row.hash) != row.hash:
                raise AuditBroken(
                    f"Row {row.seq} is not the one that the anchor saw: the chain was written anew."
                )
            last = Head(seq=row.seq, hash=row.hash)
    if expected and last.seq < max(expected):
        raise AuditBroken(f"The chain ends at row {last.seq}; the anchor saw row {max(expected)}.")
    return last


def _rows(db: Db) -> Result[*tuple[Any, ...]]:
    """The rows in their order, read in portions: memory stays bounded."""
    return db.conn.execute(select(audit).order_by(audit.c.seq), execution_options={"yield_per": 5000})


def _hash(row: Row[*tuple[Any, ...]]) -> bytes:
    """SHA-256 over the previous hash and the fields as UTF-8, each with its length in 4 bytes before it."""
    at = row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    clinic = str(row.clinic_id) if row.clinic_id else ""
    fields = [
        str(row.seq),
        at,
        clinic,
        row.actor,
        row.action,
        row.subject,
        row.patients,
        row.origin,
        row.detail,
    ]
    raw = b"".join(struct.pack(">I", len(f.encode())) + f.encode() for f in fields)
    return hashlib.sha256(row.previous + raw).digest()
