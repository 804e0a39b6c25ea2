"""Failpoints: nothing unless armed; an armed one stops the first process that gets there, and only that."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.failpoint import failpoint
from bot.settings import HOME

WALK = "from bot.failpoint import failpoint; failpoint('here'); print('past', flush=True)"


@pytest.fixture
def armed(tmp_path: Path) -> Path:
    """A directory in which 'here' is armed."""
    (tmp_path / "here").touch()
    return tmp_path


@contextmanager
def walk(directory: Path | None) -> Iterator[subprocess.Popen[str]]:
    """A process that passes the place 'here'; it is gone at the end."""
    environment = {**os.environ, **({"FAILPOINTS": str(directory)} if directory else {})}
    command = [sys.executable, "-c", WALK]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=HOME) as process:
        try:
            yield process
        finally:
            process.kill()


def test_unarmed_it_does_nothing() -> None:
    failpoint("here")


@pytest.mark.parametrize("directory", [None, Path("/nowhere")])
def test_a_process_passes_a_place_that_nobody_armed(directory: Path | None) -> None:
    with walk(directory) as process:
        assert process.communicate()[0] == "past\n"


def test_an_armed_place_stops_the_process_and_says_which(armed: Path) -> None:
    with walk(armed) as process:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        assert (armed / "here.struck").read_text() == str(process.pid)
        process.kill()
        assert process.communicate()[0] == ""


def test_only_the_first_process_is_stopped(armed: Path) -> None:
    with walk(armed) as first:
        os.waitpid(first.pid, os.WUNTRACED)
        with walk(armed) as second:
            assert second.communicate()[0] == "past\n"


def test_a_stopped_process_can_go_on(armed: Path) -> None:
    with walk(armed) as process:
        os.waitpid(process.pid, os.WUNTRACED)
        process.send_signal(signal.SIGCONT)
        assert process.communicate()[0] == "past\n"


def test_every_place_has_a_name_of_its_own() -> None:
    names = [
        name
        for path in (HOME / "bot").rglob("*.py")
        for name in re.findall(r'^\s+failpoint\("([\w-]+)"\)', path.read_text(), re.MULTILINE)
    ]
    assert len(names) == len(set(names)) > 8
