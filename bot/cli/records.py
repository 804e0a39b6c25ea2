"""`bot clinic`, `bot import`, `bot export`: a clinic and its records. Exit codes: 0 all went in, 1 rows were bad,
2 the file or the clinic can't be used."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.cli.wiring import runtime
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service import schedule
from bot.service.csv_rows import ROW, Fault
from bot.service.schedule import Listeners, Totals


@click.group()
def clinic() -> None:
    """Clinics."""


@clinic.command()
@click.option("--name", required=True, help="As patients know it.")
@click.option("--phone", required=True, help="The number that it texts from, +1…")
@click.option("--timezone", "zone", required=True, help="Such as America/New_York.")
@click.option("--oncall-phone", help="Who is paged.")
@click.option("--language", default="en", show_default=True, help="For patients who have none of their own.")
def add(**given: str | None) -> None:
    """Add a clinic and print its id."""
    with runtime() as rt:
        click.echo(clinics.add(rt, **given))  # type: ignore[arg-type]  # click has seen to what is required


@clinic.command()
@click.argument("phone")
@click.option("--clinic", "clinic_id", type=click.UUID, help="May be left out where there is one.")
def oncall(phone: str, clinic_id: UUID | None) -> None:
    """Say who is paged from now on."""
    with runtime() as rt:
        clinics.set_oncall_phone(rt, clinic_id, phone)
    click.echo("Paged from now on.")


@click.group("import")
def import_() -> None:
    """Patients, visits, slots and what their charts hold from CSV. Bad rows are named, good rows go in."""


@click.group()
def export() -> None:
    """Appointments as CSV."""


_CLINIC = click.option("--clinic", "clinic_id", type=click.UUID, help="May be left out where there is one.")


class _Import(Protocol):
    def __call__(
        self, rt: Runtime, clinic: UUID | None, path: Path, *, dry_run: bool, tell: Listeners
    ) -> Totals: ...


def _importer(name: str, columns: str, run: _Import) -> None:
    """The command `bot import NAME`."""

    @import_.command(name, help=f"Columns: {columns}.")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @_CLINIC
    @click.option("--dry-run", is_flag=True, help="Report all the same, and keep nothing.")
    def command(file: Path, clinic_id: UUID | None, dry_run: bool) -> None:
        with runtime() as rt, _bar() as progress:
            tell = Listeners(ignored=_ignored, fault=_fault, progress=progress)
            totals = run(rt, clinic_id, file, dry_run=dry_run, tell=tell)
        end = " (dry run: nothing was kept)" if dry_run else ""
        click.echo(
            f"{totals.added} added, {totals.changed} changed, {totals.same} unchanged, {totals.bad} bad{end}"
        )
        sys.exit(1 if totals.bad else 0)


_importer(
    "patients",
    "external_id, first_name, last_name, birth_date, phone, language and timezone (both may be left out)",
    schedule.import_patients,
)
_importer(
    "appointments",
    "external_id, patient_external_id, provider, location, kind, start, duration_minutes, status",
    schedule.import_appointments,
)
_importer("slots", "provider, location, kind, start, duration_minutes", schedule.import_slots)
_importer(
    "results",
    "external_id, patient_external_id, name, value, taken, released (yes, no or a moment); may be left out: "
    "panel, unit, low, high, provider, note, abnormal (yes or no)",
    schedule.import_results,
)
_importer(
    "summaries",
    "appointment_external_id, provider; may be left out: diagnoses, plan (lists with ; between), medicines "
    "('new: NAME, HOW; stopped: NAME', also changed and same)",
    schedule.import_summaries,
)
_importer(
    "medicines",
    "external_id, patient_external_id, name, how, covered (yes or no); may be left out: stopped (yes or no)",
    schedule.import_medicines,
)


@export.command("appointments")
@_CLINIC
def export_appointments(clinic_id: UUID | None) -> None:
    """Write all appointments with their present status to standard output."""
    with runtime() as rt:
        out = sys.stdout.buffer
        for line in schedule.export_appointments(rt, clinic_id):
            out.write(line.encode())
        out.flush()


def _ignored(columns: Sequence[str]) -> None:
    click.echo(f"Columns that are not known and ignored: {', '.join(columns)}")


def _fault(fault: Fault) -> None:
    place = f"line {fault.line}" if fault.column == ROW else f"line {fault.line}: {fault.column}"
    click.echo(f"{place} {fault.reason}")


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error if that is a terminal; what is said meanwhile appears above it."""
    console = Console(stderr=True)
    columns: Any = (TextColumn("lines"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
        redirect_stdout=sys.stdout.isatty(),
    ) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
