"""What runs in production: a worker for every queue, a job for every worker, and commands that exist."""

import inspect
import re

import click
import pytest

from bot import jobs
from bot.cli import COMMANDS, commands
from bot.gateways import doorbell
from bot.settings import HOME

PROCFILE = dict(
    re.fullmatch(r"(\w+): (.+)", line).groups()  # type: ignore[union-attr]
    for line in (HOME / "Procfile").read_text().splitlines()
    if line.strip()
)


def test_every_queue_has_one_worker_of_its_own() -> None:
    workers = {name: command for name, command in PROCFILE.items() if command.startswith("bot worker")}
    assert workers == {queue: f"bot worker {queue}" for queue in doorbell.QUEUES}


def test_the_rest_of_the_procfile_is_release_web_clock_and_watch() -> None:
    assert set(PROCFILE) - set(doorbell.QUEUES) == {"release", "web", "clock", "watch"}


@pytest.mark.parametrize("queue", doorbell.QUEUES)
def test_every_queue_has_a_job_that_takes_nothing(queue: str) -> None:
    job = getattr(jobs, queue)
    assert inspect.isfunction(job)
    assert not inspect.signature(job).parameters, "a job carries nothing: ids and PHI stay out of Redis"


def test_every_public_job_has_a_queue() -> None:
    public = {
        name
        for name, value in vars(jobs).items()
        if inspect.isfunction(value) and value.__module__ == jobs.__name__ and not name.startswith("_")
    }
    assert public - {"runtime"} == set(doorbell.QUEUES)


@pytest.mark.parametrize("command", PROCFILE.values())
def test_every_command_of_the_procfile_exists(command: str) -> None:
    program, verb, *_ = command.split()
    assert program == "bot"
    assert verb in COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_is_listed_can_be_imported(name: str) -> None:
    command = commands.get_command(click.Context(commands), name)
    assert command is not None
    assert command.help
