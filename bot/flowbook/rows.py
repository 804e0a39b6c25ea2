"""What the little clinic of a transcript has in place of tables: visits, slots, timers, held texts, the record.

It does what `store` and `service/deliver` do, without a database. Ids are made of numbers and nothing is
random, so that a transcript goes the same way every time.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from bot.core.book import Book
from bot.core.effects import Effect, PageStaff, SendPage, SendText
from bot.core.events import What
from bot.core.facts import STANDING, Clinic, Facts, Person, Sender, Slot, Visit
from bot.core.limits import Defer, Drop, Leaving, Send, verdict
from bot.core.state import State

CLINIC = Clinic(name="Riverside Clinic", phone="+15552014400", zone="America/New_York")
"""The clinic of every transcript, unless it lives in another zone."""

_PEOPLE, _VISITS, _SLOTS = 1 << 64, 2 << 64, 3 << 64

STAFF = UUID(int=4 << 64)
"""The conversation with the phone of the staff."""

RECENT = timedelta(days=35)
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


@dataclass(slots=True, kw_only=True)
class Phone:
    """A phone and its conversation: what stands in `conversations` and `inbox`. `wrote`: when its last text came."""

    sender: Sender
    people: tuple[Person, ...] = ()
    opted_out: bool = False
    state: State = field(default_factory=State)
    mailbox: deque[What] = field(default_factory=deque)
    seq: int = 0
    wrote: datetime | None = None


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
class Pending:
    """Something that will happen at `due`. `key` is that of a timer, None for a text that is held."""

    due: datetime
    order: int
    what: What | Done
    key: str | None = None


@dataclass(slots=True, kw_only=True)
class Rows:
    """`record`, `events` and `path` (the steps and ways that were walked) grow; `now` is aware and in UTC.

    `climbing` has the codes of the escalations that nobody has taken, `paged` the last page of each.
    """

    book: Book
    now: datetime
    clinic: Clinic = CLINIC
    patient: Phone
    staff: Phone = field(default_factory=lambda: Phone(sender=Sender.STAFF))
    visits: list[Visit] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    record: list[Done] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    events: list[What] = field(default_factory=list)
    climbing: list[str] = field(default_factory=list)
    paged: dict[str, PageStaff] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)
    order: int = 0

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

    def visit(self, visit_id: UUID | None) -> Visit | None:
        """The visit with this id, as it is now."""
        return next((visit for visit in self.visits if visit.id == visit_id), None)

    def add(self, visit: Visit) -> None:
        """A visit that the office has booked; nobody has heard of it yet."""
        self.visits.append(visit)
        self.hold(visit)

    def put(self, visit: Visit) -> None:
        """The visit is like this now."""
        self.visits = [visit if other.id == visit.id else other for other in self.visits]
        self.hold(visit)

    def hold(self, visit: Visit) -> None:
        """A time is held by the standing visit at it."""
        standing = visit.status in STANDING
        self.openings = [
            replace(o, visit=None if o.visit == visit.id else o.visit)
            if not (standing and o.slot.start == visit.start and not o.taken)
            else replace(o, visit=visit.id)
            for o in self.openings
        ]

    def later(self, due: datetime, what: What | Done, key: str | None = None) -> None:
        """It happens at `due`; a timer of the same key is replaced."""
        self.order += 1
        others = [p for p in self.pending if key is None or p.key != key]
        self.pending = [*others, Pending(due=due, order=self.order, what=what, key=key)]

    def next(self) -> Pending | None:
        """What happens first."""
        return min(self.pending, key=lambda p: (p.due, p.order), default=None)

    def timers(self) -> Iterator[tuple[datetime, str]]:
        """What is going to happen, soonest first: when, and the timer's key or what is held."""
        for pending in sorted(self.pending, key=lambda p: (p.due, p.order)):
            yield pending.due, pending.key or "a text that is held"

    def leave(self, done: Done, phone: Phone | None = None) -> None:
        """The text leaves, is held until it may, or is dropped: on the record as it is now."""
        text = done.effect.text if isinstance(done.effect, SendPage) else done.effect
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
                wish=text.hours,
            ),
            self.book.policy.send_hours,
            self.now,
        )
        done = replace(done, fate=fate)
        self.record.append(done)
        if isinstance(fate, Defer):
            self.later(fate.until, done)
        elif isinstance(fate, Send) and text.wait:
            for key, due, what in text.wait.timers(self.now):
                self.later(due, what, key=key)
