"""Times: what is free in the days ahead, for whom it is held, and who waits for an earlier time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, exists, select

from bot.store.appointments import appointments
from bot.store.base import Db, Moment
from bot.store.conversations import conversations
from bot.store.people import patients
from bot.store.slots import Service, slots
from bot.store.waitlist import Free, offers, waitlist

_SERVICE = ("provider", "location", "kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A time that nobody has. `held`: the patient who has the offer of it, since `offered`, until `until`."""

    id: UUID
    start: datetime
    minutes: int
    service: Service
    held: UUID | None
    held_name: str
    offered: datetime | None
    until: datetime | None


_OPEN = (
    select(
        *(slots.c[name] for name in ("id", "start_at", "minutes", *_SERVICE, "service_index")),
        slots.c.offer_at,
        offers.c.at.label("offered"),
        *(patients.c[name] for name in ("first_name", "last_name")),
        patients.c.id.label("patient_id"),
    )
    .select_from(
        slots.outerjoin(
            appointments,
            and_(appointments.c.id == slots.c.offered_to, slots.c.offer_at > bindparam("now", type_=Moment)),
        )
        .outerjoin(offers, and_(offers.c.slot_id == slots.c.id, offers.c.visit_id == appointments.c.id))
        .outerjoin(patients, patients.c.id == appointments.c.patient_id)
    )
    .where(
        slots.c.clinic_id == bindparam("clinic"),
        slots.c.appointment_id.is_(None),
        slots.c.start_at > bindparam("now", type_=Moment),
        slots.c.start_at < bindparam("until", type_=Moment),
    )
    .order_by(slots.c.start_at, slots.c.id)
    .limit(bindparam("at_most"))
)


def open_until(db: Db, clinic: UUID, now: datetime, until: datetime, at_most: int) -> list[Open]:
    """The times that nobody has, soonest first."""
    values = {"clinic": clinic, "now": now, "until": until, "at_most": at_most}
    services: dict[bytes, Service] = {}
    found = []
    for row in db.conn.execute(_OPEN, values):
        if row.service_index not in services:
            opened = {
                name: db.open(slots, name, getattr(row, name), clinic=clinic, row=row.id) for name in _SERVICE
            }
            services[row.service_index] = Service(**opened)
        found.append(
            Open(
                id=row.id,
                start=row.start_at,
                minutes=row.minutes,
                service=services[row.service_index],
                held=row.patient_id,
                held_name=_name(db, clinic, row) if row.patient_id else "",
                offered=row.offered,
                until=row.offer_at if row.patient_id else None,
            )
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """A visit whose patient would take an earlier time. `held`: one is held for them now."""

    visit: UUID
    patient: UUID
    name: str
    start: datetime
    service: Service
    since: datetime
    opted_out: bool
    held: bool


_WAITS = (
    select(
        waitlist.c.visit_id,
        waitlist.c.since,
        *(appointments.c[name] for name in ("start_at", "patient_id", *_SERVICE)),
        *(patients.c[name] for name in ("first_name", "last_name")),
        conversations.c.opted_out_at,
        exists()
        .where(slots.c.offered_to == waitlist.c.visit_id, slots.c.offer_at > bindparam("now", type_=Moment))
        .label("held"),
    )
    .select_from(
        waitlist.join(appointments, appointments.c.id == waitlist.c.visit_id)
        .join(patients, patients.c.id == appointments.c.patient_id)
        .outerjoin(
            conversations,
            and_(
                conversations.c.clinic_id == patients.c.clinic_id,
                conversations.c.phone_index == patients.c.phone_index,
            ),
        )
    )
    .where(waitlist.c.clinic_id == bindparam("clinic"))
    .order_by(waitlist.c.since, waitlist.c.visit_id)
    .limit(bindparam("at_most"))
)


def who_waits(db: Db, clinic: UUID, now: datetime, at_most: int) -> list[Waits]:
    """Those on the waitlist, who have waited longest first."""
    found = []
    for row in db.conn.execute(_WAITS, {"clinic": clinic, "now": now, "at_most": at_most}):
        opened = {
            name: db.open(appointments, name, getattr(row, name), clinic=clinic, row=row.visit_id)
            for name in _SERVICE
        }
        found.append(
            Waits(
                visit=row.visit_id,
                patient=row.patient_id,
                name=_name(db, clinic, row),
                start=row.start_at,
                service=Service(**opened),
                since=row.since,
                opted_out=row.opted_out_at is not None,
                held=row.held,
            )
        )
    return found


def lock_free(db: Db, clinic: UUID, slot: UUID, now: datetime) -> Free | None:
    """Lock a time that nobody has and that is held for nobody; None where it is not so."""
    row = db.conn.execute(
        select(slots.c.id, slots.c.clinic_id, slots.c.start_at)
        .where(
            slots.c.id == slot,
            slots.c.clinic_id == clinic,
            slots.c.appointment_id.is_(None),
            slots.c.start_at > now,
            slots.c.offered_to.is_(None) | (slots.c.offer_at <= now),
        )
        .with_for_update()
    ).one_or_none()
    return Free(id=row.id, clinic=row.clinic_id, start=row.start_at) if row else None


def is_there(db: Db, clinic: UUID, slot: UUID) -> bool:
    """Whether the clinic has this slot."""
    wanted = exists().where(slots.c.id == slot, slots.c.clinic_id == clinic)
    return bool(db.conn.execute(select(wanted)).scalar_one())


def patient_who_waits(db: Db, clinic: UUID, visit: UUID) -> UUID | None:
    """Whose visit this is, if it stands on the clinic's waitlist."""
    wanted = select(appointments.c.patient_id).join(waitlist, waitlist.c.visit_id == appointments.c.id)
    found = wanted.where(waitlist.c.visit_id == visit, waitlist.c.clinic_id == clinic)
    return db.conn.execute(found).scalar_one_or_none()


def _name(db: Db, clinic: UUID, row: Row[*tuple[Any, ...]]) -> str:
    names = (
        db.open(patients, name, getattr(row, name), clinic=clinic, row=row.patient_id)
        for name in ("first_name", "last_name")
    )
    return " ".join(names).strip()
