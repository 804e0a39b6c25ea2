"""Duty: who is on call, the plan day by day, and the calendar feed."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import icalendar
import pytest

from bot.errors import BadImport, NotFound
from bot.runtime import Runtime
from bot.service import duty, enrol, swap
from bot.service.duty import OnDuty, Schedule
from bot.signing import is_feed_key
from tests.bot.service.oncall_edition import edition, staff
from tests.conftest import Servers


@pytest.fixture
def flows_dir(servers: Servers) -> Path:
    """Flows with rosters."""
    return edition(servers.directory)


def named(rt: Runtime, clinic: UUID, at: str | None = None) -> dict[str, OnDuty]:
    return {one.roster: one for one in duty.who(rt, clinic, at).duties}


def column(plan: Schedule, roster: str) -> list[str]:
    """A roster's days as '26 joe 08:00 maria'."""
    number = plan.rosters.index(roster)
    return [
        " ".join(
            (
                f"{day.day:%d}",
                *(
                    f"{stint.start:%H:%M} {stint.person.handle if stint.person else '-'}"
                    for stint in day.stints[number]
                ),
            )
        )
        for day in plan.days
    ]


# -- who --------------------------------------------------------------------------------------------------


def test_who_has_it_until_when_and_who_comes_then(rt: Runtime, clinic: UUID) -> None:
    staff(rt, clinic)
    found = duty.who(rt, clinic)
    assert (found.clinic, found.zone, found.phone) == ("Riverside Clinic", "America/New_York", "…0199")
    nurse = {one.roster: one for one in found.duties}["nurse"]
    assert nurse.person == duty.Person(handle="sam", name="Sam", phone="…0142")
    assert nurse.until == datetime(2026, 12, 7, 13, 0, tzinfo=UTC)
    assert nurse.then is not None
    assert nurse.then.handle == "maria"


def test_who_is_not_known_here_and_who_stands_in(rt: Runtime, clinic: UUID) -> None:
    staff(rt, clinic)
    desk = named(rt, clinic)["front_desk"]
    assert desk.person == duty.Person(handle="desk")  # nobody is called so
    assert desk.then == duty.Person(handle="sam", name="Sam", phone="…0142")  # from five the nurse stands in
    gone = named(rt, clinic, "2026-12-05")["provider"]  # a Saturday
    assert gone.person is None
    assert gone.then == duty.Person(handle="dr_lee")


def test_a_moment_is_of_the_clinics_clock_or_has_an_offset(rt: Runtime, clinic: UUID) -> None:
    def nurse(at: str) -> str:
        person = named(rt, clinic, at)["nurse"].person
        assert person
        return person.handle

    assert [nurse(at) for at in ("2026-12-07T07:59", "2026-12-07 08:00")] == ["sam", "maria"]
    assert [nurse(at) for at in ("2026-12-07T12:59Z", "2026-12-07T05:00-08:00")] == ["sam", "maria"]
    for wrong in (
        "tomorrow",
        "2026-13-01",
        "2026-12-07T25:00",
        "2026-W50-1",
        "9999-01-01",
        "0001-01-01T00:00+05:00",
    ):
        with pytest.raises(BadImport, match=r"^at: "):
            duty.who(rt, clinic, wrong)


# -- the plan ---------------------------------------------------------------------------------------------


def test_the_plan_shows_hand_overs_holidays_and_gaps(rt: Runtime, clinic: UUID) -> None:
    plan = duty.schedule(rt, clinic, start=date(2026, 11, 22), days=7)
    assert column(plan, "nurse") == [
        "22 00:00 maria",
        "23 00:00 maria 08:00 joe",
        "24 00:00 joe",
        "25 00:00 joe",
        "26 00:00 maria",  # who has the holidays
        "27 00:00 joe",
        "28 00:00 joe",
    ]
    assert [day.closed for day in plan.days] == [(), (), (), (), ("office",), (), ()]
    assert column(plan, "provider")[0] == "22 00:00 -"
    assert column(plan, "front_desk")[3:5] == ["25 00:00 joe 08:00 desk 17:00 joe", "26 00:00 maria"]


def test_the_plan_goes_by_the_clock_when_it_changes(rt: Runtime, clinic: UUID) -> None:
    autumn = duty.schedule(rt, clinic, start=date(2026, 10, 31), days=3)
    assert [line.split()[1::2] for line in column(autumn, "night")] == [["00:00", "02:30"]] * 3
    assert [stints[0].start.utcoffset() for day in autumn.days for stints in day.stints[:1]] == [
        timedelta(hours=-4),
        timedelta(hours=-4),
        timedelta(hours=-5),
    ]
    spring = duty.schedule(rt, clinic, start=date(2027, 3, 13), days=3)
    assert [line.split()[3] for line in column(spring, "night")] == ["02:30", "03:00", "02:30"]


