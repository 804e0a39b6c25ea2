"""What a flow knows without asking: what each name comes to, on whose clock, and what is missing without a visit."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.core.expr import is_number
from bot.core.facts import VisitStatus
from bot.core.flow import Sensitivity
from bot.core.known import KNOWN, PREFERENCES, View, values
from bot.core.moments import Calendar
from tests.bot.core.world import ANA, CLINIC, NOW, visit

PERSON = replace(ANA, birth_date=date(1961, 12, 1), missed=2, preferences={"channel": "call", "survey": "no"})
VISIT = replace(visit(), kind="follow-up", provider="Dr. Okafor", location="Downtown")  # Monday, 10:30
OFFICE = Calendar.model_validate({"open": {"monday": {"from": "08:00", "until": "17:00"}}})
VIEW = View(
    now=NOW,  # Monday, 9:00
    zone="America/New_York",
    language="es",
    clinic=CLINIC,
    office=OFFICE,
    person=PERSON,
    visit=VISIT,
    has_visit=True,
)


def worth(name: str, view: View = VIEW) -> object:
    return KNOWN[name].of(view)


EXPECTED = {
    "clinic.open": (True, True),
    "now.hour": (9, 9),
    "now.weekday": ("monday", "monday"),
    "patient.age": (64, None),
    "patient.language": ("es", "es"),
    "patient.missed_visits": (2, 0),
    "patient.has_visit": (True, False),
    "patient.channel": ("call", "text"),
    "patient.survey": ("no", "yes"),
    "patient.bulk": ("yes", "yes"),
    "visit.kind": ("follow-up", None),
    "visit.provider": ("Dr. Okafor", None),
    "visit.location": ("Downtown", None),
    "visit.confirmed": (False, None),
    "visit.hours_ahead": (169.5, None),
    "visit.days_ahead": (7, None),
    "visit.hour": (10, None),
    "visit.weekday": ("monday", None),
}
"""Each name with a person and a visit, and without."""


@pytest.mark.parametrize("name", KNOWN)
def test_each_name_comes_to_what_it_says(name: str) -> None:
    nobody = replace(VIEW, person=None, visit=None, has_visit=False)
    assert (worth(name), worth(name, nobody)) == EXPECTED[name]


@pytest.mark.parametrize("name", KNOWN)
def test_a_value_is_of_its_sort_and_one_of_its_options(name: str) -> None:
    known, value = KNOWN[name], worth(name)
    fits = {"yes_no": isinstance(value, bool), "number": is_number(value), "text": isinstance(value, str)}
    assert fits[known.sort]
    assert not known.options or value in known.options


@pytest.mark.parametrize(
    ("today", "born", "age"),
    [
        ("2026-11-30", date(1961, 11, 30), 65),
        ("2026-11-30", date(1961, 12, 1), 64),
        ("2027-02-28", date(2008, 2, 29), 18),
        ("2027-03-01", date(2008, 2, 29), 19),
        ("2028-02-29", date(2008, 2, 29), 20),
        ("2026-11-30", date(2026, 11, 30), 0),
    ],
)
def test_an_age_rises_on_the_birthday(today: str, born: date, age: int) -> None:
    now = datetime.fromisoformat(f"{today}T17:00").replace(tzinfo=UTC)
    assert worth("patient.age", replace(VIEW, now=now, person=replace(PERSON, birth_date=born))) == age


def test_an_age_that_nobody_knows_is_unset() -> None:
    assert worth("patient.age", replace(VIEW, person=replace(PERSON, birth_date=None))) is None


def test_days_are_those_of_the_patients_clock() -> None:
    late = replace(VIEW, now=datetime(2026, 12, 7, 4, 30, tzinfo=UTC))  # 23:30 the day before, in New York
    assert (worth("visit.days_ahead", late), worth("now.weekday", late)) == (1, "sunday")
    west = replace(
        late, zone="America/Los_Angeles", visit=replace(VISIT, start=datetime(2026, 12, 8, 7, tzinfo=UTC))
    )
    assert (worth("visit.days_ahead", west), worth("visit.hour", west)) == (1, 23)


def test_a_visit_that_is_over_is_so_many_hours_ago() -> None:
    assert (
        worth(
            "visit.hours_ahead",
            replace(VIEW, visit=replace(VISIT, start=datetime(2026, 11, 30, 12, tzinfo=UTC))),
        )
        == -2
    )


@pytest.mark.parametrize(
    ("status", "confirmed"), [(VisitStatus.CONFIRMED, True), (VisitStatus.FULFILLED, False)]
)
def test_a_visit_is_confirmed_while_that_is_its_status(status: VisitStatus, *, confirmed: bool) -> None:
    assert worth("visit.confirmed", replace(VIEW, visit=replace(VISIT, status=status))) is confirmed


def test_the_office_is_closed_on_a_day_that_its_calendar_lacks() -> None:
    assert worth("clinic.open", replace(VIEW, now=datetime(2026, 12, 1, 15, tzinfo=UTC))) is False


def test_a_clinic_without_a_calendar_is_always_open() -> None:
    assert worth("clinic.open", replace(VIEW, office=None, now=datetime(2026, 12, 6, 3, tzinfo=UTC))) is True


def test_only_names_that_are_known_are_given() -> None:
    assert values(VIEW, ("now.hour", "pain", "visit.hour")) == {"now.hour": 9, "visit.hour": 10}


def test_what_tells_something_of_a_patient_is_phi() -> None:
    phi = {name for name, known in KNOWN.items() if known.sensitivity is Sensitivity.PHI}
    assert phi == {"patient.age", "patient.missed_visits", "visit.kind", "visit.provider"}


def test_purposes_that_a_patient_can_turn_off_are_preferences() -> None:
    assert {"reminder", "care", "survey", "bulk"} <= set(PREFERENCES)
