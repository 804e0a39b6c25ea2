"""Works through webhooks with a few threads: in order within a lane, twice where it must, counting."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TypeVar

from bot.gateways.twilio_twin.hooks import Poster
from bot.gateways.twilio_twin.weather import Weather
from bot.log import error_fields, get

THREADS = 4  # more only wait for each other's turn
ATTEMPTS = 2  # Twilio's default: one retry
HTTP_FAILURE = 11200  # Twilio's code in its error log
LONGEST_ASK_S = 35.0  # less than the patience of the control API's client

Job = Callable[[], None]
T = TypeVar("T")
log = get(__name__)


class Postman:
    """Works jobs lane by lane. A lane is a phone, a message or a call: its jobs never overtake each other."""

    def __init__(self, *, token: str, weather: Weather) -> None:
        self._weather = weather
        self._poster = Poster(token)
        self._lanes: dict[str, deque[Job]] = {}
        self._ready: SimpleQueue[str | None] = SimpleQueue()
        self._pending = 0
        self._stopping = False
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def hand(self, lane: str, job: Job) -> None:
        """Queue a job."""
        with self._changed:
            self._pending += 1
            queue = self._lanes.setdefault(lane, deque())
            queue.append(job)
            if len(queue) > 1:  # somebody is on this lane and will come to it
                return
        self._ready.put(lane)

    @property
    def pending(self) -> int:
        """Jobs that are not done."""
        return self._pending

    def idle(self, wait_s: float) -> bool:
        """Wait until nothing is pending, at most this long; whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._pending, wait_s)

    def ask(self, lane: str, job: Callable[[], T]) -> T:
        """Queue a job and wait for what it returns or raises. Raises TimeoutError."""
        outcome: Future[T] = Future()

        def work() -> None:
            try:
                outcome.set_result(job())
            except Exception as error:  # it is whoever asked that it is for
                outcome.set_exception(error)

        self.hand(lane, work)
        return outcome.result(LONGEST_ASK_S)

    def post(self, url: str, form: Mapping[str, str]) -> bool:
        """Post a form; whether it was taken."""
        return self.fetch(url, form) is not None

    def fetch(self, url: str, form: Mapping[str, str]) -> bytes | None:
        """Post a form, signed, twice at most; what came back. A failure is logged without content: None."""
        for _ in range(ATTEMPTS):
            if (body := self._attempt(url, form)) is not None:
                return body
        log.warning("webhook_failed", code=HTTP_FAILURE, sid=form.get("MessageSid") or form["CallSid"])
        return None

    def stop(self) -> None:
        """Finish the jobs under way, leave the queued ones (the journal knows them), end the threads."""
        self._stopping = True
        for _ in self._threads:
            self._ready.put(None)
        for thread in self._threads:
            thread.join()

    def _attempt(self, url: str, form: Mapping[str, str]) -> bytes | None:
        if self._weather.webhook_down:
            return None
        answer = self._poster.post(url, form)
        return answer.body if 200 <= answer.status < 400 else None

    def _work(self) -> None:
        while (lane := self._ready.get()) is not None and not self._stopping:
            job = self._lanes[lane][0]
            try:
                job()
            except Exception as error:  # a job's fault must not end the thread
                log.error("job_failed", **error_fields(error))
            self._done(lane)
        self._poster.close()

    def _done(self, lane: str) -> None:
        with self._changed:
            self._pending -= 1
            queue = self._lanes[lane]
            queue.popleft()
            if not queue:
                del self._lanes[lane]
            if not self._pending:
                self._changed.notify_all()
        if queue:
            self._ready.put(lane)
