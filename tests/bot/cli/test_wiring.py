"""How commands get their runtime, and that `bot --help` costs nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import COMMANDS, commands, wiring
from bot.errors import BadSettings
from bot.gateways import embedded
from bot.settings import HOME
from tests.conftest import Servers, make_settings

HEAVY = (
    "spacy",
    "sqlalchemy",
    "twilio",
    "flask",
    "redis",
    "rq",
    "psycopg",
    "alembic",
    "pydantic",
    "yaml",
    "nlp",
)


def loaded(arguments: str) -> set[str]:
    """The top-level packages that are loaded once `bot` has run with these arguments."""
    script = f"""
import sys
from bot.cli import main
sys.argv = ["bot", *{arguments!r}.split()]
try:
    main()
except SystemExit:
    pass
print("LOADED", *{{name.partition(".")[0] for name in sys.modules}})
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=HOME, check=True
    )
    return set(done.stdout.rpartition("LOADED")[2].split())


@pytest.mark.parametrize("arguments", ["--help", "nonsense", ""])
def test_help_imports_no_heavy_module(arguments: str) -> None:
    assert loaded(arguments).isdisjoint(HEAVY)


def test_help_names_every_command_with_a_line_about_it() -> None:
    command = [sys.executable, "-c", "from bot.cli import main; main()", "--help"]
    said = subprocess.run(command, capture_output=True, text=True, cwd=HOME, check=True).stdout
    for name, (_, text) in COMMANDS.items():
        assert f"  {name} " in said
        assert text.split(",")[0].rstrip(".") in " ".join(said.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_found(name: str) -> None:
    found = commands.get_command(None, name)  # type: ignore[arg-type]
    assert found is not None
    assert found.name == name


def test_an_unknown_command_is_none() -> None:
    assert commands.get_command(None, "nonsense") is None  # type: ignore[arg-type]


def test_servers_that_are_named_are_used_as_they_are(servers: Servers, tmp_path: Path) -> None:
    given = make_settings(database_url=servers.postgres, redis_url=servers.redis, data_dir=tmp_path)
    with wiring.servers(given) as ready:
        assert ready == given
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_named_is_embedded(servers: Servers, tmp_path: Path) -> None:
    given = make_settings(database_url=servers.postgres, data_dir=tmp_path)
    with wiring.servers(given) as ready:
        assert embedded._answers(ready.redis_url)
        assert ready.database_url == servers.postgres
    assert not embedded._answers(ready.redis_url)


def test_a_runtime_needs_a_master_key(
    servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("MASTER_KEYS", "DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    given = {"database_url": servers.postgres, "redis_url": servers.redis, "data_dir": tmp_path}
    with pytest.raises(BadSettings, match="MASTER_KEYS: not set"), wiring.runtime(**given):
        pass
