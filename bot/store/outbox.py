"""The outbox: texts that are to leave, durable until a carrier took them, and what became of them.

status: ready -> sending -> sent -> delivered | undelivered | failed; or dropped, or lost (nobody knows).
A row is made `sending` and committed before the carrier is called: a crash leaves a trace to look into.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from bot.core.effects import Purpose, SendText
from bot.store.base import Db, Moment, Sealed, metadata, said


class Status(StrEnum):
    """Where a text is. READY to SENT are ours; the rest is what the carrier reports, or that we gave up."""

    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    DROPPED = "dropped"
    LOST = "lost"


outbox = Table(
    "outbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("seq", BigInteger, Identity(), nullable=False),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("conversation_id", Uuid, ForeignKey("conversations.id"), nullable=False),
    Column(
        "effect_key", Text, nullable=False, unique=True
    ),  # event and ordinal: a repeat makes no second text
    Column("wording", Text, nullable=False),
    Column("body", Sealed, nullable=False),
    Column("purpose", SmallInteger, nullable=False),
    Column("zone", Text, nullable=False),
    Column("final", Boolean, nullable=False),
    Column("visit_id", Uuid, ForeignKey("appointments.id")),
    Column("visit_version", Integer),
    Column("wait_turn", Integer),
    Column("wait_seconds", Integer),
    Column("wait_until", Moment),
    Column("wait_nudges", ARRAY(Integer)),  # seconds after which the question is reminded of
    Column("link_id", Uuid, ForeignKey("links.id")),  # the secure page whose link its body has a place for
    Column("alert_handle", LargeBinary),  # a page to staff, whose link its body has a place for
    Column("hours", Text),  # the part of the day that the patient likes, see `core/limits`
    Column("not_before", Moment, nullable=False),
    Column("not_after", Moment),
    Column("created_at", Moment, nullable=False),
    Column("status", Text, nullable=False),
    Column(
        "rank", SmallInteger, nullable=False, server_default="-1"
    ),  # Twilio's status, as a rank that only rises
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("claimed_at", Moment),
    Column("sent_at", Moment),
    Column("segments", SmallInteger),  # what carriers bill, known once it has left
    Column("sid", Text, unique=True),
    Column("error_code", Integer),
    Column("reason", Text),
)
Index(
    "ix_outbox_ready",
    outbox.c.purpose,
    outbox.c.not_before,
    outbox.c.seq,
    postgresql_where=outbox.c.status == Status.READY,
)
Index(
    "ix_outbox_pending",
    outbox.c.conversation_id,
    outbox.c.purpose,
    outbox.c.seq,
    postgresql_where=outbox.c.status.in_([Status.READY, Status.SENDING]),
)
Index("ix_outbox_sending", outbox.c.claimed_at, postgresql_where=outbox.c.status == Status.SENDING)
Index("ix_outbox_history", outbox.c.conversation_id, outbox.c.seq)
Index("ix_outbox_sent", outbox.c.clinic_id, outbox.c.sent_at, postgresql_where=outbox.c.sent_at.is_not(None))
Index("ix_outbox_visit", outbox.c.visit_id, postgresql_where=outbox.c.purpose == Purpose.REMINDER)


_PUT = insert(outbox).inline().on_conflict_do_nothing(index_elements=["effect_key"])


def put(
    db: Db,
    *,
    clinic: UUID,
    conversation: UUID,
    effect_key: str,
    text: SendText,
    now: datetime,
    link: UUID | None = None,
    alert: bytes | None = None,
) -> UUID:
    """A text that is to leave, with the link that its body has a place for; the same effect again adds nothing.

    `alert` is the handle of an alert, whose link it is then. Returns the row's id, if it is new.
    """
    wait, number = text.wait, uuid4()
    row = {
        "id": number,
        "clinic_id": clinic,
        "conversation_id": conversation,
        "effect_key": effect_key,
        "wording": text.wording,
        "body": text.body,
        "purpose": text.purpose,
        "zone": text.zone,
        "final": text.final,
        "visit_id": text.about.visit_id if text.about else None,
        "visit_version": text.about.version if text.about else None,
        "wait_turn": wait.turn if wait else None,
        "wait_seconds": wait.seconds if wait else None,
        "wait_until": wait.until if wait else None,
        "wait_nudges": list(wait.nudges) if wait and wait.nudges else None,
        "link_id": link,
        "alert_handle": alert,
        "hours": text.hours,
        "not_before": now,
        "not_after": text.not_after,
        "created_at": now,
        "status": Status.READY,
    }
    db.conn.execute(_PUT, db.sealed(outbox, row))
    return number


def change(db: Db, changes: Sequence[Mapping[str, object]]) -> None:
    """Set columns of many rows by `id`, a statement per set of columns; `attempts` counts by itself.

    A row that a status callback has settled in the meantime keeps what the callback said.
    """
    still_ours = or_(outbox.c.status == Status.READY, outbox.c.status == Status.SENDING)
    groups: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for row in changes:
        groups.setdefault(tuple(sorted(row)), []).append({f"_{name}": value for name, value in row.items()})
    for names, rows in groups.items():
        values: dict[str, Any] = {name: bindparam(f"_{name}") for name in names if name != "id"}
        db.conn.execute(
            update(outbox).where(outbox.c.id == bindparam("_id"), still_ours).values(values),
            rows,
        )


def count_attempt(db: Db, ids: Sequence[UUID], now: datetime) -> None:
    """These texts are being sent: commit this before the carrier is called."""
    db.conn.execute(
        update(outbox)
        .where(outbox.c.id.in_(ids))
        .values(status=Status.SENDING, attempts=outbox.c.attempts + 1, claimed_at=now)
    )


def again(db: Db, outbox_id: UUID, not_before: datetime) -> None:
    """Send a text once more that did not arrive; reports of the first try no longer count."""
    db.conn.execute(
        update(outbox)
        .where(outbox.c.id == outbox_id)
        .values(status=Status.READY, not_before=not_before, rank=-1, sid=None, sent_at=None)
    )


def drop_waiting(db: Db, conversation: UUID, reason: str) -> list[UUID]:
    """Drop what waits for a phone that opts out, but for the answer to that itself; returns which.

    Waits for a sender that has just claimed one: either it leaves before the opt-out is committed, or never.
    """
    dropped = db.conn.execute(
        update(outbox)
        .where(
            outbox.c.conversation_id == conversation,
            outbox.c.status == said(Status.READY),
            ~outbox.c.final,
            outbox.c.purpose != Purpose.PAGE,
        )
        .values(status=Status.DROPPED, reason=reason)
        .returning(outbox.c.id)
    )
    return list(dropped.scalars())


def any_ready(db: Db, now: datetime) -> bool:
    """Whether a text could leave now."""
    wanted = exists().where(outbox.c.status == said(Status.READY), outbox.c.not_before <= now)
    return bool(db.conn.execute(select(wanted)).scalar_one())


def any_leaving(db: Db, now: datetime) -> bool:
    """Whether a text could leave now or is being sent."""
    due = and_(outbox.c.status == said(Status.READY), outbox.c.not_before <= now)
    wanted = exists().where(or_(due, outbox.c.status == said(Status.SENDING)))
    return bool(db.conn.execute(select(wanted)).scalar_one())


def unknown_sids(db: Db, sids: Sequence[str]) -> list[str]:
    """Those of the carrier's sids that no text of ours has, in their order."""
    known = set(db.conn.execute(select(outbox.c.sid).where(outbox.c.sid.in_(sids))).scalars())
    return [sid for sid in sids if sid not in known]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A text of ours, for people to look at."""

    id: UUID
    at: datetime
    body: str
    status: Status
    error_code: int | None
    sid: str | None


def history(db: Db, conversation: UUID, at_most: int) -> list[Shown]:
    """A conversation's texts, newest first."""
    rows = db.conn.execute(
        select(outbox)
        .where(outbox.c.conversation_id == conversation)
        .order_by(outbox.c.seq.desc())
        .limit(at_most)
    )
    return [
        Shown(
            id=row.id,
            at=row.sent_at or row.created_at,
            body=db.open(outbox, "body", row.body, clinic=row.clinic_id, row=row.id),
            status=Status(row.status),
            error_code=row.error_code,
            sid=row.sid,
        )
        for row in rows
    ]
