"""A flow as a graph: the ways between its steps, and what can be said of all of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot.core.flow import CHOSEN, END, OUTCOMES, Do, Flow, Step
from bot.core.triggers import Happens
from bot.flowbook.source import Where

FOUND = "outcome: found"
PICKED = f"answer: {CHOSEN}"

Node = TypeVar("Node")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A way from a step to another. `label` is that of `Step.ways()`, `where` its place in the file."""

    step: str
    label: str
    target: str
    where: Where


def edges(flow: Flow) -> list[Edge]:
    """Every way of every step, broken ones too."""
    return [
        Edge(step=name, label=label, target=target, where=("steps", name, *place))
        for name, step in flow.steps.items()
        for label, target, place in _ways(step)
    ]


def _ways(step: Step) -> Iterator[tuple[str, str, Where]]:
    for kind, part, ways in (
        ("outcome", "outcomes", step.outcomes),
        ("answer", "answers", step.answers),
        ("result", "results", step.results),
    ):
        for name, target in ways.items():
            yield f"{kind}: {name}", target, (part, name)
    for number, case in enumerate(step.branch):
        yield case.label, case.target, ("branch", number, "then" if case.then else "else")
    for label, key in _NAMED:
        if target := getattr(step, key):
            yield label, target, (key,)


_NAMED = (
    ("skipped", "if_skipped"),
    ("otherwise", "otherwise"),
    ("give up", "give_up"),
    ("no answer", "no_answer"),
    ("then", "then"),
)


def entries(flow: Flow) -> Iterator[tuple[str, Where]]:
    """Every step that a flow can begin at, and where that is said; the first step where nothing says it."""
    for number, start in enumerate(flow.starts):
        yield start.at or flow.first, ("starts", number, "at")
        if start.if_confirmed:
            yield start.if_confirmed, ("starts", number, "if_confirmed")
    if flow.fallback:
        yield flow.fallback, ("fallback",)
    if not flow.starts:
        yield flow.first, ("steps", flow.first)


def reachable(flow: Flow, *, called: bool = False) -> set[str]:
    """The steps that some way leads to; a flow that is `called` begins at its first step, too."""
    begin = {name for name, _ in entries(flow)} | ({flow.first} if called else set())
    return spread(begin, [(edge.step, edge.target) for edge in edges(flow)])


def can_end(flow: Flow) -> set[str]:
    """The steps from which some way leads to the end; one without any way ends by itself."""
    quiet = {name for name, step in flow.steps.items() if not step.ways() or step.result or step.start}
    nowhere = {edge.target for edge in edges(flow)} - set(flow.steps)  # a fault of its own
    return spread({END, *quiet, *nowhere}, [(edge.target, edge.step) for edge in edges(flow)])


def rests(step: Step) -> bool:
    """Whether a talk rests here for a person or for time; the result of an act comes by itself."""
    return bool(step.ask or step.pause or step.awaits_page)


def onward(step: Step) -> Iterator[str]:
    """Where a step that rests for nobody goes on to, within its flow; calls and starts are not among them."""
    if step.do in OUTCOMES:
        yield from step.outcomes.values()
    elif not (step.call or step.start or step.result):
        yield from (case.target for case in step.branch)
        yield step.then or END


def in_circles(pairs: Iterable[tuple[Node, Node]]) -> set[Node]:
    """Everything that some way leads back to."""
    after: dict[Node, set[Node]] = {}
    for at, to in pairs:
        after.setdefault(at, set()).add(to)
    return {node for node in after if node in _from(after[node], after)}


def knows_times(flow: Flow) -> set[str]:
    """The steps at which open times are at hand, whichever way led there."""
    return _on_every_way(flow, gained=lambda edge: edge.label == FOUND, lost=_forgets_times)


def _forgets_times(flow: Flow, step: str) -> bool:
    return flow.steps[step].do in (*OUTCOMES, Do.NEXT_IN_LINE)


def knows_choice(flow: Flow) -> set[str]:
    """The steps at which one of the times is chosen, whichever way led there."""
    return _on_every_way(
        flow,
        gained=lambda edge: edge.label == PICKED,
        lost=lambda flow, step: flow.steps[step].do in (Do.FIND_TIMES, Do.NEXT_IN_LINE),
    )


def _on_every_way(
    flow: Flow, *, gained: Callable[[Edge], bool], lost: Callable[[Flow, str], bool]
) -> set[str]:
    """Start from 'everywhere' and take steps out until every way into those left brings it along.

    A flow that begins because a time has opened up begins with that time.
    """
    inside, ways = set(flow.steps) - _begun_without(flow), edges(flow)
    while True:
        out = {
            edge.target
            for edge in ways
            if edge.target in inside
            and not gained(edge)
            and (edge.step not in inside or lost(flow, edge.step))
        }
        if not out:
            return inside
        inside -= out


def _begun_without(flow: Flow) -> set[str]:
    """The steps at which the flow can begin without a time that opened up."""
    begun = {start.at or flow.first for start in flow.starts if start.when is not Happens.TIME_OPENS}
    begun |= {start.if_confirmed for start in flow.starts if start.if_confirmed}
    return begun | ({flow.fallback} if flow.fallback else set()) | (set() if flow.starts else {flow.first})


def spread(begin: set[Node], pairs: Iterable[tuple[Node, Node]]) -> set[Node]:
    """All that can be come to from `begin`, itself too."""
    after: dict[Node, set[Node]] = {}
    for at, to in pairs:
        after.setdefault(at, set()).add(to)
    return _from(begin, after)


def _from(begin: set[Node], after: Mapping[Node, set[Node]]) -> set[Node]:
    reached, left = set(begin), list(begin)
    while left:
        for to in after.get(left.pop(), ()):
            if to not in reached:
                reached.add(to)
                left.append(to)
    return reached
