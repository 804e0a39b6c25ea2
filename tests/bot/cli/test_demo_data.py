"""The demo's made-up clinic: it comes in by the ordinary import, whole, and only once."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select

from bot.cli import demo_chart, demo_data
from bot.core.facts import STANDING
from bot.core.roles import STANDARD
from bot.core.roster import members
from bot.flowbook import loader
from bot.runtime import Runtime
from bot.service import enrol
from bot.settings import HOME
from bot.store import appointments, clinics, inbox, logins, people, slots, staff

ALL_VISITS = len(demo_data._TODAY) + len(demo_data._VISITS) + len(demo_chart.PAST_VISITS)
TODAY = {row[0] for row in demo_data._TODAY}


@pytest.fixture
def filled(rt: Runtime) -> UUID:
    """The demo's clinic."""
    demo_data.fill(rt)
    with rt.begin() as db:
        (clinic,) = clinics.all_of_them(db)
    return clinic.id


def test_every_row_of_it_goes_in(rt: Runtime, filled: UUID) -> None:
    with rt.begin() as db:
        assert len(people.everyone(db, filled, 50)) == len(demo_data._PEOPLE)
        assert len(list(appointments.listed(db, filled))) == ALL_VISITS
        told = select(func.count()).select_from(inbox.inbox)
        assert db.conn.execute(told).scalar_one() == len(demo_data._VISITS) + len(demo_data._TODAY)


def test_filling_it_again_changes_nothing(rt: Runtime, filled: UUID) -> None:
    rt.move_clock(timedelta(days=3))
    demo_data.fill(rt)
    with rt.begin() as db:
        assert len(clinics.all_of_them(db)) == 1
        assert len(list(appointments.listed(db, filled))) == ALL_VISITS


def test_somebody_is_on_call(rt: Runtime, filled: UUID) -> None:
    with rt.begin() as db:
        assert clinics.get(db, filled).oncall_phone


def test_everybody_whom_the_shipped_rosters_name_works_there_with_a_phone(rt: Runtime, filled: UUID) -> None:
    oncall = loader.read(loader.collect(HOME / "flows")).oncall
    named = {handle for roster in oncall.rosters for handle in members(oncall, roster)}
    there = {member.handle: member for member in enrol.everybody(rt, filled)}
    off_call = {handle for handle, *_ in demo_data._OFF_CALL}
    assert set(there) == named | off_call
    assert {there[handle].phone for handle in off_call} == {None}
    there = {handle: member for handle, member in there.items() if handle in named}
    phones = {member.phone for member in there.values()}
    with rt.begin() as db:
        phones |= {phone for _, _, phone in people.everyone(db, filled, 50)}
        patients = len({phone for _, _, phone in people.everyone(db, filled, 50)})
    assert len(phones) == len(there) + patients
    assert all(member.phone and member.phone.startswith("+1555555") for member in there.values())
    assert all(member.email.endswith(".example") for member in there.values())


def test_a_demo_of_before_there_were_staff_gets_them(rt: Runtime, filled: UUID) -> None:
    with rt.begin() as db:
        db.conn.execute(delete(logins.logins))
        db.conn.execute(delete(staff.staff))
    demo_data.fill(rt)
    assert len(enrol.everybody(rt, filled)) == len(demo_data._STAFF) + len(demo_data._OFF_CALL)


def test_everybody_can_sign_in_and_what_they_have_changed_stays(rt: Runtime, filled: UUID) -> None:
    with rt.begin() as db:
        before = {member.handle: logins.get(db, member.id) for member in staff.all_of(db, filled)}
    demo_data.fill(rt)
    with rt.begin() as db:
        assert {member.handle: logins.get(db, member.id) for member in staff.all_of(db, filled)} == before
    assert all(login and login.totp for login in before.values())
    assert set(STANDARD) == {member.role for member in enrol.everybody(rt, filled)}


def test_who_has_left_stays_away_and_who_has_changed_stays_so(rt: Runtime, filled: UUID) -> None:
    enrol.leave(rt, filled, "sam")
    enrol.add(rt, filled, "maria@riverside.example", role="admin", phone="+15555550177")
    demo_data.fill(rt)
    there = {member.handle: member for member in enrol.everybody(rt, filled)}
    assert "sam" not in there
    assert (there["maria"].role, there["maria"].phone) == ("admin", "+15555550177")


@pytest.mark.parametrize("days", range(7))
def test_on_whatever_weekday_it_starts_all_lies_ahead_on_workdays(rt: Runtime, days: int) -> None:
    rt.move_clock(timedelta(days=days))
    demo_data.fill(rt)
    with rt.begin() as db:
        (clinic,) = clinics.all_of_them(db)
        every = list(appointments.listed(db, clinic.id))
        opening = list(db.conn.execute(select(slots.slots.c.start_at)).scalars())
    today = [visit for visit in every if visit.external_id in TODAY]
    every = [visit for visit in every if visit not in today]
    assert {visit.start.date() - rt.now().date() for visit in today} <= {timedelta(n) for n in range(3)}
    visits = [visit for visit in every if visit.status in STANDING]
    assert len(visits) == len(demo_data._VISITS)
    assert all(start.isoweekday() <= 5 for start in [*(visit.start for visit in every), *opening])
    assert all(visit.start < rt.now() for visit in every if visit not in visits)
    assert min(visit.start for visit in visits) > rt.now() + timedelta(
        days=3
    )  # both reminders are still to come


def test_every_visit_can_be_moved_to_one_of_three_times(rt: Runtime, filled: UUID) -> None:
    with rt.begin() as db:
        standing = [visit for visit in appointments.listed(db, filled) if visit.status in STANDING]
        ahead = [visit for visit in standing if visit.external_id not in TODAY]
        for visit in ahead:
            assert len(appointments.open_like(db, visit.id, 3, rt.now())) == 3


def test_it_shows_two_languages_and_a_phone_that_two_share(rt: Runtime, filled: UUID) -> None:
    with rt.begin() as db:
        everyone = people.everyone(db, filled, 50)
    phones = [phone for _, _, phone in everyone]
    assert {person.language for person, _, _ in everyone} == {"en", "es"}
    assert len(phones) - len(set(phones)) == 1
    assert all(phone.startswith("+1202555") for phone in phones)  # numbers that are nobody's
