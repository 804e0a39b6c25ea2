"""`bot user`: the people who work at the clinic. Rosters name them by their handle; the console knows their e-mail."""

from uuid import UUID

import click

from bot.cli.wiring import runtime
from bot.service import enrol
from bot.service.duty import masked

_CLINIC = click.option("--clinic", "clinic_id", type=click.UUID, help="May be left out where there is one.")


@click.group()
def user() -> None:
    """The people who work at the clinic."""


@user.command()
@click.argument("email")
@click.option("--role", required=True, help=f"One of {', '.join(enrol.ROLES)}.")
@click.option("--name", help="As colleagues know them. By default the handle in words.")
@click.option("--handle", help="What rosters call them. By default made of the e-mail address.")
@click.option("--phone", help="Where they are paged, +1…; '' takes it away.")
@_CLINIC
def add(
    email: str, role: str, name: str | None, handle: str | None, phone: str | None, clinic_id: UUID | None
) -> None:
    """Add somebody, or change who has this address: what is left out stays as it is."""
    with runtime() as rt:
        made = enrol.add(rt, clinic_id, email, role=role, name=name, handle=handle, phone=phone)
    click.echo(f"{made.handle} ({made.name}), {made.role}, {masked(made.phone) or 'no phone'}")


@user.command("list")
@_CLINIC
def list_(clinic_id: UUID | None) -> None:
    """Everybody: handle, role, name, the last digits of the phone, e-mail."""
    with runtime() as rt:
        there = enrol.everybody(rt, clinic_id)
    if not there:
        click.echo("Nobody yet: `bot user add`.")
    for one in there:
        click.echo("\t".join((one.handle, one.role, one.name, masked(one.phone) or "no phone", one.email)))


@user.command()
@click.argument("handle")
@_CLINIC
def leave(handle: str, clinic_id: UUID | None) -> None:
    """They work here no more: nobody is paged by this name from now on."""
    with runtime() as rt:
        enrol.leave(rt, clinic_id, handle)
    click.echo(f"{handle} is gone. Where rosters still name them the on-call phone stands in.")
