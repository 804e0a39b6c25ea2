"""Track: a text's status only rises, what did not arrive is tried again or told once, waits start once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Row, select

from bot.core.effects import Purpose, SendText, Wait
from bot.core.events import WHAT, TextFailed
from bot.service import deliver
from bot.service.track import track
from bot.store import audit, conversations, deliveries, inbox, outbox, timers
from bot.store.outbox import outbox as rows
from tests.conftest import ANA_PHONE, House


@pytest.fixture
def sent(house: House) -> UUID:
    """A question that the carrier took and has not reported on."""
    house.twin.weather(callbacks="none")
    return leave(house, queue(house))


def queue(house: House) -> UUID:
    with house.rt.begin() as db:
        talk = conversations.with_phone(db, house.clinic, ANA_PHONE, house.rt.now())
        text = SendText(
            wording="help",
            language="en",
            body="hello",
            purpose=Purpose.REPLY,
            zone="America/New_York",
            wait=Wait(turn=3, seconds=600),
        )
        outbox.put(
            db, clinic=house.clinic, conversation=talk, effect_key="test", text=text, now=house.rt.now()
        )
        return db.conn.execute(select(rows.c.id)).scalar_one()


def leave(house: House, letter: UUID) -> UUID:
    with ThreadPoolExecutor(1) as pool:
        assert deliver.deliver(house.rt, pool)
    return letter


def row(house: House, letter: UUID) -> Row[Any]:
    with house.rt.begin() as db:
        return db.conn.execute(select(rows).where(rows.c.id == letter)).one()


def report(house: House, letter: UUID, status: str, code: int | None = None, sid: str | None = None) -> bool:
    return track(house.rt, letter, sid=sid or row(house, letter).sid or "SM0", status=status, error_code=code)


def failures(house: House) -> list[TextFailed]:
    with house.rt.begin() as db:
        mail = db.conn.execute(select(inbox.inbox)).all()
        raw = [db.open_bytes(inbox.inbox, "what", one.what, clinic=house.clinic, row=one.id) for one in mail]
    return [WHAT.validate_json(one) for one in raw]  # type: ignore[misc]


def wait_due(house: House) -> list[datetime]:
    with house.rt.begin() as db:
        return list(db.conn.execute(select(timers.timers.c.due_at)).scalars())


@pytest.mark.parametrize("order", [*permutations(["queued", "sent", "delivered"])], ids=" ".join)
def test_in_whatever_order_reports_come_a_delivered_text_stays_delivered(
    house: House, sent: UUID, order: Sequence[str]
) -> None:
    for status in order:
        report(house, sent, status)
    assert (row(house, sent).status, failures(house)) == ("delivered", [])


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        ("queued", "sent"),
        ("sending", "sent"),
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("read", "delivered"),
        ("undelivered", "undelivered"),
        ("failed", "failed"),
        ("canceled", "failed"),
        ("what-twilio-thinks-of-next", "sent"),
    ],
)
def test_what_each_status_of_the_carriers_means_to_us(
    house: House, sent: UUID, status: str, ours: str
) -> None:
    report(house, sent, status, code=30006)
    assert row(house, sent).status == ours


def test_every_new_report_is_kept_once(house: House, sent: UUID) -> None:
    for status in ("sent", "delivered", "sent", "delivered"):
        report(house, sent, status)
    with house.rt.begin() as db:
        assert list(db.conn.execute(select(deliveries.deliveries.c.status)).scalars()) == [
            "sent",
            "delivered",
        ]


def test_a_report_on_a_text_that_we_do_not_have_is_nothing(house: House) -> None:
    assert not track(house.rt, uuid4(), sid="SM0", status="delivered", error_code=None)


@pytest.mark.parametrize(("code", "pause"), [(30003, 3600), (30008, 900), (30001, 600)])
def test_what_did_not_arrive_is_sent_again_after_its_pause(
    house: House, sent: UUID, code: int, pause: int
) -> None:
    before = house.rt.now()
    report(house, sent, "undelivered", code)
    again = row(house, sent)
    assert (again.status, again.sid, again.attempts, failures(house)) == ("ready", None, 1, [])
    assert (again.not_before - before).total_seconds() == pytest.approx(pause, abs=5)

    house.rt.move_clock(timedelta(seconds=pause + 5))
    leave(house, sent)
    assert house.got() == ["hello", "hello"]


@pytest.mark.parametrize(("code", "tries"), [(30006, 1), (30008, 2), (30003, 4), (None, 1)])
def test_after_its_last_try_the_failure_is_told_once(
    house: House, sent: UUID, code: int | None, tries: int
) -> None:
    for number in range(tries):
        if number:
            house.rt.move_clock(timedelta(hours=19))
            leave(house, sent)
        for _ in range(2):
            report(house, sent, "undelivered", code)
    assert row(house, sent).attempts == tries
    assert failures(house) == [TextFailed(code=code or 0, purpose="REPLY")]


def test_a_report_of_an_earlier_try_changes_nothing(house: House, sent: UUID) -> None:
    first = row(house, sent).sid
    report(house, sent, "undelivered", 30003)
    house.rt.move_clock(timedelta(hours=2))
    leave(house, sent)
    report(house, sent, "delivered", sid=first)
    assert row(house, sent).status == "sent"
    report(house, sent, "delivered")
    assert row(house, sent).status == "delivered"


def test_a_late_report_of_an_earlier_try_cannot_stop_the_next_one(house: House, sent: UUID) -> None:
    first = row(house, sent).sid
    report(house, sent, "undelivered", 30003)
    report(house, sent, "undelivered", 30006, sid=first)
    assert (row(house, sent).status, failures(house)) == ("ready", [])


def test_a_stop_that_only_the_carrier_knows_of_is_told_as_such(house: House, sent: UUID) -> None:
    report(house, sent, "failed", 21610)
    assert failures(house) == [TextFailed(code=21610, purpose="REPLY", opted_out=True)]


def test_a_code_that_came_with_an_earlier_report_is_not_forgotten(house: House, sent: UUID) -> None:
    report(house, sent, "sent", 30005)
    report(house, sent, "undelivered")
    assert row(house, sent).error_code == 30005


def test_a_report_that_comes_before_our_own_commit_settles_the_text_and_starts_its_wait(house: House) -> None:
    house.twin.weather(accept_then_hang_up=1, callbacks="none")
    letter = leave(house, queue(house))
    assert (row(house, letter).status, wait_due(house)) == ("sending", [])

    before = house.rt.now()
    report(house, letter, "sent", sid="SM77")
    assert (row(house, letter).status, row(house, letter).sid) == ("sent", "SM77")
    (due,) = wait_due(house)
    assert (due - before).total_seconds() == pytest.approx(600, abs=5)


def test_later_reports_do_not_start_the_wait_again(house: House, sent: UUID) -> None:
    before = wait_due(house)
    house.rt.move_clock(timedelta(minutes=5))
    report(house, sent, "sent")
    report(house, sent, "delivered")
    assert wait_due(house) == before


def test_each_change_is_in_the_audit_trail(house: House, sent: UUID) -> None:
    report(house, sent, "delivered")
    with house.rt.begin() as db:
        found = db.conn.execute(
            select(audit.audit.c.action).where(
                audit.audit.c.subject == f"text:{sent}", audit.audit.c.actor == "carrier"
            )
        )
        assert list(found.scalars()) == ["text.delivered"]
