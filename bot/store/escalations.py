"""Escalations: what climbs until a person takes it, and what people did with it.

A row is climbing until `acknowledged_at`, taken from then on, and over at `resolved_at`. The state of the conversation
decides; these rows are for finding by code, for showing, and for the record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Row,
    Table,
    Text,
    Uuid,
    false,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from bot.core.effects import NoteEscalation, PageStaff
from bot.store.base import Db, Moment, metadata

escalations = Table(
    "escalations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("conversation_id", Uuid, ForeignKey("conversations.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default="words"),
    Column("drill", Boolean, nullable=False, server_default=false()),
    Column("rung", Integer, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("paged_at", Moment, nullable=False),
    Column("acknowledged_at", Moment),
    Column("taken_by", Text),  # a handle; empty: the on-call phone
    Column("snoozed_until", Moment),
    Column("resolved_at", Moment),
    Column("outcome", Text),
)
_unanswered = escalations.c.acknowledged_at.is_(None)
_unresolved = escalations.c.resolved_at.is_(None)
Index(
    "uq_escalations_open",
    escalations.c.conversation_id,
    escalations.c.code,
    unique=True,
    postgresql_where=_unanswered,
)
Index(
    "uq_escalations_unresolved",
    escalations.c.conversation_id,
    escalations.c.code,
    unique=True,
    postgresql_where=_unresolved,
)
Index("ix_escalations_clinic", escalations.c.clinic_id, escalations.c.code, postgresql_where=_unanswered)
Index("ix_escalations_waiting", escalations.c.opened_at, postgresql_where=_unanswered)
Index(
    "ix_escalations_unresolved",
    escalations.c.clinic_id,
    escalations.c.opened_at,
    postgresql_where=_unresolved,
)
Index(
    "ix_escalations_resolved",
    escalations.c.clinic_id,
    escalations.c.resolved_at,
    postgresql_where=escalations.c.resolved_at.is_not(None),
)
Index("ix_escalations_code", escalations.c.clinic_id, escalations.c.code, escalations.c.opened_at)
Index("ix_escalations_history", escalations.c.conversation_id, escalations.c.opened_at)

escalation_acts = Table(
    "escalation_acts",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("escalation_id", Uuid, ForeignKey("escalations.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("act", Text, nullable=False),  # see NoteEscalation
    Column("by", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("detail", Text),  # an outcome, whom it was handed to, until when it sleeps; no PHI
)
Index("ix_escalation_acts_escalation", escalation_acts.c.escalation_id, escalation_acts.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """An escalation as it is now. `by` is who has it."""

    id: UUID
    clinic: UUID
    conversation: UUID
    code: str
    urgency: str
    reason: str
    drill: bool
    rung: int
    opened: datetime
    paged: datetime
    taken: datetime | None
    by: str | None
    snoozed_until: datetime | None
    resolved: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody did with an escalation."""

    at: datetime
    act: str
    by: str
    via: str
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """An escalation that was paged; `fresh`: for the first time."""

    id: UUID
    fresh: bool


def paged(db: Db, *, clinic: UUID, conversation: UUID, page: PageStaff, now: datetime) -> Paged:
    """An escalation was opened, has climbed, or climbs again."""
    statement = insert(escalations).values(
        id=uuid4(),
        clinic_id=clinic,
        conversation_id=conversation,
        code=page.code,
        urgency=page.urgency,
        reason=page.reason,
        drill=page.drill,
        rung=page.rung,
        opened_at=now,
        paged_at=now,
    )
    row = db.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["conversation_id", "code"],
            index_where=_unresolved,
            set_={
                "rung": page.rung,
                "urgency": page.urgency,
                "paged_at": now,
                "acknowledged_at": None,
                "taken_by": None,
                "snoozed_until": None,
            },
        ).returning(escalations.c.id, literal_column("xmax = 0").label("fresh"))
    ).one()
    return Paged(id=row.id, fresh=row.fresh)


