"""Drills: the whole way of a page, from the mailbox over the carrier to a person's answer, with its times."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.core.oncall import THE_PHONE, Channel
from bot.errors import BadImport
from bot.service import advance, answer, call_out, deliver, drill, standing, sweep
from bot.service.drill import Drill, Report
from bot.store import deliveries
from tests.bot.service.oncall_edition import MARIA_PHONE, SAM_PHONE, edition, staff
from tests.conftest import ONCALL_PHONE, House, Servers


@pytest.fixture
def flows_dir(servers: Servers) -> Path:
    """Flows with a ladder."""
    return edition(servers.directory)


def work(house: House) -> None:
    """What clock and workers do, once each; all callbacks have come in when this returns."""
    sweep.ring_timers(house.rt)
    advance.drain(house.rt, 10)
    deliver.drain(house.rt, 10)
    call_out.drain(house.rt, 10)
    house.twin.pending(10)


def begun(house: House) -> Drill:
    """A drill whose first page has been delivered."""
    staff(house.rt, house.clinic)
    started = drill.begin(house.rt, house.clinic, "emergency")
    work(house)
    return started


def codes(house: House) -> list[str]:
    return [one.code for one in standing.open_ones(house.rt, house.clinic)]


def reported(house: House, status: str) -> datetime:
    """When the carrier first said this of a text."""
    with house.rt.begin() as db:
        of_it = deliveries.deliveries.c.status == status
        return db.conn.execute(select(func.min(deliveries.deliveries.c.at)).where(of_it)).scalar_one()


def ways(report: Report) -> list[tuple[str, Channel, str]]:
    return [(step.who, step.channel, step.status) for step in report.steps]


def test_a_drill_pages_is_taken_by_text_and_ends(house: House) -> None:
    started = begun(house)
    report = drill.look(house.rt, started)
    assert report.code is not None
    assert ways(report) == [("sam", Channel.CONSOLE, "shown"), ("sam", Channel.TEXT, "delivered")]
    assert (report.taken, report.by, report.resolved) == (None, None, False)
    assert house.got(SAM_PHONE)[0].startswith(f"Riverside Clinic DRILL {report.code}: a test, no patient")

    house.rt.move_clock(timedelta(seconds=38))
    house.text(f"ACK {report.code}", SAM_PHONE)
    work(house)
    taken = drill.look(house.rt, started)
    assert (taken.by, taken.via) == ("sam", "text")
    assert taken.taken is not None
    assert taken.taken >= timedelta(seconds=38)
    text = taken.steps[1]
    assert text.left is not None
    assert text.arrived is not None
    assert text.made <= text.left <= text.arrived <= taken.taken
    assert started.began + text.arrived == reported(house, "delivered")

    assert drill.end(house.rt, started)
    work(house)
    assert drill.look(house.rt, started).resolved
    assert codes(house) == []
    assert drill.end(house.rt, started)  # once more does no harm


def test_a_drill_climbs_and_is_taken_by_a_key_of_the_phone(house: House) -> None:
    started = begun(house)
    house.rt.move_clock(timedelta(minutes=2, seconds=1))
    work(house)
    phone = house.twin.phone(MARIA_PHONE)
    assert (
        phone.answer()
        == ("This is a drill. The code is " + " ".join(codes(house)[0]) + ". To take it, press 1.",) * 2
    )
    phone.press("1")
    house.twin.pending(10)
    work(house)
    report = drill.look(house.rt, started)
    assert (report.by, report.via) == ("maria", "call")
    call = next(step for step in report.steps if step.channel is Channel.CALL and step.who == "maria")
    assert call.status == "answered"
    assert call.made >= timedelta(minutes=2)
    assert call.left is not None
    assert call.over is not None
    assert call.left <= call.over


def test_nobody_takes_it_and_it_still_ends(house: House) -> None:
    started = begun(house)
    assert drill.end(house.rt, started)
    work(house)
    report = drill.look(house.rt, started)
    assert report.resolved
    assert (report.taken, report.by) == (None, None)  # ending it is nobody's answer
    house.rt.move_clock(timedelta(hours=1))
    work(house)
    assert len(house.got(SAM_PHONE)) == 1  # it climbs no more


def test_who_ends_it_at_once_has_answered(house: House) -> None:
    started = begun(house)
    (code,) = codes(house)
    answer.resolve(house.rt, house.clinic, code, by="joe", via="console", outcome="false alarm")
    work(house)
    report = drill.look(house.rt, started)
    assert (report.by, report.via, report.resolved) == ("joe", "console", True)


def test_where_nobody_is_known_the_on_call_phone_is_paged(house: House) -> None:
    started = drill.begin(house.rt, None, "emergency")
    work(house)
    assert [who for who, _, _ in ways(drill.look(house.rt, started))] == [THE_PHONE]
    assert len(house.got(ONCALL_PHONE)) == 1


def test_without_a_worker_nothing_is_there_to_end(house: House) -> None:
    started = drill.begin(house.rt, None, "urgent")
    assert drill.look(house.rt, started) == Report(code=None)
    assert not drill.end(house.rt, started)


def test_one_drill_at_a_time_and_the_next_is_told_from_the_last(house: House) -> None:
    first = begun(house)
    with pytest.raises(BadImport, match="A drill is open already"):
        drill.begin(house.rt, None, "emergency")
    drill.end(house.rt, first)
    work(house)
    second = drill.begin(house.rt, None, "emergency")
    assert drill.look(house.rt, second) == Report(code=None)  # the first one is not taken for it
    work(house)
    assert codes(house) == [drill.look(house.rt, second).code]
    assert drill.look(house.rt, first).code not in (None, *codes(house))


def test_an_urgency_without_a_ladder_is_refused(house: House) -> None:
    with pytest.raises(BadImport, match="no ladder for routine"):
        drill.begin(house.rt, None, "routine")


def test_a_drill_is_no_patients(house: House) -> None:
    """It is in the conversation of the clinic's own number, and nothing is texted to that."""
    begun(house)
    assert {seen.to for seen in house.twin.messages()} == {SAM_PHONE}
