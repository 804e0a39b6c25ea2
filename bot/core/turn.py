"""One turn: what a rule of `decide` works on. It gathers the new state and the effects; nothing else happens."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from bot.core import known
from bot.core.book import Book
from bot.core.effects import CancelTimers, Effect, OpenTask, Purpose, SendText, Urgency, VisitRef, Wait
from bot.core.events import Event, TextArrived
from bot.core.expr import Expr, Value, evaluate, names
from bot.core.facts import STANDING, Facts, Person, Slot, Visit
from bot.core.state import Plain, State, Talk
from bot.core.wording import sentence, values_for
from nlp.reading import Intent, Level, Reading

HOLD = "held"
"""The key of the timer that gives a conversation back to the bot."""


@dataclass(slots=True, kw_only=True)
class Turn:
    """`now` is aware and in UTC. `path` has what was walked: 'flow<start', 'flow:step' and 'flow:step>way'."""

    book: Book
    event: Event
    now: datetime
    state: State
    effects: list[Effect] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
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
        """What the text was read as; the shell has read it before. What isn't sure enough is not acted on."""
        reading = self.text.reading or Reading()
        unsure = reading.value is None and reading.confidence < self.book.policy.sure_from
        if unsure and reading.level is Level.NONE:
            return replace(reading, intent=Intent.OTHER, also=())
        return reading

    def person_of(self, visit: Visit | None, person_id: UUID | None = None) -> Person | None:
        """Whose visit it is; without a visit, the one that is named, or the only person on this phone."""
        if visit:
            return self.facts.person(visit.patient_id)
        if person_id:
            return self.facts.person(person_id)
        return self.facts.people[0] if len(self.facts.people) == 1 else None

    def language(self, person: Person | None = None) -> str:
        """The language to answer in: of the last text, else the patient's, else the first person's."""
        somebody = person or next(iter(self.facts.people), None)
        return self.book.language(self.state.language or (somebody.language if somebody else None))

    def zone(self, person: Person | None) -> str:
        """The clock that counts for this person."""
        return person.zone if person else self.facts.clinic.zone

    def next_turn(self) -> int:
        """Begin a new turn and return its number."""
        self.state = replace(self.state, turn=self.state.turn + 1)
        return self.state.turn

    # -- what can be found out ------------------------------------------------------------------------

    def worth(
        self, expression: Expr, values: Mapping[str, Plain], person: Person | None, visit: Visit | None
    ) -> Value | None:
        """What an expression comes to, with these variables."""
        wanted = tuple(named.name for named in names(expression))
        if any(name in known.KNOWN for name in wanted):
            return evaluate(expression, {**known.values(self._view(person, visit), wanted), **values})
        return evaluate(expression, values)

    def holds(
        self, condition: Expr | None, values: Mapping[str, Plain], person: Person | None, visit: Visit | None
    ) -> bool:
        """Whether a condition holds; no condition always does."""
        return condition is None or self.worth(condition, values, person, visit) is True

    def _view(self, person: Person | None, visit: Visit | None) -> known.View:
        return known.View(
            now=self.now,
            zone=self.zone(person),
            language=self.language(person),
            clinic=self.facts.clinic,
            office=self.book.calendar(),
            person=person,
            visit=visit,
            has_visit=any(person and its.patient_id == person.id for its in self.facts.standing(self.now)),
        )

    # -- what can be decided --------------------------------------------------------------------------

    def text_of(
        self,
        wording: str,
        *,
        purpose: Purpose = Purpose.REPLY,
        visit: Visit | None = None,
        person: Person | None = None,
        slots: tuple[Slot, ...] = (),
        wait: Wait | None = None,
        final: bool = False,
        values: Mapping[str, object] | None = None,
    ) -> SendText:
        """The sentence `wording` as a text to the patient."""
        person = person or self.person_of(visit)
        language, zone = self.language(person), self.zone(person)
        if wording not in self.book.wordings[language].sentences:
            language = "en"  # the flow is not written in this language
        filled = values_for(
            self.facts.clinic,
            house=self.book.house,
            language=language,
            zone=zone,
            person=person,
            visit=visit,
            slots=slots,
        )
        ahead = visit if visit and visit.start > self.now else None
        if ahead and purpose >= Purpose.REMINDER and ahead.status not in STANDING:
            ahead = None  # news of a visit that is off, or was closed early: there is nothing that could overtake it
        return SendText(
            wording=wording,
            language=language,
            body=sentence(self.book, wording, language, {**filled, **(values or {})}),
            purpose=purpose,
            zone=zone,
            about=VisitRef(visit_id=ahead.id, version=ahead.version) if ahead else None,
            wait=wait,
            not_after=ahead.start if ahead and purpose >= Purpose.REMINDER else None,
            final=final,
            hours=person.preferences.get("hours") if person and purpose >= Purpose.REMINDER else None,
        )

    def say(
        self, wording: str, *, purpose: Purpose = Purpose.REPLY, final: bool = False, **values: object
    ) -> None:
        """Text the patient the sentence `wording`, outside of any flow."""
        self.effects.append(self.text_of(wording, purpose=purpose, final=final, values=values))

    def task(
        self,
        name: str,
        urgency: Urgency = Urgency.ROUTINE,
        visit_id: UUID | None = None,
        role: str = "front_desk",
        detail: str | None = None,
    ) -> None:
        """Give the staff something to do."""
        self.effects.append(OpenTask(task=name, urgency=urgency, visit_id=visit_id, role=role, detail=detail))

    def keep(self, talk: Talk) -> None:
        """The talk is under way and moved last."""
        others = tuple(other for other in self.state.talks if other.key != talk.key)
        self.state = replace(self.state, talks=(talk, *others))

    def close(self, talk: Talk) -> None:
        """The talk is over."""
        left = tuple(other for other in self.state.talks if other.key != talk.key)
        self.state = replace(self.state, talks=left)

    def end(self) -> None:
        """Every talk is over, and nobody has the conversation: this phone gets no more texts."""
        self.state = replace(self.state, talks=(), which=None)
        self.let_go()

    def let_go(self) -> None:
        """No person has the conversation any more."""
        if self.state.held:
            self.state = replace(self.state, held=None)
            self.effects.append(CancelTimers(prefix=HOLD))

    def close_visit(self, visit: Visit) -> None:
        """Every talk that hangs on this visit as it was before is over."""
        left = tuple(
            talk
            for talk in self.state.talks
            if talk.visit_id != visit.id or talk.version in (0, visit.version)
        )
        self.state = replace(self.state, talks=left)

    def told(self, what: str, every: float) -> bool:
        """Whether `what` was said within the last `every` seconds; notes it as said now if not."""
        told = self.state.told or {}
        if what in told and (self.now - told[what]).total_seconds() < every:
            return True
        self.state = replace(self.state, told=told | {what: self.now})
        return False
