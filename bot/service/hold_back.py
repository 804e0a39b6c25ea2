"""Hold back texts that say what a text must not: the last look at a body, with the record of the patient beside it.

The linter has proved that no flow can do this (rule by rule, see docs/rules.md); this does not trust it. What a
reviewed sentence says to everybody is no secret of one patient's, even where it reads the same.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from bot.core import privacy
from bot.core.book import Book
from bot.core.effects import OpenTask, Purpose, Urgency
from bot.runtime import Runtime
from bot.store import phi, worklist
from bot.store.base import Db
from bot.store.letters import Letter
from bot.store.phi import Known

TASK = OpenTask(task="text_held_back", urgency=Urgency.URGENT)
_WORD = re.compile(r"[^\W_]+")
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}


def held_back(rt: Runtime, db: Db, leaving: Sequence[Letter], now: datetime) -> dict[UUID, str]:
    """The letters that must not leave, by id, each with what was found: a name without PHI. Opens their tasks."""
    patients = [letter for letter in leaving if letter.purpose is not Purpose.PAGE]
    if not patients:
        return {}
    known = phi.of(db, list({letter.conversation for letter in patients}), now)
    current = rt.book(db, rt.current_edition(db))
    held = {}
    for letter in patients:
        own = rt.readable_book(db, letter.edition) if letter.edition else None
        books = [current] if own in (None, current) else [current, own]
        clinic = rt.clinic(db, letter.clinic).name
        found = finding(letter, known[letter.conversation], clinic, [book for book in books if book])
        if found:
            held[letter.id] = found
            worklist.open_task(db, clinic=letter.clinic, conversation=letter.conversation, task=TASK, now=now)
    return held


class Says(Protocol):
    """A text, whether it is in the outbox or only thought of."""

    @property
    def wording(self) -> str: ...
    @property
    def body(self) -> str: ...


def finding(letter: Says, known: Known, clinic: str, books: Sequence[Book]) -> str | None:
    """What this text says that it must not, by a name without PHI."""
    may_text = books[0].house.may_text
    secrets = list(_secrets(known, may_text))
    found = privacy.finding(letter.body, secrets)
    if found is None:
        return None
    said_to_all = [clinic, *known.first_names, *_sentences(letter.wording, books)]
    said_to_all += [value for name in may_text for value in known.visits.get(name, ())]
    everything = _words("\n".join(said_to_all))
    return privacy.finding(letter.body, [secret for secret in secrets if _words(secret) not in everything])


def _secrets(known: Known, may_text: Sequence[str]) -> Iterator[str]:
    for name in ("provider", "kind"):
        if name not in may_text:
            yield from known.visits.get(name, ())
    yield from (*known.last_names, *known.numbers, *known.answers)
    for born in known.births:
        yield from written(born)


def _words(text: str) -> str:
    """Words as `core/privacy` compares them: in one spelling, with a blank on either side of each."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def written(born: date) -> Iterable[str]:
    """A date of birth as people write it; which marks stand between its parts makes no difference."""
    day, month, year = born.day, born.month, born.year
    for two in (f"{month} {day}", f"{day} {month}", f"{month:02} {day:02}", f"{day:02} {month:02}"):
        yield f"{two} {year}"
        yield f"{two} {year % 100:02}"
    yield from (f"{year} {month:02} {day:02}", f"{year}{month:02}{day:02}", f"{month:02}{day:02}{year}")
    for language, names in _MONTHS.items():
        name = names.split()[month - 1]
        for spelt in {name, name[:3]}:
            yield from (f"{spelt} {day} {year}", f"{day} {spelt} {year}")
            if language == "es":
                yield f"{day} de {spelt} de {year}"


def _sentences(wording: str, books: Sequence[Book]) -> Iterable[str]:
    """What this sentence says to everybody, in all languages, and the choices where it lists some."""
    for book in books:
        for language in book.wordings.values():
            sentence = language.sentences.get(wording, "")
            yield sentence
            if "choices" in sentence:
                for options in language.choices.values():
                    yield from (said for option in options.values() for said in option)
