"""Logins: by what a member of staff proves who they are: password, TOTP and recovery codes. All of it is sealed.

A login has the id of its member. What is kept of passwords and recovery codes are Argon2id hashes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Uuid,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from bot.store.base import Db, Moment, Sealed, metadata
from bot.store.staff import staff

logins = Table(
    "logins",
    metadata,
    Column("id", Uuid, ForeignKey("staff.id"), primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("password", Sealed, nullable=False),
    Column("totp", Sealed),  # base32; empty where they have passkeys only
    Column("last_timecode", BigInteger, nullable=False),  # of the last code that was used: none counts twice
    Column("password_at", Moment, nullable=False),
    Column("totp_at", Moment),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("place", SmallInteger, nullable=False),  # which of the ten; its first letter says so
    Column("code", Sealed, nullable=False),
    Column("created_at", Moment, nullable=False),
)
Index("uq_recovery_codes_place", recovery_codes.c.staff_id, recovery_codes.c.place, unique=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a member can prove themselves by; `password` is its hash, `totp` the secret in base32."""

    member: UUID
    clinic: UUID
    password: str
    totp: str | None
    password_at: datetime
    totp_at: datetime | None


def get(db: Db, member: UUID, *, lock: bool = False) -> Login | None:
    """The member's login; None before they have set it up. `lock`: whoever changes it waits."""
    wanted = select(logins).where(logins.c.id == member)
    row = db.conn.execute(wanted.with_for_update() if lock else wanted).one_or_none()
    if row is None:
        return None

    def opened(column: str) -> str | None:
        value = getattr(row, column)
        return value and db.open(logins, column, value, clinic=row.clinic_id, row=row.id)

    return Login(
        member=row.id,
        clinic=row.clinic_id,
        password=opened("password") or "",
        totp=opened("totp"),
        password_at=row.password_at,
        totp_at=row.totp_at,
    )


def set_up(db: Db, *, clinic: UUID, member: UUID, password: str, totp: str | None, now: datetime) -> None:
    """A first login, or one that takes the place of the old one. `password`: its hash."""
    row = {
        "id": member,
        "clinic_id": clinic,
        "password": password,
        "totp": totp,
        "last_timecode": 0,
        "password_at": now,
        "totp_at": now if totp else None,
    }
    sealed = db.sealed(logins, row)
    statement = insert(logins).values(sealed)
    changed = {name: statement.excluded[name] for name in row if name not in ("id", "clinic_id")}
    db.conn.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))


def set_password(db: Db, login: Login, hashed: str, now: datetime | None = None) -> None:
    """Another password, or, without a moment, the same one hashed anew."""
    values = {
        "password": db.seal(logins, "password", clinic=login.clinic, row=login.member, value=hashed),
        **({"password_at": now} if now else {}),
    }
    db.conn.execute(update(logins).where(logins.c.id == login.member).values(values))


def set_totp(db: Db, login: Login, secret: str, now: datetime) -> None:
    """Another authenticator app."""
    sealed = db.seal(logins, "totp", clinic=login.clinic, row=login.member, value=secret)
    values = {"totp": sealed, "totp_at": now, "last_timecode": 0}
    db.conn.execute(update(logins).where(logins.c.id == login.member).values(values))


def use_timecode(db: Db, member: UUID, timecode: int) -> bool:
    """Use up the code of these 30 seconds; False where it or a later one was used already."""
    fresh = update(logins).where(logins.c.id == member, logins.c.last_timecode < timecode)
    return db.conn.execute(fresh.values(last_timecode=timecode)).rowcount == 1


def any_at_all(db: Db) -> bool:
    """Whether anybody who works here has a login."""
    there = exists().where(logins.c.id == staff.c.id, staff.c.left_at.is_(None))
    return bool(db.conn.execute(select(there)).scalar_one())


# -- recovery codes --------------------------------------------------------------------------------------


def set_codes(db: Db, *, clinic: UUID, member: UUID, hashes: Sequence[str], now: datetime) -> None:
    """New recovery codes, in their order; the old ones are good for nothing any more."""
    db.conn.execute(delete(recovery_codes).where(recovery_codes.c.staff_id == member))
    rows = [
        {
            "id": uuid4(),
            "clinic_id": clinic,
            "staff_id": member,
            "place": place,
            "code": hashed,
            "created_at": now,
        }
        for place, hashed in enumerate(hashes)
    ]
    db.add(recovery_codes, rows)


def code_at(db: Db, member: UUID, place: int) -> tuple[UUID, str] | None:
    """The id and hash of the code at this place, where it is not used yet; nobody else may use it meanwhile."""
    c = recovery_codes.c
    wanted = select(recovery_codes).where(c.staff_id == member, c.place == place).with_for_update()
    row = db.conn.execute(wanted).one_or_none()
    if row is None:
        return None
    return row.id, db.open(recovery_codes, "code", row.code, clinic=row.clinic_id, row=row.id)


def use_code(db: Db, code: UUID) -> None:
    """It is used up."""
    db.conn.execute(delete(recovery_codes).where(recovery_codes.c.id == code))


def codes_left(db: Db, member: UUID) -> int:
    """How many are not used yet."""
    counted = select(func.count()).where(recovery_codes.c.staff_id == member)
    return int(db.conn.execute(counted).scalar_one())
