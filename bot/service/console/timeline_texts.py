"""Entries of what was said and who said it: texts, secure messages, photos, and what staff did in the talk."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from bot.core.events import GivenBack, TakenOver, TextArrived, Triggered, WrongNumber
from bot.core.roles import Sees
from bot.core.triggers import Happens
from bot.service.console import mask
from bot.service.console import timeline_words as words
from bot.service.console.timeline_around import Around, Rows, title
from bot.service.console.timeline_entry import Entry, Kind
from bot.service.record import RECORD
from bot.store import past_rows
from bot.store.inbox import inbox
from bot.store.notes import PATIENT, notes
from bot.store.outbox import outbox
from bot.store.past import Mark, Source

# -- texts -------------------------------------------------------------------------------------------------


def text(at: Around, mark: Mark, rows: Rows) -> Entry | None:
    row = rows[0]
    sees = at.desk.sees(Sees.MESSAGES)
    what = past_rows.what_of(at.db, row) if sees else None
    body = what.body if isinstance(what, TextArrived) else mask.MASK
    reading = None
    if isinstance(what, TextArrived) and row.record is not None:
        record = RECORD.validate_json(
            at.db.open_bytes(inbox, "record", row.record, clinic=row.clinic_id, row=row.id)
        )
        health = at.desk.sees(Sees.HEALTH)
        reading = words.understood(record.reading, record.effects, body, value=health)
    media = what.media if isinstance(what, TextArrived) else 0
    return Entry(
        key=f"text-{mark.id}",
        at=mark.at,
        kind=Kind.IN,
        body=body,
        masked=not sees,
        state=f"with {media} picture{'s' * (media > 1)}, not kept: pictures by text are not read"
        if media
        else "",
        understood=reading,
    )


def sent(at: Around, mark: Mark, rows: Rows) -> Entry:
    row = rows[0]
    waits = words.short(row.not_before, at.now, at.zone) if row.not_before > at.now else ""
    state, tone = words.way(row.status, row.error_code, row.reason, waits)
    event = _event_of(row)
    by = at.writers.get(event) if event else None
    return Entry(
        key=f"sent-{mark.id}",
        at=mark.at,
        kind=Kind.OUT,
        body=at.said(outbox, "body", row, Sees.MESSAGES).replace("[link]", "(link)"),
        masked=not at.desk.sees(Sees.MESSAGES),
        by=at.name(by) if by else "",
        state=state,
        tone=tone,
    )


def _event_of(row: Row[Any]) -> UUID | None:
    try:
        return UUID(row.effect_key.partition(":")[0])
    except ValueError:
        return None


def writer_events(rows: Mapping[tuple[Source, str], Rows]) -> list[UUID]:
    """The happenings by which texts went out that staff wrote."""
    found = (
        _event_of(row)
        for (source, _), many in rows.items()
        for row in many
        if source is Source.SENT and row.wording == "staff_text"
    )
    return [event for event in found if event]


def note(at: Around, mark: Mark, rows: Rows) -> Entry:
    row = rows[0]
    theirs = row.author == PATIENT
    return Entry(
        key=f"note-{mark.id}",
        at=mark.at,
        kind=Kind.NOTE_IN if theirs else Kind.NOTE_OUT,
        body=at.said(notes, "body", row, Sees.MESSAGES),
        masked=not at.desk.sees(Sees.MESSAGES),
        by="" if theirs else row.author,
        state=f"read {words.short(row.read_at, at.now, at.zone)}" if row.read_at else "",
        photos=_photos(at, at.photos.get(row.id, ())),
        patient=row.patient_id,
    )


def photo(at: Around, mark: Mark, rows: Rows) -> Entry:
    return Entry(
        key=f"photo-{mark.id}",
        at=mark.at,
        kind=Kind.NOTE_IN,
        title="A photo on a form",
        masked=not at.desk.sees(Sees.HEALTH),
        photos=_photos(at, (rows[0].id,)),
        patient=at.patient,
    )


def _photos(at: Around, found: tuple[UUID, ...]) -> tuple[UUID, ...]:
    return found if at.desk.sees(Sees.HEALTH) else ()


# -- what staff did, and other happenings ----------------------------------------------------------------------


def act(at: Around, mark: Mark, rows: Rows) -> Entry | None:
    row = rows[0]
    what = past_rows.what_of(at.db, row)
    said, by = "", getattr(what, "by", "")
    match what:
        case TakenOver():
            said = f"{at.name(by)} took the conversation over"
        case GivenBack(by=""):
            said = "The bot goes on: nobody had said a word for a while"
        case GivenBack():
            said = f"{at.name(by)} gave the conversation back to the bot"
        case WrongNumber():
            said = f"{at.name(by)} said that the number is wrong"
        case Triggered(trigger=Happens.MISSED_CALL):
            said = "The patient called, and nobody answered"
        case Triggered(trigger=Happens.STAFF):
            said = f"Staff started “{title(at, what.flow or '')}”"
        case Triggered(trigger=Happens.BROADCAST):
            said = f"A broadcast began: “{title(at, what.flow or '')}”"
        case _:
            return None
    kind = Kind.EVENT if isinstance(what, Triggered) else Kind.STAFF
    return Entry(key=f"act-{mark.id}", at=mark.at, kind=kind, title=said)
