"""For operators: alive, able to work, how much waits. No PHI in any of it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from bot.gateways.doorbell import QUEUES, Doorbell
from bot.service import advance, faults
from bot.service.faults import START_UP, Glance
from bot.store.heartbeats import CLOCK, WATCH
from tests.bot.service.silence import beats, silent_for, staffed
from tests.conftest import ANA_PHONE
from tests.webhooks.conftest import Twilio

GAUGES = {
    "mailbox_waiting",
    "mailbox_failed",
    "mailbox_oldest_seconds",
    "outbox_ready",
    "outbox_unsettled",
    "timers_overdue",
    "tasks_open",
    "escalations_open",
}


def gauges(twilio: Twilio) -> dict[str, float]:
    """What /metrics says."""
    lines = twilio.client.get("/metrics").text.splitlines()
    found = [re.fullmatch(r"careline_(\w+) (\S+)", line) for line in lines if not line.startswith("#")]
    return {match[1]: float(match[2]) for match in found if match}


def break_database(twilio: Twilio) -> None:
    """There is no database any more."""
    twilio.rt.__dict__["engine"] = create_engine("postgresql+psycopg://x:hunter2@127.0.0.1:1/gone")


def test_a_process_that_answers_is_alive_even_without_a_database(twilio: Twilio) -> None:
    break_database(twilio)
    answer = twilio.client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_a_process_that_can_work_is_ready(twilio: Twilio) -> None:
    answer = twilio.client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "faults": [], "warnings": []})


def test_without_a_database_it_is_not_ready_and_tells_no_secret(twilio: Twilio) -> None:
    break_database(twilio)
    answer = twilio.client.get("/readyz")
    assert answer.status_code == 503
    assert len(answer.json["faults"]) == 1  # type: ignore[index]
    assert "hunter2" not in answer.text


def test_without_redis_it_is_not_ready(twilio: Twilio) -> None:
    twilio.rt.__dict__["doorbell"] = Doorbell("redis://127.0.0.1:1/0")
    answer = twilio.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["faults"] == ["Redis does not answer: work goes on only once it does."]  # type: ignore[index]


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE alembic_version SET version_num = '0000'", "old schema"),
        ("DELETE FROM editions", "No flows are published yet"),
    ],
)
def test_an_old_schema_or_no_flows_make_it_unready(twilio: Twilio, statement: str, fault: str) -> None:
    with twilio.rt.begin() as db:
        db.conn.execute(text(statement))
    answer = twilio.client.get("/readyz")
    assert answer.status_code == 503
    assert fault in answer.json["faults"][0]  # type: ignore[index]


def grow_old(twilio: Twilio) -> None:
    """The web process has run for longer than all others take to start."""
    extensions = twilio.client.application.extensions
    extensions["careline.health"] = replace(extensions["careline.health"], since=-START_UP)


def ready(twilio: Twilio) -> tuple[int, list[str], list[str]]:
    """What /readyz says: status, faults, warnings."""
    answer = twilio.client.get("/readyz")
    told = answer.json
    assert told
    assert told["status"] == ("ok" if answer.status_code == 200 else "unready")
    return answer.status_code, told["faults"], told["warnings"]


@pytest.fixture
def at_it(twilio: Twilio) -> Iterator[None]:
    """Clock, watch and a worker for every queue are at it, and have been for a while."""
    grow_old(twilio)
    twilio.rt.doorbell._redis.flushdb()
    beats(twilio.rt)
    with staffed(twilio.rt.doorbell):
        yield


def test_with_all_at_it_it_is_ready(twilio: Twilio, at_it: None) -> None:
    assert ready(twilio) == (200, [], [])


def test_without_a_clock_it_is_not_ready(twilio: Twilio, at_it: None) -> None:
    silent_for(twilio.rt, CLOCK, timedelta(minutes=1))
    assert ready(twilio) == (503, [faults.CLOCK.sentence], [])
    silent_for(twilio.rt, CLOCK, timedelta())
    assert ready(twilio) == (200, [], [])


@pytest.mark.parametrize("queue", QUEUES)
def test_without_a_worker_it_is_not_ready(twilio: Twilio, at_it: None, queue: str) -> None:
    twilio.rt.doorbell._redis.delete(f"rq:workers:{queue}")
    status, (fault,), _ = ready(twilio)
    assert (status, f"`bot worker {queue}`" in fault) == (503, True)


def test_in_its_first_half_minute_the_others_may_still_be_starting(twilio: Twilio) -> None:
    twilio.rt.doorbell._redis.flushdb()
    assert ready(twilio) == (200, [], [])
    grow_old(twilio)
    status, found, warnings = ready(twilio)
    assert (status, len(found), warnings) == (503, 1 + len(QUEUES), [faults.WATCH.sentence])


def test_a_watch_that_is_silent_takes_nothing_out_of_service(twilio: Twilio, at_it: None) -> None:
    silent_for(twilio.rt, WATCH, timedelta(minutes=5))
    assert ready(twilio) == (200, [], [faults.WATCH.sentence])


def test_an_emergency_that_nobody_takes_takes_nothing_out_of_service(twilio: Twilio, at_it: None) -> None:
    """It must go on taking in texts: the acknowledgement is one."""
    rt = twilio.rt
    twilio.text("my chest hurts and I can't breathe")
    advance.drain(rt, 10)
    with rt.begin() as db:  # everything else of it is done
        db.conn.execute(text("UPDATE outbox SET status = 'sent', sent_at = created_at"))
        db.conn.execute(text("DELETE FROM timers"))
    assert ready(twilio) == (200, [], [])
    rt.move_clock(timedelta(minutes=31))
    assert ready(twilio) == (200, [], [faults.EMERGENCY.sentence])


def test_a_database_that_hangs_does_not_hold_up_the_answer(twilio: Twilio, at_it: None) -> None:
    glance = Glance(twilio.rt, patience=0.5)
    extensions = twilio.client.application.extensions
    extensions["careline.health"] = replace(extensions["careline.health"], glance=glance)
    with twilio.rt.engine.begin() as conn:
        conn.execute(text("LOCK TABLE heartbeats IN ACCESS EXCLUSIVE MODE"))
        assert ready(twilio) == (503, [faults.DATABASE.sentence], [])
    asks, _ = glance._lanes
    asks.ask().join()
    assert ready(twilio) == (200, [], [])


def test_metrics_count_what_waits(twilio: Twilio) -> None:
    assert gauges(twilio) == dict.fromkeys(GAUGES, 0.0)
    twilio.text("hello", sid="SM1")
    twilio.text("hello", sid="SM2")
    found = gauges(twilio)
    assert found["mailbox_waiting"] == 2
    assert found["outbox_ready"] == 0


def test_metrics_are_prometheus_text_without_anything_of_a_patients(twilio: Twilio) -> None:
    twilio.text("my secret words")
    answer = twilio.client.get("/metrics")
    assert answer.mimetype == "text/plain"
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    for name in GAUGES:
        assert f"# HELP careline_{name} " in answer.text
        assert f"# TYPE careline_{name} gauge" in answer.text
    assert "secret" not in answer.text
    assert ANA_PHONE not in answer.text


def test_metrics_without_a_database_are_503(twilio: Twilio) -> None:
    break_database(twilio)
    assert twilio.client.get("/metrics").status_code == 503
