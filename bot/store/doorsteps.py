"""Doorsteps: sign-ins that are under way. Somebody has shown a first thing and owes a second, or is setting up.

A browser's secret is kept as its digest only. What was chosen while setting up is sealed here until all of it is there.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    delete,
    insert,
    select,
    update,
)

from bot.store.base import Db, Moment, Sealed, metadata


class Stage(StrEnum):
    """What is owed next."""

    OPEN = "open"  # nobody has said who they are: a passkey may be shown
    CODE = "code"  # the first proof was right: now the second
    INVITE = "invite"  # they came by an invite: a password is to be chosen
    RESET = "reset"  # they came by a reset link: another password is to be chosen
    FACTOR = "factor"  # the password of an invite was chosen: now the second factor
    APP = "app"  # they are signed in, and set up another authenticator app


LIFE: Mapping[Stage, timedelta] = {
    Stage.OPEN: timedelta(minutes=10),
    Stage.CODE: timedelta(minutes=10),
    Stage.INVITE: timedelta(minutes=30),
    Stage.RESET: timedelta(minutes=30),
    Stage.FACTOR: timedelta(minutes=30),
    Stage.APP: timedelta(minutes=30),
}
LONGEST = max(LIFE.values())

doorsteps = Table(
    "doorsteps",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id")),
    Column("staff_id", Uuid, ForeignKey("staff.id")),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("stage", Text, nullable=False),
    Column("first", Text, nullable=False),  # by what they came so far: password, sso, link
    Column("handle", LargeBinary),  # of the link that they came by
    Column("password", Sealed),  # the hash of the one that was chosen
    Column("totp", Sealed),  # the secret that was offered
    Column("created_at", Moment, nullable=False),
    Index("ix_doorsteps_created", "created_at"),
    Index("ix_doorsteps_staff", "staff_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorstep:
    """A sign-in that is under way; `member` and `clinic` are None while nobody has said who they are."""

    id: UUID
    stage: Stage
    first: str
    created: datetime
    clinic: UUID | None = None
    member: UUID | None = None
    handle: bytes | None = None
    password: str | None = None
    totp: str | None = None


def begin(
    db: Db,
    secret: str,
    stage: Stage,
    now: datetime,
    *,
    clinic: UUID | None = None,
    member: UUID | None = None,
    first: str = "",
    handle: bytes | None = None,
    totp: str | None = None,
) -> UUID:
    """Somebody stands at the door with this secret in their browser; what it stood for before is over."""
    number = uuid4()
    db.conn.execute(delete(doorsteps).where(doorsteps.c.digest == _digest(secret)))
    row = {
        "id": number,
        "clinic_id": clinic,
        "staff_id": member,
        "digest": _digest(secret),
        "stage": stage,
        "first": first,
        "handle": handle,
        "password": None,
        "totp": totp,
        "created_at": now,
    }
    db.conn.execute(insert(doorsteps).values(db.sealed(doorsteps, row)))
    return number


def find(db: Db, secret: str, now: datetime) -> Doorstep | None:
    """Who stands there; None where nobody does, or for too long. Whoever comes at the same time waits."""
    wanted = select(doorsteps).where(doorsteps.c.digest == _digest(secret)).with_for_update()
    row = db.conn.execute(wanted).one_or_none()
    if row is None or row.created_at + LIFE[Stage(row.stage)] <= now:
        return None

    def opened(column: str) -> str | None:
        value = getattr(row, column)
        return value and db.open(doorsteps, column, value, clinic=row.clinic_id, row=row.id)

    return Doorstep(
        id=row.id,
        stage=Stage(row.stage),
        first=row.first,
        created=row.created_at,
        clinic=row.clinic_id,
        member=row.staff_id,
        handle=row.handle,
        password=opened("password"),
        totp=opened("totp"),
    )


def choose(db: Db, at: Doorstep, *, password: str, totp: str) -> None:
    """Keep the hash of the password that was chosen, and the TOTP secret that is offered; next is the second factor."""
    assert at.clinic
    kept = {
        name: db.seal(doorsteps, name, clinic=at.clinic, row=at.id, value=value)
        for name, value in (("password", password), ("totp", totp))
    }
    db.conn.execute(update(doorsteps).where(doorsteps.c.id == at.id).values(stage=Stage.FACTOR, **kept))


def owe_second(db: Db, at: Doorstep) -> None:
    """Their new password is kept: now they show the second factor that they have."""
    db.conn.execute(update(doorsteps).where(doorsteps.c.id == at.id).values(stage=Stage.CODE))


def leave(db: Db, at: UUID) -> None:
    """They are in, or gone."""
    db.conn.execute(delete(doorsteps).where(doorsteps.c.id == at))


def leave_all(db: Db, member: UUID) -> None:
    """Nothing of theirs that is under way goes on."""
    db.conn.execute(delete(doorsteps).where(doorsteps.c.staff_id == member))


def forget(db: Db, now: datetime) -> None:
    """Take away those that are over."""
    db.conn.execute(delete(doorsteps).where(doorsteps.c.created_at <= now - LONGEST))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
