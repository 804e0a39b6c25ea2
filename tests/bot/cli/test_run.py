"""`bot web` and `bot worker`: as processes, on the test's servers."""

import sys
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner

from bot.cli import main, run
from bot.gateways.doorbell import QUEUES
from bot.runtime import Runtime
from bot.service.receive import Text, receive
from bot.settings import HOME, Settings
from tests.bot.cli.processes import bot, forget_rings, job
from tests.conftest import ANA_PHONE, CLINIC_PHONE, make_settings


def test_a_worker_works_on_what_it_finds_at_its_start_and_stops_at_a_signal(
    rt: Runtime, clinic: UUID
) -> None:
    forget_rings(rt)
    receive(rt, Text(sid="SM1", sender=ANA_PHONE, to=CLINIC_PHONE, body="hello there"))
    forget_rings(rt)
    with bot(rt, "worker", "inbound") as process:
        assert job(rt, "outbound")  # the answer is ready
    assert process.returncode == 0


@pytest.mark.parametrize("command", ["up", "web", "worker", "clock", "watch"])
def test_without_its_settings_a_command_ends_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["bot", command])
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in (("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/x"), ("REDIS_URL", "redis://x")):
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as end:
        main()
    said = capfd.readouterr()
    assert (end.value.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert said.err.startswith("bot: ")
    assert "MASTER_KEYS" in said.err
    assert said.err.endswith(": not set. `bot settings` explains each; `bot demo` makes its own.\n")


def test_a_queue_that_there_is_not_is_a_usage_error() -> None:
    done = CliRunner().invoke(run.worker, ["nonsense"])
    assert (done.exit_code, "'inbound', 'outbound'" in done.output) == (2, True)


def test_children_get_every_setting_spelled_out() -> None:
    ready = make_settings(database_url="postgresql://a@b/c", redis_url="redis://d", demo=True, port=8123)
    found = run.environment(ready)
    assert {name.upper() for name in Settings.model_fields} <= set(found)
    assert (found["DATABASE_URL"], found["DEMO"], found["PORT"]) == ("postgresql://a@b/c", "true", "8123")
    assert found["PATH"].startswith(str(Path(sys.executable).parent))


def test_what_children_read_from_it_are_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = make_settings(database_url="postgresql://a@b/c", redis_url="redis://d", demo=True)
    for name, value in run.environment(ready).items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None) == ready  # type: ignore[call-arg]


def test_gunicorn_serves_the_app_on_the_port_with_the_processes_that_are_set() -> None:
    line = " ".join(run._gunicorn(make_settings(port=8123, web_processes=3)))
    assert "--bind=0.0.0.0:8123 --workers=3" in line
    assert line.endswith("webhooks.app:create()")


def test_every_queue_has_a_worker_and_every_command_of_the_procfile_is_one() -> None:
    lines = dict(line.split(": ", 1) for line in (HOME / "Procfile").read_text().splitlines())
    assert {command.split()[2] for command in lines.values() if "worker" in command} == set(QUEUES)
