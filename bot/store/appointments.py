"""Appointments: imported, confirmed, moved, cancelled; each takes the slot at its time if there is one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    bindparam,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from bot.core import triggers
from bot.core.facts import STANDING, Slot, Visit, VisitStatus, change_of
from bot.store.base import Db, Moment, Sealed, metadata
from bot.store.people import patients
from bot.store.slots import Service, free_for, freed, service_columns, slots, taken_by

appointments = Table(
    "appointments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("patient_id", Uuid, ForeignKey("patients.id"), nullable=False),
    Column("external_id", Sealed, nullable=False),
    Column("external_index", LargeBinary, nullable=False),
    Column("provider", Sealed, nullable=False),
    Column("location", Sealed, nullable=False),
    Column("kind", Sealed, nullable=False),
    Column("service_index", LargeBinary, nullable=False),  # keyed hash of provider, location and kind
    Column("start_at", Moment, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # keyed hash of the imported row
    Column("booked_at", Moment),  # when it got its present time; None: before anybody kept it
    Column("updated_at", Moment, nullable=False),
    UniqueConstraint("clinic_id", "external_index"),
    Index("ix_appointments_patient", "patient_id", "start_at"),
    Index("ix_appointments_day", "clinic_id", "start_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """An appointment as imported; `patient_id` is ours."""

    external_id: str
    patient_id: UUID
    service: Service
    start: datetime
    minutes: int
    status: VisitStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An appointment that is new or is not as before; `ahead`: it stands and is still to come.

    `news` is what the patient could be told of; `left` the patient it was taken from, where it now is another's.
    """

    visit_id: UUID
    patient_id: UUID
    version: int
    new: bool
    ahead: bool
    news: triggers.Change | None = None
    left: UUID | None = None


def save(db: Db, clinic: UUID, batch: Sequence[Booking], now: datetime) -> list[Change]:
    """Add and change appointments by their external id; each change raises the version.

    No change: the same row as at the last import, or one that says what stands here already.
    """
    keys = db.keys(clinic)
    wanted = {keys.blind("appointment", booking.external_id): booking for booking in batch}
    known = {
        row.external_index: row
        for row in db.conn.execute(
            select(appointments)
            .where(appointments.c.clinic_id == clinic, appointments.c.external_index.in_(wanted))
            .order_by(appointments.c.id)
            .with_for_update()
        )
    }
    rows, changes, agreed = [], [], []
    for index, booking in wanted.items():
        old = known.get(index)
        digest = keys.blind("booking", _fingerprint(booking))
        if old is not None and old.digest == digest:
            continue
        visit_id, version = (old.id, old.version + 1) if old is not None else (uuid4(), 1)
        row = {
            "id": visit_id,
            "clinic_id": clinic,
            "patient_id": booking.patient_id,
            "external_id": booking.external_id,
            "external_index": index,
            **service_columns(db, clinic, booking.service),
            "start_at": booking.start,
            "minutes": booking.minutes,
            "status": booking.status,
            "version": version,
            "digest": digest,
            "booked_at": old.booked_at if old is not None and old.start_at == booking.start else now,
            "updated_at": now,
        }
        if old is not None and _says_nothing_new(row, old):
            agreed.append({"visit": visit_id, "digest": digest})
            continue
        rows.append(db.sealed(appointments, row))
        changes.append(_change(row, old, now))
    _upsert(db, rows)
    if agreed:
        statement = update(appointments).where(appointments.c.id == bindparam("visit"))
        db.conn.execute(statement.values(digest=bindparam("digest")), agreed)
    fit_slots(db, clinic, [change.visit_id for change in changes], now)
    return changes


def _change(row: Mapping[str, Any], old: Row[*tuple[Any, ...]] | None, now: datetime) -> Change:
    taken = old is not None and old.patient_id != row["patient_id"]
    before = None if old is None or taken else _bare(old._asdict())
    return Change(
        visit_id=row["id"],
        patient_id=row["patient_id"],
        version=row["version"],
        new=old is None,
        ahead=row["status"] in STANDING and row["start_at"] > now,
        news=change_of(before, _bare(row)),
        left=old.patient_id if old is not None and taken else None,
    )


