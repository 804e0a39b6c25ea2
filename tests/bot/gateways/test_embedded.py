"""Embedded servers: made where there are none, shared by processes, stopped by the last, data kept."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from bot.gateways import embedded
from bot.settings import HOME
from tests.conftest import Servers

HOLDER = """
import sys
from pathlib import Path
from bot.gateways import embedded
with getattr(embedded, sys.argv[1])(Path(sys.argv[2])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(server: str, directory: Path) -> Iterator[str]:
    """Another process holds the server; yields the URL that it found."""
    command = [sys.executable, "-c", HOLDER, server, str(directory)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HOME
    ) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.communicate("")


def value(url: str, sql: str) -> object:
    with psycopg.connect(url) as conn:
        row = conn.execute(sql).fetchone()  # type: ignore[call-overload]
    return row and row[0]


def runs(directory: Path) -> bool:
    """Whether PostgreSQL runs on this directory."""
    return (directory / "postgres" / "postmaster.pid").exists()


def test_postgres_is_made_shared_and_stopped_by_the_last_and_keeps_its_data(tmp_path: Path) -> None:
    """One test, as each start of a server costs a second."""
    with embedded.postgres(tmp_path) as url:
        assert value(url, "SELECT current_database()") == "careline"
        assert int(str(value(url, "SHOW server_version_num"))) // 10000 == embedded.POSTGRES
        with psycopg.connect(url) as conn:
            conn.execute("CREATE TABLE kept (one int)")

        with another_process("postgres", tmp_path) as theirs:
            assert theirs == url
            assert value(theirs, "SELECT count(*) FROM kept") == 0
        assert value(url, "SELECT count(*) FROM kept") == 0  # the other one left; it still runs
    assert not runs(tmp_path)

    with embedded.postgres(tmp_path) as url:
        assert value(url, "SELECT count(*) FROM kept") == 0


def test_a_second_database_is_made_beside_the_first(servers: Servers) -> None:
    url = servers.postgres.replace("/careline?", "/postgres?")
    for _ in range(2):
        embedded._make_database(url, 'odd "name"')
    assert value(url, "SELECT count(*) FROM pg_database WHERE datname = 'odd \"name\"'") == 1


def test_valkey_is_shared_and_stopped_by_who_started_it(tmp_path: Path) -> None:
    with embedded.valkey(tmp_path) as url:
        assert Redis.from_url(url).set("kept", "yes")
        with another_process("valkey", tmp_path) as theirs:
            assert theirs == url
        assert Redis.from_url(url).get("kept") == b"yes"
    assert not embedded._answers(url)

    with embedded.valkey(tmp_path) as url:
        assert Redis.from_url(url).get("kept") == b"yes"


def test_a_directory_is_made_where_there_is_none(tmp_path: Path) -> None:
    with embedded.valkey(tmp_path / "a" / "b") as url:
        assert embedded._answers(url)


def test_a_path_that_is_too_long_for_a_socket_does_not_matter(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 30)
    with embedded.valkey(deep) as url:
        assert len(url.removeprefix("unix://")) <= embedded._LONGEST_SOCKET_PATH
        assert embedded._answers(url)
        with another_process("valkey", deep) as theirs:
            assert theirs == url


def test_two_long_paths_have_two_sockets(tmp_path: Path) -> None:
    one, other = (embedded._socket(tmp_path / (letter * 120)) for letter in "ab")
    assert one != other


@pytest.mark.parametrize("path", ["short", "ünïcödé"])
def test_a_short_path_has_its_socket_inside(path: str) -> None:
    assert embedded._socket(Path("/srv") / path) == Path("/srv") / path / "valkey.sock"
