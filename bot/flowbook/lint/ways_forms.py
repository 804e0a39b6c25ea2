"""Family `ways`, the rules about forms: that those exist which a flow names, and that somebody sends each."""

from collections.abc import Iterator

from bot.core.expr import did_you_mean
from bot.core.triggers import FormSubmitted
from bot.flowbook.faults import Fault
from bot.flowbook.lint.scope import Look, Rule, Scope, form_steps, senders
from bot.flowbook.source import Where


def check(scope: Scope) -> Iterator[Fault]:
    """The faults of the forms themselves."""
    for source, form in scope.forms.values():
        if scope.all_read and not senders(scope, form.name):
            yield source.fault(
                ("form",),
                "ways/never-sent",
                f"No flow sends the form '{form.name}', so nobody sees it.",
                f"Let a step send it with 'send_page: form' and 'form: {form.name}', or take the form out.",
                severity="warning",
            )


def forms_exist(look: Look) -> Iterator[Fault]:
    """A form that a flow sends or waits for is written in a file."""
    if not look.scope.forms_read:
        return
    named: list[tuple[str, Where]] = [
        (wanted, ("steps", name, "form")) for name, _, wanted in form_steps(look.flow)
    ]
    named += [
        (start.when.name, ("starts", number, "when"))
        for number, start in enumerate(look.flow.starts)
        if isinstance(start.when, FormSubmitted)
    ]
    for wanted, where in named:
        if wanted not in look.scope.forms:
            there = ", ".join(sorted(look.scope.forms)) or "none yet"
            yield look.fault(
                where,
                "ways/no-such-form",
                f"There is no form '{wanted}'.{did_you_mean(wanted, look.scope.forms)}",
                f"Write forms/{wanted}.yaml, or name one that is there: {there}.",
                at="value",
            )


RULES: tuple[Rule, ...] = (forms_exist,)
