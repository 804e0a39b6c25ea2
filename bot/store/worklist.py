"""The worklist: what people have to do, and by when.

`due_at` is when a task climbs to the people on call; `overdue_at`, that it has. None: it never does by itself.
The console's list of them is in `queues`, what people do with one in `claims`, and their notes in `task_notes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Column,
    Computed,
    ForeignKey,
    Index,
    Integer,
    Row,
    SmallInteger,
    Table,
    Text,
    Uuid,
    and_,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from bot.core.effects import OpenTask, Urgency
from bot.store.base import Db, Moment, Sealed, metadata
from bot.store.escalations import escalations

tasks = Table(
    "tasks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("conversation_id", Uuid, ForeignKey("conversations.id"), nullable=False),
    Column("visit_id", Uuid, ForeignKey("appointments.id")),
    Column("task", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("role", Text, nullable=False, server_default="front_desk"),
    Column("detail", Sealed),  # what exactly is to be done, where the name can't say it
    Column("times", Integer, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("due_at", Moment),
    Column("overdue_at", Moment),
    Column("claimed_by", Uuid, ForeignKey("staff.id")),
    Column("claimed_at", Moment),
    Column("snoozed_until", Moment),  # later than now: it sleeps, unless it is overdue
    Column("closed_by", Uuid, ForeignKey("staff.id")),  # None: not by somebody at the console
    Column("merged_into", Uuid, ForeignKey("tasks.id")),
    Column(
        "urgency_rank",
        SmallInteger,
        Computed(
            "CASE urgency WHEN 'emergency'::text THEN 0 WHEN 'urgent'::text THEN 1 ELSE 2 END", persisted=True
        ),
    ),
    Column("wanted_at", Moment, Computed("COALESCE(due_at, opened_at)", persisted=True)),
)
_open = tasks.c.closed_at.is_(None)
Index("uq_tasks_open", tasks.c.conversation_id, tasks.c.task, unique=True, postgresql_where=_open)
Index("ix_tasks_clinic", tasks.c.clinic_id, tasks.c.opened_at, postgresql_where=_open)
Index("ix_tasks_history", tasks.c.conversation_id, tasks.c.opened_at)
_PLACE = (tasks.c.urgency_rank, tasks.c.wanted_at, tasks.c.id)
Index("ix_tasks_place", tasks.c.clinic_id, *_PLACE, postgresql_where=_open)
Index("ix_tasks_role", tasks.c.clinic_id, tasks.c.role, *_PLACE, postgresql_where=_open)
Index("ix_tasks_claimed", tasks.c.claimed_by, postgresql_where=_open)
Index(
    "ix_tasks_snoozed",
    tasks.c.clinic_id,
    tasks.c.snoozed_until,
    postgresql_where=and_(_open, tasks.c.snoozed_until.is_not(None)),
)
Index(
    "ix_tasks_due",
    tasks.c.due_at,
    postgresql_where=and_(tasks.c.closed_at.is_(None), tasks.c.overdue_at.is_(None)),
)


def open_task(
    db: Db,
    *,
    clinic: UUID,
    conversation: UUID,
    task: OpenTask,
    now: datetime,
    due: datetime | None = None,
) -> None:
    """A task; while the same one is open in this conversation, it counts up instead, gathers the details, and wakes."""
    if task.detail and _add_detail(db, clinic, conversation, task.task, task.detail, now):
        return
    row = {
        "id": uuid4(),
        "clinic_id": clinic,
        "conversation_id": conversation,
        "visit_id": task.visit_id,
        "task": task.task,
        "urgency": task.urgency,
        "role": task.role,
        "detail": task.detail,
        "times": 1,
        "opened_at": now,
        "last_at": now,
        "due_at": due,
    }
    statement = insert(tasks)
    db.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["conversation_id", "task"],
            index_where=_open,
            set_={
                "times": tasks.c.times + 1,
                "last_at": now,
                "visit_id": statement.excluded.visit_id,
                "snoozed_until": None,
            },
        ),
        db.sealed(tasks, row),
    )


def _add_detail(db: Db, clinic: UUID, conversation: UUID, name: str, detail: str, now: datetime) -> bool:
    """Count up the open task of this name, with one detail more; False if none is open."""
    wanted = select(tasks.c.id, tasks.c.detail).where(
        tasks.c.conversation_id == conversation, tasks.c.task == name, _open
    )
    row = db.conn.execute(wanted.with_for_update()).one_or_none()
    if row is None:
        return False
    known = row.detail and db.open(tasks, "detail", row.detail, clinic=clinic, row=row.id)
    lines = dict.fromkeys([*(known or "").splitlines(), detail])
    sealed = db.seal(tasks, "detail", clinic=clinic, row=row.id, value="\n".join(lines))
    more = {"detail": sealed, "times": tasks.c.times + 1, "last_at": now, "snoozed_until": None}
    db.conn.execute(update(tasks).where(tasks.c.id == row.id).values(more))
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something that waits for a person; `detail` says what exactly, a line each."""

    id: UUID
    conversation: UUID
    task: str
    urgency: str
    role: str
    detail: str | None
    times: int
    opened: datetime


