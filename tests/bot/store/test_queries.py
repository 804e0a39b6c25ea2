"""How many SQL statements a happening costs. A number that rises must rise here, in the open.

BEGIN and COMMIT are not counted; a statement with many rows of parameters counts once.
"""

import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event

from bot.runtime import Runtime
from bot.service import advance, deliver, receive, sweep, track
from bot.service.receive import Text
from bot.store import conversations, happenings, outbox
from tests.conftest import ANA_PHONE, CLINIC_PHONE, START, House

VISIT = START + timedelta(days=3, hours=1)
MANY = 20


@pytest.fixture
def ready(house: House) -> House:
    """Ana has a visit, the process is warm: it knows the clinic, its keys and the edition."""
    house.visit(house.patient(), VISIT)
    house.work()
    text(house.rt, "hello")
    house.work()
    return house


def text(rt: Runtime, body: str, sender: str = ANA_PHONE, sid: str = "") -> bool:
    """A text comes in, as the webhook takes it in."""
    sid = sid or f"SM{body}"
    return receive.receive(rt, Text(sid=sid, sender=sender, to=CLINIC_PHONE, body=body))


def statements(rt: Runtime, act: Callable[[], object], *, warm: bool = True) -> list[str]:
    """What this thread sends to the database while it does this; the web's threads are not counted.

    `warm`: clinic and edition were read a moment ago; else nothing is remembered.
    """
    seen: list[str] = []
    here = threading.get_ident()

    def keep(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if threading.get_ident() == here:
            seen.append(statement)

    known = {key: (math.inf, found) for key, (_, found) in rt.remembered.items()} if warm else {}
    rt.remembered.clear()
    rt.remembered.update(known)
    event.listen(rt.engine, "before_cursor_execute", keep)
    try:
        act()
    finally:
        event.remove(rt.engine, "before_cursor_execute", keep)
    return seen


def cost(rt: Runtime, at_most: int, act: Callable[[], object], *, warm: bool = True) -> None:
    """Doing this costs so many statements: not more, and not fewer than stands here either."""
    seen = statements(rt, act, warm=warm)
    assert len(seen) == at_most, "\n".join(line.split("\n")[0][:100] for line in seen)


def advance_one(rt: Runtime) -> bool | None:
    """The mailbox that has waited longest is found and worked on once; finding finds up to fifty at a time."""
    with rt.begin() as db:
        conversation, *_ = happenings.conversations_waiting(db, rt.now(), 1)
    return advance.advance(rt, conversation)


def send(rt: Runtime) -> None:
    """One batch leaves."""
    with ThreadPoolExecutor(1) as pool:
        assert deliver.deliver(rt, pool)


# -- texts -------------------------------------------------------------------------------------------


def test_taking_in_a_text_is_one_statement(ready: House) -> None:
    cost(ready.rt, 1, lambda: text(ready.rt, "yes"))


def test_a_text_that_came_before_costs_a_look_more(ready: House) -> None:
    text(ready.rt, "yes")
    cost(ready.rt, 3, lambda: text(ready.rt, "yes"))


def test_the_first_text_of_a_phone_makes_its_conversation(ready: House) -> None:
    cost(ready.rt, 5, lambda: text(ready.rt, "hello", sender="+12025550177", sid="SMother"))


@pytest.mark.parametrize(
    ("body", "at_most"),
    [
        ("yes", 7),  # confirms the visit: status, one text
        ("thank you", 5),  # wants nothing
        ("I need another time", 7),  # looks for slots; the answer is a happening of its own
        (
            "my chest hurts and I can't breathe",
            15,
        ),  # reply, task, page, who is told, alert, timer, escalation
        ("STOP", 9),  # links to pages end with it
        ("blue is a nice color", 6),  # a task
    ],
)
def test_advancing_by_a_text(ready: House, body: str, at_most: int) -> None:
    text(ready.rt, body)
    cost(ready.rt, at_most, lambda: advance_one(ready.rt))


def test_a_process_that_remembers_nothing_reads_clinic_staff_and_edition_too(ready: House) -> None:
    cost(ready.rt, 2, lambda: text(ready.rt, "thank you"), warm=False)
    cost(ready.rt, 8, lambda: advance_one(ready.rt), warm=False)


def test_looking_into_empty_mailboxes_is_one_statement(ready: House) -> None:
    cost(ready.rt, 1, lambda: advance.drain(ready.rt, 1))


def test_what_a_text_costs_does_not_depend_on_how_many_wait(ready: House) -> None:
    for number in range(MANY):
        text(ready.rt, f"parking level {number}", sender=f"+1202555{1000 + number}", sid=f"SM{number}")
    counts = {len(statements(ready.rt, lambda: advance_one(ready.rt))) for _ in range(MANY)}
    assert len(counts) == 1


# -- timers ------------------------------------------------------------------------------------------


def test_timers_that_are_not_due_cost_one_statement(ready: House) -> None:
    cost(ready.rt, 1, lambda: sweep.ring_timers(ready.rt))


def test_all_timers_that_are_due_ring_in_two_statements(house: House) -> None:
    for number in range(MANY):
        house.visit(house.patient(phone=f"+1202555{1000 + number}"), VISIT)
    house.work()
    move(house.rt, VISIT - timedelta(days=1, hours=-1))
    cost(house.rt, 2, lambda: sweep.ring_timers(house.rt))


def test_advancing_by_a_reminder(ready: House) -> None:
    move(ready.rt, VISIT - timedelta(days=3, hours=-1))
    assert sweep.ring_timers(ready.rt) == 1
    cost(ready.rt, 6, lambda: advance_one(ready.rt))


# -- texts of ours -----------------------------------------------------------------------------------


def test_nothing_to_send_is_one_statement(ready: House) -> None:
    with ThreadPoolExecutor(1) as pool:
        cost(ready.rt, 1, lambda: deliver.deliver(ready.rt, pool))


@pytest.mark.parametrize("letters", [1, MANY])
def test_a_batch_costs_the_same_however_many_texts_leave(ready: House, letters: int) -> None:
    for number in range(letters):
        text(ready.rt, f"parking level {number}", sender=f"+1202555{1000 + number}", sid=f"SM{number}")
        assert advance_one(ready.rt)
    cost(ready.rt, 8, lambda: send(ready.rt))  # two of them look at what must not be in a text


def test_a_report_of_the_carrier(ready: House) -> None:
    sid, number = newest_text(ready.rt)
    cost(ready.rt, 4, lambda: track.track(ready.rt, number, sid=sid, status="read", error_code=None))


def test_a_report_that_tells_nothing_new(ready: House) -> None:
    sid, number = newest_text(ready.rt)
    cost(ready.rt, 3, lambda: track.track(ready.rt, number, sid=sid, status="queued", error_code=None))


def newest_text(rt: Runtime) -> tuple[str, UUID]:
    """Sid and id of the last text that left."""
    with rt.begin() as db:
        clinic = rt.clinic_with(db, CLINIC_PHONE).id
        conversation = conversations.with_phone(db, clinic, ANA_PHONE, rt.now())
        (shown,) = outbox.history(db, conversation, 1)
    assert shown.sid is not None
    return shown.sid, shown.id


def move(rt: Runtime, moment: datetime) -> None:
    """Put the clock forward; nothing else happens."""
    rt.move_clock(moment - rt.now())
