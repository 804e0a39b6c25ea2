"""Family `words`: sentences that are missing, can't be filled in, were reviewed by nobody, or mislead.

Here are the rules about sentences as a whole; those about lists of choices stand in `words_choices`, about the first
message of a flow in `words_first`, about forms and pages in `words_forms`, about consents in `words_consents`, about
the people on call in `words_staff`, about how sentences read in `words_style`.
"""

from collections.abc import Iterator, Mapping

from babel import Locale, UnknownLocaleError

from bot.core.book import Wording
from bot.core.by_hand import READY
from bot.core.flow import Sensitivity
from bot.core.questions import OneOf
from bot.core.wording import VALUES
from bot.flowbook.draft import Draft
from bot.flowbook.faults import Fault
from bot.flowbook.lint import (
    graph,
    longest,
    words_choices,
    words_consents,
    words_first,
    words_forms,
    words_staff,
    words_style,
)
from bot.flowbook.lint.privacy import of_patients
from bot.flowbook.lint.scope import (
    Language,
    Look,
    Rule,
    Scope,
    Sentence,
    Use,
    looks,
    of_flows,
    said,
    scope_of,
    uses,
)

_CLINIC = frozenset({"clinic", "clinic_phone"})
_VISIT = frozenset({"day", "time", "location"})

EVERYWHERE: Mapping[str, frozenset[str]] = {
    "soft_reply": _CLINIC,
    "stranger_reply": _CLINIC,
    "wrong_number": _CLINIC,
    "other_language": _CLINIC,
    "which_visit": _CLINIC | {"visits"},
    "which_person": _CLINIC | {"people"},
    "finish_first": _CLINIC,
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

FOR_PAGES: Mapping[str, frozenset[str]] = {"page_again": _CLINIC | {"first_name", "link"}}
"""The sentences that every language needs where a flow sends pages, which use them by themselves."""

BY_HAND: Mapping[str, frozenset[str]] = {
    "staff_text": _CLINIC | {"words"},
    "page_from_staff": _CLINIC | {"first_name", "link"},
}
"""The sentences around what staff write and send themselves. A clinic may do without; where one language has such a
sentence, all need it."""

TO_STAFF = words_staff.TO_STAFF
"""The sentences to the people on call."""


def check(draft: Draft) -> Iterator[Fault]:
    """All faults of this family."""
    scope = scope_of(draft)
    yield from of_flows(scope, (*RULES, *words_first.RULES))
    yield from reviewed(draft, scope)
    yield from calendars(scope)
    yield from written_once(draft)
    if _all_read(draft):
        yield from of_flows(
            scope, (languages, there, *words_choices.RULES, *words_forms.RULES, *words_consents.RULES)
        )
        yield from needed(draft, scope)
    yield from words_forms.check(scope, all_read=_all_read(draft))
    yield from words_consents.check(scope)
    yield from words_staff.check(draft, scope, all_read=_all_read(draft))
    yield from words_choices.check(scope)
    yield from readable(scope)
    yield from everywhere(draft, scope)
    yield from words_style.check(scope)
    if scope.all_read:
        yield from unused(draft, scope)


def _all_read(draft: Draft) -> bool:
    """Whether all files with sentences could be read: else it isn't known what is missing."""
    return all(path in draft.models for path in draft.sources if path.startswith("wording/"))


# -- languages and files ------------------------------------------------------------------------------


def languages(look: Look) -> Iterator[Fault]:
    """A flow's languages have a wording."""
    for number, tag in enumerate(look.flow.languages):
        if tag not in look.scope.languages:
            yield look.fault(
                ("languages", number),
                "words/no-language",
                f"There is no wording in the language '{tag}'.",
                f"Write wording/{tag}.yaml, or take the language out.",
            )


def reviewed(draft: Draft, scope: Scope) -> Iterator[Fault]:
    """Somebody has read every sentence of a language that flows use."""
    users: dict[str, str] = {}
    for look in looks(scope):
        for tag in look.flow.languages:
            users.setdefault(tag, look.flow.name)
    for source, wording in draft.of(Wording):
        lacking = [key for key in ("reviewed_by", "reviewed_on") if not getattr(wording, key)]
        if lacking and wording.language in users:
            yield source.fault(
                (lacking[0],),
                "words/not-reviewed",
                f"Nobody reviewed these sentences, and the flow '{users[wording.language]}' uses their language.",
                "Let a person who speaks it read every sentence, then fill in reviewed_by and reviewed_on.",
            )


def calendars(scope: Scope) -> Iterator[Fault]:
    """Days and times can be written in every language that there is a wording for."""
    for tag, language in scope.languages.items():
        try:
            Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError):
            yield language.source.fault(
                ("language",),
                "words/no-calendar",
                f"How days and times are written in '{tag}' is not known.",
                "Write the language's two-letter code, like en, es or vi.",
                at="value",
            )


def written_once(draft: Draft) -> Iterator[Fault]:
    """A sentence, list or snippet of a language stands in one file only."""
    seen: dict[tuple[str, str, str], str] = {}
    files = sorted(draft.of(Wording), key=lambda each: each[0].file != f"wording/{each[1].language}.yaml")
    for source, wording in files:
        for part in ("sentences", "pages", "choices", "snippets"):
            for key in getattr(wording, part):
                first = seen.setdefault((wording.language, part, key), source.file)
                if first != source.file:
                    yield source.fault(
                        (part, key),
                        "words/twice",
                        f"'{key}' stands in {first} already, and only one of the two is said.",
                        "Take one of them out, or give it another name.",
                    )


# -- sentences ----------------------------------------------------------------------------------------


