"""An exhaustive walk over a flow: every state it can be in, over every kind of answer, and what is wrong with them.

At each wait the walk takes every answer, a value of the expected kind, a skip, a text that is no answer, silence, STOP
and an emergency; at each branch every way; from a flow that is called it comes back with every result. So whatever
a conversation can come to is among the states, and a longest or most is never exceeded. They may never be reached:
the walk does not know which conditions exclude each other, what a patient said before, or which visits there are.
It follows one flow: that the patient begins another, goes back to a question, corrects an answer or asks to hear it
again is not walked (all of these lead to states that are), nor counted. Where states lie on a circle the longest way
counts each of them once. What a time-out needs is always there: a wait without one has the clinic's own
(`question_wait`), and each of the office's questions is answered by the office.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.core.book import Book
from bot.core.dialog import MOST_STEPS
from bot.core.flow import Do, Flow
from bot.flowbook.explore_graph import (
    OVER,
    Cause,
    Graph,
    Kind,
    Place,
    graph,
    hears_for_a_person,
)
from bot.flowbook.explore_paths import EVERY, circles, fewest_answers, following, heaviest, leading_to
from bot.flowbook.explore_time import most_in_a_day, nudges_in_time

_AT_ONCE = frozenset({Cause.AT_ONCE})
_BY_TALKING = frozenset({Cause.AT_ONCE, Cause.PATIENT, Cause.OFFICE, Cause.PERSON})
_BY_ITSELF = frozenset({Cause.AT_ONCE, Cause.SILENCE, Cause.OFFICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong at a step, in words. `kind`:

    dead-end        a way leads to a step or a flow that isn't there, or to a wait that nothing ends
    no-way          an answer of the kind that is expected leads nowhere
    loop            a circle of steps in which nobody is waited for
    too-many-steps  more steps in a row than the core walks for one event
    never-ends      a state from which the flow cannot end
    no-person       a state from which the patient cannot get to a person
    too-large       more states than can be looked at
    """

    kind: Kind
    flow: str
    step: str
    says: str

    def __str__(self) -> str:
        return f"{self.flow}, step '{self.step}': {self.says}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What the walk over a flow found.

    states           places that it can be at, with every number of tries and every way of having been called
    rests            the (flow, step) at which a conversation can wait
    longest          at most so many texts of the flow's own, nudges among them, on a way that repeats no state
    unasked_a_day    at most so many texts within 24 hours that nobody asked for, if the patient says nothing
    fewest, most     answers from a beginning to an end
    after_emergency  at most so many texts that come by themselves once the patient has had an emergency and is
                     silent; the question stays open until its time is over
    left_by_stop     steps at which a STOP leaves something undone that only this flow would have done
    """

    flow: str
    states: int
    rests: frozenset[tuple[str, str]]
    longest: int
    unasked_a_day: int
    fewest: int
    most: int
    after_emergency: int
    left_by_stop: tuple[str, ...]
    problems: tuple[Problem, ...]


def explore(book: Book, flow: Flow) -> Walk:
    """Walk through a flow of the book, and the flows that it calls or goes over to."""
    web = graph(book, flow)
    texts = {place: _texts(web, place) for place in web.ways}
    silent = heaviest(web, texts, _BY_ITSELF)
    waiting = [place for place in web.ways if web.rests(place)]
    return Walk(
        flow=flow.name,
        states=len(web.ways) - 1,
        rests=frozenset((place.flow, place.step) for place in waiting),
        longest=_most_from_entries(web, heaviest(web, texts)),
        unasked_a_day=most_in_a_day(web),
        fewest=fewest_answers(web),
        most=_most_from_entries(web, heaviest(web, {place: _is_answered(web, place) for place in web.ways})),
        after_emergency=max((silent[place] - _said(web, place) for place in waiting), default=0),
        left_by_stop=tuple(dict.fromkeys(place.step for place in waiting if _holds_a_time(web, place))),
        problems=tuple(dict.fromkeys(_problems(web))),
    )


# -- counting ------------------------------------------------------------------------------------------


def _said(web: Graph, place: Place) -> int:
    """Texts that are sent when the conversation comes here."""
    if place == OVER:
        return 0
    step = web.step(place)
    if place.tries:
        return 1
    return bool(step.ask) + bool(step.send_page) + bool(step.say and not step.send_page)


def _texts(web: Graph, place: Place) -> int:
    """The same, and the reminders that may follow while it waits."""
    return _said(web, place) + (len(nudges_in_time(web, place)) if place != OVER else 0)


def _is_answered(web: Graph, place: Place) -> int:
    return int(any(way.cause is Cause.PATIENT for way in web.ways[place]))


def _most_from_entries(web: Graph, most: Mapping[Place, int]) -> int:
    return max(most[entry.place] for entry in web.entries)


def _holds_a_time(web: Graph, place: Place) -> bool:
    """Whether a time is kept for this patient that only this flow's silence offers to the next in line."""
    silent = [way.target for way in web.ways[place] if way.cause is Cause.SILENCE]
    return any(to != OVER and web.step(to).do is Do.NEXT_IN_LINE for to in silent)


# -- problems ------------------------------------------------------------------------------------------


def _problems(web: Graph) -> Iterator[Problem]:
    for gap in web.gaps:
        yield _problem(gap.kind, gap.place, gap.says)
    rushing = list(_loops(web))
    yield from rushing
    if not rushing:
        yield from _too_many_steps(web)
    ending = leading_to(web, {OVER}, EVERY - {Cause.STOP})
    reaching = leading_to(web, {place for place in web.ways if _has_a_person(web, place)}, _BY_TALKING)
    for place in web.ways:
        if place not in ending:
            yield _problem("never-ends", place, "from here the flow never ends")
        if web.rests(place) and place not in reaching:
            yield _problem("no-person", place, "from here the patient cannot get to a person")


def _problem(kind: Kind, place: Place, says: str) -> Problem:
    return Problem(kind=kind, flow=place.flow, step=place.step, says=says)


def _loops(web: Graph) -> Iterator[Problem]:
    for circle in circles(web, lambda place: following(web, place, _AT_ONCE)):
        if len(circle) > 1 or circle[0] in following(web, circle[0], _AT_ONCE):
            yield _problem("loop", min(circle), "it comes back to itself without waiting for anybody")


def _too_many_steps(web: Graph) -> Iterator[Problem]:
    """As `core.dialog.enter` counts them, which also counts each end of a flow."""
    steps: dict[Place, int] = {}
    for (place,) in circles(web, lambda place: following(web, place, _AT_ONCE)):
        ways = (way for way in web.ways[place] if way.cause is Cause.AT_ONCE)
        steps[place] = 1 + max((way.hops - 1 + steps[way.target] for way in ways), default=0)
    longest = max(web.ways, key=lambda place: (steps[place], place))
    if steps[longest] > MOST_STEPS:
        yield _problem("too-many-steps", longest, f"from here {steps[longest]} steps follow without a wait")


def _has_a_person(web: Graph, place: Place) -> bool:
    """Whether somebody hears of it here, or would if the patient asked for a person."""
    if place == OVER:
        return False
    step = web.step(place)
    return bool(step.hand_over or step.escalate) or (step.waits and hears_for_a_person(step))
