"""Running it: `bot up`, and its parts `bot web` and `bot worker`. What only watches over others loads nothing else."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot import log, settings
from bot.cli import supervise
from bot.cli.wiring import servers
from bot.gateways.doorbell import QUEUES, Doorbell
from bot.settings import HOME, Settings

NEEDED = ("secret_keys", "master_keys", "twilio_account_sid", "twilio_auth_token")
_THREADS = 64
"""Of a web process: open consoles hold one each (`webhooks/console/live.py`), the rest is for requests."""
_INNER_STOP_WITHIN = 12.0  # seconds; less than the supervisor above has patience for


@click.command()
def up() -> None:
    """Migrate, then run the Procfile's processes under one supervisor."""
    from bot.runtime import Runtime
    from bot.service.operate import migrate

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
    # Loaded before it forks, the program is in memory once. It connects to nothing until the first request.
    return supervise.python(
        "-m", "gunicorn", *arguments, "--preload", "--no-control-socket", "webhooks.app:create()"
    )


def environment(ready: Settings) -> dict[str, str]:
    """The environment of child processes: ours, with every setting spelled out."""
    values = {
        name.upper(): str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in ready.model_dump().items()
    }
    return {**os.environ, **values, "PYTHONUNBUFFERED": "1", "PATH": _path()}


def _path() -> str:
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
