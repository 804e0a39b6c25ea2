"""Passkeys of staff, and the challenges that they answer: for a session, or for a sign-in that is under way.

A credential is found by the hash of its id alone, for at the door nobody has said yet who they are. A challenge is
answered once: taking it deletes it.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    delete,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from bot.store.base import Db, Moment, Sealed, metadata

staff_passkeys = Table(
    "staff_passkeys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("credential_index", LargeBinary, nullable=False),
    Column("credential", Sealed, nullable=False),  # the id that the authenticator gave it
    Column("public_key", Sealed, nullable=False),  # COSE
    Column("counter", BigInteger, nullable=False),  # of signatures; stays 0 where none is kept
    Column("browser", Text, nullable=False),  # where it was made: 'Chrome on Windows'
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment),
    UniqueConstraint("credential_index"),
    Index("ix_staff_passkeys_staff", "staff_id"),
)

staff_challenges = Table(
    "staff_challenges",
    metadata,
    Column("owner_id", Uuid, primary_key=True),  # a session, or a doorstep
    Column("challenge", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_staff_challenges_created", "created_at"),
)

MOST = 10
"""Passkeys of one member."""
LIFE = timedelta(minutes=5)
"""Of a challenge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPasskey:
    """A passkey of a member's: `credential` is its id, `public_key` COSE."""

    clinic: UUID
    member: UUID
    credential: bytes
    public_key: bytes
    counter: int
    browser: str
    created: datetime
    used: datetime | None = None
    id: UUID = field(default_factory=uuid4)


def of(db: Db, member: UUID) -> list[StaffPasskey]:
    """A member's passkeys, oldest first."""
    c = staff_passkeys.c
    rows = db.conn.execute(
        select(staff_passkeys).where(c.staff_id == member).order_by(c.created_at, c.id).limit(MOST)
    )
    return [_passkey(db, row) for row in rows]


def find(db: Db, credential: bytes) -> StaffPasskey | None:
    """Whoever's passkey has this id; it stays as it is until the end."""
    wanted = select(staff_passkeys).where(staff_passkeys.c.credential_index == _index(credential))
    row = db.conn.execute(wanted.with_for_update()).one_or_none()
    return _passkey(db, row) if row else None


def add(db: Db, made: StaffPasskey) -> bool:
    """Keep a fresh one; False where its id is known already."""
    row = {
        "id": made.id,
        "clinic_id": made.clinic,
        "staff_id": made.member,
        "credential_index": _index(made.credential),
        "credential": made.credential,
        "public_key": made.public_key,
        "counter": made.counter,
        "browser": made.browser,
        "created_at": made.created,
        "used_at": None,
    }
    return db.add(staff_passkeys, [row], once=True) == 1


def used(db: Db, passkey: UUID, counter: int, now: datetime) -> None:
    """It proved who somebody is; its counter stands there now."""
    mine = update(staff_passkeys).where(staff_passkeys.c.id == passkey)
    db.conn.execute(mine.values(counter=counter, used_at=now))


def drop(db: Db, member: UUID, passkey: UUID) -> bool:
    """Take one of theirs away; False where it is not theirs."""
    c = staff_passkeys.c
    gone = delete(staff_passkeys).where(c.id == passkey, c.staff_id == member)
    return db.conn.execute(gone).rowcount == 1


def drop_all(db: Db, member: UUID, *, but: UUID | None = None) -> None:
    """Take all of theirs away, `but` this one."""
    gone = delete(staff_passkeys).where(staff_passkeys.c.staff_id == member)
    db.conn.execute(gone.where(staff_passkeys.c.id != but) if but else gone)


# -- challenges ----------------------------------------------------------------------------------------


def ask(db: Db, owner: UUID, challenge: bytes, now: datetime) -> None:
    """Ask this; what was asked before is answered no more."""
    values = {"challenge": challenge, "created_at": now}
    statement = insert(staff_challenges).values(owner_id=owner, **values)
    db.conn.execute(statement.on_conflict_do_update(index_elements=["owner_id"], set_=values))


def take(db: Db, owner: UUID, now: datetime) -> bytes | None:
    """What was asked, which is not to be answered again; None where nothing was, or too long ago."""
    c = staff_challenges.c
    gone = delete(staff_challenges).where(c.owner_id == owner).returning(c.challenge, c.created_at)
    row = db.conn.execute(gone).one_or_none()
    if row is None or row.created_at + LIFE <= now:
        return None
    challenge: bytes = row.challenge
    return challenge


def forget_challenges(db: Db, now: datetime) -> None:
    """Take away those that nobody may answer any more."""
    db.conn.execute(delete(staff_challenges).where(staff_challenges.c.created_at <= now - LIFE))


def _index(credential: bytes) -> bytes:
    return hashlib.sha256(credential).digest()


def _passkey(db: Db, row: Row[Any]) -> StaffPasskey:
    credential, public_key = (
        db.open_bytes(staff_passkeys, name, getattr(row, name), clinic=row.clinic_id, row=row.id)
        for name in ("credential", "public_key")
    )
    return StaffPasskey(
        id=row.id,
        clinic=row.clinic_id,
        member=row.staff_id,
        credential=credential,
        public_key=public_key,
        counter=row.counter,
        browser=row.browser,
        created=row.created_at,
        used=row.used_at,
    )
