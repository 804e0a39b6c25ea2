"""Processes that have been silent, and such as are at it: what the watch sees of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from rq import worker_registration
from sqlalchemy import func, update

from bot.gateways import doorbell
from bot.gateways.doorbell import QUEUES, Doorbell
from bot.runtime import Runtime
from bot.store import heartbeats
from bot.store.heartbeats import CLOCK, WATCH


def silent_for(rt: Runtime, name: str, age: timedelta) -> None:
    """This process beat last so long ago."""
    with rt.begin() as db:
        heartbeats.beat(db, name)
        mine = heartbeats.heartbeats.c.name == name
        ago = func.clock_timestamp() - age
        db.conn.execute(update(heartbeats.heartbeats).where(mine).values(at=ago))


def beats(rt: Runtime) -> None:
    """Clock and watch are at it."""
    for name in (CLOCK, WATCH):
        silent_for(rt, name, timedelta())


def enlisted(bell: Doorbell, queue: str) -> doorbell._Worker:
    """A worker of this queue that has said that it is there; it does not begin to work."""
    worker = doorbell._Worker([bell._queues[queue]], connection=bell._redis)
    worker.register_birth()
    worker.heartbeat()
    return worker


@contextmanager
def staffed(bell: Doorbell) -> Iterator[dict[str, doorbell._Worker]]:
    """Every queue has a worker; they are gone at the end."""
    workers = {queue: enlisted(bell, queue) for queue in QUEUES}
    try:
        yield workers
    finally:
        for worker in workers.values():
            worker_registration.unregister(worker)
            bell._redis.delete(worker.key)
