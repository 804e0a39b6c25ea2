"""Family `words`: sentences that are missing, can't be filled in, were reviewed by nobody, or clash with the
words that carriers keep for themselves."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError
from jinja2 import TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.core.book import Policy, Wording
from bot.core.flow import Flow
from bot.core.wording import VALUES
from bot.flowbook.draft import Draft
from bot.flowbook.faults import Fault
from bot.flowbook.lint import graph
from bot.flowbook.source import Source, Where

_CLINIC = frozenset({"clinic", "clinic_phone"})
_VISIT = _CLINIC | {"first_name", "day", "time"}
_PAGE = frozenset({"clinic", "code", "urgency", "minutes"})

EVERYWHERE: Mapping[str, frozenset[str]] = {
    "soft_reply": _CLINIC,
    "stranger_reply": _CLINIC,
    "wrong_number": _CLINIC,
    "which_visit": _CLINIC | {"visits"},
    "opted_out": _CLINIC,
    "opted_out_visit_stands": _CLINIC,
    "opted_in": _CLINIC,
    "help": _CLINIC,
    "emergency_reply": _CLINIC,
    "crisis_reply": _CLINIC,
    "urgent_reply": _CLINIC,
    "staff_help": _CLINIC,
}
"""The sentences that every language needs whatever the flows are, and the values that each may use."""

TO_STAFF: Mapping[str, frozenset[str]] = {"page": _PAGE, "page_phone_only": _PAGE}
"""The sentences to the person on call, who is paged in English."""

_environment = ImmutableSandboxedEnvironment()


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A place in a flow that says a sentence, and the values that are known there."""

    source: Source
    flow: Flow
    where: Where
    key: str
    values: frozenset[str]


def check(draft: Draft) -> Iterator[Fault]:
    """All faults of this family."""
    for rule in RULES:
        yield from rule(draft)


def uses(draft: Draft) -> list[Use]:
    """Every sentence that a step says."""
    found = []
    for source, flow in draft.of(Flow):
        with_times = graph.knows_times(flow)
        for name, step in flow.steps.items():
            values = _VISIT | {"times"} if name in with_times else _VISIT
            for part in ("say", "ask", "again"):
                if key := getattr(step, part):
                    use = Use(
                        source=source,
                        flow=flow,
                        where=("steps", name, part),
                        key=key,
                        values=frozenset(values),
                    )
                    found.append(use)
    return found


def _needed(language: str) -> Mapping[str, frozenset[str]]:
    return {**EVERYWHERE, **TO_STAFF} if language == "en" else EVERYWHERE


def languages(draft: Draft) -> Iterator[Fault]:
    """A flow's languages have a wording, and somebody reviewed it."""
    wordings = draft.wordings()
    for source, flow in draft.of(Flow):
        for number, language in enumerate(flow.languages):
            if language not in wordings and f"wording/{language}.yaml" in draft.sources:
                continue  # it is there, with a fault of its own
            if language not in wordings:
                yield source.fault(
                    ("languages", number),
                    "words/no-language",
                    f"There is no wording in the language '{language}'.",
                    f"Write wording/{language}.yaml, or take the language out.",
                )
            elif not wordings[language][1].reviewed_by:
                yield wordings[language][0].fault(
                    ("reviewed_by",),
                    "words/not-reviewed",
                    f"Nobody reviewed this language, and the flow '{flow.name}' uses it.",
                    "Let a person who speaks it read every sentence, then fill in reviewed_by and reviewed_on.",
                )


def calendars(draft: Draft) -> Iterator[Fault]:
    """Days and times can be written in every language that there is a wording for."""
    for language, (source, _) in draft.wordings().items():
        try:
            Locale.parse(language)
        except (ValueError, UnknownLocaleError):
            yield source.fault(
                ("language",),
                "words/no-calendar",
                f"How days and times are written in '{language}' is not known.",
                "Write the language's two-letter code, like en, es or vi.",
                at="value",
            )


def there(draft: Draft) -> Iterator[Fault]:
    """Every sentence that is said exists in every language it is said in."""
    wordings = draft.wordings()
    for use in uses(draft):
        for language in use.flow.languages:
            if language in wordings and use.key not in wordings[language][1].sentences:
                yield use.source.fault(
                    use.where,
                    "words/missing",
                    f"The sentence '{use.key}' is missing in '{language}'.",
                    f"Add it to {wordings[language][0].file}, or name one that is there.",
                    at="value",
                )
    for language, (source, wording) in wordings.items():
        for key in _needed(language):
            if key not in wording.sentences:
                yield source.fault(
                    ("sentences",),
                    "words/missing",
                    f"The sentence '{key}' is missing; every conversation can need it.",
                    f"Add '{key}: …' under 'sentences'.",
                )


