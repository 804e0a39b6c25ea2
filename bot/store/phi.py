"""What is known of the patients on a phone and must not stand in a text; and what may, though it looks like it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from bot.store.answers import answers
from bot.store.appointments import appointments
from bot.store.base import Db
from bot.store.conversations import conversations
from bot.store.people import patients

SINCE = timedelta(days=90)
"""Visits and answers from before are not looked at."""
SHORTEST_ANSWER = 5
"""Characters of an answer that is looked for: shorter ones stand in many texts by chance."""


@dataclass(slots=True, kw_only=True)
class Known:
    """Of all people on one phone. Visits' fields by name, as `House.may_text` has them."""

    last_names: set[str] = field(default_factory=set)
    first_names: set[str] = field(default_factory=set)
    births: set[date] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    visits: dict[str, set[str]] = field(default_factory=dict)
    answers: set[str] = field(default_factory=set)


_FIELDS = ("provider", "location", "kind")
_wanted = func.any(bindparam("conversations", type_=ARRAY(Uuid)))
_PEOPLE = (
    select(
        conversations.c.id.label("conversation_id"),
        conversations.c.clinic_id,
        patients.c.id.label("person_id"),
        *(patients.c[name] for name in ("first_name", "last_name", "birth_date", "external_id")),
        appointments.c.id.label("visit_id"),
        *(appointments.c[name] for name in _FIELDS),
    )
    .select_from(
        conversations.join(
            patients,
            and_(
                patients.c.clinic_id == conversations.c.clinic_id,
                patients.c.phone_index == conversations.c.phone_index,
            ),
        ).outerjoin(
            appointments,
            and_(appointments.c.patient_id == patients.c.id, appointments.c.start_at > bindparam("since")),
        )
    )
    .where(conversations.c.id == _wanted)
)
_ANSWERS = select(answers.c.id, answers.c.clinic_id, answers.c.conversation_id, answers.c.value).where(
    answers.c.conversation_id == _wanted, answers.c.in_words, answers.c.at > bindparam("since")
)


def of(db: Db, ids: Sequence[UUID], now: datetime) -> dict[UUID, Known]:
    """What is known of the patients on the phones of these conversations; two queries for all of them."""
    found = {conversation: Known() for conversation in ids}
    values = {"conversations": list(found), "since": now - SINCE}
    seen: set[UUID] = set()
    for row in db.conn.execute(_PEOPLE, values):
        known, clinic = found[row.conversation_id], row.clinic_id
        if row.person_id not in seen:
            seen.add(row.person_id)
            first, last, born, number = (
                db.open(patients, name, getattr(row, name), clinic=clinic, row=row.person_id)
                for name in ("first_name", "last_name", "birth_date", "external_id")
            )
            known.first_names.add(first)
            known.last_names.add(last)
            known.births.add(date.fromisoformat(born))
            known.numbers.add(number)
        if row.visit_id:
            for name in _FIELDS:
                value = db.open(appointments, name, getattr(row, name), clinic=clinic, row=row.visit_id)
                known.visits.setdefault(name, set()).add(value)
    for answer in db.conn.execute(_ANSWERS, values):
        said = json.loads(db.open(answers, "value", answer.value, clinic=answer.clinic_id, row=answer.id))
        if len(said) >= SHORTEST_ANSWER:
            found[answer.conversation_id].answers.add(said)
    return found
