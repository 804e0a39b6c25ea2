"""The worklist: what people have to do, and escalations that wait for a person to take them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, Uuid, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.core.effects import OpenTask, PageStaff
from bot.store.base import Db, Moment, Sealed, metadata

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
)
_open = tasks.c.closed_at.is_(None)
Index("uq_tasks_open", tasks.c.conversation_id, tasks.c.task, unique=True, postgresql_where=_open)
Index("ix_tasks_clinic", tasks.c.clinic_id, tasks.c.opened_at, postgresql_where=_open)

escalations = Table(
    "escalations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("conversation_id", Uuid, ForeignKey("conversations.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("rung", Integer, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("paged_at", Moment, nullable=False),
    Column("acknowledged_at", Moment),
)
_unanswered = escalations.c.acknowledged_at.is_(None)
Index(
    "uq_escalations_open",
    escalations.c.conversation_id,
    escalations.c.code,
    unique=True,
    postgresql_where=_unanswered,
)
Index("ix_escalations_clinic", escalations.c.clinic_id, escalations.c.code, postgresql_where=_unanswered)


def open_task(db: Db, *, clinic: UUID, conversation: UUID, task: OpenTask, now: datetime) -> None:
    """A task; while the same one is open in this conversation, it counts up instead and gathers the details."""
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
    }
    statement = insert(tasks)
    db.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["conversation_id", "task"],
            index_where=_open,
            set_={"times": tasks.c.times + 1, "last_at": now, "visit_id": statement.excluded.visit_id},
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
    db.conn.execute(
        update(tasks).where(tasks.c.id == row.id).values(detail=sealed, times=tasks.c.times + 1, last_at=now)
    )
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
    if row is None:
        return None
    return Closed(
        clinic=row.clinic_id, conversation=row.conversation_id, visit_id=row.visit_id, task=row.task
    )


def paged(db: Db, *, clinic: UUID, conversation: UUID, page: PageStaff, now: datetime) -> None:
    """An escalation was opened or has climbed."""
    statement = insert(escalations).values(
        id=uuid4(),
        clinic_id=clinic,
        conversation_id=conversation,
        code=page.code,
        urgency=page.urgency,
        rung=page.rung,
        opened_at=now,
        paged_at=now,
    )
    db.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["conversation_id", "code"],
            index_where=_unanswered,
            set_={"rung": page.rung, "urgency": page.urgency, "paged_at": now},
        )
    )


def unanswered(db: Db, clinic: UUID, code: str | None) -> list[tuple[UUID, str]]:
    """Conversation and code of the clinic's open escalations with this code, or of all of them."""
    wanted = select(escalations.c.conversation_id, escalations.c.code).where(
        escalations.c.clinic_id == clinic, _unanswered
    )
    if code is not None:
        wanted = wanted.where(escalations.c.code == code)
    return [
        (row.conversation_id, row.code) for row in db.conn.execute(wanted.order_by(escalations.c.opened_at))
    ]


def acknowledged(db: Db, conversation: UUID, code: str, now: datetime) -> None:
    """Somebody has taken it."""
    db.conn.execute(
        update(escalations)
        .where(escalations.c.conversation_id == conversation, escalations.c.code == code, _unanswered)
        .values(acknowledged_at=now)
    )
