"""Glass: who broke it, to see all of a patient for a while; and what somebody else said of it afterwards.

A row stays for good: it is the record of an emergency access (45 CFR 164.312(a)(2)(ii)).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, ForeignKey, Index, Row, Table, Text, Uuid, and_, func, select, update

from bot.store.base import Db, Moment, Sealed, metadata

glass = Table(
    "glass",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("patient_id", Uuid, ForeignKey("patients.id"), nullable=False),
    Column("reason", Sealed, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("reviewed_at", Moment),
    Column("reviewed_by", Uuid, ForeignKey("staff.id")),
    Column("verdict", Text),
)
_waits = glass.c.reviewed_at.is_(None)
Index("ix_glass_open", glass.c.staff_id, glass.c.until)
Index("ix_glass_waits", glass.c.clinic_id, glass.c.since, postgresql_where=_waits)
Index("ix_glass_clinic", glass.c.clinic_id, glass.c.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One time that the glass was broken. `reason` is in the words of who did it."""

    id: UUID
    clinic: UUID
    member: UUID
    patient: UUID
    reason: str
    since: datetime
    until: datetime
    reviewed: datetime | None
    reviewer: UUID | None
    verdict: str | None


def add(
    db: Db, *, clinic: UUID, member: UUID, patient: UUID, reason: str, since: datetime, until: datetime
) -> UUID:
    """The glass is broken; the row's id."""
    made = uuid4()
    row = {
        "id": made,
        "clinic_id": clinic,
        "staff_id": member,
        "patient_id": patient,
        "reason": reason,
        "since": since,
        "until": until,
    }
    db.add(glass, [row])
    return made


def open_until(db: Db, member: UUID, patient: UUID, now: datetime) -> datetime | None:
    """Until when this member sees all of this patient; None where the glass is whole, or whole again."""
    mine = (glass.c.staff_id == member) & (glass.c.patient_id == patient)
    found = select(func.max(glass.c.until)).where(mine, glass.c.until > now)
    until: datetime | None = db.conn.execute(found).scalar_one()
    return until


def open_of(db: Db, member: UUID, now: datetime) -> list[tuple[UUID, datetime]]:
    """The patients of whom this member sees all now, and until when; what ends first comes first."""
    last = func.max(glass.c.until).label("last")
    found = select(glass.c.patient_id, last).where(glass.c.staff_id == member, glass.c.until > now)
    rows = db.conn.execute(found.group_by(glass.c.patient_id).order_by(last))
    return [(row.patient_id, row.last) for row in rows]


def get(db: Db, clinic: UUID, number: UUID) -> Broken | None:
    """The one with this id, locked: two people do not review it at once."""
    wanted = select(glass).where(glass.c.id == number, glass.c.clinic_id == clinic).with_for_update()
    row = db.conn.execute(wanted).one_or_none()
    return _broken(db, row) if row else None


def waiting(db: Db, clinic: UUID, at_most: int) -> list[Broken]:
    """Those that nobody has reviewed yet, oldest first."""
    wanted = select(glass).where(glass.c.clinic_id == clinic, _waits).order_by(glass.c.since).limit(at_most)
    return [_broken(db, row) for row in db.conn.execute(wanted)]


def how_many_wait(db: Db, clinic: UUID) -> int:
    """How many nobody has reviewed yet."""
    waits = select(func.count()).select_from(glass).where(and_(glass.c.clinic_id == clinic, _waits))
    count: int = db.conn.execute(waits).scalar_one()
    return count


def reviewed(db: Db, clinic: UUID, at_most: int) -> list[Broken]:
    """The latest that were reviewed, newest first."""
    done = (glass.c.clinic_id == clinic) & glass.c.reviewed_at.is_not(None)
    wanted = select(glass).where(done).order_by(glass.c.since.desc()).limit(at_most)
    return [_broken(db, row) for row in db.conn.execute(wanted)]


def review(db: Db, number: UUID, *, by: UUID, verdict: str, now: datetime) -> None:
    """What somebody else said of it."""
    values = {"reviewed_at": now, "reviewed_by": by, "verdict": verdict}
    db.conn.execute(update(glass).where(glass.c.id == number).values(values))


def _broken(db: Db, row: Row[*tuple[Any, ...]]) -> Broken:
    return Broken(
        id=row.id,
        clinic=row.clinic_id,
        member=row.staff_id,
        patient=row.patient_id,
        reason=db.open(glass, "reason", row.reason, clinic=row.clinic_id, row=row.id),
        since=row.since,
        until=row.until,
        reviewed=row.reviewed_at,
        reviewer=row.reviewed_by,
        verdict=row.verdict,
    )
