"""A small supervisor: keeps processes running until a signal comes, and starts again those that end.

Pauses grow while a process ends at once again and again; Ctrl-C or SIGTERM stops all, in order. A supervisor
that is killed takes its processes with it (on Linux): one that stayed would hold the port of the next.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot import log

_LOOK_EVERY = 0.2  # seconds
_STOP_WITHIN = 15.0
_SETTLED = 10.0  # a process that ran this long starts again without a pause
_LONGEST_PAUSE = 8.0
_PR_SET_PDEATHSIG = 1  # man 2 prctl
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_logger = log.get(__name__)


@dataclass(slots=True)
class Child:
    """A process that is to run."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = field(default=0.0)

    def start(self, environment: Mapping[str, str]) -> None:
        """Start it, in a process group of its own so that Ctrl-C reaches only the supervisor."""
        self.process = subprocess.Popen(  # noqa: S603
            list(self.command),
            env=dict(environment),
            start_new_session=True,
            preexec_fn=_end_with_the_supervisor,
        )
        self.started = time.monotonic()

    def ended(self) -> bool:
        """Whether it has ended and its pause is over."""
        if self.process is None or self.process.poll() is None:
            return False
        if time.monotonic() - self.started > _SETTLED:
            self.pause = 0.0
        return time.monotonic() - self.started >= self.pause


def _end_with_the_supervisor() -> None:
    """Run in the child: SIGTERM comes when its parent is gone, whatever ended that."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))


def read_procfile(path: Path) -> dict[str, list[str]]:
    """Name -> command of each line; `bot` becomes this very installation."""
    found = {}
    for line in path.read_text().splitlines():
        name, _, command = line.partition(":")
        if command:
            words = command.split()
            found[name.strip()] = bot(*words[1:]) if words[0] == "bot" else words
    return found


def bot(*arguments: str) -> list[str]:
    """The command line of another `bot` command of this installation."""
    return python("-c", "from bot.cli import main; main()", *arguments)


def python(*arguments: str) -> list[str]:
    """A command line for this installation's Python."""
    return [sys.executable, *arguments]


def run(
    children: Sequence[Child],
    environment: Mapping[str, str],
    *,
    tend: Callable[[], None] = lambda: None,
    stop_within: float = _STOP_WITHIN,
) -> None:
    """Keep the children running until SIGINT or SIGTERM; `tend` is called at every look."""
    stopping = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    previous = {sig: signal.signal(sig, stop) for sig in (signal.SIGINT, signal.SIGTERM)}
    try:
        for child in children:
            child.start(environment)
        while not stopping:
            tend()
            for child in children:
                if child.ended():
                    _again(child, environment)
            time.sleep(_LOOK_EVERY)
    finally:
        _stop(children, stop_within)
        for sig, handler in previous.items():
            signal.signal(sig, handler)


def _again(child: Child, environment: Mapping[str, str]) -> None:
    assert child.process is not None
    _logger.warning("process_ended", process=child.name, code=child.process.returncode)
    child.pause = min(max(child.pause * 2, 0.5), _LONGEST_PAUSE)
    child.start(environment)


def _stop(children: Sequence[Child], within: float) -> None:
    running = [child.process for child in children if child.process and child.process.poll() is None]
    for process in running:
        _signal(process, signal.SIGTERM)
    end = time.monotonic() + within
    for process in running:
        try:
            process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(process, signal.SIGKILL)


def _signal(process: subprocess.Popen[bytes], sig: signal.Signals) -> None:
    try:
        os.killpg(process.pid, sig)
    except ProcessLookupError:
        process.poll()
