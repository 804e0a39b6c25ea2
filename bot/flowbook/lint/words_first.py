"""Family `words`, the rules about the first message of a flow that the patient didn't ask for.

Who writes and how to end it must be said: CTIA Messaging Principles and Best Practices (2023-05), 5.1.2 and 5.1.3;
47 CFR 64.1200(a)(9)(iv) wants it in every healthcare message that goes out without prior consent.
"""

import re
from collections.abc import Iterator

from bot.core.flow import END, Flow, Start
from bot.core.triggers import FormSubmitted, Happens, PatientSays, PatientTexts
from bot.flowbook.faults import Fault
from bot.flowbook.lint.scope import Look, Rule, Scope, Use, said, uses

_ASKED = (PatientSays, PatientTexts, FormSubmitted)


def who_writes(look: Look) -> Iterator[Fault]:
    """It names the clinic."""
    for use, start in _firsts(look):
        for _, sentence in said(use):
            if "clinic" not in sentence.template.names:
                yield sentence.fault(
                    "words/no-clinic",
                    f"'{use.key}' is the first that a patient hears from the flow '{look.flow.name}' ('{start.when}'), "
                    "and it doesn't say who writes.",
                    "Begin it with {{clinic}}.",
                )


def how_to_stop(look: Look) -> Iterator[Fault]:
    """It says how to get no more texts; where it is no care that was agreed on, it must."""
    for use, start in _firsts(look):
        must = look.flow.purpose in ("survey", "bulk") or start.when in (Happens.STAFF, Happens.BROADCAST)
        for tag, sentence in said(use):
            if _says_stop(look.scope, sentence.text):
                continue
            message = (
                f"'{use.key}' is the first that a patient hears from the flow '{look.flow.name}' ('{start.when}'), and "
                "it doesn't say how to get no more texts."
            )
            mend = f"Add {'STOP para no recibir mas.' if tag.startswith('es') else 'Text STOP to opt out.'}"
            if must:
                yield sentence.fault("words/how-to-stop", message, mend)
            else:
                yield sentence.fault("words/stop-in-reminder", message, mend, severity="warning")


def _says_stop(scope: Scope, text: str) -> bool:
    words = {"STOP", *(word.upper() for word in scope.policy.stop_words)} if scope.policy else {"STOP"}
    return bool(words & set(re.findall(r"\b[A-Z]{3,}\b", text)))


def _firsts(look: Look) -> list[tuple[Use, Start]]:
    """The sentences that a patient can hear first, without having written or sent a form."""
    found: dict[tuple[str, str], tuple[Use, Start]] = {}
    for start in () if look.flow.extends else look.flow.starts:
        if isinstance(start.when, _ASKED) or start.when is Happens.ANY_TEXT:
            continue
        begun = [start.at or look.flow.first, *([start.if_confirmed] if start.if_confirmed else [])]
        for use in _said_first(look, begun):
            found.setdefault((use.look.flow.name, use.key), (use, start))
    return list(found.values())


def _said_first(look: Look, begun: list[str]) -> Iterator[Use]:
    left, seen = [(look.flow, name) for name in begun], set()
    while left:
        flow, name = left.pop()
        if (flow.name, name) in seen or name not in flow.steps:
            continue
        seen.add((flow.name, name))
        source = look.scope.flows[flow.name][0]
        here = [use for use in uses(Look(scope=look.scope, source=source, flow=flow)) if use.name == name]
        spoken = [use for use in here if use.part in ("say", "ask")]
        if spoken:
            yield spoken[0]
        else:
            left += _after(look.scope, flow, name)


def _after(scope: Scope, flow: Flow, name: str) -> Iterator[tuple[Flow, str]]:
    step = flow.steps[name]
    other = scope.flow(step.call or step.start)
    if other:
        yield other, other.first
        return
    for target in step.ways().values():
        if target != END:
            yield flow, target


RULES: tuple[Rule, ...] = (who_writes, how_to_stop)
