"""Faults: each is seen when it is there, says what to do, and a server that hangs holds up nobody."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from bot.core.effects import PageStaff, Purpose, SendText, Urgency
from bot.core.events import NoAnswer
from bot.core.oncall import Channel
from bot.gateways.doorbell import INBOUND, QUEUES
from bot.runtime import Runtime
from bot.service import faults
from bot.service.faults import Fault, Glance
from bot.store import alerts, conversations, escalations, inbox, outbox, timers
from bot.store.heartbeats import CLOCK, WATCH
from bot.store.inbox import Mail
from bot.store.timers import Timer
from tests.bot.service.silence import beats, silent_for, staffed
from tests.conftest import ANA_PHONE

HOUR = timedelta(hours=1)
AWAY = {"database_url": "postgresql://nobody@127.0.0.1:1/nothing", "redis_url": "redis://127.0.0.1:1/0"}
OF_WORKERS = {f"no_worker_{queue}" for queue in QUEUES}
OF_DATABASE = {
    "clock_stopped",
    "watch_stopped",
    "timers_overdue",
    "mailbox_stuck",
    "page_not_accepted",
    "texts_not_accepted",
    "alerts_not_accepted",
    "emergency_not_taken",
}


@pytest.fixture(autouse=True)
def _all_at_it(rt: Runtime) -> Iterator[None]:
    """Clock, watch and a worker for every queue."""
    rt.doorbell._redis.flushdb()
    beats(rt)
    with staffed(rt.doorbell):
        yield


@pytest.fixture
def elsewhere(rt: Runtime) -> Iterator[Callable[..., Runtime]]:
    """Makes the same service with other settings."""
    made: list[Runtime] = []

    def make(**settings: str) -> Runtime:
        made.append(Runtime(type(rt.settings)(**(rt.settings.model_dump() | settings))))
        return made[-1]

    yield make
    for one in made:
        one.engine.dispose()


def names(found: tuple[Fault, ...]) -> list[str]:
    return [fault.name for fault in found]


def look(rt: Runtime) -> list[str]:
    return names(Glance(rt).look())


def change(rt: Runtime, statement: str, **values: Any) -> None:
    with rt.begin() as db:
        db.conn.execute(text(statement), values)


def test_where_all_are_at_it_nothing_is_wrong(rt: Runtime, clinic: UUID) -> None:
    assert look(rt) == []


# -- who is at it ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "age", "found"),
    [
        (CLOCK, timedelta(seconds=10), []),
        (CLOCK, timedelta(seconds=16), ["clock_stopped"]),
        (WATCH, timedelta(seconds=110), []),
        (WATCH, timedelta(seconds=121), ["watch_stopped"]),
    ],
)
def test_a_process_that_is_silent_for_too_long(
    rt: Runtime, name: str, age: timedelta, found: list[str]
) -> None:
    silent_for(rt, name, age)
    assert look(rt) == found


def test_a_process_that_never_was_there(rt: Runtime) -> None:
    change(rt, "DELETE FROM heartbeats")
    assert look(rt) == ["clock_stopped", "watch_stopped"]


def test_a_jump_of_the_demos_clock_stops_nobody(rt: Runtime) -> None:
    rt.move_clock(timedelta(days=2))
    assert look(rt) == []


def test_whoever_looks_gives_a_sign_of_life_by_it_if_it_is_the_watch(rt: Runtime) -> None:
    silent_for(rt, WATCH, HOUR)
    assert look(rt) == ["watch_stopped"]
    assert names(Glance(rt, beats=WATCH).look()) == []
    assert look(rt) == []


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_without_a_worker_is_named(rt: Runtime, queue: str) -> None:
    rt.doorbell._redis.delete(f"rq:workers:{queue}")
    (fault,) = Glance(rt).look()
    assert (fault.name, f"`bot worker {queue}`" in fault.sentence) == (f"no_worker_{queue}", True)


# -- what is away ------------------------------------------------------------------------------------


def test_a_database_that_is_away_hides_all_that_it_tells(elsewhere: Callable[..., Runtime]) -> None:
    (fault,) = Glance(elsewhere(database_url=AWAY["database_url"])).look()
    assert (fault.name, fault.hides) == ("database_away", OF_DATABASE | {"not_ready"})


def test_a_redis_that_is_away_hides_the_workers(elsewhere: Callable[..., Runtime]) -> None:
    (fault,) = Glance(elsewhere(redis_url=AWAY["redis_url"])).look()
    assert (fault.name, fault.hides) == ("redis_away", OF_WORKERS)


def test_both_can_be_away(elsewhere: Callable[..., Runtime]) -> None:
    assert look(elsewhere(**AWAY)) == ["database_away", "redis_away"]


def test_an_old_schema_hides_all_that_it_does_not_know(rt: Runtime) -> None:
    change(rt, "UPDATE alembic_version SET version_num = '0006'")
    change(rt, "DROP TABLE heartbeats")
    (fault,) = Glance(rt).look()
    assert (fault.name, fault.sentence, fault.hides) == (
        "not_ready",
        "The database has an old schema: `bot migrate`.",
        OF_DATABASE,
    )


def test_where_no_flows_are_published_the_rest_is_seen_all_the_same(rt: Runtime) -> None:
    change(rt, "DELETE FROM editions")
    silent_for(rt, CLOCK, HOUR)
    assert look(rt) == ["not_ready", "clock_stopped"]


def test_a_look_that_fails_unforeseen_is_a_fault_itself(rt: Runtime) -> None:
    change(rt, "DROP TABLE heartbeats")
    (fault,) = Glance(rt).look()
    assert (fault.name, fault.stops) == ("look_failed", True)
    assert fault.hides >= OF_DATABASE | OF_WORKERS


# -- what hangs --------------------------------------------------------------------------------------


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_a_redis_that_hangs_is_away(elsewhere: Callable[..., Runtime], silent_port: int) -> None:
    glance = Glance(elsewhere(redis_url=f"redis://127.0.0.1:{silent_port}/0"), patience=0.5)
    assert names(glance.look()) == ["redis_away"]


def test_a_database_that_hangs_is_away_and_only_one_thread_waits_for_it(rt: Runtime) -> None:
    """A lock that somebody holds: the look would wait for as long."""
    glance, before = Glance(rt, patience=0.5), threading.active_count()
    with rt.engine.begin() as conn:
        conn.execute(text("LOCK TABLE heartbeats IN ACCESS EXCLUSIVE MODE"))
        for _ in range(3):
            assert names(glance.look()) == ["database_away"]
        assert threading.active_count() == before + 1
    (asks, _) = glance._lanes
    asks.ask().join()
    assert names(glance.look()) == []


def test_callers_at_one_moment_share_a_look(rt: Runtime) -> None:
    glance = Glance(rt)
    with rt.engine.begin() as conn:
        conn.execute(text("LOCK TABLE heartbeats IN ACCESS EXCLUSIVE MODE"))
        (asks, _) = glance._lanes
        first, second = asks.ask(), asks.ask()
    first.join()
    assert first is second


# -- what is stuck -----------------------------------------------------------------------------------


def talk(rt: Runtime, clinic: UUID) -> UUID:
    with rt.begin() as db:
        return conversations.with_phone(db, clinic, ANA_PHONE, rt.now())


def timer(rt: Runtime, clinic: UUID) -> None:
    where = talk(rt, clinic)
    with rt.begin() as db:
        due = Timer(clinic=clinic, conversation=where, key="x", due=rt.now(), what=NoAnswer(turn=1))
        timers.put(db, [due])


def mail(rt: Runtime, clinic: UUID) -> None:
    where = talk(rt, clinic)
    with rt.begin() as db:
        what = NoAnswer(turn=1)
        inbox.put(db, [Mail(clinic=clinic, conversation=where, dedupe="x", what=what)], rt.now())


def answer(rt: Runtime, clinic: UUID) -> None:
    where = talk(rt, clinic)
    said = SendText(wording="x", language="en", body="x", purpose=Purpose.SAFETY, zone="America/New_York")
    with rt.begin() as db:
        outbox.put(db, clinic=clinic, conversation=where, effect_key="x", text=said, now=rt.now())


def call(rt: Runtime, clinic: UUID) -> None:
    where = talk(rt, clinic)
    page = PageStaff(code="1234", rung=0, urgency=Urgency.URGENT, body="x")
    with rt.begin() as db:
        mine = escalations.paged(db, clinic=clinic, conversation=where, page=page, now=rt.now()).id
        alerts.make(
            db,
            clinic=clinic,
            escalation=mine,
            conversation=where,
            code="1234",
            rung=0,
            member=None,
            channel=Channel.CALL,
            effect_key="x",
            words="x",
            now=rt.now(),
        )


@pytest.mark.parametrize(
    ("work", "found"),
    [
        (timer, ["timers_overdue"]),
        (mail, ["mailbox_stuck"]),
        (answer, ["texts_not_accepted"]),
        (call, ["page_not_accepted", "alerts_not_accepted"]),
    ],
)
def test_work_that_is_not_done_within_a_minute(
    rt: Runtime, clinic: UUID, work: Callable[[Runtime, UUID], None], found: list[str]
) -> None:
    work(rt, clinic)
    assert look(rt) == []
    rt.move_clock(timedelta(seconds=65))
    assert look(rt) == found


def test_an_emergency_that_nobody_takes_for_half_an_hour(rt: Runtime, clinic: UUID) -> None:
    where = talk(rt, clinic)
    page = PageStaff(code="1234", rung=0, urgency=Urgency.EMERGENCY, body="x")
    with rt.begin() as db:
        escalations.paged(db, clinic=clinic, conversation=where, page=page, now=rt.now())
    rt.move_clock(timedelta(minutes=29))
    assert look(rt) == []
    rt.move_clock(timedelta(minutes=2))
    assert look(rt) == ["emergency_not_taken"]


# -- what they say -----------------------------------------------------------------------------------

KNOWN = [each for each in vars(faults).values() if isinstance(each, Fault)]


@pytest.mark.parametrize("fault", KNOWN, ids=lambda fault: fault.name)
def test_a_fault_is_a_plain_sentence_with_a_name_that_a_machine_can_keep(fault: Fault) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", fault.name)
    assert fault.sentence[0].isupper()
    assert fault.sentence.endswith((".", "once it does."))


def test_what_stops_is_what_keeps_the_service_from_its_work() -> None:
    stopping = {fault.name for fault in KNOWN if fault.stops}
    assert stopping == {"clock_stopped", "database_away", "redis_away", "look_failed"}


def test_what_is_only_starting_counts_after_half_a_minute(rt: Runtime) -> None:
    change(rt, "DELETE FROM heartbeats")
    rt.doorbell._redis.delete(f"rq:workers:{INBOUND}")
    found = (*Glance(rt).look(), faults.DATABASE)
    late = [faults.DATABASE]
    assert list(faults.settled(found, 29.9)) == late
    assert names(faults.settled(found, 30.0)) == [
        "clock_stopped",
        "watch_stopped",
        "no_worker_inbound",
        "database_away",
    ]
