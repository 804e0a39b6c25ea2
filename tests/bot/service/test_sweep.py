"""Sweep: due timers ring, left-over work is found, interrupted sending is settled, missed texts are fetched."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Row, func, select, text

from bot.core.effects import Purpose, SendText, Wait
from bot.core.events import NoAnswer
from bot.gateways.doorbell import INBOUND, OUTBOUND, QUEUES
from bot.runtime import Runtime
from bot.service import call_out, deliver, offer, overdue, roll_out, sweep, tidy_pages, watch
from bot.service.console import broadcast_rounds, find_patient
from bot.service.entrance import invite, tidy_sign_in
from bot.store import conversations, inbox, letters, outbox, timers, worklist
from bot.store.outbox import outbox as rows
from bot.store.timers import Timer
from tests.conftest import ANA_PHONE, House


def talk(rt: Runtime, clinic: UUID) -> UUID:
    with rt.begin() as db:
        return conversations.with_phone(db, clinic, ANA_PHONE, rt.now())


def set_timers(rt: Runtime, clinic: UUID, count: int, due: datetime) -> None:
    where = talk(rt, clinic)
    with rt.begin() as db:
        wanted = [
            Timer(clinic=clinic, conversation=where, key=f"wait:{n}", due=due, what=NoAnswer(turn=n))
            for n in range(count)
        ]
        timers.put(db, wanted)


def counted(rt: Runtime, table: Any) -> int:
    with rt.begin() as db:
        return db.conn.execute(select(func.count()).select_from(table)).scalar_one()


def rung(rt: Runtime) -> set[str]:
    """The bells that were rung."""
    return {queue for queue in QUEUES if rt.doorbell._redis.exists(f"careline:rung:{queue}")}


@pytest.fixture(autouse=True)
def _quiet(rt: Runtime) -> None:
    for queue in QUEUES:
        rt.doorbell.heard(queue)


# -- timers ------------------------------------------------------------------------------------------


def test_every_due_timer_rings_however_many_there_are(rt: Runtime, clinic: UUID) -> None:
    many = sweep.RING_AT_ONCE * 2 + 3
    set_timers(rt, clinic, many, rt.now())
    assert sweep.ring_timers(rt) == many
    assert (counted(rt, timers.timers), counted(rt, inbox.inbox)) == (0, many)
    assert rung(rt) == {INBOUND}


def test_a_timer_of_the_future_stays(rt: Runtime, clinic: UUID) -> None:
    set_timers(rt, clinic, 1, rt.now() + timedelta(minutes=1))
    assert (sweep.ring_timers(rt), rung(rt)) == (0, set())
    rt.move_clock(timedelta(minutes=2))
    assert sweep.ring_timers(rt) == 1


def test_two_clocks_ring_each_timer_once(rt: Runtime, clinic: UUID) -> None:
    many = sweep.RING_AT_ONCE * 2
    set_timers(rt, clinic, many, rt.now())
    with ThreadPoolExecutor(2) as clocks:
        rang = list(clocks.map(lambda _: sweep.ring_timers(rt), range(2)))
    sweep.ring_timers(rt)
    assert counted(rt, inbox.inbox) == many
    assert sum(rang) <= many


# -- work that nobody was told of --------------------------------------------------------------------


def test_no_bell_is_rung_where_nothing_waits(rt: Runtime, clinic: UUID) -> None:
    sweep.find_work(rt)
    assert rung(rt) == set()


def test_mail_and_texts_that_wait_ring_their_bells(rt: Runtime, clinic: UUID) -> None:
    set_timers(rt, clinic, 1, rt.now())
    sweep.ring_timers(rt)
    rt.doorbell.heard(INBOUND)
    sweep.find_work(rt)
    assert rung(rt) == {INBOUND}

    put(rt, clinic, Purpose.REPLY)
    rt.doorbell.heard(INBOUND)
    sweep.find_work(rt)
    assert rung(rt) == {INBOUND, OUTBOUND}


def test_a_mailbox_that_rests_and_a_text_of_later_ring_no_bell(rt: Runtime, clinic: UUID) -> None:
    set_timers(rt, clinic, 1, rt.now())
    sweep.ring_timers(rt)
    put(rt, clinic, Purpose.REPLY)
    with rt.begin() as db:
        later = rt.now() + timedelta(minutes=1)
        db.conn.execute(conversations.conversations.update().values(retry_at=later))
        db.conn.execute(rows.update().values(not_before=later))
    rt.doorbell.heard(INBOUND)
    sweep.find_work(rt)
    assert rung(rt) == set()


# -- texts whose sending was interrupted -------------------------------------------------------------


def put(rt: Runtime, clinic: UUID, purpose: Purpose) -> UUID:
    where = talk(rt, clinic)
    with rt.begin() as db:
        text = SendText(
            wording="help",
            language="en",
            body="hello",
            purpose=purpose,
            zone="America/New_York",
            wait=Wait(turn=3, seconds=600),
        )
        key = f"test:{counted(rt, rows)}"
        outbox.put(db, clinic=clinic, conversation=where, effect_key=key, text=text, now=rt.now())
        return db.conn.execute(select(rows.c.id).where(rows.c.effect_key == key)).scalar_one()


def interrupted(house: House, purpose: Purpose = Purpose.REPLY, *, taken: bool) -> UUID:
    """A text that is `sending` for a while; the carrier has taken it, or not. No callback comes."""
    letter = put(house.rt, house.clinic, purpose)
    if taken:
        house.twin.weather(accept_then_hang_up=1, callbacks="none")
        with ThreadPoolExecutor(1) as pool:
            deliver.deliver(house.rt, pool)
    else:
        with house.rt.begin() as db:
            claimed = letters.claim(db, house.rt.now(), 1)
            outbox.count_attempt(db, [one.id for one in claimed], house.rt.now())
    assert row(house, letter).status == "sending"
    return letter


def row(house: House, letter: UUID) -> Row[Any]:
    with house.rt.begin() as db:
        return db.conn.execute(select(rows).where(rows.c.id == letter)).one()


def tasks(house: House) -> list[tuple[str, str]]:
    with house.rt.begin() as db:
        return [(task.task, task.urgency) for task in worklist.open_tasks(db, house.clinic, 50)]


def test_a_text_is_left_alone_while_its_answer_may_still_come(house: House) -> None:
    interrupted(house, taken=True)
    assert sweep.settle(house.rt) == 0


def test_the_carriers_list_settles_what_it_has_taken(house: House) -> None:
    letter = interrupted(house, taken=True)
    house.rt.move_clock(timedelta(seconds=31))
    assert sweep.settle(house.rt) == 1
    (seen,) = house.thread()
    assert (row(house, letter).status, row(house, letter).sid) == ("delivered", seen.sid)
    assert counted(house.rt, timers.timers) == 1
    assert sweep.settle(house.rt) == 0


def test_two_texts_with_the_same_words_are_settled_as_two(house: House) -> None:
    first = interrupted(house, taken=True)
    house.rt.move_clock(timedelta(seconds=62))  # longer than one text holds up the next
    second = interrupted(house, taken=True)
    house.rt.move_clock(timedelta(seconds=31))
    assert sweep.settle(house.rt) == 2
    assert {row(house, first).sid, row(house, second).sid} == {seen.sid for seen in house.thread()}


def test_what_the_carrier_does_not_know_is_not_given_up_before_ten_minutes(house: House) -> None:
    letter = interrupted(house, taken=False)
    house.rt.move_clock(timedelta(minutes=9, seconds=50))
    assert sweep.settle(house.rt) == 0
    assert row(house, letter).status == "sending"


@pytest.mark.parametrize("purpose", [Purpose.REPLY, Purpose.REMINDER])
def test_a_routine_text_that_the_carrier_does_not_know_becomes_a_task(house: House, purpose: Purpose) -> None:
    letter = interrupted(house, purpose, taken=False)
    house.rt.move_clock(timedelta(minutes=10, seconds=5))
    assert sweep.settle(house.rt) == 1
    house.work()
    assert (row(house, letter).status, house.got()) == ("lost", [])
    assert tasks(house) == [("text_not_delivered", "routine")]


@pytest.mark.parametrize("purpose", [Purpose.SAFETY, Purpose.PAGE])
def test_a_critical_text_that_the_carrier_does_not_know_is_sent_again(house: House, purpose: Purpose) -> None:
    letter = interrupted(house, purpose, taken=False)
    house.rt.move_clock(timedelta(minutes=10, seconds=5))
    sweep.settle(house.rt)
    house.work()
    assert (row(house, letter).status, house.got(), tasks(house)) == ("delivered", ["hello"], [])


def test_a_carrier_that_does_not_answer_settles_nothing(house: House) -> None:
    letter = interrupted(house, taken=False)
    house.rt.move_clock(timedelta(minutes=11))
    house.rt.__dict__["carrier"] = Runtime(
        house.rt.settings.model_copy(update={"twilio_api_base": "http://127.0.0.1:1"})
    ).carrier
    assert sweep.settle(house.rt) == 0
    assert row(house, letter).status == "sending"


def test_an_interrupted_text_that_cannot_be_opened_becomes_a_task(house: House) -> None:
    letter = interrupted(house, Purpose.SAFETY, taken=False)
    with house.rt.begin() as db:
        db.conn.exec_driver_sql("UPDATE outbox SET body = set_byte(body, 20, get_byte(body, 20) # 1)")
    house.rt.move_clock(timedelta(minutes=11))
    assert sweep.settle(house.rt) == 1
    house.work()
    assert (row(house, letter).status, tasks(house)) == ("lost", [("text_not_delivered", "urgent")])


# -- texts that the webhook missed -------------------------------------------------------------------


def test_what_the_webhook_missed_is_fetched_once_and_in_order(house: House) -> None:
    house.patient()
    house.twin.weather(webhook_down=True)
    for body in ("one", "two", "three"):
        house.text(body)
    assert counted(house.rt, inbox.inbox) == 0

    house.twin.weather()
    assert [sweep.poll(house.rt), sweep.poll(house.rt)] == [3, 0]
    with house.rt.begin() as db:
        keys = db.conn.execute(select(inbox.inbox.c.dedupe).order_by(inbox.inbox.c.seq)).scalars()
        assert list(keys) == [f"sms:{seen.sid}" for seen in house.thread()]


def test_what_the_webhook_brought_is_not_fetched_again(house: House) -> None:
    sid = house.text("hello")
    assert sweep.poll(house.rt) == 0
    house.twin.again(sid)
    house.twin.pending(10)
    assert counted(house.rt, inbox.inbox) == 1


def test_old_texts_are_not_fetched(house: House) -> None:
    house.twin.weather(webhook_down=True)
    house.text("hello")
    house.rt.move_clock(timedelta(hours=3))
    assert sweep.poll(house.rt) == 0


# -- the rounds --------------------------------------------------------------------------------------


def test_the_clock_has_every_duty_and_the_urgent_ones_often() -> None:
    assert {duty.name: duty.run for duty in sweep.ROUNDS} == {
        "ring_timers": sweep.ring_timers,
        "find_work": sweep.find_work,
        "offer": offer.offer,
        "roll_out": roll_out.roll_out,
        "settle": sweep.settle,
        "settle_alerts": call_out.settle,
        "overdue": overdue.overdue,
        "beat": watch.beat,
        "look_after_the_watch": watch.look_after_the_watch,
        "poll": sweep.poll,
        "name_patients": find_patient.name_more,
        "count_broadcasts": broadcast_rounds.count,
        "send_broadcasts": broadcast_rounds.send,
        "tidy_waitlist": offer.tidy,
        "tidy_pages": tidy_pages.tidy,
        "mail_links": invite.mail_links,
        "tidy_sign_in": tidy_sign_in.tidy,
    }
    every = {duty.name: duty.every for duty in sweep.ROUNDS}
    assert every["ring_timers"] <= 1
    assert every["settle"] <= sweep.LOOK_AFTER.total_seconds()


def test_every_round_does_no_harm_in_an_empty_house(house: House) -> None:
    for duty in sweep.ROUNDS:
        duty.run(house.rt)
    assert (counted(house.rt, inbox.inbox), counted(house.rt, rows)) == (0, 0)


def test_a_timer_that_can_not_be_read_becomes_a_task_and_the_others_ring(house: House) -> None:
    house.visit(house.patient(), house.rt.now() + timedelta(days=5))
    house.work()
    with house.rt.begin() as db:
        spoil = "UPDATE timers SET what = '{}' WHERE id = (SELECT id FROM timers ORDER BY due_at LIMIT 1)"
        db.conn.execute(text(spoil))
        db.conn.execute(text("UPDATE timers SET due_at = :now"), {"now": house.rt.now()})
    assert sweep.ring_timers(house.rt) == 2
    with house.rt.begin() as db:
        assert [task.task for task in worklist.open_tasks(db, house.clinic, 9)] == ["bot_could_not_read_this"]
        assert inbox.waiting(db) == 1
