"""Audience: patients in portions, with what a broadcast's facts ask about. Three look-ups a portion."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, Select, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from bot.core.audience import Candidate
from bot.core.facts import Visit, VisitStatus
from bot.store.appointments import appointments
from bot.store.base import Db
from bot.store.conversations import conversations
from bot.store.people import cards, patients

_AFTER = (
    select(patients.c.id)
    .where(patients.c.clinic_id == bindparam("clinic"), patients.c.id > bindparam("after"))
    .order_by(patients.c.id)
    .limit(bindparam("at_most"))
)
_ids = func.any(bindparam("ids", type_=ARRAY(Uuid)))
_OUT = select(conversations.c.phone_index).where(
    conversations.c.clinic_id == bindparam("clinic"),
    conversations.c.phone_index == func.any(bindparam("phones", type_=ARRAY(LargeBinary))),
    conversations.c.opted_out_at.is_not(None),
)


def _visits(*, named: bool) -> Select[tuple[object, ...]]:
    """Visits of these patients since a moment; where they are and with whom only if it is asked for."""
    plain = [
        appointments.c[name] for name in ("id", "patient_id", "version", "start_at", "minutes", "status")
    ]
    sealed = [appointments.c[name] for name in ("provider", "location")] if named else []
    return select(*plain, *sealed).where(
        appointments.c.patient_id == _ids, appointments.c.start_at > bindparam("since")
    )


_PLAIN, _NAMED = _visits(named=False), _visits(named=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A patient as the core sees them, and the clinic's own id of theirs."""

    external_id: str
    candidate: Candidate


def after(db: Db, clinic: UUID, last: UUID, at_most: int) -> list[UUID]:
    """The next patients of the clinic, by id."""
    values = {"clinic": clinic, "after": last, "at_most": at_most}
    return list(db.conn.execute(_AFTER, values).scalars())


def known(db: Db, clinic: UUID, ids: Sequence[UUID], *, since: datetime, named: bool) -> list[Known]:
    """What is known of these patients; visits that began after `since`, with provider and place if `named`."""
    values = {"ids": list(ids), "since": since}
    keys = db.keys(clinic)
    found = [(card, keys.blind("phone", card.phone)) for card in cards(db, clinic, ids)]
    phones = {"clinic": clinic, "phones": [phone for _, phone in found]}
    out = set(db.conn.execute(_OUT, phones).scalars())
    visits: dict[UUID, list[Visit]] = {}
    for row in db.conn.execute(_NAMED if named else _PLAIN, values):
        where = {
            name: db.open(appointments, name, getattr(row, name), clinic=clinic, row=row.id)
            for name in (("provider", "location") if named else ())
        }
        visit = Visit(
            id=row.id,
            patient_id=row.patient_id,
            version=row.version,
            start=row.start_at,
            minutes=row.minutes,
            status=VisitStatus(row.status),
            **where,
        )
        visits.setdefault(row.patient_id, []).append(visit)
    return [
        Known(
            external_id=card.external_id,
            candidate=Candidate(
                person=card.person,
                opted_out=phone in out,
                visits=tuple(visits.get(card.id, ())),
            ),
        )
        for card, phone in found
    ]
