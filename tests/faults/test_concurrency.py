"""Many at once: several workers and clocks, the same webhook in parallel, two for one slot, STOP against a reminder."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.service import advance, sweep
from tests.bench.load import saturate, shots
from tests.conftest import ACCOUNT, TOKEN
from tests.faults.practice import CONFIRM, Practice, sentences
from tests.faults.town import Town
from tests.faults.waiting import until

pytestmark = pytest.mark.fault
Found = Callable[..., Practice]
STOP = "please stop texting me"


@pytest.fixture
def doubled(town: Town) -> Town:
    """Two of each: inbound and outbound workers, clocks."""
    for name in ("inbound2", "outbound2", "clock2"):
        if name not in town.running:
            town.start(name)
    return town


def test_two_hundred_texts_over_twenty_phones_are_answered_once_and_in_order(
    doubled: Town, practice: Found
) -> None:
    clinic = practice(20)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(clinic.text, [number % 20 for number in range(200)]))
    clinic.settle()
    clinic.check()
    assert [len(clinic.got(patient)) for patient in range(20)] == [10] * 20


def test_eight_workers_at_one_mailbox_deal_with_each_text_once(town: Town, practice: Found) -> None:
    clinic = practice()
    town.kill("inbound")
    for _ in range(19):
        clinic.text(0)
    mailbox = "SELECT conversation_id FROM inbox WHERE clinic_id = :clinic AND done_at IS NULL"
    until(lambda: len(clinic.rows(mailbox)) == 19)
    conversation = clinic.rows(mailbox)[0].conversation_id

    def work(_number: int) -> None:
        while clinic.rows(mailbox):
            advance.advance(town.rt, conversation)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    clinic.settle()
    clinic.check()


def test_the_same_webhook_fifty_times_in_parallel_is_one_event(town: Town, practice: Found) -> None:
    clinic = practice()
    url, port = f"{town.rt.settings.public_url}/twilio/sms", town.rt.settings.port
    text = [("SM" + "f" * 32, clinic.phones[0], CONFIRM)]
    same = shots(token=TOKEN, url=url, account=ACCOUNT, to=clinic.phone, texts=text) * 50
    assert [hit.status for hit in saturate(port, same, connections=50)] == [200] * 50
    clinic.settle()
    assert len(clinic.rows("SELECT 1 FROM inbox WHERE clinic_id = :clinic")) == 1
    assert len(clinic.accepted()) == 1


def test_two_who_choose_the_same_time_at_once(doubled: Town, practice: Found) -> None:
    clinic = practice(2)
    first = doubled.rt.now().replace(microsecond=0) + timedelta(days=8)
    clinic.openings(*(first + timedelta(hours=hour) for hour in range(4)))
    for patient in (0, 1):
        clinic.text(patient, "R")
    until(lambda: all(sentences(clinic.got(patient), "these times") for patient in (0, 1)))
    for patient in (0, 1):
        clinic.text(patient, "1")
    clinic.settle()
    quick, slow = sorted((clinic.got(0), clinic.got(1)), key=len)
    assert sentences(quick, "these times", "Your visit is now on")
    assert sentences(slow, "these times", "just taken", "these times")
    taken = clinic.rows("SELECT start_at FROM slots WHERE clinic_id = :clinic AND appointment_id IS NOT NULL")
    assert [row.start_at for row in taken] == [first]


def test_ten_clocks_at_once_ring_a_timer_once(town: Town, practice: Found) -> None:
    clinic = practice(8)
    clinic.plan_reminders(timedelta(hours=1))
    town.kill("clock")
    town.pass_time(timedelta(hours=1, minutes=1))
    together = threading.Barrier(10)

    def tick(_number: int) -> int:
        together.wait()
        return sweep.ring_timers(town.rt)

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(tick, range(10))) >= 8
    assert len(clinic.rows("SELECT 1 FROM inbox WHERE clinic_id = :clinic AND dedupe LIKE 'timer:%'")) == 8
    town.start("clock")
    clinic.settle()
    assert all(sentences(clinic.got(patient), "you have a visit") for patient in range(8))


# -- STOP and a reminder that is due --------------------------------------------------------------------


def opted_out(clinic: Practice) -> int:
    """How many phones have opted out, for good."""
    query = "SELECT 1 FROM conversations WHERE clinic_id = :clinic AND opted_out_at IS NOT NULL"
    return len(clinic.rows(query))


def waits_for_a_row(clinic: Practice) -> bool:
    """Whether some transaction waits for another one's row."""
    return bool(
        clinic.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = 'careline'")
    )


@pytest.mark.parametrize("ending", ["goes on", "is killed"])
def test_stop_while_a_reminder_is_being_looked_at(ending: str, town: Town, practice: Found) -> None:
    clinic = practice()
    clinic.plan_reminders(timedelta(hours=1))
    town.arm("deliver-before-sending")
    town.pass_time(timedelta(hours=1, minutes=1))
    town.frozen()
    clinic.text(0, STOP)
    until(lambda: opted_out(clinic) or waits_for_a_row(clinic))
    assert opted_out(clinic) == 0, "a reminder that may already leave keeps the STOP waiting"
    if ending == "goes on":
        town.thaw()
    else:
        town.kill_frozen()
    clinic.settle()
    assert opted_out(clinic) == 1
    reminder = ["you have a visit"] if ending == "goes on" else []
    assert sentences(clinic.got(0), *reminder, "no more texts")


def test_stop_races_with_due_reminders(doubled: Town, practice: Found) -> None:
    clinic = practice(20)
    clinic.plan_reminders(timedelta(hours=1))
    doubled.pass_time(timedelta(hours=1, minutes=1))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda patient: clinic.text(patient, STOP), range(20)))
    clinic.settle()
    assert opted_out(clinic) == 20
    for patient in range(20):
        bodies = clinic.got(patient)
        assert sentences(bodies[-1:], "no more texts"), "nothing after the answer to STOP"
        assert len(bodies) <= 2
