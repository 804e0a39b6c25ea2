"""The audit trail: append-only, hash-chained, written in the transaction of what it records.

The database chains the rows itself (migration 0001): a trigger takes a transaction lock, numbers the row and
hashes it with its predecessor's hash; further triggers, always on, refuse UPDATE, DELETE and TRUNCATE.
`verify` recomputes the chains here, from the rows alone. Rows hold ids and names of fields, never PHI.

There are `LANES` chains, one beside the other, and a thread writes to one of them: a chain's lock is held until
its writer has committed, so a single chain would make all writers of the service wait for one another's disk.

A chain finds edits, inserts, deletions inside and reordering. A cut tail is found with an anchor: the lines of
`bot audit anchor`, kept elsewhere.
"""

import hashlib
import itertools
import os
import struct
import threading
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
    SmallInteger,
    Table,
    Text,
    Uuid,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on

from bot.errors import AuditBroken
from bot.store.base import Db, Moment, metadata

audit = Table(
    "audit",
    metadata,
    Column("lane", SmallInteger, primary_key=True, autoincrement=False),
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
Index("ix_audit_clinic", audit.c.clinic_id, audit.c.at)

LANES = 8
FIRST = bytes(32)
"""What the first row of a chain has for its predecessor's hash."""
_writers = itertools.count(os.getpid())
_writer = threading.local()


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
    """Append to this thread's chain, whose lock is held until the transaction ends: write last."""
    lane = _lane()
    rows = [
        {
            "lane": lane,
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
    """The end of one chain."""

    lane: int
    seq: int
    hash: bytes


def heads(db: Db) -> list[Head]:
    """The ends of all chains that have rows, by lane."""
    ordered = select(audit.c.lane, audit.c.seq, audit.c.hash).order_by(audit.c.lane, audit.c.seq.desc())
    last = ordered.ext(distinct_on(audit.c.lane))
    return [Head(lane=row.lane, seq=row.seq, hash=row.hash) for row in db.conn.execute(last)]


def verify(db: Db, anchors: Sequence[Head] = ()) -> list[Head]:
    """Recompute the chains; returns their ends. Raises AuditBroken naming the first bad row as lane/seq."""
    expected = {(anchor.lane, anchor.seq): anchor.hash for anchor in anchors}
    last: dict[int, Head] = {}
    with _rows(db) as rows:
        for row in rows:
            before = last.get(row.lane, Head(lane=row.lane, seq=0, hash=FIRST))
            name = f"{row.lane}/{row.seq}"
            if row.seq != before.seq + 1:
                raise AuditBroken(
                    f"Row {row.lane}/{before.seq + 1} is missing: after {before.seq} comes {row.seq}."
                )
            if row.previous != before.hash or row.hash != _hash(row):
                raise AuditBroken(f"Row {name} was altered.")
            if expected.pop((row.lane, row.seq), row.hash) != row.hash:
                raise AuditBroken(
                    f"Row {name} is not the one that the anchor saw: the chain was written anew."
                )
            last[row.lane] = Head(lane=row.lane, seq=row.seq, hash=row.hash)
    for lane, seq in sorted(expected):
        end = last[lane].seq if lane in last else 0
        raise AuditBroken(f"Row {lane}/{seq} is missing: the anchor saw it, but the chain ends at {end}.")
    return list(last.values())


def _lane() -> int:
    """This thread's chain: threads and processes are spread over the lanes as they come."""
    if not hasattr(_writer, "lane"):
        _writer.lane = next(_writers) % LANES
    lane: int = _writer.lane
    return lane


def _rows(db: Db) -> Result[*tuple[Any, ...]]:
    """The rows in their order, read in portions: memory stays bounded. Close it."""
    ordered = select(audit).order_by(audit.c.lane, audit.c.seq)
    return db.conn.execute(ordered, execution_options={"yield_per": 5000})


def _hash(row: Row[*tuple[Any, ...]]) -> bytes:
    """SHA-256 over the previous hash and the fields as UTF-8, each with its length in 4 bytes before it."""
    at = row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    clinic = str(row.clinic_id) if row.clinic_id else ""
    fields = [
        *(str(row.lane), str(row.seq), at, clinic, row.actor),
        *(row.action, row.subject, row.patients, row.origin, row.detail),
    ]
    raw = b"".join(struct.pack(">I", len(f.encode())) + f.encode() for f in fields)
    return hashlib.sha256(row.previous + raw).digest()
