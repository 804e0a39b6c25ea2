"""The console: how long a page takes the server, and what fifty open consoles cost.

    .venv/bin/python -m tests.bench.console [--open 10000] [--entries 5000] [--consoles 50] [--seconds 60]

Prints a table in Markdown. Web (two processes, as in the Procfile), PostgreSQL and Valkey run here with fsync on; so
does the load generator.

floor             the bare route of `floor.py` under the same gunicorn: checks a signature, commits a row
inbox             the first page of a clinic with 10,000 open tasks, one request at a time, from its first byte sent to
                  the last one back; the next page, by its cursor; the page of one task
timeline          the first page of a patient with 5,000 entries
consoles          fifty streams are open; every ten seconds a task is opened, and each console fetches its list anew
  until shown     from the commit until a console has the new list
  memory          PSS of all web processes, at rest and with the consoles
  processor       of all web processes, as a share of one core
"""

import argparse
import random
import re
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psutil

from bot.core.effects import OpenTask, Urgency
from bot.gateways.live import INBOX
from bot.runtime import Runtime
from bot.service import enrol
from bot.service.entrance import session
from bot.store import conversations, worklist
from tests.bench import desk_work
from tests.bench.machine import WEB, floor_rate, machine, percentile, row, running
from tests.bench.visitor import Line
from tests.conftest import CLINIC_PHONE
from webhooks.console.door import BY_ITSELF, COOKIE

LOOKS = 60
"""Requests of each kind."""
EVERY = 10.0  # seconds between two tasks
SPREAD = 0.25  # seconds over which consoles fetch, as console.js has it
_LONGEST = 15.0  # seconds that a stream may need to open


def main() -> None:
    """Run all of it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--open", type=int, default=10_000, help="tasks that are open")
    parser.add_argument("--entries", type=int, default=5_000, help="of one patient's timeline")
    parser.add_argument("--consoles", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0, help="that the consoles are watched")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, machine(Path(directory)) as rt:
        made = desk_work.fill(rt, CLINIC_PHONE, given.open, given.entries)
        row("what", "unit", "median", "p99")
        row("---", "---", "---", "---")
        row("floor", "requests/s", f"{floor_rate(rt, made.phones[:1500]):.0f}", "")
        secrets = _sign_in(rt, made.clinic, given.consoles)
        with running(rt, ("web",)) as (web,):
            _pages(made, secrets[0])
            _consoles(rt, made, secrets, web, given.seconds)


def _sign_in(rt: Runtime, clinic: UUID, count: int) -> list[str]:
    """Fifty nurses at their desks."""
    found = []
    for number in range(count):
        member = enrol.add(rt, clinic, f"nurse{number}@clinic.example", role="nurse")
        with rt.begin() as db:
            found.append(session.begin(rt, db, member, "Chrome on Windows"))
    return found


def _request(path: str, secret: str, *, by_itself: bool = False) -> bytes:
    more = f"{BY_ITSELF}: 1\r\n" if by_itself else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{WEB}\r\nCookie: {COOKIE}={secret}\r\n{more}\r\n".encode()


def _pages(made: desk_work.Made, secret: str) -> None:
    line = Line(WEB)
    first = line.send(_request("/console/inbox", secret))
    assert first.status == 200, first.status
    further = re.search(r'href="(/console/inbox\?[^"]*after=[^"]*)"', first.body)
    assert further, "the first page leads to no second one"
    for name, path in (
        ("inbox, first page", "/console/inbox"),
        ("inbox, next page", further[1].replace("&amp;", "&")),
        ("a task's page", f"/console/items/{made.task}"),
        ("a patient's timeline", f"/console/patients/{made.patient}"),
    ):
        took = []
        for _ in range(LOOKS):
            answer = line.send(_request(path, secret))
            assert answer.status == 200, (path, answer.status)
            took.append(answer.took)
        row(name, "ms", f"{statistics.median(took):.0f}", f"{percentile(took, 99):.0f}")
    line.close()


@dataclass
class _Console(threading.Thread):
    """An open console: hears of news, and fetches its list. `shown`: when a list was there, by the system's clock."""

    secret: str
    shown: list[float] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        stream = socket.create_connection(("127.0.0.1", WEB))
        stream.sendall(_request("/console/live", self.secret))
        with stream.makefile("rb") as lines:
            for said in lines:
                if self.over.is_set():
                    break
                if said.startswith(b"retry:"):
                    self.ready.set()
                if said.startswith(b"data:") and INBOX.encode() in said:
                    time.sleep(random.random() * SPREAD)
                    line = Line(WEB)  # the last one is closed: nothing came on it for seconds
                    answer = line.send(_request("/console/inbox", self.secret, by_itself=True))
                    line.close()
                    assert answer.status == 200
                    self.shown.append(time.time())


def _consoles(
    rt: Runtime, made: desk_work.Made, secrets: Sequence[str], web: psutil.Process, seconds: float
) -> None:
    at_rest = _memory(web)
    consoles = [_Console(secret) for secret in secrets]
    for console in consoles:
        console.start()
    for console in consoles:
        assert console.ready.wait(_LONGEST), "a stream did not open"
    rt.live.tell(made.clinic, INBOX)  # their lists are there once, as after opening the page
    time.sleep(5)
    used, began, told = _processor(web), time.monotonic(), []
    while time.monotonic() - began < seconds:
        told.append(_open_one(rt, made, len(told)))
        time.sleep(EVERY)
    share = (_processor(web) - used) / (time.monotonic() - began)
    waits = [_first_after(console.shown, moment) for moment in told for console in consoles]
    shown = [wait * 1000 for wait in waits if wait is not None]
    row("until shown, all consoles", "ms", f"{statistics.median(shown):.0f}", f"{percentile(shown, 99):.0f}")
    row("not shown", "of all", str(len(waits) - len(shown)), str(len(waits)))
    row("memory at rest, with the consoles", "MB", f"{at_rest / 1e6:.0f}", f"{_memory(web) / 1e6:.0f}")
    row("processor", "of a core", f"{share:.1%}", "")
    for console in consoles:
        console.over.set()


def _open_one(rt: Runtime, made: desk_work.Made, number: int) -> float:
    """A task more, as the bot opens it; when it was there for all to see."""
    with rt.begin() as db:
        phone = conversations.with_phone(db, made.clinic, f"+1405555{number:04d}", rt.now())
        task = OpenTask(task="question", urgency=Urgency.URGENT)
        due = rt.now() + timedelta(hours=1)
        worklist.open_task(db, clinic=made.clinic, conversation=phone, task=task, now=rt.now(), due=due)
    committed = time.time()
    rt.live.tell(made.clinic, INBOX)
    return committed


def _first_after(shown: Sequence[float], moment: float) -> float | None:
    return next((at - moment for at in shown if at >= moment), None)


def _tree(web: psutil.Process) -> list[psutil.Process]:
    return [web, *web.children(recursive=True)]


def _memory(web: psutil.Process) -> int:
    return sum(process.memory_full_info().pss for process in _tree(web))


def _processor(web: psutil.Process) -> float:
    return sum(process.cpu_times().user + process.cpu_times().system for process in _tree(web))


if __name__ == "__main__":
    main()
