"""A visit that is changed by hand is changed as the office's own system would, and can be changed back."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.core.facts import Visit, VisitStatus
from bot.core.triggers import Change
from bot.errors import ChangedMeanwhile, NotAllowed, NotFound, TimeTaken
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service.console import change_visit
from bot.service.console.change_visit import Seen, change, undo
from bot.service.desk import Desk
from bot.store import appointments, visit_acts
from bot.store.slots import slots
from tests.bot.service.desks import desk
from tests.bot.service.week import Week, at
from tests.conftest import ANA_PHONE, START, House

ACTED = {"confirmed": 1, "cancelled": 2, "no_show": -1, "held": -2}
"""Acts, and in how many hours the visit begins with which it is done."""


@pytest.fixture
def week(rt: Runtime, clinic: UUID) -> Week:
    """The clinic's week; it is Monday, nine o'clock."""
    return Week(rt, clinic)


@pytest.fixture
def nurse(rt: Runtime, clinic: UUID) -> Desk:
    """Who acts."""
    return desk(rt, clinic)


def seen(visit: Visit) -> Seen:
    """The visit as a page shows it now."""
    return Seen(version=visit.version, status=visit.status)


def do(rt: Runtime, by: Desk, week: Week, visit: UUID, name: str) -> UUID:
    """Do this with the visit as it stands; the act's id."""
    change(rt, by, visit, name, seen(week.now(visit)))
    with rt.begin() as db:
        return visit_acts.of(db, [visit])[visit][-1].id


def holder(rt: Runtime, slot: UUID) -> UUID | None:
    """Which visit has this time."""
    with rt.begin() as db:
        return db.conn.execute(select(slots.c.appointment_id).where(slots.c.id == slot)).scalar_one()


def test_an_act_sets_the_status_raises_the_version_tells_the_conversation_and_stands_in_the_trail(
    rt: Runtime, week: Week, nurse: Desk
) -> None:
    visit = week.visit(at(START, 1))
    before = week.mail()
    for name, status in [
        ("confirmed", VisitStatus.CONFIRMED),
        ("arrived", VisitStatus.ARRIVED),
        ("fulfilled", VisitStatus.FULFILLED),
    ]:
        do(rt, nurse, week, visit, name)
        assert week.now(visit).status is status
    assert week.now(visit).version == 4
    assert week.mail() == before + 3
    trail = [one for one in week.trail() if one.subject == f"visit:{visit}"]
    assert [one.action for one in trail] == ["visit.confirmed", "visit.arrived", "visit.fulfilled"]
    assert {(one.actor, one.patients) for one in trail} == {
        (str(nurse.member), str(week.now(visit).patient_id))
    }


def test_the_conversation_hears_what_the_patient_could_be_told_of(
    rt: Runtime, week: Week, nurse: Desk
) -> None:
    visits = {name: week.visit(at(START, hours)) for name, hours in ACTED.items()}
    acts = {name: do(rt, nurse, week, visit, name) for name, visit in visits.items()}
    assert week.news() == [None, Change.CANCELLED, Change.MISSED, Change.COMPLETED]
    for act in acts.values():
        undo(rt, nurse, act)
    assert week.news()[4:] == [None, Change.BOOKED, None, None], "only a cancellation is told to be off"


def test_what_somebody_has_changed_meanwhile_is_left_as_it_is(rt: Runtime, week: Week, nurse: Desk) -> None:
    visit = week.visit(at(START, 1))
    page = seen(week.now(visit))
    with rt.begin() as db:  # the patient answers: the version stays
        appointments.set_status(db, visit, VisitStatus.CONFIRMED, rt.now())
    with pytest.raises(ChangedMeanwhile):
        change(rt, nurse, visit, "cancelled", page)
    do(rt, nurse, week, visit, "arrived")
    for stale in (page, Seen(version=1, status="arrived"), Seen(version=2, status="confirmed")):
        with pytest.raises(ChangedMeanwhile):
            change(rt, nurse, visit, "fulfilled", stale)
    assert week.now(visit).status is VisitStatus.ARRIVED


