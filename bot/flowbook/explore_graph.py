"""Every place a flow can be at, and every way on from there, over abstract answers: what `explore` looks at.

A place is a step, how often its question was put again, and the flows that wait for this one's result. The ways are
those of `core/dialog` and `core/answers`, with every condition taken to hold and not to hold.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

from bot.core.book import Book
from bot.core.dialog import DEEPEST
from bot.core.flow import DONE, END, OUTCOMES, Flow, Start, Step
from bot.core.questions import OneOf
from bot.core.triggers import Happens, PatientSays, PatientTexts
from nlp.reading import Anything, Intent, Scale, YesNo

MOST_PLACES = 50_000
"""Flows that call flows that call flows can have more; nobody could follow such a conversation."""

_WIDEST_SCALE = 20

Kind = Literal["dead-end", "no-way", "loop", "too-many-steps", "never-ends", "no-person", "too-large"]
"""What can be wrong at a place; the words are at `explore.Problem`."""


class Place(NamedTuple):
    """Where a conversation is; `frames` are the flows and steps that wait for a result, the last called last."""

    flow: str
    step: str
    frames: tuple[tuple[str, str], ...] = ()
    tries: int = 0


OVER = Place("", END)
"""Nothing is open any more."""


class Cause(StrEnum):
    """What takes a conversation along a way."""

    AT_ONCE = "at once"
    PATIENT = "the patient"
    SILENCE = "time"
    OFFICE = "the office's answer"
    PERSON = "a person reads it"
    STOP = "stop"


class Way(NamedTuple):
    """`hops` are the steps that the core counts on it; more than one where flows end on the way."""

    target: Place
    cause: Cause
    hops: int = 1


class Entry(NamedTuple):
    """A beginning; `start` is None where a flow calls it, or the staff or a later edition sends it there."""

    place: Place
    start: Start | None = None

    @property
    def unasked(self) -> bool:
        """Whether it begins without a text of the patient's."""
        when = self.start.when if self.start else None
        return not (when is None or when is Happens.ANY_TEXT or isinstance(when, PatientSays | PatientTexts))


