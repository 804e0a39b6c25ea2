"""Sentences: templates of the clinic's wording filled in with what may stand in a text.

What a template may name is listed in `VALUES`, and beside it a flow's own variables that are no PHI: nothing else
is ever handed to a template of a text.
"""

import re
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from jinja2 import ChainableUndefined, Template, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.core.book import Book, House
from bot.core.facts import Clinic, Person, Slot, Visit

VALUES = (
    "clinic",
    "clinic_phone",
    "first_name",
    "day",
    "time",
    "location",
    "times",
    "offered",
    "visits",
    "people",
    "choices",
    "link",
    "code",
    "urgency",
    "minutes",
    "words",
)
"""Every value that a sentence may use beside the variables of its flow."""

_DAYS = {"en": "EEE, MMM d", "es": "EEE d 'de' MMM"}
"""Spanish and English as they are read in the United States; other languages are written as CLDR has them."""

_TWO_DOTS = re.compile(r"(?<!\.)\.\.(?!\.)")
"""The dot of 'a. m.' and that of the sentence."""

# What nobody gave is left out: a text with a hole beats none, and the linter keeps both away.
_sandbox = ImmutableSandboxedEnvironment(undefined=ChainableUndefined, autoescape=False)


@pass_context
def _plural(context: Context, count: object, **forms: str) -> str:
    """{{days|plural(one="day", other="days")}}: the form that the language has for this number (CLDR)."""
    number = count if isinstance(count, int | float) else 0
    form = _locale(str(context.get("language", "en"))).plural_form(number)
    return str(forms.get(form, forms.get("other", "")))


_sandbox.filters = {"plural": _plural}
_sandbox.globals = {}


class NoWords(LookupError):
    """The published flows lack a sentence of a secure page: publish flows that have it."""


@lru_cache(maxsize=4096)
def template(text: str) -> Template:
    """Compile a sentence; raises jinja2.TemplateSyntaxError."""
    return _sandbox.from_string(text)


def sentence(book: Book, key: str, language: str, values: dict[str, object]) -> str:
    """The sentence `key` in `language`, filled in."""
    text = template(book.wordings[language].sentences[key]).render(values, language=language)
    return _TWO_DOTS.sub(".", text)


def page_words(book: Book, key: str, language: str, **values: object) -> str:
    """The sentence `key` of a secure page in `language`, filled in; in English where the language lacks it."""
    pages = book.wordings[language].pages
    text = pages[key] if key in pages else book.wordings["en"].pages.get(key)
    if text is None:
        raise NoWords
    return _TWO_DOTS.sub(".", template(text).render(values, language=language))


def values_for(
    clinic: Clinic,
    *,
    house: House,
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
        if "location" in house.may_text:
            values["location"] = visit.location
    if slots:
        moments = tuple(moment_text(slot.start, zone, language) for slot in slots)
        values["times"], values["offered"] = numbered(moments), moments[0]
    return values


def numbered(lines: tuple[str, ...]) -> str:
    """'1) …' and so on, a line each."""
    return "\n".join(f"{number}) {line}" for number, line in enumerate(lines, start=1))


def choices(options: dict[str, tuple[str, ...]]) -> str:
    """'1) Yes', a line each; a key that is a number is shown with that number."""
    if all(key.isdigit() for key in options):
        return "\n".join(f"{key}) {wordings[0]}" for key, wordings in options.items())
    return numbered(tuple(wordings[0] for wordings in options.values()))


def moment_text(moment: datetime, zone: str, language: str) -> str:
    """'Thu, Dec 3 at 10:30 AM' on the patient's clock; also how a patient may name an offered time."""
    joined = {"en": " at ", "es": " a las "}.get(_locale(language).language, ", ")
    return f"{day_text(moment, zone, language)}{joined}{time_text(moment, zone, language)}"


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


@lru_cache(maxsize=4096)
def day_text(moment: datetime, zone: str, language: str) -> str:
    """'Thu, Dec 3' or 'jue 3 de dic': short, as the locale has it, without characters that need not force UCS-2."""
    locale, local = _locale(language), moment.astimezone(ZoneInfo(zone)).date()
    pattern = _DAYS.get(locale.language)
    if pattern:
        return _plain(format_date(local, pattern, locale=locale))
    return _plain(format_skeleton("MMMEd", local, locale=locale))


@lru_cache(maxsize=4096)
def time_text(moment: datetime, zone: str, language: str) -> str:
    """'10:30 AM', '10:30 a. m.' or '10:30', as the locale has it."""
    local, tz, locale = moment.astimezone(ZoneInfo(zone)), ZoneInfo(zone), _locale(language)
    pattern = "h:mm a" if locale.language in _DAYS else "short"
    return _plain(format_time(local, pattern, tzinfo=tz, locale=locale))


@lru_cache(maxsize=4096)
def long_day(day: date, language: str) -> str:
    """'December 3, 2026' or '3 de diciembre de 2026': where there is room."""
    return format_date(day, "long", locale=_locale(language))


@lru_cache(maxsize=4096)
def short_day(day: date, language: str) -> str:
    """'Dec 2026' or 'dic 2026': at the foot of a plot."""
    return format_skeleton("yMMM", day, locale=_locale(language))


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
