"""`kill -9` at any point: nothing that was acknowledged is lost, nothing is done twice, no answer is sent twice.

Each point is proven twice: the process stands still there, with just so much done, and it dies of signal 9.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.service import sweep
from tests.faults.practice import Practice, sentences
from tests.faults.town import PROCESSES, Town
from tests.faults.waiting import until

pytestmark = pytest.mark.fault
Found = Callable[..., Practice]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What there is while one text is on its way through: rows that others see, texts that the carrier took."""

    stored: int
    done: int = 0
    outbox: tuple[str, ...] = ()
    accepted: int = 0


NOTHING, RECEIVED = Scene(stored=0), Scene(stored=1)
ANSWERED = Scene(stored=1, done=1, outbox=("ready",))
LEAVING = Scene(stored=1, done=1, outbox=("sending",))
ACCEPTED = Scene(stored=1, done=1, outbox=("sending",), accepted=1)


def scene(clinic: Practice) -> Scene:
    """What there is now."""
    (row,) = clinic.rows(
        "SELECT count(*) AS stored, count(done_at) AS done FROM inbox WHERE clinic_id = :clinic"
    )
    return Scene(
        stored=row.stored, done=row.done, outbox=tuple(clinic.statuses()), accepted=len(clinic.accepted())
    )


@pytest.mark.parametrize(
    ("failpoint", "there"),
    [
        ("webhook-after-verify", NOTHING),
        ("receive-after-insert", NOTHING),
        ("receive-before-commit", NOTHING),
        ("job-after-dequeue", RECEIVED),
        ("advance-after-take", RECEIVED),
        ("advance-before-commit", RECEIVED),
        ("deliver-before-sending", ANSWERED),
    ],
)
def test_before_a_commit_it_is_as_if_nothing_had_begun(
    failpoint: str, there: Scene, town: Town, practice: Found
) -> None:
    clinic = practice(4)
    town.arm(failpoint)
    clinic.text(0)
    town.frozen()
    assert scene(clinic) == there
    clinic.traffic()
    town.kill_frozen()
    clinic.catch_up()
    clinic.check()


@pytest.mark.parametrize(
    ("failpoint", "there"),
    [
        ("receive-after-commit", "SELECT 1 FROM inbox WHERE clinic_id = :clinic"),
        ("advance-after-commit", "SELECT 1 FROM outbox WHERE clinic_id = :clinic"),
        (
            "track-before-commit",
            "SELECT 1 FROM outbox WHERE clinic_id = :clinic AND status IN ('sending', 'sent')",
        ),
    ],
)
def test_after_a_commit_it_goes_on_from_there(
    failpoint: str, there: str, town: Town, practice: Found
) -> None:
    clinic = practice(4)
    town.arm(failpoint)
    clinic.text(0)
    town.frozen()
    assert len(clinic.rows(there)) == 1
    clinic.traffic()
    town.kill_frozen()
    clinic.catch_up()
    clinic.check()


@pytest.mark.parametrize("failpoint", ["deliver-after-accepted", "deliver-before-commit"])
def test_a_text_that_the_carrier_took_is_known_by_its_callback(
    failpoint: str, town: Town, practice: Found
) -> None:
    clinic = practice(3)
    town.twin.weather(callbacks="late")
    town.arm(failpoint)
    clinic.text(0)
    town.frozen()
    assert scene(clinic) == ACCEPTED
    clinic.traffic()
    town.kill_frozen()
    town.twin.weather()
    town.twin.release()
    clinic.catch_up()
    clinic.check()


@pytest.mark.parametrize("failpoint", ["deliver-after-accepted", "deliver-before-commit"])
def test_a_text_that_the_carrier_took_is_found_in_its_list(
    failpoint: str, town: Town, practice: Found
) -> None:
    clinic = practice(3)
    town.twin.weather(callbacks="none")
    town.arm(failpoint)
    clinic.text(0)
    town.frozen()
    assert scene(clinic) == ACCEPTED
    clinic.traffic()
    town.kill_frozen()
    assert clinic.statuses()[0] == "sending"
    town.pass_time(sweep.LOOK_AFTER + timedelta(seconds=1))
    sweep.settle(town.rt)
    clinic.catch_up()
    clinic.check()


