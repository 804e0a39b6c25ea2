"""Passkeys: a patient's own ways in beside date of birth and PIN, and the challenges that they answer.

A credential is found by the keyed hash of its id; id and public key are sealed. A challenge belongs to one opening and
one purpose, a newer one replaces it, and taking it deletes it: it is answered once, or never.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
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
    exists,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from bot.store.base import Db, Moment, Sealed, metadata
from bot.store.links import links

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("patient_id", Uuid, ForeignKey("patients.id"), nullable=False),
    Column("user_handle", LargeBinary, nullable=False),  # 32 random bytes, the same for all of a patient's
    Column("credential_index", LargeBinary, nullable=False),
    Column("credential", Sealed, nullable=False),  # the id that the authenticator gave it
    Column("public_key", Sealed, nullable=False),  # COSE
    Column("counter", BigInteger, nullable=False),  # of signatures, 32 bits; stays 0 where none is kept
    Column("opening_id", Uuid, nullable=False),  # the one that made it, or was last unlocked by it
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("clinic_id", "credential_index"),
    Index("ix_passkeys_patient", "patient_id"),
)

challenges = Table(
    "passkey_challenges",
    metadata,
    Column("opening_id", Uuid, ForeignKey("openings.id", ondelete="CASCADE"), primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("challenge", LargeBinary, nullable=False),
    Column("user_handle", LargeBinary),
    Column("created_at", Moment, nullable=False),
    Index("ix_passkey_challenges_created", "created_at"),
)

MOST = 5
"""Passkeys of one patient: a phone, the one after it, and those of who helps."""
LIFE = timedelta(minutes=5)
"""Of a challenge."""


class Purpose(StrEnum):
    """What a challenge may be answered for."""

    MAKE = "make"
    USE = "use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey: `credential` is its id, `public_key` COSE, `opening` the last that it opened or was made in."""

    user_handle: bytes
    credential: bytes
    public_key: bytes
    counter: int
    opening: UUID
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What an authenticator is to sign, and whom a new passkey is for."""

    challenge: bytes
    user_handle: bytes | None = None


def of(db: Db, clinic: UUID, patient: UUID) -> list[Passkey]:
    """The patient's passkeys, oldest first."""
    c = passkeys.c
    mine = select(passkeys).where(c.clinic_id == clinic, c.patient_id == patient).order_by(c.created_at, c.id)
    return [_passkey(db, row) for row in db.conn.execute(mine)]


def has_any(db: Db, clinic: UUID, patient: UUID) -> bool:
    """Whether the patient has one."""
    c = passkeys.c
    return bool(
        db.conn.execute(select(exists().where(c.clinic_id == clinic, c.patient_id == patient))).scalar_one()
    )


def find(db: Db, clinic: UUID, patient: UUID, credential: bytes, *, link: UUID) -> Passkey | None:
    """The patient's passkey with this id; another's is none. It and the link stay as they are until the end."""
    _hold(db, link)
    c = passkeys.c
    wanted = select(passkeys).where(
        c.clinic_id == clinic,
        c.patient_id == patient,
        c.credential_index == _index(db, clinic, credential),
    )
    row = db.conn.execute(wanted.with_for_update()).one_or_none()
    return _passkey(db, row) if row else None


def add(db: Db, *, clinic: UUID, patient: UUID, link: UUID, made: Passkey, now: datetime) -> bool:
    """Keep a fresh one; False where its id is known already, or the link was revoked in the meantime."""
    if not _hold(db, link):
        return False
    row = {
        "id": made.id,
        "clinic_id": clinic,
        "patient_id": patient,
        "user_handle": made.user_handle,
        "credential_index": _index(db, clinic, made.credential),
        "credential": made.credential,
        "public_key": made.public_key,
        "counter": made.counter,
        "opening_id": made.opening,
        "created_at": now,
    }
    return db.add(passkeys, [row], once=True) == 1


def used(db: Db, passkey: UUID, counter: int, opening: UUID) -> None:
    """It proved who somebody is; its counter stands there now."""
    statement = update(passkeys).where(passkeys.c.id == passkey)
    db.conn.execute(statement.values(counter=counter, opening_id=opening))


def drop(
    db: Db, clinic: UUID, *, patients: Sequence[UUID] = (), passkey: UUID | None = None
) -> list[tuple[UUID, UUID]]:
    """Take away those of these patients, or one; returns (passkey, patient) of each."""
    c = passkeys.c
    whose = c.id == passkey if passkey else c.patient_id.in_(patients)
    gone = delete(passkeys).where(c.clinic_id == clinic, whose).returning(c.id, c.patient_id)
    return [(row.id, row.patient_id) for row in db.conn.execute(gone)]


# -- challenges ----------------------------------------------------------------------------------------


def ask(db: Db, opening: UUID, purpose: Purpose, challenge: Challenge, now: datetime) -> None:
    """Ask this of the opening's browser; what was asked before for the same purpose is answered no more."""
    values = {"challenge": challenge.challenge, "user_handle": challenge.user_handle, "created_at": now}
    statement = insert(challenges).values(opening_id=opening, purpose=purpose, **values)
    db.conn.execute(statement.on_conflict_do_update(index_elements=["opening_id", "purpose"], set_=values))


def take(db: Db, opening: UUID, purpose: Purpose, now: datetime) -> Challenge | None:
    """What was asked, which is not to be answered again; None where nothing was, or too long ago."""
    c = challenges.c
    gone = delete(challenges).where(c.opening_id == opening, c.purpose == purpose)
    row = db.conn.execute(gone.returning(c.challenge, c.user_handle, c.created_at)).one_or_none()
    if row is None or row.created_at + LIFE <= now:
        return None
    return Challenge(row.challenge, row.user_handle)


def forget_challenges(db: Db, now: datetime) -> int:
    """Take away those that nobody may answer any more; how many there were."""
    return db.conn.execute(delete(challenges).where(challenges.c.created_at <= now - LIFE)).rowcount


def _hold(db: Db, link: UUID) -> bool:
    """Lock the link; False where it is revoked. Whoever ends passkeys and links ends the links first, so that none is
    made behind their back, and nobody waits in a circle."""
    alive = select(links.c.id).where(links.c.id == link, links.c.revoked_at.is_(None))
    return db.conn.execute(alive.with_for_update(key_share=True)).one_or_none() is not None


def _index(db: Db, clinic: UUID, credential: bytes) -> bytes:
    return db.keys(clinic).blind("passkey", credential.hex())


def _passkey(db: Db, row: Row[Any]) -> Passkey:
    credential, public_key = (
        db.open_bytes(passkeys, name, getattr(row, name), clinic=row.clinic_id, row=row.id)
        for name in ("credential", "public_key")
    )
    return Passkey(
        id=row.id,
        user_handle=row.user_handle,
        credential=credential,
        public_key=public_key,
        counter=row.counter,
        opening=row.opening_id,
    )
