"""Audience: whom a broadcast is for. `fits` says whether a patient is chosen, `left_out` why one who fits gets nothing.

What is asked about a patient is only what the clinic knows for certain: who has no visit on record was never seen here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from bot.core.facts import HELD, STANDING, Person, Visit
from bot.core.shape import Shape

Age = Annotated[int, Field(ge=0, le=120)]
_MONTH = 30.44  # days, on average


class Wanted(Shape):
    """The facts that choose; what is empty asks for nothing. All of them must hold.

    visit              'ahead': a visit that stands, within `within_days`; 'none ahead': none at all
    provider, location of that visit, or of any visit on record where `visit` is 'any'; case makes no difference
    not_since_months   the last visit that they came to lies longer ago than this
    """

    languages: tuple[str, ...] = ()
    age_from: Age | None = None
    age_to: Age | None = None
    visit: Literal["any", "ahead", "none ahead"] = "any"
    within_days: Annotated[int, Field(ge=1, le=365)] | None = None
    provider: str = ""
    location: str = ""
    not_since_months: Annotated[int, Field(ge=1, le=120)] | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.age_from is not None and self.age_to is not None and self.age_from > self.age_to:
            raise ValueError("nobody is older than the first age and younger than the second")
        if self.visit == "none ahead" and (self.provider or self.location or self.within_days):
            raise ValueError("who has no visit ahead has none with a provider, at a place or within days")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A patient with what is known; `visits` are all on record, in any order."""

    person: Person
    opted_out: bool = False
    visits: tuple[Visit, ...] = ()


def fits(wanted: Wanted, candidate: Candidate, now: datetime) -> bool:
    """Whether this patient is chosen; `now` is aware."""
    return all(rule(wanted, candidate, now) for rule in _RULES)


def left_out(candidate: Candidate, purpose: str) -> str | None:
    """Why a patient who fits gets nothing, by its name; None: they do."""
    wishes = candidate.person.preferences
    if candidate.opted_out:
        return "opted_out"
    if wishes.get("channel") == "call":
        return "wants_calls"
    return "wants_none" if wishes.get(purpose) == "no" else None


def _language(wanted: Wanted, candidate: Candidate, _now: datetime) -> bool:
    return not wanted.languages or candidate.person.language.split("-")[0] in wanted.languages


def _age(wanted: Wanted, candidate: Candidate, now: datetime) -> bool:
    if wanted.age_from is None and wanted.age_to is None:
        return True
    born = candidate.person.birth_date
    if born is None:
        return False
    age = _years(born, now.astimezone(ZoneInfo(candidate.person.zone)).date())
    return (wanted.age_from or 0) <= age <= (120 if wanted.age_to is None else wanted.age_to)


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _visit(wanted: Wanted, candidate: Candidate, now: datetime) -> bool:
    ahead = [visit for visit in candidate.visits if visit.status in STANDING and visit.start > now]
    if wanted.visit == "none ahead":
        return not ahead
    if wanted.visit == "ahead":
        until = now + timedelta(days=wanted.within_days) if wanted.within_days else None
        return any(_alike(wanted, visit) and (until is None or visit.start <= until) for visit in ahead)
    if not wanted.provider and not wanted.location:
        return True
    return any(_alike(wanted, visit) for visit in candidate.visits)


def _alike(wanted: Wanted, visit: Visit) -> bool:
    return all(
        not asked or asked.casefold() == has.casefold()
        for asked, has in ((wanted.provider, visit.provider), (wanted.location, visit.location))
    )


def _seen(wanted: Wanted, candidate: Candidate, now: datetime) -> bool:
    if wanted.not_since_months is None:
        return True
    held = [visit.start for visit in candidate.visits if visit.status in HELD and visit.start <= now]
    return bool(held) and max(held) < now - timedelta(days=wanted.not_since_months * _MONTH)


_RULES: tuple[Callable[[Wanted, Candidate, datetime], bool], ...] = (_language, _age, _visit, _seen)
