"""`bot oncall open`, `ack`, `resolve`, `reopen`, `hand-over`, `snooze`: escalations, where no console is at hand."""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import click
from rich.console import Console

from bot.cli.wiring import runtime
from bot.core.escalation import OUTCOMES
from bot.core.oncall import THE_PHONE
from bot.core.shape import duration
from bot.service import answer, standing
from bot.service.answer import Came
from bot.service.clinic import the_one
from bot.service.standing import Standing

_STYLES = {"emergency": "bold red", "urgent": "yellow"}
_CLINIC = click.option("--clinic", "clinic_id", type=click.UUID, help="May be left out where there is one.")


def _about_one(command: Callable[..., Any]) -> Callable[..., Any]:
    """Arguments of every command about one escalation: its code, who acts, the clinic."""
    by = click.option("--by", required=True, metavar="HANDLE", help=f"Who acts: maria, or '{THE_PHONE}'.")
    return click.argument("code")(by(_CLINIC(command)))


@click.command("open")
@_CLINIC
def open_(clinic_id: UUID | None) -> None:
    """What climbs or is in somebody's hands: code, urgency, reason, age, who has it, what comes next."""
    with runtime() as rt:
        now, zone, found = rt.now(), the_one(rt, clinic_id).zone, standing.open_ones(rt, clinic_id)
    if not found:
        click.echo("Nothing is open.")
        return
    console = Console(highlight=False, soft_wrap=True)
    for one in found:
        reason, style = one.reason.replace("_", " "), _STYLES.get(one.urgency, "bold")
        console.print(f"{one.code}  [{style}]{one.urgency}[/]  {reason}  {span(now - one.opened)} old")
        console.print(f"    {_hands(one)}; {_next(one, zone)}", markup=False)


def _hands(one: Standing) -> str:
    return f"{one.by} has it" if one.by else "nobody has it"


def _next(one: Standing, zone: str) -> str:
    at = f" at {_shown(one.due, zone)}" if one.due else ""
    if one.then:
        return f"next: {one.then.tell} by {', '.join(one.then.by)}{at}"
    return (
        f"{'sleeps, then' if one.snoozed else 'next:'} asks {one.by} how it stands{at}" if at else "stays so"
    )


def _shown(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%a %H:%M}"


def span(age: timedelta) -> str:
    """'12 min', '3 h 5 min', '2 d 3 h'."""
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 24 else f"{hours // 24} d {hours % 24} h"


@click.command()
@_about_one
def ack(code: str, by: str, clinic_id: UUID | None) -> None:
    """Take it: the ladder stops. Exit 1 where somebody has it already, or it is closed."""
    with runtime() as rt:
        handle = standing.answering(rt, clinic_id, by)
        taken = answer.take(rt, the_one(rt, clinic_id).id, code, by=handle, via="command")
    has = taken.by or THE_PHONE
    said = {
        Came.TAKEN: f"{has} has it.",
        Came.ALREADY: f"{has} has it already.",
        Came.CLOSED: "It is closed.",
    }
    click.echo(f"{code}: {said[taken.came]}")
    sys.exit(0 if taken.came is Came.TAKEN else 1)


@click.command()
@_about_one
@click.option("--outcome", required=True, type=click.Choice(OUTCOMES), help="How it ended.")
def resolve(code: str, by: str, clinic_id: UUID | None, outcome: str) -> None:
    """It is over, and so are the tasks that it stands for."""
    with runtime() as rt:
        found, handle = standing.still_open(rt, clinic_id, code), standing.answering(rt, clinic_id, by)
        answer.resolve(rt, found.clinic, code, by=handle, via="command", outcome=outcome)
    click.echo(f"{code}: closed, {outcome}.")


@click.command()
@_about_one
def reopen(code: str, by: str, clinic_id: UUID | None) -> None:
    """It is not over, or whoever has it can't go on: it climbs from the first step."""
    with runtime() as rt:
        handle = standing.answering(rt, clinic_id, by)
        answer.reopen(rt, the_one(rt, clinic_id).id, code, by=handle, via="command")
    click.echo(f"{code}: climbs again.")


@click.command("hand-over")
@_about_one
@click.option("--to", required=True, help="'nurse on call', 'maria', 'everyone of nurse', …")
def hand_over(code: str, by: str, clinic_id: UUID | None, to: str) -> None:
    """Somebody else is paged now, and the ladder behind them if they don't take it."""
    with runtime() as rt:
        found, handle = standing.still_open(rt, clinic_id, code), standing.answering(rt, clinic_id, by)
        whom = standing.meant(rt, clinic_id, to)
        answer.hand_over(rt, found.clinic, code, by=handle, via="command", to=whom)
    click.echo(f"{code}: {whom} is paged.")


@click.command()
@_about_one
@click.option("--for", "wait", required=True, help="'30 minutes', '2 hours'; a day at most.")
def snooze(code: str, by: str, clinic_id: UUID | None, wait: str) -> None:
    """They have it, and are asked again after this long."""
    sleeps = duration(wait)
    if sleeps is None or not timedelta() < sleeps <= answer.LONGEST_SNOOZE:
        raise click.BadParameter("write it as '30 minutes' or '2 hours'; a day at most", param_hint="--for")
    with runtime() as rt:
        found, handle = standing.still_open(rt, clinic_id, code), standing.answering(rt, clinic_id, by)
        answer.snooze(rt, found.clinic, code, by=handle, via="command", span=sleeps)
    click.echo(f"{code}: {handle or THE_PHONE} is asked again in {wait.strip()}.")


COMMANDS = (open_, ack, resolve, reopen, hand_over, snooze)