def open_tasks(db: Db, clinic: UUID, at_most: int) -> list[Task]:
    """Open tasks, oldest first."""
    rows = db.conn.execute(
        select(tasks).where(tasks.c.clinic_id == clinic, _open).order_by(tasks.c.opened_at).limit(at_most)
    )
    return [
        Task(
            id=row.id,
            conversation=row.conversation_id,
            task=row.task,
            urgency=row.urgency,
            role=row.role,
            detail=row.detail and db.open(tasks, "detail", row.detail, clinic=row.clinic_id, row=row.id),
            times=row.times,
            opened=row.opened_at,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A task that was closed."""

    clinic: UUID
    conversation: UUID
    visit_id: UUID | None
    task: str


def close(db: Db, task: UUID, now: datetime) -> Closed | None:
    """Close a task; None where it was not open."""
    row = db.conn.execute(
        update(tasks).where(tasks.c.id == task, _open).values(closed_at=now).returning(tasks)
    ).one_or_none()
    return as_closed(row) if row else None


def as_closed(row: Row[*tuple[Any, ...]]) -> Closed:
    """A row of `tasks` that was closed."""
    return Closed(
        clinic=row.clinic_id, conversation=row.conversation_id, visit_id=row.visit_id, task=row.task
    )


def close_named(
    db: Db, conversation: UUID, names: Sequence[str], now: datetime, *, overdue: bool = False
) -> list[tuple[UUID, Closed]]:
    """Close a conversation's open tasks of these names, or the `overdue` ones; returns which."""
    meant = tasks.c.overdue_at.is_not(None) if overdue else tasks.c.task.in_(names)
    rows = db.conn.execute(
        update(tasks)
        .where(tasks.c.conversation_id == conversation, meant, _open)
        .values(closed_at=now)
        .returning(tasks)
    )
    return [(row.id, as_closed(row)) for row in rows]


_brings_somebody = exists().where(
    escalations.c.conversation_id == tasks.c.conversation_id,
    escalations.c.resolved_at.is_(None),
    or_(tasks.c.urgency == Urgency.ROUTINE, escalations.c.urgency != Urgency.ROUTINE),
)
"""Whether an escalation that is as grave is open in the task's conversation: see `core/escalation.unanswered`."""


def next_due(db: Db) -> datetime | None:
    """When the next task climbs, if nobody sees to it."""
    wanted = select(func.min(tasks.c.due_at)).where(_open, tasks.c.overdue_at.is_(None), ~_brings_somebody)
    return db.conn.execute(wanted).scalar_one_or_none()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """A task that nobody has seen to in time."""

    id: UUID
    clinic: UUID
    conversation: UUID
    task: str
    urgency: str


def take_overdue(db: Db, now: datetime, at_most: int) -> list[Overdue]:
    """Open tasks whose time is over, each once; several clocks may do so at once.

    Not those of a conversation to which an escalation brings somebody already: they climb once that is resolved.
    """
    due = (
        select(tasks.c.id)
        .where(tasks.c.due_at <= now, _open, tasks.c.overdue_at.is_(None), ~_brings_somebody)
        .order_by(tasks.c.due_at)
        .limit(at_most)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    rows = db.conn.execute(
        update(tasks)
        .where(tasks.c.id == func.any(func.array(due)))
        .values(overdue_at=now)
        .returning(tasks.c.id, tasks.c.clinic_id, tasks.c.conversation_id, tasks.c.task, tasks.c.urgency)
    )
    return [
        Overdue(
            id=row.id,
            clinic=row.clinic_id,
            conversation=row.conversation_id,
            task=row.task,
            urgency=row.urgency,
        )
        for row in rows
    ]
