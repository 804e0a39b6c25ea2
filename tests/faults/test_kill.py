"""`kill -9` at any point: nothing that was acknowledged is lost, nothing is done twice, no answer is sent twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.service import sweep
from tests.faults.practice import CONFIRM, Practice
from tests.faults.town import Town
from tests.faults.waiting import until

pytestmark = pytest.mark.fault


@dataclass(frozen=True)
class Point:
    """A place at which a process is killed, and what there is at that moment: this proves where it stood.

    stored    rows in the mailbox that other transactions see
    done      of these, dealt with
    outbox    statuses of the answers
    accepted  texts that the carrier took
    """

    name: str
    process: str
    stored: int = 1
    done: int = 1
    outbox: tuple[str, ...] = ()
    accepted: int = 0


POINTS = (
    Point("webhook-after-verify", "web", stored=0, done=0),
    Point("receive-after-insert", "web", stored=0, done=0),
    Point("receive-before-commit", "web", stored=0, done=0),
    Point("advance-after-take", "inbound", done=0),
    Point("advance-before-commit", "inbound", done=0),
    Point("deliver-before-sending", "outbound", outbox=("ready",)),
)


def scene(practice: Practice) -> tuple[int, int, tuple[str, ...], int]:
    """What there is now, as a Point says it."""
    (row,) = practice.rows("SELECT count(*) AS stored, count(done_at) AS done FROM inbox WHERE clinic_id = :clinic")
    return row.stored, row.done, tuple(practice.statuses()), len(practice.accepted())


def traffic(practice: Practice) -> None:
    """Several phones text, some of them twice."""
    for patient in (0, 1, 2, 1, 3, 2):
        practice.text(patient)


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.name)
def test_before_a_commit_it_is_as_if_nothing_had_begun(
    point: Point, town: Town, practice: Callable[..., Practice]
) -> None:
    clinic = practice(4)
    town.arm(point.name)
    clinic.text(0)
    town.frozen()
    assert scene(clinic) == (point.stored, point.done, point.outbox, point.accepted)
    traffic(clinic)
    town.kill_frozen()
    clinic.catch_up()
    clinic.check()
