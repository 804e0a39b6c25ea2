"""Whom to call: who has not confirmed, in the order in which a call helps most, until somebody has dealt with it."""

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from bot.core.facts import VisitStatus
from bot.core.roles import Role, Sees
from bot.errors import NotAllowed, NotFound
from bot.runtime import Runtime
from bot.service.console import change_visit
from bot.service.console.call_round import by_phone, calls
from bot.service.console.change_visit import Seen
from bot.service.desk import Desk
from bot.settings import HOME
from bot.store import appointments
from bot.store.outbox import Status
from tests.bot.service.desks import desk
from tests.bot.service.week import Week, at
from tests.conftest import START

SEEN = Seen(version=1, status="booked")


@pytest.fixture
def flows_dir() -> Path:
    """The clinic's own flows: they have a calendar."""
    return HOME / "flows"


@pytest.fixture
def week(rt: Runtime, clinic: UUID) -> Week:
    """The clinic's week; it is Monday, nine o'clock."""
    return Week(rt, clinic)


@pytest.fixture
def nurse(rt: Runtime, clinic: UUID) -> Desk:
    """Who calls."""
    return desk(rt, clinic)


def names(rt: Runtime, by: Desk) -> list[str]:
    """Whom the list names, the first first."""
    return [call.name.split()[0] for call in calls(rt, by, audited=False).calls]


def test_the_list_has_who_has_not_confirmed_first_whom_a_call_helps_most(
    rt: Runtime, week: Week, nurse: Desk
) -> None:
    known = week.patient("Known")
    week.visit(at(START, -24 * 30), patient=known, status=VisitStatus.NOSHOW)
    week.visit(at(START, -24 * 60), patient=known, status=VisitStatus.FULFILLED)
    week.visit(at(START, -24 * 800), patient=known, status=VisitStatus.NOSHOW)  # too long ago to count
    asked = week.visit(at(START, 26), patient=known)
    for _ in range(2):
        week.texted(asked)
    later = week.visit(at(START, 50), name="Later")
    week.texted(later, Status.UNDELIVERED)
    week.opts_out(week.visit(at(START, 25), name="Silent"))
    week.visit(at(START, 2), name="Today")
    week.visit(at(START, -0.5), name="Begun")
    week.visit(at(START, 25), name="Sure", status=VisitStatus.CONFIRMED)
    week.visit(at(START, 25), name="Off", status=VisitStatus.CANCELLED)
    week.visit(at(START, 24 * 3 + 2), name="Thursday")
    found = calls(rt, nurse, audited=True)
    assert [(call.name.split()[0], call.reasons) for call in found.calls] == [
        ("Known", ("Asked twice, not confirmed", "Missed a visit in the last two years")),
        ("Silent", ("Takes no texts", "First visit here")),
        ("Today", ("First visit here",)),
        ("Later", ("Our last text did not arrive", "First visit here")),
    ]
    first = found.calls[0]
    assert (first.high, first.phone, first.dial) == (True, "(202) 555-1001", "+12025551001")
    assert (found.until, found.more) == (date(2026, 12, 2), 0)
    (seen,) = [one for one in week.trail() if one.action == "calls.viewed"]
    assert len(seen.patients.split(",")) == 4


def test_a_weekend_is_no_working_day(rt: Runtime, week: Week, nurse: Desk) -> None:
    rt.move_clock(timedelta(days=4))  # Friday
    for days, name in ((7, "Monday"), (8, "Tuesday"), (9, "Wednesday")):
        week.visit(at(START, 1, days), name=name)
    found = calls(rt, nurse, audited=False)
    assert found.until == date(2026, 12, 8)
    assert [call.name.split()[0] for call in found.calls] == ["Monday", "Tuesday"]


def test_what_came_of_a_call_is_kept_and_can_be_taken_back(rt: Runtime, week: Week, nurse: Desk) -> None:
    visits = {name: week.visit(at(START, hours), name=name) for hours, name in enumerate("ABCD", 2)}
    assert names(rt, nurse) == ["A", "B", "C", "D"]
    by_phone(rt, nurse, visits["A"], "unreached", SEEN)
    assert names(rt, nurse) == ["B", "C", "D", "A"], "not at the top again at once"
    by_phone(rt, nurse, visits["B"], "confirmed", SEEN)
    by_phone(rt, nurse, visits["C"], "cancelled", SEEN)
    by_phone(rt, nurse, visits["D"], "dealt_with", SEEN)
    found = calls(rt, nurse, audited=False)
    assert [(call.name[0], len(call.tries), call.reasons[0]) for call in found.calls] == [
        ("A", 1, "Called once, not reached")
    ]
    assert week.now(visits["B"]).status is VisitStatus.CONFIRMED
    assert week.now(visits["C"]).status is VisitStatus.CANCELLED
    assert week.now(visits["D"]).version == 1, "a call changes no visit"
    assert [(name[0], act) for _, name, act in found.lately] == [
        ("D", "dealt_with"),
        ("C", "cancelled"),
        ("B", "confirmed"),
        ("A", "unreached"),
    ]
    for act, _, _ in found.lately:
        change_visit.undo(rt, nurse, act)
    found = calls(rt, nurse, audited=False)
    assert [(call.name[0], call.tries) for call in found.calls] == [(name, ()) for name in "ABCD"]
    assert found.lately == ()
    trail = [(one.action, one.detail) for one in week.trail() if one.actor == str(nurse.member)]
    assert sorted(trail) == [
        ("call.dealt_with", ""),
        ("call.unreached", ""),
        ("visit.cancelled", "by phone"),
        ("visit.confirmed", "by phone"),
        *(("visit.undone", act) for act in ("cancelled", "confirmed", "dealt_with", "unreached")),
    ]


def test_who_has_moved_since_is_called_again(rt: Runtime, week: Week, nurse: Desk) -> None:
    visit = week.visit(at(START, 2))
    by_phone(rt, nurse, visit, "dealt_with", SEEN)
    assert names(rt, nurse) == []
    with rt.begin() as db:
        appointments.raise_versions(db, nurse.clinic, [week.now(visit).patient_id], rt.now())
    assert names(rt, nurse) == ["Ana"]


def test_a_role_sees_and_does_what_it_may(rt: Runtime, week: Week, nurse: Desk, clinic: UUID) -> None:
    visit = week.visit(at(START, 2))
    billing = desk(rt, clinic, "billing", "bill")
    for act in ("confirmed", "dealt_with"):
        with pytest.raises(NotAllowed):
            by_phone(rt, billing, visit, act, SEEN)
    with pytest.raises(NotFound):
        by_phone(rt, nurse, visit, "nonsense", SEEN)
    blind = Desk(
        member=nurse.member,
        clinic=clinic,
        handle="maria",
        name="Maria",
        role_name="blind",
        role=Role(label="Blind", may=nurse.role.may, sees=(Sees.VISITS,)),
    )
    (call,) = calls(rt, blind, audited=False).calls
    assert (call.phone, call.dial) == ("•••", "")
    with pytest.raises(NotAllowed):
        calls(rt, desk(rt, clinic, "compliance", "cora"), audited=False)
