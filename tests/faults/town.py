"""A town: the service's real processes on servers of their own, the carrier's twin, and ways to break each.

The processes are those of the Procfile. A failpoint can be armed: the first process there stops itself, `frozen`
returns its id once it has, and `kill_frozen` kills it there and proves that the kill landed.
"""

import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil

from bot.cli.run import environment
from bot.cli.supervise import Child, read_procfile
from bot.gateways.twilio_twin.client import TwinClient
from bot.gateways.twilio_twin.server import RunningTwin, serve_in_thread
from bot.runtime import Runtime
from bot.service import operate
from bot.settings import HOME
from tests.conftest import ACCOUNT, START, TOKEN, make_settings
from tests.faults import servers
from tests.faults.waiting import until

PROCESSES = ("web", "inbound", "outbound", "alerts", "clock")
_NEW_YORK = ZoneInfo("America/New_York")
KILLED = -signal.SIGKILL
_COMMANDS = read_procfile(HOME / "Procfile")


@dataclass
class Town:
    """What runs, by name: a process of the Procfile, or that and a number ('inbound2') for a further one."""

    directory: Path
    postgres: servers.Postgres
    valkey: servers.Valkey
    rt: Runtime
    carrier: RunningTwin
    twin: TwinClient
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    armed: Path | None = None

    # -- processes

    def start(self, name: str) -> None:
        """Start a process, as the supervisor would. Does not wait until it is up."""
        child = Child(name, _COMMANDS[name.rstrip("0123456789")])
        child.start(environment(self.rt.settings) | {"FAILPOINTS": str(self._failpoints)})
        assert child.process is not None
        self.running[name] = child.process

    def kill(self, name: str) -> None:
        """`kill -9`. Gone when this returns, and with it what it had started itself."""
        process = self.running.pop(name)
        family = _children(process)
        process.kill()
        assert process.wait() == KILLED
        until(lambda: not any(child.is_running() for child in family), seen=lambda: family)

    def kill_child(self, name: str) -> None:
        """`kill -9` of what a process has started: gunicorn. The process starts another one."""
        child = until(lambda: _children(self.running[name]))[0]
        child.kill()
        until(lambda: not child.is_running() and _children(self.running[name]))

    def replace(self, name: str) -> None:
        """Kill it and start it anew."""
        self.kill(name)
        self.start(name)

    def arm(self, failpoint: str) -> None:
        """The next process that comes to this failpoint stops there."""
        self.armed = self._failpoints / failpoint
        self.armed.touch()

    def frozen(self) -> int:
        """The id of the process that stopped itself at the armed failpoint; waits for it."""
        assert self.armed is not None
        struck = self.armed.with_name(f"{self.armed.name}.struck")
        pid = int(until(lambda: struck.exists() and struck.read_text()) or 0)
        until(lambda: _state(pid) == "T")
        return pid

    def kill_frozen(self) -> None:
        """Kill what stands at the failpoint, prove that it died of it, and see that another one takes its place."""
        pid = self.frozen()
        os.kill(pid, signal.SIGKILL)
        until(lambda: _state(pid) in (None, "Z"))
        for name, process in list(self.running.items()):
            if process.pid == pid:  # a worker or the clock; gunicorn sees to its own children
                assert process.wait() == KILLED
                self.start(name)
        until(lambda: _state(pid) is None)
        self.disarm()

    def thaw(self) -> None:
        """Let what stands at the failpoint go on, as if it had only been slow."""
        os.kill(self.frozen(), signal.SIGCONT)
        self.disarm()

    def disarm(self) -> None:
        """No failpoint is armed."""
        for file in self._failpoints.iterdir():
            file.unlink()

    def await_web(self) -> None:
        """Wait until the web answers and can work."""
        until(lambda: self.web_answers("/readyz") == 200)

    def web_answers(self, path: str) -> int:
        """The status of the answer to a GET; 0: there was none."""
        try:
            with urllib.request.urlopen(self.rt.settings.public_url + path, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    @property
    def _failpoints(self) -> Path:
        made = self.directory / "failpoints"
        made.mkdir(exist_ok=True)
        return made

    # -- the rest

    def pass_time(self, by: timedelta) -> None:
        """The business clock goes forward, for every process."""
        self.rt.move_clock(by)

    def morning(self) -> None:
        """It becomes ten in the morning in New York: an hour at which reminders may leave."""
        now = self.rt.now().astimezone(_NEW_YORK)
        ten = now.replace(hour=10, minute=0, second=0, microsecond=0)
        self.pass_time((ten if ten > now else ten + timedelta(days=1)) - now)

    def crash_postgres(self) -> None:
        """PostgreSQL crashes and comes back: open transactions are gone, connections broken."""
        self.postgres.restart()
        self.rt.engine.dispose()  # ours; the processes find out for themselves

    def start_postgres(self) -> None:
        """It is back after it was stopped."""
        self.postgres.start()
        self.rt.engine.dispose()

    def carrier_down(self) -> None:
        """The carrier's API is gone."""
        self.carrier.stop()

    def carrier_up(self) -> None:
        """It is back at the same address and remembers everything."""
        port = int(self.carrier.base_url.rsplit(":", 1)[1])
        self.carrier = _carrier(self.rt, self.directory, port)

    def heal(self) -> None:
        """Everything runs, nothing is armed, the weather is fine: each test begins so."""
        self.disarm()
        if self.postgres.down:
            self.start_postgres()
        if self.valkey.process.poll() is not None:
            self.valkey.start()
        for name, process in list(self.running.items()):
            for one in (process, *_children(process)):
                if _state(one.pid) == "T":
                    one.kill()
            if process.poll() is not None:
                del self.running[name]
            elif name not in PROCESSES:
                self.kill(name)
        for name in PROCESSES:
            if name not in self.running:
                self.start(name)
        self.await_web()
        self.twin.weather()
        self.twin.release()
        self.twin.pending(10)

    def close(self) -> None:
        """End all that runs."""
        for name in list(self.running):
            self.kill(name)
        self.twin.close()
        self.carrier.stop()
        self.rt.engine.dispose()


@contextmanager
def build(directory: Path) -> Iterator[Town]:
    """A town on this directory."""
    with ExitStack() as stack:
        postgres = stack.enter_context(servers.postgres(directory))
        valkey = stack.enter_context(servers.valkey(directory))
        web, api = _free_port(), _free_port()
        settings = make_settings(
            database_url=postgres.url,
            redis_url=valkey.url,
            data_dir=directory,
            port=web,
            public_url=f"http://127.0.0.1:{web}",
            twilio_api_base=f"http://127.0.0.1:{api}",
            demo=True,  # only so that the clock can be put forward
        )
        rt = Runtime(settings)
        operate.migrate(rt)
        rt.move_clock(START - datetime.now(UTC))
        carrier = _carrier(rt, directory, api)
        town = Town(directory, postgres, valkey, rt, carrier, TwinClient(carrier.base_url))
        stack.callback(town.close)
        yield town


def _carrier(rt: Runtime, directory: Path, port: int) -> RunningTwin:
    return serve_in_thread(
        account=ACCOUNT,
        token=TOKEN,
        sms_url=f"{rt.settings.public_url}/twilio/sms",
        port=port,
        journal=directory / "twin.jsonl",
        now=rt.now,
    )


def _children(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """What a process has started, and what that has."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _state(pid: int) -> str | None:
    """The process's state as the kernel names it: T stopped, Z dead but not yet waited for; None: gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None
