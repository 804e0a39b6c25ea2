"""Queues: the open tasks of a clinic as its people work through them, page by page, and how many each queue has.

The order is urgency, then by when it is wanted: the moment it climbs, or where it never does by itself the moment it
came in. So what is late stands before what nobody promised, and that before what has time.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Uuid,
    and_,
    bindparam,
    func,
    not_,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from bot.errors import VaultError
from bot.store.appointments import appointments
from bot.store.base import Db
from bot.store.conversations import conversations
from bot.store.inbox import WAITING, inbox
from bot.store.people import patients
from bot.store.task_notes import mentions
from bot.store.worklist import tasks

MOST_COUNTED = 1000
_open = tasks.c.closed_at.is_(None)


class Queue(StrEnum):
    """A selection of the open tasks. What sleeps is in its own only."""

    MINE = "mine"  # claimed by me, or somebody mentions me
    ROLE = "role"
    ALL = "all"
    UNCLAIMED = "unclaimed"
    SNOOZED = "snoozed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looker:
    """Who looks at the queues."""

    clinic: UUID
    member: UUID
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A task's place in the order."""

    rank: int
    wanted: datetime
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A task with all that people at the console need; `detail` is None, too, where it was not to be opened."""

    id: UUID
    conversation: UUID
    visit_id: UUID | None
    task: str
    urgency: str
    role: str
    detail: str | None
    times: int
    opened: datetime
    last: datetime
    due: datetime | None
    overdue: datetime | None
    claimed_by: UUID | None
    claimed: datetime | None
    snoozed_until: datetime | None
    closed: datetime | None
    closed_by: UUID | None
    merged_into: UUID | None
    place: Place

    def sleeps(self, now: datetime) -> bool:
        """Whether it is put off. What has climbed is awake, whatever was wished."""
        return self.snoozed_until is not None and self.snoozed_until > now and self.overdue is None


def page(
    db: Db,
    who: Looker,
    queue: Queue,
    now: datetime,
    *,
    without: Collection[UUID] = (),
    after: Place | None = None,
    at_most: int,
    details: bool,
) -> tuple[list[Work], bool]:
    """The tasks of a queue behind a place, and whether there are more. `without` these."""
    wanted = _of(who, queue, now, without).order_by(*_ORDER).limit(at_most + 1)
    if after:
        wanted = wanted.where(tuple_(*_ORDER) > tuple_(after.rank, after.wanted, after.id))
    rows = db.conn.execute(wanted, {"without": list(without)}).all()
    return [_work(db, row, details=details) for row in rows[:at_most]], len(rows) > at_most


def counts(db: Db, who: Looker, now: datetime, *, without: Collection[UUID] = ()) -> dict[Queue, int]:
    """How many tasks each queue has, counted up to MOST_COUNTED."""
    columns = [
        select(func.count())
        .select_from(
            _of(who, queue, now, without).with_only_columns(tasks.c.id).limit(MOST_COUNTED).subquery()
        )
        .scalar_subquery()
        .label(str(queue))
        for queue in Queue
    ]
    row = db.conn.execute(select(*columns), {"without": list(without)}).one()
    return {queue: row._mapping[str(queue)] for queue in Queue}


def get(db: Db, clinic: UUID, task: UUID, *, details: bool) -> Work | None:
    """A task of the clinic's, open or closed."""
    row = db.conn.execute(select(tasks).where(tasks.c.id == task, tasks.c.clinic_id == clinic)).one_or_none()
    return _work(db, row, details=details) if row else None


def of_conversations(db: Db, clinic: UUID, wanted: Collection[UUID], *, details: bool = False) -> list[Work]:
    """The open tasks of these conversations, oldest first."""
    rows = db.conn.execute(
        select(tasks)
        .where(tasks.c.clinic_id == clinic, tasks.c.conversation_id.in_(wanted), _open)
        .order_by(tasks.c.opened_at)
    )
    return [_work(db, row, details=details) for row in rows]


