"""What can be imported: for each kind of file its columns, and how a batch of its rows is kept.

A changed visit is news for the conversation of its patient's phone, and for that of the phone it has left.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.core.events import VisitChanged
from bot.service import cells, drop_passkeys
from bot.service.cells import Column, Given, plain, text
from bot.service.csv_rows import Fault
from bot.store import (
    appointments,
    conversations,
    holds,
    inbox,
    links,
    people,
    slots,
    timers,
)
from bot.store.appointments import Booking, Change
from bot.store.base import Db
from bot.store.inbox import Mail
from bot.store.people import Patient
from bot.store.slots import Opening, Service


@dataclass(frozen=True, slots=True)
class Entry:
    """A row whose cells all mean something."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a batch came to; `faults` are those that only the database could tell."""

    added: int = 0
    changed: int = 0
    same: int = 0
    faults: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of file. `key` are the columns that no two rows may share."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    keep: Callable[[Db, Given, Sequence[Entry]], Kept]


def _keep_patients(db: Db, given: Given, batch: Sequence[Entry]) -> Kept:
    clinic = given.clinic.id
    rows = [Patient(zone=entry.values["timezone"], **_but(entry.values, "timezone")) for entry in batch]
    ids = people.by_external_ids(db, clinic, [row.external_id for row in rows])
    before = people.phones(db, clinic, list(ids.values()))
    after = {ids[row.external_id]: row.phone for row in rows if row.external_id in ids}
    moved = [patient for patient, phone in after.items() if phone != before[patient]]
    if moved:
        holds.conversations_of(db, clinic, moved)
    saved = people.save(db, clinic, rows, given.now)
    if moved:
        links.revoke(db, given.now, "phone_changed", patients=moved)
        drop_passkeys.drop(db, clinic, moved, "phone_changed", given.now, actor="operator")
        changes = appointments.raise_versions(db, clinic, moved, given.now)
        _tell(
            db,
            clinic,
            [(change, after[change.patient_id], before[change.patient_id]) for change in changes],
            given.now,
        )
    return Kept(added=saved.added, changed=saved.changed, same=saved.same)


def _keep_appointments(db: Db, given: Given, batch: Sequence[Entry]) -> Kept:
    clinic = given.clinic.id
    ids = people.by_external_ids(db, clinic, [entry.values["patient_external_id"] for entry in batch])
    known = [entry for entry in batch if entry.values["patient_external_id"] in ids]
    holds.conversations_of(db, clinic, ids.values())
    rows = [_booking(entry.values, ids) for entry in known]
    changes = appointments.save(db, clinic, rows, given.now)
    news = [change for change in changes if change.ahead or not change.new]
    phones = people.phones(db, clinic, [p for change in news for p in (change.patient_id, change.left) if p])
    _tell(
        db,
        clinic,
        [
            (change, phones[change.patient_id], phones[change.left] if change.left else None)
            for change in news
        ],
        given.now,
    )
    added = sum(change.new for change in changes)
    return Kept(
        added=added,
        changed=len(changes) - added,
        same=len(rows) - len(changes),
        faults=[
            Fault(entry.line, "patient_external_id", "is no patient of this clinic's: import patients first")
            for entry in batch
            if entry.values["patient_external_id"] not in ids
        ],
    )


def _keep_slots(db: Db, given: Given, batch: Sequence[Entry]) -> Kept:
    rows = [
        Opening(
            service=_service(entry.values),
            start=entry.values["start"],
            minutes=entry.values["duration_minutes"],
        )
        for entry in batch
    ]
    added = slots.add_openings(db, given.clinic.id, rows, given.now)
    return Kept(added=added, same=len(rows) - added)


def _tell(db: Db, clinic: UUID, news: Sequence[tuple[Change, str, str | None]], now: datetime) -> None:
    """Mail for the conversations with a changed visit's phone and, if it has left one, with that.

    The version is another, so nothing planned for the phone that was left could be sent; its timers go as well.
    """
    phones = {phone for _, *both in news for phone in both if phone}
    if not phones:
        return
    found = conversations.with_phones(db, clinic, phones, now)
    mail, stale = [], []
    for change, phone, left in news:
        what = VisitChanged(visit_id=change.visit_id, version=change.version, change=change.news)
        key = f"visit:{change.visit_id}:{change.version}"
        mail.append(Mail(clinic=clinic, conversation=found[phone], dedupe=key, what=what))
        if left is not None and left != phone:
            old = found[left]
            mail.append(Mail(clinic=clinic, conversation=old, dedupe=f"{key}:{old}", what=what))
            stale.append((old, change.visit_id))
    inbox.put(db, mail, now)
    for conversation, visit in stale:
        timers.cancel(db, conversation, f"visit:{visit}:")  # as in `core/reminders`


def _booking(values: Mapping[str, Any], ids: Mapping[str, UUID]) -> Booking:
    return Booking(
        external_id=values["external_id"],
        patient_id=ids[values["patient_external_id"]],
        service=_service(values),
        start=values["start"],
        minutes=values["duration_minutes"],
        status=values["status"],
    )


def _service(values: Mapping[str, Any]) -> Service:
    return Service(provider=values["provider"], location=values["location"], kind=values["kind"])


def _but(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}


_ID, _NAME, _PLACE = text(100), text(100), text(200)
_WHEN = (
    Column(name="provider", read=_PLACE),
    Column(name="location", read=_PLACE),
    Column(name="kind", read=_PLACE),
    Column(name="start", read=cells.moment),
    Column(name="duration_minutes", read=plain(cells.minutes)),
)

PATIENTS = Kind(
    name="patients",
    columns=(
        Column(name="external_id", read=_ID),
        Column(name="first_name", read=_NAME),
        Column(name="last_name", read=_NAME),
        Column(name="birth_date", read=cells.past_day),
        Column(name="phone", read=cells.phone),
        Column(name="language", read=plain(cells.language), default=lambda given: given.clinic.language),
        Column(name="timezone", read=plain(cells.zone), default=lambda given: given.clinic.zone),
    ),
    key=("external_id",),
    keep=_keep_patients,
)
APPOINTMENTS = Kind(
    name="appointments",
    columns=(
        Column(name="external_id", read=_ID),
        Column(name="patient_external_id", read=_ID),
        *_WHEN,
        Column(name="status", read=plain(cells.status)),
    ),
    key=("external_id",),
    keep=_keep_appointments,
)
SLOTS = Kind(name="slots", columns=_WHEN, key=("provider", "location", "kind", "start"), keep=_keep_slots)
