"""The doorbell: rings are coalesced, a lost one is no loss, and a silent server is no error."""

from collections.abc import Callable

import pytest

from bot.gateways import doorbell
from bot.gateways.doorbell import INBOUND, OUTBOUND, QUEUES, Doorbell
from tests.conftest import Servers


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
    assert [jobs(bell, queue) for queue in QUEUES] == [["bot.jobs.inbound"], ["bot.jobs.outbound"]]


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
