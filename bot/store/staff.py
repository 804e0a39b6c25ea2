"""Staff: the people who work at a clinic, and how they can be reached. Rosters name them by their handle."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    Table,
    Text,
    Uuid,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from bot.errors import VaultError
from bot.store.base import Db, Moment, Sealed, data_keys, metadata

staff = Table(
    "staff",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("handle", Text, nullable=False),  # what rosters call them
    Column("role", Text, nullable=False),
    Column("name", Sealed, nullable=False),
    Column("email", Sealed, nullable=False),
    Column("email_index", LargeBinary, nullable=False),
    Column("phone", Sealed),
    Column("phone_index", LargeBinary),
    Column("created_at", Moment, nullable=False),
    Column("left_at", Moment),
)
_here = staff.c.left_at.is_(None)
_LOCK = 7402  # of PostgreSQL's advisory locks; 7401 is the audit trail's
Index("uq_staff_handle", staff.c.clinic_id, staff.c.handle, unique=True, postgresql_where=_here)
Index("uq_staff_email", staff.c.clinic_id, staff.c.email_index, unique=True, postgresql_where=_here)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of a clinic's staff; `phone` in E.164."""

    id: UUID
    clinic: UUID
    handle: str
    role: str
    name: str
    email: str
    phone: str | None


def save(
    db: Db, *, clinic: UUID, handle: str, role: str, name: str, email: str, phone: str | None, now: datetime
) -> UUID:
    """Add a member, or change the one with this e-mail address; returns their id."""
    keys = db.keys(clinic)
    index = keys.blind("email", email.casefold())
    known = db.conn.execute(
        select(staff.c.id).where(staff.c.clinic_id == clinic, staff.c.email_index == index, _here)
    ).scalar_one_or_none()
    row = {
        "id": known or uuid4(),
        "clinic_id": clinic,
        "handle": handle,
        "role": role,
        "name": name,
        "email": email,
        "email_index": index,
        "phone": phone,
        "phone_index": keys.blind("phone", phone) if phone else None,
        "created_at": now,
    }
    statement = insert(staff)
    fixed = {"id", "clinic_id", "created_at", "left_at"}
    db.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={c.name: statement.excluded[c.name] for c in staff.columns if c.name not in fixed},
        ),
        db.sealed(staff, row),
    )
    member: UUID = row["id"]  # type: ignore[assignment]  # the only UUID or None that is never None
    return member


def one_at_a_time(db: Db, clinic: UUID) -> None:
    """Changes by hand wait for one another, until the transaction ends: two admins can't let each other go at once."""
    db.conn.execute(select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(str(clinic)))))


def leave(db: Db, clinic: UUID, handle: str, now: datetime) -> bool:
    """They work here no more: nobody is paged by this name from now on. False if nobody has it."""
    gone = db.conn.execute(
        update(staff)
        .where(staff.c.clinic_id == clinic, staff.c.handle == handle, _here)
        .values(left_at=now)
        .returning(staff.c.id)
    )
    return gone.scalar_one_or_none() is not None


def all_of(db: Db, clinic: UUID) -> tuple[Member, ...]:
    """Everybody who works there, by handle."""
    rows = db.conn.execute(select(staff).where(staff.c.clinic_id == clinic, _here).order_by(staff.c.handle))
    found = [_readable(db, row) for row in rows]
    return tuple(member for member in found if member)


def get(db: Db, member: UUID) -> Member | None:
    """The member with this id, as long as they work there."""
    row = db.conn.execute(select(staff).where(staff.c.id == member, _here)).one_or_none()
    return _member(db, row) if row else None


def with_email(db: Db, email: str) -> list[Member]:
    """Whoever has this address; one person may work at several clinics of this house. The longest there comes first."""
    clinics = db.conn.execute(select(data_keys.c.clinic_id).distinct()).scalars().all()
    keys = [(clinic, db.keys(clinic).blind("email", email.casefold())) for clinic in clinics]
    if not keys:
        return []
    wanted = select(staff).where(tuple_(staff.c.clinic_id, staff.c.email_index).in_(keys), _here)
    rows = db.conn.execute(wanted.order_by(staff.c.created_at, staff.c.id))
    found = [_readable(db, row) for row in rows]
    return [member for member in found if member]


def names(db: Db, clinic: UUID, members: Collection[UUID]) -> dict[UUID, str]:
    """The names of these members, of those who have left as well."""
    here = (staff.c.clinic_id == clinic, staff.c.id.in_(members))
    rows = (
        db.conn.execute(select(staff.c.id, staff.c.clinic_id, staff.c.name).where(*here)) if members else ()
    )
    return {row.id: db.open(staff, "name", row.name, clinic=row.clinic_id, row=row.id) for row in rows}


def names_of(db: Db, clinic: UUID) -> dict[str, str]:
    """Who has, or had, which handle: names by handle, of those who have left as well."""
    c = staff.c
    wanted = select(c.id, c.clinic_id, c.handle, c.name).where(c.clinic_id == clinic)
    rows = db.conn.execute(wanted.order_by(c.left_at.asc().nulls_last(), c.created_at))
    return {row.handle: db.open(staff, "name", row.name, clinic=clinic, row=row.id) for row in rows}


def _readable(db: Db, row: Row[*tuple[Any, ...]]) -> Member | None:
    """One bad row must not keep a clinic's pages from leaving: who can't be read is stood in for, as if unknown."""
    db.keys(row.clinic_id)  # that they can't be had is no fault of the row's
    try:
        return _member(db, row)
    except VaultError:
        return None


def _member(db: Db, row: Row[*tuple[Any, ...]]) -> Member:
    def opened(column: str) -> str | None:
        value = getattr(row, column)
        return value and db.open(staff, column, value, clinic=row.clinic_id, row=row.id)

    return Member(
        id=row.id,
        clinic=row.clinic_id,
        handle=row.handle,
        role=row.role,
        name=opened("name") or "",
        email=opened("email") or "",
        phone=opened("phone"),
    )
