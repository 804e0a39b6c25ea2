"""The supervisor, with real processes: what ends is started again, and a signal stops all of it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.cli import supervise
from bot.cli.supervise import Child
from bot.settings import HOME

SUPERVISOR = """
import os, sys
from bot import log
from bot.cli import supervise
log.configure()  # to standard error
children = [supervise.Child(str(n), [sys.executable, "-c", code]) for n, code in enumerate(sys.argv[2:])]
supervise.run(children, os.environ, stop_within=float(sys.argv[1]))
"""
# One write a line: the children share standard output.
WORKER = "import os, signal; os.write(1, b'{name} %d\\n' % os.getpid()); signal.pause()"
PARENT = (  # its own child holds standard output open
    "import subprocess, sys, signal; subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']);"
    "print('parent', 1, flush=True); signal.pause()"
)
STUBBORN = (
    "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('stubborn', os.getpid(), flush=True)\nwhile True: signal.pause()"
)


@contextmanager
def supervised(*children: str, stop_within: float = 15) -> Iterator[subprocess.Popen[str]]:
    """A supervisor of these children in a process of its own; all of them write to its standard output."""
    command = [sys.executable, "-c", SUPERVISOR, str(stop_within), *children]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=HOME
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


def came_up(process: subprocess.Popen[str]) -> tuple[str, int]:
    """The next child that says that it is there: name and process id."""
    assert process.stdout
    name, pid = process.stdout.readline().split()
    return name, int(pid)


def worker(name: str) -> str:
    return WORKER.format(name=name)


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_that_ends_is_started_again(death: signal.Signals) -> None:
    with supervised(worker("web")) as process:
        name, first = came_up(process)
        subprocess.run(["kill", f"-{death.value}", str(first)], check=True)
        assert came_up(process)[0] == name


def test_the_others_go_on_while_one_is_started_again() -> None:
    with supervised(worker("web"), worker("clock")) as process:
        pids = dict(came_up(process) for _ in range(2))
        subprocess.run(["kill", "-9", str(pids["web"])], check=True)
        assert came_up(process)[0] == "web"
        assert Path(f"/proc/{pids['clock']}").exists()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_all_children(stop: signal.Signals) -> None:
    with supervised(worker("web"), worker("clock")) as process:
        for _ in range(2):
            came_up(process)
        process.send_signal(stop)
        # It ends only once nobody holds standard output any more.
        assert process.communicate(timeout=60)[0] == ""
        assert process.returncode == 0


def test_what_a_child_has_started_is_stopped_with_it() -> None:
    with supervised(PARENT) as process:
        came_up(process)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 0


def test_a_child_that_does_not_stop_is_killed() -> None:
    with supervised(STUBBORN, stop_within=0.2) as process:
        came_up(process)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 0


def test_pauses_grow_while_a_process_ends_at_once_and_stay_below_eight_seconds() -> None:
    child = Child("broken", [sys.executable, "-c", ""])
    pauses = []
    child.start({})
    for _ in range(6):
        assert child.process
        child.process.wait()
        supervise._again(child, {})
        pauses.append(child.pause)
    assert pauses == [0.5, 1, 2, 4, 8, 8]
    assert child.process
    child.process.wait()
    assert not child.ended()


def test_a_process_that_ran_for_a_while_starts_again_without_a_pause() -> None:
    child = Child("web", [sys.executable, "-c", ""], pause=8)
    child.start({})
    assert child.process
    child.process.wait()
    assert not child.ended()
    child.started -= supervise._SETTLED + 1
    assert child.ended()
    assert child.pause == 0


def test_a_child_gets_its_environment_and_no_other(tmp_path: Path) -> None:
    script = f"import os; open({str(tmp_path / 'x')!r}, 'w').write(os.environ['A'])"
    child = Child("web", [sys.executable, "-c", script])
    child.start({"A": "b"})
    assert child.process
    assert child.process.wait() == 0
    assert (tmp_path / "x").read_text() == "b"


def test_the_procfiles_bot_is_this_very_installation(tmp_path: Path) -> None:
    file = tmp_path / "Procfile"
    file.write_text("web: bot web\n\n# nothing\nother: sleep 5\nempty:\n")
    assert supervise.read_procfile(file) == {
        "web": [sys.executable, "-c", "from bot.cli import main; main()", "web"],
        "other": ["sleep", "5"],
    }


def test_the_shipped_procfile_can_be_read() -> None:
    assert list(supervise.read_procfile(HOME / "Procfile")) == [
        "release",
        "web",
        "inbound",
        "outbound",
        "alerts",
        "clock",
        "watch",
    ]
