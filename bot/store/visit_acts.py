"""Visit acts: what staff did with a visit at the console: its status set by hand, and the calls about it.

A status that is set by hand raises the visit's version, as the office's own system does. `version` is the one before.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    Uuid,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from bot.core.facts import Visit, VisitStatus
from bot.store.appointments import appointments, fit_slots
from bot.store.base import Db, Moment, metadata
from bot.store.slots import freed, slots

visit_acts = Table(
    "visit_acts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("visit_id", Uuid, ForeignKey("appointments.id"), nullable=False),
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("act", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("before", Text),  # the status, where the act changed it
    Column("after", Text),
    Column("at", Moment, nullable=False),
    Column("undone_at", Moment),
    Index("ix_visit_acts_visit", "visit_id", "at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAct:
    """One thing that was done. Without `after` it changed nothing: a call."""

    id: UUID
    visit: UUID
    member: UUID
    act: str
    version: int
    before: VisitStatus | None
    after: VisitStatus | None
    at: datetime
    undone: datetime | None


def add(
    db: Db,
    *,
    clinic: UUID,
    member: UUID,
    act: str,
    visit: Visit,
    now: datetime,
    after: VisitStatus | None = None,
) -> None:
    """Keep what was done with a visit that stood like this before."""
    row = {
        "id": uuid4(),
        "clinic_id": clinic,
        "visit_id": visit.id,
        "staff_id": member,
        "act": act,
        "version": visit.version,
        "before": visit.status if after else None,
        "after": after,
        "at": now,
    }
    db.conn.execute(insert(visit_acts).values(row))


_OF = (
    select(visit_acts)
    .where(visit_acts.c.visit_id == func.any(bindparam("visits", type_=ARRAY(Uuid))))
    .order_by(visit_acts.c.visit_id, visit_acts.c.at, visit_acts.c.version)
)


def of(db: Db, visits: Collection[UUID]) -> dict[UUID, list[VisitAct]]:
    """What was done with these visits, oldest first."""
    found: dict[UUID, list[VisitAct]] = {}
    for row in db.conn.execute(_OF, {"visits": list(visits)}):
        found.setdefault(row.visit_id, []).append(_act(row))
    return found


def get(db: Db, clinic: UUID, act: UUID) -> VisitAct | None:
    """The act with this id, of this clinic."""
    wanted = select(visit_acts).where(visit_acts.c.id == act, visit_acts.c.clinic_id == clinic)
    row = db.conn.execute(wanted).one_or_none()
    return _act(row) if row else None


def undone(db: Db, act: UUID, now: datetime) -> bool:
    """It was taken back; False where somebody else has done so."""
    statement = update(visit_acts).where(visit_acts.c.id == act, visit_acts.c.undone_at.is_(None))
    return db.conn.execute(statement.values(undone_at=now)).rowcount == 1


def same_time(acts: Sequence[VisitAct], version: int) -> set[int]:
    """The versions since the visit has its present time: those that staff's acts led from come before this one."""
    versions, led_to = {version}, {act.version + 1 for act in acts if act.after}
    while version in led_to:
        version -= 1
        versions.add(version)
    return versions


# -- the visit itself -----------------------------------------------------------------------------------


def visit(db: Db, clinic: UUID, visit_id: UUID) -> Visit | None:
    """The visit as it is now, without what is sealed of it."""
    c = appointments.c
    wanted = select(c.id, c.patient_id, c.version, c.start_at, c.minutes, c.status)
    row = db.conn.execute(wanted.where(c.id == visit_id, c.clinic_id == clinic)).one_or_none()
    if row is None:
        return None
    return Visit(
        id=row.id,
        patient_id=row.patient_id,
        version=row.version,
        start=row.start_at,
        minutes=row.minutes,
        status=VisitStatus(row.status),
    )


def set_status(db: Db, clinic: UUID, as_seen: Visit, status: VisitStatus, now: datetime) -> bool:
    """Set the status of a visit that still stands as it was seen; False where somebody has changed it.

    A cancelled visit frees its slot, one that stands again takes it back.
    """
    c = appointments.c
    changed = db.conn.execute(
        update(appointments)
        .where(
            c.id == as_seen.id,
            c.clinic_id == clinic,
            c.version == as_seen.version,
            c.status == as_seen.status,
        )
        .values(status=status, version=c.version + 1, updated_at=now)
    ).rowcount
    if changed and status is VisitStatus.CANCELLED:
        db.conn.execute(update(slots).where(slots.c.appointment_id == as_seen.id).values(freed(now)))
    elif changed and as_seen.status is VisitStatus.CANCELLED:
        fit_slots(db, clinic, [as_seen.id], now)
    return changed == 1


def time_is_taken(db: Db, clinic: UUID, visit_id: UUID, now: datetime) -> bool:
    """Whether somebody else has the visit's time by now, or the offer of it."""
    c = appointments.c
    others = or_(
        slots.c.appointment_id.is_not(None) & (slots.c.appointment_id != visit_id),
        slots.c.offered_to.is_not(None) & (slots.c.offer_at > now),
    )
    its = (
        slots.c.clinic_id == c.clinic_id,
        slots.c.service_index == c.service_index,
        slots.c.start_at == c.start_at,
    )
    wanted = exists().where(c.id == visit_id, c.clinic_id == clinic, *its, others)
    return bool(db.conn.execute(select(wanted)).scalar_one())


def _act(row: Row[Any]) -> VisitAct:
    return VisitAct(
        id=row.id,
        visit=row.visit_id,
        member=row.staff_id,
        act=row.act,
        version=row.version,
        before=VisitStatus(row.before) if row.before else None,
        after=VisitStatus(row.after) if row.after else None,
        at=row.at,
        undone=row.undone_at,
    )
