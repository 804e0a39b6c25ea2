"""Family `ways`, the rules about flows that call or start each other: they exist, come back, and don't go round."""

from collections.abc import Iterator, Mapping

from bot.core.expr import did_you_mean
from bot.core.flow import DONE, END, Flow, Step
from bot.flowbook.faults import Fault
from bot.flowbook.lint import graph
from bot.flowbook.lint.scope import Look, Rule, Scope, looks

_At = tuple[str, str]
"""A flow and a step of it."""


def callers(scope: Scope, name: str) -> list[tuple[Flow, Step]]:
    """The steps that call or start this flow."""
    every = ((flow, step) for _, flow in scope.flows.values() for step in flow.steps.values())
    return [(flow, step) for flow, step in every if name in (step.call, step.start)]


def given(flow: Flow) -> set[str]:
    """The results that the flow can come to."""
    results = {step.result for step in flow.steps.values() if step.result}
    ends = any(edge.target == END for edge in graph.edges(flow)) or any(
        step.ask or step.pause or step.awaits_page for step in flow.steps.values() if not step.ways()
    )
    return results | ({DONE} if ends else set())


def flows_exist(look: Look) -> Iterator[Fault]:
    """Only flows that there are can be called or started."""
    for name, step in look.flow.steps.items():
        for key, other in (("call", step.call), ("start", step.start)):
            if other and look.scope.whole and other not in look.scope.names:
                yield look.fault(
                    ("steps", name, key),
                    "ways/no-such-flow",
                    f"There is no flow '{other}'.{did_you_mean(other, look.scope.names)}",
                    f"There are: {', '.join(sorted(look.scope.names))}.",
                    at="value",
                )


def results(look: Look) -> Iterator[Fault]:
    """The results that a caller waits for are those that can come, and each that can come has a way."""
    for name, step in look.flow.steps.items():
        called = look.scope.flow(step.call)
        if called is None:
            continue
        possible = given(called) | {*called.results, DONE}
        for result in step.results:
            if result not in possible:
                yield look.fault(
                    ("steps", name, "results", result),
                    "ways/no-such-result",
                    f"The flow '{called.name}' never has the result '{result}'.{did_you_mean(result, possible)}",
                    f"It can have: {', '.join(sorted(possible))}.",
                )
        missing = sorted(given(called) - set(step.results))
        if missing and step.results and not step.then:
            yield look.fault(
                ("steps", name, "results"),
                "ways/result-not-covered",
                f"The flow '{called.name}' can come back with {', '.join(missing)}, and the step '{name}' has no way "
                "for that.",
                "Add it under 'results', or 'then: …' for all that are not listed.",
            )


def declared(look: Look) -> Iterator[Fault]:
    """A flow says in its head which results it can have."""
    for name, step in look.flow.steps.items():
        if step.result and step.result not in (*look.flow.results, DONE):
            hint = did_you_mean(step.result, look.flow.results)
            yield look.fault(
                ("steps", name, "result"),
                "ways/no-such-result",
                f"The flow doesn't list '{step.result}' under its 'results'.{hint}",
                f"Add '{step.result}' to the list 'results: […]' at the top of the flow.",
                at="value",
            )


def circles(look: Look) -> Iterator[Fault]:
    """A flow that waits for another is not called by it."""
    round_about = _recursive(look.scope)
    for name, step in look.flow.steps.items():
        if step.call and look.flow.name in round_about and step.call in round_about:
            way = _way(look.scope, step.call, look.flow.name)
            if way:
                yield look.fault(
                    ("steps", name, "call"),
                    "ways/circle",
                    f"The flow '{look.flow.name}' calls itself: {' → '.join([look.flow.name, *way])}.",
                    "Take one of these calls out, or write 'start' instead where the first flow needs no result.",
                    at="value",
                )


def _calls(scope: Scope) -> list[tuple[str, str]]:
    every = ((flow.name, step) for _, flow in scope.flows.values() for step in flow.steps.values())
    return [(name, step.call) for name, step in every if step.call]


def _recursive(scope: Scope) -> set[str]:
    return graph.in_circles(_calls(scope))


def _way(scope: Scope, begin: str, goal: str) -> list[str]:
    """The flows from one to another, by their calls; none if there is no way."""
    left, seen = [[begin]], {begin}
    while left:
        way = left.pop(0)
        if way[-1] == goal:
            return way
        for at, to in _calls(scope):
            if at == way[-1] and to not in seen:
                seen.add(to)
                left.append([*way, to])
    return []


# -- loops without a wait -----------------------------------------------------------------------------


def loops(scope: Scope) -> Iterator[Fault]:
    """No loop goes round without waiting for somebody, over several flows either."""
    within = graph.in_circles(_quick(scope))
    for look in looks(scope):
        for name in look.flow.steps:
            inherited = look.flow.extends and (look.flow.extends, name) in within
            if (look.flow.name, name) in within and not inherited:
                yield look.fault(
                    ("steps", name),
                    "ways/loop",
                    f"The step '{name}' comes back to itself without asking the patient anything.",
                    "Put a step with 'ask' into this loop, or lead it to another step.",
                )


def _quick(scope: Scope) -> list[tuple[_At, _At]]:
    """Every way that is gone at once."""
    pairs: list[tuple[_At, _At]] = []
    passing = _passing(scope)
    recursive = _recursive(scope)
    for _, flow in scope.flows.values():
        for name, step in flow.steps.items():
            if graph.rests(step):
                continue
            here = (flow.name, name)
            other = scope.flow(step.call or step.start)
            if other and not (step.call and {flow.name, other.name} <= recursive):
                pairs.append((here, (other.name, other.first)))
            if step.call and other:
                back = (
                    step.results.get(result) or step.then or END for result in passing.get(other.name, ())
                )
                pairs += [(here, (flow.name, target)) for target in back]
            pairs += [(here, (flow.name, target)) for target in graph.onward(step)]
    return pairs


def _passing(scope: Scope) -> Mapping[str, set[str]]:
    """The results that each flow can come to without a wait: grown until nothing is added."""
    found: dict[str, set[str]] = {name: set() for name in scope.flows}
    while True:
        new = {name: _results_at_once(flow, found) for name, (_, flow) in scope.flows.items()}
        if new == found:
            return found
        found = new


def _results_at_once(flow: Flow, passing: Mapping[str, set[str]]) -> set[str]:
    pairs = []
    for name, step in flow.steps.items():
        if not graph.rests(step):
            back = (step.results.get(r) or step.then or END for r in passing.get(step.call or "", ()))
            pairs += [(name, target) for target in (*back, *graph.onward(step))]
    reached = graph.spread({flow.first}, pairs)
    steps = [flow.steps[name] for name in reached if name in flow.steps]
    results = {step.result for step in steps if step.result and not graph.rests(step)}
    return results | ({DONE} if END in reached else set())


RULES: tuple[Rule, ...] = (flows_exist, results, declared, circles)
