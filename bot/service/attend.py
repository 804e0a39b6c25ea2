"""Attend: what people do with the work that the bot hands them. Every look at a patient's data is audited."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.core.effects import Urgency
from bot.core.events import Triggered
from bot.core.triggers import TaskClosed
from bot.errors import NotFound
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.service.clinic import the_one
from bot.store import audit, conversations, households, inbox, worklist
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.inbox import Mail
from bot.store.worklist import Closed

MOST = 500
_URGENCIES = [str(urgency) for urgency in Urgency]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A task with what a person needs to act: who it is about, and their phone in E.164."""

    id: UUID
    task: str
    urgency: str
    role: str
    detail: str | None
    times: int
    opened: datetime
    names: tuple[str, ...]
    phone: str


def open_tasks(rt: Runtime, clinic_id: UUID | None) -> list[Item]:
    """Open tasks, the most urgent first, then the oldest. Raises UnknownClinic."""
    clinic, now = the_one(rt, clinic_id), rt.now()
    items, seen = [], set()
    with rt.begin() as db:
        for task in worklist.open_tasks(db, clinic.id, MOST):
            phone = conversations.phone_of(db, task.conversation)
            index = db.keys(clinic.id).blind("phone", phone)
            people, _ = households.around(db, clinic.id, index, now)
            seen |= {person.id for person in people}
            items.append(
                Item(
                    id=task.id,
                    task=task.task,
                    urgency=task.urgency,
                    role=task.role,
                    detail=task.detail,
                    times=task.times,
                    opened=task.opened,
                    names=tuple(person.first_name for person in people),
                    phone=phone,
                )
            )
        entry = Entry(
            clinic=clinic.id,
            actor="operator",
            action="tasks.listed",
            subject=f"clinic:{clinic.id}",
            patients=tuple(sorted(seen)),
            origin="cli",
        )
        audit.write(db, [entry], now)
    return sorted(items, key=lambda item: (_URGENCIES.index(item.urgency), item.opened))


def close(rt: Runtime, task: UUID) -> None:
    """The task is done; a flow may begin with that. Raises NotFound where it is not open."""
    now = rt.now()
    with rt.begin() as db:
        closed = worklist.close(db, task, now)
        if closed is None:
            raise NotFound(f"There is no open task {task}.")
        begun = begin_with(rt, db, task, closed)
        entry = Entry(
            clinic=closed.clinic, actor="operator", action="task.closed", subject=f"task:{task}", origin="cli"
        )
        audit.write(db, [entry], now)
    if begun:
        rt.doorbell.ring(INBOUND)


def begin_with(rt: Runtime, db: Db, task: UUID, closed: Closed) -> bool:
    """Tell the task's conversation that it is closed, if a flow begins with this."""
    trigger = str(TaskClosed(name=closed.task))
    if not rt.starts(db, trigger):
        return False
    mail = Mail(
        clinic=closed.clinic,
        conversation=closed.conversation,
        dedupe=f"task:{task}",
        what=Triggered(trigger=trigger, visit_id=closed.visit_id),
    )
    return inbox.put(db, [mail], rt.now()) > 0
