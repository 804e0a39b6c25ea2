"""Schedule: a clinic's patients, visits, slots and charts come in from CSV files, appointments go out as one.

Rows go in by batches, each batch in one transaction, so memory stays bounded and the bot is never held up for
long. Good rows go in and bad ones are named; the same file again changes nothing, so after a crash one starts over.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.gateways.doorbell import INBOUND
from bot.gateways.live import DAY
from bot.runtime import Runtime
from bot.service.cells import BadCell, Given
from bot.service.clinic import the_one
from bot.service.csv_rows import Fault, Row, line_of, look_through
from bot.service.desk import Desk
from bot.service.intake import APPOINTMENTS, PATIENTS, SLOTS, Entry, Kept, Kind
from bot.service.intake_chart import MEDICINES, RESULTS, SUMMARIES
from bot.service.seen import Seen
from bot.store import appointments, audit, holds
from bot.store.appointments import Listed
from bot.store.clinics import Clinic

BATCH = 1000
"""Rows of one transaction: less than a second, for which the conversations of its patients are held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What an import came to, in rows."""

    added: int = 0
    changed: int = 0
    same: int = 0
    bad: int = 0

    def plus(self, kept: Kept, bad: int) -> "Totals":
        """With one batch more."""
        return Totals(
            added=self.added + kept.added,
            changed=self.changed + kept.changed,
            same=self.same + kept.same,
            bad=self.bad + bad,
        )


def _nobody(*_: object) -> None:
    """Is told, and does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """Who is told while an import runs: columns that are ignored, each fault, and lines done of how many."""

    ignored: Callable[[Sequence[str]], None] = _nobody
    fault: Callable[[Fault], None] = _nobody
    progress: Callable[[int, int], None] = _nobody


def import_patients(
    rt: Runtime, clinic: UUID | None, path: Path, *, dry_run: bool = False, tell: Listeners = Listeners()
) -> Totals:
    """Add and change patients. Raises BadImport for a file that can't be used, UnknownClinic."""
    return _bring_in(rt, the_one(rt, clinic), PATIENTS, path, dry_run=dry_run, tell=tell)


def import_appointments(
    rt: Runtime, clinic: UUID | None, path: Path, *, dry_run: bool = False, tell: Listeners = Listeners()
) -> Totals:
    """Add and change appointments; conversations hear of them. Raises BadImport, UnknownClinic."""
    return _bring_in(rt, the_one(rt, clinic), APPOINTMENTS, path, dry_run=dry_run, tell=tell)


def import_slots(
    rt: Runtime, clinic: UUID | None, path: Path, *, dry_run: bool = False, tell: Listeners = Listeners()
) -> Totals:
    """Add slots; those at the times of standing appointments are taken. Raises BadImport, UnknownClinic."""
    found = the_one(rt, clinic)
    totals = _bring_in(rt, found, SLOTS, path, dry_run=dry_run, tell=tell)
    if not dry_run:
        with rt.begin() as db:
            appointments.fit_new_slots(db, found.id, rt.now())
    return totals


def import_results(
    rt: Runtime, clinic: UUID | None, path: Path, *, dry_run: bool = False, tell: Listeners = Listeners()
) -> Totals:
    """Add, change and release results; conversations hear of a release. Raises BadImport, UnknownClinic."""
    return _bring_in(rt, the_one(rt, clinic), RESULTS, path, dry_run=dry_run, tell=tell)


def import_summaries(
    rt: Runtime, clinic: UUID | None, path: Path, *, dry_run: bool = False, tell: Listeners = Listeners()
) -> Totals:
    """Add and change summaries of visits. Raises BadImport, UnknownClinic."""
    return _bring_in(rt, the_one(rt, clinic), SUMMARIES, path, dry_run=dry_run, tell=tell)


def import_medicines(
    rt: Runtime, clinic: UUID | None, path: Path, *, dry_run: bool = False, tell: Listeners = Listeners()
) -> Totals:
    """Add, change and stop medicines. Raises BadImport, UnknownClinic."""
    return _bring_in(rt, the_one(rt, clinic), MEDICINES, path, dry_run=dry_run, tell=tell)


