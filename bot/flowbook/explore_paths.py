"""Ways through the places of a flow: circles, the heaviest way on, what leads where, the fewest answers to an end."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping

from bot.flowbook.explore_graph import OVER, Cause, Graph, Place

EVERY = frozenset(Cause)
_MANY = 10**9


def following(web: Graph, place: Place, causes: frozenset[Cause] = EVERY) -> list[Place]:
    """Where these causes lead."""
    return [way.target for way in web.ways[place] if way.cause in causes]


def circles(web: Graph, onward: Callable[[Place], Iterable[Place]]) -> Iterator[list[Place]]:
    """Places that lead to each other, together, and after all those that they lead to (Tarjan 1972)."""
    number: dict[Place, int] = {}
    lowest: dict[Place, int] = {}
    open_: dict[Place, None] = {}
    for root in web.ways:
        trail = [] if root in number else [(root, iter(onward(root)))]
        while trail:
            place, rest = trail[-1]
            if place not in number:
                number[place] = lowest[place] = len(number)
                open_[place] = None
            fresh = None
            for target in rest:
                if target not in number:
                    fresh = target
                    break
                if target in open_:
                    lowest[place] = min(lowest[place], number[target])
            if fresh is not None:
                trail.append((fresh, iter(onward(fresh))))
                continue
            trail.pop()
            if trail:
                above = trail[-1][0]
                lowest[above] = min(lowest[above], lowest[place])
            if lowest[place] == number[place]:
                yield list(_closed(open_, place))


def _closed(open_: dict[Place, None], last: Place) -> Iterator[Place]:
    while True:
        place, _ = open_.popitem()
        yield place
        if place == last:
            return


def heaviest(web: Graph, weight: Mapping[Place, int], causes: frozenset[Cause] = EVERY) -> dict[Place, int]:
    """From each place, the greatest weight of a way that repeats no place; a circle has that of all its places."""
    most: dict[Place, int] = {}
    for circle in circles(web, lambda place: following(web, place, causes)):
        inside = set(circle)
        ways = (target for place in circle for target in following(web, place, causes))
        after = max((most[target] for target in ways if target not in inside), default=0)
        most |= dict.fromkeys(circle, sum(weight[place] for place in circle) + after)
    return most


def leading_to(web: Graph, aims: Iterable[Place], causes: frozenset[Cause]) -> set[Place]:
    """The aims and all places from which these causes can lead to one."""
    before: defaultdict[Place, list[Place]] = defaultdict(list)
    for place in web.ways:
        for target in following(web, place, causes):
            before[target].append(place)
    found = set(aims)
    waiting = list(found)
    while waiting:
        for place in before[waiting.pop()]:
            if place not in found:
                found.add(place)
                waiting.append(place)
    return found


def fewest_answers(web: Graph) -> int:
    """Answers on the shortest way to an end; 0 where only silence ends it. A pause is no silence."""
    best = {entry.place: 0 for entry in web.entries}
    queue = deque(best)
    while queue:
        place = queue.popleft()
        step = None if place == OVER else web.step(place)
        pauses = step is not None and step.pause is not None and step.ask is None
        for way in web.ways[place]:
            if way.cause in (Cause.STOP, Cause.PERSON) or (way.cause is Cause.SILENCE and not pauses):
                continue
            answered = way.cause is Cause.PATIENT
            if best[place] + answered < best.get(way.target, _MANY):
                best[way.target] = best[place] + answered
                (queue.append if answered else queue.appendleft)(way.target)
    return best.get(OVER, 0)
