"""For operators: alive, able to work, how much waits. No PHI in any of it."""

import re

import pytest
from sqlalchemy import create_engine, text

from bot.gateways.doorbell import Doorbell
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
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "faults": []})


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
