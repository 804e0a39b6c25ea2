"""Play a transcript against a book, and say where the two differ."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.book import Book
from bot.core.clocks import at_clock
from bot.core.facts import Person, Sender, Slot, Visit
from bot.errors import BadFlow
from bot.flowbook import emit
from bot.flowbook.inputs import perform
from bot.flowbook.notation import Entry, written
from bot.flowbook.rows import CLINIC, Opening, Phone, person_id, slot_id, visit_id
from bot.flowbook.transcript import Given, Head, Scene, Transcript
from bot.flowbook.world import Reads, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """An input whose effects were others than those written. `line` is that of the first difference."""

    line: int
    diff: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How a transcript went: after each input, what happened; and where that differs."""

    transcript: Transcript
    world: World
    happened: list[list[Entry]]
    mismatches: list[Mismatch]


def play(transcript: Transcript, book: Book, reader: Reads) -> Run:
    """Play every scene; raises BadFlow where the transcript itself makes no sense."""
    world = _set_up(transcript, book, reader)
    happened, mismatches = [], []
    for scene in transcript.scenes:
        try:
            entries = step(world, scene.given.entry)
        except BadFlow as error:
            raise BadFlow(f"{transcript.file}:{scene.given.line}: {error}") from None
        happened.append(entries)
        if different := _compare(scene, entries):
            mismatches.append(different)
    return Run(transcript=transcript, world=world, happened=happened, mismatches=mismatches)


def step(world: World, given: Entry) -> list[Entry]:
    """Let one input happen; returns the effects as they are written."""
    before = len(world.record)
    perform(world, given)
    return [written(world, done) for done in world.record[before:]]


def only(book: Book, flow: str | None) -> Book:
    """The book with this flow and those it leads to, so that a new flow changes no transcript of another."""
    if flow is None:
        return book
    if flow not in book.flows:
        raise BadFlow(f"There is no flow '{flow}'. Flows: {', '.join(book.flows) or 'none'}.")
    wanted, more = set[str](), {flow}
    while more:
        wanted |= more
        steps = [step for name in more for step in book.flows[name].steps.values()]
        more = {name for step in steps for name in (step.call, step.start) if name in book.flows} - wanted
        more |= {it.name for it in book.flows.values() if it.extends in wanted} - wanted
    flows = {name: it for name, it in book.flows.items() if name in wanted}
    return Book(
        edition=book.edition,
        house=book.house,
        flows=flows,
        policy=book.policy,
        wordings=book.wordings,
        words=book.words,
        forms=book.forms,
        oncall=book.oncall,
    )


def _set_up(transcript: Transcript, book: Book, reader: Reads) -> World:
    try:
        return world_of(transcript.head, book, reader)
    except BadFlow as error:
        raise BadFlow(f"{transcript.file}:1: {error}") from None


def world_of(head: Head, book: Book, reader: Reads) -> World:
    """The world that a transcript begins with; raises BadFlow."""
    given = head.given
    clinic = CLINIC.__class__(name=CLINIC.name, phone=CLINIC.phone, zone=_zone(given.zone))
    people = tuple(
        Person(
            id=person_id(number),
            first_name=person.name,
            language=person.language,
            zone=_zone(person.zone or clinic.zone),
            birth_date=person.born,
            missed=person.missed,
            preferences=person.preferences,
        )
        for number, person in enumerate(given.people, start=1)
    )
    world = World(
        book=only(book, head.flow),
        reader=reader,
        now=_utc(head.clock, clinic.zone),
        clinic=clinic,
        patient=Phone(sender=_sender(given), people=people, opted_out=given.phone == "opted out"),
    )
    world.openings = [
        Opening(slot=Slot(id=slot_id(number), start=_utc(start, clinic.zone)))
        for number, start in enumerate(sorted(given.slots), start=1)
    ]
    for visit in _visits(given, people, clinic.zone):
        world.add(visit)
    return world


def _visits(given: Given, people: tuple[Person, ...], zone: str) -> Iterable[Visit]:
    names = {person.first_name: person.id for person in people}
    for number, visit in enumerate(given.visits, start=1):
        owner = visit.of or next(iter(names), None)
        if owner not in names:
            raise BadFlow(f"Visit {number} is of '{owner}', who is none of the people.")
        yield Visit(
            id=visit_id(number),
            patient_id=names[owner],
            version=1,
            start=_utc(visit.start, zone),
            minutes=visit.minutes,
            status=visit.status,
            kind=visit.kind,
            provider=visit.provider,
            location=visit.location,
        )


def _sender(given: Given) -> Sender:
    if given.phone == "short code":
        return Sender.MACHINE
    return Sender.PATIENT if given.people else Sender.STRANGER


def _utc(naive: datetime, zone: str) -> datetime:
    return at_clock(naive, zone, datetime.now(UTC))


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadFlow(f"'{name}' is no time zone; write one like America/New_York.") from None
    return name


# -- differences --------------------------------------------------------------------------------------


def _compare(scene: Scene, happened: list[Entry]) -> Mismatch | None:
    expected = [line.entry for line in scene.effects]
    if expected == happened:
        return None
    same = sum(1 for _ in _common(expected, happened))
    line = scene.effects[same].line if same < len(expected) else scene.end - 1
    diff = difflib.ndiff(emit.entries(expected), emit.entries(happened))
    shown = [text for text in diff if not text.startswith("?")]
    return Mismatch(line=line, diff="\n".join([*emit.entries([scene.given.entry]), *shown]))


def _common(left: list[Entry], right: list[Entry]) -> Iterable[Entry]:
    for one, other in zip(left, right, strict=False):
        if one != other:
            return
        yield one
