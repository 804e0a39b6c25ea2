"""Deliver: what may leave is decided when it leaves, in which order, and what the carrier's answers mean."""

import itertools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Row, select, update

from bot.core.effects import Purpose, SendText, VisitRef, Wait
from bot.core.events import WHAT, TextFailed
from bot.core.facts import VisitStatus
from bot.service import advance, deliver, sweep
from bot.store import appointments, conversations, inbox, outbox, timers
from bot.store.outbox import outbox as rows
from tests.conftest import ANA_PHONE, ONCALL_PHONE, House

NEW_YORK = ZoneInfo("America/New_York")
BEN_PHONE = "+12025550122"
_keys = itertools.count()


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=NEW_YORK)


@pytest.fixture(autouse=True)
def _ten_in_the_morning(house: House) -> None:
    house.rt.move_clock(timedelta(hours=1))


def conversation(house: House, phone: str = ANA_PHONE) -> UUID:
    with house.rt.begin() as db:
        return conversations.with_phone(db, house.clinic, phone, house.rt.now())


def queue(house: House, body: str = "hello", phone: str = ANA_PHONE, **given: Any) -> str:
    """Put a text into the outbox; its effect key."""
    key = f"test:{next(_keys)}"
    plain = {
        "wording": "help",
        "language": "en",
        "body": body,
        "purpose": Purpose.REPLY,
        "zone": "America/New_York",
    }
    where = conversation(house, phone)
    with house.rt.begin() as db:
        outbox.put(
            db,
            clinic=house.clinic,
            conversation=where,
            effect_key=key,
            text=SendText(**(plain | given)),
            now=house.rt.now(),
        )
    return key


def batch(house: House) -> bool:
    """One batch leaves; whether there was one."""
    with ThreadPoolExecutor(4) as pool:
        return deliver.deliver(house.rt, pool)


def row(house: House, key: str) -> Row[Any]:
    with house.rt.begin() as db:
        return db.conn.execute(select(rows).where(rows.c.effect_key == key)).one()


def failures(house: House) -> list[TextFailed]:
    with house.rt.begin() as db:
        mail = db.conn.execute(select(inbox.inbox).where(inbox.inbox.c.kind == "text_failed")).all()
        raw = [db.open_bytes(inbox.inbox, "what", one.what, clinic=house.clinic, row=one.id) for one in mail]
    return [WHAT.validate_json(one) for one in raw]  # type: ignore[misc]


def waits(house: House) -> dict[str, datetime]:
    with house.rt.begin() as db:
        found = db.conn.execute(select(timers.timers)).all()
    return {one.key: one.due_at for one in found if one.key.startswith("wait:")}


def pass_by(house: House, **time: float) -> None:
    house.rt.move_clock(timedelta(**time))


def nudges(house: House) -> dict[str, datetime]:
    with house.rt.begin() as db:
        found = db.conn.execute(select(timers.timers)).all()
    return {one.key: one.due_at for one in found if one.key.startswith("nudge:")}


@pytest.mark.parametrize(
    ("seconds", "until", "numbers"),
    [(7200, None, {0, 1}), (3600, None, {0}), (None, None, {0, 1}), (None, timedelta(minutes=40), {0})],
)
def test_a_question_is_reminded_of_from_when_it_was_really_sent_until_its_wait_ends(
    house: House, seconds: int | None, until: timedelta | None, numbers: set[int]
) -> None:
    end = house.rt.now() + until if until else None
    wait = Wait(turn=7, seconds=seconds, until=end, nudges=(1800, 3600))
    queue(house, wait=wait, purpose=Purpose.REPLY)
    pass_by(house, minutes=5)
    assert nudges(house) == {}
    sent = house.rt.now()
    assert batch(house)
    due = nudges(house)
    assert set(due) == {f"nudge:7:{number}" for number in numbers}
    for number in numbers:
        assert due[f"nudge:7:{number}"] - sent == pytest.approx(
            timedelta(seconds=1800 * (number + 1)), abs=timedelta(seconds=5)
        )


# -- verdicts at the moment of sending ---------------------------------------------------------------


def test_a_text_leaves_from_the_clinics_number_and_is_delivered(house: House) -> None:
    key = queue(house, "¿Todo bien? 🦷")
    assert batch(house)
    house.twin.pending(10)
    (seen,) = house.thread()
    assert (seen.body, seen.status) == ("¿Todo bien? 🦷", "delivered")
    sent = row(house, key)
    assert (sent.status, sent.sid, sent.attempts) == ("delivered", seen.sid, 1)


