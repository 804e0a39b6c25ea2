"""Family `cost`: what a sentence costs to send, at its longest."""

from collections.abc import Iterator

from bot.core.moments import AroundVisit
from bot.core.questions import OneOf
from bot.core.segments import Segments, segments
from bot.flowbook.draft import Draft
from bot.flowbook.faults import Fault
from bot.flowbook.lint import words_forms, words_staff
from bot.flowbook.lint.longest import TO_STAFF, VARIABLE, values
from bot.flowbook.lint.scope import Language, Scope, Sentence, looks, said, scope_of, uses

_LONG, _TOO_LONG = 2, 4
_TIMES = 3
"""Times on offer, where no policy says how many."""


def check(draft: Draft) -> Iterator[Fault]:
    """All faults of this family."""
    scope = scope_of(draft)
    reminders, lists = _reminders(scope), _lists(scope)
    for language in scope.languages.values():
        for sentence in language.sentences.values():
            if sentence.key in words_staff.SPOKEN:
                continue
            yield from plain_characters(sentence)
            size = _size(scope, language, sentence, lists.get((language.tag, sentence.key)))
            many = "reminder" if sentence.key in reminders else _with_link(sentence)
            yield from few_segments(sentence, size, many)
    yield from plain_choices(scope)


def few_segments(sentence: Sentence, size: Segments, many: str | None) -> Iterator[Fault]:
    """What must fit one segment does (`many` says what it is); anything else two, and never more than four.

    A clinic sends thousands of reminders. A text with a link that is cut in two may arrive with the link in pieces.
    """
    counted = f"{size.count} segments: {size.units} characters in {size.encoding} with the longest values"
    if size.count > _TOO_LONG:
        yield sentence.fault(
            "cost/too-long",
            f"The sentence '{sentence.key}' can need {counted}. Carriers may deliver the parts of so long a text in "
            "another order, or not at all.",
            "Say it in two sentences of two steps, or on a secure page.",
        )
    elif size.count > _LONG:
        yield sentence.fault(
            "cost/long",
            f"The sentence '{sentence.key}' can need {counted}, and each is billed.",
            "Make it shorter, or say it on a secure page.",
            severity="warning",
        )
    elif size.count > 1 and many and not size.culprits:
        yield sentence.fault(
            "cost/segments",
            f"The {many} '{sentence.key}' can need {counted}.",
            "Keep it within 160 characters: each segment is billed.",
            severity="warning",
        )


def plain_characters(sentence: Sentence) -> Iterator[Fault]:
    """A single character outside of the carriers' alphabet halves what fits into a segment."""
    culprits = segments(sentence.text).culprits
    if culprits:
        yield sentence.fault(
            "cost/characters",
            f"In the sentence '{sentence.key}', {' '.join(culprits)} makes every segment hold 70 characters "
            "instead of 160.",
            "Write it without: a straight quote, a plain hyphen, a vowel without its accent.",
            part=culprits[0],
            severity="warning",
        )


def plain_choices(scope: Scope) -> Iterator[Fault]:
    """Nor has what is shown of a choice such a character; on a page it costs nothing."""
    only_on_pages = words_forms.lists(scope) - set(_lists(scope).values())
    for language in scope.languages.values():
        for name, (source, options) in language.choices.items():
            for key, wordings in options.items() if name not in only_on_pages else ():
                culprits = segments(wordings[0]).culprits if wordings else ()
                if culprits:
                    yield source.fault(
                        ("choices", name, key),
                        "cost/characters",
                        f"In the choice '{key}' of '{name}', {' '.join(culprits)} makes every segment that shows it "
                        "hold 70 characters instead of 160.",
                        "Write the first wording without: a vowel without its accent, a straight quote.",
                        at="value",
                        severity="warning",
                    )


def _size(scope: Scope, language: Language, sentence: Sentence, shown: str | None) -> Segments:
    options = language.choices.get(shown or "")
    offered = scope.policy.offered_times if scope.policy else _TIMES
    longest = values(language.tag, offered=offered, options=options[1] if options else None)
    if sentence.key in words_staff.TO_STAFF:
        longest |= TO_STAFF
    return segments(sentence.template.filled(longest, VARIABLE))


def _with_link(sentence: Sentence) -> str | None:
    """Pages to staff are few, and can be answered without their link."""
    has = "link" in sentence.template.names and sentence.key not in words_staff.TO_STAFF
    return "text with a link" if has else None


def _reminders(scope: Scope) -> set[str]:
    """The sentences that patients get around a visit without having texted first."""
    found = set()
    for look in looks(scope):
        for start in look.flow.starts:
            if isinstance(start.when, AroundVisit):
                begun = (
                    look.flow.steps.get(name or "")
                    for name in (start.at or look.flow.first, start.if_confirmed)
                )
                found |= {key for step in begun if step for key in (step.say, step.ask) if key}
    return found


def _lists(scope: Scope) -> dict[tuple[str, str], str]:
    """The longest list of choices that each sentence shows, by language and sentence."""
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for look in looks(scope):
        for use in uses(look):
            for tag, sentence in said(use) if isinstance(use.step.expect, OneOf) else ():
                name = use.step.expect.choices if isinstance(use.step.expect, OneOf) else ""
                given = scope.languages[tag].choices.get(name)
                size = sum(len(wordings[0]) + 4 for wordings in given[1].values() if wordings) if given else 0
                found[tag, sentence.key] = max(found.get((tag, sentence.key), (0, name)), (size, name))
    return {key: name for key, (_, name) in found.items()}
