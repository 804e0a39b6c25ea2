"""Broadcasts: one flow for everybody whom facts choose, and who they are.

status: draft → counting → counted → sending → done; or stopped. A change takes it back to draft, and its audience away.
What it is called, whom it chooses and with which values is sealed: a provider's name may stand in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    Uuid,
    delete,
    func,
    select,
    update,
)

from bot.store.base import Db, Moment, Sealed, metadata, said


class Status(StrEnum):
    """Where a broadcast is."""

    DRAFT = "draft"
    COUNTING = "counting"
    COUNTED = "counted"
    SENDING = "sending"
    DONE = "done"
    STOPPED = "stopped"


broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("title", Sealed, nullable=False),
    Column("flow", Text, nullable=False),
    Column("content", Sealed, nullable=False),  # JSON: the facts that choose, and the flow's variables
    Column("status", Text, nullable=False),
    Column("per_minute", Integer, nullable=False),
    Column("days", Integer, nullable=False),  # over which it is spread
    Column("made_by", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("approved_by", Uuid, ForeignKey("staff.id")),
    Column("approved_at", Moment),
    Column("ended_by", Uuid, ForeignKey("staff.id")),
    Column("ended_at", Moment),
    Column("cursor", Uuid),  # the patient who was looked at last
    Column("looked", Integer, nullable=False, server_default="0"),
    Column("moved_at", Moment, nullable=False),  # when the clock took its last portion
)
Index("ix_broadcasts_clinic", broadcasts.c.clinic_id, broadcasts.c.made_at)
Index(
    "ix_broadcasts_moving",
    broadcasts.c.moved_at,
    postgresql_where=broadcasts.c.status.in_([Status.COUNTING, Status.SENDING]),
)

recipients = Table(
    "broadcast_recipients",
    metadata,
    Column("broadcast_id", Uuid, ForeignKey("broadcasts.id", ondelete="CASCADE"), nullable=False),
    Column("patient_id", Uuid, ForeignKey("patients.id"), nullable=False),
    Column("left_out", Text),  # why nothing is sent, by its name
    Column("begun_at", Moment),
    PrimaryKeyConstraint("broadcast_id", "patient_id"),
)
_waits = (recipients.c.begun_at.is_(None), recipients.c.left_out.is_(None))
Index("ix_broadcast_recipients_waiting", *recipients.primary_key, postgresql_where=_waits[0] & _waits[1])
Index("ix_broadcast_recipients_begun", recipients.c.broadcast_id, recipients.c.begun_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """A broadcast as it is now; `content` is JSON, members are ids."""

    id: UUID
    clinic: UUID
    title: str
    flow: str
    content: str
    status: Status
    per_minute: int
    days: int
    made_by: UUID
    made: datetime
    approved_by: UUID | None
    approved: datetime | None
    ended_by: UUID | None
    ended: datetime | None
    cursor: UUID | None
    looked: int


def add(db: Db, clinic: UUID, member: UUID, values: Mapping[str, Any], now: datetime) -> UUID:
    """A new draft; `values`: title, flow, content, per_minute, days."""
    row = {
        "id": uuid4(),
        "clinic_id": clinic,
        "status": Status.DRAFT,
        "made_by": member,
        "made_at": now,
        "moved_at": now,
        **values,
    }
    db.add(broadcasts, [row])
    made: UUID = row["id"]
    return made


def change(db: Db, clinic: UUID, broadcast: UUID, values: Mapping[str, Any], member: UUID) -> bool:
    """Write a draft anew, or one that waits for approval; False where it is neither. Its audience is counted again."""
    sealed = {
        name: db.seal(broadcasts, name, clinic=clinic, row=broadcast, value=value)
        if name in ("title", "content")
        else value
        for name, value in values.items()
    }
    found = db.conn.execute(
        _one(clinic, broadcast, Status.DRAFT, Status.COUNTING, Status.COUNTED)
        .values(status=Status.DRAFT, cursor=None, looked=0, made_by=member, **sealed)
        .returning(broadcasts.c.id)
    )
    if found.scalar_one_or_none() is None:
        return False
    db.conn.execute(delete(recipients).where(recipients.c.broadcast_id == broadcast))
    return True


def move(
    db: Db, clinic: UUID, broadcast: UUID, to: Status, *before: Status, **values: object
) -> Broadcast | None:
    """From one of these states to another, with what is noted of it; None where it is in none of them."""
    row = db.conn.execute(
        _one(clinic, broadcast, *before).values(status=to, **values).returning(broadcasts)
    ).one_or_none()
    return _broadcast(db, row) if row else None


def _one(clinic: UUID, broadcast: UUID, *before: Status) -> Any:
    here = (broadcasts.c.id == broadcast, broadcasts.c.clinic_id == clinic)
    return update(broadcasts).where(*here, broadcasts.c.status.in_(before))


def take(db: Db, status: Status) -> Broadcast | None:
    """The one in this state whose last portion is oldest, locked; None: there is none, or other clocks have them."""
    row = db.conn.execute(
        select(broadcasts)
        .where(
            broadcasts.c.status == said(status), broadcasts.c.status.in_([Status.COUNTING, Status.SENDING])
        )
        .order_by(broadcasts.c.moved_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    return _broadcast(db, row) if row else None


def note(db: Db, broadcast: UUID, now: datetime, **values: object) -> None:
    """What a portion came to."""
    statement = update(broadcasts).where(broadcasts.c.id == broadcast)
    db.conn.execute(statement.values(moved_at=now, **values))


def get(db: Db, clinic: UUID, broadcast: UUID) -> Broadcast | None:
    """The clinic's broadcast with this id."""
    here = (broadcasts.c.id == broadcast, broadcasts.c.clinic_id == clinic)
    row = db.conn.execute(select(broadcasts).where(*here)).one_or_none()
    return _broadcast(db, row) if row else None


