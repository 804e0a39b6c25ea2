"""Days: the visits of a stretch of time with all that a day's list says of them, a query for each kind of fact.

Look-ups by arrays of ids instead of one join: each is a walk along an index, however many visits there are.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, SmallInteger, Uuid, and_, bindparam, case, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from bot.core.effects import Purpose
from bot.core.facts import HELD, Visit, VisitStatus
from bot.store.appointments import appointments
from bot.store.base import Db, Moment
from bot.store.conversations import conversations
from bot.store.households import MISSED_WITHIN
from bot.store.outbox import Status, outbox
from bot.store.people import patients
from bot.store.slots import Service
from bot.store.waitlist import waitlist
from bot.store.worklist import tasks

_LEFT = (Status.SENT, Status.DELIVERED)
_FAILED = (Status.UNDELIVERED, Status.FAILED, Status.LOST)
_SERVICE = ("provider", "location", "kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A visit, whose it is, and their conversation. `waits`: they would take an earlier time."""

    visit: Visit
    name: str
    phone: str
    conversation: UUID | None
    opted_out: bool
    booked: datetime | None
    waits: bool


_BETWEEN = (
    select(
        *(appointments.c[name] for name in ("id", "patient_id", "version", "start_at", "minutes", "status")),
        *(appointments.c[name] for name in (*_SERVICE, "service_index", "booked_at")),
        *(patients.c[name] for name in ("first_name", "last_name", "phone")),
        conversations.c.id.label("conversation_id"),
        conversations.c.opted_out_at,
        waitlist.c.since,
    )
    .select_from(
        appointments.join(patients, patients.c.id == appointments.c.patient_id)
        .outerjoin(
            conversations,
            and_(
                conversations.c.clinic_id == patients.c.clinic_id,
                conversations.c.phone_index == patients.c.phone_index,
            ),
        )
        .outerjoin(waitlist, waitlist.c.visit_id == appointments.c.id)
    )
    .where(
        appointments.c.clinic_id == bindparam("clinic"),
        appointments.c.start_at >= bindparam("since", type_=Moment),
        appointments.c.start_at < bindparam("until", type_=Moment),
        appointments.c.status != VisitStatus.ENTERED_IN_ERROR,
    )
    .order_by(appointments.c.start_at, appointments.c.id)
    .limit(bindparam("at_most"))
)


def between(
    db: Db, clinic: UUID, since: datetime, until: datetime, at_most: int, *, phones: bool = False
) -> list[Planned]:
    """The visits that begin within this time, soonest first. Phones are opened where they are asked for only."""
    values = {"clinic": clinic, "since": since, "until": until, "at_most": at_most}
    services: dict[bytes, Service] = {}
    found = []
    for row in db.conn.execute(_BETWEEN, values):
        if row.service_index not in services:  # the same hash, the same words: opened once
            services[row.service_index] = _service(db, clinic, row)
        found.append(_planned(db, clinic, row, services[row.service_index], phones=phones))
    return found


def _service(db: Db, clinic: UUID, row: Row[*tuple[Any, ...]]) -> Service:
    return Service(
        **{
            name: db.open(appointments, name, getattr(row, name), clinic=clinic, row=row.id)
            for name in _SERVICE
        }
    )


def _planned(db: Db, clinic: UUID, row: Row[*tuple[Any, ...]], service: Service, *, phones: bool) -> Planned:
    first, last, phone = (
        db.open(patients, name, getattr(row, name), clinic=clinic, row=row.patient_id)
        if phones or name != "phone"
        else ""
        for name in ("first_name", "last_name", "phone")
    )
    return Planned(
        visit=Visit(
            id=row.id,
            patient_id=row.patient_id,
            version=row.version,
            start=row.start_at,
            minutes=row.minutes,
            status=VisitStatus(row.status),
            provider=service.provider,
            location=service.location,
            kind=service.kind,
        ),
        name=f"{first} {last}".strip(),
        phone=phone,
        conversation=row.conversation_id,
        opted_out=row.opted_out_at is not None,
        booked=row.booked_at,
        waits=row.since is not None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The texts about one version of a visit that nobody had asked for: how many left, and whether the last failed."""

    left: int
    failed: bool


_status = outbox.c.status
_TEXTS = (
    select(
        outbox.c.visit_id,
        outbox.c.visit_version,
        func.count(case((_status.in_(_LEFT), 1))).label("left"),
        func.coalesce(func.max(case((_status.in_(_LEFT), outbox.c.seq))), 0).label("last_left"),
        func.coalesce(func.max(case((_status.in_(_FAILED), outbox.c.seq))), 0).label("last_failed"),
    )
    .where(
        outbox.c.visit_id == func.any(bindparam("visits", type_=ARRAY(Uuid))),
        outbox.c.purpose == literal(Purpose.REMINDER.value, SmallInteger, literal_execute=True),
    )
    .group_by(outbox.c.visit_id, outbox.c.visit_version)
)


def texts(db: Db, visits: Collection[UUID]) -> dict[tuple[UUID, int], Texts]:
    """What was texted about these visits unasked, by visit and version."""
    return {
        (row.visit_id, row.visit_version): Texts(left=row.left, failed=row.last_failed > row.last_left)
        for row in db.conn.execute(_TEXTS, {"visits": list(visits)})
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An open task; None for its visit where it is about none."""

    id: UUID
    visit: UUID | None
    task: str
    urgency: str


_TASKS = (
    select(tasks.c.id, tasks.c.conversation_id, tasks.c.visit_id, tasks.c.task, tasks.c.urgency)
    .where(
        tasks.c.conversation_id == func.any(bindparam("conversations", type_=ARRAY(Uuid))),
        tasks.c.closed_at.is_(None),
    )
    .order_by(tasks.c.opened_at)
)


def open_tasks(db: Db, of_conversations: Collection[UUID]) -> dict[UUID, list[Waiting]]:
    """The open tasks of these conversations, oldest first."""
    found: dict[UUID, list[Waiting]] = {}
    for row in db.conn.execute(_TASKS, {"conversations": list(of_conversations)}):
        task = Waiting(id=row.id, visit=row.visit_id, task=row.task, urgency=row.urgency)
        found.setdefault(row.conversation_id, []).append(task)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What became of a patient's earlier visits: how many they missed lately, and whether they ever came."""

    missed: int
    came: bool


_c = appointments.c
_PAST = (
    select(
        _c.patient_id,
        func.count(
            case((and_(_c.status == VisitStatus.NOSHOW, _c.start_at > bindparam("lately", type_=Moment)), 1))
        ).label("missed"),
        func.count(case((_c.status.in_(HELD), 1))).label("came"),
    )
    .where(
        _c.patient_id == func.any(bindparam("patients", type_=ARRAY(Uuid))),
        _c.start_at < bindparam("before", type_=Moment),
        or_(_c.status == VisitStatus.NOSHOW, _c.status.in_(HELD)),
    )
    .group_by(_c.patient_id)
)


def past(db: Db, of_patients: Collection[UUID], before: datetime) -> dict[UUID, Past]:
    """The earlier visits of these patients; who has none that counts is not there."""
    values = {"patients": list(of_patients), "before": before, "lately": before - MISSED_WITHIN}
    return {
        row.patient_id: Past(missed=row.missed, came=row.came > 0) for row in db.conn.execute(_PAST, values)
    }
