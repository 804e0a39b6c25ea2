"""The page of a patient: who they are, what is open, what lies ahead, what staff can send, and a page of their past.

Every look by hand is written down. What the role doesn't see is masked here, or not even opened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from bot.core.book import Book
from bot.core.escalation import tasks_of
from bot.core.flow import Page as Secure
from bot.core.roles import May, Sees
from bot.core.triggers import Happens
from bot.errors import NotAllowed, NotFound
from bot.runtime import Runtime
from bot.service import board_words, words_of_tasks
from bot.service.console import glass, mask, scores, timeline
from bot.service.console import timeline_words as words
from bot.service.console.find_patient import born_text
from bot.service.console.scores import Scores
from bot.service.console.timeline import Page, Talk
from bot.service.desk import Desk
from bot.store import ahead, audit, conversations, guardians, notes, people, staff
from bot.store.ahead import Open
from bot.store.appointments import appointments
from bot.store.base import Db
from bot.store.guardians import Guardian
from bot.store.people import Card

MOST_VISITS = 5
_BY_HAND = (Secure.RESULT, Secure.SUMMARY, Secure.TIMES, Secure.MESSAGES, Secure.PREFERENCES, Secure.HISTORY)
"""Pages that can be sent at any time. Check-in is about a visit; an offer hangs on a time that opened up."""
_WISHES: Mapping[str, str] = {
    "channel": "likes",
    "hours": "best time",
    "language": "language",
    "no": "no texts about",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit ahead; `service` is masked where the role sees no visits."""

    id: UUID
    start: datetime
    service: str
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A task (`item`) or an escalation (`code`) that is open."""

    words: str
    since: datetime
    item: UUID | None = None
    code: str = ""
    state: str = ""
    alarm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Everything that the page shows. `others` share the phone; `sendable` and `startable` are (value, label).

    `blind` says what the role doesn't see, '' where it sees all; `glass_until` until when it does for an emergency.
    """

    id: UUID
    name: str
    born: str
    age: str
    phone: str
    language: str
    zone: str
    external_id: str
    wishes: tuple[tuple[str, str], ...]
    others: tuple[tuple[UUID, str], ...]
    guardians: tuple[Guardian, ...]
    due: tuple[Due, ...]
    visits: tuple[Visit, ...]
    next_reminder: datetime | None
    sendable: tuple[tuple[str, str], ...]
    startable: tuple[tuple[str, str], ...]
    scores: tuple[Scores, ...]
    talk: Talk
    past: Page
    show: str
    blind: bool
    glass_until: datetime | None


def show(
    rt: Runtime, desk: Desk, patient: UUID, *, audited: bool, show: str = "everything", before: str = ""
) -> Patient:
    """The page. Raises NotFound for another clinic's patient, NotAllowed."""
    desk.require(May.PATIENTS)
    now = rt.now()
    with rt.begin() as db:
        card = found(db, desk, patient)
        own, desk = desk, glass.sight(rt, db, desk, patient)
        talk = _talk(rt, db, desk, card, now)
        clinic = rt.clinic(db, desk.clinic)
        book = rt.book(db, rt.current_edition(db))
        its = Patient(
            id=patient,
            name=f"{card.first_name} {card.last_name}",
            born=mask.shown(desk, Sees.CONTACT, born_text(card.birth_date)),
            age=_age(card, now) if desk.sees(Sees.CONTACT) else "",
            phone=mask.phone(desk, card.phone),
            language=words.LANGUAGES.get(card.language, card.language),
            zone=card.zone if card.zone != clinic.zone else "",
            external_id=card.external_id,
            wishes=tuple((_WISHES.get(name, name), wish) for name, wish in card.preferences.items()),
            others=tuple(person for person in talk.people if person[0] != patient),
            guardians=_guardians(db, desk, patient),
            due=_due(db, desk, talk.conversation),
            visits=_visits(db, desk, patient, now),
            next_reminder=ahead.next_reminder(db, talk.conversation, now),
            sendable=sendable(book) if desk.may(May.SEND) else (),
            startable=startable(book) if desk.may(May.SEND) else (),
            scores=scores.of(db, desk, book, patient) if desk.sees(Sees.HEALTH) else (),
            talk=talk,
            past=timeline.timeline(
                rt,
                db,
                desk,
                patient,
                talk.conversation,
                people_on_phone=dict(talk.people),
                show=show,
                before=before,
            ),
            show=show if show in timeline.FILTERS else "everything",
            blind=not all(desk.sees(each) for each in Sees),
            glass_until=glass.until(rt, db, desk, patient) if desk is not own else None,
        )
        if audited:
            seen = "" if show == "everything" and not before else show
            entry = own.entry("patient.viewed", f"patient:{patient}", patients=(patient,), detail=seen)
            audit.write(db, [entry], now)
    return its


