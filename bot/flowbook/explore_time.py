"""How many texts that nobody asked for a flow can send to a silent patient within a day.

Starts around a visit, reminders of a question, what follows when no answer comes, and pauses, each at its real time.
Visits are taken at the full hours of a week's days, and what a patient leaves unanswered at the full hours of a day.
Starts that are not around the visit are taken each by itself. Hours in which nothing is sent are left out: they hold
texts back, but never bring two within a day that were a day apart.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from bot.core import moments
from bot.core.facts import Visit, VisitStatus
from bot.core.flow import Step
from bot.core.moments import AroundVisit
from bot.core.reminders import due_at
from bot.flowbook.explore_graph import OVER, Cause, Entry, Graph, Place

DAY = timedelta(days=1)
_MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
_ZONE = "UTC"
_VISIT_HOURS, _FEW_VISIT_HOURS = range(7, 19), (8, 10, 14)
_HOURS, _FEW_HOURS = range(24), range(0, 24, 8)
_LARGE = 150
"""Places from which on a flow is looked at less closely."""
_FURTHEST = timedelta(days=15)
_MOST_MOMENTS = 80
"""Of one chain; where there are more, the count is far beyond any budget already."""


class _At(NamedTuple):
    place: Place
    moment: datetime


@dataclass(slots=True)
class _Chain:
    """What happens of itself: each place and moment with its texts and what follows it, the latest first.

    `begins_until` is the last moment at which a day to look at can begin; later days are another chain's.
    """

    begins_until: datetime
    texts: list[list[datetime]] = field(default_factory=list)
    after: list[list[int]] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)
    begins: set[datetime] = field(default_factory=set)

    def add(self, moment: datetime, texts: list[datetime], after: list[int]) -> int:
        """Its number."""
        self.texts.append(texts)
        self.after.append(after)
        if moment <= self.begins_until:
            self.begins.update(texts)
        return len(self.texts) - 1

    def most(self, begin: datetime) -> int:
        """The most texts on one way within the day from `begin`."""
        best: list[int] = []
        for texts, after in zip(self.texts, self.after, strict=True):
            here = sum(begin <= text < begin + DAY for text in texts)
            best.append(here + max((best[number] for number in after), default=0))
        return max((best[number] for number in self.roots), default=0)


def most_in_a_day(web: Graph) -> int:
    """At most so many texts within 24 hours that nobody asked for."""
    return max((_most_of(chains) for chains in _all(web)), default=0)


def nudges_in_time(web: Graph, place: Place) -> tuple[timedelta, ...]:
    """The reminders of a question that come before its time is over, as far as that is known."""
    step = web.step(place)
    wait = step.wait or web.book.house.question_wait
    if not (step.ask or step.awaits_page):
        return ()
    return tuple(n.after for n in step.nudges if not isinstance(wait, timedelta) or n.after < wait)


def _most_of(chains: Sequence[_Chain]) -> int:
    begins = {begin for chain in chains for begin in chain.begins}
    return max((sum(chain.most(begin) for chain in chains) for begin in begins), default=0)


def _all(web: Graph) -> Iterator[list[_Chain]]:
    """Sets of chains that can come to the same patient."""
    around = [entry for entry in web.entries if entry.start and isinstance(entry.start.when, AroundVisit)]
    large = len(web.ways) >= _LARGE
    for visit in _visits(_FEW_VISIT_HOURS if large else _VISIT_HOURS) if around else ():
        yield list(_around(web, around, visit))
    for begin in (_MONDAY + timedelta(hours=hour) for hour in (_FEW_HOURS if large else _HOURS)):
        visit = _visit(begin + timedelta(days=3, hours=2))
        for entry in web.entries:
            if entry.unasked and entry not in around:
                yield [_unfold(web, [entry.place], begin, visit)]
        for place in web.ways:
            if place != OVER and place.tries == 0 and _is_timed(web.step(place)):
                yield [_unfold(web, [place], begin, visit, asked=True)]


def _is_timed(step: Step) -> bool:
    return bool(step.ask or step.pause or step.awaits_page)


def _visits(hours: Iterable[int]) -> Iterable[Visit]:
    return (_visit(_MONDAY + timedelta(days=day, hours=hour)) for hour in hours for day in range(7))


def _visit(start: datetime) -> Visit:
    nobody = UUID(int=1)
    return Visit(id=nobody, patient_id=nobody, version=1, start=start, minutes=30, status=VisitStatus.BOOKED)


def _around(web: Graph, entries: Iterable[Entry], visit: Visit) -> Iterator[_Chain]:
    """A chain for each moment. Of several starts at the same moment one begins, and at one of its two steps."""
    starts: dict[str, list[Entry]] = {}
    for entry in entries:
        starts.setdefault(str(entry.start.when) if entry.start else "", []).append(entry)
    for own in starts.values():
        due = due_at(web.book, own[0].start, visit, _ZONE) if own[0].start else None
        if due:
            yield _unfold(web, [entry.place for entry in own], due, visit)


def _unfold(
    web: Graph, places: Iterable[Place], begin: datetime, visit: Visit, *, asked: bool = False
) -> _Chain:
    """What comes after one of these places was reached. `asked`: by a text of the patient's, so that isn't counted."""
    roots = [_At(place, begin) for place in places]
    until = _due(web, web.step(roots[0].place), begin, visit) if asked else begin + _FURTHEST
    chain, number, last = _Chain(begins_until=until), dict[_At, int](), until + DAY
    seen, trail = set[_At](), list[tuple[_At, list[_At], Iterator[_At]]]()

    def follow(at: _At) -> None:
        seen.add(at)
        ways = _next(web, at, visit, last) if len(seen) < _MOST_MOMENTS else []
        trail.append((at, ways, iter(ways)))

    for root in roots:
        if root not in seen:
            follow(root)
        while trail:
            at, ways, rest = trail[-1]
            fresh = next((to for to in rest if to not in seen), None)
            if fresh:
                follow(fresh)
                continue
            trail.pop()
            texts = _texts(web, at, visit, counted=not (asked and at in roots))
            number[at] = chain.add(at.moment, texts, [number[to] for to in ways if to in number])
    chain.roots = [number[root] for root in roots]
    return chain


def _texts(web: Graph, at: _At, visit: Visit, *, counted: bool) -> list[datetime]:
    """The moments at which texts are sent at a place that was reached at this moment."""
    if at.place == OVER:
        return []
    step = web.step(at.place)
    said = bool(step.ask) + bool(step.send_page) + bool(step.say and not step.send_page)
    nudges = (at.moment + after for after in nudges_in_time(web, at.place))
    due = _due(web, step, at.moment, visit)
    return [at.moment] * (said if counted else 0) + [nudge for nudge in nudges if nudge < due]


def _next(web: Graph, at: _At, visit: Visit, last: datetime) -> list[_At]:
    if at.place == OVER or at.moment > last:
        return []
    step = web.step(at.place)
    due = _due(web, step, at.moment, visit) if _is_timed(step) else at.moment
    moment = {Cause.AT_ONCE: at.moment, Cause.OFFICE: at.moment, Cause.SILENCE: due}
    return [_At(way.target, moment[way.cause]) for way in web.ways[at.place] if way.cause in moment]


def _due(web: Graph, step: Step, moment: datetime, visit: Visit) -> datetime:
    """When the time of a step is over that was reached at this moment; as `core.saying` has it."""
    if step.pause and not step.ask:
        due = _moment(web, step.pause, moment, visit)
        return max(due, moment) if due else moment
    question_wait = web.book.house.question_wait
    start = visit.start if web.flow.about == "the visit" and visit.start > moment else None
    due = _moment(web, step.wait or question_wait, moment, visit)
    if due is None or due <= moment:
        due = start or moment + question_wait
    return min(due, start) if start else due


def _moment(web: Graph, wanted: moments.Moment, now: datetime, visit: Visit) -> datetime | None:
    start = visit.start if web.flow.about == "the visit" else None
    return moments.when(wanted, now=now, start=start, zone=_ZONE, calendar=web.book.calendar())
