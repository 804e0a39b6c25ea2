"""The doorbell: rings are coalesced, a lost one is no loss, and a silent server is no error."""

import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from bot.gateways import doorbell
from bot.gateways.doorbell import INBOUND, OUTBOUND, QUEUES, Doorbell
from bot.settings import HOME
from tests.bot.service.silence import enlisted
from tests.conftest import Servers
from tests.faults.waiting import until


@pytest.fixture
def bell(servers: Servers) -> Doorbell:
    """A bell on an empty server."""
    made = Doorbell(servers.redis)
    made._redis.flushdb()
    return made


@pytest.fixture
def away() -> Doorbell:
    """A bell whose server is not there."""
    return Doorbell("redis://127.0.0.1:1/0")


def jobs(bell: Doorbell, queue: str) -> list[str]:
    """The jobs on their way to the workers."""
    return [job.func_name for job in bell._queues[queue].jobs]


def test_a_ring_is_a_job_that_says_only_that_there_is_work(bell: Doorbell) -> None:
    bell.ring(INBOUND)
    (job,) = bell._queues[INBOUND].jobs
    assert (job.func_name, job.args, job.kwargs) == ("bot.jobs.inbound", (), {})
    assert jobs(bell, OUTBOUND) == []


def test_further_rings_cost_no_job_while_one_is_on_its_way(bell: Doorbell) -> None:
    for _ in range(50):
        bell.ring(INBOUND)
    assert jobs(bell, INBOUND) == ["bot.jobs.inbound"]


def test_each_queue_has_its_own_bell(bell: Doorbell) -> None:
    for queue in QUEUES:
        bell.ring(queue)
    assert [jobs(bell, queue) for queue in QUEUES] == [[f"bot.jobs.{queue}"] for queue in QUEUES]


def test_once_a_worker_looks_a_ring_is_news_again(bell: Doorbell) -> None:
    bell.ring(INBOUND)
    bell.heard(INBOUND)
    bell.ring(INBOUND)
    assert len(jobs(bell, INBOUND)) == 2


def test_a_mark_that_was_left_behind_expires(bell: Doorbell) -> None:
    bell.ring(INBOUND)
    assert 0 < bell._redis.pttl("careline:rung:inbound") <= doorbell._MARK_MS
    bell._redis.pexpire("careline:rung:inbound", 0)  # its time is over; the job was lost with its worker
    bell.ring(INBOUND)
    assert len(jobs(bell, INBOUND)) == 2


def test_two_processes_share_one_bell(bell: Doorbell, servers: Servers) -> None:
    bell.ring(INBOUND)
    Doorbell(servers.redis).ring(INBOUND)
    assert len(jobs(bell, INBOUND)) == 1


@pytest.mark.parametrize("act", [Doorbell.ring, Doorbell.heard])
def test_a_server_that_is_away_is_no_error(away: Doorbell, act: Callable[[Doorbell, str], None]) -> None:
    act(away, INBOUND)


def test_whether_the_server_answers(bell: Doorbell, away: Doorbell) -> None:
    assert (bell.answers(), away.answers()) == (True, False)


def test_only_known_bells_can_be_rung(bell: Doorbell) -> None:
    with pytest.raises(KeyError):
        bell.ring("nonsense")


# -- who works ---------------------------------------------------------------------------------------


def test_a_queue_that_nobody_works_on_has_no_worker(bell: Doorbell) -> None:
    assert bell.workers() == dict.fromkeys(QUEUES, 0)


def test_workers_are_counted_by_their_queue(bell: Doorbell) -> None:
    enlisted(bell, INBOUND)
    enlisted(bell, INBOUND)
    enlisted(bell, OUTBOUND)
    assert bell.workers() == dict.fromkeys(QUEUES, 0) | {INBOUND: 2, OUTBOUND: 1}


def test_a_worker_that_went_home_does_not_count(bell: Doorbell) -> None:
    worker = enlisted(bell, INBOUND)
    worker.register_death()
    assert bell.workers()[INBOUND] == 0


def test_a_worker_that_was_killed_counts_only_until_its_sign_of_life_is_too_old(bell: Doorbell) -> None:
    worker = enlisted(bell, INBOUND)
    assert 0 < bell._redis.pttl(worker.key) <= 30_000
    bell._redis.pexpire(worker.key, 0)  # its time is over
    assert bell.workers()[INBOUND] == 0


def test_while_it_works_its_sign_of_life_counts_for_as_long_as_a_job_may_take(bell: Doorbell) -> None:
    worker = enlisted(bell, INBOUND)
    worker.heartbeat(doorbell._JOB_SECONDS + 60)  # what RQ allows for
    assert doorbell._JOB_SECONDS * 1000 < bell._redis.pttl(worker.key) <= doorbell._BUSY_LIVES * 1000
    worker.heartbeat()
    assert bell._redis.pttl(worker.key) <= doorbell._IDLE_LIVES * 1000


def test_a_worker_is_known_again_after_the_server_was_emptied(bell: Doorbell) -> None:
    worker = enlisted(bell, INBOUND)
    bell._redis.flushdb()
    assert bell.workers()[INBOUND] == 0
    worker.heartbeat()
    assert bell.workers()[INBOUND] == 1


def test_a_worker_gives_signs_of_life_more_often_than_they_expire() -> None:
    """RQ waits this long for a job before it gives another one."""
    waits = doorbell._WORKER_TTL - 15
    assert 2 * waits < doorbell._IDLE_LIVES


def test_a_real_worker_is_counted_while_it_waits_and_no_more_once_it_has_stopped(
    bell: Doorbell, servers: Servers
) -> None:
    command = f"from bot.gateways.doorbell import Doorbell; Doorbell({servers.redis!r}).work('outbound')"
    with subprocess.Popen([sys.executable, "-c", command], cwd=HOME) as process:
        try:
            until(lambda: bell.workers()[OUTBOUND] == 1, seen=bell.workers)
            assert bell.workers()[INBOUND] == 0
            (key,) = bell._redis.smembers("rq:workers:outbound")
            until(
                lambda: bell._redis.pttl(key) <= doorbell._IDLE_LIVES * 1000,
                seen=lambda: bell._redis.pttl(key),
            )
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        finally:
            process.kill()
    assert bell.workers()[OUTBOUND] == 0


def test_nobody_knows_of_workers_while_the_server_is_away(away: Doorbell) -> None:
    assert away.workers() == {}