def _place(look: Look, language: Language) -> str:
    """The file of the flow's own sentences, if there is one, else that of all."""
    own = f"wording/{language.tag}.{look.flow.extends or look.flow.name}.yaml"
    homes = {sentence.source.file for sentence in language.sentences.values()}
    return own if own in homes else language.source.file


def there(look: Look) -> Iterator[Fault]:
    """Every sentence that is said exists in every language it is said in."""
    for use in uses(look):
        for tag in look.flow.languages:
            language = look.scope.languages.get(tag)
            if language and use.key not in language.sentences and use.key not in language.pages:
                yield look.fault(
                    use.where,
                    "words/missing",
                    f"The sentence '{use.key}' is missing in '{tag}'.",
                    f"Add it to {_place(look, language)}, or name one that is there.",
                    at="value",
                )


def needed(draft: Draft, scope: Scope) -> Iterator[Fault]:
    """What every conversation, or every page, can need exists in every language."""
    with_pages = any(step.send_page for _, flow in scope.flows.values() for step in flow.steps.values())
    for tag, language in scope.languages.items():
        wanted = [
            *EVERYWHERE,
            *(words_staff.needed(draft) if tag == "en" else ()),
            *(FOR_PAGES if with_pages else ()),
            *(key for key in BY_HAND if any(key in other.sentences for other in scope.languages.values())),
        ]
        for key in wanted:
            if key not in language.sentences:
                yield language.source.fault(
                    ("sentences",),
                    "words/missing",
                    f"The sentence '{key}' is missing; every {'page' if key in FOR_PAGES else 'conversation'} can need "
                    "it.",
                    f"Add '{key}: …' under 'sentences'.",
                )


def readable(scope: Scope) -> Iterator[Fault]:
    """Every sentence is a template that can be filled in."""
    for language in scope.languages.values():
        for sentence in language.sentences.values():
            if sentence.template.broken:
                yield sentence.fault(
                    "words/template",
                    f"The sentence '{sentence.key}' can't be filled in: '{sentence.template.broken}' is no value.",
                    "Write each value in two pairs of braces, like {{first_name}}; words that hang on a number like "
                    "{{days|plural(one='day', other='days')}}. Nothing else can stand in braces.",
                    part=sentence.template.broken,
                )


def filled_in(look: Look) -> Iterator[Fault]:
    """Every value is known wherever its sentence is said."""
    with_times = graph.knows_times(look.flow)
    for use in uses(look):
        usable = _usable(use, with_times=use.name in with_times)
        for _, sentence in said(use):
            for name in sentence.template.names:
                if name not in usable and name not in look.flow.variables and not of_patients(name):
                    yield _unknown_value(
                        sentence, name, usable, f"the step '{use.name}' of '{look.flow.name}'"
                    )


def _usable(use: Use, *, with_times: bool) -> frozenset[str]:
    flow, step = use.look.flow, use.step
    values = _CLINIC | {"first_name", "link"}  # of the link: `privacy`
    if flow.about == "the visit":
        values |= _VISIT
    if with_times:
        values |= {"times", "offered"}
    if isinstance(step.expect, OneOf):
        values |= {"choices"}
    return values | {name for name, declared in flow.variables.items() if declared is not Sensitivity.PHI}


def everywhere(draft: Draft, scope: Scope) -> Iterator[Fault]:
    """The sentences outside of flows have the values that are known there."""
    told = {key: words_staff.TO_PATIENTS for _, _, key in words_staff.told(draft)}
    for language in scope.languages.values():
        ready = {key: frozenset[str]() for key in language.sentences if key.startswith(READY)}
        for key, usable in {**told, **EVERYWHERE, **FOR_PAGES, **BY_HAND, **TO_STAFF, **ready}.items():
            sentence = language.sentences.get(key)
            for name in sentence.template.names if sentence else ():
                if sentence and name not in usable:
                    place = "a message to staff" if key in TO_STAFF else "every conversation"
                    yield _unknown_value(sentence, name, usable, place)


def _unknown_value(sentence: Sentence, name: str, usable: frozenset[str], where: str) -> Fault:
    known = f"is not known where this is said, in {where}"
    why = known if name in (*VALUES, "offered", *longest.TO_STAFF) else "is no value that a sentence can have"
    return sentence.fault(
        "words/value",
        f"In the sentence '{sentence.key}', {{{{{name}}}}} {why}.",
        f"Known there: {', '.join(sorted(usable if sentence.key in TO_STAFF else usable - {'link'}))}.",
        part=name,
    )


def unused(draft: Draft, scope: Scope) -> Iterator[Fault]:
    """What nothing says is clutter that somebody has to review."""
    steps = [step for _, flow in scope.flows.values() for step in flow.steps.values()]
    spoken = {use.key for look in looks(scope) for use in uses(look)} | words_forms.keys(scope)
    spoken |= {*EVERYWHERE, *FOR_PAGES, *BY_HAND, *TO_STAFF, *(key for _, _, key in words_staff.told(draft))}
    lists = {step.expect.choices for step in steps if isinstance(step.expect, OneOf)}
    lists |= words_forms.lists(scope)
    for language in scope.languages.values():
        for key, sentence in language.sentences.items():
            if key not in spoken and not key.startswith(READY):
                yield sentence.fault(
                    "words/unused",
                    f"Nothing says the sentence '{key}'.",
                    "Take it out, or let a step say it.",
                    severity="warning",
                )
        for name, (source, _) in language.choices.items():
            if name not in lists:
                yield source.fault(
                    ("choices", name),
                    "words/unused",
                    f"No question expects one of '{name}'.",
                    f"Take the list out, or let a step expect 'one of {name}'.",
                    severity="warning",
                )


RULES: tuple[Rule, ...] = (filled_in,)
