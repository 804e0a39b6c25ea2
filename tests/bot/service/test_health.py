"""Health: each fault is a sentence that says what to do; gauges count what waits."""

import base64
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from bot.core.oncall import Channel, OnCall
from bot.flowbook import loader
from bot.runtime import Runtime
from bot.service import advance, health
from bot.service import clinic as clinics
from bot.service.receive import Text, receive
from bot.settings import HOME
from tests.conftest import ANA_PHONE, CLINIC_PHONE

AWAY = {"database_url": "postgresql://nobody@127.0.0.1:1/nothing", "redis_url": "redis://127.0.0.1:1/0"}


@pytest.fixture
def other(rt: Runtime) -> Iterator[Callable[..., Runtime]]:
    """Makes the same service with other settings."""
    made: list[Runtime] = []

    def make(**settings: str) -> Runtime:
        made.append(Runtime(type(rt.settings)(**(rt.settings.model_dump() | settings))))
        return made[-1]

    yield make
    for one in made:
        one.engine.dispose()


def gauges(rt: Runtime) -> dict[str, float]:
    lines = [line.split() for line in health.metrics(rt).decode().splitlines() if not line.startswith("#")]
    return {name.removeprefix("careline_"): float(value) for name, value in lines}


def test_a_service_that_works_has_no_faults(rt: Runtime, clinic: UUID) -> None:
    assert health.faults(rt) == []
    assert (health.keys_fault(rt), health.oncall_fault(rt)) == (None, None)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("database_url", "The database does not answer; nothing was kept."),
        ("redis_url", "Redis does not answer: work goes on only once it does."),
    ],
)
def test_a_server_that_is_away_is_named(
    rt: Runtime, other: Callable[..., Runtime], setting: str, sentence: str
) -> None:
    assert health.faults(other(**{setting: AWAY[setting]})) == [sentence]


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("UPDATE alembic_version SET version_num = '0000'", "The database has an old schema: `bot migrate`."),
        ("DELETE FROM editions", "No flows are published yet: `bot flow publish flows`."),
    ],
)
def test_what_is_not_ready_comes_with_the_command_that_mends_it(rt: Runtime, sql: str, sentence: str) -> None:
    with rt.begin() as db:
        db.conn.exec_driver_sql(sql)
    assert health.faults(rt) == [sentence]


def test_a_master_key_that_does_not_fit_is_said(
    rt: Runtime, clinic: UUID, other: Callable[..., Runtime]
) -> None:
    fault = health.keys_fault(other(master_keys=base64.b64encode(b"x" * 32).decode()))
    assert (
        fault
        == "No key of MASTER_KEYS fits the stored data key. Put the key that was in use back into MASTER_KEYS."
    )


def test_a_clinic_with_nobody_on_call_is_named(rt: Runtime, clinic: UUID) -> None:
    clinics.add(rt, name="Hill Clinic", phone="+12025550300", zone="America/Chicago")
    fault = health.oncall_fault(rt)
    assert fault
    assert "nobody is on call at Hill Clinic:" in fault


def test_the_numbers_of_all_clinics_are_known(rt: Runtime, clinic: UUID) -> None:
    clinics.add(rt, name="Hill Clinic", phone="+12025550300", zone="America/Chicago")
    assert health.numbers(rt) == [CLINIC_PHONE, "+12025550300"]


def test_gauges_count_what_waits(rt: Runtime, clinic: UUID) -> None:
    assert set(gauges(rt).values()) == {0.0}
    receive(rt, Text(sid="SM1", sender=ANA_PHONE, to=CLINIC_PHONE, body="my chest hurts and I can't breathe"))
    assert gauges(rt)["mailbox_waiting"] == 1
    advance.drain(rt, 10)
    now = gauges(rt)
    assert {
        name: now[name] for name in ("mailbox_waiting", "outbox_ready", "tasks_open", "escalations_open")
    } == {
        "mailbox_waiting": 0,
        "outbox_ready": 2,
        "tasks_open": 1,
        "escalations_open": 1,
    }


def test_flows_that_send_pages_need_words_for_them(rt: Runtime, clinic: UUID) -> None:
    with rt.begin() as db:
        edition = rt.current_edition(db)
        book = rt.book(db, edition)
    sends = loader.load(HOME / "flows").flows["results"]
    rt.books[edition] = book.model_copy(update={"flows": {"results": sends}})
    assert health.faults(rt) == [
        "The published flows have no words for secure pages: `bot flow publish flows`."
    ]


LADDERS = {
    "emergency": {
        "steps": [
            {"tell": "nurse on call", "by": ["text", "call"], "wait": "5 minutes"},
            {"tell": "maria", "by": ["push"], "wait": "5 minutes"},
        ]
    },
    "urgent": {"steps": [{"tell": "maria", "by": ["text"], "wait": "5 minutes"}]},
}


def test_by_which_channels_the_published_ladders_tell_people_is_known(rt: Runtime, clinic: UUID) -> None:
    assert health.channels(rt) == frozenset()
    with rt.begin() as db:
        edition = rt.current_edition(db)
        book = rt.book(db, edition)
    oncall = OnCall.model_validate({"ladders": LADDERS})
    rt.books[edition] = book.model_copy(update={"oncall": oncall})
    assert health.channels(rt) == {Channel.TEXT, Channel.CALL, Channel.PUSH}


def test_before_anything_runs_no_clock_and_no_worker_is_missed(rt: Runtime, clinic: UUID) -> None:
    rt.doorbell._redis.flushdb()
    assert health.faults(rt) == []
