"""Family `roles`: what a clinic's own roles may do and see.

What `core/roles` does not take at all is told here too, in words that teach; `shape` asks for them.
"""

import difflib
from collections.abc import Callable, Iterator

from bot.core.expr import did_you_mean
from bot.core.roles import STANDARD, May, Role, Roles, Sees
from bot.flowbook.draft import Draft, Problem
from bot.flowbook.faults import Fault
from bot.flowbook.source import Source, Where
from bot.flowbook.traps import Told

_CLOSE = 0.8
"""How alike two names are of which one is a slip: 'nurses' and 'nurse' are, 'biller' and 'billing' are not."""
OF_KEYS = ("roles/sees-everything",)
"""What is told at the name of a role, not at its first line."""
_TOP: Where = ("roles",)


def check(draft: Draft) -> Iterator[Fault]:
    """All faults of this family but those of what could not be read."""
    for source, roles in draft.of(Roles):
        for rule in RULES:
            yield from rule(source, roles)


# -- what could not be read -----------------------------------------------------------------------------


def told(problem: Problem) -> Told | None:
    """What is told of a role that can't be taken; None for all that is no matter of roles."""
    if problem.model is not Roles or problem.where[:1] != _TOP:
        return None
    if problem.kind == "value_error" and len(problem.where) == 2:
        said = str(problem.context["error"])
        message = f"The role '{problem.where[1]}' would do and see too much: {said.split('. ')[0]}."
        mend = (
            "Take 'health information' out of what it sees, or the right out of what it may do, and make two roles "
            "of it. In an emergency somebody with the right to 'break the glass' sees it all for a while."
        )
        return "roles/sees-everything", message, mend
    if problem.kind == "enum" and len(problem.where) == 4:
        return _unknown(problem)
    return None


def _unknown(problem: Problem) -> Told:
    there: list[str] = list(May) if problem.where[2] == "may" else list(Sees)
    what, rule = _CALLED[str(problem.where[2])]
    said = _written(problem)
    hint = did_you_mean(said, there).strip()
    return rule, f"There is no {what} '{said}'.", f"{hint} There are: {', '.join(there)}.".strip()


def _written(problem: Problem) -> str:
    value: object = problem.source.value
    for part in problem.where:
        value = value[part] if isinstance(value, dict | list) else value  # type: ignore[index]
    return str(value)


_CALLED = {"may": ("right", "roles/no-right"), "sees": ("part of a patient's record", "roles/no-part")}


# -- what could be ----------------------------------------------------------------------------------------


def somebody_manages(source: Source, roles: Roles) -> Iterator[Fault]:
    """Some role gives out the others."""
    if not any(May.STAFF in role.may for role in roles.all.values()):
        yield source.fault(
            _TOP,
            "roles/nobody-manages-staff",
            "No role may 'manage staff': nobody could add or change people any more.",
            "Give it to one of them, as the standard role 'admin' has it.",
            at="key",
        )


def somebody_reads(source: Source, roles: Roles) -> Iterator[Fault]:
    """Some role reads the trail."""
    if not any(May.AUDIT in role.may for role in roles.all.values()):
        yield source.fault(
            _TOP,
            "roles/nobody-reads-the-trail",
            "No role may 'read the audit trail': nobody would look at who broke the glass.",
            "Give it to one of them, as the standard role 'compliance' has it.",
            at="key",
            severity="warning",
        )


def sees_what_it_answers(source: Source, roles: Roles) -> Iterator[Fault]:
    """Who answers patients reads what they wrote."""
    for name, role in roles.roles.items():
        if May.REPLY in role.may and Sees.MESSAGES not in role.sees:
            yield source.fault(
                (*_TOP, name),
                "roles/answers-unseen",
                f"The role '{name}' may 'write to patients' and does not see their messages: it would answer blindly.",
                "Write 'messages' into what it sees, or take 'write to patients' out.",
                at="key",
            )


def once(source: Source, roles: Roles) -> Iterator[Fault]:
    """Nothing stands in a list twice."""
    for name, role in roles.roles.items():
        for key, listed in _lists(role):
            for number, each in enumerate(listed):
                if each in listed[:number]:
                    yield source.fault(
                        (*_TOP, name, key, number),
                        "roles/twice",
                        f"'{each}' stands here twice.",
                        "Take one of them out.",
                        severity="warning",
                    )


def _lists(role: Role) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ("may", role.may), ("sees", role.sees)


def slips(source: Source, roles: Roles) -> Iterator[Fault]:
    """A new role is not a standard one with a slip in its name."""
    for name in roles.roles:
        close = difflib.get_close_matches(name, STANDARD, n=1, cutoff=_CLOSE)
        if close and name not in STANDARD:
            yield source.fault(
                (*_TOP, name),
                "roles/near-name",
                f"'{name}' is a new role beside the standard one '{close[0]}'. Did you mean '{close[0]}'?",
                f"To have '{close[0]}' otherwise, write its own name. If it is a role of its own, call it something "
                "that nobody takes for the other.",
                at="key",
                severity="warning",
            )


RULES: tuple[Callable[[Source, Roles], Iterator[Fault]], ...] = (
    somebody_manages,
    somebody_reads,
    sees_what_it_answers,
    once,
    slips,
)
