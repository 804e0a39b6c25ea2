"""Alerts: each tells one person of an escalation by one channel.

A text leaves through the outbox, which knows what became of it; the others are claimed and sent like it:
ready -> sending -> sent -> answered | unanswered (calls); or failed, or dropped. `shown` ones wait on the on-call page.
`handle` stands in the link of a text or an e-mail; the row is the truth.
"""

import os
from collections.abc import Sequence
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
    LargeBinary,
    Row,
    SmallInteger,
    Table,
    Text,
    Uuid,
    and_,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from bot.core.oncall import Channel
from bot.signing import HANDLE
from bot.store.base import Db, Moment, metadata, said
from bot.store.escalations import escalations
from bot.store.outbox import Status as TextStatus
from bot.store.outbox import outbox


class Status(StrEnum):
    """Where an alert is; a text's is that of its row in the outbox."""

    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    ANSWERED = "answered"  # somebody took the call
    UNANSWERED = "unanswered"  # busy, no answer
    FAILED = "failed"
    DROPPED = "dropped"
    SHOWN = "shown"
    TEXT = "text"


alerts = Table(
    "alerts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("escalation_id", Uuid, ForeignKey("escalations.id")),  # none: it only brings a link
    Column("conversation_id", Uuid, ForeignKey("conversations.id")),  # of the escalation
    Column("code", Text),
    Column("rung", Integer, nullable=False),
    Column("staff_id", Uuid, ForeignKey("staff.id")),  # none: the clinic's on-call phone
    Column("channel", Text, nullable=False),
    Column("handle", LargeBinary, nullable=False, unique=True),
    Column("effect_key", Text, nullable=False, unique=True),
    Column("words", Text, nullable=False),  # no PHI, by construction: see `core/escalation`
    Column("status", Text, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("claimed_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("ended_at", Moment),
    Column("sid", Text, unique=True),
    Column("outbox_id", Uuid, ForeignKey("outbox.id"), unique=True),
    Column("error_code", Integer),
)
_waits = alerts.c.status == said(Status.READY)
Index("ix_alerts_ready", alerts.c.not_before, postgresql_where=alerts.c.status == Status.READY)
Index("ix_alerts_sending", alerts.c.claimed_at, postgresql_where=alerts.c.status == Status.SENDING)
Index("ix_alerts_escalation", alerts.c.escalation_id, alerts.c.rung)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert. `handle` finds it from a link; `expires` is set by whoever signs."""

    id: UUID
    clinic: UUID
    escalation: UUID | None
    conversation: UUID | None
    code: str | None
    rung: int
    member: UUID | None
    channel: Channel
    handle: bytes
    words: str
    status: Status
    attempts: int
    created: datetime
    claimed: datetime | None
    sent: datetime | None
    ended: datetime | None
    sid: str | None
    error_code: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new alert: its id and handle."""

    id: UUID
    handle: bytes


def new_handle() -> bytes:
    """What stands in the link of an alert."""
    return os.urandom(HANDLE)


def make(
    db: Db,
    *,
    clinic: UUID,
    escalation: UUID | None = None,
    conversation: UUID | None = None,
    code: str | None = None,
    rung: int = 0,
    member: UUID | None,
    channel: Channel,
    effect_key: str,
    words: str,
    now: datetime,
    handle: bytes | None = None,
    text: UUID | None = None,
) -> Made | None:
    """A new alert; None where this effect has made it before. A text leaves as the row `text` of the outbox.

    Without an escalation it only brings a link.
    """
    made = Made(id=uuid4(), handle=handle or new_handle())
    first = {Channel.TEXT: Status.TEXT, Channel.CONSOLE: Status.SHOWN}.get(channel, Status.READY)
    row = db.conn.execute(
        insert(alerts)
        .values(
            id=made.id,
            clinic_id=clinic,
            escalation_id=escalation,
            conversation_id=conversation,
            code=code,
            rung=rung,
            staff_id=member,
            channel=channel,
            handle=made.handle,
            effect_key=effect_key,
            words=words,
            status=first,
            not_before=now,
            created_at=now,
            outbox_id=text,
        )
        .on_conflict_do_nothing(index_elements=["effect_key"])
        .returning(alerts.c.id)
    )
    return made if row.scalar_one_or_none() else None


def claim(db: Db, now: datetime, at_most: int) -> list[Alert]:
    """Take alerts that may leave, and mark them as being sent: commit that before anybody is called."""
    free = (
        select(alerts.c.id)
        .where(_waits, alerts.c.not_before <= now)
        .order_by(alerts.c.not_before)
        .limit(at_most)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    rows = db.conn.execute(
        update(alerts)
        .where(alerts.c.id == func.any(func.array(free)))
        .values(status=Status.SENDING, attempts=alerts.c.attempts + 1, claimed_at=now)
        .returning(alerts)
    )
    return [_alert(row) for row in rows]


def unsettled(db: Db, before: datetime, at_most: int) -> list[Alert]:
    """Alerts whose sending began before that moment and whose outcome is not known."""
    rows = db.conn.execute(
        select(alerts)
        .where(alerts.c.status == said(Status.SENDING), alerts.c.claimed_at < before)
        .order_by(alerts.c.claimed_at)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    return [_alert(row) for row in rows]


def change(db: Db, alert: UUID, **values: object) -> bool:
    """Set columns of an alert that is being sent; False where it no longer is."""
    done = db.conn.execute(
        update(alerts)
        .where(alerts.c.id == alert, alerts.c.status == said(Status.SENDING))
        .values(values)
        .returning(alerts.c.id)
    )
    return done.scalar_one_or_none() is not None


def called(db: Db, alert: UUID, *, sid: str, status: Status, now: datetime) -> Alert | None:
    """How a call ended, as the carrier reports; None where it is known already, or is no such call."""
    over = (Status.ANSWERED, Status.UNANSWERED, Status.FAILED)
    row = db.conn.execute(
        update(alerts)
        .where(
            alerts.c.id == alert,
            alerts.c.channel == Channel.CALL,
            or_(alerts.c.sid == sid, alerts.c.sid.is_(None)),
            alerts.c.status.not_in(over),
        )
        .values(status=status, sid=sid, ended_at=now)
        .returning(alerts)
    ).one_or_none()
    return _alert(row) if row else None


def overtaken(db: Db, escalation: UUID, person: tuple[UUID | None, Channel] | None = None) -> None:
    """What has not left of an escalation's alerts need not any more: somebody has it, or a newer one comes.

    `person`: only those to this member by this channel, as the newer one does.
    """
    mine = alerts.c.escalation_id == escalation
    if person:
        member, channel = person
        mine = and_(mine, alerts.c.staff_id.is_not_distinct_from(member), alerts.c.channel == channel)
    db.conn.execute(
        update(alerts)
        .where(mine, alerts.c.status.in_([said(Status.READY), said(Status.SHOWN)]))
        .values(status=Status.DROPPED)
    )
    texts = select(alerts.c.outbox_id).where(mine, alerts.c.outbox_id.is_not(None))
    db.conn.execute(
        update(outbox)
        .where(outbox.c.id.in_(texts), outbox.c.status == said(TextStatus.READY))
        .values(status=TextStatus.DROPPED, reason="overtaken")
    )


def needless(db: Db, handles: Sequence[bytes]) -> set[bytes]:
    """Of the alerts with these handles those that need not leave any more, as `overtaken` says.

    What was being sent when that happened may come up again, once it is known that it did not leave.
    """
    if not handles:
        return set()
    newer = alerts.alias()
    overtaken = exists().where(
        newer.c.escalation_id == alerts.c.escalation_id,
        newer.c.staff_id.is_not_distinct_from(alerts.c.staff_id),
        newer.c.channel == alerts.c.channel,
        newer.c.created_at > alerts.c.created_at,
    )
    taken = or_(escalations.c.acknowledged_at.is_not(None), escalations.c.resolved_at.is_not(None))
    rows = db.conn.execute(
        select(alerts.c.handle)
        .join(escalations, escalations.c.id == alerts.c.escalation_id)
        .where(alerts.c.handle.in_(handles), or_(taken, overtaken))
    )
    return set(rows.scalars())


_LOST = (Status.FAILED, Status.UNANSWERED, Status.DROPPED)
_LOST_TEXTS = (TextStatus.FAILED, TextStatus.UNDELIVERED, TextStatus.LOST, TextStatus.DROPPED)


def all_failed(db: Db, escalation: UUID, rung: int) -> bool:
    """Whether no alert of this page can still reach anybody; what is shown on the on-call page does not count.

    One asks after the other: else the last two, failing at the same moment, would each take the other for hopeful.
    """
    whole = select(escalations.c.id).where(escalations.c.id == escalation)
    db.conn.execute(whole.with_for_update(key_share=True))
    hopeful = exists().where(
        alerts.c.escalation_id == escalation,
        alerts.c.rung == rung,
        alerts.c.channel != Channel.CONSOLE,
        or_(
            alerts.c.status.not_in([*_LOST, Status.TEXT]),
            (alerts.c.status == said(Status.TEXT))
            & ~exists().where(outbox.c.id == alerts.c.outbox_id, outbox.c.status.in_(_LOST_TEXTS)),
        ),
    )
    return not db.conn.execute(select(hopeful)).scalar_one()


def get(db: Db, alert: UUID) -> Alert | None:
    """The alert with this id."""
    row = db.conn.execute(select(alerts).where(alerts.c.id == alert)).one_or_none()
    return _alert(row) if row else None


def by_handle(db: Db, handle: bytes) -> Alert | None:
    """The alert whose link has this handle."""
    row = db.conn.execute(select(alerts).where(alerts.c.handle == handle)).one_or_none()
    return _alert(row) if row else None


def by_text(db: Db, text: UUID) -> Alert | None:
    """The alert that this row of the outbox is."""
    row = db.conn.execute(select(alerts).where(alerts.c.outbox_id == text)).one_or_none()
    return _alert(row) if row else None


def has_call(db: Db, sid: str) -> bool:
    """Whether a call of ours has this sid."""
    return bool(db.conn.execute(select(exists().where(alerts.c.sid == sid))).scalar_one())


def any_ready(db: Db, now: datetime) -> bool:
    """Whether an alert could leave now."""
    return bool(db.conn.execute(select(exists().where(_waits, alerts.c.not_before <= now))).scalar_one())


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alert with what became of it, whatever the channel."""

    alert: Alert
    status: str
    sent: datetime | None


def of(db: Db, escalations: Sequence[UUID], at_most: int) -> list[Told]:
    """The newest alerts of each of these escalations, in their order; a ladder can repeat for days."""
    number = func.row_number().over(partition_by=alerts.c.escalation_id, order_by=alerts.c.created_at.desc())
    newest = (
        select(alerts.c.id, number.label("number")).where(alerts.c.escalation_id.in_(escalations)).subquery()
    )
    rows = db.conn.execute(
        select(alerts, outbox.c.status.label("text_status"), outbox.c.sent_at.label("text_sent"))
        .join(newest, newest.c.id == alerts.c.id)
        .outerjoin(outbox, outbox.c.id == alerts.c.outbox_id)
        .where(newest.c.number <= at_most)
        .order_by(alerts.c.created_at, alerts.c.rung, alerts.c.channel)
    )
    return [
        Told(alert=_alert(row), status=row.text_status or row.status, sent=row.text_sent or row.sent_at)
        for row in rows
    ]


def _alert(row: Row[*tuple[Any, ...]]) -> Alert:
    return Alert(
        id=row.id,
        clinic=row.clinic_id,
        escalation=row.escalation_id,
        conversation=row.conversation_id,
        code=row.code,
        rung=row.rung,
        member=row.staff_id,
        channel=Channel(row.channel),
        handle=row.handle,
        words=row.words,
        status=Status(row.status),
        attempts=row.attempts,
        created=row.created_at,
        claimed=row.claimed_at,
        sent=row.sent_at,
        ended=row.ended_at,
        sid=row.sid,
        error_code=row.error_code,
    )
