"""`bot pages`: what the clinic's people do about a patient's secure pages; the console has the same."""

import sys
from uuid import UUID

import click

from bot.cli.wiring import runtime
from bot.service import correspond, grant

_CLINIC = click.option("--clinic", "clinic_id", type=click.UUID, help="May be left out where there is one.")
_PATIENT = click.argument("external_id")


@click.group()
def pages() -> None:
    """Secure pages of one patient, who is named by the clinic's own id of theirs."""


@pages.command()
@_PATIENT
@_CLINIC
def pin(external_id: str, clinic_id: UUID | None) -> None:
    """Give the patient a fresh PIN, and print it this once: tell it in person."""
    with runtime() as rt:
        click.echo(grant.issue_pin(rt, clinic_id, external_id))


@pages.command()
@_PATIENT
@_CLINIC
def withdraw(external_id: str, clinic_id: UUID | None) -> None:
    """End all links and passkeys of the patient, at once."""
    with runtime() as rt:
        click.echo(f"{grant.withdraw(rt, clinic_id, external_id)} links ended.")


@pages.command()
@_PATIENT
@_CLINIC
def messages(external_id: str, clinic_id: UUID | None) -> None:
    """Print the secure messages with the patient."""
    with runtime() as rt:
        clinic, patient = grant.patient_of(rt, clinic_id, external_id)
        for note in correspond.read(rt, clinic, patient):
            photos = f" ({len(note.photos)} photos)" if note.photos else ""
            click.echo(f"{note.at:%Y-%m-%d %H:%M} UTC, {note.author}{photos}:\n{note.body}\n")


@pages.command()
@_PATIENT
@click.option("--author", required=True, help="As the patient shall read it: Nurse Kim.")
@_CLINIC
def write(external_id: str, author: str, clinic_id: UUID | None) -> None:
    """Send the patient a secure message, read from standard input; a text says that one waits."""
    body = sys.stdin.read().strip()
    if not body:
        raise click.UsageError("There is no message on standard input.")
    with runtime() as rt:
        clinic, patient = grant.patient_of(rt, clinic_id, external_id)
        correspond.write(rt, clinic, patient, author, body)
    click.echo("Sent.")