def test_a_text_that_nobody_knows_of_is_not_repeated_but_becomes_a_task(town: Town, practice: Found) -> None:
    clinic = practice(3)
    town.arm("deliver-before-call")
    clinic.text(0)
    town.frozen()
    assert scene(clinic) == LEAVING
    clinic.traffic()
    town.kill_frozen()
    until(lambda: len(clinic.accepted()) == 3)  # those of the other patients; hers wait behind the first one
    clinic.find_out()
    clinic.catch_up()
    clinic.check(may_be_lost=True)
    assert clinic.statuses().count("lost") == 1
    assert len(clinic.got(0)) == 2


def test_an_urgent_text_that_nobody_knows_of_is_sent_again(town: Town, practice: Found) -> None:
    clinic = practice()
    town.arm("deliver-before-call")
    clinic.text(0, "I have crushing chest pain")
    town.frozen()
    assert clinic.accepted() == []
    town.kill_frozen()
    clinic.find_out()
    clinic.settle()
    assert sentences(clinic.got(0), "Call 911 now")
    pages = [seen.body for seen in clinic.accepted(clinic.oncall)]
    assert pages, "the first one, or the next that has overtaken it"
    assert len(set(pages)) == len(pages)


def test_a_sender_that_was_only_slow_finds_its_text_settled(town: Town, practice: Found) -> None:
    clinic = practice(2)
    town.twin.weather(callbacks="none")
    town.arm("deliver-after-accepted")
    clinic.text(0)
    town.frozen()
    town.pass_time(sweep.LOOK_AFTER + timedelta(seconds=1))
    until(lambda: sweep.settle(town.rt) or clinic.statuses() != ["sending"])
    town.thaw()
    clinic.text(0)
    clinic.text(1)
    clinic.catch_up()
    clinic.check()


def test_a_timer_whose_clock_was_killed_rings_once(town: Town, practice: Found) -> None:
    clinic = practice(3)
    timers = "SELECT 1 FROM timers WHERE clinic_id = :clinic AND due_at <= :now"
    rung = "SELECT 1 FROM inbox WHERE clinic_id = :clinic AND dedupe LIKE 'timer:%'"
    clinic.plan_reminders(timedelta(hours=1))
    town.kill("clock")
    town.pass_time(timedelta(hours=1, minutes=1))
    town.arm("sweep-before-commit")
    town.start("clock")
    town.frozen()
    assert (len(clinic.rows(timers)), len(clinic.rows(rung))) == (3, 0)
    town.kill_frozen()
    until(lambda: len(clinic.accepted()) == 3)
    clinic.settle()
    assert (len(clinic.rows(timers)), len(clinic.rows(rung))) == (0, 3)
    assert all(sentences(clinic.got(patient), "you have a visit on") for patient in range(3))


@pytest.mark.parametrize("name", PROCESSES)
def test_any_process_can_be_killed_at_any_time(name: str, town: Town, practice: Found) -> None:
    clinic = practice(4)
    clinic.traffic()
    town.kill(name)
    clinic.traffic()
    town.start(name)
    town.await_web()
    clinic.traffic()
    if name == "outbound":
        clinic.find_out()
    clinic.catch_up()
    clinic.check(may_be_lost=name == "outbound")


def test_gunicorn_can_be_killed_and_is_started_again(town: Town, practice: Found) -> None:
    clinic = practice(4)
    clinic.traffic()
    town.kill_child("web")
    clinic.traffic()
    town.await_web()
    clinic.traffic()
    clinic.catch_up()
    clinic.check()
