"""Happenings taken out of their mailbox to be worked on, each under the lock of its conversation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, SmallInteger, bindparam, exists, func, literal, or_, select, true, update

from bot.core.events import WHAT, What
from bot.store.base import Db, Moment, Sealed, SealedBytes
from bot.store.conversations import conversations
from bot.store.inbox import WAITING, inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a mailbox: enough to put it off, whatever is wrong with what it holds."""

    id: UUID
    seq: int
    clinic: UUID
    conversation: UUID
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken(Head):
    """The head of a mailbox under the lock of its conversation, still sealed."""

    row: Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening(Head):
    """A happening that this transaction works on, and its locked conversation."""

    what: What
    phone: str
    phone_index: bytes
    state: SealedBytes | None
    edition: str | None
    opted_out: bool


_awake = or_(conversations.c.retry_at.is_(None), conversations.c.retry_at <= bindparam("now", type_=Moment))

_first = (
    select(inbox.c.conversation_id, inbox.c.seq)
    .join(conversations, conversations.c.id == inbox.c.conversation_id)
    .where(WAITING, _awake)
    .order_by(inbox.c.seq)
    .limit(bindparam("at_most"))
    .subquery()
)
_CONVERSATIONS = (
    select(_first.c.conversation_id).group_by(_first.c.conversation_id).order_by(func.min(_first.c.seq))
)


def conversations_waiting(db: Db, now: datetime, at_most: int) -> list[UUID]:
    """Conversations with something in their mailbox, among the `at_most` oldest happenings; nothing is locked."""
    return list(db.conn.execute(_CONVERSATIONS, {"now": now, "at_most": at_most}).scalars())


_head = (
    select(inbox.c.id, inbox.c.seq, inbox.c.attempts, inbox.c.what)
    .where(inbox.c.conversation_id == bindparam("conversation"), WAITING)
    .order_by(inbox.c.rank, inbox.c.seq)
    .limit(1)
    .subquery()
)
_TAKE = (
    select(
        _head,
        conversations.c.clinic_id,
        conversations.c.phone,
        conversations.c.phone_index,
        conversations.c.state,
        conversations.c.edition,
        conversations.c.opted_out_at,
    )
    .join(_head, true())
    .where(conversations.c.id == bindparam("conversation"), _awake)
    .with_for_update(skip_locked=True, of=conversations)
)


def take(db: Db, conversation: UUID, now: datetime) -> Taken | None:
    """Lock the conversation and hand out the head of its mailbox; None if another worker has it or it is empty.

    Between reading the head and getting the lock another worker may have dealt with it: `finish` tells.
    Raises VaultError where the clinic's keys can't be had.
    """
    row = db.conn.execute(_TAKE, {"conversation": conversation, "now": now}).one_or_none()
    if row is None:
        return None
    db.keys(row.clinic_id)  # without them nothing is wrong with this happening: it is not to count as tried
    return Taken(
        id=row.id,
        seq=row.seq,
        clinic=row.clinic_id,
        conversation=conversation,
        attempts=row.attempts,
        row=row,
    )


def opened(db: Db, taken: Taken) -> Happening:
    """What was taken, opened and read; raises VaultError, or ValidationError where it is no happening."""
    row, clinic, conversation = taken.row, taken.clinic, taken.conversation
    return Happening(
        id=row.id,
        seq=row.seq,
        clinic=clinic,
        conversation=conversation,
        attempts=row.attempts,
        what=WHAT.validate_json(db.open_bytes(inbox, "what", row.what, clinic=clinic, row=row.id)),
        phone=db.open(conversations, "phone", row.phone, clinic=clinic, row=conversation),
        phone_index=row.phone_index,
        state=row.state,
        edition=row.edition,
        opted_out=row.opted_out_at is not None,
    )


_done = (
    update(inbox)
    .where(inbox.c.seq == bindparam("happening"), inbox.c.done_at.is_(None))
    .values(done_at=bindparam("now", type_=Moment), record=bindparam("record", type_=Sealed))
    .returning(literal(1).label("one"))
    .cte("done")
)
_FINISH = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation"), exists(select(_done.c.one)))
    .values(
        state=bindparam("state", type_=Sealed),
        edition=bindparam("edition"),
        open_talks=bindparam("open_talks", type_=SmallInteger),
        updated_at=bindparam("now", type_=Moment),
        retry_at=None,
    )
)


def finish(
    db: Db,
    happening: Happening,
    *,
    state: bytes,
    open_talks: int = 0,
    edition: str,
    record: bytes,
    now: datetime,
) -> bool:
    """Keep the conversation's state and the record, both JSON; False if the happening was dealt with before."""
    clinic, conversation = happening.clinic, happening.conversation
    values = {
        "happening": happening.seq,
        "conversation": conversation,
        "state": db.seal(conversations, "state", clinic=clinic, row=conversation, value=state),
        "record": db.seal(inbox, "record", clinic=clinic, row=happening.id, value=record),
        "edition": edition,
        "open_talks": open_talks,
        "now": now,
    }
    return db.conn.execute(_FINISH, values).rowcount == 1


def put_off(db: Db, happening: Head, *, retry_at: datetime | None, now: datetime) -> None:
    """Working on it raised: the mailbox rests until `retry_at`; None gives the happening up."""
    attempts = inbox.c.attempts + literal(1, SmallInteger)
    db.conn.execute(
        update(inbox)
        .where(inbox.c.seq == happening.seq, inbox.c.done_at.is_(None))
        .values(attempts=attempts, failed_at=None if retry_at else now)
    )
    db.conn.execute(
        update(conversations).where(conversations.c.id == happening.conversation).values(retry_at=retry_at)
    )


def any_waiting(db: Db, now: datetime) -> bool:
    """Whether a happening could be worked on now."""
    wanted = exists(
        select(inbox.c.seq)
        .join(conversations, conversations.c.id == inbox.c.conversation_id)
        .where(WAITING, _awake)
    )
    return bool(db.conn.execute(select(wanted), {"now": now}).scalar_one())
