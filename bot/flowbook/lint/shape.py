"""Family `shape`: files that can't be read, keys that don't exist, values of the wrong kind."""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from bot.core.book import House, Policy
from bot.core.expr import ExprError
from bot.core.flow import Flow
from bot.core.forms import Form
from bot.flowbook.draft import HOUSE, MODELS, Draft, Problem
from bot.flowbook.faults import Fault
from bot.flowbook.lint import roles
from bot.flowbook.lint.keys import homes, keys_at
from bot.flowbook.source import Span
from bot.flowbook.traps import Told

_WANTED = {
    "string_type": "a word or a sentence",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "date_from_datetime_parsing": "a date like 2026-11-01",
    "date_parsing": "a date like 2026-11-01",
    "date_type": "a date like 2026-11-01",
    "datetime_from_date_parsing": "a day and a time like 2026-12-24 17:00",
    "datetime_parsing": "a day and a time like 2026-12-24 17:00",
    "datetime_type": "a day and a time like 2026-12-24 17:00",
    "too_short": "at least one entry, like [one, two]",
    "time_parsing": 'a time of day like "09:00"',
    "time_type": 'a time of day like "09:00"',
    "time_delta_parsing": "a duration like '20 hours'",
    "time_delta_type": "a duration like '20 hours'",
    "tuple_type": "a list, like [one, two]",
    "dict_type": "keys with values, each on its own line as 'key: value'",
    "model_type": "keys with values, each on its own line as 'key: value'",
    "model_attributes_type": "keys with values, each on its own line as 'key: value'",
    "none_required": "nothing",
}
"""What pydantic wanted, in words for people."""


def check(draft: Draft) -> Iterator[Fault]:
    """All faults of this family."""
    for rule in RULES:
        yield from rule(draft)


def describe(problem: Problem) -> Fault:
    """A problem of pydantic's as a fault that says what to do."""
    teller = _TELLERS.get(problem.kind, _other)
    rule, message, mend = roles.told(problem) or teller(problem)
    at: Literal["key", "value"] = "key" if problem.kind in _OF_KEYS or rule in roles.OF_KEYS else "value"
    return problem.source.fault(problem.where, rule, message, mend, at=at, span=_span(problem))


def _readable(draft: Draft) -> Iterator[Fault]:
    for source in draft.sources.values():
        yield from source.faults


def _fitting(draft: Draft) -> Iterator[Fault]:
    for problem in draft.problems:
        if problem.kind != "too_short" or not _bad_below(draft, problem):
            yield describe(problem)


def _bad_below(draft: Draft, problem: Problem) -> bool:
    """Whether a list counts as empty only because what stands in it is wrong, which is told there."""
    above, depth = problem.where, len(problem.where)
    return any(
        other.source is problem.source and len(other.where) > depth and other.where[:depth] == above
        for other in draft.problems
    )


def _known_files(draft: Draft) -> Iterator[Fault]:
    for path in draft.strays:
        yield Fault(
            file=path,
            line=1,
            rule="shape/file",
            message="No file is expected here.",
            mend=f"Files end in .yaml and stand in: {', '.join(MODELS)}.",
        )
    if HOUSE not in draft.sources:
        yield Fault(
            file=HOUSE,
            line=1,
            rule="shape/file",
            message=f"There is no {HOUSE}.",
            mend="Write one with a line 'policy: …' that names the policy in force.",
        )


def _named_policy(draft: Draft) -> Iterator[Fault]:
    names = [policy.name for _, policy in draft.of(Policy)]
    for source, house in draft.of(House):
        if house.policy not in names and not _broken(draft, "policies/"):
            yield source.fault(
                ("policy",),
                "shape/policy",
                f"There is no policy '{house.policy}'.",
                f"Name one of those in policies/: {', '.join(names) or 'none yet'}.",
                at="value",
            )


