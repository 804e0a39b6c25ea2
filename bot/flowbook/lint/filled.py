"""Which variables are filled at each step of a flow, whichever way led there.

Two sorts of 'filled' are told apart: really, and `asked`, where the patient was asked and may have skipped it. A
condition about a skipped answer is simply not true; a sum or a sentence with it has a gap.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.core.expr import Expr, Node
from bot.core.flow import CHOSEN, END, Flow, Page, Start, Step
from bot.core.forms import PRESSURES
from bot.core.triggers import FormSubmitted, Happens, Listed, TaskClosed
from bot.flowbook.lint import graph
from bot.flowbook.lint.scope import Scope, form_steps, page_brings
from bot.flowbook.lint.ways_calls import callers
from nlp.reading import BloodPressure, Intent

_BRINGS = (Happens.RESULT, Happens.STAFF, Happens.BROADCAST, Happens.MISSED_CALL, Happens.TIME_OPENS)
OR_NOT = "_or_not"
"""What the step is called that decides whether an item of a questionnaire is asked: not asked is like skipped."""

_MAY_LACK = ("answered", "sum", "count", "min", "max")


@dataclass(frozen=True, slots=True)
class State:
    """`filled` is a part of `asked`."""

    filled: frozenset[str]
    asked: frozenset[str]

    def more(self, *names: str) -> "State":
        """With these filled, too."""
        return State(self.filled.union(names), self.asked.union(names))

    def both(self, other: "State") -> "State":
        """What holds on either way."""
        return State(self.filled & other.filled, self.asked & other.asked)


NONE = State(frozenset(), frozenset())


def brings(start: Start) -> bool:
    """Whether what starts the flow can bring values with it."""
    return isinstance(start.when, Listed | FormSubmitted | TaskClosed) or start.when in _BRINGS


def brought(flow: Flow) -> frozenset[str]:
    """The variables that nothing in the flow asks for, where something can bring them."""
    own = {step.save for step in flow.steps.values()}
    names = (name for name in flow.variables if name not in own)
    return frozenset(names) if any(map(brings, flow.starts)) else frozenset()


def known_pages(scope: Scope, flow: Flow) -> bool:
    """Whether it is known what comes back from every page of the flow: every form of its can be read."""
    return all(scope.form(step.form) for step in flow.steps.values() if step.send_page is Page.FORM)


def received(scope: Scope, flow: Flow) -> frozenset[str]:
    """The variables that come back with the flow's pages; of a blood pressure, that of both numbers."""
    forms = (scope.form(wanted) for _, _, wanted in form_steps(flow))
    fills = frozenset(name.partition(".")[0] for form in forms if form for name in form.fills)
    return fills | {name for step in flow.steps.values() if (name := page_brings(step))}


def states(scope: Scope, flow: Flow) -> Mapping[str, State]:
    """What is filled when a step begins; steps that nothing leads to are not there."""
    found: dict[str, State] = {}
    left = list(_begun(scope, flow))
    ways: dict[str, list[graph.Edge]] = {}
    for edge in graph.edges(flow):
        ways.setdefault(edge.step, []).append(edge)
    while left:
        name, state = left.pop()
        if name not in flow.steps or name == END:
            continue
        new = found[name].both(state) if name in found else state
        if name in found and new == found[name]:
            continue
        found[name] = new
        after = with_set(flow.steps[name], new)
        left += [
            (edge.target, _along(scope, flow, flow.steps[name], edge, after)) for edge in ways.get(name, ())
        ]
    return found


def with_set(step: Step, state: State) -> State:
    """The state after the step's own `set`."""
    return state.more(*(name for name in step.set if "." not in name))


def lacking(expr: Expr) -> Iterator[tuple[str, Node]]:
    """The names in an expression that must be filled for it to make sense, with their places."""
    guarded = {node.parts[0].name for node in _nodes(expr.root) if node.op == "answered"}
    yield from ((node.name, node) for node in _bare(expr.root) if node.name not in guarded)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for part in node.parts:
        yield from _nodes(part)


def _bare(node: Node) -> Iterator[Node]:
    if node.op == "name":
        yield node
    for part in node.parts:
        if not (part.op == "name" and node.op in _MAY_LACK):
            yield from _bare(part)


def _begun(scope: Scope, flow: Flow) -> Iterator[tuple[str, State]]:
    given = NONE.more(*brought(flow))
    for start in flow.starts:
        yield start.at or flow.first, given
        if start.if_confirmed:
            yield start.if_confirmed, given
    for caller, step in callers(scope, flow.name):
        shared = (
            step.with_values if step.call else (name for name in caller.variables if name in flow.variables)
        )
        yield flow.first, given.more(*shared)
    if not flow.starts and not callers(scope, flow.name):
        yield flow.first, NONE.more(*flow.variables)  # started by name, with whatever is given


def _along(scope: Scope, flow: Flow, step: Step, edge: graph.Edge, state: State) -> State:
    """The state behind this way."""
    kind, _, name = edge.label.partition(": ")
    by_value = (kind == "then" and step.ask) or (
        kind == "answer" and name != CHOSEN and not _is_intent(step, name)
    )
    if step.save and by_value:
        return state.more(*_kept(step))
    if step.save and kind == "skipped":
        return State(state.filled, state.asked.union(_kept(step)))
    brought = page_brings(step)
    if brought and edge.label == "outcome: submitted":
        return state.more(brought)
    form = scope.form(step.form) if step.send_page is Page.FORM else None
    if form and edge.label == "outcome: submitted":
        always = (item for item in form.items if item.ask_if is None and item.may_skip == "no")
        sure = (name for item in always for name in item.fills)
        state = state.more(*(name for name in sure if name.partition(".")[0] in flow.variables))
        return State(state.filled, state.asked.union(form.fills))
    if step.send_page is Page.FORM and edge.label == "outcome: submitted":  # of a form that can't be read
        saved = {each.save for each in flow.steps.values()}
        return State(state.filled, state.asked.union(flow.variables.keys() - saved)) if saved else state
    if step.call and kind in ("result", "then"):
        called = scope.flow(step.call)
        return state.more(*(f"{step.call}.{each}" for each in (_at_end(called) if called else ())))
    if edge.label == "else" and edge.step.endswith(OR_NOT):
        item = flow.steps.get(edge.step.removesuffix(OR_NOT))
        return State(state.filled, state.asked.union(_kept(item))) if item and item.save else state
    return state.more(*_guarded(step, edge))


def _kept(step: Step) -> tuple[str, ...]:
    if isinstance(step.expect, BloodPressure):
        return tuple(f"{step.save}.{part}" for part in PRESSURES)
    return (step.save or "",)


def _is_intent(step: Step, name: str) -> bool:
    return step.expect is None or (name in set(Intent) and name not in ("yes", "no"))


def _at_end(called: Flow) -> frozenset[str]:
    """What the called flow leaves behind: it is not followed in there, so all that it can fill."""
    saved = {step.save for step in called.steps.values() if step.save}
    return frozenset(saved | {name for step in called.steps.values() for name in step.set})


def _guarded(step: Step, edge: graph.Edge) -> Iterator[str]:
    """What is known to be answered behind a line of a branch, because the line asks for it."""
    for case in step.branch:
        here = case.label == edge.label
        root = case.condition.root if case.condition else None
        if root and here:
            parts = root.parts if root.op == "and" else (root,)
            yield from (part.parts[0].name for part in parts if part.op == "answered")
        elif root and root.op == "not" and root.parts[0].op == "answered":
            yield root.parts[0].parts[0].name
        if here:
            return
