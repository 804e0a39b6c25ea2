"""Deliveries: what the carrier reports of each text. Every callback is kept; a text's status only rises."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from bot.core.effects import Purpose
from bot.store.base import Db, Moment, metadata, said
from bot.store.outbox import Status, outbox

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("outbox_id", Uuid, ForeignKey("outbox.id"), nullable=False),
    Column("sid", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("error_code", Integer),
    Column("at", Moment, nullable=False),
    UniqueConstraint("outbox_id", "sid", "status"),
)
"""Every status callback, as it came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """What a status callback changed: the text it concerns."""

    id: UUID
    clinic: UUID
    conversation: UUID
    purpose: Purpose
    attempts: int
    visit_id: UUID | None
    wait_turn: int | None
    wait_seconds: int | None
    wait_until: datetime | None
    wait_nudges: tuple[int, ...]
    first_news: bool


def track(
    db: Db,
    outbox_id: UUID,
    *,
    sid: str,
    status: str,
    rank: int,
    ours: Status,
    error_code: int | None,
    now: datetime,
) -> Tracked | None:
    """Keep a callback and raise the text's status if it ranks higher; None where nothing changed.

    A later callback without an error code does not erase an earlier one's. Reports of an earlier try, which
    had another sid, change nothing.
    """
    nobody_knows = and_(outbox.c.sid.is_(None), outbox.c.status == said(Status.SENDING))
    kept = {"outbox_id": outbox_id, "sid": sid, "status": status, "error_code": error_code, "at": now}
    known = select(outbox.c.id, outbox.c.status).where(outbox.c.id == outbox_id).with_for_update()
    before = db.conn.execute(known).one_or_none()
    if before is None:
        return None
    db.conn.execute(insert(deliveries).values(kept).on_conflict_do_nothing())
    row = db.conn.execute(
        update(outbox)
        .where(outbox.c.id == outbox_id, outbox.c.rank < rank, or_(outbox.c.sid == sid, nobody_knows))
        .values(
            status=ours,
            rank=rank,
            sid=func.coalesce(outbox.c.sid, sid),
            sent_at=func.coalesce(outbox.c.sent_at, now),
            error_code=func.coalesce(error_code, outbox.c.error_code),
        )
        .returning(outbox)
    ).one_or_none()
    if row is None:
        return None
    return Tracked(
        id=row.id,
        clinic=row.clinic_id,
        conversation=row.conversation_id,
        purpose=Purpose(row.purpose),
        attempts=row.attempts,
        visit_id=row.visit_id,
        wait_turn=row.wait_turn,
        wait_seconds=row.wait_seconds,
        wait_until=row.wait_until,
        wait_nudges=tuple(row.wait_nudges or ()),
        first_news=before.status == Status.SENDING,
    )