def conversation(rt: Runtime, desk: Desk, patient: UUID) -> UUID:
    """The conversation with the patient's phone. Raises NotFound."""
    with rt.begin() as db:
        card = found(db, desk, patient)
        return conversations.with_phone(db, desk.clinic, card.phone, rt.now())


def photo(rt: Runtime, desk: Desk, patient: UUID, wanted: UUID) -> bytes:
    """A photo of this patient's, as the JPEG that was painted anew when it came in; each look is written down.

    Raises NotFound; NotAllowed where the role sees no health information.
    """
    desk.require(May.PATIENTS)
    with rt.begin() as db:
        found(db, desk, patient)
        if not glass.sight(rt, db, desk, patient).sees(Sees.HEALTH):
            raise NotAllowed
        content = notes.photo(db, desk.clinic, patient, wanted)
        if content is None:
            raise NotFound("There is no such photo.")
        audit.write(db, [desk.entry("photo.viewed", f"photo:{wanted}", patients=(patient,))], rt.now())
    return content


def found(db: Db, desk: Desk, patient: UUID) -> Card:
    """The card of a patient of the desk's clinic. Raises NotFound."""
    cards = people.of_ids(db, desk.clinic, [patient])
    if not cards:
        raise NotFound("There is no such patient.")
    return cards[0]


def sendable(book: Book) -> tuple[tuple[str, str], ...]:
    """Pages that staff can send, forms and consents by their names: 'form:phq9'."""
    forms = [(f"{Secure.FORM}:{name}", f"Form: {_form_title(book, name)}") for name in sorted(book.forms)]
    consents = [
        (f"{Secure.CONSENT}:{key[8:-5]}", f"Consent: {words.plain(key[8:-5])}")
        for key in sorted(book.wordings["en"].pages)
        if key.startswith("consent_") and key.endswith("_text")
    ]
    return (*((str(page), words.PAGES[page]) for page in _BY_HAND), *forms, *consents)


def startable(book: Book) -> tuple[tuple[str, str], ...]:
    """Flows that staff can start."""
    found = {flow.name: flow.title for flow, _ in book.starting(Happens.STAFF)}
    return tuple(sorted(found.items(), key=lambda pair: pair[1].casefold()))


def _form_title(book: Book, name: str) -> str:
    said = book.wordings["en"].pages.get(book.forms[name].title, "")
    return said or words.plain(name)


def _talk(rt: Runtime, db: Db, desk: Desk, card: Card, now: datetime) -> Talk:
    """Who has the conversation with this phone, which is made where nobody has texted yet."""
    conversation = conversations.with_phone(db, desk.clinic, card.phone, now)
    return timeline.head(rt, db, desk, conversation)


def _age(card: Card, now: datetime) -> str:
    born, today = card.birth_date, now.date()
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return f"{years} years" if years >= 2 else f"{(today - born).days // 30} months"


def _guardians(db: Db, desk: Desk, patient: UUID) -> tuple[Guardian, ...]:
    """Names and phones of guardians are contact data."""
    if not desk.sees(Sees.CONTACT):
        return ()
    return tuple(
        Guardian(id=one.id, name=one.name, relation=one.relation, phone=mask.phone(desk, one.phone))
        for one in guardians.of(db, desk.clinic, patient)
    )


def _due(db: Db, desk: Desk, conversation: UUID) -> tuple[Due, ...]:
    """Escalations first; a task that one of them stands for is not listed beside it."""
    alarms, names = ahead.open_alarms(db, conversation), staff.names_of(db, desk.clinic)
    with_them = {task for alarm in alarms for task in tasks_of(alarm.name)}
    return (
        *(_alarm(one, names) for one in alarms),
        *(
            Due(words=words_of_tasks.why(one.name), since=one.since, item=one.id)
            for one in ahead.open_tasks(db, conversation)
            if one.name not in with_them
        ),
    )


def _alarm(one: Open, names: Mapping[str, str]) -> Due:
    return Due(
        words=board_words.reason(one.name, one.urgency),
        since=one.since,
        code=one.code,
        state=f"{names.get(one.by or '', 'The on-call phone')} has it" if one.taken else "nobody has it yet",
        alarm=not one.taken,
    )


def _visits(db: Db, desk: Desk, patient: UUID, now: datetime) -> tuple[Visit, ...]:
    rows: Sequence[Row[Any]] = ahead.next_visits(db, desk.clinic, patient, now, MOST_VISITS)
    return tuple(
        Visit(
            id=row.id,
            start=row.start_at,
            service=_service(db, row) if desk.sees(Sees.VISITS) else mask.MASK,
            confirmed=row.status == "confirmed",
        )
        for row in rows
    )


def _service(db: Db, row: Row[Any]) -> str:
    opened = [
        db.open(appointments, name, getattr(row, name), clinic=row.clinic_id, row=row.id)
        for name in ("kind", "provider", "location")
    ]
    return " · ".join(filter(None, opened))
