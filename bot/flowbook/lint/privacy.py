"""Family `privacy`: nothing that is known of a patient gets into a text, by whichever way.

Texts lie open on a locked screen, and phones are shared. What a variable may become is declared with it
(`Sensitivity`); the rules follow values through `set`, `with`, `start` and the sentences of every language.
"""

from collections.abc import Iterator

from bot.core.book import House
from bot.core.expr import Expr, names
from bot.core.flow import Flow, Page, Sensitivity
from bot.core.known import KNOWN
from bot.core.triggers import FormSubmitted, Happens
from bot.flowbook.draft import HOUSE, Draft
from bot.flowbook.faults import Fault
from bot.flowbook.lint.scope import Look, Rule, Scope, Sentence, Use, of_flows, said, scope_of, uses
from bot.flowbook.source import Where

_RANK = {Sensitivity.PUBLIC: 0, Sensitivity.CONTACT: 1, Sensitivity.PHI: 2}
_MAY_TEXT = ("location",)
_OF_PATIENTS = frozenset(
    (
        "provider",
        "doctor",
        "kind",
        "reason",
        "age",
        "birth_date",
        "born",
        "last_name",
        "full_name",
        "address",
        "diagnosis",
        "condition",
        "symptom",
        "medicine",
        "medication",
        "drug",
        "dose",
        "pharmacy",
        "result",
        "results",
        "value",
        "score",
        "answer",
        "mrn",
        "insurance",
    )
)
"""Names that somebody might expect a text to have, and that only a page may show."""

PAGE = "Say that there is something to read, and show it on a secure page: 'send_page' with {{link}}."


def check(draft: Draft) -> Iterator[Fault]:
    """All faults of this family."""
    scope = scope_of(draft)
    yield from of_flows(scope, RULES)
    yield from may_text(draft)
    yield from plain_choices(scope)


def of_patients(name: str) -> bool:
    """Whether the name is one of what is known of a patient and never stands in a text."""
    last = name.rpartition(".")[2]
    return last in _OF_PATIENTS or (name in KNOWN and KNOWN[name].sensitivity is Sensitivity.PHI)


# -- what variables are filled with -------------------------------------------------------------------


def answers(look: Look) -> Iterator[Fault]:
    """What a patient answers is PHI, whatever was asked."""
    for name, step in look.flow.steps.items():
        declared = look.flow.variables.get(step.save or "")
        if step.save and declared not in (None, Sensitivity.PHI):
            yield look.fault(
                ("variables", step.save),
                "privacy/answer",
                f"'{step.save}' is declared {declared}, but the step '{name}' keeps a patient's answer in it.",
                f"Declare it phi: whatever a patient tells the clinic can't stand in a text. Write '{step.save}: phi'.",
                at="value",
            )


def forms(look: Look) -> Iterator[Fault]:
    """What comes back with a form, or with a result, is PHI too, and it fills whatever variable has its name."""
    what = _brought(look.flow)
    for name, declared in look.flow.variables.items() if what else ():
        if declared is not Sensitivity.PHI:
            yield look.fault(
                ("variables", name),
                "privacy/form",
                f"'{name}' is declared {declared}, but {what} can fill it.",
                "Declare it phi, or use it in a flow of its own: what comes back from a patient or a laboratory can't "
                f"stand in a text. Write '{name}: phi'.",
                at="value",
            )


def _brought(flow: Flow) -> str | None:
    pages = (step for step in flow.steps.values() if step.awaits_page)
    if any(step.send_page is Page.FORM or "submitted" in step.outcomes for step in pages) or any(
        isinstance(start.when, FormSubmitted) for start in flow.starts
    ):
        return "the answers of a form"
    return "a result" if any(start.when is Happens.RESULT for start in flow.starts) else None


def settings(look: Look) -> Iterator[Fault]:
    """No variable gets something that is more sensitive than it is declared."""
    for step_name, step in look.flow.steps.items():
        for name, expr in step.set.items():
            declared = look.flow.variables.get(name)
            if declared is not None:
                where: Where = ("steps", step_name, "set", name)
                yield from _leaks(look, where, expr, declared, name, "privacy/set")


def passed_on(look: Look) -> Iterator[Fault]:
    """Nor does a variable of a flow that is called."""
    for step_name, step in look.flow.steps.items():
        called = look.scope.flow(step.call)
        for name, expr in step.with_values.items() if called else ():
            declared = called.variables.get(name) if called else None
            if declared is not None:
                where: Where = ("steps", step_name, "with", name)
                yield from _leaks(look, where, expr, declared, name, "privacy/with", f" of '{step.call}'")


def _leaks(
    look: Look, where: Where, expr: Expr, declared: Sensitivity, name: str, rule: str, of: str = ""
) -> Iterator[Fault]:
    for named in names(expr):
        found = sensitivity(look, named.name)
        if found is not None and _RANK[found] > _RANK[declared]:
            yield look.fault(
                where,
                rule,
                f"'{named.name}' is {found}, and '{name}'{of}, which gets it here, is declared {declared}.",
                f"Declare '{name}' as {found}, so that it can't get into a text it must not stand in.",
                span=(named.position, len(named.name)),
            )


