"""PostgreSQL crashes or is gone: what was acknowledged is safe on its disk, and what was not is fetched later."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.service import sweep
from tests.bench.load import saturate, shots
from tests.conftest import ACCOUNT, TOKEN
from tests.faults.practice import CONFIRM, Practice
from tests.faults.town import PROCESSES, Town
from tests.faults.waiting import until

pytestmark = pytest.mark.fault
Found = Callable[..., Practice]


def test_it_crashes_and_comes_back_in_the_middle_of_traffic(town: Town, practice: Found) -> None:
    clinic = practice(6)
    clinic.traffic()
    town.crash_postgres()
    clinic.traffic()
    clinic.find_out()
    clinic.catch_up()
    clinic.check(may_be_lost=True)


def test_while_it_is_gone_nothing_is_acknowledged(town: Town, practice: Found) -> None:
    clinic = practice(2)
    url = f"{town.rt.settings.public_url}/twilio/sms"
    texts = [(f"SM{number:032x}", clinic.phones[0], CONFIRM) for number in range(8)]
    town.postgres.stop()
    hits = saturate(
        town.rt.settings.port, shots(token=TOKEN, url=url, account=ACCOUNT, to=clinic.phone, texts=texts)
    )
    assert {hit.status for hit in hits} == {503}
    town.start_postgres()
    town.await_web()
    assert clinic.rows("SELECT 1 FROM inbox WHERE clinic_id = :clinic") == []


def test_once_it_is_back_the_poll_brings_in_what_was_missed(town: Town, practice: Found) -> None:
    clinic = practice(4)
    clinic.traffic()
    clinic.settle()
    town.postgres.stop()
    clinic.traffic()
    until(lambda: town.twin.pending() == 0)
    assert [seen.webhook for seen in clinic.said()] == ["done"] * 6 + ["lost"] * 6
    town.start_postgres()
    clinic.catch_up()
    clinic.check()
    assert [name for name in PROCESSES if town.running[name].poll() is not None] == []


@pytest.mark.parametrize(
    "failpoint",
    ["receive-before-commit", "advance-before-commit", "track-before-commit", "sweep-before-commit"],
)
def test_it_crashes_under_an_open_transaction(failpoint: str, town: Town, practice: Found) -> None:
    clinic = practice(3)
    town.arm(failpoint)
    clinic.text(0)
    town.frozen()
    town.crash_postgres()
    town.thaw()
    clinic.traffic()
    clinic.catch_up()
    clinic.check()


@pytest.mark.parametrize("failpoint", ["deliver-after-accepted", "deliver-before-commit"])
def test_it_crashes_before_it_is_written_down_that_the_carrier_took_the_text(
    failpoint: str, town: Town, practice: Found
) -> None:
    clinic = practice(3)
    town.twin.weather(callbacks="none")
    town.arm(failpoint)
    clinic.text(0)
    town.frozen()
    town.crash_postgres()
    town.thaw()
    clinic.traffic()
    town.pass_time(sweep.LOOK_AFTER + timedelta(seconds=1))
    sweep.settle(town.rt)
    clinic.catch_up()
    clinic.check()