def _bare(row: Mapping[str, Any]) -> Visit:
    return Visit(
        id=row["id"],
        patient_id=row["patient_id"],
        version=row["version"],
        start=row["start_at"],
        minutes=row["minutes"],
        status=VisitStatus(row["status"]),
    )


def _says_nothing_new(row: Mapping[str, Any], old: Row[*tuple[Any, ...]]) -> bool:
    """The clinic's system has taken over what the patient did here; 'booked' does not undo `confirmed`."""
    confirmed = old.status == VisitStatus.CONFIRMED and row["status"] == VisitStatus.BOOKED
    same = ("patient_id", "service_index", "start_at", "minutes")
    return (confirmed or row["status"] == old.status) and all(
        row[name] == getattr(old, name) for name in same
    )


def raise_versions(db: Db, clinic: UUID, of_patients: Sequence[UUID], now: datetime) -> list[Change]:
    """The patients have another phone: what is planned or queued for their standing visits is void."""
    rows = db.conn.execute(
        update(appointments)
        .where(
            appointments.c.clinic_id == clinic,
            appointments.c.patient_id.in_(of_patients),
            appointments.c.start_at > now,
            appointments.c.status.in_(STANDING),
        )
        .values(version=appointments.c.version + 1, updated_at=now)
        .returning(appointments.c.id, appointments.c.patient_id, appointments.c.version)
    )
    return [
        Change(visit_id=row.id, patient_id=row.patient_id, version=row.version, new=False, ahead=True)
        for row in rows
    ]


_TAKES_A_SLOT = (*STANDING, VisitStatus.ARRIVED, VisitStatus.CHECKED_IN)
_SET_STATUS = (
    update(appointments)
    .where(appointments.c.id == bindparam("visit"))
    .values(status=bindparam("now_status"), updated_at=bindparam("now"))
)


def set_status(db: Db, visit_id: UUID, status: VisitStatus, now: datetime) -> None:
    """The patient's own answer: the version stays. A cancelled visit frees its slot."""
    db.conn.execute(_SET_STATUS, {"visit": visit_id, "now_status": status, "now": now})
    if status is VisitStatus.CANCELLED:
        db.conn.execute(update(slots).where(slots.c.appointment_id == visit_id).values(freed(now)))


def open_like(db: Db, visit_id: UUID, at_most: int, now: datetime) -> tuple[Slot, ...]:
    """The next open slots with the visit's provider, location and kind, soonest first."""
    visit = (
        select(appointments.c.clinic_id, appointments.c.service_index)
        .where(appointments.c.id == visit_id)
        .subquery()
    )
    rows = db.conn.execute(
        select(slots.c.id, slots.c.start_at)
        .join(
            visit,
            and_(slots.c.clinic_id == visit.c.clinic_id, slots.c.service_index == visit.c.service_index),
        )
        .where(slots.c.appointment_id.is_(None), slots.c.start_at > now, free_for(visit_id, now))
        .order_by(slots.c.start_at)
        .limit(at_most)
    )
    return tuple(Slot(id=row.id, start=row.start_at) for row in rows)


def book(db: Db, visit_id: UUID, slot_id: UUID, now: datetime) -> bool:
    """Move the visit into the slot and free its old one; False if somebody else has the slot, or the offer of it."""
    taken = db.conn.execute(
        update(slots)
        .where(
            slots.c.id == slot_id,
            slots.c.appointment_id.is_(None),
            slots.c.start_at > now,
            free_for(visit_id, now),
        )
        .values(taken_by(visit_id))
        .returning(slots.c.start_at, slots.c.minutes)
    ).one_or_none()
    if taken is None:
        return False
    db.conn.execute(
        update(slots).where(slots.c.appointment_id == visit_id, slots.c.id != slot_id).values(freed(now))
    )
    db.conn.execute(
        update(appointments)
        .where(appointments.c.id == visit_id)
        .values(
            start_at=taken.start_at,
            minutes=taken.minutes,
            status=VisitStatus.BOOKED,
            version=appointments.c.version + 1,
            booked_at=now,
            updated_at=now,
        )
    )
    return True