def _names_once(draft: Draft) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for source, flow in draft.of(Flow):
        if flow.name in seen:
            yield source.fault(
                ("flow",),
                "shape/name",
                f"The flow '{flow.name}' stands in {seen[flow.name]} already.",
                "Give one of them another name.",
                at="value",
            )
        seen.setdefault(flow.name, source.file)
    forms: dict[str, str] = {}
    for source, form in draft.of(Form):
        if form.name in forms:
            yield source.fault(
                ("form",),
                "shape/name",
                f"The form '{form.name}' stands in {forms[form.name]} already.",
                "Give one of them another name.",
                at="value",
            )
        forms.setdefault(form.name, source.file)


def _english(draft: Draft) -> Iterator[Fault]:
    if "en" not in draft.wordings() and not _broken(draft, "wording/"):
        yield Fault(
            file="wording/en.yaml",
            line=1,
            rule="shape/file",
            message="There is no wording in English, which is sent where no other language is known.",
            mend="Write wording/en.yaml.",
        )


_REMARK = re.compile(r"\s+(?P<lost>#\S.*)")


def _lost(draft: Draft) -> Iterator[Fault]:
    """What stands behind a # is lost, and often it was meant as text."""
    for source in draft.sources.values():
        for where, node in source.texts():
            last = node.end_mark
            if node.style is not None or last.line >= len(source.lines):
                continue
            if found := _REMARK.match(source.lines[last.line], last.column):
                yield source.fault(
                    where,
                    "shape/remark",
                    f"A # with a space before it begins a remark, so '{found['lost']}' is lost.",
                    "Put the whole value in double quotes; if a remark is meant, write a space after the #.",
                    at="value",
                    severity="warning",
                )


def _broken(draft: Draft, folder: str) -> bool:
    """Whether a file there has a fault of its own, which is told already."""
    return any(path.startswith(folder) and path not in draft.models for path in draft.sources)


RULES: tuple[Callable[[Draft], Iterator[Fault]], ...] = (
    _readable,
    _lost,
    _fitting,
    _known_files,
    _named_policy,
    _names_once,
    _english,
)


# -- pydantic's problems in words ---------------------------------------------------------------------

_OF_KEYS = ("extra_forbidden", "missing")


def _span(problem: Problem) -> Span | None:
    """The part of the value that is wrong, where the error of our own knows it."""
    error = problem.context.get("error")
    return (error.position, error.length) if isinstance(error, ExprError) else None


def _unknown(problem: Problem) -> Told:
    key = str(problem.where[-1])
    known = keys_at(problem.model, problem.where[:-1])
    elsewhere = homes(problem.model, key)
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"Did you mean '{near[0]}'? " if near else ""
    if elsewhere:
        hint = f"'{key}' belongs {' or '.join(elsewhere)}. "
    return "shape/unknown-key", f"There is no key '{key}' here.", f"{hint}Keys here: {', '.join(known)}."


def _missing(problem: Problem) -> Told:
    key = problem.where[-1] if problem.where else "?"
    return "shape/missing-key", f"The key '{key}' is missing.", f"Add a line '{key}: …' here."


def _ours(problem: Problem) -> Told:
    said = str(problem.context.get("error", problem.message))
    return "shape/value", f"The value of {_called(problem)} can't be read.", said[0].upper() + said[1:] + "."


def _choice(problem: Problem) -> Told:
    expected = problem.context.get("expected", "")
    return (
        "shape/value",
        f"The value of {_called(problem)} is not one of the known ones.",
        f"Write {expected}.",
    )


def _pattern(problem: Problem) -> Told:
    message = f"The value of {_called(problem)} is not a plain name."
    return "shape/value", message, "Use small letters and _ only, like 'no_open_time'."


def _other(problem: Problem) -> Told:
    wanted = _WANTED.get(problem.kind)
    mend = f"Write {wanted}." if wanted else f"{problem.message}."
    return "shape/value", f"The value of {_called(problem)} is of the wrong kind.", mend


_TELLERS: Mapping[str, Callable[[Problem], Told]] = {
    "extra_forbidden": _unknown,
    "missing": _missing,
    "value_error": _ours,
    "literal_error": _choice,
    "enum": _choice,
    "string_pattern_mismatch": _pattern,
}


def _called(problem: Problem) -> str:
    names = [str(part) if isinstance(part, str) else f"no. {part + 1}" for part in problem.where]
    return f"'{' › '.join(names)}'" if names else "the file"
