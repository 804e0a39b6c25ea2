"""What can happen in the demo beside texts and time: calls, results, lists, staff, a visit that takes place.

Each goes the way that it goes in the service: into the mailbox of its conversation, or through an import.
"""

import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

from bot.core.book import Book
from bot.core.events import Triggered
from bot.core.facts import STANDING, VisitStatus
from bot.core.triggers import Happens, Listed
from bot.errors import NotFound
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.service import receive, schedule
from bot.store import appointments, clinics, conversations, inbox, people
from bot.store.clinics import Clinic
from bot.store.inbox import Mail

CALL, CAME, MISSED = "call", "came", "missed"
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
    elif what in (CAME, MISSED):
        _close_visit(rt, clinic, patient, _LATER[what == MISSED])
    else:
        _trigger(rt, clinic, patient, phone, what)


def _offered(book: Book) -> Iterator[tuple[str, str]]:
    yield CAME, "The visit takes place"
    yield MISSED, "The patient misses the visit"
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
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "appointments.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(row))
            writer.writeheader()
            writer.writerow(row)
        schedule.import_appointments(rt, clinic.id, path)