def opt_out(house: House, _visit: UUID) -> None:
    where = conversation(house)
    with house.rt.begin() as db:
        conversations.opt_out(db, where, house.rt.now())


def move(house: House, visit: UUID) -> None:
    with house.rt.begin() as db:
        appointments.raise_versions(db, house.clinic, [patient_of(db, visit)], house.rt.now())


def patient_of(db: Any, visit: UUID) -> UUID:
    c = appointments.appointments.c
    return db.conn.execute(select(c.patient_id).where(c.id == visit)).scalar_one()


def call_off(house: House, visit: UUID) -> None:
    with house.rt.begin() as db:
        appointments.set_status(db, visit, VisitStatus.CANCELLED, house.rt.now())


def be_late(house: House, _visit: UUID) -> None:
    pass_by(house, hours=5)


def nothing(_house: House, _visit: UUID) -> None:
    pass


@pytest.mark.parametrize(
    ("purpose", "meanwhile", "status", "reason"),
    [
        (Purpose.REMINDER, nothing, "sent", None),
        (Purpose.REMINDER, opt_out, "dropped", "opted_out"),
        (Purpose.REMINDER, move, "dropped", "visit_changed"),
        (Purpose.REMINDER, call_off, "dropped", "visit_off"),
        (Purpose.REMINDER, be_late, "dropped", "too_late"),
        (Purpose.REPLY, opt_out, "dropped", "opted_out"),
        (Purpose.SAFETY, opt_out, "dropped", "opted_out"),
        (Purpose.REPLY, move, "sent", None),
        (Purpose.REPLY, call_off, "sent", None),
        (Purpose.PAGE, opt_out, "sent", None),
    ],
)
def test_the_record_at_the_moment_of_sending_decides(
    house: House, purpose: Purpose, meanwhile: Callable[[House, UUID], None], status: str, reason: str | None
) -> None:
    house.twin.weather(callbacks="none")
    visit = house.visit(house.patient(), at(7, 10, 30))
    key = queue(
        house,
        purpose=purpose,
        about=VisitRef(visit_id=visit, version=1),
        not_after=house.rt.now() + timedelta(hours=4),
    )
    meanwhile(house, visit)
    batch(house)
    assert (row(house, key).status, row(house, key).reason) == (status, reason)
    assert len(house.got()) == (status == "sent")


def test_the_last_text_to_who_opts_out_may_leave(house: House) -> None:
    key = queue(house, final=True)
    opt_out(house, house.clinic)
    batch(house)
    assert row(house, key).sid


@pytest.mark.parametrize(("zone", "hour"), [("America/New_York", 9), ("America/Los_Angeles", 12)])
def test_a_reminder_in_the_night_waits_for_the_opening_on_the_patients_clock(
    house: House, zone: str, hour: int
) -> None:
    house.wait_until(at(1, 2))
    key = queue(house, purpose=Purpose.REMINDER, zone=zone)
    batch(house)
    assert (row(house, key).status, row(house, key).not_before) == ("ready", at(1, hour))
    assert not batch(house)
    house.wait_until(at(1, hour))
    assert len(house.got()) == 1


@pytest.mark.parametrize("purpose", [Purpose.SAFETY, Purpose.PAGE, Purpose.REPLY])
def test_answers_leave_in_the_night(house: House, purpose: Purpose) -> None:
    house.wait_until(at(1, 2))
    queue(house, purpose=purpose)
    batch(house)
    assert len(house.got()) == 1


# -- the order ---------------------------------------------------------------------------------------


def test_safety_leaves_before_a_reply_and_a_reply_before_a_reminder(house: House) -> None:
    for purpose in (Purpose.BULK, Purpose.REMINDER, Purpose.REPLY, Purpose.SAFETY):
        queue(house, purpose.name, purpose=purpose)
    house.work()
    assert house.got() == ["SAFETY", "REPLY", "REMINDER", "BULK"]


def test_a_conversations_texts_leave_one_at_a_time_in_their_order(house: House) -> None:
    for number in range(4):
        queue(house, str(number))
    queue(house, "Ben's", BEN_PHONE)
    assert batch(house)
    assert (house.got(), house.got(BEN_PHONE)) == (["0"], ["Ben's"])
    house.work()
    assert house.got() == ["0", "1", "2", "3"]


