"""Letters: texts taken out of the outbox to be sent or looked into, each with the record as it is now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Uuid, and_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from bot.core.effects import Purpose
from bot.core.facts import VisitStatus
from bot.errors import VaultError
from bot.store.appointments import appointments
from bot.store.base import Db, Moment, said
from bot.store.clinics import clinics
from bot.store.conversations import conversations
from bot.store.inbox import WAITING, inbox
from bot.store.links import links
from bot.store.outbox import Status, outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A text that is about to leave, with the record as it is now. Phones are in E.164.

    `edition` is the one that its conversation goes by; `link_*` are of the page whose link its body has a place for,
    `alert_handle` of a page to staff.
    """

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
    wait_nudges: tuple[int, ...]
    edition: str | None
    claimed_at: datetime | None
    created: datetime
    wish: str | None = None
    link: UUID | None = None
    link_handle: bytes | None = None
    link_expires: datetime | None = None
    link_off: bool = False
    alert_handle: bytes | None = None
    spoilt: bool = False  # phone or body can't be opened any more; both are empty here


_LETTERS: Select[*tuple[Any, ...]] = select(
    outbox,
    conversations.c.phone,
    conversations.c.opted_out_at,
    conversations.c.edition,
    clinics.c.phone.label("sender"),
    appointments.c.version.label("now_version"),
    appointments.c.status.label("now_status"),
    links.c.handle,
    links.c.expires_at,
    links.c.revoked_at,
).select_from(
    outbox.join(conversations, conversations.c.id == outbox.c.conversation_id)
    .join(clinics, clinics.c.id == outbox.c.clinic_id)
    .outerjoin(appointments, appointments.c.id == outbox.c.visit_id)
    .outerjoin(links, links.c.id == outbox.c.link_id)
)

HELD_UP = timedelta(minutes=1)
"""For this long a text whose outcome is unknown, or that is to be tried again, holds up those behind it.

Not so a page to staff: the next one is of another patient, or newer.
"""
_LOOK_AT = 4
"""Candidates looked at for each letter that may be claimed: some are held up by others."""

# Three small look-ups instead of one statement: each is a walk along an index whatever the planner believes of a
# queue whose size changes by the second. As one statement it has cost 230 ms with a thousand texts waiting.
_CANDIDATES = (
    select(
        outbox.c.id,
        outbox.c.conversation_id,
        outbox.c.purpose,
        outbox.c.alert_handle.is_not(None).label("is_page"),
    )
    .where(outbox.c.status == said(Status.READY), outbox.c.not_before <= bindparam("now", type_=Moment))
    .order_by(outbox.c.purpose, outbox.c.not_before, outbox.c.seq)
    .limit(bindparam("at_most"))
)
_PENDING = (
    select(outbox.c.id, outbox.c.conversation_id)
    .where(
        outbox.c.conversation_id == func.any(bindparam("conversations", type_=ARRAY(Uuid))),
        outbox.c.status.in_([said(Status.READY), said(Status.SENDING)]),
        or_(
            and_(
                outbox.c.status == said(Status.READY), outbox.c.not_before <= bindparam("now", type_=Moment)
            ),
            and_(
                outbox.c.status == said(Status.READY),
                outbox.c.attempts > 0,
                outbox.c.not_before <= bindparam("held_until", type_=Moment),
                outbox.c.alert_handle.is_(None),
            ),
            and_(
                outbox.c.status == said(Status.SENDING),
                outbox.c.claimed_at > bindparam("held_since", type_=Moment),
                outbox.c.alert_handle.is_(None),
            ),
        ),
    )
    .order_by(outbox.c.conversation_id, outbox.c.purpose.desc(), outbox.c.seq.desc())
)
_UNREAD = select(inbox.c.conversation_id).where(
    inbox.c.conversation_id == func.any(bindparam("conversations", type_=ARRAY(Uuid))),
    WAITING,
    inbox.c.kind == "text",
)
_CLAIM = (
    _LETTERS.where(
        outbox.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))), outbox.c.status == said(Status.READY)
    )
    .order_by(outbox.c.purpose, outbox.c.not_before, outbox.c.seq)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True, of=outbox)
)


def claim(db: Db, now: datetime, at_most: int) -> list[Letter]:
    """Lock texts that may leave by their time, most urgent first, each conversation's head only, and pages.

    Locked are the rows, not yet their status: the caller decides on each. A reminder waits while an unread
    text lies in the mailbox: it may be a STOP.
    """
    ids = _free(db, now, at_most * _LOOK_AT)
    if not ids:
        return []
    return [_letter(db, row) for row in db.conn.execute(_CLAIM, {"ids": ids, "at_most": at_most})]


def _free(db: Db, now: datetime, at_most: int) -> list[UUID]:
    """The candidates that are first in their conversation and not held up; pages to staff wait for nothing."""
    candidates = db.conn.execute(_CANDIDATES, {"now": now, "at_most": at_most}).all()
    if not candidates:
        return []
    conversations_of = list({row.conversation_id for row in candidates})
    values = {
        "conversations": conversations_of,
        "now": now,
        "held_since": now - HELD_UP,
        "held_until": now + HELD_UP,
    }
    first = {row.conversation_id: row.id for row in db.conn.execute(_PENDING, values)}  # the last row wins
    unasked = {row.conversation_id for row in candidates if row.purpose >= Purpose.REMINDER}
    unread = set(db.conn.execute(_UNREAD, {"conversations": list(unasked)}).scalars()) if unasked else set()
    return [
        row.id
        for row in candidates
        if (row.is_page or first.get(row.conversation_id) == row.id)
        and not (row.purpose >= Purpose.REMINDER and row.conversation_id in unread)
    ]


def unsettled(db: Db, before: datetime, at_most: int) -> list[Letter]:
    """Texts whose sending began before that moment and whose outcome is not known."""
    rows = db.conn.execute(
        _LETTERS.where(outbox.c.status == said(Status.SENDING), outbox.c.claimed_at < before)
        .order_by(outbox.c.claimed_at)
        .limit(at_most)
        .with_for_update(skip_locked=True, of=outbox)
    )
    return [_letter(db, row) for row in rows]


def still_unsettled(db: Db, letter: Letter) -> bool:
    """Lock the letter's row; False if somebody has settled it or tries again already."""
    wanted = select(outbox.c.id).where(
        outbox.c.id == letter.id,
        outbox.c.status == said(Status.SENDING),
        outbox.c.attempts == letter.attempts,
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
        wait_nudges=tuple(row.wait_nudges or ()),
        edition=row.edition,
        claimed_at=row.claimed_at,
        wish=row.hours,
        link=row.link_id,
        link_handle=row.handle,
        link_expires=row.expires_at,
        link_off=row.revoked_at is not None,
        alert_handle=row.alert_handle,
        created=row.created_at,
        spoilt=spoilt,
    )
