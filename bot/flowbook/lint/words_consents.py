"""Family `words`, the rules about consents: their title and text are written, in every language, and can be read.

A consent has no file of its own: a step names it, and its sentences under `pages:` are called after it.
"""

from collections.abc import Iterator

from bot.core.flow import Page
from bot.flowbook.faults import Fault
from bot.flowbook.lint import reading
from bot.flowbook.lint.scope import Language, Look, Rule, Scope, Sentence

PARTS = ("title", "text")
"""What every consent has."""

USABLE = frozenset({"clinic"})
"""What its sentences can be filled in with."""


def named(consent: str) -> tuple[str, ...]:
    """The keys of a consent's sentences."""
    return tuple(f"consent_{consent}_{part}" for part in PARTS)


def written(look: Look) -> Iterator[Fault]:
    """A consent that is sent can be read in each language of the flow."""
    for name, step in look.flow.steps.items():
        if step.send_page is not Page.CONSENT or not step.form:
            continue
        for tag in look.flow.languages:
            language = look.scope.languages.get(tag)
            for key in named(step.form) if language else ():
                if language and key not in language.pages:
                    yield _missing(look, name, language, key)


def _missing(look: Look, step: str, language: Language, key: str) -> Fault:
    if key in language.sentences:
        return look.fault(
            ("steps", step, "form"),
            "words/page-or-text",
            f"'{key}' is a sentence for texts in '{language.tag}', and a consent is read on a page.",
            "Write it under 'pages:' of the wording.",
            at="value",
        )
    return look.fault(
        ("steps", step, "form"),
        "words/missing",
        f"The sentence '{key}' is missing in '{language.tag}': the patient would sign an empty page.",
        "Add it under 'pages:' of a wording file of the language, or name another consent.",
        at="value",
    )


def check(scope: Scope) -> Iterator[Fault]:
    """The faults of the sentences themselves: what fills them in, and how they read."""
    consents = {
        step.form: None
        for _, flow in scope.flows.values()
        for step in flow.steps.values()
        if step.send_page is Page.CONSENT and step.form
    }
    for language in scope.languages.values():
        for key in (key for consent in consents for key in named(consent)):
            if sentence := language.pages.get(key):
                yield from _sound(sentence, language)


def _sound(sentence: Sentence, language: Language) -> Iterator[Fault]:
    for name in sentence.template.names:
        if name not in USABLE:
            yield sentence.fault(
                "words/value",
                f"In the sentence '{sentence.key}', {{{{{name}}}}} is not known where this is said, in a consent.",
                f"Known there: {', '.join(sorted(USABLE))}.",
                part=name,
            )
    found = reading.level(sentence.text, language.tag)
    if found and found.hard:
        yield sentence.fault(
            "words/hard",
            f"The sentence '{sentence.key}' is hard to read ({found.said}), and a patient signs it.",
            "Use shorter sentences and shorter words, as one would say it to a child of twelve.",
            severity="warning",
        )


RULES: tuple[Rule, ...] = (written,)
