"""Households: the people on one phone, and their visits. What an event's facts are made of, in one query."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, Uuid, and_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from bot.core.facts import Person, Visit, VisitStatus
from bot.store.appointments import appointments
from bot.store.base import Db
from bot.store.conversations import conversations
from bot.store.people import patients

RECENT = timedelta(days=35)
"""Visits that began longer ago than this are not part of a conversation's facts, unless they are named."""
MISSED_WITHIN = timedelta(days=730)
"""Missed visits that count."""

_WISHES = TypeAdapter(dict[str, str])
_past = appointments.alias("past")
_missed = (
    select(func.count())
    .select_from(_past)
    .where(
        _past.c.patient_id == patients.c.id,
        _past.c.start_at > bindparam("missed_since"),
        _past.c.status == VisitStatus.NOSHOW,
    )
    .scalar_subquery()
)
_AROUND = (
    select(
        patients.c.id.label("person_id"),
        patients.c.first_name,
        patients.c.birth_date,
        patients.c.language,
        patients.c.zone,
        patients.c.preferences,
        _missed.label("missed"),
        appointments.c.id.label("visit_id"),
        *(appointments.c[name] for name in ("version", "start_at", "minutes", "status")),
        *(appointments.c[name] for name in ("provider", "location", "kind")),
    )
    .select_from(
        patients.outerjoin(
            appointments,
            and_(
                appointments.c.patient_id == patients.c.id,
                or_(
                    appointments.c.start_at > bindparam("since"),
                    appointments.c.id == func.any(bindparam("named", type_=ARRAY(Uuid))),
                ),
            ),
        )
    )
    .where(patients.c.clinic_id == bindparam("clinic"), patients.c.phone_index == bindparam("phone_index"))
    .order_by(appointments.c.start_at, patients.c.id)
)


def around(
    db: Db, clinic: UUID, phone_index: bytes, now: datetime, named: Collection[UUID] = ()
) -> tuple[tuple[Person, ...], tuple[Visit, ...]]:
    """The people on a phone and their visits that are ahead, not long past, or `named`, soonest first."""
    values = {
        "clinic": clinic,
        "phone_index": phone_index,
        "since": now - RECENT,
        "missed_since": now - MISSED_WITHIN,
        "named": list(named),
    }
    people: dict[UUID, Person] = {}
    visits = []
    for row in db.conn.execute(_AROUND, values):
        if row.person_id not in people:
            people[row.person_id] = _person(db, clinic, row)
        if row.visit_id:
            visits.append(_visit(db, clinic, row))
    return tuple(people.values()), tuple(visits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """A visit with what its timers hang on. `pinned_to` is the edition of its conversation's open talks."""

    clinic: UUID
    conversation: UUID
    pinned_to: str | None
    visit: Visit
    zone: str


_IDS = (
    select(appointments.c.id)
    .where(appointments.c.id > bindparam("after"))
    .order_by(appointments.c.id)
    .limit(bindparam("at_most"))
)
_AHEAD = select(
    *(appointments.c[name] for name in ("id", "clinic_id", "patient_id", "version", "start_at")),
    *(appointments.c[name] for name in ("minutes", "status")),
).where(
    appointments.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
    appointments.c.start_at > bindparam("since"),
)
_PHONES = (
    select(
        patients.c.id,
        patients.c.zone,
        conversations.c.id.label("conversation_id"),
        conversations.c.edition,
        conversations.c.open_talks,
    )
    .join(
        conversations,
        and_(
            conversations.c.clinic_id == patients.c.clinic_id,
            conversations.c.phone_index == patients.c.phone_index,
        ),
    )
    .where(patients.c.id == func.any(bindparam("patients", type_=ARRAY(Uuid))))
)


def ahead(db: Db, after: UUID, since: datetime, at_most: int) -> tuple[list[Ahead], UUID | None]:
    """Those visits that begin after `since`, of the `at_most` visits whose ids come after `after`.

    And the id that was looked at last, None where there are no more. Visits without a conversation are left out.
    Three look-ups instead of a join: however wrong the planner's idea of a batch is, each is a walk along an index.
    """
    ids = list(db.conn.execute(_IDS, {"after": after, "at_most": at_most}).scalars())
    rows = db.conn.execute(_AHEAD, {"ids": ids, "since": since}).all()
    wanted = {"patients": list({row.patient_id for row in rows})}
    phones = {row.id: row for row in db.conn.execute(_PHONES, wanted)}
    last = ids[-1] if len(ids) == at_most else None
    return [_ahead(row, phones[row.patient_id]) for row in rows if row.patient_id in phones], last


def _ahead(row: Row[*tuple[Any, ...]], phone: Row[*tuple[Any, ...]]) -> Ahead:
    return Ahead(
        clinic=row.clinic_id,
        conversation=phone.conversation_id,
        pinned_to=phone.edition if phone.open_talks else None,
        visit=Visit(
            id=row.id,
            patient_id=row.patient_id,
            version=row.version,
            start=row.start_at,
            minutes=row.minutes,
            status=VisitStatus(row.status),
        ),
        zone=phone.zone,
    )


def _person(db: Db, clinic: UUID, row: Row[*tuple[Any, ...]]) -> Person:
    """A patient's own wish goes before what the clinic's system says: their language may stand in both."""
    name, born, wishes = (
        getattr(row, column)
        and db.open(patients, column, getattr(row, column), clinic=clinic, row=row.person_id)
        for column in ("first_name", "birth_date", "preferences")
    )
    preferences = _WISHES.validate_json(wishes) if wishes else {}
    return Person(
        id=row.person_id,
        first_name=name,
        language=preferences.pop("language", row.language),
        zone=row.zone,
        birth_date=date.fromisoformat(born),
        missed=row.missed,
        preferences=preferences,
    )


def _visit(db: Db, clinic: UUID, row: Row[*tuple[Any, ...]]) -> Visit:
    provider, location, kind = (
        db.open(appointments, name, getattr(row, name), clinic=clinic, row=row.visit_id)
        for name in ("provider", "location", "kind")
    )
    return Visit(
        id=row.visit_id,
        patient_id=row.person_id,
        version=row.version,
        start=row.start_at,
        minutes=row.minutes,
        status=VisitStatus(row.status),
        provider=provider,
        location=location,
        kind=kind,
    )
