"""What a flow's picture says of a form that the flow sends: its questions, when each is asked, what happens at once."""

from collections.abc import Iterator

from bot.core.book import Book
from bot.core.forms import Alert, Item
from bot.core.questions import OneOf
from bot.core.questions import words as said
from bot.core.wording import choices
from bot.flowbook import diagram_words as words
from bot.flowbook.drawing_parts import Line


def lines(book: Book, name: str | None, language: str) -> Iterator[Line]:
    """The questions of this form, in the page's words; nothing of a form that no file defines."""
    form = book.forms.get(name or "")
    items = form.items if form else ()
    for place, item in enumerate(items):
        if item.ask_if:
            yield Line(text=f"only {words.condition(item.ask_if.text)}", look="note")
        yield Line(text=_sentence(book, item.ask, language), look="says")
        following = items[place + 1] if place + 1 < len(items) else None
        if following is None or following.expect != item.expect or item.may_skip == "yes":
            yield from _expected(book, item, language)
        for alert in item.at_once:
            yield from _alert(book, alert, language)


def _expected(book: Book, item: Item, language: str) -> Iterator[Line]:
    if isinstance(item.expect, OneOf):
        yield Line(text=choices(book.wordings[language].choices.get(item.expect.choices, {})))
    else:
        skip = ", or nothing" if item.may_skip == "yes" else ""
        yield Line(text=f"wants {said(item.expect)}{skip}", look="note")


def _alert(book: Book, alert: Alert, language: str) -> Iterator[Line]:
    yield Line(text=f"At once, {words.condition(alert.condition.text)}:", look="alarm")
    if alert.hand_over:
        yield Line(text=words.task(alert.hand_over))
    if alert.escalate:
        yield Line(text=words.escalation(alert.escalate), look="alarm")
    if alert.say:
        yield Line(text=words.sentence(book, alert.say, language), look="says")


def _sentence(book: Book, key: str, language: str) -> str:
    pages = book.wordings[language].pages
    return pages.get(key, key)
