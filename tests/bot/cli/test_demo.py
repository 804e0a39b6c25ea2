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
    for name, path in (("Phone simulator", "/phone"), ("Documentation", "/docs"), ("Health", "/readyz")):
        assert f"{name:<16} {demo.url}{path}" in demo.said
        assert requests.get(demo.url + path, timeout=20).status_code == 200


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


def test_its_keys_are_its_owners_alone(demo: Demo) -> None:
    assert (demo.directory / "demo.env").stat().st_mode & 0o077 == 0


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
