"""A small clinic in memory: it feeds `decide`, obeys every effect, and remembers what happened.

It does what `service` and `store` do, without a database: one patient's phone, the on-call phone, visits,
slots, timers and a clock that only moves when it is told to. Nothing here is random.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.core import identity
from bot.core.decide import decide
from bot.core.effects import (
    Acknowledge,
    BookSlot,
    CancelTimers,
    CloseEscalation,
    Effect,
    FindSlots,
    OpenTask,
    OptIn,
    OptOut,
    PageStaff,
    SendText,
    SetTimer,
    SetVisitStatus,
)
from bot.core.events import (
    Acknowledged,
    Event,
    NoAnswer,
    SlotAnswer,
    SlotsFound,
    TextArrived,
    VisitChanged,
    What,
)
from bot.core.facts import STANDING, Clinic, Facts, Person, Sender, Slot, Visit, VisitStatus
from bot.core.flow import Book
from bot.core.limits import Defer, Drop, Leaving, Send, verdict
from bot.core.state import State
from nlp.reading import Expect, Reading

CLINIC = Clinic(name="Riverside Clinic", phone="+15552014400", zone="America/New_York")
"""The clinic of every transcript, unless it lives in another zone."""

_PEOPLE, _VISITS, _SLOTS = 1 << 64, 2 << 64, 3 << 64

RECENT = timedelta(days=2)
"""Visits that began longer ago than this are not part of the facts, as in `store/appointments`."""


def person_id(number: int) -> UUID:
    """Ids are made of the place, so that every play of a transcript has the same ones."""
    return UUID(int=_PEOPLE + number)


def visit_id(number: int) -> UUID:
    """The id of the visit with this number, from 1."""
    return UUID(int=_VISITS + number)


def slot_id(number: int) -> UUID:
    """The id of the slot with this number, from 1."""
    return UUID(int=_SLOTS + number)


def visit_number(visit: UUID) -> int:
    """The number of a visit, from 1."""
    return visit.int - _VISITS


class Reads(Protocol):
    """What reads a text: `nlp.reader.Reader`."""

    def read(self, text: str, *, expect: Expect | None, language: str | None, now: datetime) -> Reading: ...


@dataclass(slots=True, kw_only=True)
class Phone:
    """A phone and its conversation: what stands in `conversations` and `inbox`."""

    sender: Sender
    people: tuple[Person, ...] = ()
    opted_out: bool = False
    state: State = field(default_factory=State)
    mailbox: deque[What] = field(default_factory=deque)
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A time of the clinic's calendar. `visit` holds it, or somebody else does (`taken`)."""

    slot: Slot
    visit: UUID | None = None
    taken: bool = False

    @property
    def open(self) -> bool:
        """Whether it can be booked."""
        return self.visit is None and not self.taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An effect that was decided, or (`late`) a held text that left after all; and what became of a text.

    `turn` is that of the conversation after the decision; `visit` the visit as it was then, if one is meant.
    """

    effect: Effect
    turn: int
    at: datetime
    visit: Visit | None = None
    to_staff: bool = False
    late: bool = False
    fate: Send | Defer | Drop = field(default_factory=Send)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pending:
    """Something that will happen at `due`. `key` is that of a timer, None for a text that is held."""

    due: datetime
    order: int
    what: What | Done
    key: str | None = None


@dataclass(slots=True, kw_only=True)
class World:
    """`record` and `events` grow; `now` is aware and in UTC."""

    book: Book
    reader: Reads
    now: datetime
    clinic: Clinic = CLINIC
    patient: Phone
    staff: Phone = field(default_factory=lambda: Phone(sender=Sender.STAFF))
    visits: list[Visit] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    record: list[Done] = field(default_factory=list)
    events: list[What] = field(default_factory=list)
    escalations: list[str] = field(default_factory=list)
    _pending: list[_Pending] = field(default_factory=list)
    _order: int = 0

    # -- what can happen ------------------------------------------------------------------------------

    def happen(self, what: What, phone: Phone | None = None) -> None:
        """Put it into the mailbox (the patient's) and work until every mailbox is empty."""
        (phone or self.patient).mailbox.append(what)
        self._drain()

    def wait(self, until: datetime) -> None:
        """Let the time pass; everything that falls due on the way happens in its order."""
        while (first := self._next()) and first.due <= until:
            self._pending.remove(first)
            self.now = max(self.now, first.due)
            if isinstance(first.what, Done):
                self._leave(replace(first.what, late=True, at=self.now))
            else:
                self.patient.mailbox.append(first.what)
            self._drain()
        self.now = max(self.now, until)

    @property
    def next_due(self) -> datetime | None:
        """When the next timer or held text is due."""
        first = self._next()
        return first.due if first else None

    def change(self, number: int, **changes: Any) -> None:
        """The office changes a visit (from 1): its version rises and the conversation hears of it."""
        old = self.visits[number - 1]
        self._put(replace(old, version=old.version + 1, **changes))
        self.announce(number)

    def announce(self, number: int) -> None:
        """The conversation hears of a visit (from 1) as it is."""
        visit = self.visits[number - 1]
        self.happen(VisitChanged(visit_id=visit.id, version=visit.version))

    def take(self, start: datetime) -> None:
        """Somebody else books the time at this moment."""
        self.openings = [
            replace(opening, taken=True) if opening.slot.start == start else opening
            for opening in self.openings
        ]

    # -- deciding -------------------------------------------------------------------------------------

    def _drain(self) -> None:
        while phone := next((p for p in (self.patient, self.staff) if p.mailbox), None):
            self._decide(phone, phone.mailbox.popleft())

    def _decide(self, phone: Phone, what: What) -> None:
        phone.seq += 1
        facts = self.facts(phone)
        if isinstance(what, TextArrived):
            what = replace(what, reading=self._read(phone, what.body, facts))
        self.events.append(what)
        decision = decide(self.book, phone.state, Event(seq=phone.seq, what=what, facts=facts), self.now)
        phone.state = decision.state
        for effect in decision.effects:
            done = Done(
                effect=effect,
                turn=phone.state.turn,
                at=self.now,
                visit=self.visit(_visit_of(effect)),
                to_staff=phone is self.staff,
            )
            _OBEY[type(effect)](self, phone, done, effect)

    def facts(self, phone: Phone) -> Facts:
        """The world as this conversation sees it."""
        ours = {person.id for person in phone.people}
        ahead = (v for v in self.visits if v.patient_id in ours and v.start > self.now - RECENT)
        return Facts(
            clinic=self.clinic,
            people=phone.people,
            visits=tuple(sorted(ahead, key=lambda visit: (visit.start, visit.patient_id))),
            sender=phone.sender,
            opted_out=phone.opted_out,
        )

    def _read(self, phone: Phone, body: str, facts: Facts) -> Reading:
        """The same door and the same arguments as in `service/advance`."""
        person = facts.people[0] if facts.people else None
        zone = person.zone if person else facts.clinic.zone
        language = phone.state.language or (person.language if person else None)
        expect = identity.expects(phone.state, facts.visits, zone, self.book.language(language))
        return self.reader.read(
            body, expect=expect, language=language, now=self.now.astimezone(ZoneInfo(zone))
        )

    # -- obeying --------------------------------------------------------------------------------------

    def _send_text(self, phone: Phone, done: Done, _effect: SendText) -> None:
        self._leave(done, phone)

    def _leave(self, done: Done, phone: Phone | None = None) -> None:
        """The text leaves, is held until it may, or is dropped: on the record as it is now."""
        text = done.effect
        assert isinstance(text, SendText)
        visit = self.visit(text.about.visit_id if text.about else None)
        fate = verdict(
            Leaving(
                purpose=text.purpose,
                zone=text.zone,
                opted_out=(phone or self.patient).opted_out,
                final=text.final,
                not_after=text.not_after,
                about_version=text.about.version if text.about else None,
                visit_version=visit.version if visit else None,
                visit_status=visit.status if visit else None,
            ),
            self.book.policy.send_hours,
            self.now,
        )
        done = replace(done, fate=fate)
        self.record.append(done)
        if isinstance(fate, Defer):
            self._later(fate.until, done)
        elif isinstance(fate, Send) and text.wait:
            ends = [text.wait.until] if text.wait.until else []
            if text.wait.seconds is not None:
                ends.append(self.now + timedelta(seconds=text.wait.seconds))
            self._later(min(ends), NoAnswer(turn=text.wait.turn), key=f"wait:{text.wait.turn}")

    def _set_timer(self, _phone: Phone, done: Done, timer: SetTimer) -> None:
        self._later(timer.due, timer.what, key=timer.key)
        self.record.append(done)

    def _cancel_timers(self, _phone: Phone, done: Done, effect: CancelTimers) -> None:
        self._pending = [p for p in self._pending if p.key is None or not p.key.startswith(effect.prefix)]
        self.record.append(done)

    def _set_visit_status(self, _phone: Phone, done: Done, effect: SetVisitStatus) -> None:
        self.record.append(done)
        if done.visit:
            self._put(replace(done.visit, status=effect.status))

    def _find_slots(self, phone: Phone, done: Done, effect: FindSlots) -> None:
        self.record.append(done)
        there = [o.slot for o in self.openings if o.open and o.slot.start > self.now]
        found = tuple(there[: effect.at_most])
        phone.mailbox.appendleft(SlotsFound(visit_id=effect.visit_id, turn=effect.turn, slots=found))

    def _book_slot(self, phone: Phone, done: Done, effect: BookSlot) -> None:
        self.record.append(done)
        wanted = next((o for o in self.openings if o.slot.id == effect.slot_id), None)
        booked = bool(wanted and wanted.open and wanted.slot.start > self.now and done.visit)
        if booked and wanted and done.visit:
            moved = replace(
                done.visit,
                start=wanted.slot.start,
                status=VisitStatus.BOOKED,
                version=done.visit.version + 1,
            )
            self._put(moved)
        phone.mailbox.appendleft(SlotAnswer(visit_id=effect.visit_id, turn=effect.turn, booked=booked))

    def _note(self, _phone: Phone, done: Done, _effect: OpenTask) -> None:
        self.record.append(done)

    def _opt_out(self, phone: Phone, done: Done, _effect: OptOut) -> None:
        phone.opted_out = True
        self.record.append(done)

    def _opt_in(self, phone: Phone, done: Done, _effect: OptIn) -> None:
        phone.opted_out = False
        self.record.append(done)

    def _page_staff(self, _phone: Phone, done: Done, page: PageStaff) -> None:
        if page.code not in self.escalations:
            self.escalations.append(page.code)
        self.record.append(done)

    def _acknowledge(self, _phone: Phone, done: Done, ack: Acknowledge) -> None:
        """Without a code: the one that is open; where several are, none."""
        self.record.append(done)
        found = [code for code in self.escalations if ack.code in (None, code)]
        if ack.code is not None or len(found) == 1:
            self.patient.mailbox.extend(Acknowledged(code=code) for code in found)

    def _close_escalation(self, _phone: Phone, done: Done, effect: CloseEscalation) -> None:
        self.escalations.remove(effect.code)
        self.record.append(done)

    # -- the rows -------------------------------------------------------------------------------------

    def visit(self, visit_id: UUID | None) -> Visit | None:
        """The visit with this id, as it is now."""
        return next((visit for visit in self.visits if visit.id == visit_id), None)

    def add(self, visit: Visit) -> None:
        """A visit that the office has booked; nobody has heard of it yet."""
        self.visits.append(visit)
        self._hold(visit)

    def _put(self, visit: Visit) -> None:
        self.visits = [visit if other.id == visit.id else other for other in self.visits]
        self._hold(visit)

    def _hold(self, visit: Visit) -> None:
        """A time is held by the standing visit at it."""
        standing = visit.status in STANDING
        self.openings = [
            replace(o, visit=None if o.visit == visit.id else o.visit)
            if not (standing and o.slot.start == visit.start and not o.taken)
            else replace(o, visit=visit.id)
            for o in self.openings
        ]

    def _later(self, due: datetime, what: What | Done, key: str | None = None) -> None:
        self._order += 1
        others = [p for p in self._pending if key is None or p.key != key]
        self._pending = [*others, _Pending(due=due, order=self._order, what=what, key=key)]

    def _next(self) -> _Pending | None:
        return min(self._pending, key=lambda p: (p.due, p.order), default=None)

    def timers(self) -> Iterator[tuple[datetime, str]]:
        """What is going to happen, soonest first: when, and the timer's key or what is held."""
        for pending in sorted(self._pending, key=lambda p: (p.due, p.order)):
            yield pending.due, pending.key or "a text that is held"


def _visit_of(effect: Effect) -> UUID | None:
    """The visit that an effect names, wherever it names it."""
    for place in (effect, getattr(effect, "about", None), getattr(effect, "what", None)):
        if found := getattr(place, "visit_id", None):
            return UUID(str(found))
    return None


_OBEY: dict[type, Callable[[World, Phone, Done, Any], None]] = {
    SendText: World._send_text,
    SetTimer: World._set_timer,
    CancelTimers: World._cancel_timers,
    SetVisitStatus: World._set_visit_status,
    FindSlots: World._find_slots,
    BookSlot: World._book_slot,
    OpenTask: World._note,
    OptOut: World._opt_out,
    OptIn: World._opt_in,
    PageStaff: World._page_staff,
    Acknowledge: World._acknowledge,
    CloseEscalation: World._close_escalation,
}
"""One entry per effect, as in `service/apply`."""
