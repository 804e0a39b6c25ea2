"""The carrier is silent, busy, broken or refuses; its callbacks come late, twice, in any order or never."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bot.service import sweep
from tests.faults.practice import Practice, sentences
from tests.faults.town import Town
from tests.faults.waiting import until

pytestmark = pytest.mark.fault
Found = Callable[..., Practice]
EMERGENCY = "I have crushing chest pain"
A_SECOND = timedelta(seconds=1)

FAILED = "SELECT 1 FROM outbox WHERE clinic_id = :clinic AND status = 'ready' AND attempts = :attempts"


def outbox(clinic: Practice) -> Any:
    """The one text of ours."""
    (row,) = clinic.rows(
        "SELECT status, attempts, error_code, not_before FROM outbox WHERE clinic_id = :clinic"
    )
    return row


# -- nobody knows whether it was sent -----------------------------------------------------------------


@pytest.mark.parametrize("callbacks", ["late", "none"])
def test_a_text_that_was_taken_without_an_answer_is_not_repeated(
    callbacks: str, town: Town, practice: Found
) -> None:
    clinic = practice()
    town.twin.weather(accept_then_hang_up=1, callbacks=callbacks)
    clinic.text(0)
    until(lambda: clinic.accepted() and clinic.statuses() == ["sending"])
    if callbacks == "late":
        town.twin.release()
    else:
        town.pass_time(sweep.LOOK_AFTER + A_SECOND)
        sweep.settle(town.rt)
    clinic.settle()
    assert outbox(clinic).attempts == 1
    clinic.check()


def test_a_routine_text_that_the_carrier_does_not_have_becomes_a_task(town: Town, practice: Found) -> None:
    clinic = practice()
    town.twin.weather(server_error=1)
    clinic.text(0)
    until(lambda: clinic.statuses() == ["sending"])
    town.pass_time(sweep.LOOK_AFTER + A_SECOND)
    sweep.settle(town.rt)
    assert (clinic.statuses(), clinic.accepted()) == (["sending"], []), "it is too early to tell"
    town.pass_time(sweep.GIVE_UP_AFTER)
    sweep.settle(town.rt)
    clinic.settle()
    assert (clinic.statuses(), clinic.accepted(), clinic.tasks()) == (["lost"], [], ["text_not_delivered"])


def test_an_urgent_text_that_the_carrier_does_not_have_is_sent_again(town: Town, practice: Found) -> None:
    clinic = practice()
    town.twin.weather(server_error=2)  # the answer and the page
    clinic.text(0, EMERGENCY)
    until(lambda: clinic.statuses() == ["sending", "sending"])
    clinic.find_out()
    clinic.settle()
    assert sentences(clinic.got(0), "Call 911 now")
    pages = [seen.body for seen in clinic.accepted(clinic.oncall)]
    assert pages, "the first one, or the next that has overtaken it"
    assert len(set(pages)) == len(pages)


# -- it is known that it was not sent -----------------------------------------------------------------


def test_a_busy_carrier_gets_the_text_later(town: Town, practice: Found) -> None:
    clinic = practice()
    town.twin.weather(busy=2)
    clinic.text(0)
    for attempts in (1, 2):
        until(partial(clinic.rows, FAILED, attempts=attempts))
        town.pass_time(timedelta(minutes=1))
    clinic.settle()
    assert outbox(clinic).attempts == 3
    clinic.check()


def test_a_carrier_that_can_not_be_reached_gets_the_texts_once_it_is_back(
    town: Town, practice: Found
) -> None:
    clinic = practice(3)
    town.arm("deliver-before-call")
    clinic.traffic()
    town.frozen()
    town.carrier_down()
    town.thaw()
    until(lambda: clinic.rows(FAILED, attempts=1))
    town.carrier_up()
    until(lambda: town.twin.pending() == 0)
    town.pass_time(timedelta(minutes=10))
    clinic.settle()
    clinic.check()


def test_a_phone_that_is_switched_off_is_tried_again_an_hour_later(town: Town, practice: Found) -> None:
    clinic = practice()
    town.twin.weather(undelivered={"code": 30003, "times": 1})
    clinic.text(0)
    until(lambda: clinic.rows(FAILED, attempts=1))
    assert outbox(clinic).error_code == 30003
    assert timedelta(minutes=59) < outbox(clinic).not_before - town.rt.now() <= timedelta(hours=1)
    town.pass_time(timedelta(hours=1))
    until(lambda: clinic.statuses() == ["delivered"])
    assert [seen.status for seen in clinic.accepted()] == ["undelivered", "delivered"]


@pytest.mark.parametrize("how", ["refuse", "undelivered"])
def test_a_phone_that_takes_no_texts_is_a_persons_task(how: str, town: Town, practice: Found) -> None:
    clinic = practice()
    town.twin.weather(**{how: {"code": 30006}})
    clinic.text(0)
    until(clinic.tasks)
    clinic.settle()
    assert clinic.tasks() == ["text_not_delivered"]
    assert outbox(clinic).status in ("failed", "undelivered")


def test_a_phone_that_has_opted_out_at_the_carrier_gets_nothing_more(town: Town, practice: Found) -> None:
    clinic = practice()
    town.twin.weather(refuse={"code": 21610, "times": 1})
    clinic.text(0)
    until(
        lambda: clinic.rows(
            "SELECT 1 FROM conversations WHERE clinic_id = :clinic AND opted_out_at IS NOT NULL"
        )
    )
    clinic.text(0)
    clinic.settle()
    assert (clinic.statuses(), clinic.got(0)) == (["failed"], [])


# -- callbacks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("callbacks", ["double", "reversed", "late"])
def test_a_status_never_goes_back(callbacks: str, town: Town, practice: Found) -> None:
    clinic = practice(3)
    town.twin.weather(callbacks=callbacks)
    clinic.traffic()
    until(lambda: len(clinic.accepted()) == 5)
    town.twin.release()
    clinic.settle()
    assert clinic.statuses() == ["delivered"] * 5
    reports = "SELECT 1 FROM deliveries d JOIN outbox o ON o.id = d.outbox_id WHERE o.clinic_id = :clinic"
    assert len(clinic.rows(reports)) == 10, "sent and delivered, each kept once"
    clinic.check()


def test_a_failure_that_is_reported_twice_is_one_task(town: Town, practice: Found) -> None:
    clinic = practice()
    town.twin.weather(undelivered={"code": 30006}, callbacks="double")
    clinic.text(0)
    until(clinic.tasks)
    clinic.settle()
    (task,) = clinic.rows("SELECT times FROM tasks WHERE clinic_id = :clinic")
    assert task.times == 1