def note(db: Db, conversation: UUID, what: NoteEscalation, now: datetime) -> UUID | None:
    """What became of a conversation's escalation; None where it was never paged (it waits for its hours)."""
    newest = (
        select(escalations.c.id)
        .where(escalations.c.conversation_id == conversation, escalations.c.code == what.code)
        .order_by(escalations.c.opened_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    found: UUID | None = db.conn.execute(
        update(escalations)
        .where(escalations.c.id == newest)
        .values(**_columns(what, now))
        .returning(escalations.c.id)
    ).scalar_one_or_none()
    if found:
        db.conn.execute(
            insert(escalation_acts).values(
                escalation_id=found, at=now, act=what.became, by=what.by, via=what.via, detail=_detail(what)
            )
        )
    return found


def _columns(what: NoteEscalation, now: datetime) -> dict[str, Any]:
    taken = func.coalesce(escalations.c.acknowledged_at, now)
    nobody = {"acknowledged_at": None, "taken_by": None, "snoozed_until": None}
    match what.became:
        case "taken":
            return {"acknowledged_at": taken, "taken_by": what.by, "snoozed_until": None}
        case "snoozed":
            return {"acknowledged_at": taken, "taken_by": what.by, "snoozed_until": what.until}
        case "resolved":
            return {"acknowledged_at": taken, "resolved_at": now, "outcome": what.outcome}
        case "reopened":
            return nobody | {"resolved_at": None, "outcome": None}
        case _:
            return nobody


def _detail(what: NoteEscalation) -> str | None:
    if what.until:
        return what.until.isoformat(timespec="minutes")
    return str(what.to) if what.to else what.outcome


def unanswered(db: Db, clinic: UUID, code: str | None) -> list[tuple[UUID, str]]:
    """Conversation and code of the clinic's climbing escalations with this code, or of all, the newest page first."""
    wanted = select(escalations.c.conversation_id, escalations.c.code).where(
        escalations.c.clinic_id == clinic, _unanswered, _unresolved
    )
    if code is not None:
        wanted = wanted.where(escalations.c.code == code)
    rows = db.conn.execute(wanted.order_by(escalations.c.paged_at.desc()))
    return [(row.conversation_id, row.code) for row in rows]


def open_ones(db: Db, clinic: UUID, at_most: int) -> list[Escalation]:
    """The clinic's escalations that nobody has resolved, oldest first."""
    rows = db.conn.execute(
        select(escalations)
        .where(escalations.c.clinic_id == clinic, _unresolved)
        .order_by(escalations.c.opened_at)
        .limit(at_most)
    )
    return [_escalation(row) for row in rows]


def by_code(db: Db, clinic: UUID, code: str) -> Escalation | None:
    """The clinic's newest escalation with this code, open or not."""
    row = db.conn.execute(
        select(escalations)
        .where(escalations.c.clinic_id == clinic, escalations.c.code == code)
        .order_by(escalations.c.opened_at.desc())
        .limit(1)
    ).one_or_none()
    return _escalation(row) if row else None


def get(db: Db, escalation: UUID) -> Escalation | None:
    """The escalation with this id."""
    row = db.conn.execute(select(escalations).where(escalations.c.id == escalation)).one_or_none()
    return _escalation(row) if row else None


def acts(db: Db, escalation: UUID) -> list[Act]:
    """What was done with it, in order."""
    rows = db.conn.execute(
        select(escalation_acts)
        .where(escalation_acts.c.escalation_id == escalation)
        .order_by(escalation_acts.c.id)
    )
    return [Act(at=row.at, act=row.act, by=row.by, via=row.via, detail=row.detail) for row in rows]


def acts_of(db: Db, wanted: Sequence[UUID]) -> dict[UUID, list[Act]]:
    """What was done with each of these, in order."""
    rows = db.conn.execute(
        select(escalation_acts)
        .where(escalation_acts.c.escalation_id.in_(wanted))
        .order_by(escalation_acts.c.id)
    )
    found: dict[UUID, list[Act]] = {}
    for row in rows:
        act = Act(at=row.at, act=row.act, by=row.by, via=row.via, detail=row.detail)
        found.setdefault(row.escalation_id, []).append(act)
    return found


def ended(db: Db, clinic: UUID, since: datetime, at_most: int) -> list[Escalation]:
    """The clinic's escalations that somebody has resolved since then, the last one first."""
    rows = db.conn.execute(
        select(escalations)
        .where(escalations.c.clinic_id == clinic, escalations.c.resolved_at >= since)
        .order_by(escalations.c.resolved_at.desc())
        .limit(at_most)
    )
    return [_escalation(row) for row in rows]


def _escalation(row: Row[*tuple[Any, ...]]) -> Escalation:
    return Escalation(
        id=row.id,
        clinic=row.clinic_id,
        conversation=row.conversation_id,
        code=row.code,
        urgency=row.urgency,
        reason=row.reason,
        drill=row.drill,
        rung=row.rung,
        opened=row.opened_at,
        paged=row.paged_at,
        taken=row.acknowledged_at,
        by=row.taken_by,
        snoozed_until=row.snoozed_until,
        resolved=row.resolved_at,
        outcome=row.outcome,
    )
