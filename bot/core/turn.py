"""One turn: what a rule of `decide` works on. It gathers the new state and the effects; nothing else happens."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from bot.core.effects import Effect, OpenTask, Purpose, SendText, Urgency, VisitRef, Wait
from bot.core.events import Event, TextArrived
from bot.core.facts import Facts, Person, Slot, Visit
from bot.core.flow import Book
from bot.core.state import State, Talk
from bot.core.wording import sentence, values_for
from nlp.reading import Reading


@dataclass(slots=True, kw_only=True)
class Turn:
    """`now` is aware and in UTC."""

    book: Book
    event: Event
    now: datetime
    state: State
    effects: list[Effect] = field(default_factory=list)
    flooded: bool = False

    @property
    def facts(self) -> Facts:
        """The world at this event."""
        return self.event.facts

    @property
    def text(self) -> TextArrived:
        """The text of this event; only rules about texts ask for it."""
        assert isinstance(self.event.what, TextArrived)
        return self.event.what

    @property
    def reading(self) -> Reading:
        """What the text was read as; the shell has read it before."""
        return self.text.reading or Reading()

    def person_of(self, visit: Visit | None) -> Person | None:
        """Whose visit it is; without a visit, the only person on this phone."""
        if visit:
            return self.facts.person(visit.patient_id)
        return self.facts.people[0] if len(self.facts.people) == 1 else None

    def language(self, person: Person | None = None) -> str:
        """The language to answer in: of the last text, else the patient's, else the first person's."""
        known = person or next(iter(self.facts.people), None)
        return self.book.language(self.state.language or (known.language if known else None))

    def zone(self, person: Person | None) -> str:
        """The clock that counts for this person."""
        return person.zone if person else self.facts.clinic.zone

    def next_turn(self) -> int:
        """Begin a new turn and return its number."""
        self.state = replace(self.state, turn=self.state.turn + 1)
        return self.state.turn

    def say(
        self,
        wording: str,
        *,
        purpose: Purpose = Purpose.REPLY,
        visit: Visit | None = None,
        slots: tuple[Slot, ...] = (),
        wait: Wait | None = None,
        final: bool = False,
        **values: object,
    ) -> None:
        """Text the patient the sentence `wording`."""
        person = self.person_of(visit)
        language, zone = self.language(person), self.zone(person)
        filled = values_for(
            self.facts.clinic, language=language, zone=zone, person=person, visit=visit, slots=slots
        )
        self.effects.append(
            SendText(
                wording=wording,
                language=language,
                body=sentence(self.book, wording, language, filled | values),
                purpose=purpose,
                zone=zone,
                about=VisitRef(visit_id=visit.id, version=visit.version) if visit else None,
                wait=wait,
                not_after=visit.start if visit and purpose >= Purpose.REMINDER else None,
                final=final,
            )
        )

    def task(self, name: str, urgency: Urgency = Urgency.ROUTINE, visit_id: UUID | None = None) -> None:
        """Give the staff something to do."""
        self.effects.append(OpenTask(task=name, urgency=urgency, visit_id=visit_id))

    def keep(self, talk: Talk) -> None:
        """The talk is under way and moved last."""
        others = tuple(other for other in self.state.talks if other.visit_id != talk.visit_id)
        self.state = replace(self.state, talks=(talk, *others))

    def close(self, visit_id: UUID | None) -> None:
        """The talk about this visit is over."""
        left = tuple(talk for talk in self.state.talks if talk.visit_id != visit_id)
        self.state = replace(self.state, talks=left)

    def told(self, what: str, every: float) -> bool:
        """Whether `what` was said within the last `every` seconds; notes it as said now if not."""
        told = self.state.told or {}
        if what in told and (self.now - told[what]).total_seconds() < every:
            return True
        self.state = replace(self.state, told=told | {what: self.now})
        return False
