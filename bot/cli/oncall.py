"""`bot oncall`: who is on call, the plan, swaps; and escalations and drills (`oncall_open`, `oncall_drill`)."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

from bot.cli import oncall_drill, oncall_open
from bot.cli.wiring import runtime
from bot.service import duty, enrol
from bot.service import swap as swapping
from bot.service.clinic import the_one
from bot.service.duty import Day, OnDuty, Person, Schedule, Stint

_CLINIC = click.option("--clinic", "clinic_id", type=click.UUID, help="May be left out where there is one.")
_STANDS_IN = "the on-call phone stands in"


@click.group()
def oncall() -> None:
    """Who is on call, and what climbs until a person takes it."""


for _command in (*oncall_open.COMMANDS, oncall_drill.drill):
    oncall.add_command(_command)


# -- who ------------------------------------------------------------------------------------------------


@oncall.command()
@click.option(
    "--at", help="A moment, 2026-12-24T17:00; without an offset on the clinic's clock. Now by default."
)
@_CLINIC
def who(at: str | None, clinic_id: UUID | None) -> None:
    """Who is on call, until when, and who comes then."""
    with runtime() as rt:
        found = duty.who(rt, clinic_id, at)
    click.echo(f"{found.clinic}, {_shown(found.at, found.zone)} ({found.zone})")
    width = max((len(one.roster) for one in found.duties), default=0)
    for one in found.duties:
        click.echo(f"{one.roster.ljust(width)}  {_on_duty(one, found.zone)}")
    if not found.duties:
        click.echo("There are no rosters (flows/oncall.yaml): every page goes to the on-call phone.")
    click.echo(f"The on-call phone: {found.phone or 'none; `bot clinic oncall` sets it'}")


def _on_duty(one: OnDuty, zone: str) -> str:
    then = f" until {_shown(one.until, zone)}, then {_handle(one.then)}" if one.until else ""
    return f"{_person(one.person)}{then}"


def _person(person: Person | None) -> str:
    if person is None:
        return f"nobody ({_STANDS_IN})"
    if person.name is None:
        return f"{person.handle}: not known here, `bot user add`; {_STANDS_IN}"
    phone = person.phone or "no phone: `bot user add … --phone`"
    return f"{person.name} ({person.handle}, {phone})"


def _handle(person: Person | None) -> str:
    return person.handle if person else "nobody"


def _shown(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M}"


# -- the plan -------------------------------------------------------------------------------------------


@oncall.command()
@click.option("--days", default=14, show_default=True, help="How many.")
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="The first day; today by default.")
@_CLINIC
def schedule(days: int, start: datetime | None, clinic_id: UUID | None) -> None:
    """The plan: a row a day, a column a roster. Where it isn't printed to a terminal, with tabs in between."""
    first: date | None = start.date() if start else None
    with runtime() as rt:
        plan = duty.schedule(rt, clinic_id, start=first, days=days)
    console = Console(highlight=False)
    if not plan.rosters:
        click.echo("There are no rosters (flows/oncall.yaml): every page goes to the on-call phone.")
    elif console.is_terminal:
        console.print(_table(plan))
        for line in _notes(plan):
            console.print(line, markup=False)
    else:
        click.echo("\t".join(("day", *plan.rosters, "closed")))
        for day in plan.days:
            click.echo("\t".join((_day(day), *map(_cell, day.stints), ", ".join(day.closed))))


def _table(plan: Schedule) -> Table:
    table = Table("day", *plan.rosters, title=f"On call, {plan.zone}", title_justify="left")
    for day in plan.days:
        closed = f"\n[dim]{', '.join(day.closed)} closed[/]" if day.closed else ""
        table.add_row(f"{_day(day)}{closed}", *(_cell(stints, colours=True) for stints in day.stints))
    return table


def _day(day: Day) -> str:
    return f"{day.day:%a %Y-%m-%d}"


def _cell(stints: Sequence[Stint], *, colours: bool = False) -> str:
    """'maria → 08:00 joe': who has the duty from midnight on, and each hand-over within the day."""
    return " → ".join(_stint(stint, first=not n, colours=colours) for n, stint in enumerate(stints))


def _stint(stint: Stint, *, first: bool, colours: bool) -> str:
    person = stint.person
    who, style = _handle(person), "bold red" if person is None else ""
    if person and person.name is None:
        who, style = f"{who}?", "yellow"
    if colours and style:
        who = f"[{style}]{who}[/]"
    return who if first else f"{stint.start:%H:%M} {who}"


def _notes(plan: Schedule) -> list[str]:
    people = [stint.person for day in plan.days for stints in day.stints for stint in stints]
    unknown = sorted({person.handle for person in people if person and person.name is None})
    notes = [f"?: not known here, {_STANDS_IN}: {', '.join(unknown)}. `bot user add`"] if unknown else []
    return [*notes, f"nobody: {_STANDS_IN}."] if None in people else notes


# -- swaps ----------------------------------------------------------------------------------------------


@oncall.command()
@click.argument("roster")
@click.argument("handle")
@click.option(
    "--from", "start", required=True, help="2026-12-24T17:00, on the clinic's clock or with an offset."
)
@click.option("--until", required=True, help="The same.")
@_CLINIC
def swap(roster: str, handle: str, start: str, until: str, clinic_id: UUID | None) -> None:
    """Give the duty of ROSTER to HANDLE for a while. A later swap lies over an earlier one."""
    with runtime() as rt:
        zone = the_one(rt, clinic_id).zone
        made = swapping.make(rt, clinic_id, roster, handle, start, until)
    begins, ends = _shown(made.swap.start, zone), _shown(made.swap.end, zone)
    click.echo(f"{handle} has {roster} from {begins} until {ends} ({zone}).\nbot oncall undo {made.id}")


@oncall.command()
@_CLINIC
def swaps(clinic_id: UUID | None) -> None:
    """Swaps that are not over, and how each is undone."""
    with runtime() as rt:
        zone, found = the_one(rt, clinic_id).zone, swapping.made(rt, clinic_id)
    if not found:
        click.echo("There are no swaps.")
    for made in found:
        begins, ends = _shown(made.swap.start, zone), _shown(made.swap.end, zone)
        click.echo(f"{made.swap.roster}: {made.swap.person} from {begins} until {ends}")
        click.echo(f"    bot oncall undo {made.id}")


@oncall.command()
@click.argument("number", metavar="ID", type=click.UUID)
@_CLINIC
def undo(number: UUID, clinic_id: UUID | None) -> None:
    """Undo a swap: the roster holds again."""
    with runtime() as rt:
        swapping.undo(rt, clinic_id, number)
    click.echo("Undone.")


# -- one member -----------------------------------------------------------------------------------------


@oncall.command()
@click.argument("handle")
@_CLINIC
def hello(handle: str, clinic_id: UUID | None) -> None:
    """Text somebody a link to their on-call page: they see their shifts there, and turn on alerts."""
    with runtime() as rt:
        enrol.hello(rt, clinic_id, handle)
    click.echo("The text is on its way; its link is good for a day.")


@oncall.command()
@click.argument("handle")
@_CLINIC
def feed(handle: str, clinic_id: UUID | None) -> None:
    """Print the address of somebody's shifts for their calendar program. Who has it can read the shifts."""
    with runtime() as rt:
        click.echo(duty.feed(rt, clinic_id, handle))
