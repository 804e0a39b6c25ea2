"""RQ's entry points: they drain what they find, ring again for what is left, and let no exception out."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from bot import jobs
from bot.gateways.doorbell import INBOUND, OUTBOUND, QUEUES
from bot.runtime import Runtime
from bot.service.receive import Text, receive
from tests.conftest import ANA_PHONE, CLINIC_PHONE, House


@pytest.fixture
def worker(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    """The runtime of a worker process, made from its environment."""
    settings = house.rt.settings
    for name in ("database_url", "redis_url", "master_keys", "twilio_account_sid", "twilio_auth_token"):
        monkeypatch.setenv(name.upper(), getattr(settings, name))
    monkeypatch.setenv("TWILIO_API_BASE", settings.twilio_api_base)
    monkeypatch.setenv("PUBLIC_URL", settings.public_url)
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("DEMO", "true")
    jobs.runtime.cache_clear()
    made = jobs.runtime()
    made.__dict__["reader"] = house.rt.reader
    yield made
    made.engine.dispose()
    jobs.runtime.cache_clear()


def rung(rt: Runtime) -> set[str]:
    return {queue for queue in QUEUES if rt.doorbell._redis.exists(f"careline:rung:{queue}")}


def text(rt: Runtime) -> None:
    receive(rt, Text(sid="SM1", sender=ANA_PHONE, to=CLINIC_PHONE, body="hello there"))


def test_every_queue_has_its_entry_point() -> None:
    assert all(callable(getattr(jobs, queue)) for queue in QUEUES)


def test_a_text_is_answered_by_the_two_jobs(house: House, worker: Runtime) -> None:
    text(worker)
    jobs.inbound()
    jobs.outbound()
    house.twin.pending(10)
    assert len(house.got()) == 1


def test_a_job_takes_its_mark_away_and_rings_the_next_bell(house: House, worker: Runtime) -> None:
    for queue in QUEUES:
        worker.doorbell.heard(queue)
    text(worker)
    assert rung(worker) == {INBOUND}
    jobs.inbound()
    assert rung(worker) == {OUTBOUND}


def test_a_job_that_runs_out_of_time_rings_again(
    house: House, worker: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_SECONDS", 0.0)
    jobs.inbound()
    assert INBOUND in rung(worker)


def test_a_database_that_is_away_raises_nothing_and_loses_nothing(house: House, worker: Runtime) -> None:
    text(worker)
    there = worker.engine
    worker.__dict__["engine"] = Runtime(
        worker.settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/nothing"})
    ).engine
    jobs.inbound()
    jobs.outbound()
    worker.__dict__["engine"] = there
    jobs.inbound()
    jobs.outbound()
    house.twin.pending(10)
    assert len(house.got()) == 1


def test_a_worker_process_has_one_runtime(house: House, worker: Runtime) -> None:
    assert jobs.runtime() is worker


def test_a_worker_reads_the_clinics_settings_from_its_environment(worker: Runtime, clinic: UUID) -> None:
    with worker.begin() as db:
        assert worker.clinic(db, clinic).phone == CLINIC_PHONE
