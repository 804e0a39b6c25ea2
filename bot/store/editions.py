"""Editions: every published set of flow files, kept for ever. A conversation finishes on the one it began with."""

from datetime import datetime

from sqlalchemy import Column, Index, Table, Text, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from bot.errors import NotFound
from bot.store.base import Db, Moment, metadata

editions = Table(
    "editions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("files", JSONB, nullable=False),
    Column("published_at", Moment, nullable=False),
    Index("ix_editions_published", "published_at"),
)


def publish(db: Db, edition: str, files: dict[str, str], now: datetime) -> None:
    """Make this edition the current one; published before: it is current again."""
    statement = insert(editions).values(id=edition, files=files, published_at=now)
    db.conn.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"published_at": now}))


def current(db: Db) -> str | None:
    """The edition that new conversations use."""
    newest = select(editions.c.id).order_by(editions.c.published_at.desc()).limit(1)
    return db.conn.execute(newest).scalar_one_or_none()


def files(db: Db, edition: str) -> dict[str, str]:
    """The files of an edition, path to text; raises NotFound."""
    found = db.conn.execute(select(editions.c.files).where(editions.c.id == edition)).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no edition {edition}.")
    return dict(found)
