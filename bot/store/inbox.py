"""The mailboxes: what happened to each conversation, worked in order, each happening once.

`dedupe` makes a repeated delivery harmless: 'sms:' and the MessageSid, 'timer:' and its id, and so on.
The order in a mailbox is (rank, seq): answers to an act, and what moves an escalation (rank 0), come before what
waits behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert, psycopg

from bot.core.events import WHAT, AckDue, Acknowledged, Handled, SlotAnswer, SlotsFound, TextArrived, What
from bot.store.base import Db, Moment, Sealed, metadata
from bot.store.conversations import conversations

inbox = Table(
    "inbox",
    metadata,
    # One row a text: as few indexes and checks as will do. `post` takes the conversation from its own table.
    Column("seq", BigInteger, Identity(), primary_key=True),
    Column("id", Uuid, nullable=False),
    Column("clinic_id", Uuid, nullable=False),
    Column("conversation_id", Uuid, nullable=False),
    Column("rank", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("dedupe", Text, nullable=False, unique=True),
    Column("what", Sealed, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("done_at", Moment),
    Column("failed_at", Moment),
    Column("record", Sealed),  # what was understood and decided, for people to look at
)
WAITING = and_(inbox.c.done_at.is_(None), inbox.c.failed_at.is_(None))
Index("ix_inbox_waiting", inbox.c.seq, postgresql_where=WAITING)
Index(
    "ix_inbox_mailbox",
    inbox.c.conversation_id,
    inbox.c.rank,
    inbox.c.seq,
    postgresql_where=WAITING,
)
Index("ix_inbox_history", inbox.c.conversation_id, inbox.c.seq)

_RANKS: dict[type, int] = {SlotsFound: 0, SlotAnswer: 0, AckDue: 0, Acknowledged: 0, Handled: 0}
_LAST_RANK = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A happening on its way into a mailbox."""

    clinic: UUID
    conversation: UUID
    dedupe: str
    what: What


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
).compile(dialect=psycopg.dialect())  # type: ignore[no-untyped-call]
"""Compiled once: the webhook runs it for every text."""


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
    return db.run(_POST, values) > 0


def newest_text_at(db: Db) -> datetime | None:
    """When the last text came in."""
    newest = select(inbox.c.received_at).where(inbox.c.kind == "text").order_by(inbox.c.seq.desc()).limit(1)
    return db.conn.execute(newest).scalar_one_or_none()


def waiting(db: Db) -> int:
    """How many happenings wait in all mailboxes."""
    return db.conn.execute(select(func.count()).select_from(inbox).where(WAITING)).scalar_one()


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """A happening that was dealt with, and the record of it (JSON)."""

    id: UUID
    at: datetime
    what: What
    record: bytes


def texts(db: Db, conversation: UUID, at_most: int) -> list[tuple[datetime, str]]:
    """The latest texts from the phone: when, and what they said; newest first."""
    rows = db.conn.execute(
        select(inbox.c.id, inbox.c.clinic_id, inbox.c.received_at, inbox.c.what)
        .where(inbox.c.conversation_id == conversation, inbox.c.kind == "text")
        .order_by(inbox.c.seq.desc())
        .limit(at_most)
    )
    opened = (
        (
            row.received_at,
            WHAT.validate_json(db.open_bytes(inbox, "what", row.what, clinic=row.clinic_id, row=row.id)),
        )
        for row in rows
    )
    return [(at, what.body) for at, what in opened if isinstance(what, TextArrived)]


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
