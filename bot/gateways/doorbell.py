"""The doorbell: an RQ job that says only 'there is work'. It may be lost, doubled or late without harm.

Rings are coalesced: while one is on its way, further ones cost a single SET. The job takes the mark away
before it looks, so that no work is overlooked; a mark that was left behind expires.
"""

import threading
import time
from contextlib import suppress
from queue import SimpleQueue
from types import FrameType

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker, worker_registration
from rq.exceptions import StopRequested

from bot import log

INBOUND = "inbound"
OUTBOUND = "outbound"
ALERTS = "alerts"
QUEUES = (INBOUND, OUTBOUND, ALERTS)
"""One worker serves one queue: RQ loses a job when a worker on several is killed at the wrong moment."""

_MARK_MS = 2000
_JOB_SECONDS = 120
_BREATH = 0.003  # seconds between two rings of one process: rings under load become one
_AGAIN = 1.0  # seconds before a worker whose server went away begins anew
_WORKER_TTL = 25  # seconds; RQ waits 15 s less than this for a job, and then gives a sign of life
_IDLE_LIVES = 30  # seconds that a sign of life counts while a worker waits
_BUSY_LIVES = _JOB_SECONDS + 10  # and while it works: RQ's simple worker gives none in the midst of a job
_logger = log.get(__name__)


class Doorbell:
    """Rings the workers' bells. `url` is that of Redis or Valkey."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2)
        self._soon: SimpleQueue[str] = SimpleQueue()
        self._lock = threading.Lock()
        self._ringer: threading.Thread | None = None
        self._queues = {name: Queue(name, connection=self._redis) for name in QUEUES}

    def ring(self, queue: str) -> None:
        """There is work. A bell that can't be rung is no error: the clock looks anyway."""
        try:
            if self._redis.set(_mark(queue), 1, nx=True, px=_MARK_MS):
                self._queues[queue].enqueue_call(
                    f"bot.jobs.{queue}", timeout=_JOB_SECONDS, result_ttl=0, failure_ttl=60, description=queue
                )
        except RedisError as error:
            _logger.warning("doorbell_silent", queue=queue, **log.error_fields(error))

    def ring_soon(self, queue: str) -> None:
        """The same, by a thread of its own: the webhook does not wait, and rings of one moment become one."""
        self._soon.put(queue)
        if self._ringer is None:
            with self._lock:
                if self._ringer is None:
                    self._ringer = threading.Thread(target=self._ring_on, daemon=True)
                    self._ringer.start()

    def _ring_on(self) -> None:
        while True:
            wanted = {self._soon.get()}
            while not self._soon.empty():
                wanted.add(self._soon.get())
            for queue in sorted(wanted):
                self.ring(queue)
            time.sleep(_BREATH)

    def heard(self, queue: str) -> None:
        """A worker is about to look: from now on a ring is news again."""
        try:
            self._redis.delete(_mark(queue))
        except RedisError as error:
            _logger.warning("doorbell_silent", queue=queue, **log.error_fields(error))

    def answers(self) -> bool:
        """Whether the server is there."""
        try:
            return bool(self._redis.ping())
        except RedisError:
            return False

    def workers(self) -> dict[str, int]:
        """How many workers each queue has that gave a sign of life lately; {} where the server is away.

        One that was killed counts for up to half a minute more, or two where it was killed at work.
        """
        try:
            return {name: self._alive(queue) for name, queue in self._queues.items()}
        except RedisError:
            return {}

    def _alive(self, queue: Queue) -> int:
        keys = worker_registration.get_keys(queue)
        return self._redis.exists(*keys) if keys else 0

    def work(self, queue: str) -> None:
        """Be a worker of this queue until a signal comes; runs jobs in this process, without a fork.

        A server that goes away ends no worker: it goes on within seconds of the server's return.
        """
        told = threading.Event()
        with suppress(StopRequested):  # it came while no worker was at work
            while not told.is_set():
                self._work(queue, told)
                told.wait(_AGAIN)

    def _work(self, queue: str, told: threading.Event) -> None:
        try:
            worker = _Worker(
                [self._queues[queue]],
                connection=self._redis,
                log_job_description=False,
                worker_ttl=_WORKER_TTL,
            )
            worker.told = told
            worker.work(logging_level="WARNING")
        except RedisError as error:
            _logger.warning("doorbell_silent", queue=queue, **log.error_fields(error))


class _Worker(SimpleWorker):
    """RQ's worker, which waits up to a minute for its server, or quits, where it can't tell a job's end.

    It gives signs of life often, and each enters it in the register anew: a server that was emptied knows of it again.
    """

    max_connection_wait_time = 5.0
    told: threading.Event

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """A signal came."""
        self.told.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """A sign of life. `timeout`: how long it counts at most, where RQ has an opinion: before a job."""
        lives = min(timeout, _BUSY_LIVES) if timeout else _IDLE_LIVES
        super().heartbeat(lives, pipeline)
        worker_registration.register(self, pipeline)


def _mark(queue: str) -> str:
    return f"careline:rung:{queue}"
