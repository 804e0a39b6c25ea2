"""Broadcasts from end to end: written, counted, approved by somebody else, begun at their pace, stopped."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from bot.core.audience import Wanted
from bot.core.roles import STANDARD
from bot.errors import ChangedMeanwhile, NeedsASecondPerson, NotAllowed, NotFound
from bot.service import clinic as clinics
from bot.service.console import broadcast, broadcast_rounds
from bot.service.console.broadcast import Content, Draft
from bot.service.console.broadcast_preview import preview
from bot.service.desk import Desk
from bot.settings import HOME
from bot.store import broadcasts, people
from bot.store.broadcasts import Status
from tests.bot.service.desks import desk
from tests.conftest import House

PHONES = [f"+1202555{number:04d}" for number in range(3000, 3012)]


@pytest.fixture
def flows_dir() -> Path:
    """The clinic's own flows: one of them can be broadcast."""
    return HOME / "flows"


@pytest.fixture
def dana(house: House) -> Desk:
    """Who writes it, at ten in the morning."""
    house.rt.move_clock(timedelta(hours=1))
    return desk(house.rt, house.clinic, "front_desk", "dana")


@pytest.fixture
def alex(house: House) -> Desk:
    """Who approves it."""
    return desk(house.rt, house.clinic, "admin", "alex")


def patients(house: House, phones: Iterable[str]) -> list[UUID]:
    """A patient for each phone."""
    return [house.patient("Ana", phone) for phone in phones]


def draft(**more: object) -> Draft:
    """Closed today, to everybody."""
    wanted = Wanted(**more.pop("wanted", {}))  # type: ignore[arg-type]
    given = {
        "title": "Snow day",
        "flow": "broadcast",
        "content": Content(wanted=wanted, values={"notice": "closed_today"}),
        "per_minute": 60,
    }
    return Draft(**(given | more))  # type: ignore[arg-type]


def rounds(house: House) -> None:
    """The clock's rounds, and what workers do then."""
    broadcast_rounds.count(house.rt)
    broadcast_rounds.send(house.rt)
    house.work()


def status(house: House, at: Desk, made: UUID) -> Status:
    """Where it is."""
    return broadcast.shown(house.rt, at, made).status


def test_what_one_wrote_and_another_approved_reaches_everybody_once(
    house: House, dana: Desk, alex: Desk
) -> None:
    patients(house, PHONES[:3])
    made = broadcast.make(house.rt, dana, draft())
    rounds(house)
    shown = broadcast.shown(house.rt, alex, made)
    assert (shown.status, shown.tally.chosen, shown.looked) == (Status.COUNTED, 3, 3)
    assert not any(house.got(phone) for phone in PHONES)  # nobody has approved it
    with pytest.raises(NeedsASecondPerson):
        broadcast.approve(house.rt, replace(dana, role=STANDARD["admin"]), made)  # whatever else they may
    broadcast.approve(house.rt, alex, made)
    rounds(house)
    rounds(house)
    texts = [house.got(phone) for phone in PHONES[:3]]
    assert [len(one) for one in texts] == [1, 1, 1]
    assert "closed today" in texts[0][0]
    done = broadcast.shown(house.rt, dana, made)
    assert (done.status, done.tally.begun, done.approved_by) == (Status.DONE, 3, "Alex")


def test_who_wants_no_texts_is_counted_and_left_out(house: House, dana: Desk, alex: Desk) -> None:
    _ana, james, _rosa = patients(house, PHONES[:3])
    house.text("STOP", PHONES[0])
    house.work()
    with house.rt.begin() as db:
        people.set_preference(db, house.clinic, james, "channel", "call", house.rt.now())
    made = broadcast.make(house.rt, dana, draft())
    broadcast_rounds.count(house.rt)
    tally = broadcast.shown(house.rt, dana, made).tally
    assert (tally.chosen, dict(tally.left_out)) == (1, {"opted_out": 1, "wants_calls": 1})


def test_who_stops_after_the_count_gets_nothing(house: House, dana: Desk, alex: Desk) -> None:
    patients(house, PHONES[:2])
    made = broadcast.make(house.rt, dana, draft())
    broadcast_rounds.count(house.rt)
    house.text("STOP", PHONES[0])
    house.work()
    broadcast.approve(house.rt, alex, made)
    rounds(house)
    closed = [sum("closed today" in body for body in house.got(phone)) for phone in PHONES[:2]]
    assert closed == [0, 1]
    assert dict(broadcast.shown(house.rt, dana, made).tally.left_out) == {"opted_out": 1}


def test_facts_choose(house: House, dana: Desk) -> None:
    ana, _james = patients(house, PHONES[:2])
    house.visit(ana, house.rt.now() + timedelta(days=3))
    made = broadcast.make(house.rt, dana, draft(wanted={"visit": "ahead", "provider": "Dr. Okafor"}))
    broadcast_rounds.count(house.rt)
    with house.rt.begin() as db:
        assert broadcasts.next_ones(db, made, 9) == [ana]


def test_it_keeps_to_its_pace_to_the_hours_for_texts_and_to_its_days(
    house: House, dana: Desk, alex: Desk
) -> None:
    patients(house, PHONES[:12])
    made = broadcast.make(house.rt, dana, draft(per_minute=4, days=2))
    broadcast_rounds.count(house.rt)
    broadcast.approve(house.rt, alex, made)
    house.rt.move_clock(timedelta(hours=-4))  # 6 AM
    assert broadcast_rounds.send(house.rt) == 0
    house.rt.move_clock(timedelta(hours=5))
    assert [broadcast_rounds.send(house.rt) for _ in range(2)] == [4, 0]
    house.rt.move_clock(timedelta(minutes=2))
    assert [broadcast_rounds.send(house.rt) for _ in range(2)] == [2, 0]  # six of twelve are the day's half
    house.rt.move_clock(timedelta(minutes=2))
    assert broadcast_rounds.send(house.rt) == 0
    house.rt.move_clock(timedelta(days=1))
    assert broadcast_rounds.send(house.rt) == 4


