"""Family `values`: variables that are declared, filled before they are used, and compared with what fits.

Evaluating an expression never fails, so a mistake would be a condition that is quietly never true. The rules about
forms stand in `values_forms`.
"""

from collections.abc import Iterator, Mapping

from bot.core.expr import did_you_mean
from bot.core.expr_check import NUMBER, TEXT, YES_NO, Choice, Kind, kind_of
from bot.core.expr_check import check as errors_of
from bot.core.known import KNOWN, PREFERENCES
from bot.flowbook.draft import Draft
from bot.flowbook.faults import Fault
from bot.flowbook.lint import filled, values_forms
from bot.flowbook.lint.kinds import Kinds, advice, expressions, kinds_of, saved_kind
from bot.flowbook.lint.scope import Look, Rule, of_flows, said, scope_of, uses
from bot.flowbook.lint.ways_calls import callers
from bot.flowbook.source import Where

_PATIENT = "patient."


def check(draft: Draft) -> Iterator[Fault]:
    """All faults of this family."""
    scope = scope_of(draft)
    yield from of_flows(scope, (*RULES, *values_forms.RULES))
    yield from values_forms.check(scope)


def sense(look: Look) -> Iterator[Fault]:
    """Every expression names what there is and compares what can be compared."""
    kinds = kinds_of(look.scope, look.flow)
    for _, where, expr, _ in expressions(look.flow):
        for error in errors_of(expr, kinds):
            unknown = error.message.startswith("Nothing is called")
            message, mend = advice(error.message)
            yield look.fault(
                where,
                "values/unknown-name" if unknown else "values/mismatch",
                message,
                mend,
                span=(error.position, error.length),
            )


def conditions(look: Look) -> Iterator[Fault]:
    """What decides is a yes or a no."""
    kinds = kinds_of(look.scope, look.flow)
    for _, where, expr, decides in expressions(look.flow):
        kind = kind_of(expr, kinds)
        if decides and kind is not None and kind is not YES_NO:
            yield look.fault(
                where,
                "values/no-condition",
                f"'{expr.text}' is {kind} and no condition, so it never holds.",
                "Compare it with something, as in: score >= 10",
                at="value",
            )


def declared(look: Look) -> Iterator[Fault]:
    """What is kept is declared, with its sensitivity."""
    for name, step in look.flow.steps.items():
        places: list[tuple[str, Where]] = [(step.save, ("steps", name, "save"))] if step.save else []
        places += [(variable, ("steps", name, "set", variable)) for variable in step.set]
        for variable, where in places:
            if variable not in look.flow.variables and not variable.startswith(_PATIENT):
                yield look.fault(
                    where,
                    "values/undeclared",
                    f"The variable '{variable}' is not declared.{did_you_mean(variable, look.flow.variables)}",
                    f"Add '{variable}: phi' under 'variables' at the top of the flow.",
                    at="value" if step.save == variable else "key",
                )


def preferences(look: Look) -> Iterator[Fault]:
    """What a flow sets of a patient is a preference, and one of its values."""
    kinds = kinds_of(look.scope, look.flow)
    for name, step in look.flow.steps.items():
        for full, expr in step.set.items():
            wanted = full.removeprefix(_PATIENT)
            where: Where = ("steps", name, "set", full)
            if wanted == full:
                continue
            if wanted not in PREFERENCES:
                yield look.fault(
                    where,
                    "values/preference",
                    f"'{full}' can't be set.{did_you_mean(full, [_PATIENT + each for each in PREFERENCES])}",
                    f"A flow can set: {', '.join(_PATIENT + each for each in PREFERENCES)}.",
                )
            elif odd := _odd(_given(expr.root.value, kind_of(expr, kinds)), _options(look, wanted)):
                yield look.fault(
                    where,
                    "values/preference",
                    f"'{full}' can't be {odd}.",
                    f"It is one of: {', '.join(_options(look, wanted))}.",
                    at="value",
                )


def _options(look: Look, preference: str) -> tuple[str, ...]:
    if preference == "language":
        return tuple(look.scope.languages)
    known = KNOWN.get(_PATIENT + preference)
    return known.options if known and known.options else ("yes", "no")


def _given(value: object, kind: Kind | None) -> tuple[str, ...] | None:
    """The texts that an expression can come to; None where nothing is known of it."""
    if isinstance(value, str):
        return (value,)
    if isinstance(kind, Choice):
        return kind.keys
    return (
        ("yes", "no")
        if kind is YES_NO
        else ("a number",)
        if kind is NUMBER
        else ("any text",)
        if kind is TEXT
        else None
    )


def _odd(given: tuple[str, ...] | None, options: tuple[str, ...]) -> str:
    return ", ".join(value for value in given or () if value not in options)


