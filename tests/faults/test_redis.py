"""The doorbell forgets everything, or is gone: nothing is lost, and all is done within 30 s of its return."""

from collections.abc import Callable

import pytest

from tests.faults.practice import Practice
from tests.faults.town import PROCESSES, Town
from tests.faults.waiting import until

pytestmark = pytest.mark.fault
Found = Callable[..., Practice]


def test_it_forgets_everything_again_and_again_under_traffic(town: Town, practice: Found) -> None:
    clinic = practice(4)
    for _ in range(4):
        clinic.traffic()
        town.valkey.flush()
    clinic.settle()
    clinic.check()


@pytest.mark.parametrize(
    "failpoint",
    ["receive-after-commit", "job-after-dequeue", "advance-after-commit", "deliver-after-accepted"],
)
def test_it_forgets_everything_while_work_is_under_way(failpoint: str, town: Town, practice: Found) -> None:
    clinic = practice(3)
    town.arm(failpoint)
    clinic.text(0)
    town.frozen()
    clinic.traffic()
    town.valkey.flush()
    town.thaw()
    clinic.settle()
    clinic.check()


def test_texts_are_acknowledged_while_it_is_away_and_answered_once_it_is_back(
    town: Town, practice: Found
) -> None:
    clinic = practice(4)
    clinic.traffic()
    town.valkey.kill()
    clinic.traffic()
    until(lambda: all(seen.webhook != "pending" for seen in clinic.said()))
    assert {seen.webhook for seen in clinic.said()} == {"done"}
    town.valkey.start()
    clinic.settle()
    clinic.check()


def test_no_process_ends_when_it_is_killed(town: Town, practice: Found) -> None:
    clinic = practice()
    town.valkey.kill()
    assert town.web_answers("/readyz") == 503
    town.valkey.start()
    clinic.traffic()
    clinic.settle()
    clinic.check()
    assert [name for name in PROCESSES if town.running[name].poll() is not None] == []
