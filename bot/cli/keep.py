"""Keeping time and watch: `bot clock` and `bot watch`."""

import signal
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import click

from bot import log
from bot.cli.wiring import runtime
from bot.runtime import Runtime
from bot.service import watch as watching
from bot.service.sweep import ROUNDS, Round

_REST = 0.2  # seconds that the watch sleeps at a stretch: a signal does not wake it
_SHORTEST_REST = 0.05  # and the clock at least
_logger = log.get(__name__)


@click.command()
def clock() -> None:
    """Timers and sweeps; several clocks are safe."""
    with runtime() as rt, ThreadPoolExecutor(len(ROUNDS)) as pool:
        _keep_time(rt, pool)


def _keep_time(rt: Runtime, pool: ThreadPoolExecutor) -> None:
    """Each round comes when it is due, unless it is still going on; one that fails is logged and comes again.

    Each has a thread of its own: timers ring while another round waits for a carrier that does not answer.
    """
    _ = rt.engine, rt.vault, rt.doorbell, rt.carrier  # made once, before there are threads
    due = {duty.name: 0.0 for duty in ROUNDS}
    going: dict[str, Future[None]] = {}
    stopping = _listen()
    while not stopping():
        for duty in ROUNDS:
            if time.monotonic() < due[duty.name] or (duty.name in going and not going[duty.name].done()):
                continue
            going[duty.name] = pool.submit(_go, rt, duty)
            due[duty.name] = time.monotonic() + duty.every
        time.sleep(max(_SHORTEST_REST, min(due.values()) - time.monotonic()))


def _go(rt: Runtime, duty: Round) -> None:
    try:
        duty.run(rt)
    except Exception as error:
        _logger.error("round_failed", name=duty.name, **log.error_fields(error))


@click.command()
def watch() -> None:
    """Tells the operator when clock, workers or carrier stop; one is enough, several all tell."""
    with runtime() as rt:
        post, stopping, due = watching.post(rt), _listen(), 0.0
        while not stopping():
            if time.monotonic() >= due:
                due = time.monotonic() + watching.EVERY
                post.look()
            time.sleep(_REST)


def _listen() -> Callable[[], bool]:
    """From now on a signal does not end this process by itself; returns what tells whether one came."""
    came = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal came
        came = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return lambda: came