def passed(look: Look) -> Iterator[Fault]:
    """A flow that is called gets values for variables that it has."""
    for name, step in look.flow.steps.items():
        called = look.scope.flow(step.call)
        for variable in step.with_values if called else ():
            if called and variable not in called.variables:
                yield look.fault(
                    ("steps", name, "with", variable),
                    "values/with",
                    f"The flow '{called.name}' has no variable '{variable}'.{did_you_mean(variable, called.variables)}",
                    f"It has: {', '.join(called.variables) or 'none'}.",
                )


def one_kind(look: Look) -> Iterator[Fault]:
    """A variable is filled with one kind of value, wherever that is."""
    kinds = kinds_of(look.scope, look.flow)
    first: dict[str, tuple[Kind, str]] = {}
    for variable, kind, step, where in _fillings(look, kinds):
        before, where_before = first.setdefault(variable, (kind, step))
        if _family(before) is not _family(kind):
            yield look.fault(
                where,
                "values/two-kinds",
                f"'{variable}' gets {kind} in the step '{step}', and {before} in the step '{where_before}'.",
                "Use two variables.",
                at="value",
            )


def _fillings(look: Look, kinds: Kinds) -> Iterator[tuple[str, Kind, str, Where]]:
    for name, step in look.flow.steps.items():
        kind = saved_kind(look.scope, step.expect) if step.expect else None
        if step.save and kind is not None:
            yield step.save, kind, name, ("steps", name, "save")
        for variable, expr in step.set.items():
            found = kind_of(expr, kinds)
            if found is not None and not variable.startswith(_PATIENT):
                yield variable, found, name, ("steps", name, "set", variable)


def _family(kind: Kind) -> Kind:
    return TEXT if isinstance(kind, Choice) else kind


def filled_first(look: Look) -> Iterator[Fault]:
    """Nothing is used before it is filled, on any way."""
    states = filled.states(look.scope, look.flow)
    own = kinds_of(look.scope, look.flow).keys() - KNOWN.keys()
    for name, where, expr, decides in expressions(look.flow):
        there = _there(look, states, name, where, decides=decides)
        for variable, node in filled.lacking(expr) if there is not None else ():
            if variable in own and variable not in (there or ()):
                yield look.fault(
                    where,
                    "values/not-filled",
                    f"'{variable}' can be empty {f'in the step {name!r}' if name else 'when this starts'}: there is a "
                    "way to it on which nothing fills it.",
                    f"Fill it before, or say what holds without it, as in: answered({variable}) and …",
                    span=(node.position, node.length),
                )
    yield from _said_empty(look, states)


def _there(
    look: Look, states: Mapping[str, filled.State], name: str | None, where: Where, *, decides: bool
) -> frozenset[str] | None:
    """What is filled where this expression is worked out; None where that doesn't matter."""
    if name is None:
        brought = filled.brings(look.flow.starts[int(where[1])])
        return None if brought else frozenset()
    if name not in states:
        return None  # nothing leads here: a fault of `ways`
    step, state = look.flow.steps[name], states[name]
    if where[2] != "set":
        state = filled.with_set(step, state)
        return state.asked if decides else state.filled
    variable = str(where[3])
    if variable.startswith(_PATIENT):
        return None  # a preference stays as it is where there is no value for it
    before = list(step.set)
    return state.more(*before[: before.index(variable)]).filled


def _said_empty(look: Look, states: Mapping[str, filled.State]) -> Iterator[Fault]:
    for use in uses(look):
        if use.name not in states:
            continue
        there = filled.with_set(use.step, states[use.name]).filled
        names = {name for _, sentence in said(use) for name in sentence.template.names}
        for variable in sorted(names & look.flow.variables.keys() - there):
            yield look.fault(
                use.where,
                "values/not-filled",
                f"'{use.key}' has {{{{{variable}}}}}, and there is a way to the step '{use.name}' on which nothing "
                "fills it: the patient would read a gap.",
                "Fill it before, or say another sentence where it is empty.",
                at="value",
            )


def ever_filled(look: Look) -> Iterator[Fault]:
    """Something fills each variable."""
    flow = look.flow
    ways = [*callers(look.scope, flow.name)]
    if any(map(filled.brings, flow.starts)) or not filled.known_pages(look.scope, flow):
        return
    if any(step.start for _, step in ways) or (not flow.starts and not ways):
        return
    given = {name for _, step in ways for name in step.with_values}
    given |= {name for step in flow.steps.values() for name in (*step.set, step.save or "")}
    given |= filled.received(look.scope, flow)
    for variable in flow.variables:
        if variable not in given:
            yield look.fault(
                ("variables", variable),
                "values/never-filled",
                f"Nothing ever fills the variable '{variable}'.",
                "Take it out, or keep something in it with 'save' or 'set'.",
                severity="warning",
            )


RULES: tuple[Rule, ...] = (
    sense,
    conditions,
    declared,
    preferences,
    passed,
    one_kind,
    filled_first,
    ever_filled,
)
