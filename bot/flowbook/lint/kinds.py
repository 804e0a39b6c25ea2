"""What kind of value each name of a flow has: known ones, its variables, and those of flows that it calls."""

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias, cast

from bot.core.expr import Expr
from bot.core.expr_check import NUMBER, TEXT, YES_NO, Choice, Kind, kind_of
from bot.core.flow import Flow, Page
from bot.core.forms import PRESSURES, Form
from bot.core.known import KNOWN
from bot.core.questions import OneOf, PageQuestion, Question
from bot.flowbook.lint.scope import Scope, form_steps, page_brings
from bot.flowbook.source import Where
from nlp.reading import BloodPressure, Number, Scale, YesNo

Kinds: TypeAlias = Mapping[str, Kind]

_SORTS: Mapping[str, Kind] = {"number": NUMBER, "text": TEXT, "yes_no": YES_NO}
KNOWN_KINDS: Mapping[str, Kind] = {
    name: Choice(known.options) if known.options else _SORTS[known.sort] for name, known in KNOWN.items()
}

BROUGHT_KINDS: Mapping[Page, Kind] = {
    Page.TIMES: Choice(("booked", "none")),
    Page.OFFER: Choice(("take", "keep")),
    Page.CONSENT: YES_NO,
}
"""The kind of what each page of `flow.BROUGHT` brings."""


def expressions(flow: Flow) -> Iterator[tuple[str | None, Where, Expr, bool]]:
    """Every expression: its step (None of a start), its place, and whether it is a condition."""
    for number, start in enumerate(flow.starts):
        if start.condition:
            yield None, ("starts", number, "if"), start.condition, True
    for name, step in flow.steps.items():
        for variable, expr in step.set.items():
            yield name, ("steps", name, "set", variable), expr, False
        for number, case in enumerate(step.branch):
            if case.condition:
                yield name, ("steps", name, "branch", number, "if"), case.condition, True
        for variable, expr in step.with_values.items():
            yield name, ("steps", name, "with", variable), expr, False


def kinds_of(scope: Scope, flow: Flow) -> Kinds:
    """The kind of every name that an expression of the flow may use.

    Of a variable that is filled from outside nothing is known: its kind is None, which `expr_check` takes for "no
    complaint", though its types have no word for it.
    """
    found: dict[str, Kind | None] = {**KNOWN_KINDS, **_variables(scope, flow)}
    for step in flow.steps.values():
        called = scope.flow(step.call)
        if called:
            theirs = _variables(scope, called)
            found |= {f"{called.name}.{name}": kind for name, kind in theirs.items() if "." not in name}
    return cast("Kinds", found)


def saved_kind(scope: Scope, expected: Question | PageQuestion | None) -> Kind | None:
    """What an answer of this kind is kept as; None where that isn't one value."""
    if isinstance(expected, YesNo):
        return YES_NO
    if isinstance(expected, Scale | Number):
        return NUMBER
    if isinstance(expected, OneOf):
        keys = _keys(scope, expected.choices)
        return None if not keys else NUMBER if all(key.isdigit() for key in keys) else Choice(keys)
    return None if isinstance(expected, BloodPressure) else TEXT


def kinds_in(scope: Scope, form: Form) -> Kinds:
    """The kind of everything that a form fills."""
    found: dict[str, Kind | None] = {}
    for item in form.items:
        kind = NUMBER if isinstance(item.expect, BloodPressure) else saved_kind(scope, item.expect)
        found |= dict.fromkeys(item.fills, kind)
        if item.covered:
            found[item.covered] = YES_NO
    return cast("Kinds", found)


def _keys(scope: Scope, name: str) -> tuple[str, ...]:
    lists = [language.choices.get(name) for language in scope.languages.values()]
    return tuple(dict.fromkeys(key for found in lists if found for key in found[1]))


def _variables(scope: Scope, flow: Flow) -> dict[str, Kind | None]:
    """Those of the flow itself; one that is worked out from others is known in the second round."""
    found: dict[str, Kind | None] = dict.fromkeys(flow.variables)
    for step in flow.steps.values():
        if not step.save or step.save not in found:
            continue
        if isinstance(step.expect, BloodPressure):
            del found[step.save]
            found |= {f"{step.save}.{part}": NUMBER for part in PRESSURES}
        else:
            found[step.save] = _joined(found[step.save], saved_kind(scope, step.expect))
    found = _with_pages(flow, _with_forms(scope, flow, found))
    for _ in range(2):
        known = cast("Kinds", {**KNOWN_KINDS, **found})
        for step in flow.steps.values():
            for name, expr in step.set.items():
                if name in found and found[name] is None:
                    found[name] = kind_of(expr, known)
    return found


def _with_forms(scope: Scope, flow: Flow, found: Mapping[str, Kind | None]) -> dict[str, Kind | None]:
    """With what the flow's forms fill; of a blood pressure, the two numbers stand in place of the variable."""
    more = dict(found)
    forms = (scope.form(name) for _, _, name in form_steps(flow))
    filled = ((name, kind) for form in forms if form for name, kind in kinds_in(scope, form).items())
    for name, kind in filled:
        whole = name.partition(".")[0]
        if whole in flow.variables:
            more[name] = _joined(more.get(name), kind)
            if whole != name:
                more.pop(whole, None)
    return more


def _with_pages(flow: Flow, found: Mapping[str, Kind | None]) -> dict[str, Kind | None]:
    """With what pages other than forms bring."""
    more = dict(found)
    for step in flow.steps.values():
        name = page_brings(step)
        if name in more and step.send_page:
            more[name] = _joined(more[name], BROUGHT_KINDS[step.send_page])
    return more


def _joined(one: Kind | None, other: Kind | None) -> Kind | None:
    if isinstance(one, Choice) and isinstance(other, Choice):
        return Choice(tuple(dict.fromkeys((*one.keys, *other.keys))))
    return one if one is not None else other


_ADVICE = re.compile(r"(?<=[.:]) (?=(?:Did you mean|There are|Write|Put|Compare) )")


def advice(said: str) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    message, *advice = _ADVICE.split(said)
    usual = "Compare numbers with numbers, and answers with one of their own: the words of a list stand in quotes."
    return message, " ".join(advice) or usual
