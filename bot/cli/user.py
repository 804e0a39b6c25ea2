"""`bot user`: the people who work at the clinic. Rosters name them by their handle; the console knows their e-mail."""

from uuid import UUID

import click

from bot.cli.wiring import runtime
from bot.core.roles import STANDARD
from bot.service import enrol
from bot.service.duty import masked
from bot.service.entrance import invite, sign_in

_CLINIC = click.option("--clinic", "clinic_id", type=click.UUID, help="May be left out where there is one.")


@click.group()
def user() -> None:
    """The people who work at the clinic."""


@user.command()
@click.argument("email")
@click.option("--role", required=True, help=f"One of {', '.join(STANDARD)}, or of roles.yaml.")
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
        can_sign_in = sign_in.has_login(rt, made.id)
    click.echo(f"{made.handle} ({made.name}), {made.role}, {masked(made.phone) or 'no phone'}")
    if not can_sign_in:
        click.echo(f"So that they can sign in at the console: bot user invite {made.email}")


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


@user.command("invite")
@click.argument("email")
@_CLINIC
def invite_(email: str, clinic_id: UUID | None) -> None:
    """A link by which they set up their log-in, all of it anew: password, second factor, recovery codes."""
    _link(clinic_id, email, invite.Kind.INVITE, "once, for three days")


@user.command()
@click.argument("email")
@_CLINIC
def reset(email: str, clinic_id: UUID | None) -> None:
    """A link by which they choose another password; their second factor stays as it is."""
    _link(clinic_id, email, invite.Kind.RESET, "once, for an hour")


def _link(clinic_id: UUID | None, email: str, kind: invite.Kind, life: str) -> None:
    with runtime() as rt:
        rt.settings.require("secret_keys")
        link = invite.by_operator(rt, clinic_id, email, kind)
        mailed = rt.mailer is not None
    click.echo(link)
    click.echo(
        f"It works {life}. {'It goes to them by e-mail, too.' if mailed else 'No e-mail is sent: pass it on.'}"
    )
