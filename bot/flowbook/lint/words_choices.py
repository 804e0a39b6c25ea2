"""Family `words`, the rules about lists of choices: the same in every language, shown, and without two meanings."""

import re
from collections.abc import Iterator, Mapping

from bot.core.expr import did_you_mean
from bot.core.questions import OneOf
from bot.flowbook.faults import Fault
from bot.flowbook.lint.carriers import MEANING, reserved
from bot.flowbook.lint.scope import Look, Rule, Scope, said, uses


def check(scope: Scope) -> Iterator[Fault]:
    """The faults of the lists themselves."""
    yield from same_keys(scope)
    yield from distinct(scope)
    yield from no_carrier_word(scope)


def lists_exist(look: Look) -> Iterator[Fault]:
    """A question's list of choices is written in every language of its flow."""
    for name, step in look.flow.steps.items():
        for tag in look.flow.languages if isinstance(step.expect, OneOf) else ():
            language = look.scope.languages.get(tag)
            wanted = step.expect.choices if isinstance(step.expect, OneOf) else ""
            if language and wanted not in language.choices:
                yield look.fault(
                    ("steps", name, "expect"),
                    "words/no-choices",
                    f"There is no list of choices '{wanted}' in '{tag}'.{did_you_mean(wanted, language.choices)}",
                    f"Add '{wanted}' under 'choices' of a file of the language '{tag}'.",
                    at="value",
                )


def shown(look: Look) -> Iterator[Fault]:
    """Who shall choose sees what there is to choose from."""
    for use in uses(look):
        if use.part != "ask" or not isinstance(use.step.expect, OneOf):
            continue
        for tag, sentence in said(use):
            found = look.scope.languages[tag].choices.get(use.step.expect.choices)
            if found and "choices" not in sentence.template.names and not _named(sentence.text, found[1]):
                yield sentence.fault(
                    "words/not-shown",
                    f"'{sentence.key}' asks for one of '{use.step.expect.choices}' and doesn't show what there is to "
                    "choose from.",
                    "Write {{choices}} where the list shall stand, or name every choice with its number.",
                )


def _named(text: str, options: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether every choice is named by its number, its key or its wording."""
    words = set(re.findall(r"\w+", text.casefold()))
    return all(
        {str(place), key.casefold()} & words or any(each.casefold() in text.casefold() for each in wordings)
        for place, (key, wordings) in enumerate(options.items(), start=1)
    )


def same_keys(scope: Scope) -> Iterator[Fault]:
    """A list has the same keys in every language, in the same order: its numbers mean the same everywhere."""
    first: dict[str, tuple[str, list[str]]] = {}
    for tag in sorted(scope.languages, key=lambda tag: tag != "en"):
        for name, (source, options) in scope.languages[tag].choices.items():
            other, keys = first.setdefault(name, (tag, list(options)))
            if list(options) != keys:
                yield source.fault(
                    ("choices", name),
                    "words/choices-differ",
                    f"The list '{name}' has {', '.join(options)} here, and {', '.join(keys)} in '{other}'.",
                    "Write the same keys in the same order in every language; only the wordings differ.",
                )


def distinct(scope: Scope) -> Iterator[Fault]:
    """No wording stands for two choices."""
    for language in scope.languages.values():
        for name, (source, options) in language.choices.items():
            seen: dict[str, str] = {}
            for key, wordings in options.items():
                for wording in wordings:
                    first = seen.setdefault(wording.casefold(), key)
                    if first != key:
                        yield source.fault(
                            ("choices", name, key),
                            "words/choice-twice",
                            f"'{wording}' stands for both '{first}' and '{key}', so it is understood as neither.",
                            "Take it out of one of them.",
                            at="value",
                        )


def no_carrier_word(scope: Scope) -> Iterator[Fault]:
    """No choice is a word that carriers act on."""
    words = reserved(scope.policy) if scope.policy else {}
    for language in scope.languages.values():
        for name, (source, options) in language.choices.items():
            for key, wordings in options.items():
                for wording in wordings:
                    if wording.casefold() in words:
                        yield source.fault(
                            ("choices", name, key),
                            "words/carrier-word",
                            f"The choice '{key}' of '{name}' can be said as {wording}, but to carriers a text with "
                            f"only this word {MEANING[words[wording.casefold()]]}; it is never heard as an answer.",
                            "Offer other words.",
                            at="value",
                        )


RULES: tuple[Rule, ...] = (lists_exist, shown)