def test_a_text_waits_while_the_outcome_of_the_one_before_is_unknown(house: House) -> None:
    house.twin.weather(accept_then_hang_up=1, callbacks="none")
    queue(house, "first")
    second = queue(house, "second")
    batch(house)
    assert not batch(house)
    assert row(house, second).attempts == 0


def test_but_not_for_more_than_a_minute(house: House) -> None:
    house.twin.weather(accept_then_hang_up=1, callbacks="none")
    queue(house, "first")
    second = queue(house, "second")
    batch(house)
    pass_by(house, seconds=62)
    batch(house)
    assert row(house, second).status == "sent"


def test_a_text_that_waits_for_its_next_try_does_not_hold_up_the_others(house: House) -> None:
    house.twin.weather(refuse={"code": 30008, "times": 1})
    queue(house, "first")
    queue(house, "second")
    house.work()
    assert house.got() == ["second"]


def test_a_reminder_waits_while_an_unread_text_lies_in_the_mailbox(house: House) -> None:
    house.patient()
    reminder = queue(house, "reminder", purpose=Purpose.REMINDER)
    reply = queue(house, "reply")
    house.text("please stop texting me")
    assert batch(house)
    assert not batch(house)
    assert (row(house, reply).attempts, row(house, reminder).attempts) == (1, 0)

    advance.drain(house.rt, 10)
    house.work()
    assert row(house, reminder).reason == "opted_out"


# -- what the carrier says ---------------------------------------------------------------------------

MINUTE, HOUR = 60, 3600


@pytest.mark.parametrize(
    ("weather", "status", "pause"),
    [
        ({"busy": 1}, "ready", 2),
        ({"refuse": {"code": 30001, "times": 1}}, "ready", 10 * MINUTE),
        ({"refuse": {"code": 30003, "times": 1}}, "ready", HOUR),
        ({"refuse": {"code": 30008, "times": 1}}, "ready", 15 * MINUTE),
        ({"accept_then_hang_up": 1, "callbacks": "none"}, "sending", None),
        ({"server_error": 1}, "sending", None),
    ],
    ids=["busy", "queue full", "unreachable", "unknown", "hang up", "server error"],
)
def test_what_may_yet_arrive_is_nobodys_failure(
    house: House, weather: Mapping[str, Any], status: str, pause: float | None
) -> None:
    house.twin.weather(**weather)
    key = queue(house)
    before = house.rt.now()
    batch(house)
    assert (row(house, key).status, failures(house)) == (status, [])
    if pause is not None:
        assert (row(house, key).not_before - before).total_seconds() == pytest.approx(pause, abs=5)
        assert not batch(house)
        pass_by(house, seconds=pause + 5)
        batch(house)
        assert (house.got(), row(house, key).attempts) == (["hello"], 2)


@pytest.mark.parametrize("code", [30006, 21211, 21610, 30007, 20003, 99999])
def test_a_refusal_for_good_is_told_to_the_conversation_once(house: House, code: int) -> None:
    house.twin.weather(refuse={"code": code})
    key = queue(house)
    batch(house)
    assert not batch(house)
    assert (row(house, key).status, row(house, key).error_code) == ("failed", code)
    assert failures(house) == [TextFailed(code=code, purpose="REPLY", opted_out=code == 21610)]


def test_after_its_last_try_a_text_is_given_up(house: House) -> None:
    house.twin.weather(refuse={"code": 30003})
    key = queue(house)
    for _ in range(4):
        batch(house)
        pass_by(house, hours=19)
    assert (row(house, key).status, row(house, key).attempts) == ("failed", 4)
    assert failures(house) == [TextFailed(code=30003, purpose="REPLY")]


def test_pauses_grow_while_the_carrier_is_busy_and_stay_below_five_minutes(house: House) -> None:
    house.twin.weather(busy=50)
    key = queue(house)
    pauses = []
    for _ in range(11):
        before = house.rt.now()
        batch(house)
        pauses.append((row(house, key).not_before - before).total_seconds())
        pass_by(house, seconds=pauses[-1] + 1)
    assert pauses == pytest.approx([2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300], abs=2)


def test_a_text_that_was_cut_off_but_reported_on_is_delivered_once(house: House) -> None:
    house.twin.weather(accept_then_hang_up=1)
    key = queue(house)
    house.work()
    assert (house.got(), row(house, key).status) == (["hello"], "delivered")


