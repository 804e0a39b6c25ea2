"""`bot demo`, as somebody types it: it comes up, answers a text, stops without a trace and goes on where it was."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.cli.demo import _settings
from bot.gateways.push import Pusher
from bot.settings import Settings
from tests.faults.waiting import until

COMMAND = [sys.executable, "-c", "from bot.cli import main; main()", "demo"]
PLAIN = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
GUARD = {"X-Requested-With": "careline"}


@dataclass
class Demo:
    """A running demo."""

    process: subprocess.Popen[str]
    url: str
    directory: Path
    said: str

    def state(self, patient: str = "") -> Any:
        return requests.get(f"{self.url}/phone/state", {"patient": patient}, timeout=20).json()

    def post(self, path: str, **content: str) -> None:
        requests.post(f"{self.url}/phone/{path}", json=content, headers=GUARD, timeout=60).raise_for_status()

    def stop(self, how: signal.Signals = signal.SIGINT) -> str:
        """Ctrl-C; the rest of what it says."""
        self.process.send_signal(how)
        return self.process.communicate(timeout=60)[0]


def start(directory: Path, port: int) -> Demo:
    """Type the command, and wait until it says that it runs."""
    process = subprocess.Popen(
        [*COMMAND, "--port", str(port), "--data-dir", str(directory)],
        env=PLAIN | {"COLUMNS": "200"},
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    patience = threading.Timer(120, process.send_signal, [signal.SIGTERM])
    patience.start()
    said = ""
    while "Ctrl-C stops all of it." not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    patience.cancel()
    return Demo(process, f"http://localhost:{port}", directory, said)


def free_ports() -> int:
    """A port that is free, and the next one too."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("0.0.0.0", 0))
            try:
                other.bind(("0.0.0.0", one.getsockname()[1] + 1))
            except OSError:
                continue
            return int(one.getsockname()[1])


