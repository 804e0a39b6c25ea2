"""Family `ways`, the rules about one step: that it goes on in exactly one manner, and lacks nothing for that."""

from collections.abc import Iterator
from datetime import timedelta

from bot.core.flow import END, NAMED_BY_FORM, OUTCOMES, PAGE_OUTCOMES, Page, Step
from bot.flowbook.faults import Fault
from bot.flowbook.lint.scope import Look, Rule

_WAITS = "'ask' or a page that is waited for"
_IDLE = (
    ("ask", ("expect", "answers", "if_skipped", "otherwise", "again", "tries", "give_up")),
    ("call", ("with", "results")),
    ("save", ("code",)),
    ("expect", ("save",)),
    (_WAITS, ("wait", "no_answer", "nudges")),
)
"""What has a meaning only beside something else."""

_ATTRIBUTE = {"with": "with_values"}


def one_way(look: Look) -> Iterator[Fault]:
    """Exactly one thing decides where a step goes on."""
    for name, step in look.flow.steps.items():
        deciding = _deciding(step)
        if len(deciding) > 1:
            yield look.fault(
                ("steps", name),
                "ways/two-ways",
                f"The step '{name}' has {' and '.join(deciding)}, and only one of them can decide where to go next.",
                "Split it into several steps, each with one of them and a 'then'.",
            )
        elif step.then and deciding and not (step.ask or step.pause or step.call):
            yield look.fault(
                ("steps", name, "then"),
                "ways/two-ways",
                f"The step '{name}' goes on with its {deciding[0]}, so its 'then' is never followed.",
                "Take 'then' out; write the last line of a branch as '{else: …}'.",
            )


def _deciding(step: Step) -> list[str]:
    waits = [key for key in ("ask", "pause", "branch", "call", "start", "result") if getattr(step, key)]
    if step.do in OUTCOMES:
        waits.append(f"do: {step.do}")
    if step.awaits_page or (step.send_page and (step.ask or step.pause or step.do in OUTCOMES)):
        waits.append("send_page")
    return [f"'{key}'" for key in waits]


def goes_on(look: Look) -> Iterator[Fault]:
    """A step says what comes next, even when that is the end."""
    for name, step in look.flow.steps.items():
        decided = step.ask or step.branch or step.start or step.result or step.outcomes or step.results
        if not decided and not step.then and not step.awaits_page and step.do not in OUTCOMES:
            yield look.fault(
                ("steps", name),
                "ways/dead-end",
                f"The step '{name}' does not say what comes next.",
                f"Add 'then: …' with the next step, or 'then: {END}'.",
            )


def branches(look: Look) -> Iterator[Fault]:
    """A branch ends with what to do where nothing holds."""
    for name, step in look.flow.steps.items():
        for number, case in enumerate(step.branch):
            last = number + 1 == len(step.branch)
            if last and case.condition:
                yield look.fault(
                    ("steps", name, "branch"),
                    "ways/no-else",
                    f"The branch of the step '{name}' doesn't say where to go when no line of it holds.",
                    "Add a last line '- {else: …}'.",
                )
            if not last and not case.condition:
                yield look.fault(
                    ("steps", name, "branch", number + 1),
                    "ways/no-else",
                    f"In the branch of the step '{name}' this line comes after 'else', so it is never looked at.",
                    "Move the line with 'else' to the end.",
                )


def outcomes(look: Look) -> Iterator[Fault]:
    """The outcomes are exactly those of the act, or some of the page's."""
    for name, step in look.flow.steps.items():
        wanted = OUTCOMES.get(step.do, ()) if step.do else ()
        if wanted and set(wanted) != set(step.outcomes):
            yield look.fault(
                ("steps", name),
                "ways/outcomes",
                f"The step '{name}' needs a way for each of its outcomes: {', '.join(wanted)}.",
                f"Write under 'outcomes' exactly: {', '.join(wanted)}.",
            )
        elif step.outcomes and not wanted and not step.send_page:
            yield look.fault(
                ("steps", name),
                "ways/outcomes",
                f"The step '{name}' does nothing that could have outcomes.",
                "Take 'outcomes' out.",
            )
        for outcome in () if wanted or not step.send_page else step.outcomes:
            if outcome not in PAGE_OUTCOMES:
                yield look.fault(
                    ("steps", name, "outcomes", outcome),
                    "ways/outcomes",
                    f"A page never has the outcome '{outcome}'.",
                    f"Write {' or '.join(PAGE_OUTCOMES)}.",
                )


def idle(look: Look) -> Iterator[Fault]:
    """What belongs to something stands beside it."""
    for name, step in look.flow.steps.items():
        for owner, parts in _IDLE:
            alone = not (step.ask or step.awaits_page) if owner is _WAITS else not getattr(step, owner)
            idle = [part for part in parts if getattr(step, _ATTRIBUTE.get(part, part))] if alone else []
            if idle:
                quoted = " and ".join(f"'{part}'" for part in idle)
                needed = owner if owner is _WAITS else f"'{owner}'"
                yield look.fault(
                    ("steps", name, idle[0]),
                    "ways/idle",
                    f"The step '{name}' has {quoted} without {needed}, so nothing comes of it.",
                    f"Add {needed}, or take {quoted} out.",
                )


def pages(look: Look) -> Iterator[Fault]:
    """A page comes with a text, and a form is named."""
    for name, step in look.flow.steps.items():
        if step.send_page and not step.say:
            yield look.fault(
                ("steps", name, "send_page"),
                "ways/page",
                f"The step '{name}' sends a page but has no sentence that brings its link.",
                "Add 'say' with a sentence that has {{link}}.",
            )
        if (step.send_page in NAMED_BY_FORM) != bool(step.form):
            yield look.fault(
                ("steps", name, "send_page" if step.send_page else "form"),
                "ways/page",
                f"The step '{name}' has only one of 'send_page: {step.send_page or Page.FORM}' and 'form'.",
                "Write both: 'send_page: form' or 'send_page: consent', and its name after 'form:'.",
            )


def nudges(look: Look) -> Iterator[Fault]:
    """A question is brought to mind while it is open."""
    house = look.scope.house
    for name, step in look.flow.steps.items():
        wait = step.wait or (house.question_wait if house else None)
        for number, nudge in enumerate(step.nudges):
            if isinstance(wait, timedelta) and nudge.after >= wait:
                yield look.fault(
                    ("steps", name, "nudges", number, "after"),
                    "ways/late-nudge",
                    f"The step '{name}' waits {_hours(wait)} for an answer, so a nudge after {_hours(nudge.after)} "
                    "never leaves.",
                    "Let it come earlier, or wait longer.",
                    at="value",
                )


def _hours(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    if hours >= 48 and hours % 24 == 0:
        return f"{hours / 24:g} days"
    return "1 hour" if hours == 1 else f"{hours:g} hours"


RULES: tuple[Rule, ...] = (one_way, goes_on, branches, outcomes, idle, pages, nudges)
