"""The mailboxes: what happened to each conversation, worked in order, each happening once.

`dedupe` makes a repeated delivery harmless: 'sms:' and the MessageSid, 'timer:' and its id, and so on.
The order in a mailbox is (rank, seq): answers to an act (rank 0) come before what waits behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from bot.core.events import WHAT, SlotAnswer, SlotsFound, What
from bot.store.base import Db, Moment, Sealed, SealedBytes, metadata
from bot.store.conversations import conversations

inbox = Table(
    "inbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("seq", BigInteger, Identity(), nullable=False),
    Column("clinic_id", Uuid, nullable=False),
    Column("conversation_id", Uuid, ForeignKey("conversations.id"), nullable=False),
    Column("rank", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("dedupe", Text, nullable=False, unique=True),
    Column("what", Sealed, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("retry_at", Moment),
    Column("done_at", Moment),
    Column("failed_at", Moment),
    Column("record", Sealed),  # what was understood and decided, for people to look at
)
_waiting = and_(inbox.c.done_at.is_(None), inbox.c.failed_at.is_(None))
Index("ix_inbox_waiting", inbox.c.seq, postgresql_where=_waiting)
Index(
    "ix_inbox_mailbox",
    inbox.c.conversation_id,
    inbox.c.rank,
    inbox.c.seq,
    postgresql_where=_waiting,
)
Index("ix_inbox_history", inbox.c.conversation_id, inbox.c.seq)

_RANKS: dict[type, int] = {SlotsFound: 0, SlotAnswer: 0}
_LAST_RANK = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A happening on its way into a mailbox."""

    clinic: UUID
    conversation: UUID
    dedupe: str
    what: What


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A happening that this transaction works on, and its locked conversation."""

    id: UUID
    seq: int
    clinic: UUID
    conversation: UUID
    attempts: int
    what: What
    phone: str
    phone_index: bytes
    state: SealedBytes | None
    edition: str | None
    opted_out: bool


def put(db: Db, mail: Sequence[Mail], now: datetime) -> int:
    """Add happenings; those that came in before are left out. Returns how many were new."""
    rows = [
        db.sealed(
            inbox,
            {
                "id": uuid4(),
                "clinic_id": letter.clinic,
                "conversation_id": letter.conversation,
                "rank": _RANKS.get(type(letter.what), _LAST_RANK),
                "kind": letter.what.kind,
                "dedupe": letter.dedupe,
                "what": WHAT.dump_json(letter.what),
                "received_at": now,
            },
        )
        for letter in mail
    ]
    if not rows:
        return 0
    statement = insert(inbox).on_conflict_do_nothing(index_elements=["dedupe"])
    return db.conn.execute(statement, rows, execution_options={"preserve_rowcount": True}).rowcount


_POST = (
    insert(inbox)
    .from_select(
        ["id", "clinic_id", "conversation_id", "rank", "kind", "dedupe", "what", "received_at"],
        select(
            bindparam("id", type_=Uuid),
            conversations.c.clinic_id,
            conversations.c.id,
            bindparam("rank", type_=SmallInteger),
            bindparam("kind", type_=Text),
            bindparam("dedupe", type_=Text),
            bindparam("what", type_=Sealed),
            bindparam("received_at", type_=Moment),
        ).where(
            conversations.c.clinic_id == bindparam("clinic"),
            conversations.c.phone_index == bindparam("phone_index"),
        ),
    )
    .on_conflict_do_nothing(index_elements=["dedupe"])
    .execution_options(preserve_rowcount=True)
)
"""Built once: the webhook runs it for every text."""


def post(db: Db, *, clinic: UUID, phone: str, dedupe: str, what: What, now: datetime) -> bool:
    """Add a happening to the mailbox of a phone, in one statement.

    False: it came in before, or there is no conversation with this phone yet.
    """
    number = uuid4()
    values = {
        "id": number,
        "clinic": clinic,
        "phone_index": db.keys(clinic).blind("phone", phone),
        "rank": _LAST_RANK,
        "kind": what.kind,
        "dedupe": dedupe,
        "what": db.seal(inbox, "what", clinic=clinic, row=number, value=WHAT.dump_json(what)),
        "received_at": now,
    }
    return db.conn.execute(_POST, values).rowcount > 0


def take(db: Db, now: datetime) -> Taken | None:
    """Lock the conversation whose head has waited longest, and hand out that head; None when all is done.

    Row and conversation are locked together, so a head that another worker has just finished is re-checked
    and left out; conversations that others work on are skipped.
    """
    ahead = inbox.alias("ahead")
    blocked = exists().where(
        ahead.c.conversation_id == inbox.c.conversation_id,
        ahead.c.done_at.is_(None),
        ahead.c.failed_at.is_(None),
        tuple_(ahead.c.rank, ahead.c.seq) < tuple_(inbox.c.rank, inbox.c.seq),
    )
    row = db.conn.execute(
        select(
            inbox.c.id,
            inbox.c.seq,
            inbox.c.clinic_id,
            inbox.c.conversation_id,
            inbox.c.attempts,
            inbox.c.what,
            conversations.c.phone,
            conversations.c.phone_index,
            conversations.c.state,
            conversations.c.edition,
            conversations.c.opted_out_at,
        )
        .join(conversations, conversations.c.id == inbox.c.conversation_id)
        .where(_waiting, or_(inbox.c.retry_at.is_(None), inbox.c.retry_at <= now), ~blocked)
        .order_by(inbox.c.seq)
        .limit(1)
        .with_for_update(skip_locked=True, of=[inbox, conversations])
    ).one_or_none()
    if row is None:
        return None
    clinic, conversation = row.clinic_id, row.conversation_id
    return Taken(
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


def done(db: Db, taken: Taken, record: bytes, now: datetime) -> None:
    """The happening has been dealt with; `record` (JSON) says how."""
    sealed = db.seal(inbox, "record", clinic=taken.clinic, row=taken.id, value=record)
    db.conn.execute(update(inbox).where(inbox.c.id == taken.id).values(done_at=now, record=sealed))


def failed(db: Db, happening: UUID, *, retry_at: datetime | None, now: datetime) -> None:
    """Working on it raised: again at `retry_at`, or given up where that is None."""
    values = {"attempts": inbox.c.attempts + 1, "retry_at": retry_at, "failed_at": None if retry_at else now}
    db.conn.execute(update(inbox).where(inbox.c.id == happening, inbox.c.done_at.is_(None)).values(values))


def any_waiting(db: Db, now: datetime) -> bool:
    """Whether a happening could be worked on now."""
    wanted = exists().where(_waiting, or_(inbox.c.retry_at.is_(None), inbox.c.retry_at <= now))
    return bool(db.conn.execute(select(wanted)).scalar_one())


def waiting(db: Db) -> int:
    """How many happenings wait in all mailboxes."""
    return db.conn.execute(select(func.count()).select_from(inbox).where(_waiting)).scalar_one()


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """A happening that was dealt with, and the record of it (JSON)."""

    id: UUID
    at: datetime
    what: What
    record: bytes


def history(db: Db, conversation: UUID, at_most: int) -> list[Worked]:
    """What happened to a conversation, newest first."""
    rows = db.conn.execute(
        select(inbox)
        .where(inbox.c.conversation_id == conversation, inbox.c.record.is_not(None))
        .order_by(inbox.c.seq.desc())
        .limit(at_most)
    )
    return [
        Worked(
            id=row.id,
            at=row.received_at,
            what=WHAT.validate_json(db.open_bytes(inbox, "what", row.what, clinic=row.clinic_id, row=row.id)),
            record=db.open_bytes(inbox, "record", row.record, clinic=row.clinic_id, row=row.id),
        )
        for row in rows
    ]
