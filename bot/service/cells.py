"""Cells of an import and what they mean. A cell that means nothing raises BadCell, with a reason and no value."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import get_args
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from babel import Locale, UnknownLocaleError
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from bot.core import chart
from bot.core.chart import MedicineChange
from bot.core.facts import VisitStatus
from bot.store.clinics import Clinic

REGION = "US"
"""Phones in national form are of this country."""
OLDEST = timedelta(days=130 * 365.25)
FURTHEST = timedelta(days=50 * 365.25)
LONGEST_VISIT = 24 * 60  # minutes

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PHONE = re.compile(r"[+0-9()\-./ \u00a0]+")
_NANP = re.compile(r"\+1[2-9][0-9]{2}[2-9][0-9]{6}")  # area code and exchange begin with 2 to 9
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}")
_NUMBER = re.compile(r"[0-9]{1,6}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,9})?")
_PARTED = re.compile(r"[;\n]")
_CHANGES = get_args(chart.Change)
_NO_PLACES = {"Factory", "localtime"}


class BadCell(ValueError):
    """Why a cell can't be taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What cells are read against."""

    clinic: Clinic
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column; where `default` is set, it may be missing or empty."""

    name: str
    read: Callable[[str, Given], object]
    default: Callable[[Given], object] | None = None

    def value(self, cell: str, given: Given) -> object:
        """What the cell means; raises BadCell."""
        if cell:
            return self.read(cell, given)
        if self.default is None:
            raise BadCell("is empty")
        return self.default(given)


def plain(read: Callable[[str], object]) -> Callable[[str, Given], object]:
    """For a column that is read against nothing."""
    return lambda cell, _given: read(cell)


def text(longest: int) -> Callable[[str, Given], object]:
    """Reads any text of at most so many characters."""

    def read(cell: str) -> str:
        if len(cell) > longest:
            raise BadCell(f"is longer than {longest} characters")
        if _CONTROL.search(cell):
            raise BadCell("holds control characters")
        return cell

    return plain(read)


def prose(longest: int) -> Callable[[str, Given], str]:
    """Reads a text that may go over several lines, of at most so many characters."""

    def read(cell: str, _given: Given) -> str:
        if len(cell) > longest:
            raise BadCell(f"is longer than {longest} characters")
        lines = [line.rstrip() for line in cell.replace("\r\n", "\n").split("\n")]
        if any(_CONTROL.search(line) for line in lines):
            raise BadCell("holds control characters")
        return "\n".join(lines)

    return read


def entries(longest: int) -> Callable[[str, Given], tuple[str, ...]]:
    """Reads a list whose entries a semicolon or a new line parts."""
    read = prose(longest)
    return lambda cell, given: tuple(
        entry for part in _PARTED.split(read(cell, given)) if (entry := part.strip())
    )


def phone(cell: str, given: Given) -> str:
    """A phone in E.164 or in national form, as E.164."""
    number = e164(cell)
    if number == given.clinic.phone:
        raise BadCell("is the clinic's own number")
    return number


def e164(cell: str) -> str:
    """The number in E.164; raises BadCell. Extensions and letters can't be texted to."""
    if _NANP.fullmatch(cell):
        return cell
    if not _PHONE.fullmatch(cell):
        raise BadCell("is not a phone number")
    try:
        number = phonenumbers.parse(cell, REGION)
    except NumberParseException:
        raise BadCell("is not a phone number") from None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        raise BadCell("has too few or too many digits for a phone number")
    written = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if number.country_code == 1 and not _NANP.fullmatch(written):
        raise BadCell("is no number of the North American plan")
    return written


def past_day(cell: str, given: Given) -> date:
    """A date in the form YYYY-MM-DD in the life of somebody who lives: of a birth, of something that was measured."""
    try:
        day = date.fromisoformat(cell) if _DATE.fullmatch(cell) else None
    except ValueError:
        day = None
    if day is None:
        raise BadCell("is not a date in the form YYYY-MM-DD")
    today = given.now.astimezone(ZoneInfo(given.clinic.zone)).date()
    if day > today:
        raise BadCell("lies in the future")
    if today - day > OLDEST:
        raise BadCell("lies more than 130 years back")
    return day


