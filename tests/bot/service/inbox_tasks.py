"""Tasks for tests of the inbox: opened as a worker opens them, in conversations with patients of a name."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from bot.core.effects import OpenTask, PageStaff, Urgency
from bot.runtime import Runtime
from bot.store import conversations, escalations, people, queues, worklist
from bot.store.audit import audit
from bot.store.people import Patient
from bot.store.queues import Work

ANA, BEN, NOBODY = "+12025550151", "+12025550152", "+12025550159"


def patient(rt: Runtime, clinic: UUID, name: str, phone: str) -> UUID:
    """Somebody with this phone."""
    first, _, last = name.partition(" ")
    made = Patient(
        external_id=name,
        first_name=first,
        last_name=last,
        birth_date=date(1970, 1, 2),
        phone=phone,
        language="en",
        zone="America/New_York",
    )
    with rt.begin() as db:
        people.save(db, clinic, [made], rt.now())
        return people.by_external_ids(db, clinic, [name])[name]


def opened(
    rt: Runtime,
    clinic: UUID,
    name: str = "question",
    phone: str = ANA,
    *,
    urgency: Urgency = Urgency.ROUTINE,
    role: str = "front_desk",
    detail: str | None = None,
    due: datetime | None = None,
    at: datetime | None = None,
) -> UUID:
    """A task comes in; its id."""
    now = at or rt.now()
    what = OpenTask(task=name, urgency=urgency, role=role, detail=detail)
    with rt.begin() as db:
        where = conversations.with_phone(db, clinic, phone, now)
        worklist.open_task(db, clinic=clinic, conversation=where, task=what, now=now, due=due)
        found = queues.of_conversations(db, clinic, [where])
    return next(one.id for one in found if one.task == name)


def climbing(
    rt: Runtime,
    clinic: UUID,
    code: str,
    phone: str = ANA,
    *,
    reason: str = "words",
    urgency: Urgency = Urgency.EMERGENCY,
) -> None:
    """An escalation is paged."""
    now = rt.now()
    drill = reason == "drill"
    page = PageStaff(code=code, rung=0, urgency=urgency, body="", reason=reason, drill=drill)
    with rt.begin() as db:
        where = conversations.with_phone(db, clinic, phone, now)
        escalations.paged(db, clinic=clinic, conversation=where, page=page, now=now)


def row(rt: Runtime, clinic: UUID, task: UUID) -> Work:
    """The task as it is now."""
    with rt.begin() as db:
        found = queues.get(db, clinic, task, details=True)
    assert found
    return found


def trail(rt: Runtime, action: str) -> list[tuple[str, str, str]]:
    """Subject, patients and detail of the audit's lines about this."""
    wanted = select(audit.c.subject, audit.c.patients, audit.c.detail).where(audit.c.action == action)
    with rt.begin() as db:
        return [tuple(line) for line in db.conn.execute(wanted.order_by(audit.c.at, audit.c.seq))]
