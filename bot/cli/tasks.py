"""`bot tasks`: what waits for a person; the console has the same."""

from uuid import UUID

import click
from rich.console import Console

from bot.cli.wiring import runtime
from bot.service import attend

_STYLES = {"emergency": "bold red", "urgent": "yellow"}


@click.group(invoke_without_command=True)
@click.option("--clinic", "clinic_id", type=click.UUID, help="May be left out where there is one.")
@click.pass_context
def tasks(ctx: click.Context, clinic_id: UUID | None) -> None:
    """What waits for a person: the most urgent first. Shows names and phones of patients."""
    if ctx.invoked_subcommand:
        return
    with runtime() as rt:
        items = attend.open_tasks(rt, clinic_id)
    if not items:
        click.echo("Nothing waits.")
        return
    console = Console(highlight=False, soft_wrap=True)
    for item in items:
        times = f", {item.times} times" if item.times > 1 else ""
        role = "" if item.role == "front_desk" else f", for {item.role}"
        who = ", ".join(item.names) or "not on file"
        name = item.task.replace("_", " ")
        console.print(f"[{_STYLES.get(item.urgency, 'bold')}]{item.urgency}[/]  {name}{times}{role}")
        for line in (item.detail or "").splitlines():
            console.print(f"    {line}", markup=False)
        console.print(f"    {who}, {item.phone}, since {item.opened:%Y-%m-%d %H:%M} UTC")
        console.print(f"    bot tasks done {item.id}\n", style="dim")


@tasks.command()
@click.argument("task", type=click.UUID)
def done(task: UUID) -> None:
    """Close a task: somebody has seen to it."""
    with runtime() as rt:
        attend.close(rt, task)
    click.echo("Closed.")
