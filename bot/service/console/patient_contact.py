"""Contact data by hand: name, birth date, phone, language and zone of a patient; guardians; a task to call.

A change goes the way of an import: another phone ends links and passkeys, and what was planned moves to the
conversation of the new one. The clinic's own system is not told: its next import with a changed row wins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from bot.core.deadlines import answer_due
from bot.core.effects import OpenTask, Urgency
from bot.core.roles import May, Sees
from bot.errors import BadImport, NotAllowed, NotFound
from bot.gateways.doorbell import INBOUND
from bot.gateways.live import INBOX
from bot.gateways.live import talk as topic
from bot.runtime import Runtime
from bot.service import cells, intake
from bot.service.cells import BadCell, Column, Given
from bot.service.console import glass, mask
from bot.service.console.patient_page import found
from bot.service.desk import Desk
from bot.service.intake import Entry
from bot.store import audit, conversations, guardians, holds, worklist
from bot.store.guardians import Guardian
from bot.store.people import Card

FIELDS = ("first_name", "last_name", "birth_date", "phone", "language", "timezone")
"""What can be changed, by the names of the import's columns. The clinic's own number of the patient stays."""
CALL = "call_the_patient"
LONGEST_NOTE = 200
_COLUMNS = {column.name: column for column in intake.PATIENTS.columns}
_GUARDIAN = {
    "name": Column(name="name", read=cells.text(100)),
    "relation": Column(name="relation", read=cells.text(60)),
    "phone": Column(name="phone", read=cells.phone, default=lambda _given: None),
}


class BadContact(BadImport):
    """Something in the form can't be taken. `faults` says what, by field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("Something in the form can't be taken.")
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Contact data as the form shows it."""

    patient: UUID
    name: str
    values: Mapping[str, str]
    guardians: tuple[Guardian, ...]


def form(rt: Runtime, desk: Desk, patient: UUID) -> Contact:
    """What stands there now. Raises NotFound; NotAllowed where the role doesn't see contact data."""
    desk.require(May.CONTACTS)
    with rt.begin() as db:
        card = found(db, desk, patient)
        if not glass.sight(rt, db, desk, patient).sees(Sees.CONTACT):
            raise NotAllowed
        seen = desk.entry("patient.contact_viewed", f"patient:{patient}", patients=(patient,))
        known = tuple(
            replace(one, phone=mask.readable(one.phone)) for one in guardians.of(db, desk.clinic, patient)
        )
        audit.write(db, [seen], rt.now())
    name = f"{card.first_name} {card.last_name}"
    return Contact(patient=patient, name=name, values=_now(card), guardians=known)


def change(rt: Runtime, desk: Desk, patient: UUID, given: Mapping[str, str]) -> tuple[str, ...]:
    """Keep what is new; returns the names of the fields that changed. Raises BadContact, NotFound, NotAllowed."""
    desk.require(May.CONTACTS)
    now = rt.now()
    with rt.begin() as db:
        holds.import_into(db, desk.clinic)
        card = found(db, desk, patient)
        clinic = rt.clinic(db, desk.clinic)
        read = Given(clinic=clinic, now=now)
        values = _read({name: _COLUMNS[name] for name in FIELDS}, given, read)
        before = {"external_id": card.external_id, **_typed(card)}
        changed = tuple(name for name in FIELDS if values[name] != before[name])
        if not changed:
            return ()
        intake.PATIENTS.keep(db, read, [Entry(0, {"external_id": card.external_id, **values})])
        entry = desk.entry(
            "patient.changed", f"patient:{patient}", patients=(patient,), detail=", ".join(changed)
        )
        conversation = conversations.with_phone(db, desk.clinic, values["phone"], now)
        audit.write(db, [entry], now)
    rt.doorbell.ring(INBOUND)
    rt.live.tell(desk.clinic, topic(conversation))
    return changed


def add_guardian(rt: Runtime, desk: Desk, patient: UUID, given: Mapping[str, str]) -> None:
    """Somebody who speaks for the patient. Raises BadContact, NotFound, NotAllowed."""
    desk.require(May.CONTACTS)
    now = rt.now()
    with rt.begin() as db:
        found(db, desk, patient)
        values = _read(_GUARDIAN, given, Given(clinic=rt.clinic(db, desk.clinic), now=now))
        made = guardians.add(db, clinic=desk.clinic, patient=patient, now=now, **values)
        audit.write(db, [desk.entry("guardian.added", f"guardian:{made}", patients=(patient,))], now)


def remove_guardian(rt: Runtime, desk: Desk, patient: UUID, guardian: UUID) -> None:
    """They speak for the patient no more. Raises NotFound, NotAllowed."""
    desk.require(May.CONTACTS)
    with rt.begin() as db:
        found(db, desk, patient)
        if not guardians.remove(db, desk.clinic, patient, guardian):
            raise NotFound("There is no such guardian.")
        entry = desk.entry("guardian.removed", f"guardian:{guardian}", patients=(patient,))
        audit.write(db, [entry], rt.now())


def call_task(rt: Runtime, desk: Desk, patient: UUID, note: str) -> None:
    """A task to call the patient, with what it is about, for the desk's own role. Raises NotFound, NotAllowed."""
    desk.require(May.INBOX)
    now = rt.now()
    with rt.begin() as db:
        card = found(db, desk, patient)
        conversation = conversations.with_phone(db, desk.clinic, card.phone, now)
        about = " ".join(note.replace("\x00", "").split())[:LONGEST_NOTE]
        task = OpenTask(task=CALL, urgency=Urgency.ROUTINE, role=desk.role_name, detail=about or None)
        book, zone = rt.book(db, rt.current_edition(db)), rt.clinic(db, desk.clinic).zone
        due = answer_due(book, task.urgency, now, zone)
        worklist.open_task(db, clinic=desk.clinic, conversation=conversation, task=task, now=now, due=due)
        subject = f"conversation:{conversation}"
        entry = desk.entry("task.opened", subject, patients=(patient,), detail=CALL)
        audit.write(db, [entry], now)
    rt.live.tell(desk.clinic, INBOX, topic(conversation))


def _read(columns: Mapping[str, Column], given: Mapping[str, str], read: Given) -> dict[str, Any]:
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, column in columns.items():
        try:
            values[name] = column.value(given.get(name, "").strip(), read)
        except BadCell as bad:
            faults[name] = f"This {bad}."
    if faults:
        raise BadContact(faults)
    return values


def _typed(card: Card) -> dict[str, str | date]:
    return {
        "first_name": card.first_name,
        "last_name": card.last_name,
        "birth_date": card.birth_date,
        "phone": card.phone,
        "language": card.language,
        "timezone": card.zone,
    }


def _now(card: Card) -> dict[str, str]:
    return {name: str(value) for name, value in _typed(card).items()} | {"phone": mask.readable(card.phone)}