def of_patients(db: Db, clinic: UUID, external_ids: Collection[str]) -> dict[str, tuple[UUID, UUID]]:
    """Patient and id of the visits with these external ids."""
    if not external_ids:
        return {}
    keys = db.keys(clinic)
    wanted = {keys.blind("appointment", external_id): external_id for external_id in external_ids}
    c = appointments.c
    rows = db.conn.execute(
        select(c.id, c.patient_id, c.external_index).where(
            c.clinic_id == clinic, c.external_index.in_(wanted)
        )
    )
    return {wanted[row.external_index]: (row.patient_id, row.id) for row in rows}


def next_of(db: Db, of_patients: Sequence[UUID], now: datetime) -> dict[UUID, UUID]:
    """The next standing visit of each of these patients who has one."""
    c = appointments.c
    rows = db.conn.execute(
        select(c.patient_id, c.id)
        .where(c.patient_id.in_(of_patients), c.start_at > now, c.status.in_(STANDING))
        .order_by(c.start_at.desc())
    )
    return {row.patient_id: row.id for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An appointment with everything that an export shows."""

    id: UUID
    patient_id: UUID
    external_id: str
    patient_external_id: str
    service: Service
    start: datetime
    minutes: int
    status: VisitStatus


def listed(db: Db, clinic: UUID, *, patient: UUID | None = None) -> Iterator[Listed]:
    """Appointments by start, read in portions: memory stays bounded however many there are."""
    columns = select(appointments, patients.c.external_id.label("patient_external_id")).join(patients)
    wanted = columns.where(appointments.c.clinic_id == clinic)
    if patient:
        wanted = wanted.where(appointments.c.patient_id == patient)
    ordered = wanted.order_by(appointments.c.start_at, appointments.c.id)
    with db.conn.execute(ordered, execution_options={"yield_per": 1000}) as stream:
        for row in stream:
            opened = {
                name: db.open(appointments, name, getattr(row, name), clinic=clinic, row=row.id)
                for name in ("external_id", "provider", "location", "kind")
            }
            patient_id = db.open(
                patients, "external_id", row.patient_external_id, clinic=clinic, row=row.patient_id
            )
            yield Listed(
                id=row.id,
                patient_id=row.patient_id,
                external_id=opened["external_id"],
                patient_external_id=patient_id,
                service=Service(
                    provider=opened["provider"], location=opened["location"], kind=opened["kind"]
                ),
                start=row.start_at,
                minutes=row.minutes,
                status=VisitStatus(row.status),
            )


def _fingerprint(booking: Booking) -> str:
    service = booking.service
    fields = [str(booking.patient_id), service.provider, service.location, service.kind]
    return "\x1f".join([*fields, booking.start.isoformat(), str(booking.minutes), booking.status])


def _upsert(db: Db, rows: list[dict[str, object]]) -> None:
    if not rows:
        return
    statement = insert(appointments)
    fixed = {"id", "clinic_id", "external_index"}
    db.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={c.name: statement.excluded[c.name] for c in appointments.columns if c.name not in fixed},
        ),
        rows,
    )


def fit_slots(db: Db, clinic: UUID, visits: list[UUID], now: datetime) -> None:
    """A slot is held by the standing appointment at its time: free the old ones, take the present ones."""
    if not visits:
        return
    db.conn.execute(
        update(slots)
        .where(slots.c.clinic_id == clinic, slots.c.appointment_id.in_(visits))
        .values(freed(now))
    )
    _take_slots(db, clinic, appointments.c.id.in_(visits))


def fit_new_slots(db: Db, clinic: UUID, now: datetime) -> int:
    """Slots that came in after the appointments at their times are taken. Looks at all visits ahead."""
    return _take_slots(db, clinic, appointments.c.start_at > now)


def _take_slots(db: Db, clinic: UUID, chosen: ColumnElement[bool]) -> int:
    fitting = update(slots).where(
        slots.c.clinic_id == clinic,
        slots.c.appointment_id.is_(None),
        chosen,
        appointments.c.status.in_(_TAKES_A_SLOT),
        appointments.c.clinic_id == slots.c.clinic_id,
        appointments.c.service_index == slots.c.service_index,
        appointments.c.start_at == slots.c.start_at,
    )
    return db.conn.execute(fitting.values(taken_by(appointments.c.id))).rowcount
