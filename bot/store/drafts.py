"""The draft: files of the edition that is to come, while somebody writes on them. There is one at most in the house.

`files` has those that differ from the edition that the draft began on. `version` rises with every change, so that what
is published is what somebody has looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Integer, SmallInteger, Table, Text, Uuid, delete, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from bot.store.base import Db, Moment, metadata

drafts = Table(
    "drafts",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),  # always the same: there is one
    Column("edition", Text, nullable=False),
    Column("files", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    Column("begun_by", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("changed_by", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("changed_at", Moment, nullable=False),
)
_ONLY = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The draft as it stands. `begun_by` and `changed_by` are ids of members of staff."""

    edition: str
    files: Mapping[str, str]
    version: int
    begun_by: UUID
    begun_at: datetime
    changed_by: UUID
    changed_at: datetime


def find(db: Db, *, lock: bool = False) -> Draft | None:
    """The draft, if there is one; locked, nobody else changes it in the meantime."""
    wanted = select(drafts).where(drafts.c.id == _ONLY)
    row = db.conn.execute(wanted.with_for_update() if lock else wanted).one_or_none()
    if row is None:
        return None
    return Draft(**{name: value for name, value in row._mapping.items() if name != "id"})


def open_(db: Db, edition: str, by: UUID, now: datetime) -> Draft:
    """The draft, locked; begun on this edition where there was none."""
    begun = {"begun_by": by, "begun_at": now, "changed_by": by, "changed_at": now}
    row = {"id": _ONLY, "edition": edition, "files": {}, "version": 0, **begun}
    db.conn.execute(insert(drafts).values(row).on_conflict_do_nothing())
    found = find(db, lock=True)
    assert found  # whoever takes it away holds its lock
    return found


def save(db: Db, draft: Draft, *, edition: str, files: Mapping[str, str], by: UUID, now: datetime) -> None:
    """The draft has these files now; one that differs in nothing is none."""
    if not files:
        drop(db)
        return
    changed = {"edition": edition, "files": dict(files), "version": draft.version + 1}
    db.conn.execute(drafts.update().values(**changed, changed_by=by, changed_at=now))


def drop(db: Db) -> None:
    """There is no draft any more."""
    db.conn.execute(delete(drafts))
