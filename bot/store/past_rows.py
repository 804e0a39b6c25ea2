"""The rows behind a past: one query for each kind, for those that are shown. Sealed values stay sealed here.

`Row`s are handed out as they are; the caller opens what may be seen, by `Db.open`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select

from bot.core.events import WHAT, What
from bot.store.answers import answers
from bot.store.appointments import appointments
from bot.store.base import Db
from bot.store.chart import chart
from bot.store.escalations import escalation_acts, escalations
from bot.store.inbox import inbox
from bot.store.links import links
from bot.store.notes import notes, photos
from bot.store.outbox import outbox
from bot.store.past import Mark, Source, Whose
from bot.store.signatures import signatures
from bot.store.staff import staff
from bot.store.visit_acts import visit_acts
from bot.store.worklist import tasks

Rows = Sequence[Row[Any]]


def rows(db: Db, whose: Whose, marks: Sequence[Mark]) -> dict[tuple[Source, str], Rows]:
    """The rows of each mark, by its source and id; of `ANSWERS` and `CHART` by source, kind and moment (`place`)."""
    by_source: dict[Source, list[Mark]] = {}
    for mark in marks:
        by_source.setdefault(mark.source, []).append(mark)
    found: dict[tuple[Source, str], list[Row[Any]]] = {}
    for queried, sources in _TOGETHER:
        wanted = [mark for source in sources for mark in by_source.get(source, ())]
        if wanted:
            for row in db.conn.execute(queried(whose, wanted)):
                for source in sources:
                    found.setdefault((source, _key(source, row)), []).append(row)
    return dict(found)


def place(mark: Mark) -> tuple[Source, str]:
    """Where `rows` has those of this mark."""
    if mark.source is Source.ANSWERS:
        return mark.source, mark.at.isoformat()
    if mark.source is Source.CHART:
        return mark.source, f"{mark.id} {mark.at.isoformat()}"
    return mark.source, mark.id


def _key(source: Source, row: Row[Any]) -> str:
    if source is Source.ANSWERS:
        return str(row.at.isoformat())
    if source is Source.CHART:
        return f"{row.kind} {row.at.isoformat()}"
    return str(row.seq) if source in _HAPPENINGS else str(row.id)


_HAPPENINGS = (Source.TEXT, Source.ACT, Source.CHANGE)


def _by_id(table: Any) -> Callable[[Whose, Sequence[Mark]], Select[Any]]:
    return lambda _whose, wanted: select(table).where(table.c.id.in_({UUID(mark.id) for mark in wanted}))


def _happenings(_whose: Whose, wanted: Sequence[Mark]) -> Select[Any]:
    return select(inbox).where(inbox.c.seq.in_([int(mark.id) for mark in wanted]))


def _answers(whose: Whose, wanted: Sequence[Mark]) -> Select[Any]:
    c = answers.c
    moments = [mark.at for mark in wanted]
    return select(answers).where(c.patient_id == whose.patient, c.at.in_(moments)).order_by(c.effect_key)


def _chart(whose: Whose, wanted: Sequence[Mark]) -> Select[Any]:
    c = chart.c
    kinds, moments = {mark.id for mark in wanted}, [mark.at for mark in wanted]
    return (
        select(chart)
        .where(c.patient_id == whose.patient, c.kind.in_(kinds), c.at.in_(moments))
        .order_by(c.id)
    )


def _acts(_whose: Whose, wanted: Sequence[Mark]) -> Select[Any]:
    c = escalation_acts.c
    return (
        select(escalation_acts, escalations.c.code, escalations.c.reason, escalations.c.urgency)
        .join(escalations, escalations.c.id == c.escalation_id)
        .where(c.id.in_([int(mark.id) for mark in wanted]))
    )


def _by_hand(_whose: Whose, wanted: Sequence[Mark]) -> Select[Any]:
    c = visit_acts.c
    named = select(visit_acts, staff.c.handle).join(staff, staff.c.id == c.staff_id)
    return named.where(c.id.in_([UUID(mark.id) for mark in wanted]))


def _photos(_whose: Whose, wanted: Sequence[Mark]) -> Select[Any]:
    c = photos.c
    return select(c.id, c.at).where(c.id.in_([UUID(mark.id) for mark in wanted]))


_TOGETHER: tuple[tuple[Callable[[Whose, Sequence[Mark]], Select[Any]], tuple[Source, ...]], ...] = (
    (_happenings, _HAPPENINGS),
    (_by_id(outbox), (Source.SENT,)),
    (_by_hand, (Source.BY_HAND,)),
    (_by_id(notes), (Source.NOTE,)),
    (_photos, (Source.PHOTO,)),
    (_by_id(links), (Source.PAGE,)),
    (_answers, (Source.ANSWERS,)),
    (_chart, (Source.CHART,)),
    (_by_id(signatures), (Source.SIGNED,)),
    (_by_id(appointments), (Source.VISIT,)),
    (_by_id(tasks), (Source.TASK, Source.CLOSED)),
    (_by_id(escalations), (Source.ALARM,)),
    (_acts, (Source.ALARM_ACT,)),
)
"""What is read together, and of which sources."""


def photos_of(db: Db, noted: Sequence[UUID]) -> Mapping[UUID, tuple[UUID, ...]]:
    """The ids of the photos of these messages."""
    c = photos.c
    found: dict[UUID, tuple[UUID, ...]] = {}
    if noted:
        for row in db.conn.execute(select(c.id, c.note_id).where(c.note_id.in_(noted)).order_by(c.at, c.id)):
            found[row.note_id] = (*found.get(row.note_id, ()), row.id)
    return found


def visits_of(db: Db, wanted: Sequence[UUID]) -> Mapping[UUID, Row[Any]]:
    """Visits that were spoken of."""
    if not wanted:
        return {}
    found = db.conn.execute(select(appointments).where(appointments.c.id.in_(set(wanted))))
    return {row.id: row for row in found}


def writers(db: Db, conversation: UUID, events: Sequence[UUID]) -> Mapping[UUID, str]:
    """Who of the staff wrote what went out by these happenings, by their ids: handles."""
    if not events:
        return {}
    c = inbox.c
    found = db.conn.execute(
        select(inbox).where(c.conversation_id == conversation, c.kind == "staff_wrote", c.id.in_(events))
    )
    return {row.id: getattr(what_of(db, row), "by", "") for row in found}


def what_of(db: Db, row: Row[Any]) -> What:
    """What happened, opened."""
    return WHAT.validate_json(db.open_bytes(inbox, "what", row.what, clinic=row.clinic_id, row=row.id))


def answers_of(db: Db, clinic: UUID, patient: UUID, at_most: int) -> list[tuple[Any, dict[str, Any], Any]]:
    """The newest answers of a patient, oldest first: when, what was asked, and the value. All is opened."""
    c = answers.c
    found = db.conn.execute(
        select(answers)
        .where(c.patient_id == patient, c.clinic_id == clinic)
        .order_by(c.at.desc(), c.id)
        .limit(at_most)
    )
    return [
        (
            row.at,
            json.loads(db.open(answers, "asked", row.asked, clinic=clinic, row=row.id)),
            json.loads(db.open(answers, "value", row.value, clinic=clinic, row=row.id)),
        )
        for row in reversed(found.all())
    ]
