"""`bot oncall drill`: page for real, with the word DRILL, and print how long every part of the way takes."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from uuid import UUID

import click

from bot.cli.wiring import runtime
from bot.core.effects import Urgency
from bot.core.oncall import Channel
from bot.core.shape import duration
from bot.runtime import Runtime
from bot.service import drill as drills
from bot.service.drill import Drill, Report, Step

_LOOK_EVERY = 0.3  # seconds
_GRACE = 5.0  # seconds in which a worker has dealt with a drill that is stopped as soon as it begins
_SLOW = timedelta(seconds=10)
_TAKES = {Channel.EMAIL: "the mail server", Channel.PUSH: "the push service"}
_WELL = ("ready", "sending", "sent", "delivered", "answered", "unanswered", "text")


@click.command()
@click.option(
    "--urgency", default="emergency", show_default=True, type=click.Choice([str(u) for u in Urgency])
)
@click.option("--for", "wait", default="10 minutes", show_default=True, help="How long to wait for somebody.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option("--clinic", "clinic_id", type=click.UUID, help="May be left out where there is one.")
def drill(urgency: str, wait: str, yes: bool, clinic_id: UUID | None) -> None:
    """Page the people on call for real, and see who answers. Exit 0 if somebody did, 1 if nobody did."""
    patience = duration(wait)
    if not patience:
        raise click.BadParameter("write it as '10 minutes' or '1 hour'", param_hint="--for")
    if not yes:
        click.confirm(
            "This rings the phones of whoever is on call now, with the word DRILL. Go on?", abort=True
        )
    with runtime() as rt:
        begun = drills.begin(rt, clinic_id, urgency)
        click.echo("It has begun; times are seconds from now on. Ctrl-C ends it.")
        try:
            report = _follow(rt, begun, patience)
        finally:
            ended = _end(rt, begun)
    for line in summary(report, wait.strip()):
        click.echo(line)
    if not ended:
        click.echo("No worker has dealt with it; it pages once one does: `bot oncall open`.", err=True)
    sys.exit(0 if report.taken is not None else 1)


def _follow(rt: Runtime, begun: Drill, patience: timedelta) -> Report:
    """Watch until somebody has taken it, the time is over, or whoever watches has seen enough."""
    with _stoppable():
        try:
            return _watch(rt, begun, patience)
        except KeyboardInterrupt:
            click.echo("Stopped.")
    return drills.look(rt, begun)


def _watch(rt: Runtime, begun: Drill, patience: timedelta) -> Report:
    seen: set[str] = set()
    warned = False
    while True:
        report, elapsed = drills.look(rt, begun), rt.now() - begun.began
        for after, line in news(report, elapsed):
            if line not in seen:
                click.echo(f"{after.total_seconds():7.1f} s  {line}")
                seen.add(line)
        if report.taken is not None or report.resolved or elapsed >= patience:
            return report
        if report.code is None and elapsed > _SLOW and not warned:
            click.echo("No worker has dealt with it yet: is `bot up` or `bot worker` running?", err=True)
            warned = True
        time.sleep(_LOOK_EVERY)


@contextmanager
def _stoppable() -> Iterator[None]:
    """A terminal that is closed, or a supervisor that stops us, is Ctrl-C: the drill must not climb on alone."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(rt: Runtime, begun: Drill) -> bool:
    until = time.monotonic() + _GRACE
    while not drills.end(rt, begun):
        if time.monotonic() > until:
            return False
        time.sleep(_LOOK_EVERY)
    return True


# -- as lines -------------------------------------------------------------------------------------------


def news(report: Report, elapsed: timedelta) -> list[tuple[timedelta, str]]:
    """All that has happened, in order: how long after the beginning, and what. What has no time of its own: now."""
    found = [
        (after, f"{_name(step)} ({number}): {what}")
        for number, step in enumerate(report.steps, 1)
        for after, what in _went(step, elapsed)
    ]
    if report.taken is not None:
        found.append((report.taken, _taken(report)))
    return sorted(found, key=lambda one: one[0])


def summary(report: Report, wait: str) -> list[str]:
    """A line for each alert, and who took it."""
    lines = [f"{_name(step)}: {_way(step)}" for step in report.steps]
    if report.taken is not None:
        return [*lines, f"{_taken(report)} after {_seconds(report.taken)}"]
    return [*lines, f"Nobody took it within {wait}." if report.code else "It has not paged anybody."]


def _went(step: Step, elapsed: timedelta) -> list[tuple[timedelta, str]]:
    """What became of an alert, and when; what has no time of its own: `elapsed`."""
    if step.channel is Channel.CONSOLE:
        return [(step.made, "shown")]
    taker = _TAKES.get(step.channel, "the carrier")
    over = "the call is over, nobody answered" if step.status == "unanswered" else "the call is over"
    found = [(step.left, f"accepted by {taker}"), (step.arrived, "delivered"), (step.over, over)]
    went = [(step.made, "made"), *((after, what) for after, what in found if after is not None)]
    return went if step.status in _WELL else [*went, (elapsed, step.status)]


def _way(step: Step) -> str:
    told = [
        f"{what} after {_seconds(after)}" if step.status in _WELL or what != step.status else what
        for after, what in _went(step, timedelta())
    ]
    return ", ".join(told)


def _taken(report: Report) -> str:
    return f"taken by {report.by} by {report.via}"


def _name(step: Step) -> str:
    return f"{step.channel} to {step.who}"


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.1f} s"
