"""Whom a broadcast is for: each fact by itself, all of them together, and who is left out."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError

from bot.core.audience import Candidate, Wanted, fits, left_out
from bot.core.facts import Person, Visit, VisitStatus

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
ANA = UUID(int=1)


def person(**more: object) -> Person:
    """Ana, who is 56."""
    given: dict[str, object] = {
        "id": ANA,
        "first_name": "Ana",
        "language": "en",
        "zone": "America/New_York",
        "birth_date": date(1970, 1, 2),
    }
    return Person(**(given | more))  # type: ignore[arg-type]


def visit(days: int, status: VisitStatus = VisitStatus.BOOKED, **more: str) -> Visit:
    """A visit so many days from now."""
    where = {"provider": "Dr. Okafor", "location": "Main Street"} | more
    return Visit(
        id=UUID(int=days % 999 + 1),
        patient_id=ANA,
        version=1,
        start=NOW + timedelta(days=days),
        minutes=30,
        status=status,
        **where,
    )


CAME, BOOKED, OFF = VisitStatus.FULFILLED, VisitStatus.BOOKED, VisitStatus.CANCELLED
CASES: list[tuple[dict[str, object], Candidate, bool]] = [
    ({}, Candidate(person=person()), True),
    ({"languages": ("es",)}, Candidate(person=person()), False),
    ({"languages": ("es",)}, Candidate(person=person(language="es-MX")), True),
    ({"age_from": 56}, Candidate(person=person()), True),
    ({"age_from": 57}, Candidate(person=person()), False),
    ({"age_to": 56}, Candidate(person=person()), True),
    ({"age_to": 55}, Candidate(person=person()), False),
    ({"age_to": 0}, Candidate(person=person(birth_date=date(2026, 3, 1))), True),
    ({"age_from": 1}, Candidate(person=person(birth_date=date(2025, 12, 1))), False),  # turns one tomorrow
    ({"age_from": 1}, Candidate(person=person(birth_date=date(2025, 11, 30))), True),
    ({"age_from": 18}, Candidate(person=person(birth_date=None)), False),
    ({"visit": "ahead"}, Candidate(person=person(), visits=(visit(3),)), True),
    ({"visit": "ahead"}, Candidate(person=person(), visits=(visit(3, OFF),)), False),
    ({"visit": "ahead"}, Candidate(person=person(), visits=(visit(-3),)), False),
    ({"visit": "ahead", "within_days": 3}, Candidate(person=person(), visits=(visit(3),)), True),
    ({"visit": "ahead", "within_days": 2}, Candidate(person=person(), visits=(visit(3),)), False),
    (
        {"visit": "ahead", "provider": "dr. okafor"},
        Candidate(person=person(), visits=(visit(3),)),
        True,
    ),
    ({"visit": "ahead", "provider": "Dr. Lee"}, Candidate(person=person(), visits=(visit(3),)), False),
    (
        {"visit": "ahead", "provider": "Dr. Lee"},
        Candidate(person=person(), visits=(visit(3), visit(-9, CAME, provider="Dr. Lee"))),
        False,
    ),
    (
        {"provider": "Dr. Lee"},
        Candidate(person=person(), visits=(visit(-9, CAME, provider="Dr. Lee"),)),
        True,
    ),
    ({"location": "Hill"}, Candidate(person=person(), visits=(visit(-9, CAME),)), False),
    ({"visit": "none ahead"}, Candidate(person=person(), visits=(visit(-9, CAME), visit(4, OFF))), True),
    ({"visit": "none ahead"}, Candidate(person=person(), visits=(visit(4),)), False),
    ({"not_since_months": 12}, Candidate(person=person(), visits=(visit(-400, CAME),)), True),
    ({"not_since_months": 12}, Candidate(person=person(), visits=(visit(-300, CAME),)), False),
    (
        {"not_since_months": 12},
        Candidate(person=person(), visits=(visit(-400, CAME), visit(-9, CAME))),
        False,
    ),
    ({"not_since_months": 12}, Candidate(person=person(), visits=(visit(-400, CAME), visit(-9, OFF))), True),
    ({"not_since_months": 12}, Candidate(person=person()), False),  # was never seen here
]


@pytest.mark.parametrize(("asked", "candidate", "chosen"), CASES, ids=str)
def test_a_fact_chooses(asked: dict[str, object], candidate: Candidate, chosen: bool) -> None:
    assert fits(Wanted(**asked), candidate, NOW) is chosen  # type: ignore[arg-type]


def test_all_facts_must_hold() -> None:
    whole = {"languages": ("en",), "age_from": 50, "visit": "ahead", "provider": "Dr. Okafor"}
    ana = Candidate(person=person(), visits=(visit(3),))
    assert fits(Wanted(**whole), ana, NOW)  # type: ignore[arg-type]
    for name, other in {"languages": ("es",), "age_from": 60, "provider": "Dr. Lee"}.items():
        assert not fits(Wanted(**(whole | {name: other})), ana, NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (Candidate(person=person()), None),
        (Candidate(person=person(), opted_out=True), "opted_out"),
        (Candidate(person=person(preferences={"channel": "call"})), "wants_calls"),
        (Candidate(person=person(preferences={"bulk": "no"})), "wants_none"),
        (Candidate(person=person(preferences={"survey": "no"})), None),
    ],
    ids=str,
)
def test_who_wants_no_text_is_left_out_with_the_reason(candidate: Candidate, reason: str | None) -> None:
    assert left_out(candidate, "bulk") == reason


@pytest.mark.parametrize(
    "asked",
    [
        {"age_from": 60, "age_to": 50},
        {"visit": "none ahead", "provider": "Dr. Lee"},
        {"age_from": -1},
        {"within_days": 0},
        {"colour": "blue"},
    ],
    ids=str,
)
def test_what_can_choose_nobody_is_refused(asked: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Wanted(**asked)  # type: ignore[arg-type]