def export_appointments(rt: Runtime, clinic: UUID | None, *, desk: Desk | None = None) -> Iterator[str]:
    """Lines of CSV with the import's columns, as things stand now. Raises UnknownClinic."""
    found = the_one(rt, clinic)
    action = "appointments.exported"
    with rt.begin() as db:  # written down before the first row leaves
        entry = desk.entry(action, f"clinic:{found.id}") if desk else _entry(found, action, "")
        audit.write(db, [entry], rt.now())
    return _export(rt, found)


def _export(rt: Runtime, clinic: Clinic) -> Iterator[str]:
    yield line_of(column.name for column in APPOINTMENTS.columns)
    zone = ZoneInfo(clinic.zone)
    with rt.begin() as db:
        for visit in appointments.listed(db, clinic.id):
            yield line_of(_cells(visit, zone))


def _cells(visit: Listed, zone: ZoneInfo) -> Iterable[str]:
    """In the order of the columns."""
    service = visit.service
    yield from (
        visit.external_id,
        visit.patient_external_id,
        service.provider,
        service.location,
        service.kind,
    )
    yield from (visit.start.astimezone(zone).isoformat(), str(visit.minutes), visit.status)


def _bring_in(
    rt: Runtime, clinic: Clinic, kind: Kind, path: Path, *, dry_run: bool, tell: Listeners
) -> Totals:
    optional = [column.name for column in kind.columns if column.default]
    required = [column.name for column in kind.columns if not column.default]
    sheet = look_through(path, required=required, optional=optional)
    if sheet.ignored:
        tell.ignored(sheet.ignored)
    totals, seen, rows = Totals(), Seen(), sheet.rows()
    while batch := list(islice(rows, BATCH)):
        given = Given(clinic=clinic, now=rt.now())
        entries, faults = _sort_out(kind, given, batch, seen)
        kept = _keep(rt, kind, given, entries, bad=len({fault.line for fault in faults}), dry_run=dry_run)
        faults = sorted([*faults, *kept.faults], key=lambda fault: fault.line)
        for fault in faults:
            tell.fault(fault)
        totals = totals.plus(kept, len({fault.line for fault in faults}))
        tell.progress(batch[-1].line, sheet.lines)
    tell.progress(sheet.lines, sheet.lines)
    return totals


def _sort_out(
    kind: Kind, given: Given, batch: Sequence[Row | Fault], seen: Seen
) -> tuple[list[Entry], list[Fault]]:
    """The rows whose cells all mean something and that were not there before, and what is wrong with the others."""
    entries: list[Entry] = []
    faults: list[Fault] = []
    for row in batch:
        if isinstance(row, Fault):
            faults.append(row)
            continue
        values, wrong = _values(kind, given, row)
        if not wrong:
            first = seen.first("\x1f".join(str(values[name]) for name in kind.key), row.line)
            if first is not None:
                wrong = [Fault(row.line, kind.key[0], f"is the same as in line {first}")]
        if wrong:
            faults.extend(wrong)
        else:
            entries.append(Entry(row.line, values))
    return entries, faults


def _values(kind: Kind, given: Given, row: Row) -> tuple[dict[str, object], list[Fault]]:
    values, wrong = {}, []
    for column in kind.columns:
        try:
            values[column.name] = column.value(row.cells.get(column.name, ""), given)
        except BadCell as bad:
            wrong.append(Fault(row.line, column.name, str(bad)))
    return values, wrong


class _NothingKept(Exception):
    """Rolls a dry run back."""


def _keep(
    rt: Runtime, kind: Kind, given: Given, entries: Sequence[Entry], *, bad: int, dry_run: bool
) -> Kept:
    """One transaction; a dry run does the same and takes it back. Workers may have waited: ring for them."""
    clinic, kept = given.clinic, Kept()
    with suppress(_NothingKept), rt.begin() as db:
        holds.import_into(db, clinic.id)
        if entries:
            kept = kind.keep(db, given, entries)
        if dry_run:
            raise _NothingKept
        bad += len(kept.faults)
        counts = f"added={kept.added} changed={kept.changed} same={kept.same} bad={bad}"
        audit.write(db, [_entry(clinic, f"{kind.name}.imported", counts)], given.now)
    rt.doorbell.ring(INBOUND)
    rt.live.tell(clinic.id, DAY)
    return kept


def _entry(clinic: Clinic, action: str, detail: str) -> audit.Entry:
    return audit.Entry(
        clinic=clinic.id,
        actor="operator",
        action=action,
        subject=f"clinic:{clinic.id}",
        origin="cli",
        detail=detail,
    )
