"""Running it: `bot up`, and its parts `bot web`, `bot worker`, `bot clock`, `bot watch`."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import click

from bot import log, settings
from bot.cli import supervise
from bot.cli.wiring import runtime, servers
from bot.gateways.doorbell import QUEUES, Doorbell
from bot.runtime import Runtime
from bot.service import watch as watching
from bot.service.operate import migrate
from bot.service.sweep import ROUNDS, Round
from bot.settings import HOME, Settings

NEEDED = ("secret_keys", "master_keys", "twilio_account_sid", "twilio_auth_token")
_THREADS = 64
"""Of a web process: open consoles hold one each (`webhooks/console/live.py`), the rest is for requests."""
_INNER_STOP_WITHIN = 12.0  # seconds; less than the supervisor above has patience for
_REST = 0.2  # seconds that the watch sleeps at a stretch: a signal does not wake it
_SHORTEST_REST = 0.05  # and the clock at least
_logger = log.get(__name__)


@click.command()
def up() -> None:
    """Migrate, then run the Procfile's processes under one supervisor."""
    with _ready() as ready:
        migrate(Runtime(ready))
        procfile = supervise.read_procfile(HOME / "Procfile")
        children = [supervise.Child(name, command) for name, command in procfile.items() if name != "release"]
        supervise.run(children, environment(ready))


@click.command()
def web() -> None:
    """The HTTP edge: gunicorn, any number of processes on any number of hosts."""
    with _ready() as ready:
        child = supervise.Child("gunicorn", _gunicorn(ready))
        supervise.run([child], environment(ready), stop_within=_INNER_STOP_WITHIN)


@click.command()
@click.argument("queue", type=click.Choice(QUEUES), required=False)
def worker(queue: str | None) -> None:
    """Work on one queue; without a name, one process for each."""
    with _ready() as ready:
        if queue is None:
            children = [supervise.Child(name, supervise.bot("worker", name)) for name in QUEUES]
            supervise.run(children, environment(ready), stop_within=_INNER_STOP_WITHIN)
            return
        os.environ.update(environment(ready))  # the jobs read their settings from it
        doorbell = Doorbell(ready.redis_url)
        doorbell.ring(queue)
        doorbell.work(queue)


@contextmanager
def _ready() -> Iterator[Settings]:
    """Settings that a process needs, with servers to talk to; raises BadSettings."""
    given = settings.load()
    given.require(*NEEDED)
    log.configure()
    with servers(given) as ready:
        yield ready


def _gunicorn(ready: Settings) -> list[str]:
    options = {
        "bind": f"0.0.0.0:{ready.port}",
        "workers": ready.web_processes,
        "worker-class": "gthread",
        "threads": _THREADS,
        "timeout": 60,
        "graceful-timeout": 10,
        "log-level": "warning",
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    return supervise.python("-m", "gunicorn", *arguments, "--no-control-socket", "webhooks.app:create()")


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


def environment(ready: Settings) -> dict[str, str]:
    """The environment of child processes: ours, with every setting spelled out."""
    values = {
        name.upper(): str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in ready.model_dump().items()
    }
    return {**os.environ, **values, "PYTHONUNBUFFERED": "1", "PATH": _path()}


def _path() -> str:
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
