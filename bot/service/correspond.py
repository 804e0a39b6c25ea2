"""Correspond: secure messages between a patient and the clinic's people, with photos; a text says that one waits."""

from datetime import datetime
from uuid import UUID, uuid4

from bot.core.events import Triggered, WordsOnPage
from bot.core.triggers import Happens
from bot.core.views import Note, ThreadView, View
from bot.core.wording import moment_text, page_words
from bot.errors import BadPhoto, NotFound
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.service import take_photo
from bot.service.desk import Desk
from bot.service.open_page import Opened, Submission
from bot.store import audit, conversations, inbox, notes, people
from bot.store.audit import Entry
from bot.store.base import Db
from bot.store.inbox import Mail

MOST_NOTES = 200
MOST_PHOTOS = 3
LONGEST = 4000
"""Characters of a message."""


def show(db: Db, opened: Opened, _now: datetime) -> ThreadView:
    """The messages so far."""
    return _view(db, opened)


def take(db: Db, opened: Opened, given: Submission, now: datetime) -> View | None:
    """A message of the patient's: kept, read by the reader for words that can't wait, and handed to a nurse."""
    body = given.fields.get("body", "").replace("\x00", "").replace("\r\n", "\n").strip()
    files = given.photos.get("photo", ())
    if len(body) > LONGEST:
        return _view(db, opened, fault=_say(opened, "fault_long", most=LONGEST), body=body[:LONGEST])
    if not body and not files:
        return _view(db, opened, fault=_say(opened, "fault_missing"))
    try:
        photos = [take_photo.take(file).content for file in files[:MOST_PHOTOS]]
    except BadPhoto as error:
        return _view(db, opened, fault=_say(opened, error.fault), body=body)
    clinic, patient = opened.clinic.id, opened.card.id
    note = notes.write(db, clinic=clinic, patient=patient, author=notes.PATIENT, body=body, now=now)
    for content in photos:
        notes.keep_photo(db, clinic=clinic, patient=patient, content=content, now=now, note=note)
    mail = Mail(
        clinic=clinic,
        conversation=opened.link.conversation,
        dedupe=f"note:{note}",
        what=WordsOnPage(person_id=patient, body=body, where="message"),
    )
    inbox.put(db, [mail], now)
    audit.write(db, [_entry(clinic, notes.PATIENT, note, patient)], now)
    return None


def write(
    rt: Runtime, clinic: UUID, patient: UUID, author: str, body: str, *, by: Desk | None = None
) -> UUID:
    """A message of the clinic's; a flow that begins with it texts the patient that one waits. Raises NotFound.

    `author` is who the patient reads it is from, `by` who wrote it at the console.
    """
    now = rt.now()
    with rt.begin() as db:
        phone = people.phones(db, clinic, [patient]).get(patient)
        if phone is None:
            raise NotFound
        note = notes.write(db, clinic=clinic, patient=patient, author=author, body=body, now=now)
        mail = Mail(
            clinic=clinic,
            conversation=conversations.with_phone(db, clinic, phone, now),
            dedupe=f"note:{uuid4()}",
            what=Triggered(trigger=Happens.MESSAGE, person_id=patient),
        )
        inbox.put(db, [mail], now)
        by_member = by and by.entry("note.written", f"note:{note}", patients=(patient,))
        audit.write(db, [by_member or _entry(clinic, author, note, patient)], now)
    rt.doorbell.ring(INBOUND)
    return note


def read(rt: Runtime, clinic: UUID, patient: UUID) -> list[notes.Note]:
    """The messages with this patient, oldest first, for the clinic's people."""
    with rt.begin() as db:
        return notes.thread(db, clinic, patient, MOST_NOTES)


def photo(rt: Runtime, opened: Opened, wanted: UUID) -> bytes:
    """A photo of this patient's, as JPEG. Raises NotFound."""
    with rt.begin() as db:
        content = notes.photo(db, opened.clinic.id, opened.card.id, wanted)
    if content is None:
        raise NotFound
    return content


def _view(db: Db, opened: Opened, *, fault: str = "", body: str = "") -> ThreadView:
    zone, language = opened.card.zone, opened.language
    found = notes.thread(db, opened.clinic.id, opened.card.id, MOST_NOTES)
    return ThreadView(
        notes=tuple(
            Note(
                mine=note.author == notes.PATIENT,
                who=opened.card.first_name if note.author == notes.PATIENT else note.author,
                when=moment_text(note.at, zone, language),
                body=note.body,
                photos=tuple(str(each) for each in note.photos),
            )
            for note in found
        ),
        fault=fault,
        body=body,
    )


def _entry(clinic: UUID, author: str, note: UUID, patient: UUID) -> Entry:
    return Entry(
        clinic=clinic,
        actor="patient" if author == notes.PATIENT else "staff",
        action="note.written",
        subject=f"note:{note}",
        patients=(patient,),
    )


def _say(opened: Opened, key: str, **values: object) -> str:
    return page_words(opened.book, key, opened.language, **values)
