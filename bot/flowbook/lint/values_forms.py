"""Family `values`, the rules about forms and other pages: what conditions name, what comes back and must be kept."""

from collections.abc import Iterator, Mapping

from bot.core.expr import Expr, did_you_mean
from bot.core.expr_check import YES_NO, Kind, kind_of
from bot.core.expr_check import check as errors_of
from bot.core.forms import Form
from bot.flowbook.faults import Fault
from bot.flowbook.lint.kinds import KNOWN_KINDS, advice, kinds_in
from bot.flowbook.lint.scope import Look, Rule, Scope, form_steps, page_brings
from bot.flowbook.source import Source, Where


def check(scope: Scope) -> Iterator[Fault]:
    """The faults of the forms themselves."""
    for source, form in scope.forms.values():
        yield from conditions(scope, source, form)


def conditions(scope: Scope, source: Source, form: Form) -> Iterator[Fault]:
    """A condition of a form names what is answered by then, and compares what can be compared."""
    every = kinds_in(scope, form)
    known: dict[str, Kind] = dict(KNOWN_KINDS)
    for number, item in enumerate(form.items):
        where: Where = ("items", number)
        if item.ask_if:
            yield from _sense(source, (*where, "ask_if"), item.ask_if, known, every)
        known |= {name: every[name] for name in item.fills}
        for place, alert in enumerate(item.at_once):
            yield from _sense(source, (*where, "at_once", place, "if"), alert.condition, known, every)


def _sense(
    source: Source, where: Where, expr: Expr, known: Mapping[str, Kind], every: Mapping[str, Kind]
) -> Iterator[Fault]:
    later = [named for named in expr.names if named.name in every and named.name not in known]
    for named in later:
        yield source.fault(
            where,
            "values/asked-later",
            f"'{named.name}' is asked later than this, so it is always empty here.",
            "Ask for it earlier, or name an item that stands above.",
            span=(named.position, len(named.name)),
        )
    errors = errors_of(expr, {**every, **known})
    for error in errors:
        unknown = error.message.startswith("Nothing is called")
        message, mend = advice(error.message)
        yield source.fault(
            where,
            "values/unknown-name" if unknown else "values/mismatch",
            message,
            mend,
            span=(error.position, error.length),
        )
    kind = kind_of(expr, {**every, **known})
    if not errors and kind is not None and kind is not YES_NO:
        yield source.fault(
            where,
            "values/no-condition",
            f"'{expr.text}' is {kind} and no condition, so it never holds.",
            "Compare it with something, as in: pain >= 8",
            at="value",
        )


def received(look: Look) -> Iterator[Fault]:
    """What a form asks, the flow that sends it keeps."""
    for name, step, wanted in form_steps(look.flow):
        form = look.scope.form(wanted)
        if form is None or not step.awaits_page:
            continue
        names = dict.fromkeys(each.partition(".")[0] for each in form.fills)
        lost = [each for each in names if each not in look.flow.variables]
        if lost:
            quoted = ", ".join(f"'{each}'" for each in lost)
            near = did_you_mean(lost[0], set(look.flow.variables) - set(names))
            yield look.fault(
                ("steps", name, "form"),
                "values/not-kept",
                f"The form '{wanted}' brings {quoted}, and the flow '{look.flow.name}' has no such variable, so the "
                f"answer is lost.{near}",
                f"Write under 'variables': {', '.join(f'{each}: phi' for each in lost)}.",
                at="value",
            )


def chosen(look: Look) -> Iterator[Fault]:
    """What is chosen on a page of times, of an offer or of a consent, the flow that waits for it keeps."""
    for name, step in look.flow.steps.items():
        brought = page_brings(step)
        if brought and brought not in look.flow.variables:
            yield look.fault(
                ("steps", name, "send_page"),
                "values/not-kept",
                f"The page '{step.send_page}' brings '{brought}', and the flow '{look.flow.name}' has no such "
                "variable, so what the patient chose is lost.",
                f"Write under 'variables': {brought}: phi.",
                at="value",
            )


RULES: tuple[Rule, ...] = (received, chosen)
