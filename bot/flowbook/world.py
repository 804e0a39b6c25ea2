"""A small clinic in memory: it feeds `decide`, has every effect obeyed, and remembers what happened.

One patient's phone, the on-call phone, and a clock that only moves when it is told to.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.core import answers, identity
from bot.core.decide import decide
from bot.core.effects import Effect
from bot.core.events import Event, TextArrived, VisitChanged, What, WordsOnPage
from bot.core.facts import Facts, Visit, VisitStatus, change_of
from bot.core.triggers import Change
from bot.flowbook.obey import OBEY
from bot.flowbook.rows import Done, Phone, Rows
from bot.flowbook.rows import visit_id as visit_id_of
from nlp.reading import Expect, Explanation, OwnWords, Reading


class Reads(Protocol):
    """What reads a text: `nlp.reader.Reader`."""

    def read(
        self,
        text: str,
        *,
        expect: Expect | None,
        language: str | None,
        now: datetime,
        before: Expect | None = None,
        own: OwnWords | None = None,
    ) -> Reading: ...

    def explain(self, text: str, *, own: OwnWords | None = None) -> Explanation: ...


@dataclass(slots=True, kw_only=True)
class World(Rows):
    """The clinic with somebody who reads texts."""

    reader: Reads

    # -- what can happen ------------------------------------------------------------------------------

    def happen(self, what: What, phone: Phone | None = None) -> None:
        """Put it into the mailbox (the patient's) and work until every mailbox is empty."""
        (phone or self.patient).mailbox.append(what)
        self._drain()

    def wait(self, until: datetime) -> None:
        """Let the time pass; everything that falls due on the way happens in its order."""
        while (first := self.next()) and first.due <= until:
            self.pending.remove(first)
            self.now = max(self.now, first.due)
            if isinstance(first.what, Done):
                self.leave(replace(first.what, late=True, at=self.now))
            else:
                self.patient.mailbox.append(first.what)
            self._drain()
        self.now = max(self.now, until)

    @property
    def next_due(self) -> datetime | None:
        """When the next timer or held text is due."""
        first = self.next()
        return first.due if first else None

    def change(self, number: int, **changes: Any) -> None:
        """The office changes a visit (from 1): its version rises and the conversation hears of it."""
        old = self.visits[number - 1]
        new = replace(old, version=old.version + 1, **changes)
        self.put(new)
        self.announce(number, change_of(old, new))

    def announce(self, number: int, change: Change | None = None) -> None:
        """The conversation hears of a visit (from 1) as it is."""
        visit = self.visits[number - 1]
        self.happen(VisitChanged(visit_id=visit.id, version=visit.version, change=change))

    def take(self, start: datetime) -> None:
        """Somebody else books the time at this moment."""
        self.openings = [
            replace(opening, taken=True) if opening.slot.start == start else opening
            for opening in self.openings
        ]

    def book_on_page(self, start: datetime, person_id: UUID, visit_id: UUID | None) -> bool:
        """A patient books an open time on a page, as `service/choose_time` does it; False where it isn't open.

        Their visit moves there, and what follows from that the page itself tells; a first visit is announced.
        """
        if not any(opening.open and opening.slot.start == start > self.now for opening in self.openings):
            return False
        visit = self.visit(visit_id)
        if visit:
            self.put(replace(visit, start=start, status=VisitStatus.BOOKED, version=visit.version + 1))
            return True
        self.add(
            Visit(
                id=visit_id_of(len(self.visits) + 1),
                patient_id=person_id,
                version=1,
                start=start,
                minutes=30,
                status=VisitStatus.BOOKED,
            )
        )
        self.announce(len(self.visits), Change.BOOKED)
        return True

    # -- deciding -------------------------------------------------------------------------------------

    def _drain(self) -> None:
        while phone := next((p for p in (self.patient, self.staff) if p.mailbox), None):
            self._decide(phone, phone.mailbox.popleft())

    def _decide(self, phone: Phone, what: What) -> None:
        phone.seq += 1
        facts = self.facts(phone)
        if isinstance(what, TextArrived | WordsOnPage):
            asked = isinstance(what, TextArrived)  # words on a page answer no question that was texted
            what = replace(what, reading=self._read(phone, what.body, facts, asked=asked))
            phone.wrote = self.now if asked else phone.wrote
        self.events.append(what)
        decision = decide(self.book, phone.state, Event(seq=phone.seq, what=what, facts=facts), self.now)
        phone.state = decision.state
        self.path += decision.path
        for effect in decision.effects:
            done = Done(
                effect=effect,
                turn=phone.state.turn,
                at=self.now,
                visit=self.visit(_visit_of(effect)),
                to_staff=phone is self.staff,
            )
            OBEY[type(effect)](self, phone, done, effect)

    def _read(self, phone: Phone, body: str, facts: Facts, *, asked: bool) -> Reading:
        """The same door and the same arguments as in `service/advance`."""
        person = facts.people[0] if facts.people else None
        zone = person.zone if person else facts.clinic.zone
        language = phone.state.language or (person.language if person else None)
        said = self.book.language(language)
        return self.reader.read(
            body,
            expect=identity.expects(self.book, phone.state, facts, zone, said) if asked else None,
            before=answers.before(self.book, phone.state, said) if asked else None,
            language=language,
            now=self.now.astimezone(ZoneInfo(zone)),
            own=self.book.words,
        )


def _visit_of(effect: Effect) -> UUID | None:
    """The visit that an effect names, wherever it names it."""
    for place in (effect, getattr(effect, "about", None), getattr(effect, "what", None)):
        if found := getattr(place, "visit_id", None):
            return UUID(str(found))
    return None
