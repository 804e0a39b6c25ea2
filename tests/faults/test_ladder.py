"""A ladder whose processes are killed, doubled and cut off: each page comes once, and none of them is the last.

Where nobody knows whether a page left, the next one comes by its time: to the same person instead of it.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.service import sweep
from tests.faults.climber import Climber, ladder, staffed
from tests.faults.practice import Practice
from tests.faults.town import Town
from tests.faults.waiting import until

pytestmark = pytest.mark.fault
Found = Callable[..., Practice]
DOWN = ("web", "inbound", "clock")
"""Without these nothing comes in, nothing is decided and nothing is due."""
_OVERDUE = "UPDATE tasks SET urgency = 'emergency', due_at = :now WHERE clinic_id = :clinic RETURNING 1"


@pytest.fixture(scope="module", autouse=True)
def _ladder(_town: Town) -> Iterator[None]:
    with ladder(_town):
        yield


def taken(clinic: Practice) -> list[str]:
    """Who has taken an escalation, and nobody has."""
    rows = clinic.rows(
        "SELECT taken_by FROM escalations WHERE clinic_id = :clinic AND acknowledged_at IS NOT NULL"
    )
    return [row.taken_by for row in rows]


def is_silent_after(people: Climber, number: int) -> None:
    """Nothing comes any more, however long one waits."""
    people.clinic.town.pass_time(timedelta(minutes=20))
    sweep.ring_timers(people.clinic.town.rt)
    people.clinic.settle()
    people.check(number)


# -- kill -9 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failpoints",
    [
        ("sweep-before-commit",),
        ("advance-after-take", "advance-before-commit", "advance-after-commit"),
        ("deliver-before-sending", "deliver-after-accepted", "deliver-before-commit"),
        ("call-out-before-call", "call-out-after-accepted"),
    ],
    ids=["clock", "decides", "texts", "calls"],
)
def test_whoever_is_killed_on_the_way_of_a_page_it_comes_once_and_so_does_the_next(
    failpoints: tuple[str, ...], town: Town, practice: Found
) -> None:
    people = staffed(practice())
    people.alarm()
    for number, failpoint in enumerate(failpoints, 1):
        town.arm(failpoint)
        people.climb(number - 1)
        town.kill_frozen()
        if failpoint.startswith("call-out"):
            people.find_out()
        people.until_paged(number)
        people.check(number)
    people.climb(len(failpoints))
    people.until_paged(len(failpoints) + 1)
    people.check(len(failpoints) + 1)


def test_a_page_of_which_nobody_knows_is_followed_by_the_next_which_it_does_not_come_after(
    town: Town, practice: Found
) -> None:
    people = staffed(practice())
    people.alarm()
    for number in (1, 2):
        people.climb(number - 1)
        people.until_paged(number)
    town.arm("deliver-before-call")
    people.climb(2)
    town.kill_frozen()
    people.until_paged(3, lost=1)
    people.climb(3)
    people.until_paged(4, lost=1)
    people.clinic.find_out()
    people.clinic.settle()
    assert all("10 min old" not in body for body in people.texts(people.provider))


def test_a_task_whose_clock_was_killed_climbs_once(town: Town, practice: Found) -> None:
    people = staffed(practice())
    people.clinic.text(0, "I want to talk to a person")
    until(people.clinic.tasks)
    town.kill("clock")
    assert people.clinic.rows(_OVERDUE)
    town.arm("overdue-before-commit")
    town.start("clock")
    town.kill_frozen()
    until(lambda: people.told() == (1, 0, 0, 0), seen=people.told)
    people.check(0)


# -- all at once ----------------------------------------------------------------------------------------


def test_two_of_each_process_page_each_step_of_each_ladder_once(town: Town, practice: Found) -> None:
    people = staffed(practice(6))
    for name in ("inbound", "outbound", "alerts", "clock"):
        town.start(f"{name}2")
    people.alarm(range(6))
    for number in (1, 2, 3):
        people.climb(number - 1)
        people.until_paged(number, 6)
    people.check(3, 6)


def test_four_clocks_at_once_ring_each_ladder_once(town: Town, practice: Found) -> None:
    people = staffed(practice(6))
    people.alarm(range(6))
    town.kill("clock")
    people.climb(0)
    together = threading.Barrier(4)

    def tick(_number: int) -> int:
        together.wait()
        return sweep.ring_timers(town.rt)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(tick, range(4))) == 6
    town.start("clock")
    people.until_paged(1, 6)
    people.check(1, 6)


# -- cut off --------------------------------------------------------------------------------------------


def test_an_answer_that_comes_while_all_is_down_stops_the_ladder(town: Town, practice: Found) -> None:
    people = staffed(practice())
    people.alarm()
    for name in DOWN:
        town.kill(name)
    town.twin.text(sender=people.nurse, to=people.clinic.phone, body=f"ACK {people.code()}")
    assert town.twin.pending(20) == 0
    sweep.poll(town.rt)
    for name in DOWN:
        town.start(name)
    until(lambda: taken(people.clinic) == ["maria"])
    is_silent_after(people, 0)


def test_the_carrier_is_gone_for_some_pages_and_the_next_one_leaves_when_it_is_back(
    town: Town, practice: Found
) -> None:
    people = staffed(practice())
    people.alarm()
    town.carrier_down()
    for number in (1, 2, 3, 4):
        people.climb(number - 1)
        until(lambda wanted=number: people.rungs() == [wanted], seen=people.rungs)
    town.carrier_up()
    town.pass_time(timedelta(seconds=20))
    until(lambda: people.texts(people.provider) and people.calls(people.provider), seen=people.told)
    people.clinic.settle()
    assert people.told() == (2, 1, 1, 1), "of each person's pages the newest"
