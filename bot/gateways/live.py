"""Live: word to open consoles that something has changed, by Redis' or Valkey's publish and subscribe.

What is said is ids and names of topics, never content. It may be lost: a console looks by itself now and then.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from redis import Redis
from redis.exceptions import RedisError

from bot import log

INBOX = "inbox"
"""Tasks or escalations of the clinic have changed."""
DAY = "day"
"""Visits of the clinic, or who waits for one, have changed."""

_CHANNEL = "careline:live:"
_LISTEN = 5.0  # seconds that the listener waits at a stretch
_AGAIN = 1.0  # seconds before it begins anew where the server went away
_WRITES = 8  # seconds that a sign of writing counts
_logger = log.get(__name__)


def talk(conversation: UUID) -> str:
    """The topic of one conversation."""
    return f"talk:{conversation}"


class Ear:
    """What one open console has not been told yet."""

    def __init__(self) -> None:
        self._topics: set[str] = set()
        self._news = threading.Condition()

    def hear(self, topics: set[str]) -> None:
        """Something has changed."""
        with self._news:
            self._topics |= topics
            self._news.notify()

    def wait(self, seconds: float) -> set[str]:
        """The topics that have changed since the last call, as soon as there are some; empty after `seconds`."""
        with self._news:
            if not self._topics:
                self._news.wait(seconds)
            heard, self._topics = self._topics, set()
            return heard


class Live:
    """`url` is that of Redis or Valkey. One connection listens for all consoles of a process."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2)
        self._lock = threading.Lock()
        self._ears: dict[str, set[Ear]] = {}
        self._listener: threading.Thread | None = None

    def tell(self, clinic: UUID, *topics: str) -> None:
        """These have changed; say it after the commit."""
        try:
            with self._redis.pipeline(transaction=True) as both:
                both.incr(_mark(clinic))
                both.publish(f"{_CHANNEL}{clinic}", " ".join(topics))
                both.execute()
        except RedisError as error:
            _logger.warning("live_silent", **log.error_fields(error))

    def mark(self, clinic: UUID) -> str:
        """How far the clinic's news have come. Who knows an older mark has missed some; '' where the server is away."""
        try:
            found = self._redis.get(_mark(clinic))
        except RedisError:
            return ""
        return found.decode() if isinstance(found, bytes) else "0"

    @contextmanager
    def ear(self, clinic: UUID) -> Iterator[Ear]:
        """Listen to a clinic's news for as long as the context lasts."""
        made, channel = Ear(), f"{_CHANNEL}{clinic}"
        with self._lock:
            self._ears.setdefault(channel, set()).add(made)
            if self._listener is None:
                self._listener = threading.Thread(target=self._listen_on, daemon=True)
                self._listener.start()
        try:
            yield made
        finally:
            with self._lock:
                self._ears[channel].discard(made)

    def writes(self, conversation: UUID, handle: str) -> None:
        """This member is writing to the patient just now."""
        try:
            self._redis.zadd(_writers(conversation), {handle: time.time() + _WRITES})
            self._redis.expire(_writers(conversation), _WRITES)
        except RedisError as error:
            _logger.warning("live_silent", **log.error_fields(error))

    def writers(self, conversation: UUID) -> list[str]:
        """Handles of who writes just now; nobody where the server is away."""
        try:
            found = self._redis.zrangebyscore(_writers(conversation), time.time(), "+inf")
        except RedisError:
            return []
        return [handle.decode() for handle in found if isinstance(handle, bytes)]

    def _listen_on(self) -> None:
        there = True
        while True:
            try:
                for message in self._messages():
                    there = True
                    if message is not None:
                        self._pass_on(message["channel"].decode(), set(message["data"].decode().split()))
            except RedisError as error:
                if there:  # said once for each time that the server goes away
                    _logger.warning("live_silent", **log.error_fields(error))
                there = False
                time.sleep(_AGAIN)

    def _messages(self) -> Iterator[dict[str, Any] | None]:
        """What is said; None now and then, while nobody says anything."""
        with self._redis.pubsub(ignore_subscribe_messages=True) as heard:  # type: ignore[no-untyped-call]
            heard.psubscribe(f"{_CHANNEL}*")
            while True:
                yield heard.get_message(timeout=_LISTEN)

    def _pass_on(self, channel: str, topics: set[str]) -> None:
        with self._lock:
            ears = tuple(self._ears.get(channel, ()))
        for each in ears:
            each.hear(topics)


def _mark(clinic: UUID) -> str:
    return f"careline:live-mark:{clinic}"


def _writers(conversation: UUID) -> str:
    return f"careline:writing:{conversation}"
