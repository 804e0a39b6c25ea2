"""What can happen in the demo beside texts and time: calls, results, lists, staff, a visit that takes place.

Each goes the way that it goes in the service: into the mailbox of its conversation, or through an import. What an
import could bring next stands in files that the demo's first start has written.
"""

import csv
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from uuid import UUID, uuid4

from bot.core.book import Book
from bot.core.events import Triggered
from bot.core.facts import STANDING, VisitStatus
from bot.core.triggers import Happens, Listed
from bot.errors import NotFound
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.service import correspond, receive, schedule
from bot.service.schedule import Totals
from bot.store import appointments, clinics, conversations, inbox, people
from bot.store.clinics import Clinic
from bot.store.inbox import Mail

FOLDER = "demo"
"""Below the data directory, with the files that were imported and those that may be."""
NEXT_RESULTS, AFTER_VISIT = "next_results.csv", "after_visit.csv"
CALL, CAME, MISSED, MESSAGE = "call", "came", "missed", "message"
_A_NURSE, _SAYS = (
    "Nurse Kim",
    "Your provider would like to know how the new medicine agrees with you. Any dizziness?",
)
_LATER = (VisitStatus.FULFILLED, VisitStatus.NOSHOW)


def offered(book: Book) -> list[dict[str, str]]:
    """What may happen, by an id for `let_happen` and in words."""
    return [{"id": key, "title": title} for key, title in _offered(book)]


def let_happen(rt: Runtime, patient: UUID, what: str) -> None:
    """Let it happen to this patient. Raises NotFound for a patient or a happening that there is not."""
    with rt.begin() as db:
        clinic = clinics.all_of_them(db)[0]
        phone = people.phones(db, clinic.id, [patient]).get(patient)
        known = dict(_offered(rt.book(db, rt.current_edition(db))))
    if phone is None or what not in known:
        raise NotFound
    if what == CALL:
        receive.missed_call(rt, caller=phone, to=clinic.phone)
    elif what == MESSAGE:
        correspond.write(rt, clinic.id, patient, _A_NURSE, _SAYS)
    elif what in (CAME, MISSED):
        _close_visit(rt, clinic, patient, _LATER[what == MISSED])
    elif what != str(Happens.RESULT) or not _release(rt, clinic, patient):
        _trigger(rt, clinic, patient, phone, what)


def _offered(book: Book) -> Iterator[tuple[str, str]]:
    yield CAME, "The visit takes place"
    yield MISSED, "The patient misses the visit"
    if any(True for _ in book.starting(Happens.MESSAGE)):
        yield MESSAGE, "The clinic writes a secure message"
    if any(True for _ in book.starting(Happens.MISSED_CALL)):
        yield CALL, "The patient calls and nobody answers"
    if any(True for _ in book.starting(Happens.RESULT)):
        yield str(Happens.RESULT), "A provider releases a result"
    for flow in book.flows.values():
        for start in flow.starts:
            if isinstance(start.when, Listed):
                yield str(start.when), f"On the list “{start.when.name}”: {flow.title}"
    for flow, _ in book.starting(Happens.STAFF):
        yield f"{Happens.STAFF}:{flow.name}", f"Staff start: {flow.title}"


def _release(rt: Runtime, clinic: Clinic, patient: UUID) -> bool:
    """A provider releases what was measured of the patient last; False where nothing is left to release."""
    prepared = _prepared(rt, NEXT_RESULTS)
    with rt.begin() as db:
        ids = people.by_external_ids(db, clinic.id, [row["patient_external_id"] for row in prepared])
    mine = [row | {"released": "yes"} for row in prepared if ids.get(row["patient_external_id"]) == patient]
    for _, panel in groupby(mine, key=itemgetter("panel")):
        totals = _bring(rt, clinic, schedule.import_results, list(panel))
        if totals.added or totals.changed:
            return True
    return False


def _prepared(rt: Runtime, name: str) -> list[dict[str, str]]:
    """Rows of a file that the demo has written; none where this is not the demo."""
    path = rt.settings.data_dir / FOLDER / name
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _trigger(rt: Runtime, clinic: Clinic, patient: UUID, phone: str, what: str) -> None:
    trigger, _, flow = what.partition(":")
    now = rt.now()
    with rt.begin() as db:
        ahead = appointments.next_of(db, [patient], now)
        happened = Triggered(
            trigger=trigger, flow=flow or None, person_id=patient, visit_id=ahead.get(patient)
        )
        mail = Mail(
            clinic=clinic.id,
            conversation=conversations.with_phone(db, clinic.id, phone, now),
            dedupe=f"demo:{uuid4()}",
            what=happened,
        )
        inbox.put(db, [mail], now)
    rt.doorbell.ring(INBOUND)


def _close_visit(rt: Runtime, clinic: Clinic, patient: UUID, status: VisitStatus) -> None:
    """The office's next export says how the patient's next visit went."""
    with rt.begin() as db:
        visit = next(
            (v for v in appointments.listed(db, clinic.id, patient=patient) if v.status in STANDING), None
        )
    if visit is None:
        return
    if status is VisitStatus.FULFILLED:
        summary = [
            row for row in _prepared(rt, AFTER_VISIT) if row["appointment_external_id"] == visit.external_id
        ]
        _bring(rt, clinic, schedule.import_summaries, summary)
    row = {
        "external_id": visit.external_id,
        "patient_external_id": visit.patient_external_id,
        "provider": visit.service.provider,
        "location": visit.service.location,
        "kind": visit.service.kind,
        "start": visit.start.isoformat(),
        "duration_minutes": str(visit.minutes),
        "status": str(status),
    }
    _bring(rt, clinic, schedule.import_appointments, [row])


def _bring(
    rt: Runtime,
    clinic: Clinic,
    run: Callable[[Runtime, UUID, Path], Totals],
    rows: Sequence[Mapping[str, str]],
) -> Totals:
    """These rows come in by an import."""
    if not rows:
        return Totals()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return run(rt, clinic.id, path)
