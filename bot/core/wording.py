"""Sentences: templates of the clinic's wording filled in with what may stand in a text.

What a template may name is listed in `VALUES`: nothing of it is PHI beyond a first name and a visit's time.
"""

import re
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.core.facts import Clinic, Person, Slot, Visit
from bot.core.flow import Book

VALUES = (
    "clinic",
    "clinic_phone",
    "first_name",
    "day",
    "time",
    "times",
    "visits",
    "code",
    "urgency",
    "minutes",
)
"""Every value that a sentence may use."""

_TWO_DOTS = re.compile(r"(?<!\.)\.\.(?!\.)")
"""The dot of 'a. m.' and that of the sentence."""

_sandbox = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@lru_cache(maxsize=2048)
def template(text: str) -> Template:
    """Compile a sentence; raises jinja2.TemplateSyntaxError."""
    return _sandbox.from_string(text)


def sentence(book: Book, key: str, language: str, values: dict[str, object]) -> str:
    """The sentence `key` in `language`, filled in."""
    text = template(book.wordings[language].sentences[key]).render(values)
    return _TWO_DOTS.sub(".", text)


def values_for(
    clinic: Clinic,
    *,
    language: str,
    zone: str,
    person: Person | None = None,
    visit: Visit | None = None,
    slots: tuple[Slot, ...] = (),
) -> dict[str, object]:
    """What a sentence about this person, visit and these times may say."""
    values: dict[str, object] = {"clinic": clinic.name, "clinic_phone": national(clinic.phone)}
    if person:
        values["first_name"] = person.first_name
    if visit:
        values["day"] = day_text(visit.start, zone, language)
        values["time"] = time_text(visit.start, zone, language)
    if slots:
        values["times"] = numbered(tuple(moment_text(slot.start, zone, language) for slot in slots))
    return values


def numbered(lines: tuple[str, ...]) -> str:
    """'1) …' and so on, a line each."""
    return "\n".join(f"{number}) {line}" for number, line in enumerate(lines, start=1))


def moment_text(moment: datetime, zone: str, language: str) -> str:
    """'Thu, Dec 3 at 10:30 AM' on the patient's clock; also how a patient may name an offered time."""
    joined = {"es": "a las"}.get(language, "at")
    return f"{day_text(moment, zone, language)} {joined} {time_text(moment, zone, language)}"


def day_text(moment: datetime, zone: str, language: str) -> str:
    """'Thu, Dec 3' or 'jue 3 dic': short, and without characters that force UCS-2."""
    pattern = {"es": "EEE d 'de' MMM"}.get(language, "EEE, MMM d")
    return _plain(format_date(moment.astimezone(ZoneInfo(zone)).date(), pattern, locale=language))


def time_text(moment: datetime, zone: str, language: str) -> str:
    """'10:30 AM' or '10:30 a. m.'."""
    return _plain(
        format_time(moment.astimezone(ZoneInfo(zone)), "h:mm a", tzinfo=ZoneInfo(zone), locale=language)
    )


def national(phone: str) -> str:
    """+15552014400 as 555-201-4400; other countries stay in E.164."""
    if phone.startswith("+1") and len(phone) == len("+15552014400"):
        return f"{phone[2:5]}-{phone[5:8]}-{phone[8:]}"
    return phone


def _plain(text: str) -> str:
    """Narrow and no-break spaces would cost every text half of its length; á and í in dates too."""
    for fancy, plain in {"\u202f": " ", "\xa0": " ", "á": "a"}.items():
        text = text.replace(fancy, plain)
    return text
