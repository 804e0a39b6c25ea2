"""What is open, and what lies ahead, for one patient and their phone: tasks, escalations, visits, the next reminder."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from bot.core.facts import STANDING
from bot.store.appointments import appointments
from bot.store.base import Db
from bot.store.escalations import escalations
from bot.store.timers import timers
from bot.store.worklist import tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A task or an escalation (`code`) that is not over. `by` is the handle of who has it."""

    id: UUID
    name: str
    urgency: str
    since: datetime
    code: str = ""
    by: str | None = None
    taken: bool = False


def open_tasks(db: Db, conversation: UUID) -> list[Open]:
    """The tasks of a conversation, oldest first."""
    c = tasks.c
    rows = db.conn.execute(
        select(c.id, c.task, c.urgency, c.opened_at)
        .where(c.conversation_id == conversation, c.closed_at.is_(None))
        .order_by(c.opened_at)
    )
    return [Open(id=row.id, name=row.task, urgency=row.urgency, since=row.opened_at) for row in rows]


def open_alarms(db: Db, conversation: UUID) -> list[Open]:
    """The escalations of a conversation that nobody has ended, oldest first. `name` is their reason."""
    c = escalations.c
    rows = db.conn.execute(
        select(escalations)
        .where(c.conversation_id == conversation, c.resolved_at.is_(None))
        .order_by(c.opened_at)
    )
    return [
        Open(
            id=row.id,
            name=row.reason,
            urgency=row.urgency,
            since=row.opened_at,
            code=row.code,
            by=row.taken_by,
            taken=row.acknowledged_at is not None,
        )
        for row in rows
    ]


def next_visits(db: Db, clinic: UUID, patient: UUID, now: datetime, at_most: int) -> list[Row[Any]]:
    """A patient's standing visits that are to come, soonest first; sealed."""
    c = appointments.c
    wanted = select(appointments).where(
        c.patient_id == patient, c.clinic_id == clinic, c.start_at > now, c.status.in_(STANDING)
    )
    return list(db.conn.execute(wanted.order_by(c.start_at).limit(at_most)))


def next_reminder(db: Db, conversation: UUID, now: datetime) -> datetime | None:
    """When the next reminder of a visit leaves for this phone."""
    c = timers.c
    wanted = select(func.min(c.due_at)).where(
        c.conversation_id == conversation, c.key.startswith("visit:"), c.due_at > now
    )
    return db.conn.execute(wanted).scalar_one_or_none()
