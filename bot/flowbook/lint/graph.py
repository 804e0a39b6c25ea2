"""A flow as a graph: the edges that the rules of `ways` and `words` walk."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.core.flow import CHOSEN, END, OUTCOMES, Do, Flow
from bot.flowbook.source import Where

_PARTS = {"outcome": "outcomes", "answer": "answers", "otherwise": "otherwise", "no answer": "no_answer"}

FOUND = "outcome: found"
PICKED = f"answer: {CHOSEN}"


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
        Edge(step=name, label=label, target=target, where=("steps", name, *_place(label)))
        for name, step in flow.steps.items()
        for label, target in step.ways().items()
    ]


def entries(flow: Flow) -> Iterator[tuple[str, Where]]:
    """Every step that a flow can begin at."""
    for number, start in enumerate(flow.starts):
        yield start.at, ("starts", number, "at")
        if start.if_confirmed:
            yield start.if_confirmed, ("starts", number, "if_confirmed")


def reachable(flow: Flow) -> set[str]:
    """The steps that some way leads to."""
    return _spread({name for name, _ in entries(flow)}, [(edge.step, edge.target) for edge in edges(flow)])


def can_end(flow: Flow) -> set[str]:
    """The steps from which some way leads to the end; one without any way ends by itself."""
    quiet = {name for name, step in flow.steps.items() if not step.ways()}
    nowhere = {edge.target for edge in edges(flow)} - set(flow.steps)  # a fault of its own
    return _spread({END, *quiet, *nowhere}, [(edge.target, edge.step) for edge in edges(flow)])


def rushes(flow: Flow) -> set[str]:
    """The steps that lie on a loop in which nobody is asked anything."""
    quick = [
        (edge.step, edge.target)
        for edge in edges(flow)
        if not flow.steps[edge.step].ask and edge.label.startswith(("then", "outcome"))
    ]
    after = {step: _spread({to for at, to in quick if at == step}, quick) for step, _ in quick}
    return {step for step, reached in after.items() if step in reached}


def knows_times(flow: Flow) -> set[str]:
    """The steps at which open times are at hand, whichever way led there."""
    return _on_every_way(flow, gained=lambda edge: edge.label == FOUND, lost=_forgets_times)


def _forgets_times(flow: Flow, step: str) -> bool:
    return flow.steps[step].do in OUTCOMES


def knows_choice(flow: Flow) -> set[str]:
    """The steps at which one of the times is chosen, whichever way led there."""
    return _on_every_way(
        flow,
        gained=lambda edge: edge.label == PICKED,
        lost=lambda flow, step: flow.steps[step].do is Do.FIND_TIMES,
    )


def _on_every_way(
    flow: Flow, *, gained: Callable[[Edge], bool], lost: Callable[[Flow, str], bool]
) -> set[str]:
    """Start from 'everywhere' and take steps out until every way into those left brings it along."""
    inside = set(flow.steps) - {name for name, _ in entries(flow)}
    while True:
        out = {
            edge.target
            for edge in edges(flow)
            if edge.target in inside
            and not gained(edge)
            and (edge.step not in inside or lost(flow, edge.step))
        }
        if not out:
            return inside
        inside -= out


def _spread(begin: set[str], pairs: list[tuple[str, str]]) -> set[str]:
    reached = set(begin)
    while more := {to for at, to in pairs if at in reached} - reached:
        reached |= more
    return reached


def _place(label: str) -> Where:
    kind, _, name = label.partition(": ")
    return (_PARTS.get(kind, kind), name) if name else (_PARTS.get(kind, kind),)