def filled_in(draft: Draft) -> Iterator[Fault]:
    """Every sentence is a template that can be filled in wherever it is said."""
    known: dict[str, frozenset[str]] = {**EVERYWHERE, **TO_STAFF}
    for use in uses(draft):
        known[use.key] = known.get(use.key, use.values) & use.values
    for source, wording in draft.wordings().values():
        for key, text in wording.sentences.items():
            try:
                names = meta.find_undeclared_variables(_environment.parse(text))
            except TemplateSyntaxError as error:
                yield source.fault(
                    ("sentences", key),
                    "words/template",
                    f"The sentence '{key}' can't be filled in: {error.message}.",
                    "Write each value in two pairs of braces, like {{first_name}}.",
                    at="value",
                )
                continue
            usable = known.get(key, frozenset(VALUES))
            for name in sorted(names - usable):
                yield _unknown_value(source, key, name, usable)


def _unknown_value(source: Source, key: str, name: str, usable: frozenset[str]) -> Fault:
    why = "is not known where this is said" if name in VALUES else "is no value that a sentence can have"
    return source.fault(
        ("sentences", key),
        "words/value",
        f"In the sentence '{key}', {{{{{name}}}}} {why}.",
        f"Known there: {', '.join(value for value in VALUES if value in usable)}.",
        span=source.span(("sentences", key), name),
    )


def used(draft: Draft) -> Iterator[Fault]:
    """A sentence that nothing says is clutter that somebody has to review."""
    said = {use.key for use in uses(draft)} | set(EVERYWHERE) | set(TO_STAFF)
    broken = any(path.startswith("dialogs/") and path not in draft.models for path in draft.sources)
    for source, wording in draft.wordings().values():
        for key in wording.sentences:
            if key not in said and not broken:
                yield source.fault(
                    ("sentences", key),
                    "words/unused",
                    f"Nothing says the sentence '{key}'.",
                    "Take it out, or let a step say it.",
                    severity="warning",
                )


# -- words that carriers keep for themselves ----------------------------------------------------------

_ASKS = re.compile(
    r"\b(reply|respond|answer|text|send|type|responda|responde|escriba|escribe|env[ií]e|env[ií]a|conteste|mande)\b",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"\b[A-ZÁÉÍÓÚÑ]{2,}\b|(?<=[\"“'‘])\w+(?=[\"”'’])")
_CLAUSE = re.compile(r"(?<=[.?!;])\s+|\n")
_OF_VISITS = re.compile(
    r"\b(visits?|appointments?|cancel(ar)?|confirm(ar)?|reschedule|move|change|directions|citas?|cambiar|yes|no)\b",
    re.IGNORECASE,
)
_NO_TEXTS = re.compile(r"\bno (recibir|more (texts|messages))\b", re.IGNORECASE)
_AMBIGUOUS = ("cancel", "end", "quit", "revoke", "info")
"""Carrier words that patients know with another meaning."""

_MEANING = {
    "stop": "ends all texts to this phone",
    "start": "turns texts to this phone on again",
    "help": "brings the help text and nothing else",
}


def carrier_words(draft: Draft) -> Iterator[Fault]:
    """No sentence offers a carrier's word as an answer with another meaning."""
    policy = draft.policy()
    if policy is None:
        return
    reserved = _reserved(policy)
    for source, wording in draft.wordings().values():
        for key, word in _clashes(wording, reserved):
            meaning = _MEANING[reserved[word.casefold()]]
            yield source.fault(
                ("sentences", key),
                "words/carrier-word",
                f"The sentence '{key}' offers {word} as an answer, but to carriers a text with only this "
                f"word {meaning}; the clinic may never see it as anything else.",
                "Offer another answer, like C or R, and let patients say the rest in their own words.",
                span=source.span(("sentences", key), word),
            )


def _reserved(policy: Policy) -> dict[str, str]:
    groups = {"stop": policy.stop_words, "start": policy.start_words, "help": policy.help_words}
    return {word: meaning for meaning, words in groups.items() for word in words}


def _clashes(wording: Wording, reserved: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, text in wording.sentences.items():
        for clause in _CLAUSE.split(text):
            asks = _ASKS.search(clause)
            for found in _SPOKEN.finditer(clause, asks.end()) if asks else ():
                word = found[0]
                tail = _NO_TEXTS.sub("", clause[found.end() :])
                if word.casefold() not in reserved:
                    continue
                if word.casefold() in _AMBIGUOUS or _OF_VISITS.search(tail):
                    yield key, word


RULES: tuple[Callable[[Draft], Iterator[Fault]], ...] = (
    languages,
    calendars,
    there,
    filled_in,
    used,
    carrier_words,
)
