"""Sessions: who is signed in at the console, in which browser. A browser's secret is kept as its digest only."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Row, Table, Text, Uuid, delete, select, update

from bot.store.base import Db, Moment, metadata
from bot.store.staff import staff

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("secret_digest", LargeBinary, nullable=False, unique=True),
    Column("browser", Text, nullable=False),  # 'Chrome on Windows', for the list of one's own
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column(
        "proved_at", Moment, nullable=False
    ),  # when they last showed who they are: what sensitive acts ask for
)
Index("ix_sessions_staff", sessions.c.staff_id)
Index("ix_sessions_seen", sessions.c.seen_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser in which somebody is signed in."""

    id: UUID
    clinic: UUID
    member: UUID
    browser: str
    created: datetime
    seen: datetime
    proved: datetime


def add(db: Db, *, clinic: UUID, member: UUID, secret: str, browser: str, now: datetime) -> UUID:
    """Somebody signed in; returns the session's id."""
    number = uuid4()
    db.conn.execute(
        sessions.insert().values(
            id=number,
            clinic_id=clinic,
            staff_id=member,
            secret_digest=_digest(secret),
            browser=browser,
            created_at=now,
            seen_at=now,
            proved_at=now,
        )
    )
    return number


def find(db: Db, secret: str) -> Session | None:
    """The session of this browser, of somebody who still works there."""
    wanted = select(sessions).join(staff, staff.c.id == sessions.c.staff_id)
    row = db.conn.execute(
        wanted.where(sessions.c.secret_digest == _digest(secret), staff.c.left_at.is_(None))
    ).one_or_none()
    return _session(row) if row else None


def of(db: Db, member: UUID) -> list[Session]:
    """A member's sessions, the latest seen first."""
    rows = db.conn.execute(
        select(sessions).where(sessions.c.staff_id == member).order_by(sessions.c.seen_at.desc())
    )
    return [_session(row) for row in rows]


def saw(db: Db, session: UUID, now: datetime) -> None:
    """They did something."""
    db.conn.execute(update(sessions).where(sessions.c.id == session).values(seen_at=now))


def proved(db: Db, session: UUID, secret: str, now: datetime) -> None:
    """They showed again who they are; the browser gets a new secret with it."""
    values = {"proved_at": now, "seen_at": now, "secret_digest": _digest(secret)}
    db.conn.execute(update(sessions).where(sessions.c.id == session).values(values))


def end(db: Db, session: UUID) -> None:
    """Signed out."""
    db.conn.execute(delete(sessions).where(sessions.c.id == session))


def end_all(db: Db, member: UUID, *, but: UUID | None = None) -> int:
    """Signed out everywhere, `but` in this one; returns how many ended."""
    gone = delete(sessions).where(sessions.c.staff_id == member)
    return db.conn.execute(gone.where(sessions.c.id != but) if but else gone).rowcount


def forget(db: Db, *, seen_before: datetime, created_before: datetime) -> int:
    """Take away those that are over."""
    over = (sessions.c.seen_at < seen_before) | (sessions.c.created_at < created_before)
    return db.conn.execute(delete(sessions).where(over)).rowcount


def _session(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        clinic=row.clinic_id,
        member=row.staff_id,
        browser=row.browser,
        created=row.created_at,
        seen=row.seen_at,
        proved=row.proved_at,
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
