"""Wish: how a patient likes to hear from the clinic. Each wish counts at once; the conversation keeps it."""

from collections.abc import Mapping
from datetime import datetime

from bot.core.pages import STOP, TEXTS
from bot.core.views import Choice, PreferencesView, View
from bot.core.wording import page_words
from bot.service import drop_passkeys
from bot.service.open_page import Opened, Submission
from bot.service.tell import tell
from bot.store import passkeys
from bot.store.base import Db

OPTIONS: Mapping[str, tuple[str, ...]] = {
    "channel": ("text", "call"),
    "hours": ("any", "morning", "afternoon", "evening"),
    "frequency": ("all", "fewer"),
    "survey": ("yes", "no"),
    "bulk": ("yes", "no"),
}
"""What can be chosen beside the language; the first is meant where nothing was chosen."""


def show(db: Db, opened: Opened, _now: datetime) -> PreferencesView:
    """The wishes as they are."""
    return PreferencesView(
        choices=_choices(opened, opened.card.preferences),
        passkeys=passkeys.has_any(db, opened.clinic.id, opened.card.id),
    )


def take(db: Db, opened: Opened, given: Submission, now: datetime) -> View | None:
    """New wishes; or to get no texts at all; or that no finger or face shall open a page any more."""
    if given.fields.get("forget") == "yes":
        drop_passkeys.drop(db, opened.clinic.id, [opened.card.id], "asked", now)
        return None
    chosen = {
        choice.name: given.fields[choice.name]
        for choice in _choices(opened, opened.card.preferences)
        if given.fields.get(choice.name) in dict(choice.options)
    }
    if given.fields.get("stop") == "yes":
        chosen = {TEXTS: STOP}
    key = f"wishes:{opened.opening}:{now.timestamp()}"
    tell(db, opened.link, "submitted", key=key, now=now, values=dict(chosen))
    return PreferencesView(
        choices=_choices(opened, {**opened.card.preferences, **chosen}),
        saved=True,
        stopped=TEXTS in chosen,
        passkeys=passkeys.has_any(db, opened.clinic.id, opened.card.id),
    )


def _choices(opened: Opened, wishes: Mapping[str, str]) -> tuple[Choice, ...]:
    languages = tuple(
        (tag, _say(opened, f"pref_language_{tag}"))
        for tag, wording in sorted(opened.book.wordings.items())
        if wording.reviewed_by and f"pref_language_{tag}" in opened.book.wordings["en"].pages
    )
    language = wishes.get("language", opened.language)
    return (
        Choice(name="language", label=_say(opened, "pref_language"), options=languages, chosen=language),
        *(_choice(opened, name, options, wishes) for name, options in OPTIONS.items()),
    )


def _choice(opened: Opened, name: str, options: tuple[str, ...], wishes: Mapping[str, str]) -> Choice:
    yes_no = options == ("yes", "no")
    labels = tuple((key, _say(opened, key if yes_no else f"pref_{name}_{key}")) for key in options)
    return Choice(
        name=name,
        label=_say(opened, f"pref_{name}"),
        options=labels,
        chosen=wishes.get(name, options[0]),
    )


def _say(opened: Opened, key: str) -> str:
    return page_words(opened.book, key, opened.language)
