"""Conversations: one clinic number with one phone. The row is the lock under which its mailbox is worked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from pydantic import ValidationError
from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from bot.core.state import STATE, State
from bot.errors import VaultError
from bot.store.base import Db, Moment, Sealed, SealedBytes, metadata

conversations = Table(
    "conversations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("phone", Sealed, nullable=False),
    Column("phone_index", LargeBinary, nullable=False),
    Column("state", Sealed),
    Column("edition", Text),
    Column("open_talks", SmallInteger, nullable=False, server_default="0"),
    Column("opted_out_at", Moment),
    Column("retry_at", Moment),  # a happening failed: the mailbox rests until then
    Column("updated_at", Moment, nullable=False),
    UniqueConstraint("clinic_id", "phone_index"),
)
PINNED = conversations.c.open_talks > 0
"""A conversation with an open talk goes on with its edition."""
Index("ix_conversations_pinned", conversations.c.id, conversations.c.edition, postgresql_where=PINNED)


def with_phones(db: Db, clinic: UUID, phones: set[str], now: datetime) -> dict[str, UUID]:
    """The conversations with these phones (E.164, or a sender's name), made where there were none."""
    keys = db.keys(clinic)
    indexes = {keys.blind("phone", phone): phone for phone in phones}
    found = _ids(db, clinic, indexes)
    missing = [index for index, phone in indexes.items() if phone not in found]
    if missing:
        rows = [
            db.sealed(
                conversations,
                {
                    "id": uuid4(),
                    "clinic_id": clinic,
                    "phone": indexes[index],
                    "phone_index": index,
                    "updated_at": now,
                },
            )
            for index in missing
        ]
        db.conn.execute(insert(conversations).on_conflict_do_nothing(), rows)
        found |= _ids(db, clinic, {index: indexes[index] for index in missing})
    return found


def with_phone(db: Db, clinic: UUID, phone: str, now: datetime) -> UUID:
    """The conversation with this phone, made where there was none."""
    return with_phones(db, clinic, {phone}, now)[phone]


def find(db: Db, clinic: UUID, phone: str) -> UUID | None:
    """The conversation with this phone, if there is one; nothing is written."""
    return _ids(db, clinic, {db.keys(clinic).blind("phone", phone): phone}).get(phone)


def load_state(db: Db, *, clinic: UUID, conversation: UUID, sealed: SealedBytes | None) -> State:
    """The state; a conversation that never said anything has the empty one."""
    if sealed is None:
        return State()
    return STATE.validate_json(db.open_bytes(conversations, "state", sealed, clinic=clinic, row=conversation))


def pinned(db: Db) -> dict[str, int]:
    """How many conversations go on with which edition, as they have an open talk."""
    counted = select(conversations.c.edition, func.count().label("many")).where(
        PINNED, conversations.c.edition.is_not(None)
    )
    rows = db.conn.execute(counted.group_by(conversations.c.edition))
    return {row.edition: row.many for row in rows}


def pinned_states(
    db: Db, clinic: UUID | None = None, at_most: int | None = None
) -> Iterator[tuple[str, State | None]]:
    """Edition and state of every conversation with an open talk, read in portions; None: it can't be read.

    Of all clinics, or of this one; of so many at most.
    """
    c = conversations.c
    here = c.open_talks > literal_column("0")  # as `PINNED`, in a form that a generic plan finds its index by
    wanted = select(c.id, c.clinic_id, c.edition, c.state).where(here, c.edition.is_not(None)).limit(at_most)
    if clinic:
        wanted = wanted.where(c.clinic_id == clinic)
    with db.conn.execute(wanted, execution_options={"yield_per": 1000}) as stream:
        for row in stream:
            try:
                state = load_state(db, clinic=row.clinic_id, conversation=row.id, sealed=row.state)
            except (VaultError, ValidationError):
                yield row.edition, None
            else:
                yield row.edition, state


def pinned_elsewhere(db: Db, edition: str, after: UUID, at_most: int) -> list[tuple[UUID, UUID]]:
    """Clinic and id of conversations with an open talk on another edition, by id."""
    c = conversations.c
    wanted = select(c.clinic_id, c.id).where(PINNED, c.edition != edition, c.id > after)
    rows = db.conn.execute(wanted.order_by(c.id).limit(at_most))
    return [(row.clinic_id, row.id) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A conversation as it stands now; `edition` is the one that it went by last."""

    id: UUID
    clinic: UUID
    phone: str
    phone_index: bytes
    state: State
    edition: str | None
    opted_out: bool


def as_it_stands(db: Db, clinic: UUID, conversation: UUID) -> Standing | None:
    """This conversation of this clinic; None where it has none of this id."""
    c = conversations.c
    row = db.conn.execute(
        select(conversations).where(c.id == conversation, c.clinic_id == clinic)
    ).one_or_none()
    if row is None:
        return None
    return Standing(
        id=row.id,
        clinic=clinic,
        phone=db.open(conversations, "phone", row.phone, clinic=clinic, row=row.id),
        phone_index=row.phone_index,
        state=load_state(db, clinic=clinic, conversation=row.id, sealed=row.state),
        edition=row.edition,
        opted_out=row.opted_out_at is not None,
    )


def opt_out(db: Db, conversation: UUID, at: datetime | None) -> None:
    """The phone may not be texted from `at` on; None lifts it."""
    db.conn.execute(update(conversations).where(conversations.c.id == conversation).values(opted_out_at=at))


def phone_of(db: Db, conversation: UUID) -> str:
    """The phone of a conversation."""
    c = conversations.c
    row = db.conn.execute(select(c.clinic_id, c.phone).where(c.id == conversation)).one()
    return db.open(conversations, "phone", row.phone, clinic=row.clinic_id, row=conversation)


def _ids(db: Db, clinic: UUID, indexes: Mapping[bytes, str]) -> dict[str, UUID]:
    rows = db.conn.execute(
        select(conversations.c.id, conversations.c.phone_index).where(
            conversations.c.clinic_id == clinic, conversations.c.phone_index.in_(indexes)
        )
    )
    return {indexes[row.phone_index]: row.id for row in rows}
