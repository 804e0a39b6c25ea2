"""Commands as processes of their own, on the test's servers, and what they find to do there."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from bot.cli import run
from bot.core.events import NoAnswer
from bot.runtime import Runtime
from bot.store import conversations, timers
from bot.store.timers import Timer
from tests.conftest import ANA_PHONE
from tests.faults.waiting import until


@contextmanager
def bot(rt: Runtime, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A `bot` command on the test's servers; it is stopped at the end."""
    command = [sys.executable, "-c", "from bot.cli import main; main()", *arguments]
    with subprocess.Popen(
        command,
        env=run.environment(rt.settings),
        cwd=rt.settings.data_dir,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
        finally:
            process.kill()


def put_timer(rt: Runtime, clinic: UUID) -> None:
    """A question whose patience is over."""
    with rt.begin() as db:
        talk = conversations.with_phone(db, clinic, ANA_PHONE, rt.now())
        due = Timer(clinic=clinic, conversation=talk, key="wait:1", due=rt.now(), what=NoAnswer(turn=1))
        timers.put(db, [due])


def forget_rings(rt: Runtime) -> None:
    """Nobody has rung."""
    rt.doorbell._redis.flushdb()


def job(rt: Runtime, queue: str) -> bool:
    """Wait for a job on this queue."""
    return until(lambda: rt.doorbell._redis.lpop(f"rq:queue:{queue}")) is not None
