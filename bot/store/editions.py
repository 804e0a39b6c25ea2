"""Editions: every published set of flow files, kept for ever. A conversation finishes on the one it began with.

`publications` says who made which edition current and when, and how far its consequences for what is under way
have got: `cursor` is the last id that was dealt with in the present `phase`; no phase is left once it is done.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Table,
    Text,
    Uuid,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

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
publications = Table(
    "publications",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("edition", Text, nullable=False),
    Column("before", Text),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("move", Boolean, nullable=False),  # open conversations go on with this edition
    Column("phase", Text),
    Column("cursor", Uuid),
)
Index("ix_publications_open", publications.c.id, postgresql_where=publications.c.phase.is_not(None))

MOVE, REPLAN = "move", "replan"
"""The phases of a publication, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """An edition was made current; `before` was until then."""

    id: int
    edition: str
    before: str | None
    at: datetime
    by: str
    move: bool
    phase: str | None
    cursor: UUID | None


def publish(
    db: Db, edition: str, files: dict[str, str], now: datetime, *, by: str = "operator", move: bool = False
) -> None:
    """Make this edition the current one; published before: it is current again."""
    before = current(db)
    statement = postgresql.insert(editions).values(id=edition, files=files, published_at=now)
    db.conn.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"published_at": now}))
    row = {"edition": edition, "before": before, "at": now, "by": by, "move": move}
    phase = MOVE if move else REPLAN if before else None  # the first one finds nothing under way
    db.conn.execute(insert(publications).values(**row, phase=phase))


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


def published(db: Db, at_most: int) -> list[Publication]:
    """Who made which edition current, newest first."""
    rows = db.conn.execute(select(publications).order_by(publications.c.id.desc()).limit(at_most))
    return [Publication(**row._mapping) for row in rows]


def under_way(db: Db, before: datetime) -> Publication | None:
    """Lock the oldest publication from before that moment that is not done with; None if another clock has it."""
    p = publications.c
    oldest = select(func.min(p.id)).where(p.phase.is_not(None)).scalar_subquery()
    wanted = select(publications).where(p.id == oldest, p.at < before, p.phase.is_not(None))
    row = db.conn.execute(wanted.with_for_update(skip_locked=True)).one_or_none()
    return Publication(**row._mapping) if row else None


def got_to(db: Db, publication: int, phase: str | None, cursor: UUID | None) -> None:
    """How far a publication has got."""
    db.conn.execute(
        update(publications).where(publications.c.id == publication).values(phase=phase, cursor=cursor)
    )