def moment(cell: str, given: Given) -> datetime:
    """An ISO 8601 date, time and offset, as a moment in UTC."""
    try:
        found = datetime.fromisoformat(cell) if _MOMENT.match(cell) else None
    except ValueError:
        found = None
    if found is None:
        raise BadCell("is not a moment such as 2026-12-07T10:30-05:00")
    if found.tzinfo is None:
        raise BadCell("has no offset from UTC, such as -05:00 or Z")
    try:
        found = found.astimezone(UTC)
        far = abs(found - given.now) > FURTHEST
    except OverflowError:
        far = True
    if far:
        raise BadCell("lies more than 50 years away")
    return found


def minutes(cell: str) -> int:
    """A whole number of minutes, at most a day."""
    if not _NUMBER.fullmatch(cell) or not 1 <= int(cell) <= LONGEST_VISIT:
        raise BadCell(f"is not a whole number of minutes from 1 to {LONGEST_VISIT}")
    return int(cell)


def decimal(cell: str) -> float:
    """A number such as 5.6: no comma, no unit."""
    if not _DECIMAL.fullmatch(cell):
        raise BadCell("is not a number such as 5.6")
    return float(cell)


def yes_no(cell: str) -> bool:
    """yes or no."""
    if cell.lower() not in ("yes", "no"):
        raise BadCell("is neither yes nor no")
    return cell.lower() == "yes"


def day_or_moment(cell: str, given: Given) -> date | datetime:
    """When something was: a date, or a moment with its offset, and not in the future."""
    if _DATE.fullmatch(cell):
        return past_day(cell, given)
    return past(cell, given)


def past(cell: str, given: Given) -> datetime:
    """A moment that is not in the future."""
    found = moment(cell, given)
    if found > given.now:
        raise BadCell("lies in the future")
    return found


def released(cell: str, given: Given) -> bool | datetime:
    """Whether something is released, or since when."""
    if cell.lower() in ("yes", "no"):
        return cell.lower() == "yes"
    if not _DATE.match(cell):
        raise BadCell("is neither yes nor no nor a moment such as 2026-12-07T10:30-05:00")
    return past(cell, given)


def medicine_changes(longest: int) -> Callable[[str, Given], tuple[MedicineChange, ...]]:
    """Reads a list such as 'new: Lisinopril, 10 mg once a day; stopped: Ibuprofen'."""
    read = entries(longest)
    return lambda cell, given: tuple(_medicine_change(entry) for entry in read(cell, given))


def _medicine_change(entry: str) -> MedicineChange:
    word, colon, rest = entry.partition(":")
    change = next((known for known in _CHANGES if known == word.strip().lower()), None)
    if not colon or change is None:
        raise BadCell(f"has an entry that doesn't begin with {', '.join(f'{c}:' for c in _CHANGES)}")
    name, _, how = (part.strip() for part in rest.partition(","))
    if not name:
        raise BadCell("has an entry without a medicine's name")
    return MedicineChange(change=change, name=name, how=how)


def status(cell: str) -> VisitStatus:
    """A status by its name."""
    try:
        return VisitStatus(cell.lower())
    except ValueError:
        raise BadCell(f"is none of {', '.join(VisitStatus)}") from None


@lru_cache(maxsize=256)
def language(cell: str) -> str:
    """A BCP 47 tag, such as en, es or pt-BR, in its usual spelling."""
    try:
        if cell.lower() == "root":
            raise BadCell
        return str(Locale.parse(cell.replace("_", "-"), sep="-")).replace("_", "-")
    except (ValueError, UnknownLocaleError):
        raise BadCell("is not a language such as en, es or pt-BR") from None


def zone(cell: str) -> str:
    """An IANA time zone."""
    if cell not in _zones():
        raise BadCell("is not a time zone such as America/New_York")
    return cell


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - _NO_PLACES)
