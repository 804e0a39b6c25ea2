"""Trail: the audit trail for people who read it, a portion at a time; and by which names they know who stands in it.

Rows are found by one of four indexes, all of which end in the moment: of the clinic, of who did it, of the noun of what
was done ('visit' of 'visit.confirmed'), of the patients. A page is walked by its last row, not by a number.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Index,
    Row,
    Text,
    and_,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from bot.store.audit import audit
from bot.store.base import Db
from bot.store.people import patients
from bot.store.staff import staff

_noun = func.split_part(audit.c.action, literal_column("'.'"), literal_column("1"))
_patients = func.string_to_array(audit.c.patients, literal_column("','"))
_SOME = audit.c.patients != literal("", literal_execute=True)
Index("ix_audit_actor", audit.c.clinic_id, audit.c.actor, audit.c.at, audit.c.lane, audit.c.seq)
Index("ix_audit_noun", audit.c.clinic_id, _noun, audit.c.at, audit.c.lane, audit.c.seq)
Index(
    "ix_audit_patients",
    _patients,
    postgresql_using="gin",
    postgresql_with={"fastupdate": "off"},
    postgresql_where=audit.c.patients != "",
)

Columns = ReadOnlyColumnCollection[str, Any]
Place = tuple[datetime, int, int]
"""Moment, lane and number of a row: where a portion ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of the trail."""

    lane: int
    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    patients: tuple[UUID, ...]
    origin: str
    detail: str

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.at, self.lane, self.seq


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for; all that is given must hold. `noun` is the first word of an action, `action` the whole."""

    actor: str | None = None
    noun: str | None = None
    action: str | None = None
    patient: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def lines(db: Db, clinic: UUID, wanted: Wanted, after: Place | None, at_most: int) -> list[Line]:
    """The newest rows that fit, after this place; planned for what is looked for, unlike our other statements.

    A patient's rows are taken out first: else all rows of the clinic might be walked for them.
    """
    db.conn.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    c = _patients_rows(wanted.patient) if wanted.patient else audit.c
    fits = [c.clinic_id == clinic, *_conditions(c, wanted)]
    if after:
        fits += [c.at <= after[0], tuple_(c.at, c.lane, c.seq) < tuple_(*after)]
    newest = select(*c).where(*fits).order_by(c.at.desc(), c.lane.desc(), c.seq.desc()).limit(at_most)
    return [_line(row) for row in db.conn.execute(newest)]


def _patients_rows(patient: UUID) -> Columns:
    return select(audit).where(_SOME, _of(patient)).cte("whose").prefix_with("MATERIALIZED").c


def _conditions(c: Columns, wanted: Wanted) -> list[ColumnElement[bool]]:
    noun = func.split_part(c.action, literal_column("'.'"), literal_column("1"))
    found = [
        column == value
        for column, value in ((c.actor, wanted.actor), (noun, wanted.noun), (c.action, wanted.action))
        if value
    ]
    if wanted.since:
        found.append(c.at >= wanted.since)
    if wanted.until:
        found.append(c.at < wanted.until)
    return found


def _of(patient: UUID) -> ColumnElement[bool]:
    one = cast(array([literal(str(patient))]), ARRAY(Text))
    contains: ColumnElement[bool] = _patients.op("@>")(one)
    return contains


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A span of time in which somebody did things that concern one patient."""

    actor: UUID
    patient: UUID
    since: datetime
    until: datetime


def within(db: Db, clinic: UUID, looks: Sequence[Look], at_most: int) -> list[Line]:
    """What was done in any of these spans, oldest first."""
    if not looks:
        return []
    spans = [
        and_(
            audit.c.clinic_id == clinic,
            audit.c.actor == str(look.actor),
            audit.c.at >= look.since,
            audit.c.at < look.until,
            _SOME,
            _of(look.patient),
        )
        for look in looks
    ]
    rows = select(audit).where(or_(*spans)).order_by(audit.c.at, audit.c.lane, audit.c.seq).limit(at_most)
    return [_line(row) for row in db.conn.execute(rows)]


# -- names ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Somebody who works at the clinic, or did."""

    id: UUID
    handle: str
    name: str
    role: str
    left: bool


def members(db: Db, clinic: UUID) -> list[Known]:
    """Everybody who works there or ever did, by handle, the present ones first."""
    columns = (staff.c.id, staff.c.handle, staff.c.name, staff.c.role, staff.c.left_at)
    gone = staff.c.left_at.is_not(None)
    rows = db.conn.execute(
        select(*columns).where(staff.c.clinic_id == clinic).order_by(gone, staff.c.handle, staff.c.created_at)
    )
    return [
        Known(
            id=row.id,
            handle=row.handle,
            name=db.open(staff, "name", row.name, clinic=clinic, row=row.id),
            role=row.role,
            left=row.left_at is not None,
        )
        for row in rows
    ]


def names_of(db: Db, clinic: UUID, ids: Collection[UUID]) -> dict[UUID, tuple[str, str]]:
    """First and last names of these patients, of those that are this clinic's."""
    if not ids:
        return {}
    columns = (patients.c.id, patients.c.first_name, patients.c.last_name)
    rows = db.conn.execute(select(*columns).where(patients.c.clinic_id == clinic, patients.c.id.in_(ids)))
    return {
        row.id: (
            db.open(patients, "first_name", row.first_name, clinic=clinic, row=row.id),
            db.open(patients, "last_name", row.last_name, clinic=clinic, row=row.id),
        )
        for row in rows
    }


def _line(row: Row[*tuple[Any, ...]]) -> Line:
    return Line(
        lane=row.lane,
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        patients=tuple(UUID(each) for each in row.patients.split(",") if each),
        origin=row.origin,
        detail=row.detail,
    )
