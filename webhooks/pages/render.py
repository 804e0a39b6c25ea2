"""Render the templates of secure pages: each sentence in the reader's language, from the clinic's wording."""

from collections.abc import Callable, Mapping
from functools import partial

from flask import render_template
from markupsafe import Markup

from bot.core.book import Book
from bot.core.views import (
    CheckInView,
    ConsentView,
    Finding,
    FormView,
    Frame,
    HistoryView,
    OfferView,
    PreferencesView,
    ResultView,
    Sent,
    SummaryView,
    ThreadView,
    TimesView,
    View,
)
from bot.core.wording import national, page_words, short_day
from bot.runtime import Runtime
from bot.service import show_page
from bot.service.open_page import Opened
from webhooks.pages import browser
from webhooks.pages.plot import plot

Say = Callable[..., str]


def both_languages(rt: Runtime) -> dict[str, object]:
    """What a page is filled in with that doesn't know yet who reads it."""
    book = show_page.current_book(rt)
    english = partial(_say, book, "en")
    return {
        "say": english,
        "say_en": english,
        "say_es": partial(_say, book, "es"),
        "lang": "en",
        "frame": None,
    }


def own(rt: Runtime, template: str, opened: Opened, **values: object) -> str:
    """A page of this person's, in their language."""
    return render_template(
        f"pages/{template}.html",
        say=partial(_say, opened.book, opened.language),
        lang=opened.language,
        here=f"/s/{opened.opening}",
        csrf=browser.csrf(rt, opened.opening),
        clinic=opened.clinic.name,
        clinic_phone=national(opened.clinic.phone),
        **values,
    )


_TEMPLATES: Mapping[type, str] = {
    Sent: "sent",
    FormView: "form",
    ResultView: "result",
    SummaryView: "summary",
    TimesView: "times",
    OfferView: "offer",
    ThreadView: "messages",
    ConsentView: "consent",
    PreferencesView: "preferences",
    CheckInView: "check_in",
    HistoryView: "history",
}


def view(rt: Runtime, opened: Opened, frame: Frame, shown: View, *, offers_passkey: bool) -> str:
    """What an opened page shows. `offers_passkey`: whether it may offer to open the next one by a passkey."""
    trend = partial(_trend, opened.book, opened.language)
    return own(
        rt,
        _TEMPLATES[type(shown)],
        opened,
        frame=frame,
        view=shown,
        trend=trend,
        offers_passkey=offers_passkey,
    )


def _trend(book: Book, language: str, finding: Finding) -> Markup:
    """The trend of a value as a picture, for the template of results."""
    return plot(
        finding.points,
        low=finding.low,
        high=finding.high,
        unit=finding.unit,
        title=_say(book, language, "plot_title", name=finding.name),
        label=lambda day: short_day(day, language),
        language=language,
        normal=finding.normal,
    )


def _say(book: Book, language: str, key: str, **values: object) -> str:
    return page_words(book, key, language, **values)