@pytest.mark.parametrize(
    ("days", "name"), [(1, "arrived"), (1, "no_show"), (1, "held"), (-1, "arrived"), (0, "nonsense")]
)
def test_what_does_not_fit_the_visit_is_not_done(
    rt: Runtime, week: Week, nurse: Desk, days: int, name: str
) -> None:
    visit = week.visit(at(START, 1, days))
    with pytest.raises(ChangedMeanwhile):
        change(rt, nurse, visit, name, seen(week.now(visit)))


def test_an_act_is_taken_back_once_and_within_an_hour(rt: Runtime, week: Week, nurse: Desk) -> None:
    visit = week.visit(at(START, 1))
    act = do(rt, nurse, week, visit, "arrived")
    undo(rt, nurse, act)
    assert (week.now(visit).status, week.now(visit).version) == (VisitStatus.BOOKED, 3)
    with pytest.raises(ChangedMeanwhile):
        undo(rt, nurse, act)
    first = do(rt, nurse, week, visit, "confirmed")
    do(rt, nurse, week, visit, "arrived")
    with pytest.raises(ChangedMeanwhile):
        undo(rt, nurse, first)  # something came after it
    late = do(rt, nurse, week, visit, "fulfilled")
    rt.move_clock(timedelta(hours=1, seconds=1))
    with pytest.raises(ChangedMeanwhile):
        undo(rt, nurse, late)
    assert week.now(visit).status is VisitStatus.FULFILLED


def test_a_cancelled_visit_frees_its_time_and_takes_it_back_if_nobody_has_it(
    rt: Runtime, week: Week, nurse: Desk
) -> None:
    start = at(START, 24)
    (slot,) = week.free(start)
    visit = week.visit(start)
    assert holder(rt, slot) == visit
    undo(rt, nurse, do(rt, nurse, week, visit, "cancelled"))
    assert (holder(rt, slot), week.now(visit).status) == (visit, VisitStatus.BOOKED)
    act = do(rt, nurse, week, visit, "cancelled")
    assert holder(rt, slot) is None
    other = week.visit(start, name="James")
    assert holder(rt, slot) == other
    with pytest.raises(TimeTaken):
        undo(rt, nurse, act)
    assert (holder(rt, slot), week.now(visit).status) == (other, VisitStatus.CANCELLED)


def test_texts_that_left_before_an_act_still_count_after_it(rt: Runtime, week: Week, nurse: Desk) -> None:
    visit = week.visit(at(START, 1))
    undo(rt, nurse, do(rt, nurse, week, visit, "arrived"))
    with rt.begin() as db:
        acts = visit_acts.of(db, [visit])[visit]
    assert visit_acts.same_time(acts, 3) == {1, 2, 3}
    assert visit_acts.same_time(acts, 5) == {5}, "moved since: what was said of another time is void"


def test_only_who_may_and_only_in_their_own_clinic(
    rt: Runtime, week: Week, nurse: Desk, clinic: UUID
) -> None:
    visit = week.visit(at(START, 1))
    with pytest.raises(NotAllowed):
        change(rt, desk(rt, clinic, "billing", "bill"), visit, "arrived", seen(week.now(visit)))
    act = do(rt, nurse, week, visit, "arrived")
    other = clinics.add(rt, name="Hillside", phone="+12025550200", zone="America/Chicago")
    stranger = desk(rt, other, handle="stella")
    for attempt in (
        lambda: change(rt, stranger, visit, "fulfilled", seen(week.now(visit))),
        lambda: undo(rt, stranger, act),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert week.now(visit).status is VisitStatus.ARRIVED


def test_the_bot_does_not_ask_about_a_visit_that_was_confirmed_by_hand(house: House) -> None:
    ana = house.patient()
    start = at(START, 2, days=3)
    visit = house.visit(ana, start)
    house.work()
    nurse = desk(house.rt, house.clinic)
    with house.rt.begin() as db:
        now = visit_acts.visit(db, house.clinic, visit)
    assert now
    change_visit.change(house.rt, nurse, visit, "confirmed", seen(now))
    house.wait_until(start - timedelta(days=2))
    assert house.got(ANA_PHONE) == []
    assert house.status(visit) == VisitStatus.CONFIRMED
