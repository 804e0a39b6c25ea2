"""Family `ways`, the rules about what starts a flow, and about variants of a flow for one location."""

from collections.abc import Iterator

from bot.core.expr import did_you_mean
from bot.core.flow import Flow, Start
from bot.core.moments import AroundVisit
from bot.core.triggers import Happens, PatientSays, PatientTexts, VisitIs
from bot.flowbook.faults import Fault
from bot.flowbook.lint.carriers import MEANING, reserved
from bot.flowbook.lint.scope import Look, Rule, Scope, looks
from bot.flowbook.lint.ways_answers import TAKEN
from bot.flowbook.lint.ways_calls import callers

_ANSWERS = ("yes", "y", "no", "n", "ok", "okay", "si", "sí", "c", "r", "done")


def heard(look: Look) -> Iterator[Fault]:
    """Words that start a flow must be words that a flow gets to hear."""
    for number, start in enumerate(look.flow.starts):
        if isinstance(start.when, PatientSays) and start.when.intent in TAKEN:
            yield look.fault(
                ("starts", number, "when"),
                "ways/never-heard",
                f"No flow hears '{start.when.intent}': {TAKEN[start.when.intent]}.",
                "Take this start out.",
                at="value",
            )


def keywords(look: Look) -> Iterator[Fault]:
    """A keyword is a word that reaches the clinic, and that nobody sends with another meaning."""
    words = reserved(look.scope.policy) if look.scope.policy else {}
    for number, start in enumerate(look.flow.starts):
        if not isinstance(start.when, PatientTexts):
            continue
        word = start.when.word
        if word.casefold() in words:
            yield look.fault(
                ("starts", number, "when"),
                "ways/carrier-word",
                f"No flow hears the keyword {word}: to carriers a text with only this word "
                f"{MEANING[words[word.casefold()]]}.",
                "Take another word.",
                span=look.source.span(("starts", number, "when"), word),
            )
        elif word.casefold() in _ANSWERS or word.isdigit():
            yield look.fault(
                ("starts", number, "when"),
                "ways/answer-word",
                f"Patients answer {word} to many questions, and a late answer would start this flow.",
                "Take a word that nobody sends by chance.",
                span=look.source.span(("starts", number, "when"), word),
                severity="warning",
            )


def about(look: Look) -> Iterator[Fault]:
    """What hangs on a visit stands in flows about one."""
    if look.flow.about == "the visit":
        return
    mend = "Write 'about: the visit' at the top of the flow, or take this out."
    for number, start in enumerate(look.flow.starts):
        if isinstance(start.when, AroundVisit | VisitIs) or start.when is Happens.TIME_OPENS:
            said = f"'{start.when}' starts a flow about a visit, and this one is about the patient."
            yield look.fault(("starts", number, "when"), "ways/about", said, mend, at="value")
        if start.if_confirmed:
            said = "Only a visit can be confirmed, and this flow is about the patient."
            yield look.fault(("starts", number, "if_confirmed"), "ways/about", said, mend)
    for name, step in look.flow.steps.items():
        if step.do:
            said = f"The step '{name}' does something with a visit, and this flow is about the patient."
            yield look.fault(("steps", name, "do"), "ways/about", said, mend, at="value")
        for key, other in (("call", step.call), ("start", step.start)):
            called = look.scope.flow(other)
            if called and called.about == "the visit":
                said = f"The flow '{other}' is about a visit, and this one, which needs it, is about the patient."
                yield look.fault(("steps", name, key), "ways/about", said, mend, at="value")


def started(look: Look) -> Iterator[Fault]:
    """Every flow has something that starts it."""
    flow = look.flow
    if not flow.starts and not flow.extends and not callers(look.scope, flow.name) and look.scope.all_read:
        yield look.fault(
            ("flow",) if ("flow",) in look.source.keys else ("questionnaire",),
            "ways/never-started",
            f"Nothing starts the flow '{flow.name}', and no other flow calls it.",
            "Add 'starts', for instance '- when: staff start it', or let another flow call it.",
            severity="warning",
        )


def variants(look: Look) -> Iterator[Fault]:
    """A variant has a base, a place, and nothing that starts it by itself."""
    flow, keys = look.flow, look.source.keys
    if not flow.extends:
        if flow.site:
            said = "Only a variant of another flow has a site."
            yield look.fault(
                ("site",), "ways/extends", said, "Add 'extends' with the flow that it is a variant of."
            )
        return
    base = look.scope.flow(flow.extends)
    if base is None and flow.extends not in look.scope.names and look.scope.whole:
        yield look.fault(
            ("extends",),
            "ways/extends",
            f"There is no flow '{flow.extends}' to extend.{did_you_mean(flow.extends, look.scope.names)}",
            "Name the flow of which this is a variant.",
            at="value",
        )
    elif base and base.extends:
        said = f"'{flow.extends}' is a variant itself, and a variant of a variant would be hard to follow."
        yield look.fault(("extends",), "ways/extends", said, f"Extend '{base.extends}' instead.", at="value")
    if not flow.site:
        said = "The variant doesn't say for which location it is."
        yield look.fault(("extends",), "ways/extends", said, "Add 'site' with the location's name.")
    if ("starts",) in keys:
        said = "A variant begins when its base begins, so its own 'starts' are never looked at."
        yield look.fault(
            ("starts",), "ways/extends", said, f"Take them out, or change those of '{flow.extends}'."
        )


def same_site(scope: Scope) -> Iterator[Fault]:
    """A location has one variant of a flow."""
    seen: dict[tuple[str, str], str] = {}
    for look in looks(scope):
        flow = look.flow
        if not flow.extends or not flow.site:
            continue
        first = seen.setdefault((flow.extends, flow.site.casefold()), flow.name)
        if first != flow.name:
            said = f"'{first}' is a variant of '{flow.extends}' for '{flow.site}' already."
            yield look.fault(("site",), "ways/extends", said, "Put the two together.", at="value")


def same_start(scope: Scope) -> Iterator[Fault]:
    """Of several starts by the same thing, each has a chance."""
    first: dict[tuple[object, ...], str] = {}
    for look in looks(scope):
        for number, start in enumerate(look.flow.starts) if not look.flow.extends else ():
            key = _begun_by(look.flow, start)
            if key in first:
                yield look.fault(
                    ("starts", number, "when"),
                    "ways/same-start",
                    f"The flow '{first[key]}' begins with '{start.when}' already, so this is never reached.",
                    "Give the earlier start an 'if', or take one of them out.",
                    at="value",
                )
            elif start.condition is None or isinstance(start.when, AroundVisit):
                first[key] = look.flow.name


def _begun_by(flow: Flow, start: Start) -> tuple[object, ...]:
    """What only one start can answer: of a text, flows about the visit come before those about the patient."""
    said = str(start.when).casefold()
    of_a_text = isinstance(start.when, PatientSays | PatientTexts) or start.when is Happens.ANY_TEXT
    return (said, flow.about) if of_a_text else (said, flow.name)


RULES: tuple[Rule, ...] = (heard, keywords, about, started, variants)
