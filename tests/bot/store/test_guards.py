"""Guards: wrong answers within a span are counted one by one, whoever else counts at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from bot.runtime import Runtime
from bot.store import guards
from tests.conftest import START

DAY = timedelta(days=1)
ONE, OTHER = b"one", b"other"


def wrong_at(rt: Runtime, hours: float, *, key: bytes = ONE, scope: str = "patient") -> int:
    """One more is wrong, so many hours after the start; how many there were before."""
    now = START + timedelta(hours=hours)
    with rt.begin() as db:
        before = guards.lock(db, scope, key, now, DAY)
        guards.count(db, scope, key)
    return before


def test_wrong_answers_are_counted_within_the_span_and_then_anew(rt: Runtime) -> None:
    assert [wrong_at(rt, hours) for hours in (0, 1, 2, 23.9)] == [0, 1, 2, 3]
    assert [wrong_at(rt, hours) for hours in (24, 25)] == [0, 1]  # the span began with the first, and is over


def test_each_scope_and_key_has_its_own_count(rt: Runtime) -> None:
    assert [wrong_at(rt, 0), wrong_at(rt, 0)] == [0, 1]
    assert wrong_at(rt, 0, key=OTHER) == 0
    assert wrong_at(rt, 0, scope="network") == 0
    with rt.begin() as db:
        assert guards.wrong(db, "patient", ONE) == 2
        assert guards.wrong(db, "patient", OTHER) == guards.wrong(db, "network", ONE) == 1
        assert guards.wrong(db, "network", OTHER) == 0


def test_looking_counts_nothing(rt: Runtime) -> None:
    for _ in range(3):
        with rt.begin() as db:
            assert guards.lock(db, "patient", ONE, START, DAY) == 0


def test_what_was_rolled_back_was_not_counted(rt: Runtime) -> None:
    class Undone(Exception):
        pass

    try:
        with rt.begin() as db:
            guards.lock(db, "patient", ONE, START, DAY)
            guards.count(db, "patient", ONE)
            raise Undone
    except Undone:
        pass
    assert wrong_at(rt, 0) == 0


def test_fifty_at_once_see_fifty_different_counts(rt: Runtime) -> None:
    with ThreadPoolExecutor(14) as pool:
        seen = list(pool.map(lambda _: wrong_at(rt, 0), range(50)))
    assert sorted(seen) == list(range(50))


def test_what_no_limit_looks_at_any_more_is_taken_away(rt: Runtime) -> None:
    wrong_at(rt, 0)
    wrong_at(rt, 30, key=OTHER)
    with rt.begin() as db:
        assert guards.forget(db, START + DAY) == 1
        assert guards.wrong(db, "patient", ONE) == 0
        assert guards.wrong(db, "patient", OTHER) == 1
