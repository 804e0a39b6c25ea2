"""Overview: reads for those who look after a clinic: who can sign in, what has left, how old the keys are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, cast, exists, func, select

from bot.core.effects import Purpose
from bot.store.base import Db, data_keys
from bot.store.inbox import inbox
from bot.store.logins import logins
from bot.store.outbox import outbox
from bot.store.sessions import sessions
from bot.store.staff import staff
from bot.store.staff_passkeys import staff_passkeys
from bot.store.worklist import tasks

_MASTER = slice(1, 5)
"""Where a wrapped key says which master key it is wrapped under, see `bot/vault`."""
_BACK = 20_000
"""So many happenings of all clinics are looked through for the last text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a member signs in: a password, a code from an app, so many passkeys; and since when they have been seen."""

    password: bool
    totp: bool
    passkeys: int
    sessions: int
    seen: datetime | None


def access(db: Db, clinic: UUID, seen_since: datetime) -> dict[UUID, Access]:
    """By member; sessions that nobody has touched since then don't count."""
    mine = sessions.c.staff_id == staff.c.id
    passkeys = select(func.count()).where(staff_passkeys.c.staff_id == staff.c.id).scalar_subquery()
    live = select(func.count()).where(mine, sessions.c.seen_at > seen_since).scalar_subquery()
    seen = select(func.max(sessions.c.seen_at)).where(mine).scalar_subquery()
    has_totp = exists().where(logins.c.id == staff.c.id, logins.c.totp.is_not(None))
    rows = db.conn.execute(
        select(
            staff.c.id,
            exists().where(logins.c.id == staff.c.id).label("password"),
            has_totp.label("totp"),
            passkeys.label("passkeys"),
            live.label("sessions"),
            seen.label("seen"),
        ).where(staff.c.clinic_id == clinic, staff.c.left_at.is_(None))
    )
    return {
        row.id: Access(
            password=row.password,
            totp=row.totp,
            passkeys=row.passkeys,
            sessions=row.sessions,
            seen=row.seen,
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What left on a day for a purpose. `segments`: of those texts whose count is known, `counted` of them."""

    day: date
    purpose: Purpose
    texts: int
    segments: int
    counted: int


def sent(db: Db, clinic: UUID, zone: str, since: datetime) -> list[Sent]:
    """What has left since then, by the clinic's days."""
    day = cast(func.timezone(zone, outbox.c.sent_at), Date).label("day")
    counted = func.count(outbox.c.segments).label("counted")
    segments = func.coalesce(func.sum(outbox.c.segments), 0).label("segments")
    rows = db.conn.execute(
        select(day, outbox.c.purpose, func.count().label("texts"), segments, counted)
        .where(outbox.c.clinic_id == clinic, outbox.c.sent_at >= since)
        .group_by(day, outbox.c.purpose)
        .order_by(day, outbox.c.purpose)
    )
    return [
        Sent(
            day=row.day,
            purpose=Purpose(row.purpose),
            texts=row.texts,
            segments=row.segments,
            counted=row.counted,
        )
        for row in rows
    ]


def last_sent(db: Db, clinic: UUID) -> datetime | None:
    """When the last text left."""
    newest = select(outbox.c.sent_at).where(outbox.c.clinic_id == clinic, outbox.c.sent_at.is_not(None))
    return db.conn.execute(newest.order_by(outbox.c.sent_at.desc()).limit(1)).scalar_one_or_none()


def last_text(db: Db, clinic: UUID) -> datetime | None:
    """When the last text came in, among the latest happenings."""
    beyond = select(func.max(inbox.c.seq) - _BACK).scalar_subquery()
    newest = select(inbox.c.received_at).where(
        inbox.c.kind == "text", inbox.c.clinic_id == clinic, inbox.c.seq > beyond
    )
    return db.conn.execute(newest.order_by(inbox.c.seq.desc()).limit(1)).scalar_one_or_none()


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A data key: what it is for, its number, since when, and the id of the master key that wraps it."""

    purpose: str
    number: int
    made: datetime
    master: str


def keys(db: Db, clinic: UUID) -> list[Key]:
    """The clinic's data keys, by purpose and number."""
    c = data_keys.c
    rows = db.conn.execute(select(data_keys).where(c.clinic_id == clinic).order_by(c.purpose, c.number))
    return [
        Key(purpose=row.purpose, number=row.number, made=row.created_at, master=row.wrapped[_MASTER].hex())
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """A task as a line of a file: names and moments, nothing of a patient."""

    id: UUID
    task: str
    urgency: str
    role: str
    times: int
    opened: datetime
    due: datetime | None
    overdue: datetime | None
    closed: datetime | None
    by: str


def tasks_of(db: Db, clinic: UUID) -> Iterator[TaskRow]:
    """All tasks by when they were opened, read in portions; `by` is the handle of who has it or closed it."""
    c = tasks.c
    whose = staff.c.id == func.coalesce(c.closed_by, c.claimed_by)
    wanted = select(tasks, staff.c.handle).outerjoin(staff, whose).where(c.clinic_id == clinic)
    ordered = wanted.order_by(c.opened_at, c.id)
    with db.conn.execute(ordered, execution_options={"yield_per": 1000}) as rows:
        for row in rows:
            yield TaskRow(
                id=row.id,
                task=row.task,
                urgency=row.urgency,
                role=row.role,
                times=row.times,
                opened=row.opened_at,
                due=row.due_at,
                overdue=row.overdue_at,
                closed=row.closed_at,
                by=row.handle or "",
            )
