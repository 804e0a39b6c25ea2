"""The day: who comes when, what each visit's state says, in the clinic's own hours, for whoever may see it."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from bot.core.facts import VisitStatus
from bot.core.roles import Role, Sees
from bot.core.visit_state import State
from bot.errors import NotAllowed
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service.console import day, visit_signs
from bot.service.desk import Desk
from bot.store.outbox import Status
from tests.bot.service.desks import desk
from tests.bot.service.week import Week, at
from tests.bot.store.test_queries import statements
from tests.conftest import START

TODAY = date(2026, 11, 30)


@pytest.fixture
def week(rt: Runtime, clinic: UUID) -> Week:
    """The clinic's week; it is Monday, nine o'clock."""
    return Week(rt, clinic)


@pytest.fixture
def nurse(rt: Runtime, clinic: UUID) -> Desk:
    """Who looks."""
    return desk(rt, clinic)


def full(week: Week) -> dict[str, UUID]:
    """A day with a visit of every state."""
    visits = {
        state: week.visit(at(START, hours), name=state, status=status)
        for state, hours, status in [
            ("done", -1, VisitStatus.FULFILLED),
            ("not_here", -0.5, VisitStatus.CONFIRMED),
            ("here", 0.25, VisitStatus.ARRIVED),
            ("late", 0.5, VisitStatus.BOOKED),
            ("booked", 1, VisitStatus.BOOKED),
            ("reminded", 2, VisitStatus.BOOKED),
            ("at_risk", 3, VisitStatus.BOOKED),
            ("wants_change", 4, VisitStatus.BOOKED),
            ("confirmed", 5, VisitStatus.CONFIRMED),
            ("cancelled", 6, VisitStatus.CANCELLED),
            ("no_show", -0.75, VisitStatus.NOSHOW),
        ]
    }
    week.visit(at(START, 3), name="hidden", status=VisitStatus.ENTERED_IN_ERROR)
    week.texted(visits["reminded"])
    for _ in range(2):
        week.texted(visits["at_risk"])
    week.texted(visits["booked"], Status.READY)  # has not left
    week.task(visits["late"], "running_late")
    week.task(visits["wants_change"], "no_time_fits")
    week.waits(visits["confirmed"])
    return visits


def lines(found: day.Day) -> dict[str, day.Line]:
    """By first name."""
    return {line.name.split()[0]: line for column in found.columns for line in column.lines}


def test_every_visit_has_the_state_that_its_texts_tasks_and_status_say(
    rt: Runtime, week: Week, nurse: Desk
) -> None:
    full(week)
    week.visit(at(START, 1), name="Other", provider="Dr. Lindqvist")
    week.visit(at(START, 24), name="Tomorrow")
    found = day.day(rt, nurse, None, audited=True)
    shown = lines(found)
    other = shown.pop("Other")
    assert {name: line.state.value for name, line in shown.items()} == {name: name for name in shown}
    assert len(shown) == 11
    assert dict(found.counts)[State.BOOKED] == 2
    assert (found.on, found.is_today, found.total) == (TODAY, True, 12)
    assert [column.provider for column in found.columns] == ["Dr. Lindqvist", "Dr. Okafor"]
    assert shown["at_risk"].reasons == ("Asked twice, not confirmed", "First visit here")
    assert shown["late"].tasks[0][1] == "The patient will be late"
    assert [name for name, line in shown.items() if line.waits] == ["confirmed"]
    assert found.columns[1].now_before == shown["here"].id, "the line of the present moment"
    assert shown["booked"].what == "follow-up, Main Street"
    # the filters
    key = found.columns[0].key
    assert lines(day.day(rt, nurse, None, provider=key, audited=False)) == {"Other": other}
    late = day.day(rt, nurse, None, state="late", audited=False)
    assert list(lines(late)) == ["late"]
    assert late.total == 12
    # the trail has whom somebody saw, and nothing of what the page fetched by itself
    seen = [one for one in week.trail() if one.action == "day.viewed"]
    assert [(one.actor, one.subject, len(one.patients.split(","))) for one in seen] == [
        (str(nurse.member), "day:2026-11-30", 12)
    ]


def test_what_can_be_done_stands_at_each_visit_the_likely_thing_first(
    rt: Runtime, week: Week, nurse: Desk
) -> None:
    full(week)
    week.visit(at(START, 24), name="Tomorrow")
    week.visit(at(START, -24), name="Yesterday")
    days = (date(2026, 11, 29), TODAY, date(2026, 12, 1))
    shown = {name: line for on in days for name, line in lines(day.day(rt, nurse, on, audited=False)).items()}
    assert {name: [act for act, _ in line.acts] for name, line in shown.items()} == {
        "Yesterday": ["no_show", "held"],
        "done": [],
        "no_show": [],
        "not_here": ["arrived", "no_show", "held", "cancelled"],
        "here": ["fulfilled"],
        "late": ["arrived", "confirmed", "cancelled"],
        "booked": ["arrived", "confirmed", "cancelled"],
        "reminded": ["arrived", "confirmed", "cancelled"],
        "at_risk": ["arrived", "confirmed", "cancelled"],
        "wants_change": ["arrived", "confirmed", "cancelled"],
        "confirmed": ["arrived", "cancelled"],
        "cancelled": [],
        "Tomorrow": ["confirmed", "cancelled"],
    }


def test_a_role_sees_of_a_visit_what_it_may_and_does_what_it_may(
    rt: Runtime, week: Week, clinic: UUID
) -> None:
    week.visit(at(START, 1))
    billing = desk(rt, clinic, "billing", "bill")
    assert lines(day.day(rt, billing, None, audited=False))["Ana"].acts == ()
    with pytest.raises(NotAllowed):
        day.day(rt, desk(rt, clinic, "compliance", "cora"), None, audited=False)
    blind = Desk(
        member=billing.member,
        clinic=clinic,
        handle="bill",
        name="Bill",
        role_name="blind",
        role=Role(label="Blind", may=billing.role.may, sees=(Sees.CONTACT,)),
    )
    found = day.day(rt, blind, None, audited=False)
    assert [(column.provider, column.lines[0].what) for column in found.columns] == [("•••", "•••")]


def test_another_clinics_visits_are_not_there(rt: Runtime, week: Week, nurse: Desk) -> None:
    other = clinics.add(rt, name="Hillside", phone="+12025550200", zone="America/Chicago")
    Week(rt, other).visit(at(START, 1))
    assert day.day(rt, nurse, None, audited=False).total == 0


@pytest.mark.parametrize(
    ("on", "hours", "first", "last"),
    [
        (date(2026, 11, 1), 25, "2026-11-01T04:00", "2026-11-02T05:00"),
        (date(2027, 3, 14), 23, "2027-03-14T05:00", "2027-03-15T04:00"),
        (date(2026, 11, 30), 24, "2026-11-30T05:00", "2026-12-01T05:00"),
    ],
)
def test_a_day_is_the_clinics_and_has_23_or_25_hours_where_its_clocks_change(
    on: date, hours: int, first: str, last: str
) -> None:
    since, until = visit_signs.bounds(on, "America/New_York", datetime(2026, 11, 30, tzinfo=UTC))
    assert (until - since).total_seconds() == hours * 3600
    assert (since.isoformat()[:16], until.isoformat()[:16]) == (first, last)


def test_late_in_the_evening_of_a_day_of_changing_clocks_still_belongs_to_it(
    rt: Runtime, week: Week, nurse: Desk
) -> None:
    evening = datetime(2027, 3, 15, 3, 30, tzinfo=UTC)  # 11:30 PM on the 14th
    week.visit(evening, name="Evening")
    week.visit(at(evening, 0.5), name="Midnight")
    assert list(lines(day.day(rt, nurse, date(2027, 3, 14), audited=False))) == ["Evening"]
    assert list(lines(day.day(rt, nurse, date(2027, 3, 15), audited=False))) == ["Midnight"]


def test_however_many_visits_a_day_has_the_queries_are_the_same(rt: Runtime, week: Week, nurse: Desk) -> None:
    counts = []
    day.day(rt, nurse, None, audited=False)  # the edition was read a moment ago
    for _ in range(2):
        full(week)
        counts.append(len(statements(rt, lambda: day.day(rt, nurse, None, audited=True))))
    assert counts[0] == counts[1] <= 8