def _may_say_where(scope: Scope) -> bool:
    return scope.house is not None and "location" in scope.house.may_text


def sensitivity(look: Look, name: str) -> Sensitivity | None:
    """How sensitive a name in an expression is: the most that it could mean, None where it means nothing."""
    if name == "visit.location" and not _may_say_where(look.scope):
        return Sensitivity.PHI
    before, _, last = name.rpartition(".")
    called = look.scope.flow(before)
    meant = [
        KNOWN[name].sensitivity if name in KNOWN else None,
        look.flow.variables.get(name),
        look.flow.variables.get(before),  # a part of a blood pressure
        called.variables.get(last) if called else None,
    ]
    return max((each for each in meant if each), key=_RANK.__getitem__, default=None)


def started(look: Look) -> Iterator[Fault]:
    """A flow that takes this one's place gets the variables of the same names."""
    for name, step in look.flow.steps.items():
        after = look.scope.flow(step.start)
        for shared, declared in look.flow.variables.items() if after else ():
            theirs = after.variables.get(shared) if after else None
            if theirs is not None and _RANK[declared] > _RANK[theirs]:
                yield look.fault(
                    ("steps", name, "start"),
                    "privacy/start",
                    f"'{shared}' is {declared} here and goes on to '{step.start}', where it is declared {theirs}.",
                    f"Declare it {declared} there too, or give one of the two another name.",
                    at="value",
                )


# -- what sentences say -------------------------------------------------------------------------------


def in_texts(look: Look) -> Iterator[Fault]:
    """No sentence names what is known of a patient."""
    for use in uses(look):
        for _, sentence in said(use):
            for name in sentence.template.names:
                if look.flow.variables.get(name) is Sensitivity.PHI:
                    yield _in_text(use, sentence, name, f"which the flow '{look.flow.name}' declares phi")
                elif name not in look.flow.variables and of_patients(name):
                    yield _in_text(use, sentence, name, "which only the patient may see")


def _in_text(use: Use, sentence: Sentence, name: str, why: str) -> Fault:
    where = f"the step '{use.name}' of '{use.look.flow.name}'"
    return sentence.fault(
        "privacy/in-text",
        f"The sentence '{sentence.key}', said in {where}, has {{{{{name}}}}}, {why}: a text can be read by anybody "
        "who sees the phone.",
        f"Take it out. {PAGE}",
        part=name,
    )


def locations(look: Look) -> Iterator[Fault]:
    """Where a visit is can tell what it is about, so the clinic decides whether texts may say it."""
    if _may_say_where(look.scope):
        return
    for use in uses(look):
        for _, sentence in said(use):
            if "location" in sentence.template.names and "location" not in look.flow.variables:
                yield sentence.fault(
                    "privacy/location",
                    f"The sentence '{sentence.key}' has {{{{location}}}}, and clinic.yaml doesn't allow it in texts.",
                    "Write 'may_text: [location]' in clinic.yaml if no location's name tells what is treated there.",
                    part="location",
                )


def links(look: Look) -> Iterator[Fault]:
    """The text that comes with a page has its link, and no other text has one."""
    for use in uses(look):
        is_page = use.part == "say" and use.step.send_page is not None
        for _, sentence in said(use):
            has = "link" in sentence.template.names and "link" not in look.flow.variables
            if is_page and not has:
                yield sentence.fault(
                    "privacy/link",
                    f"The step '{use.name}' sends a page with '{sentence.key}', which has no {{{{link}}}}: nobody "
                    "could open the page.",
                    "Write {{link}} into the sentence, in the middle of it.",
                )
            elif has and not is_page and not use.step.send_page:
                yield sentence.fault(
                    "privacy/link",
                    f"The step '{use.name}' says '{sentence.key}', which has {{{{link}}}}, but sends no page.",
                    "Add 'send_page' to the step, or say a sentence without a link.",
                    part="link",
                )


def may_text(draft: Draft) -> Iterator[Fault]:
    """Of a visit, only the location's name can be allowed in texts."""
    for source, house in draft.of(House):
        for number, name in enumerate(house.may_text):
            if name not in _MAY_TEXT:
                yield source.fault(
                    ("may_text", number),
                    "privacy/may-text",
                    f"'{name}' can't be allowed in texts.",
                    f"In {HOUSE} only 'location' can be; day, time and the first name are allowed anyway.",
                    at="value",
                )


def plain_choices(scope: Scope) -> Iterator[Fault]:
    """The wordings of choices are what they are: nothing is filled in there."""
    for language in scope.languages.values():
        for name, (source, options) in language.choices.items():
            for key, wordings in options.items():
                if any("{{" in wording or "{%" in wording for wording in wordings):
                    yield source.fault(
                        ("choices", name, key),
                        "privacy/choice",
                        f"The choice '{key}' of '{name}' has a value in braces, and choices can't be filled in.",
                        "Write out what the patient shall read.",
                        at="value",
                    )


RULES: tuple[Rule, ...] = (
    answers,
    forms,
    settings,
    passed_on,
    started,
    in_texts,
    locations,
    links,
)