def latest(db: Db, clinic: UUID, at_most: int) -> list[Broadcast]:
    """The clinic's broadcasts, the newest first."""
    wanted = select(broadcasts).where(broadcasts.c.clinic_id == clinic)
    rows = db.conn.execute(wanted.order_by(broadcasts.c.made_at.desc()).limit(at_most))
    return [_broadcast(db, row) for row in rows]


def _broadcast(db: Db, row: Row[*tuple[Any, ...]]) -> Broadcast:
    title, content = (
        db.open(broadcasts, name, getattr(row, name), clinic=row.clinic_id, row=row.id)
        for name in ("title", "content")
    )
    return Broadcast(
        id=row.id,
        clinic=row.clinic_id,
        title=title,
        flow=row.flow,
        content=content,
        status=Status(row.status),
        per_minute=row.per_minute,
        days=row.days,
        made_by=row.made_by,
        made=row.made_at,
        approved_by=row.approved_by,
        approved=row.approved_at,
        ended_by=row.ended_by,
        ended=row.ended_at,
        cursor=row.cursor,
        looked=row.looked,
    )


# -- who they are --------------------------------------------------------------------------------------


def choose(db: Db, broadcast: UUID, chosen: Mapping[UUID, str | None]) -> None:
    """These patients fit; each with why nothing is sent, if so."""
    rows = [
        {"broadcast_id": broadcast, "patient_id": patient, "left_out": reason}
        for patient, reason in chosen.items()
    ]
    if rows:
        db.conn.execute(recipients.insert(), rows)


def next_ones(db: Db, broadcast: UUID, at_most: int) -> list[UUID]:
    """Patients for whom nothing has begun yet."""
    wanted = select(recipients.c.patient_id).where(recipients.c.broadcast_id == broadcast, *_waits)
    return list(db.conn.execute(wanted.order_by(recipients.c.patient_id).limit(at_most)).scalars())


def begun(db: Db, broadcast: UUID, patients: Sequence[UUID], now: datetime) -> None:
    """Their flow has begun."""
    here = (recipients.c.broadcast_id == broadcast, recipients.c.patient_id.in_(patients))
    db.conn.execute(update(recipients).where(*here).values(begun_at=now))


def leave_out(db: Db, broadcast: UUID, patient: UUID, reason: str) -> None:
    """Nothing is sent to this one after all."""
    here = (recipients.c.broadcast_id == broadcast, recipients.c.patient_id == patient)
    db.conn.execute(update(recipients).where(*here).values(left_out=reason))


def begun_since(db: Db, broadcast: UUID, since: datetime) -> int:
    """For how many it has begun from this moment on."""
    wanted = select(func.count()).where(
        recipients.c.broadcast_id == broadcast, recipients.c.begun_at >= since
    )
    return int(db.conn.execute(wanted).scalar_one())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many get it, have got it begun, and are left out, by reason."""

    chosen: int = 0
    begun: int = 0
    left_out: Mapping[str, int]


def tallies(db: Db, ids: Sequence[UUID]) -> dict[UUID, Tally]:
    """The tally of each of these broadcasts; one pass over their recipients."""
    c = recipients.c
    wanted = (
        select(c.broadcast_id, c.left_out, func.count().label("many"), func.count(c.begun_at).label("begun"))
        .where(c.broadcast_id.in_(ids))
        .group_by(c.broadcast_id, c.left_out)
    )
    found: dict[UUID, Tally] = {}
    for row in db.conn.execute(wanted):
        so_far = found.get(row.broadcast_id, Tally(left_out={}))
        if row.left_out is None:
            found[row.broadcast_id] = Tally(chosen=row.many, begun=row.begun, left_out=so_far.left_out)
        else:
            left = {**so_far.left_out, row.left_out: row.many}
            found[row.broadcast_id] = Tally(chosen=so_far.chosen, begun=so_far.begun, left_out=left)
    return found
