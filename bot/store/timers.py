"""Timers: happenings of the future, put into their mailbox when they are due. A row is gone once it rang."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from pydantic import ValidationError
from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    bindparam,
    cast,
    delete,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from bot.core.events import WHAT, AckDue, What
from bot.store.base import Db, Moment, metadata

timers = Table(
    "timers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, nullable=False),
    Column("conversation_id", Uuid, ForeignKey("conversations.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("what", JSONB, nullable=False),  # ids and moments only
    UniqueConstraint("conversation_id", "key"),
    Index("ix_timers_due", "due_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A timer of one conversation; the same `key` again replaces it."""

    clinic: UUID
    conversation: UUID
    key: str
    due: datetime
    what: What


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A timer that is due; `id` is new each time the timer is set. `what` is None where it can't be read."""

    id: UUID
    clinic: UUID
    conversation: UUID
    what: What | None


def put(db: Db, wanted: Sequence[Timer]) -> None:
    """Set timers."""
    if not wanted:
        return
    statement = insert(timers)
    db.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["conversation_id", "key"],
            set_={name: statement.excluded[name] for name in ("id", "due_at", "what")},
        ),
        [
            {
                "id": uuid4(),
                "clinic_id": timer.clinic,
                "conversation_id": timer.conversation,
                "key": timer.key,
                "due_at": timer.due,
                "what": WHAT.dump_python(timer.what, mode="json"),
            }
            for timer in wanted
        ],
    )


def cancel(db: Db, conversation: UUID, prefix: str) -> None:
    """Forget the conversation's timers whose key starts with `prefix`."""
    db.conn.execute(
        delete(timers).where(
            timers.c.conversation_id == conversation, timers.c.key.startswith(prefix, autoescape=True)
        )
    )


def of_visits(
    db: Db, conversations: Sequence[UUID], now: datetime
) -> dict[tuple[UUID, str], set[tuple[str, datetime]]]:
    """Key and moment of timers that are still to come, by conversation and the key's first part, 'visit:…:'."""
    wanted = select(timers.c.conversation_id, timers.c.key, timers.c.due_at).where(
        timers.c.conversation_id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
        timers.c.key.startswith("visit:"),
        timers.c.due_at > now,
    )
    found: dict[tuple[UUID, str], set[tuple[str, datetime]]] = {}
    for row in db.conn.execute(wanted, {"ids": list(conversations)}):
        prefix = ":".join(row.key.split(":")[:2]) + ":"
        found.setdefault((row.conversation_id, prefix), set()).add((row.key, row.due_at))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """When an escalation is looked at again, and the number of the page after which that is."""

    due: datetime
    rung: int


def climbs(db: Db, conversations: Sequence[UUID]) -> dict[tuple[UUID, str], Climb]:
    """When the escalations of these conversations climb on, by conversation and code."""
    wanted = select(timers.c.conversation_id, timers.c.due_at, timers.c.what).where(
        timers.c.conversation_id.in_(conversations), timers.c.key.startswith("ack:")
    )
    return {
        (row.conversation_id, what.code): Climb(due=row.due_at, rung=what.rung)
        for row in db.conn.execute(wanted)
        if isinstance(what := _readable(row.what), AckDue)
    }


def ring(db: Db, now: datetime, at_most: int) -> list[Rung]:
    """Take out timers that are due, the oldest first; several clocks may do so at once."""
    due = (
        select(timers.c.id)
        .where(timers.c.due_at <= now)
        .order_by(timers.c.due_at)
        .limit(at_most)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    # As an array: read once, and then each row by its key. IN would scan the table for some hundred ids.
    chosen = timers.c.id == func.any(func.array(due))
    rows = db.conn.execute(delete(timers).where(chosen).returning(timers))
    return [
        Rung(
            id=row.id,
            clinic=row.clinic_id,
            conversation=row.conversation_id,
            what=_readable(row.what),
        )
        for row in rows
    ]


def _readable(what: object) -> What | None:
    try:
        return WHAT.validate_python(what, strict=False)
    except ValidationError:
        return None


def next_reminder(db: Db, conversation: UUID) -> datetime | None:
    """When this conversation's next reminder is due."""
    wanted = select(func.min(timers.c.due_at)).where(
        timers.c.conversation_id == conversation, timers.c.what["kind"].as_string() == "reminder"
    )
    return db.conn.execute(wanted).scalar_one_or_none()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """So many timers of this kind ring on this day of the clinic's; `flow` is a reminder's."""

    day: date
    kind: str
    flow: str | None
    many: int


def coming(db: Db, clinic: UUID, zone: str, since: datetime, until: datetime, at_most: int) -> list[Coming]:
    """What rings in this span, by day, kind and flow; the soonest `at_most` are counted."""
    what = timers.c.what
    soonest = (
        select(
            timers.c.due_at,
            what["kind"].as_string().label("kind"),
            what["flow"].as_string().label("flow"),
        )
        .where(timers.c.due_at > since, timers.c.due_at <= until, timers.c.clinic_id == clinic)
        .order_by(timers.c.due_at)
        .limit(at_most)
        .subquery()
    )
    day = cast(func.timezone(zone, soonest.c.due_at), Date)
    counted = select(day.label("day"), soonest.c.kind, soonest.c.flow, func.count().label("many"))
    rows = db.conn.execute(counted.group_by("day", soonest.c.kind, soonest.c.flow).order_by("day"))
    return [Coming(**row._mapping) for row in rows]


def next_due(db: Db) -> datetime | None:
    """When the next timer of all rings."""
    return db.conn.execute(select(func.min(timers.c.due_at))).scalar_one_or_none()
