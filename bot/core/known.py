"""What a flow knows without asking: the names that an expression may use, and how sensitive each one is.

`public` is the clinic's own, `contact` what a text to the patient may say, `phi` everything else. A variable of a
flow has the sensitivity that its flow declares; answers are always `phi`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.expr import Value
from bot.core.facts import Clinic, Person, Visit, VisitStatus
from bot.core.flow import Sensitivity
from bot.core.moments import Calendar, Weekday

PREFERENCES = ("language", "channel", "hours", "frequency", "reminder", "care", "survey", "bulk")
"""What a flow may set of a patient, as 'patient.language'. A purpose of texts is wanted unless it is 'no'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What an expression looks at. `now` is aware; days and hours are on the clock of `zone`."""

    now: datetime
    zone: str
    language: str
    clinic: Clinic
    office: Calendar | None = None
    person: Person | None = None
    visit: Visit | None = None
    has_visit: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """One name. `sort` is number, text or yes_no; `options` are all that a text can be, where that is known."""

    sort: str
    sensitivity: Sensitivity
    of: Callable[[View], Value | None]
    options: tuple[str, ...] = ()


def _age(view: View) -> int | None:
    born = view.person.birth_date if view.person else None
    if born is None:
        return None
    today = view.now.astimezone(ZoneInfo(view.zone)).date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _preference(name: str, default: str) -> Callable[[View], str]:
    def of(view: View) -> str:
        return view.person.preferences.get(name, default) if view.person else default

    return of


def _local(moment: datetime, view: View) -> datetime:
    return moment.astimezone(ZoneInfo(view.zone))


def _weekday(moment: datetime, view: View) -> str:
    return list(Weekday)[_local(moment, view).weekday()]


def _hours_ahead(view: View) -> float | None:
    return (view.visit.start - view.now).total_seconds() / 3600 if view.visit else None


def _days_ahead(view: View) -> int | None:
    if view.visit is None:
        return None
    return (_local(view.visit.start, view).date() - _local(view.now, view).date()).days


_DAYS = tuple(Weekday)
_YES_NO = ("yes", "no")

KNOWN: Mapping[str, Known] = {
    "clinic.open": Known(
        "yes_no",
        Sensitivity.PUBLIC,
        lambda view: view.office.is_open(view.now, view.clinic.zone) if view.office else True,
    ),
    "now.hour": Known("number", Sensitivity.PUBLIC, lambda view: _local(view.now, view).hour),
    "now.weekday": Known("text", Sensitivity.PUBLIC, lambda view: _weekday(view.now, view), _DAYS),
    "patient.age": Known("number", Sensitivity.PHI, _age),
    "patient.language": Known("text", Sensitivity.CONTACT, lambda view: view.language),
    "patient.missed_visits": Known(
        "number", Sensitivity.PHI, lambda view: view.person.missed if view.person else 0
    ),
    "patient.has_visit": Known("yes_no", Sensitivity.CONTACT, lambda view: view.has_visit),
    "patient.channel": Known("text", Sensitivity.CONTACT, _preference("channel", "text"), ("text", "call")),
    "patient.survey": Known("text", Sensitivity.CONTACT, _preference("survey", "yes"), _YES_NO),
    "patient.bulk": Known("text", Sensitivity.CONTACT, _preference("bulk", "yes"), _YES_NO),
    "visit.kind": Known("text", Sensitivity.PHI, lambda view: view.visit.kind if view.visit else None),
    "visit.provider": Known(
        "text", Sensitivity.PHI, lambda view: view.visit.provider if view.visit else None
    ),
    "visit.location": Known(
        "text", Sensitivity.CONTACT, lambda view: view.visit.location if view.visit else None
    ),
    "visit.confirmed": Known(
        "yes_no",
        Sensitivity.CONTACT,
        lambda view: view.visit.status is VisitStatus.CONFIRMED if view.visit else None,
    ),
    "visit.hours_ahead": Known("number", Sensitivity.CONTACT, _hours_ahead),
    "visit.days_ahead": Known("number", Sensitivity.CONTACT, _days_ahead),
    "visit.hour": Known(
        "number",
        Sensitivity.CONTACT,
        lambda view: _local(view.visit.start, view).hour if view.visit else None,
    ),
    "visit.weekday": Known(
        "text",
        Sensitivity.CONTACT,
        lambda view: _weekday(view.visit.start, view) if view.visit else None,
        _DAYS,
    ),
}
"""Every name that is known in every flow; those of a visit are unset where there is none."""


def values(view: View, names: tuple[str, ...]) -> dict[str, Value | None]:
    """The known ones of these names."""
    return {name: KNOWN[name].of(view) for name in names if name in KNOWN}