class Gap(NamedTuple):
    """Something that is missing at a place."""

    place: Place
    kind: Kind
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Places in the order in which they were found, each with its ways on."""

    book: Book
    flow: Flow
    entries: tuple[Entry, ...]
    ways: Mapping[Place, tuple[Way, ...]]
    gaps: tuple[Gap, ...]

    def step(self, place: Place) -> Step:
        """The step of a place other than `OVER`."""
        return self.book.flows[place.flow].steps[place.step]

    def rests(self, place: Place) -> bool:
        """Whether the conversation waits here for something."""
        return place != OVER and self.step(place).waits


def graph(book: Book, flow: Flow) -> Graph:
    """All that can be reached from any beginning of the flow."""
    walker = _Walker(book)
    entries = tuple(_entries(walker, flow))
    ways: dict[Place, tuple[Way, ...]] = {OVER: ()}
    waiting = [entry.place for entry in entries]
    while waiting:
        place = waiting.pop()
        if place in ways:
            continue
        if len(ways) > MOST_PLACES:
            walker.gaps.append(Gap(place, "too-large", f"it has more than {MOST_PLACES} states"))
            break
        ways[place] = tuple(dict.fromkeys(walker.onward(place)))
        waiting += [way.target for way in reversed(ways[place])]
    known = {place: tuple(way for way in own if way.target in ways) for place, own in ways.items()}
    return Graph(book=book, flow=flow, entries=entries, ways=known, gaps=tuple(dict.fromkeys(walker.gaps)))


def _entries(walker: "_Walker", flow: Flow) -> Iterator[Entry]:
    origin = Place(flow.name, flow.first)
    for start in flow.starts:
        for name in (start.at or flow.first, start.if_confirmed):
            if name:
                yield Entry(walker.to(origin, name, Cause.AT_ONCE).target, start)
    yield Entry(walker.to(origin, flow.first, Cause.AT_ONCE).target)
    if flow.fallback:
        yield Entry(walker.to(origin, flow.fallback, Cause.AT_ONCE).target)


@dataclass(slots=True)
class _Walker:
    book: Book
    gaps: list[Gap] = field(default_factory=list)

    def onward(self, place: Place) -> Iterator[Way]:
        """Every way on."""
        step = self.book.flows[place.flow].steps[place.step]
        return self._heard(place, step) if step.waits else self._at_once(place, step)

    def to(self, place: Place, name: str, cause: Cause) -> Way:
        """The way to the step `name` of the flow of `place`, or out of the flow."""
        hops = 1
        while name == END:
            if not place.frames:
                return Way(OVER, cause, hops)
            place, name = self._back(place, DONE)
            hops += 1
        if name not in self.book.flows[place.flow].steps:
            self.gaps.append(Gap(place, "dead-end", f"it leads to '{name}', and there is no such step"))
            return Way(OVER, cause, hops)
        return Way(Place(place.flow, name, place.frames), cause, hops)

    def _back(self, place: Place, result: str) -> tuple[Place, str]:
        """The place that called this flow, and the step that it goes on to."""
        caller, name = place.frames[-1]
        step = self.book.flows[caller].steps[name]
        return Place(caller, name, place.frames[:-1]), step.results.get(result) or step.then or END

    # -- what happens at once ---------------------------------------------------------------------------

    def _at_once(self, place: Place, step: Step) -> Iterator[Way]:
        if step.call or step.start:
            yield from self._other_flow(place, step)
        elif step.result:
            if not place.frames:
                yield Way(OVER, Cause.AT_ONCE)
                return
            back, name = self._back(place, step.result)
            yield self.to(back, name, Cause.AT_ONCE)
        else:
            for case in step.branch:
                yield self.to(place, case.target, Cause.AT_ONCE)
            if all(case.condition for case in step.branch):
                yield self.to(place, step.then or END, Cause.AT_ONCE)

    def _other_flow(self, place: Place, step: Step) -> Iterator[Way]:
        name = step.call or step.start or ""
        flow = self.book.flows.get(name)
        if flow is None:
            self.gaps.append(Gap(place, "dead-end", f"it leads to the flow '{name}', and there is none"))
        elif step.call and len(place.frames) >= DEEPEST:
            self.gaps.append(
                Gap(place, "dead-end", f"it calls a flow, and {DEEPEST} wait for a result already")
            )
        else:
            frames = (*place.frames, (place.flow, place.step)) if step.call else ()
            yield Way(Place(flow.name, flow.first, frames), Cause.AT_ONCE)
            return
        yield Way(OVER, Cause.AT_ONCE)

    # -- what is waited for -----------------------------------------------------------------------------

    def _heard(self, place: Place, step: Step) -> Iterator[Way]:
        if step.send_page and step.pause and not step.ask and not step.awaits_page:
            self.gaps.append(Gap(place, "dead-end", "it sends a page and pauses, and nothing wakes it again"))
        for target in step.answers.values():
            yield self.to(place, target, Cause.PATIENT)
        if step.expect and step.then:
            yield self.to(place, step.then, Cause.PATIENT)
        if step.if_skipped:
            yield self.to(place, step.if_skipped, Cause.PATIENT)
        self._uncovered(place, step)
        yield from self._not_answered(place, step)
        yield from self._by_itself(place, step)
        yield Way(place, Cause.PERSON)  # an emergency: a person is paged, and the question stays open
        yield Way(OVER, Cause.STOP)

    def _not_answered(self, place: Place, step: Step) -> Iterator[Way]:
        """A text that is no answer to the question."""
        if step.otherwise:
            yield self.to(place, step.otherwise, Cause.PATIENT)
        elif place.tries < step.tries:
            yield Way(place._replace(tries=place.tries + 1), Cause.PATIENT)
        elif step.give_up:
            yield self.to(place, step.give_up, Cause.PATIENT)

    def _by_itself(self, place: Place, step: Step) -> Iterator[Way]:
        """What comes without a text of the patient's: the office's answer, a page that is used, the end of the wait."""
        possible = OUTCOMES.get(step.do, ()) if step.do else ()
        for outcome in possible:
            yield self.to(place, step.outcomes.get(outcome) or step.then or END, Cause.OFFICE)
        if step.awaits_page:
            for target in step.outcomes.values():
                yield self.to(place, target, Cause.PATIENT)
        if step.pause and not step.ask:
            yield self.to(place, step.then or END, Cause.SILENCE)
        elif step.ask or step.awaits_page:
            yield self.to(place, (step.then if step.pause else step.no_answer) or END, Cause.SILENCE)

    def _uncovered(self, place: Place, step: Step) -> None:
        """An answer of the kind that is expected must lead somewhere."""
        if step.expect is None or step.then or place.tries:
            return
        keys = possible_answers(self.book, step)
        for key in keys - step.answers.keys():
            self.gaps.append(Gap(place, "no-way", f"the answer '{key}' leads nowhere"))
        if not keys:
            self.gaps.append(Gap(place, "no-way", "an answer of the kind that it expects leads nowhere"))


def possible_answers(book: Book, step: Step) -> set[str]:
    """The keys of all answers that the step's question can have; none where they cannot be listed."""
    if isinstance(step.expect, YesNo):
        return {"yes", "no"}
    if isinstance(step.expect, OneOf):
        lists: Iterable[Mapping[str, object]] = (
            wording.choices.get(step.expect.choices, {}) for wording in book.wordings.values()
        )
        return {key for options in lists for key in options}
    if isinstance(step.expect, Scale) and step.expect.max - step.expect.min <= _WIDEST_SCALE:
        return {str(number) for number in range(step.expect.min, step.expect.max + 1)}
    return set()


def hears_for_a_person(step: Step) -> bool:
    """Whether 'a person, please' at this step reaches one, rather than being taken for an answer."""
    swallowed = isinstance(step.expect, Anything) and bool(step.ask and step.then)
    return not swallowed and Intent.HUMAN not in step.answers
