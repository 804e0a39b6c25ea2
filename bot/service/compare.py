"""Compare two editions: what of the one still holds in the other, for conversations and timers that are under way."""

from collections.abc import Mapping
from datetime import timedelta

from bot.core.book import Book
from bot.core.flow import OUTCOMES, Step
from bot.core.moments import AroundVisit
from bot.core.state import State

_DAYS = {"hour": 1, "day": 1, "business day": 3, "week": 7}
"""At most so many days for one of these; a business day may be behind a weekend and a holiday."""


def kept(old: Book | None, new: Book) -> tuple[str, ...]:
    """The places, 'flow:step', where a talk can wait in both editions for the same thing."""
    if old is None:
        return ()
    before, after = _waits(old), _waits(new)
    return tuple(place for place, waits in before.items() if after.get(place) == waits)


def gone(state: State, new: Book) -> set[str]:
    """The places where this conversation stands that the new edition does not have at all."""
    return {place for place in places(state) if not _has(new, place)}


def places(state: State) -> set[str]:
    """Where the talks of a conversation stand, and the flows that wait for one of them."""
    own = {f"{talk.flow}:{talk.step}" for talk in state.talks}
    return own | {f"{frame.flow}:{frame.step}" for talk in state.talks for frame in talk.calls}


def same_timers(old: Book | None, new: Book) -> bool:
    """Whether every visit has the same reminders, at the same moments, in both editions."""
    return old is not None and _timing(old) == _timing(new)


def longest_after(book: Book) -> timedelta:
    """How long after a visit a flow of this edition may still begin because of it."""
    around = [start.when for flow in book.flows.values() for start in flow.starts]
    after = [each for each in around if isinstance(each, AroundVisit) and each.side == "after"]
    return timedelta(days=max((each.count * _DAYS[each.unit] + 1 for each in after), default=0))


def _waits(book: Book) -> Mapping[str, object]:
    return {
        f"{flow.name}:{name}": _waits_for(step)
        for flow in book.flows.values()
        for name, step in flow.steps.items()
        if step.waits or step.call
    }


def _waits_for(step: Step) -> tuple[object, ...]:
    """What a talk that rests here waits for: an answer of one kind, the result of an act, a page, time, a flow."""
    asked = (step.ask is not None, step.expect, frozenset(step.answers))
    return (
        *asked,
        step.do if step.do in OUTCOMES else None,
        step.awaits_page,
        step.pause is not None,
        step.call,
    )


def _has(book: Book, place: str) -> bool:
    flow, _, step = place.partition(":")
    return flow in book.flows and step in book.flows[flow].steps


def _timing(book: Book) -> object:
    starts = {
        (flow.name, str(start.when), start.only_in)
        for flow in book.flows.values()
        for start in flow.starts
        if isinstance(start.when, AroundVisit) and not flow.extends
    }
    return starts, book.house.calendars, book.policy.send_hours
