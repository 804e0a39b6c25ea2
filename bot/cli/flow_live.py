"""`bot flow publish`, `editions`, `start`, `broadcast`, `list`, `release`: what acts on the running service.

Modules that need the database are imported when a command is called: `bot flow lint` does without them.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

if TYPE_CHECKING:
    from bot.core.state import Plain
    from bot.runtime import Runtime
    from bot.service.begin import Begun
    from bot.service.publish import Preview

_EXISTING = click.Path(exists=True, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_BY = click.option(
    "--by", metavar="NAME", default="operator", show_default=True, help="Who does it, for the audit trail."
)
_CLINIC = click.option("--clinic", "clinic_id", type=click.UUID, help="May be left out where there is one.")


def _value(_ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> "dict[str, Plain]":
    """name=value: a whole or decimal number, yes, no, or text."""
    values: dict[str, Plain] = {}
    for each in given:
        name, sign, text = each.partition("=")
        if not sign or not name:
            raise click.BadParameter(f"write {each!r} as name=value.")
        values[name.strip()] = _plain(text.strip())
    return values


def _plain(text: str) -> "Plain":
    if text in ("yes", "no"):
        return text == "yes"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


_VALUE = click.option(
    "--value",
    "values",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_value,
    help="A variable of the flow's.",
)

# -- editions -----------------------------------------------------------------------------------------


@click.command()
@click.argument("paths", nargs=-1, type=_EXISTING)
@click.option("--edition", metavar="ID", help="One that was published before, in place of PATHS.")
@click.option(
    "--move", is_flag=True, help="Open conversations go on with it too, where their step is still there."
)
@click.option("--yes", is_flag=True, help="Don't ask.")
@_BY
def publish(paths: tuple[Path, ...], edition: str | None, move: bool, yes: bool, by: str) -> None:
    """Lint, then make it the edition that new conversations use; open ones go on with theirs."""
    from bot.cli.wiring import runtime
    from bot.service import publish as service

    if bool(paths) == bool(edition):
        raise click.UsageError("Name flows by their path, or an edition by --edition.")
    with runtime() as rt:
        for name in paths or (edition,):
            files = (
                service.files_around(rt, name)
                if isinstance(name, Path)
                else service.published_files(rt, str(name))
            )
            _tell(service.preview(rt, files), move=move)
            if _at_terminal() and not yes:
                click.confirm("Publish it?", abort=True)
            made = service.publish_files(rt, files, by=by, move=move)
            click.echo(f"{name}: edition {made} is current.")


def _at_terminal() -> bool:
    return sys.stdin.isatty()


def _tell(found: "Preview", *, move: bool) -> None:
    """What publishing would meet, in a few lines."""
    for edition, count in sorted(found.open.items()):
        mark = " (current)" if edition == found.current else ""
        conversations = "conversation is" if count == 1 else "conversations are"
        click.echo(f"{count} {conversations} open on edition {edition}{mark}.")
    for place, count in sorted(found.gone.items()):
        patients = "patient stands" if count == 1 else "patients stand"
        click.echo(f"{count} {patients} at a step that this edit removes: {place}")
    if found.gone and not move:
        click.echo("They go on with the edition that they began with.")
    if move and found.lost:
        click.echo(
            f"{found.lost} conversations can't be moved as they are: they go to their flow's fallback and a person."
        )


@click.command()
def editions() -> None:
    """List what was published: when, by whom, and how many conversations are open on it."""
    from bot.cli.wiring import runtime
    from bot.service import publish as service

    with runtime() as rt:
        found = service.listed(rt)
    for each in found:
        notes = [
            f"{each.open} open",
            *(["current"] if each.current else []),
            *(["moved open ones"] if each.move else []),
        ]
        click.echo(f"{each.edition}  {each.at:%Y-%m-%d %H:%M} UTC  {each.by}  ({', '.join(notes)})")


# -- beginning flows ----------------------------------------------------------------------------------


@click.command()
@click.argument("flow")
@click.option("--patient", required=True, metavar="EXTERNAL_ID", help="The clinic's own id of the patient.")
@click.option("--visit", metavar="EXTERNAL_ID", help="The patient's next visit, if not said.")
@_VALUE
@_CLINIC
@_BY
def start(
    flow: str, patient: str, visit: str | None, values: "Mapping[str, Plain]", clinic_id: UUID | None, by: str
) -> None:
    """Start a flow for one patient."""
    from bot.service import begin

    _run(
        lambda rt: begin.by_staff(
            rt, clinic_id, flow, begin.Wanted(patient=patient, visit=visit), values=values, by=by
        )
    )


@click.command()
@click.argument("flow")
@click.option("--list", "file", required=True, type=_FILE, help="CSV with a column external_id.")
@_VALUE
@_CLINIC
@_BY
def broadcast(flow: str, file: Path, values: "Mapping[str, Plain]", clinic_id: UUID | None, by: str) -> None:
    """Start a flow for every patient of a list who may be texted for its purpose."""
    from bot.service import begin

    _run(lambda rt: begin.by_list(rt, clinic_id, file, flow=flow, values=values, by=by))


@click.command("list")
@click.argument("name")
@click.argument("file", type=_FILE)
@_VALUE
@_CLINIC
@_BY
def list_(name: str, file: Path, values: "Mapping[str, Plain]", clinic_id: UUID | None, by: str) -> None:
    """Hand in a list, such as a recall: what starts with 'the list NAME names the patient' begins."""
    from bot.service import begin

    _run(lambda rt: begin.by_list(rt, clinic_id, file, name=name, values=values, by=by))


@click.command()
@click.argument("patient", metavar="EXTERNAL_PATIENT_ID")
@_VALUE
@_CLINIC
@_BY
def release(patient: str, values: "Mapping[str, Plain]", clinic_id: UUID | None, by: str) -> None:
    """Release a patient's result: what starts with 'a result is released' begins."""
    from bot.service import begin

    _run(lambda rt: begin.by_release(rt, clinic_id, patient, values=values, by=by))


def _run(act: "Callable[[Runtime], Begun]") -> None:
    """Begin, and say what came of it; exit code 1 where a patient or a visit is not known."""
    from bot.cli.wiring import runtime

    with runtime() as rt:
        begun = act(rt)
    for fault in begun.faults:
        place = f"line {fault.line}: {fault.column} " if fault.line else f"{fault.column} "
        click.echo(f"{place}{fault.reason}")
    click.echo(f"{begun.new} told, {begun.again} told before, {len(begun.faults)} not known")
    sys.exit(1 if begun.faults else 0)


COMMANDS = (publish, editions, start, broadcast, list_, release)
"""What `bot flow` has from here."""