def about_visits_of(db: Db, clinic: UUID, people: Collection[UUID]) -> list[Work]:
    """Open tasks about a visit of one of these patients, whatever phone they came by."""
    visits = select(appointments.c.id).where(
        appointments.c.clinic_id == clinic, appointments.c.patient_id.in_(people)
    )
    rows = db.conn.execute(
        select(tasks).where(tasks.c.clinic_id == clinic, tasks.c.visit_id.in_(visits), _open)
    )
    return [_work(db, row, details=False) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Who is on a conversation's phone: ids and names. `phone` only where nobody is on file."""

    people: tuple[tuple[UUID, str], ...] = ()
    phone: str | None = None


def whose(db: Db, clinic: UUID, wanted: Collection[UUID]) -> dict[UUID, Whose]:
    """Of these conversations."""
    c, p = conversations.c, patients.c
    on_phone = and_(p.clinic_id == c.clinic_id, p.phone_index == c.phone_index)
    rows = db.conn.execute(
        select(c.id, c.phone, p.id.label("patient"), p.first_name, p.last_name)
        .select_from(conversations.outerjoin(patients, on_phone))
        .where(c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))), c.clinic_id == clinic)
        .order_by(c.id, p.id),
        {"ids": list(wanted)},
    )
    found: dict[UUID, Whose] = {}
    for row in rows:
        if row.patient is None:
            phone = db.open(conversations, "phone", row.phone, clinic=clinic, row=row.id)
            found[row.id] = Whose(phone=phone)
            continue
        names = (
            db.open(patients, name, getattr(row, name), clinic=clinic, row=row.patient)
            for name in ("first_name", "last_name")
        )
        others = found.get(row.id, Whose()).people
        found[row.id] = Whose(people=(*others, (row.patient, " ".join(names))))
    return found


def on_the_way(db: Db, conversation: UUID, kinds: Sequence[str]) -> bool:
    """Whether happenings of these kinds wait in the conversation's mailbox: what was done shows in a moment."""
    wanted = select(inbox.c.seq).where(
        inbox.c.conversation_id == conversation, WAITING, inbox.c.kind.in_(kinds)
    )
    return db.conn.execute(wanted.limit(1)).first() is not None


_ORDER = (tasks.c.urgency_rank, tasks.c.wanted_at, tasks.c.id)


def _of(who: Looker, queue: Queue, now: datetime, without: Collection[UUID]) -> Select[Any]:
    """The tasks of a queue, in no order. The parameter `without` is still to be given."""
    asleep = and_(tasks.c.snoozed_until > now, tasks.c.overdue_at.is_(None))
    asleep_or_not = asleep if queue is Queue.SNOOZED else or_(tasks.c.snoozed_until.is_(None), not_(asleep))
    wanted = select(tasks).where(tasks.c.clinic_id == who.clinic, _open, asleep_or_not)
    if without:
        wanted = wanted.where(tasks.c.id != func.all(bindparam("without", type_=ARRAY(Uuid))))
    selection = _SELECTIONS.get(queue)
    return wanted.where(selection(who)) if selection else wanted


def _mine(who: Looker) -> ColumnElement[bool]:
    """What waits for an answer of theirs is found first, as an array: then each row by its key."""
    mentioned = select(mentions.c.task_id).where(
        mentions.c.staff_id == who.member, mentions.c.answered_at.is_(None)
    )
    return or_(
        tasks.c.claimed_by == who.member, tasks.c.id == func.any(func.array(mentioned.scalar_subquery()))
    )


_SELECTIONS: Mapping[Queue, Callable[[Looker], ColumnElement[bool]]] = {
    Queue.MINE: _mine,
    Queue.ROLE: lambda who: tasks.c.role == who.role,
    Queue.UNCLAIMED: lambda _who: tasks.c.claimed_by.is_(None),
}


def _work(db: Db, row: Row[*tuple[Any, ...]], *, details: bool) -> Work:
    return Work(
        id=row.id,
        conversation=row.conversation_id,
        visit_id=row.visit_id,
        task=row.task,
        urgency=row.urgency,
        role=row.role,
        detail=_detail(db, row) if details and row.detail else None,
        times=row.times,
        opened=row.opened_at,
        last=row.last_at,
        due=row.due_at,
        overdue=row.overdue_at,
        claimed_by=row.claimed_by,
        claimed=row.claimed_at,
        snoozed_until=row.snoozed_until,
        closed=row.closed_at,
        closed_by=row.closed_by,
        merged_into=row.merged_into,
        place=Place(rank=row.urgency_rank, wanted=row.wanted_at, id=row.id),
    )


def _detail(db: Db, row: Row[*tuple[Any, ...]]) -> str | None:
    """One bad row must not keep the list from everybody."""
    db.keys(row.clinic_id)
    try:
        return db.open(tasks, "detail", row.detail, clinic=row.clinic_id, row=row.id)
    except VaultError:
        return None