def test_the_plan_begins_today_at_the_clinic(rt: Runtime, clinic: UUID) -> None:
    rt.move_clock(timedelta(hours=13))  # 22:00 there, and December in Greenwich
    assert duty.schedule(rt, clinic, days=1).days[0].day == date(2026, 11, 30)
    for days in (0, 367):
        with pytest.raises(BadImport, match="days"):
            duty.schedule(rt, clinic, days=days)


def test_a_swap_stands_in_the_plan(rt: Runtime, clinic: UUID) -> None:
    staff(rt, clinic)
    swap.make(rt, clinic, "nurse", "joe", "2026-12-01T18:00", "2026-12-02T06:00")
    plan = duty.schedule(rt, clinic, start=date(2026, 12, 1), days=2)
    assert column(plan, "nurse") == ["01 00:00 sam 18:00 joe", "02 00:00 joe 06:00 sam"]


# -- the feed ---------------------------------------------------------------------------------------------


def events(rt: Runtime, member: UUID) -> list[tuple[str, datetime, datetime]]:
    raw = duty.ics(rt, member)
    assert raw
    found = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    return [(str(one["summary"]), one["dtstart"].dt, one["dtend"].dt) for one in found]


def test_a_feed_has_every_shift_of_months(rt: Runtime, clinic: UUID) -> None:
    sam = staff(rt, clinic)["sam"].id
    found = events(rt, sam)
    assert {summary for summary, _, _ in found} == {
        "On call: nurse (Riverside Clinic)"
    }  # standing in is no shift
    assert ("On call: nurse (Riverside Clinic)", START_OF_SAM, START_OF_SAM + timedelta(days=7)) in found
    assert found[0][1] == datetime(2026, 10, 19, 12, 0, tzinfo=UTC)  # the first there ever was
    assert max(end for _, _, end in found) >= rt.now() + timedelta(days=170)
    assert all(start.tzinfo is not None for _, start, _ in found)


START_OF_SAM = datetime(2026, 11, 30, 13, 0, tzinfo=UTC)


def test_standing_in_is_no_shift_of_its_own(rt: Runtime, clinic: UUID) -> None:
    """Sam has the front desk for an hour; that the nurse stands in there every night is said by the nurse's shift."""
    sam = staff(rt, clinic)["sam"].id
    swap.make(rt, clinic, "front_desk", "sam", "2026-12-01T12:00", "2026-12-01T13:00")
    desk = [event for event in events(rt, sam) if "nurse" not in event[0]]
    noon = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
    assert desk == [("On call: front desk (Riverside Clinic)", noon, noon + timedelta(hours=1))]


def test_an_unchanged_plan_is_an_unchanged_file(rt: Runtime, clinic: UUID) -> None:
    people = staff(rt, clinic)
    swap.make(rt, clinic, "provider", "maria", "2026-12-01", "2027-11-01")  # beyond the end of the feed
    before = duty.ics(rt, people["maria"].id)
    rt.move_clock(timedelta(days=1))
    assert duty.ics(rt, people["maria"].id) == before
    swap.make(rt, clinic, "nurse", "maria", "2026-12-03T18:00", "2026-12-04T06:00")
    after = duty.ics(rt, people["maria"].id)
    assert after != before

    def uids(raw: bytes | None) -> set[str]:
        return {str(one["uid"]) for one in icalendar.Calendar.from_ical(raw or b"").walk("VEVENT")}

    assert len(uids(after) - uids(before)) == 1
    assert uids(before) < uids(after)


def test_shifts_are_whole_at_the_ends_of_a_feed(rt: Runtime, clinic: UUID) -> None:
    """A week that begins in one month and ends in the next is not cut, and so stays one entry."""
    rt.move_clock(timedelta(days=150))
    found = [event for event in events(rt, staff(rt, clinic)["joe"].id) if "nurse" in event[0]]
    assert {end - start for _, start, end in found} <= {timedelta(days=7), timedelta(days=7, hours=-1)}


def test_a_feed_tells_programs_how_to_show_it(rt: Runtime, clinic: UUID) -> None:
    calendar = icalendar.Calendar.from_ical(duty.ics(rt, staff(rt, clinic)["joe"].id) or b"")
    assert str(calendar["x-wr-calname"]) == "On call: Joe (Riverside Clinic)"
    assert calendar["refresh-interval"].dt == timedelta(hours=1)
    (first, *_) = calendar.walk("VEVENT")
    assert first["dtstamp"].dt == first["dtstart"].dt


def test_the_address_of_a_feed_is_signed_and_ends_with_the_member(rt: Runtime, clinic: UUID) -> None:
    joe = staff(rt, clinic)["joe"].id
    start, _, key = duty.feed(rt, clinic, "joe").rpartition("/")
    assert start == f"{rt.settings.public_url}/oncall/feed/{joe}"
    assert is_feed_key(rt.settings.secrets, joe, key.removesuffix(".ics"))
    with pytest.raises(NotFound):
        duty.feed(rt, clinic, "nobody")
    enrol.leave(rt, clinic, "joe")
    assert duty.ics(rt, joe) is None
    assert duty.ics(rt, uuid4()) is None
