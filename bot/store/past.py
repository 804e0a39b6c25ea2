"""The past of a patient and of a phone: what happened, newest first, page by page. One query, whatever it was.

It says only when, what and which row; `past_rows` reads the rows of those that are shown.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, literal, or_, select, union_all

from bot.core.chart import Kind
from bot.core.effects import Purpose
from bot.store.answers import answers
from bot.store.appointments import appointments
from bot.store.base import Db
from bot.store.chart import chart
from bot.store.escalations import escalation_acts, escalations
from bot.store.inbox import inbox
from bot.store.links import links
from bot.store.notes import notes, photos
from bot.store.outbox import outbox
from bot.store.signatures import signatures
from bot.store.visit_acts import visit_acts
from bot.store.worklist import tasks


class Source(StrEnum):
    """Where an entry comes from. The value stands in addresses."""

    TEXT = "text"  # from the phone
    SENT = "sent"  # to the phone
    ACT = "act"  # what staff did in the conversation, calls, flows that began
    CHANGE = "change"  # of a visit
    BY_HAND = "by_hand"  # what staff did with a visit
    NOTE = "note"
    PHOTO = "photo"  # of a form
    PAGE = "page"
    ANSWERS = "answers"  # that came in at one moment
    CHART = "chart"  # of one kind and moment
    SIGNED = "signed"
    VISIT = "visit"
    TASK = "task"
    CLOSED = "closed"  # a task
    ALARM = "alarm"
    ALARM_ACT = "alarm_act"


TEXTS = frozenset({Source.TEXT, Source.SENT, Source.NOTE, Source.ACT})
PAGES = frozenset({Source.PAGE, Source.ANSWERS, Source.CHART, Source.SIGNED, Source.PHOTO, Source.NOTE})
VISITS = frozenset({Source.VISIT, Source.CHANGE, Source.BY_HAND})
EVERYTHING = frozenset(Source)
ON_THE_PHONE = frozenset({Source.TEXT, Source.SENT, Source.ACT})

_ACTS = ("taken_over", "given_back", "wrong_number", "triggered")
_CHANGES = ("visit", "slot_answer")
_FOREVER = timedelta(days=365 * 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """A patient, a conversation, or both: what is asked of neither is left out."""

    clinic: UUID
    patient: UUID | None = None
    conversation: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One entry: its place in the order, and by what its row is found."""

    at: datetime
    source: Source
    id: str

    def __str__(self) -> str:
        """As it stands in an address."""
        return f"{self.at.isoformat()}~{self.source}~{self.id}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What `str` wrote; None for anything else."""
        at, _, rest = text.partition("~")
        source, _, number = rest.partition("~")
        try:
            moment = datetime.fromisoformat(at)
            return None if moment.tzinfo is None else cls(at=moment, source=Source(source), id=number)
        except ValueError:
            return None


def marks(
    db: Db,
    whose: Whose,
    sources: Collection[Source],
    at_most: int,
    *,
    now: datetime,
    before: Mark | None = None,
) -> list[Mark]:
    """The newest entries, or those before one; newest first."""
    parts = [
        _part(source, found, at, number, before or _end(now), at_most)
        for source in sorted(sources)
        if (asked := _SOURCES[source](whose, now)) is not None
        for found, at, number in [asked]
    ]
    if not parts:
        return []
    all_of_them = union_all(*parts).subquery()
    c = all_of_them.c
    rows = db.conn.execute(
        select(c.at, c.source, c.id).order_by(c.at.desc(), c.source.desc(), c.id.desc()).limit(at_most)
    )
    return [Mark(at=row.at, source=Source(row.source), id=row.id) for row in rows]


def _end(now: datetime) -> Mark:
    return Mark(at=now + _FOREVER, source=Source.VISIT, id="")


def _part(
    source: Source,
    found: Select[Any],
    at: ColumnElement[Any],
    number: ColumnElement[Any],
    before: Mark,
    at_most: int,
) -> Select[Any]:
    """The newest of one source. What came at the very moment of the last entry shown stands in the order of sources."""
    here = cast(number, Text)
    earlier: ColumnElement[bool] = at < before.at
    if source == before.source:
        earlier = or_(earlier, and_(at == before.at, here < before.id))
    elif source < before.source:
        earlier = at <= before.at
    chosen = found.with_only_columns(
        at.label("at"), literal(str(source), Text).label("source"), here.label("id")
    )
    return chosen.where(earlier).order_by(at.desc(), here.desc()).limit(at_most)


