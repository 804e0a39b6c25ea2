"""Earlier times: who waits, what is free and for whom it is held, and offers that are made by hand."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from bot.errors import NotAllowed, NotFound
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service.console.earlier import Offered, earlier, offer_now, take_off
from bot.service.desk import Desk
from bot.settings import HOME
from tests.bot.service.desks import desk
from tests.bot.service.week import Week, at
from tests.conftest import START


@pytest.fixture
def flows_dir() -> Path:
    """The clinic's own flows: they begin when a time opens."""
    return HOME / "flows"


@pytest.fixture
def week(rt: Runtime, clinic: UUID) -> Week:
    """The clinic's week; it is Monday, nine o'clock."""
    return Week(rt, clinic)


@pytest.fixture
def nurse(rt: Runtime, clinic: UUID) -> Desk:
    """Who offers."""
    return desk(rt, clinic)


def test_a_time_is_offered_by_hand_to_who_waits_longest_and_held_for_them(
    rt: Runtime, week: Week, nurse: Desk
) -> None:
    first, second = (week.visit(at(START, 24 * 6), name=name) for name in ("First", "Second"))
    opted_out = week.visit(at(START, 24 * 6), name="Silent")
    for visit in (opted_out, first, second):
        week.waits(visit)
        rt.move_clock(timedelta(minutes=1))
    week.opts_out(opted_out)
    soon, morning, after = week.free(at(START, 1), at(START, 24), at(START, 24 * 6.5))
    found = earlier(rt, nurse, audited=True)
    assert [(one.name.split()[0], one.opted_out, one.held) for one in found.waiters] == [
        ("Silent", True, False),
        ("First", False, False),
        ("Second", False, False),
    ]
    assert [(one.slot, one.first) for one in found.wanted] == [
        (soon, "First Morales"),
        (morning, "First Morales"),
    ]
    assert [one.slot for one in found.others] == [after], "later than what they have"
    before = week.mail()
    assert offer_now(rt, nurse, soon) is Offered.TOO_SOON
    assert offer_now(rt, nurse, after) is Offered.NOBODY
    assert week.mail() == before
    assert offer_now(rt, nurse, morning) is Offered.YES
    assert offer_now(rt, nurse, morning) is Offered.TAKEN
    assert week.mail() == before + 1
    found = earlier(rt, nurse, audited=False)
    (out,) = found.offered
    assert out.offered
    assert out.until
    assert (out.slot, out.held, out.until - out.offered) == (morning, "First Morales", timedelta(hours=2))
    assert [one.held for one in found.waiters] == [False, True, False]
    assert [one.first for one in found.wanted] == ["Second Morales"]
    trail = [one for one in week.trail() if one.actor == str(nurse.member)]
    assert len([one for one in trail if one.action == "waitlist.viewed"]) == 1
    assert [one.detail for one in trail if one.action == "slot.offered"] == [
        "offer_too_soon",
        "offer_nobody",
        "offered",
        "offer_taken",
    ]
    take_off(rt, nurse, second)
    assert [one.name.split()[0] for one in earlier(rt, nurse, audited=False).waiters] == ["Silent", "First"]
    with pytest.raises(NotFound):
        take_off(rt, nurse, second)


def test_at_night_nothing_is_offered(rt: Runtime, week: Week, nurse: Desk) -> None:
    rt.move_clock(timedelta(hours=-5))  # four in the morning
    week.waits(week.visit(at(START, 24 * 6)))
    (slot,) = week.free(at(START, 24))
    assert offer_now(rt, nurse, slot) is Offered.NIGHT
    assert earlier(rt, nurse, audited=False).offered == ()


def test_only_who_may_and_only_in_their_own_clinic(
    rt: Runtime, week: Week, nurse: Desk, clinic: UUID
) -> None:
    visit = week.visit(at(START, 24 * 6))
    week.waits(visit)
    (slot,) = week.free(at(START, 24))
    billing = desk(rt, clinic, "billing", "bill")
    other = clinics.add(rt, name="Hillside", phone="+12025550200", zone="America/Chicago")
    stranger = desk(rt, other, handle="stella")
    for by, error in ((billing, NotAllowed), (stranger, NotFound)):
        with pytest.raises(error):
            offer_now(rt, by, slot)
        with pytest.raises(error):
            take_off(rt, by, visit)
    assert earlier(rt, stranger, audited=False).waiters == ()
    assert len(earlier(rt, nurse, audited=False).waiters) == 1
