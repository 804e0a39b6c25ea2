"""Notes of staff on a task, which the patient never sees, and whom they mention.

A mention waits for its member until they write a note of their own or the task is closed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Column, ForeignKey, Index, Table, Uuid, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.store.base import Db, Moment, Sealed, metadata

task_notes = Table(
    "task_notes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("task_id", Uuid, ForeignKey("tasks.id"), nullable=False),
    Column("by", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("text", Sealed, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("ix_task_notes_task", task_notes.c.task_id, task_notes.c.at)

mentions = Table(
    "mentions",
    metadata,
    Column("task_id", Uuid, ForeignKey("tasks.id"), primary_key=True),
    Column("staff_id", Uuid, ForeignKey("staff.id"), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("answered_at", Moment),
)
_waiting = mentions.c.answered_at.is_(None)
Index("ix_mentions_waiting", mentions.c.staff_id, postgresql_where=_waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a member of staff wrote. `by` is their id."""

    id: UUID
    by: UUID
    text: str
    at: datetime


def write(
    db: Db, *, clinic: UUID, task: UUID, by: UUID, text: str, mentioned: Collection[UUID], now: datetime
) -> None:
    """Add a note. Whoever writes one has answered what they were mentioned for."""
    row = {"id": uuid4(), "clinic_id": clinic, "task_id": task, "by": by, "text": text, "at": now}
    db.add(task_notes, [row])
    answered = update(mentions).where(mentions.c.task_id == task, mentions.c.staff_id == by, _waiting)
    db.conn.execute(answered.values(answered_at=now))
    if mentioned:
        rows = [{"task_id": task, "staff_id": member, "at": now} for member in mentioned]
        again = {"at": now, "answered_at": None}
        statement = insert(mentions)
        db.conn.execute(
            statement.on_conflict_do_update(index_elements=["task_id", "staff_id"], set_=again), rows
        )


def of(db: Db, clinic: UUID, task: UUID, at_most: int) -> list[Note]:
    """A task's notes, oldest first; of very many the newest."""
    rows = db.conn.execute(
        select(task_notes)
        .where(task_notes.c.task_id == task, task_notes.c.clinic_id == clinic)
        .order_by(task_notes.c.at.desc())
        .limit(at_most)
    )
    found = [
        Note(
            id=row.id,
            by=row.by,
            text=db.open(task_notes, "text", row.text, clinic=clinic, row=row.id),
            at=row.at,
        )
        for row in rows
    ]
    return found[::-1]


def move(db: Db, task: UUID, to: UUID) -> None:
    """One task's notes and mentions become another's."""
    db.conn.execute(update(task_notes).where(task_notes.c.task_id == task).values(task_id=to))
    columns = ("staff_id", "at", "answered_at")
    moved = select(mentions.c.task_id, *(mentions.c[name] for name in columns)).where(
        mentions.c.task_id == task
    )
    rows = [{**row._mapping, "task_id": to} for row in db.conn.execute(moved)]
    if rows:
        db.conn.execute(insert(mentions).on_conflict_do_nothing(), rows)
