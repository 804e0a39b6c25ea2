"""Links to staff by which they set up their login, or choose another password. Each is used once; a newer one of the
same kind takes the place of the older. The token is not kept: it is made of the row and a signing key.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
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

from bot.signing import HANDLE
from bot.store.base import Db, Moment, metadata


class Kind(StrEnum):
    """What a link is for."""

    INVITE = "invite"
    RESET = "reset"


staff_links = Table(
    "staff_links",
    metadata,
    Column("handle", LargeBinary, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("to_mail", Boolean, nullable=False),
    UniqueConstraint("staff_id", "kind"),
    Index("ix_staff_links_expires", "expires_at"),
)
_waiting = staff_links.c.to_mail.is_(True)
Index("ix_staff_links_to_mail", staff_links.c.created_at, postgresql_where=_waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLink:
    """A link that nobody has used yet."""

    handle: bytes
    clinic: UUID
    member: UUID
    kind: Kind
    expires: datetime


def make(
    db: Db, *, clinic: UUID, member: UUID, kind: Kind, now: datetime, expires: datetime, to_mail: bool
) -> StaffLink:
    """A new link; `to_mail`: it is to be sent to them. The one before it is good for nothing any more."""
    fresh = {
        "handle": os.urandom(HANDLE),
        "created_at": now,
        "expires_at": expires,
        "to_mail": to_mail,
    }
    statement = insert(staff_links).values(clinic_id=clinic, staff_id=member, kind=kind, **fresh)
    again = statement.on_conflict_do_update(index_elements=["staff_id", "kind"], set_=fresh)
    row = db.conn.execute(again.returning(staff_links)).one()
    return _link(row)


def get(db: Db, handle: bytes, now: datetime, *, lock: bool = False) -> StaffLink | None:
    """The link with this handle, as long as it can be used. `lock`: whoever uses it at the same time waits."""
    c = staff_links.c
    wanted = select(staff_links).where(c.handle == handle, c.expires_at > now)
    row = db.conn.execute(wanted.with_for_update() if lock else wanted).one_or_none()
    return _link(row) if row else None


def use(db: Db, handle: bytes) -> None:
    """It is used up."""
    db.conn.execute(delete(staff_links).where(staff_links.c.handle == handle))


def end_all(db: Db, member: UUID) -> None:
    """None of theirs can be used any more."""
    db.conn.execute(delete(staff_links).where(staff_links.c.staff_id == member))


def take_to_mail(db: Db, now: datetime, at_most: int) -> list[StaffLink]:
    """Those that are to be sent, oldest first; they stay locked until the end."""
    wanted = select(staff_links).where(_waiting, staff_links.c.expires_at > now)
    rows = db.conn.execute(
        wanted.order_by(staff_links.c.created_at).limit(at_most).with_for_update(skip_locked=True)
    )
    return [_link(row) for row in rows]


def mailed(db: Db, handle: bytes) -> None:
    """It was sent, or can't be."""
    db.conn.execute(update(staff_links).where(staff_links.c.handle == handle).values(to_mail=False))


def forget(db: Db, now: datetime) -> None:
    """Take away those that are over."""
    db.conn.execute(delete(staff_links).where(staff_links.c.expires_at <= now))


def _link(row: Row[Any]) -> StaffLink:
    return StaffLink(
        handle=row.handle,
        clinic=row.clinic_id,
        member=row.staff_id,
        kind=Kind(row.kind),
        expires=row.expires_at,
    )