def test_a_stop_holds_at_once_and_for_good(house: House, dana: Desk, alex: Desk) -> None:
    patients(house, PHONES[:6])
    made = broadcast.make(house.rt, dana, draft(per_minute=2))
    broadcast_rounds.count(house.rt)
    broadcast.approve(house.rt, alex, made)
    rounds(house)
    broadcast.stop(house.rt, dana, made)
    house.rt.move_clock(timedelta(minutes=5))
    rounds(house)
    assert sum(len(house.got(phone)) for phone in PHONES[:6]) == 2
    assert status(house, dana, made) is Status.STOPPED
    with pytest.raises(ChangedMeanwhile):
        broadcast.stop(house.rt, alex, made)
    with pytest.raises(ChangedMeanwhile):
        broadcast.approve(house.rt, alex, made)


def test_a_change_takes_the_count_away_and_nothing_changes_once_it_goes(
    house: House, dana: Desk, alex: Desk
) -> None:
    patients(house, PHONES[:2])
    made = broadcast.make(house.rt, dana, draft())
    broadcast_rounds.count(house.rt)
    broadcast.change(house.rt, dana, made, draft(wanted={"languages": ("es",)}))
    assert status(house, dana, made) is Status.COUNTING
    with pytest.raises(ChangedMeanwhile):
        broadcast.approve(house.rt, alex, made)
    broadcast_rounds.count(house.rt)
    assert broadcast.shown(house.rt, alex, made).tally.chosen == 0
    broadcast.approve(house.rt, alex, made)
    with pytest.raises(ChangedMeanwhile):
        broadcast.change(house.rt, dana, made, draft())


def test_clocks_that_come_at_once_begin_nobody_twice(house: House, dana: Desk, alex: Desk) -> None:
    patients(house, PHONES)
    made = broadcast.make(house.rt, dana, draft(per_minute=180))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(broadcast_rounds.count, [house.rt] * 4))
    broadcast_rounds.count(house.rt)
    broadcast.approve(house.rt, alex, made)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(broadcast_rounds.send, [house.rt] * 8))
    rounds(house)
    assert [len(house.got(phone)) for phone in PHONES] == [1] * len(PHONES)


def test_an_audience_of_many_is_worked_out_in_portions(
    house: House, dana: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast_rounds, "PORTION", 5)
    patients(house, PHONES)
    made = broadcast.make(house.rt, dana, draft())
    monkeypatch.setattr(broadcast_rounds, "PORTIONS", 2)
    broadcast_rounds.count(house.rt)
    half = broadcast.shown(house.rt, dana, made)
    assert (half.status, half.looked, half.tally.chosen) == (Status.COUNTING, 10, 10)
    broadcast_rounds.count(house.rt)
    whole = broadcast.shown(house.rt, dana, made)
    assert (whole.status, whole.looked, whole.tally.chosen) == (Status.COUNTED, 12, 12)


def test_the_preview_says_what_patients_would_get_and_changes_nothing(house: House, dana: Desk) -> None:
    patients(house, PHONES[:5])
    made = broadcast.make(house.rt, dana, draft(per_minute=10))
    broadcast_rounds.count(house.rt)
    seen = preview(house.rt, dana, made, 5)
    assert len(seen.samples) == 3
    assert "closed today" in seen.samples[0].texts[0][0]
    assert seen.segments == 5 * seen.samples[0].texts[0][1]
    assert seen.done == pytest.approx(house.rt.now(), abs=timedelta(minutes=1))
    house.work()
    assert not any(house.got(phone) for phone in PHONES)
    wrong = Content(wanted=Wanted(), values={"notice": "nonsense"})
    broadcast.change(house.rt, dana, made, draft(content=wrong))
    broadcast_rounds.count(house.rt)
    assert [(one.texts, one.task) for one in preview(house.rt, dana, made, 5).samples] == [
        ((), "unknown_notice")
    ] * 3


def test_only_flows_that_are_meant_for_it_can_be_broadcast(house: House, dana: Desk) -> None:
    found = broadcast.choices(house.rt, dana)
    assert [(flow.name, dict(options)) for flow, options in found] == [
        ("broadcast", {"notice": ("closed_today", "new_hours", "flu_clinic")})
    ]
    with pytest.raises(NotFound):
        broadcast.make(house.rt, dana, draft(flow="appointment"))


def test_rights_and_clinics(house: House, dana: Desk) -> None:
    made = broadcast.make(house.rt, dana, draft())
    nurse = desk(house.rt, house.clinic, "nurse", "maria")
    for refused in (
        lambda: broadcast.make(house.rt, nurse, draft()),
        lambda: broadcast.shown(house.rt, nurse, made),
        lambda: broadcast.stop(house.rt, nurse, made),
        lambda: broadcast.approve(house.rt, dana, made),
    ):
        with pytest.raises(NotAllowed):
            refused()
    elsewhere = clinics.add(house.rt, name="Hillside", phone="+12025550200", zone="America/Chicago")
    theirs = desk(house.rt, elsewhere, "admin", "kim")
    for lost in (broadcast.shown, broadcast.stop, broadcast.approve):
        with pytest.raises(NotFound):
            lost(house.rt, theirs, made)
