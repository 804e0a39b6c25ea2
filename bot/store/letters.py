"""Letters: texts taken out of the outbox to be sent or looked into, each with the record as it is now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, bindparam, exists, or_, select, tuple_

from bot.core.effects import Purpose
from bot.core.facts import VisitStatus
from bot.errors import VaultError
from bot.store.appointments import appointments
from bot.store.base import Db, Moment
from bot.store.clinics import clinics
from bot.store.conversations import conversations
from bot.store.inbox import WAITING, inbox
from bot.store.outbox import Status, outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A text that is about to leave, with the record as it is now. Phones are in E.164."""

    id: UUID
    seq: int
    clinic: UUID
    conversation: UUID
    sender: str
    to: str
    body: str
    wording: str
    purpose: Purpose
    zone: str
    final: bool
    opted_out: bool
    not_after: datetime | None
    attempts: int
    visit_id: UUID | None
    about_version: int | None
    visit_version: int | None
    visit_status: VisitStatus | None
    wait_turn: int | None
    wait_seconds: int | None
    wait_until: datetime | None
    claimed_at: datetime | None
    spoilt: bool = False  # phone or body can't be opened any more; both are empty here


_LETTERS: Select[*tuple[Any, ...]] = select(
    outbox,
    conversations.c.phone,
    conversations.c.opted_out_at,
    clinics.c.phone.label("sender"),
    appointments.c.version.label("now_version"),
    appointments.c.status.label("now_status"),
).select_from(
    outbox.join(conversations, conversations.c.id == outbox.c.conversation_id)
    .join(clinics, clinics.c.id == outbox.c.clinic_id)
    .outerjoin(appointments, appointments.c.id == outbox.c.visit_id)
)

HELD_UP = timedelta(minutes=1)
_now = bindparam("now", type_=Moment)
_ahead = outbox.alias("ahead")
_blocked = exists().where(
    _ahead.c.conversation_id == outbox.c.conversation_id,
    # One whose outcome is unknown holds the others up for a minute, not until it is settled.
    or_(
        and_(_ahead.c.status == Status.READY, _ahead.c.not_before <= _now),
        and_(_ahead.c.status == Status.SENDING, _ahead.c.claimed_at > bindparam("held_since", type_=Moment)),
    ),
    tuple_(_ahead.c.purpose, _ahead.c.seq) < tuple_(outbox.c.purpose, outbox.c.seq),
)
_unread = exists().where(inbox.c.conversation_id == outbox.c.conversation_id, WAITING, inbox.c.kind == "text")
_CLAIM = (
    _LETTERS.where(
        outbox.c.status == Status.READY,
        outbox.c.not_before <= _now,
        ~_blocked,
        or_(outbox.c.purpose < Purpose.REMINDER, ~_unread),
    )
    .order_by(outbox.c.purpose, outbox.c.not_before, outbox.c.seq)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True, of=outbox)
)


def claim(db: Db, now: datetime, at_most: int) -> list[Letter]:
    """Lock texts that may leave by their time, most urgent first, each conversation's head only.

    Locked are the rows, not yet their status: the caller decides on each. A reminder waits while an unread
    text lies in the mailbox: it may be a STOP.
    """
    values = {"now": now, "held_since": now - HELD_UP, "at_most": at_most}
    return [_letter(db, row) for row in db.conn.execute(_CLAIM, values)]


def unsettled(db: Db, before: datetime, at_most: int) -> list[Letter]:
    """Texts whose sending began before that moment and whose outcome is not known."""
    rows = db.conn.execute(
        _LETTERS.where(outbox.c.status == Status.SENDING, outbox.c.claimed_at < before)
        .order_by(outbox.c.claimed_at)
        .limit(at_most)
        .with_for_update(skip_locked=True, of=outbox)
    )
    return [_letter(db, row) for row in rows]


def still_unsettled(db: Db, letter: Letter) -> bool:
    """Lock the letter's row; False if somebody has settled it or tries again already."""
    wanted = select(outbox.c.id).where(
        outbox.c.id == letter.id, outbox.c.status == Status.SENDING, outbox.c.attempts == letter.attempts
    )
    return db.conn.execute(wanted.with_for_update()).one_or_none() is not None


def _opened(db: Db, row: Row[*tuple[Any, ...]]) -> tuple[str, str, bool]:
    """Phone, body, and whether they are spoilt: one bad row must not keep the others from leaving."""
    db.keys(row.clinic_id)  # that they can't be had is no fault of the row's
    try:
        to = db.open(conversations, "phone", row.phone, clinic=row.clinic_id, row=row.conversation_id)
        return to, db.open(outbox, "body", row.body, clinic=row.clinic_id, row=row.id), False
    except VaultError:
        return "", "", True


def _letter(db: Db, row: Row[*tuple[Any, ...]]) -> Letter:
    to, body, spoilt = _opened(db, row)
    return Letter(
        id=row.id,
        seq=row.seq,
        clinic=row.clinic_id,
        conversation=row.conversation_id,
        sender=row.sender,
        to=to,
        body=body,
        wording=row.wording,
        purpose=Purpose(row.purpose),
        zone=row.zone,
        final=row.final,
        opted_out=row.opted_out_at is not None,
        not_after=row.not_after,
        attempts=row.attempts,
        visit_id=row.visit_id,
        about_version=row.visit_version,
        visit_version=row.now_version,
        visit_status=VisitStatus(row.now_status) if row.now_status else None,
        wait_turn=row.wait_turn,
        wait_seconds=row.wait_seconds,
        wait_until=row.wait_until,
        claimed_at=row.claimed_at,
        spoilt=spoilt,
    )
