"""Claims: what people at the console do with a task. Each is one UPDATE that says itself whether it may.

Of two who claim a task at the same moment one wins; the other's UPDATE finds nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Uuid, and_, cast, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from bot.core.effects import Urgency
from bot.store import task_notes
from bot.store.base import Db
from bot.store.queues import Work
from bot.store.worklist import Closed, as_closed, tasks

_open = tasks.c.closed_at.is_(None)
_URGENCIES = [str(urgency) for urgency in Urgency]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A task as somebody has seen it: if it has come up again since (`times`), they have not seen all of it."""

    id: UUID
    times: int | None = None


def claim(db: Db, clinic: UUID, task: UUID, member: UUID, now: datetime) -> bool:
    """They have it from now on; False where somebody else does, or it is closed. What sleeps wakes."""
    values = {"claimed_by": member, "claimed_at": now, "snoozed_until": None}
    return _change(db, clinic, task, _free_for(member), **values)


def release(db: Db, clinic: UUID, task: UUID, member: UUID) -> bool:
    """Nobody has it; False where they had not."""
    return _change(db, clinic, task, tasks.c.claimed_by == member, claimed_by=None, claimed_at=None)


def assign(db: Db, clinic: UUID, task: UUID, member: UUID, now: datetime) -> bool:
    """This member has it from now on, whoever had it; False where it is closed."""
    return _change(db, clinic, task, _open, claimed_by=member, claimed_at=now, snoozed_until=None)


def snooze(db: Db, clinic: UUID, task: UUID, member: UUID, until: datetime, now: datetime) -> bool:
    """It sleeps, and is theirs; False where somebody else has it, it has climbed already, or is closed."""
    values = {
        "snoozed_until": until,
        "claimed_by": member,
        "claimed_at": func.coalesce(tasks.c.claimed_at, now),
    }
    return _change(db, clinic, task, and_(_free_for(member), tasks.c.overdue_at.is_(None)), **values)


def close(
    db: Db, clinic: UUID, picks: Sequence[Pick], member: UUID, now: datetime
) -> list[tuple[UUID, Closed]]:
    """Close those that are open, as they were seen, and not somebody else's; returns which."""
    seen = (
        func.unnest(
            cast([pick.id for pick in picks], ARRAY(Uuid)),
            cast([p.times for p in picks], ARRAY(Integer)),
        )
        .table_valued("id", "times", name="seen")
        .render_derived()
    )
    rows = db.conn.execute(
        update(tasks)
        .where(
            tasks.c.id == seen.c.id,
            tasks.c.times == func.coalesce(seen.c.times, tasks.c.times),
            tasks.c.clinic_id == clinic,
            _open,
            _free_for(member),
        )
        .values(closed_at=now, closed_by=member, snoozed_until=None)
        .returning(tasks)
    )
    return [(row.id, as_closed(row)) for row in rows]


def reopen(db: Db, clinic: UUID, task: UUID, since: datetime) -> bool:
    """Open again what was closed since then; False where it was not, was merged, or has come up anew."""
    again = tasks.alias()
    anew = exists().where(
        again.c.conversation_id == tasks.c.conversation_id,
        again.c.task == tasks.c.task,
        again.c.closed_at.is_(None),
    )
    statement = update(tasks).where(
        tasks.c.id == task,
        tasks.c.clinic_id == clinic,
        tasks.c.closed_at >= since,
        tasks.c.merged_into.is_(None),
        ~anew,
    )
    return db.conn.execute(statement.values(closed_at=None, closed_by=None)).rowcount == 1


def lock(db: Db, clinic: UUID, wanted: Sequence[UUID]) -> None:
    """Nobody else changes these until the transaction ends. By id, so that no two wait for each other."""
    rows = select(tasks.c.id).where(tasks.c.id.in_(wanted), tasks.c.clinic_id == clinic)
    db.conn.execute(rows.order_by(tasks.c.id).with_for_update())


def merge(db: Db, clinic: UUID, kept: Work, gone: Work, member: UUID, now: datetime) -> None:
    """One of two open tasks goes into the other: details, notes, mentions and times move; the gravest counts.

    Both must be locked, and read after that.
    """
    lines = dict.fromkeys([*(kept.detail or "").splitlines(), *(gone.detail or "").splitlines()])
    dues = [due for due in (kept.due, gone.due) if due]
    values: dict[str, Any] = {
        "urgency": min(kept.urgency, gone.urgency, key=_URGENCIES.index),
        "times": kept.times + gone.times,
        "opened_at": min(kept.opened, gone.opened),
        "last_at": max(kept.last, gone.last),
        "due_at": min(dues, default=None),
        "overdue_at": kept.overdue or gone.overdue,
        "visit_id": kept.visit_id or gone.visit_id,
        "claimed_by": kept.claimed_by or gone.claimed_by,
        "claimed_at": kept.claimed or gone.claimed,
        "snoozed_until": None,
    }
    if lines:
        values["detail"] = db.seal(tasks, "detail", clinic=clinic, row=kept.id, value="\n".join(lines))
    db.conn.execute(update(tasks).where(tasks.c.id == kept.id).values(values))
    over = {"closed_at": now, "closed_by": member, "merged_into": kept.id, "snoozed_until": None}
    db.conn.execute(update(tasks).where(tasks.c.id == gone.id).values(over))
    task_notes.move(db, gone.id, kept.id)


def _free_for(member: UUID) -> ColumnElement[bool]:
    return or_(tasks.c.claimed_by.is_(None), tasks.c.claimed_by == member)


def _change(db: Db, clinic: UUID, task: UUID, when: ColumnElement[bool], **values: object) -> bool:
    statement = update(tasks).where(tasks.c.id == task, tasks.c.clinic_id == clinic, _open, when)
    return db.conn.execute(statement.values(values)).rowcount == 1
