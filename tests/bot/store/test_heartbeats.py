"""Heartbeats: how long ago, by the database's own clock, whatever the demo's clock says."""

from datetime import timedelta

from bot.runtime import Runtime
from bot.store import heartbeats
from bot.store.heartbeats import CLOCK, WATCH
from tests.bot.service.silence import silent_for

MINUTE = timedelta(minutes=1)


def ages(rt: Runtime) -> dict[str, timedelta]:
    with rt.begin() as db:
        return heartbeats.ages(db)


def beat(rt: Runtime, name: str) -> None:
    with rt.begin() as db:
        heartbeats.beat(db, name)


def test_who_never_beat_has_no_age(rt: Runtime) -> None:
    assert ages(rt) == {}


def test_a_beat_is_as_old_as_it_is(rt: Runtime) -> None:
    beat(rt, CLOCK)
    assert timedelta() <= ages(rt)[CLOCK] < MINUTE
    silent_for(rt, CLOCK, timedelta(hours=3))
    assert timedelta(hours=3) <= ages(rt)[CLOCK] < timedelta(hours=3) + MINUTE


def test_every_beat_makes_it_young_again_and_no_further_row(rt: Runtime) -> None:
    silent_for(rt, CLOCK, timedelta(hours=3))
    beat(rt, CLOCK)
    assert ages(rt).keys() == {CLOCK}
    assert ages(rt)[CLOCK] < MINUTE


def test_each_process_has_its_own(rt: Runtime) -> None:
    beat(rt, WATCH)
    silent_for(rt, CLOCK, timedelta(hours=3))
    assert ages(rt)[WATCH] < MINUTE < ages(rt)[CLOCK]


def test_a_jump_of_the_demos_clock_ages_nobody(rt: Runtime) -> None:
    beat(rt, CLOCK)
    rt.move_clock(timedelta(days=3))
    assert ages(rt)[CLOCK] < MINUTE


def test_two_beats_of_one_transaction_are_not_one(rt: Runtime) -> None:
    """A look that takes its time is not older than it is: the moment of the beat counts, not of the transaction."""
    with rt.begin() as db:
        heartbeats.beat(db, CLOCK)
        first = db.conn.execute(heartbeats.heartbeats.select()).one().at
        heartbeats.beat(db, CLOCK)
        assert db.conn.execute(heartbeats.heartbeats.select()).one().at > first