@pytest.mark.parametrize(
    ("ahead", "validity"),
    [(None, None), (timedelta(minutes=5), 300), (timedelta(days=3), 36_000)],
)
def test_a_text_waits_at_the_carrier_no_longer_than_it_is_true(
    house: House, ahead: timedelta | None, validity: int | None
) -> None:
    queue(house, not_after=house.rt.now() + ahead if ahead else None)
    with house.rt.begin() as db:
        from bot.store import letters

        (letter,) = letters.claim(db, house.rt.now(), 10)
    found = deliver._validity(letter, house.rt.now())
    assert found == validity or (validity and found == pytest.approx(validity, abs=10))


# -- after it has left -------------------------------------------------------------------------------


def test_the_patience_of_a_question_begins_when_it_was_sent(house: House) -> None:
    house.twin.weather(busy=1)
    queue(house, wait=Wait(turn=7, seconds=3600))
    batch(house)
    assert waits(house) == {}

    pass_by(house, hours=2)
    sent = house.rt.now()
    batch(house)
    assert (waits(house)["wait:7"] - sent).total_seconds() == pytest.approx(3600, abs=5)


@pytest.mark.parametrize(
    ("seconds", "until_in", "due_in"), [(3600, 600, 600), (600, 3600, 600), (None, 900, 900)]
)
def test_patience_ends_with_the_sooner_of_its_two_ends(
    house: House, seconds: int | None, until_in: int, due_in: int
) -> None:
    now = house.rt.now()
    queue(house, wait=Wait(turn=7, seconds=seconds, until=now + timedelta(seconds=until_in)))
    batch(house)
    assert (waits(house)["wait:7"] - now).total_seconds() == pytest.approx(due_in, abs=5)


def test_a_dropped_question_waits_for_nothing(house: House) -> None:
    queue(house, wait=Wait(turn=7, seconds=60))
    opt_out(house, house.clinic)
    batch(house)
    assert waits(house) == {}


def test_keeping_an_outcome_twice_tells_of_a_failure_once(house: House) -> None:
    queue(house)
    with house.rt.begin() as db:
        from bot.store import letters

        (letter,) = letters.claim(db, house.rt.now(), 10)
    outcome = deliver.refusal(letter, 21211, house.rt.now())
    for _ in range(2):
        with house.rt.begin() as db:
            deliver.keep(db, [outcome], house.rt.now())
    assert len(failures(house)) == 1


def test_a_result_does_not_undo_what_a_callback_has_said_meanwhile(house: House) -> None:
    key = queue(house)
    with house.rt.begin() as db:
        from bot.store import letters

        (letter,) = letters.claim(db, house.rt.now(), 10)
        db.conn.execute(update(rows).values(status="delivered"))
    with house.rt.begin() as db:
        deliver.keep(db, [deliver.Outcome(letter=letter, values={"status": "sent"})], house.rt.now())
    assert row(house, key).status == "delivered"


def test_a_text_that_cannot_be_opened_does_not_hold_up_the_others(house: House) -> None:
    queue(house, "spoilt")
    with house.rt.begin() as db:
        db.conn.exec_driver_sql("UPDATE outbox SET body = set_byte(body, 20, get_byte(body, 20) # 1)")
    queue(house, "Ben's", BEN_PHONE)
    queue(house, "next")
    house.work()
    assert (house.got(), house.got(BEN_PHONE)) == (["next"], ["Ben's"])
    assert [failure.purpose for failure in failures(house)] == ["REPLY"]


def test_draining_sends_everything_and_stops(house: House) -> None:
    for number in range(40):
        queue(house, "hi", f"+1202555{1000 + number}")
    queue(house, "page", ONCALL_PHONE, purpose=Purpose.PAGE)
    assert deliver.drain(house.rt, 30) is False
    house.twin.pending(10)
    with house.rt.begin() as db:
        assert set(db.conn.execute(select(rows.c.status)).scalars()) == {"delivered"}
        assert not outbox.any_leaving(db, house.rt.now())


def test_two_workers_send_each_text_once(house: House) -> None:
    for number in range(30):
        queue(house, "hi", f"+1202555{1000 + number}")
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(lambda _: deliver.drain(house.rt, 30), range(2)))
    house.twin.pending(10)
    assert len(house.twin.messages()) == 30


def test_an_alarm_that_comes_while_texts_wait_leaves_first(house: House) -> None:
    house.patient()
    for number in range(3):
        queue(house, str(number), purpose=Purpose.REMINDER)
    house.text("I have crushing chest pain and can't breathe")
    sweep.ring_timers(house.rt)
    house.work()
    assert house.got()[0].startswith("This may be an emergency.")