# -- where each finds its own ------------------------------------------------------------------------------

_Asked = tuple[Select[Any], ColumnElement[Any], ColumnElement[Any]] | None


def _happenings(*kinds: str) -> Any:
    def asked(whose: Whose, _now: datetime) -> _Asked:
        c = inbox.c
        found = select(inbox).where(c.conversation_id == whose.conversation, c.kind.in_(kinds))
        return (found, c.received_at, c.seq) if whose.conversation else None

    return asked


def _sent(whose: Whose, _now: datetime) -> _Asked:
    c = outbox.c
    found = select(outbox).where(c.conversation_id == whose.conversation, c.purpose != Purpose.PAGE)
    return (found, func.coalesce(c.sent_at, c.created_at), c.id) if whose.conversation else None


def _of_patient(table: Any, at: str, *more: ColumnElement[bool]) -> Any:
    def asked(whose: Whose, _now: datetime) -> _Asked:
        c = table.c
        found = select(table).where(c.patient_id == whose.patient, c.clinic_id == whose.clinic, *more)
        return (found, c[at], c.id) if whose.patient else None

    return asked


def _of_conversation(table: Any, at: str, *more: ColumnElement[bool]) -> Any:
    def asked(whose: Whose, _now: datetime) -> _Asked:
        found = select(table).where(table.c.conversation_id == whose.conversation, *more)
        return (found, table.c[at], table.c.id) if whose.conversation else None

    return asked


def _answers(whose: Whose, _now: datetime) -> _Asked:
    """Answers of one form came in at one moment: they are one entry."""
    c = answers.c
    found = select(answers).where(c.patient_id == whose.patient, c.clinic_id == whose.clinic)
    return (found.group_by(c.at), c.at, literal("", Text)) if whose.patient else None


def _chart(whose: Whose, _now: datetime) -> _Asked:
    """Results of one blood sample, likewise. Medicines have no moment of their own."""
    c = chart.c
    found = select(chart).where(
        c.patient_id == whose.patient, c.clinic_id == whose.clinic, c.kind.in_([Kind.RESULT, Kind.SUMMARY])
    )
    return (found.group_by(c.kind, c.at), c.at, c.kind) if whose.patient else None


def _visits(whose: Whose, now: datetime) -> _Asked:
    """What lies ahead is no past."""
    c = appointments.c
    found = select(appointments).where(
        c.patient_id == whose.patient, c.clinic_id == whose.clinic, c.start_at <= now
    )
    return (found, c.start_at, c.id) if whose.patient else None


def _by_hand(whose: Whose, _now: datetime) -> _Asked:
    c = visit_acts.c
    found = (
        select(visit_acts)
        .join(appointments, appointments.c.id == c.visit_id)
        .where(appointments.c.patient_id == whose.patient, c.clinic_id == whose.clinic)
    )
    return (found, c.at, c.id) if whose.patient else None


def _alarm_acts(whose: Whose, _now: datetime) -> _Asked:
    found = (
        select(escalation_acts)
        .join(escalations, escalations.c.id == escalation_acts.c.escalation_id)
        .where(escalations.c.conversation_id == whose.conversation)
    )
    return (found, escalation_acts.c.at, escalation_acts.c.id) if whose.conversation else None


_SOURCES: dict[Source, Any] = {
    Source.TEXT: _happenings("text"),
    Source.SENT: _sent,
    Source.ACT: _happenings(*_ACTS),
    Source.CHANGE: _happenings(*_CHANGES),
    Source.BY_HAND: _by_hand,
    Source.NOTE: _of_patient(notes, "at"),
    Source.PHOTO: _of_patient(photos, "at", photos.c.note_id.is_(None)),
    Source.PAGE: _of_patient(links, "created_at"),
    Source.ANSWERS: _answers,
    Source.CHART: _chart,
    Source.SIGNED: _of_patient(signatures, "at"),
    Source.VISIT: _visits,
    Source.TASK: _of_conversation(tasks, "opened_at"),
    Source.CLOSED: _of_conversation(tasks, "closed_at", tasks.c.closed_at.is_not(None)),
    Source.ALARM: _of_conversation(escalations, "opened_at"),
    Source.ALARM_ACT: _alarm_acts,
}
