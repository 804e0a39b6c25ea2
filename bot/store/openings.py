"""Openings: one browser's time with a link, from the tap to 'I'm done'. Only that browser's cookie goes on with it.

The cookie's value is random and kept as its SHA-256. `unlocked_at` is set once the second factor was right.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Uuid, delete, insert, select, update

from bot.store.base import Db, Moment, metadata

openings = Table(
    "openings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("link_id", Uuid, ForeignKey("links.id"), nullable=False),
    Column("browser", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("unlocked_at", Moment),
    Column("ended_at", Moment),
)
_going = openings.c.ended_at.is_(None)
Index("ix_openings_browser", openings.c.browser, postgresql_where=_going)
Index("ix_openings_last", openings.c.last_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An opening of this browser's. `ended`: by 'I'm done'; whether it is idle, `last` says."""

    id: UUID
    link: UUID
    last: datetime
    unlocked: datetime | None
    ended: datetime | None


def begin(db: Db, *, clinic: UUID, link: UUID, browser: str, now: datetime) -> UUID:
    """The browser looks at a link."""
    row = {
        "id": uuid4(),
        "clinic_id": clinic,
        "link_id": link,
        "browser": digest(browser),
        "created_at": now,
        "last_at": now,
    }
    made: UUID = db.conn.execute(insert(openings).values(row).returning(openings.c.id)).scalar_one()
    return made


def of_browser(db: Db, opening: UUID, browser: str) -> Opening | None:
    """The opening, where it is this browser's."""
    row = db.conn.execute(
        select(openings).where(openings.c.id == opening, openings.c.browser == digest(browser))
    ).one_or_none()
    if row is None:
        return None
    return Opening(
        id=row.id, link=row.link_id, last=row.last_at, unlocked=row.unlocked_at, ended=row.ended_at
    )


def touch(db: Db, opening: UUID, now: datetime, idle: timedelta) -> bool:
    """Somebody is still there; False where the page has closed itself in the meantime."""
    statement = update(openings).where(openings.c.id == opening, _going, openings.c.last_at > now - idle)
    return db.conn.execute(statement.values(last_at=now)).rowcount == 1


def unlock(db: Db, opening: UUID, now: datetime) -> None:
    """The second factor was right."""
    db.conn.execute(update(openings).where(openings.c.id == opening).values(unlocked_at=now, last_at=now))


def end(db: Db, browser: str, now: datetime) -> int:
    """All of this browser's openings are over; how many there were."""
    statement = update(openings).where(openings.c.browser == digest(browser), _going)
    return db.conn.execute(statement.values(ended_at=now)).rowcount


def forget(db: Db, before: datetime) -> int:
    """Take away what nobody has touched since then."""
    return db.conn.execute(delete(openings).where(openings.c.last_at < before)).rowcount


def digest(browser: str) -> bytes:
    """What is kept of a cookie: it is random, so a plain hash will do."""
    return hashlib.sha256(browser.encode()).digest()
