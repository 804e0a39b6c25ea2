"""Family `words`, the rules about forms: their sentences are written, in every language, and in the right place.

The sentences of pages and those of texts are kept apart: a page may say what no text may, and a text counts its
characters.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.expr import did_you_mean
from bot.core.forms import Form
from bot.core.questions import Medicine, OneOf
from bot.flowbook.faults import Fault
from bot.flowbook.lint import reading
from bot.flowbook.lint.scope import Language, Look, Rule, Scope, Sentence, senders, uses
from bot.flowbook.source import Source, Where

NEEDED = "medicine_other"
"""The sentence of a page for a medicine that isn't in the chart."""

IN_TEXTS = frozenset({"clinic", "clinic_phone", "first_name"})
"""What a text that an alert sends can be filled in with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A place of a form that names a sentence. `part` is 'pages', or 'sentences' for a text."""

    source: Source
    form: Form
    where: Where
    key: str
    part: str


def check(scope: Scope, *, all_read: bool) -> Iterator[Fault]:
    """The faults of forms and of the sentences of pages. `all_read`: whether it is known what isn't written."""
    for language in scope.languages.values():
        for sentence in language.pages.values():
            yield from _readable(sentence)
    fixed = _fixed(scope)
    for source, form in scope.forms.values():
        places = list(_places(source, form))
        for tag in _languages(scope, form):
            language = scope.languages[tag]
            if all_read:
                yield from _there(language, places)
                yield from _lists(language, source, form)
            yield from _filled_in(language, places)
            yield from _easy(language, places, fixed)


def keys(scope: Scope) -> set[str]:
    """The sentences for texts that forms say."""
    forms = scope.forms.values()
    return {said.key for source, form in forms for said in _places(source, form) if said.part == "sentences"}


def lists(scope: Scope) -> set[str]:
    """The lists of choices that forms show."""
    items = (item for _, form in scope.forms.values() for item in form.items)
    return {item.expect.choices for item in items if isinstance(item.expect, OneOf)}


def _places(source: Source, form: Form) -> Iterator[Said]:
    def said(where: Where, key: str, part: str = "pages") -> Said:
        return Said(source=source, form=form, where=where, key=key, part=part)

    for name, key in (("title", form.title), ("intro", form.intro), ("thanks", form.thanks)):
        if key:
            yield said((name,), key)
    for number, item in enumerate(form.items):
        where: Where = ("items", number)
        yield said((*where, "ask"), item.ask)
        if item.hint:
            yield said((*where, "hint"), item.hint)
        if isinstance(item.expect, Medicine):
            yield said((*where, "expect"), NEEDED)
        for place, alert in enumerate(item.at_once):
            if alert.say:
                yield said((*where, "at_once", place, "say"), alert.say, "sentences")


def _languages(scope: Scope, form: Form) -> list[str]:
    """Those of the flows that send it; of a form that nobody sends, English."""
    wanted = dict.fromkeys(tag for flow in senders(scope, form.name) for tag in flow.languages) or {
        "en": None
    }
    return [tag for tag in wanted if tag in scope.languages]


def _there(language: Language, places: list[Said]) -> Iterator[Fault]:
    for said in places:
        on_page = said.part == "pages"
        mine, other = (
            (language.pages, language.sentences) if on_page else (language.sentences, language.pages)
        )
        if said.key in mine:
            continue
        if said.key in other:
            yield said.source.fault(
                said.where,
                "words/page-or-text",
                f"'{said.key}' is a sentence for {'texts' if on_page else 'pages'} in '{language.tag}', and here one "
                f"for {'a page' if on_page else 'a text'} is needed.",
                f"Write it under '{said.part}:' of the wording.",
                at="value",
            )
        else:
            near = did_you_mean(said.key, mine)
            yield said.source.fault(
                said.where,
                "words/missing",
                f"The sentence '{said.key}' is missing in '{language.tag}'.{near}",
                f"Add it under '{said.part}:' of a wording file of the language, or name one that is there.",
                at="value",
            )


def _lists(language: Language, source: Source, form: Form) -> Iterator[Fault]:
    for number, item in enumerate(form.items):
        if isinstance(item.expect, OneOf) and item.expect.choices not in language.choices:
            wanted = item.expect.choices
            yield source.fault(
                ("items", number, "expect"),
                "words/no-choices",
                f"There is no list of choices '{wanted}' in '{language.tag}'.{did_you_mean(wanted, language.choices)}",
                f"Add '{wanted}' under 'choices' of a file of the language '{language.tag}'.",
                at="value",
            )


def _readable(sentence: Sentence) -> Iterator[Fault]:
    if sentence.template.broken:
        yield sentence.fault(
            "words/template",
            f"The sentence '{sentence.key}' can't be filled in: '{sentence.template.broken}' is no value.",
            "Write each value in two pairs of braces. Nothing else can stand in braces.",
            part=sentence.template.broken,
        )


def _filled_in(language: Language, places: list[Said]) -> Iterator[Fault]:
    """A form's own sentences have no values; a text that an alert sends has what every text has."""
    for said in places:
        on_page = said.part == "pages"
        sentence = (language.pages if on_page else language.sentences).get(said.key)
        usable = frozenset[str]() if on_page else IN_TEXTS
        for name in sentence.template.names if sentence else ():
            if sentence and name not in usable:
                yield sentence.fault(
                    "words/value",
                    f"In the sentence '{sentence.key}', {{{{{name}}}}} is not known where this is said, in the form "
                    f"'{said.form.name}'.",
                    f"Known there: {', '.join(sorted(usable)) or 'nothing'}. Take it out.",
                    part=name,
                )


def _fixed(scope: Scope) -> set[str]:
    """The questions of an instrument, which have a code: their wording is validated and not the clinic's to change."""
    items = (item for _, form in scope.forms.values() for item in form.items)
    return {key for item in items if item.code for key in (item.ask, item.hint) if key}


def _easy(language: Language, places: list[Said], fixed: set[str]) -> Iterator[Fault]:
    for key in dict.fromkeys(said.key for said in places if said.part == "pages"):
        sentence = language.pages.get(key)
        found = reading.level(sentence.text, language.tag) if sentence and key not in fixed else None
        if sentence and found and found.hard:
            yield sentence.fault(
                "words/hard",
                f"The sentence '{key}' is hard to read ({found.said}).",
                "Use shorter sentences and shorter words, as one would say it to a child of twelve.",
                severity="warning",
            )


def not_of_pages(look: Look) -> Iterator[Fault]:
    """No text says a sentence of a page."""
    for use in uses(look):
        for tag in look.flow.languages:
            language = look.scope.languages.get(tag)
            if language and use.key in language.pages and use.key not in language.sentences:
                yield look.fault(
                    use.where,
                    "words/page-or-text",
                    f"'{use.key}' is a sentence for pages in '{tag}', and a text may not say what a page may.",
                    "Write a sentence for texts under 'sentences:', and name that.",
                    at="value",
                )


RULES: tuple[Rule, ...] = (not_of_pages,)
