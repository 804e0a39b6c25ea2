"""`bot web`, `bot worker`, `bot clock`, `bot watch`: as processes, on the test's servers."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from click.testing import CliRunner
from werkzeug.wrappers import Request, Response

from bot.cli import main, run
from bot.core.events import NoAnswer
from bot.gateways.doorbell import INBOUND, QUEUES
from bot.gateways.twilio_twin.server import serve_app
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service.receive import Text, receive
from bot.settings import HOME, Settings
from bot.store import conversations, heartbeats, timers
from bot.store.heartbeats import CLOCK, WATCH
from bot.store.timers import Timer
from tests.bot.service.silence import silent_for
from tests.conftest import ANA_PHONE, CLINIC_PHONE, make_settings
from tests.faults.waiting import until


@contextmanager
def bot(rt: Runtime, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A `bot` command on the test's servers; it is stopped at the end."""
    command = [sys.executable, "-c", "from bot.cli import main; main()", *arguments]
    with subprocess.Popen(
        command,
        env=run.environment(rt.settings),
        cwd=rt.settings.data_dir,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
        finally:
            process.kill()


def put_timer(rt: Runtime, clinic: UUID) -> None:
    with rt.begin() as db:
        talk = conversations.with_phone(db, clinic, ANA_PHONE, rt.now())
        due = Timer(clinic=clinic, conversation=talk, key="wait:1", due=rt.now(), what=NoAnswer(turn=1))
        timers.put(db, [due])


def forget_rings(rt: Runtime) -> None:
    rt.doorbell._redis.flushdb()


def job(rt: Runtime, queue: str) -> bool:
    """Wait for a job on this queue."""
    return until(lambda: rt.doorbell._redis.lpop(f"rq:queue:{queue}")) is not None


def test_the_clock_rings_what_is_due_and_stops_at_a_signal(rt: Runtime, clinic: UUID) -> None:
    forget_rings(rt)
    put_timer(rt, clinic)
    with bot(rt, "clock") as process:
        assert job(rt, INBOUND)
    assert process.returncode == 0
    with rt.begin() as db:
        assert timers.next_due(db) is None


def test_the_clock_goes_on_after_a_round_that_failed(rt: Runtime, clinic: UUID) -> None:
    """Twilio can't be reached: polling fails, and the timers ring all the same."""
    forget_rings(rt)
    poor = Runtime(rt.settings.model_copy(update={"twilio_api_base": "http://127.0.0.1:1"}))
    with rt.begin() as db:  # nor can a look for left-over work succeed
        db.conn.exec_driver_sql("ALTER TABLE outbox RENAME TO away")
    put_timer(rt, clinic)
    with bot(poor, "clock") as process:
        assert job(rt, INBOUND)
        put_timer(rt, clinic)
        forget_rings(rt)
        assert job(rt, INBOUND)
    assert process.returncode == 0


def test_a_worker_works_on_what_it_finds_at_its_start_and_stops_at_a_signal(
    rt: Runtime, clinic: UUID
) -> None:
    forget_rings(rt)
    receive(rt, Text(sid="SM1", sender=ANA_PHONE, to=CLINIC_PHONE, body="hello there"))
    forget_rings(rt)
    with bot(rt, "worker", "inbound") as process:
        assert job(rt, "outbound")  # the answer is ready
    assert process.returncode == 0


@contextmanager
def hanging() -> Iterator[str]:
    """The address of a carrier that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_timers_ring_while_the_carrier_leaves_another_round_without_an_answer(
    rt: Runtime, clinic: UUID
) -> None:
    """To ask what came in takes as long as the carrier may take: ten seconds, for each number."""
    forget_rings(rt)
    for number in range(5):
        clinics.add(rt, name=f"Clinic {number}", phone=f"+1202555040{number}", zone="America/Chicago")
    with hanging() as address:
        slow = Runtime(rt.settings.model_copy(update={"twilio_api_base": address}))
        with bot(slow, "clock") as process:
            for _ in range(3):
                put_timer(rt, clinic)
                forget_rings(rt)
                assert until(lambda: rt.doorbell._redis.lpop("rq:queue:inbound"), within=9) is not None
            process.kill()  # it would wait for the round to end


def test_the_clock_gives_signs_of_life(rt: Runtime) -> None:
    silent_for(rt, CLOCK, timedelta(hours=1))
    with bot(rt, "clock"):
        until(lambda: age(rt, CLOCK) < timedelta(seconds=30))


def test_the_watch_gives_signs_of_life_and_stops_at_a_signal(rt: Runtime) -> None:
    silent_for(rt, WATCH, timedelta(hours=1))
    with bot(rt, "watch") as process:
        until(lambda: age(rt, WATCH) < timedelta(seconds=30))
    assert process.returncode == 0


def test_the_watch_works_where_database_and_redis_are_away(rt: Runtime) -> None:
    """It tells the operator of just that, at its second look."""
    away = {"database_url": "postgresql://nobody@127.0.0.1:1/nothing", "redis_url": "redis://127.0.0.1:1/0"}
    came: list[str] = []

    def pager(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        came.append(Request(environ).get_json()["fault"])
        return Response("")(environ, start_response)

    serving = serve_app(pager)
    given = away | {"operator_webhook": serving.base_url}
    with bot(Runtime(rt.settings.model_copy(update=given)), "watch") as process:
        until(lambda: sorted(came) == ["database_away", "redis_away"], seen=lambda: came)
    serving.stop()
    assert process.returncode == 0


def age(rt: Runtime, name: str) -> timedelta:
    with rt.begin() as db:
        return heartbeats.ages(db)[name]


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