def processes(directory: Path) -> list[str]:
    """Command lines of the processes that have to do with this directory."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            told = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
        except OSError:  # it has just ended
            continue
        if any(os.fsencode(directory) in one for one in told):
            found.append(told[0].replace(b"\0", b" ").decode())
    return found


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """Where the demo keeps its data; a name that no other process has in its command line."""
    made = Path(tempfile.mkdtemp(prefix="demo-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def port() -> int:
    return free_ports()


@pytest.fixture(scope="module")
def demo(directory: Path, port: int) -> Iterator[Demo]:
    """The first start. Whoever stops it comes last."""
    started = start(directory, port)
    yield started
    if started.process.poll() is None:
        started.stop()


def test_it_says_where_to_click(demo: Demo) -> None:
    for name, path in (
        ("Phone simulator", "/phone"),
        ("Console", "/console"),
        ("Documentation", "/docs"),
        ("Health", "/readyz"),
    ):
        assert f"{name:<16} {demo.url}{path}" in demo.said
        assert requests.get(demo.url + path, timeout=20).status_code == 200


def test_it_says_where_the_on_call_page_of_one_of_the_staff_is(demo: Demo) -> None:
    (line,) = [line for line in demo.said.splitlines() if line.strip().startswith("On-call page")]
    address, _, token = line.split()[-1].partition("#")
    assert address == f"{demo.url}/oncall"
    shown = requests.post(f"{demo.url}/oncall/state", json={"token": token}, headers=GUARD, timeout=20).json()
    assert (shown["state"]["me"]["name"], shown["state"]["me"]["member"]) == ("Maria Santos", True)
    assert shown["state"]["push"]  # browsers can take alerts


def test_a_text_from_the_phone_gets_a_reply(demo: Demo) -> None:
    patient = demo.state()["patient"]
    demo.post("text", patient=patient, body="yes see you then")
    until(lambda: any(one["from"] == "clinic" for one in demo.state(patient)["thread"]), seen=demo.state)
    assert demo.state(patient)["visits"][0]["status"] == "confirmed"


def test_what_else_can_happen_happens(demo: Demo) -> None:
    rosa = demo.state()["patients"][2]["id"]
    offered = {each["id"] for each in demo.state(rosa)["happenings"]}
    assert {"came", "missed", "call", "a result is released", "staff start it:opt_in"} <= offered
    demo.post("happen", patient=rosa, what="call")
    # What comes of it depends on the hour: a text while the clinic is open, else a task.
    until(
        lambda: any(one["event"]["kind"] == "triggered" for one in demo.state(rosa)["trace"]), seen=demo.state
    )


def test_an_alarm_climbs_until_somebody_who_is_called_takes_it(demo: Demo) -> None:
    """The whole way, with the real workers, clock and watch: text, call, answer, and the patient is told."""
    walter = demo.state()["patients"][4]["id"]
    demo.post("text", patient=walter, body="I have crushing chest pain and can't breathe")
    until(lambda: [one["by"] for one in demo.state(walter)["escalations"]] == [None], seen=demo.state)
    nurse = {one["roster"]: one["name"] for one in demo.state(walter)["on_call"]}["nurse"]

    def phone() -> Any:
        return next(one for one in demo.state(walter)["staff"] if one["name"] == nurse)

    until(lambda: phone()["pages"], seen=phone)
    assert f"{demo.url}/oncall#" in phone()["pages"][0]["body"]
    demo.post("clock", step="minutes")
    until(lambda: [call["status"] for call in phone()["calls"]] == ["ringing"], seen=phone)
    demo.post("call", call=phone()["calls"][0]["id"], act="answer")
    until(lambda: phone()["calls"][0]["waits"], seen=phone)
    demo.post("call", call=phone()["calls"][0]["id"], act="press")
    until(lambda: [one["by"] for one in demo.state(walter)["escalations"]] == [nurse], seen=demo.state)
    until(lambda: "has seen your message" in demo.state(walter)["thread"][-1]["body"], seen=demo.state)


def test_the_clock_moves_to_the_next_reminder(demo: Demo) -> None:
    james = demo.state()["patients"][1]["id"]
    demo.post("clock", step="next", patient=james)
    until(lambda: any("James" in one["body"] for one in demo.state(james)["thread"]), seen=demo.state)


def test_another_start_on_the_same_port_is_refused_with_one_line(
    demo: Demo, tmp_path: Path, port: int
) -> None:
    done = subprocess.run(
        [*COMMAND, "--port", str(port), "--data-dir", str(tmp_path)],
        env=PLAIN,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, f"bot: Port {port} is in use; choose others with --port.\n")


def test_another_command_finds_the_running_demo(demo: Demo) -> None:
    done = subprocess.run(
        [*COMMAND[:-1], "audit", "verify"],
        env=PLAIN | {"DATA_DIR": str(demo.directory)},
        cwd=demo.directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.endswith(" rows, none altered.\n")) == (0, True)


def keys(directory: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (directory / "demo.env").read_text().splitlines())


def test_its_keys_are_its_owners_alone(demo: Demo) -> None:
    assert (demo.directory / "demo.env").stat().st_mode & 0o077 == 0
    assert Pusher(keys(demo.directory)["VAPID_KEY"], "mailto:a@b.example").public_key


def test_nothing_is_wrong_while_it_runs(demo: Demo) -> None:
    found = requests.get(f"{demo.url}/readyz", timeout=20).json()
    assert found["faults"] == []
    assert "process_ended" not in demo.said


def test_a_file_of_an_older_demo_gets_the_key_that_it_lacks_and_keeps_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)  # no .env of somebody's
    first = _settings(8000, tmp_path)
    file = tmp_path / "demo.env"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith("VAPID_KEY")))
    second, third = _settings(8000, tmp_path), _settings(8000, tmp_path)
    assert Pusher(second.vapid_key, "mailto:a@b.example").public_key
    assert second.vapid_key == third.vapid_key != first.vapid_key
    assert (second.secret_keys, second.master_keys) == (first.secret_keys, first.master_keys)


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ({"MASTER_KEYS": "nonsense"}, "bot: MASTER_KEYS: each key must be"),
        ({"DATABASE_URL": "mysql://a:hunter2@b/c"}, "bot: DATABASE_URL: must start with postgresql://"),
        ({"WEB_PROCESSES": "0"}, "bot: WEB_PROCESSES: "),
    ],
)
def test_a_bad_setting_is_one_clear_line_and_code_2(
    tmp_path: Path, setting: dict[str, str], line: str
) -> None:
    done = subprocess.run(
        [*COMMAND, "--port", str(free_ports()), "--data-dir", str(tmp_path)],
        env=PLAIN | setting,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(line)
    assert "hunter2" not in done.stderr


def test_ctrl_c_stops_every_process_and_the_next_start_goes_on_from_there(demo: Demo) -> None:
    """The last test of the running one."""
    patient = demo.state()["patient"]
    demo.post("text", patient=patient, body="remember me")
    until(lambda: any(one["body"] == "remember me" for one in demo.state(patient)["thread"]))
    assert len(processes(demo.directory)) > 6
    assert "Stopped. Everything is kept" in demo.stop()
    assert demo.process.returncode == 0
    assert processes(demo.directory) == []

    again = start(demo.directory, free_ports())
    try:
        thread = again.state(patient)["thread"]
        assert "remember me" in [one["body"] for one in thread]
        assert [one["name"] for one in again.state()["patients"]].count("Ana Morales") == 1
        again.post("text", patient=patient, body="I have crushing chest pain and can't breathe")
        until(lambda: again.state(patient)["unacknowledged"], seen=again.state)
    finally:
        again.stop(signal.SIGTERM)
    assert processes(demo.directory) == []
