"""Timeline: everything that happened with a patient and on their phone, in one order; and one conversation of it.

Only what is shown is opened, and only what the role sees. How many queries it takes does not hang on how much there is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from bot.core.book import Book
from bot.core.by_hand import READY
from bot.core.roles import Sees
from bot.errors import NotFound
from bot.runtime import Runtime
from bot.service.console import glass, mask
from bot.service.console.timeline_around import Around
from bot.service.console.timeline_entries import entry, visits_named
from bot.service.console.timeline_entry import Entry, Kind, Understood
from bot.service.console.timeline_texts import writer_events
from bot.service.desk import Desk
from bot.store import audit, conversations, past, past_rows, people, staff
from bot.store.base import Db
from bot.store.past import Mark, Source, Whose

__all__ = ["Entry", "Filter", "Kind", "Page", "Talk", "Understood", "talk", "timeline"]

A_PAGE = 50
TOGETHER = timedelta(hours=12)

Filter = Mapping[str, Collection[Source]]
FILTERS: Filter = {
    "everything": past.EVERYTHING,
    "texts": past.TEXTS,
    "pages": past.PAGES,
    "visits": past.VISITS,
}
"""What one can look at, by the name that stands in the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A conversation with a phone: who has it, what was said last (oldest first), who else writes just now.

    `held_by` is the name of whoever has it, `mine` whether that is the desk itself. `start_to` is the number to which
    a phone that has opted out texts START; `ready` are replies to choose from, name and words.
    """

    conversation: UUID
    people: tuple[tuple[UUID, str], ...]
    phone: str
    opted_out: bool
    held_by: str | None
    mine: bool = False
    entries: tuple[Entry, ...] = ()
    writers: tuple[str, ...] = ()
    start_to: str = ""
    ready: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Entries, newest first; `older` is from where the next page goes on, None where there is none."""

    entries: tuple[Entry, ...]
    older: str | None


def talk(rt: Runtime, desk: Desk, conversation: UUID, *, audited: bool, at_most: int = 30) -> Talk:
    """What was said on this phone last, and what staff did. `audited`: by hand. Raises NotFound."""
    with rt.begin() as db:
        found = head(rt, db, desk, conversation)
        called = dict(found.people)
        own, desk = desk, _sight(rt, db, desk, called)
        whose = Whose(clinic=desk.clinic, conversation=conversation)
        marks = past.marks(db, whose, past.ON_THE_PHONE, at_most, now=rt.now())
        entries = _entries(rt, db, desk, whose, marks, called)
        if audited:
            subject = f"conversation:{conversation}"
            audit.write(db, [own.entry("talk.viewed", subject, patients=tuple(called))], rt.now())
    return replace(found, entries=tuple(reversed(entries)))


def head(rt: Runtime, db: Db, desk: Desk, conversation: UUID) -> Talk:
    """The same without what was said, in the caller's transaction. Raises NotFound."""
    found = conversations.as_it_stands(db, desk.clinic, conversation)
    if found is None:
        raise NotFound("There is no such conversation.")
    held = found.state.held
    writers = [handle for handle in rt.live.writers(conversation) if handle != desk.handle]
    names = staff.names_of(db, desk.clinic) if held or writers else {}
    sharing = people.on_phone(db, desk.clinic, found.phone_index)
    cards = sorted(sharing, key=lambda card: (card.first_name, card.last_name))
    return Talk(
        conversation=conversation,
        people=tuple((card.id, f"{card.first_name} {card.last_name}") for card in cards),
        phone=mask.phone(desk, found.phone),
        opted_out=found.opted_out,
        held_by=names.get(held.by, held.by) if held else None,
        mine=bool(held and held.by == desk.handle),
        writers=tuple(names.get(handle, handle) for handle in writers),
        start_to=mask.readable(rt.clinic(db, desk.clinic).phone),
        ready=_ready(rt.book(db, rt.current_edition(db)), cards[0].language if cards else None),
    )


def _ready(book: Book, language: str | None) -> tuple[tuple[str, str], ...]:
    """Reviewed sentences of the wording that staff can take as they are, in the patient's language."""
    sentences = book.wordings[book.language(language)].sentences
    return tuple(
        (key.removeprefix(READY).replace("_", " ").capitalize(), text)
        for key, text in sentences.items()
        if key.startswith(READY)
    )


def _sight(rt: Runtime, db: Db, desk: Desk, patients: Collection[UUID]) -> Desk:
    """The desk as it sees this phone: an emergency look is at one patient, so it has to be at all who share it."""
    seeing = [glass.sight(rt, db, desk, patient) for patient in patients]
    return seeing[0] if seeing and all(one is not desk for one in seeing) else desk


def timeline(
    rt: Runtime,
    db: Db,
    desk: Desk,
    patient: UUID,
    conversation: UUID | None,
    *,
    people_on_phone: Mapping[UUID, str],
    show: str = "everything",
    before: str = "",
) -> Page:
    """A page of a patient's past, in the caller's transaction, which has looked whose patient it is."""
    whose = Whose(clinic=desk.clinic, patient=patient, conversation=conversation)
    sources = set(FILTERS.get(show, past.EVERYTHING))
    if not desk.sees(Sees.HEALTH):
        sources.discard(Source.CHART)
    start = Mark.read(before) if before else None
    marks = past.marks(db, whose, sources, A_PAGE + 1, now=rt.now(), before=start)
    shown = marks[:A_PAGE]
    entries = _entries(rt, db, desk, whose, shown, people_on_phone)
    older = str(shown[-1]) if len(marks) > A_PAGE else None
    return Page(entries=tuple(entries), older=older)


def _entries(
    rt: Runtime,
    db: Db,
    desk: Desk,
    whose: Whose,
    marks: Sequence[Mark],
    called: Mapping[UUID, str],
) -> list[Entry]:
    rows = past_rows.rows(db, whose, marks)
    events = writer_events(rows) if desk.sees(Sees.MESSAGES) else []
    writers = past_rows.writers(db, whose.conversation, events) if whose.conversation else {}
    noted = [row.id for (source, _), many in rows.items() for row in many if source is Source.NOTE]
    around = Around(
        db=db,
        desk=desk,
        book=rt.book(db, rt.current_edition(db)),
        now=rt.now(),
        zone=rt.clinic(db, desk.clinic).zone,
        patient=whose.patient,
        people=called,
        names=staff.names_of(db, desk.clinic),
        visits=past_rows.visits_of(db, visits_named(db, rows)),
        photos=past_rows.photos_of(db, noted),
        writers=writers,
    )
    made = (entry(around, mark, rows.get(past_rows.place(mark), ())) for mark in marks)
    return _joined([one for one in made if one is not None])


def _joined(entries: Sequence[Entry]) -> list[Entry]:
    """Answers to one questionnaire that came text by text are one entry, at the moment of the last."""
    found: list[Entry] = []
    for one in entries:
        last = found[-1] if found else None
        same = last and one.kind is last.kind is Kind.ANSWERS and one.title == last.title
        if last and same and last.at - one.at < TOGETHER:
            found[-1] = replace(last, facts=(*one.facts, *last.facts))
        else:
            found.append(one)
    return found
