"""People: patients, found by the clinic's own id of theirs and by phone. Both look-ups go by keyed hash."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    Select,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from bot.core.facts import Person
from bot.store import names
from bot.store.base import Db, Moment, Sealed, metadata

patients = Table(
    "patients",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("external_id", Sealed, nullable=False),
    Column("external_index", LargeBinary, nullable=False),
    Column("first_name", Sealed, nullable=False),
    Column("last_name", Sealed, nullable=False),
    Column("birth_date", Sealed, nullable=False),
    Column("phone", Sealed, nullable=False),
    Column("phone_index", LargeBinary, nullable=False),
    Column("language", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("pin", Sealed),  # Argon2id of the PIN for secure pages, if there is one; imports leave it alone
    Column("preferences", Sealed),  # what the patient wishes, name to value, as JSON; imports leave it alone
    Column(
        "digest", LargeBinary, nullable=False
    ),  # keyed hash of the imported row: same again, nothing to do
    Column("updated_at", Moment, nullable=False),
    Column("named", Boolean, nullable=False, server_default=false()),  # can be found by name, see `names`
    UniqueConstraint("clinic_id", "external_index"),
    Index("ix_patients_phone", "clinic_id", "phone_index"),
)
Index("ix_patients_unnamed", patients.c.id, postgresql_where=~patients.c.named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A patient as imported. `phone` is in E.164, `zone` an IANA name, `language` a BCP 47 tag."""

    external_id: str
    first_name: str
    last_name: str
    birth_date: date
    phone: str
    language: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a batch of patients came to."""

    added: int
    changed: int
    same: int


def save(db: Db, clinic: UUID, batch: Sequence[Patient], now: datetime) -> Saved:
    """Add and change patients by their external id. Rows that are as before are not touched."""
    keys = db.keys(clinic)
    rows = {}
    for patient in batch:
        fields = [patient.external_id, patient.first_name, patient.last_name, patient.birth_date.isoformat()]
        digest = keys.blind("patient", "\x1f".join([*fields, patient.phone, patient.language, patient.zone]))
        rows[keys.blind("external_id", patient.external_id)] = (patient, digest)
    known = {
        row.external_index: row
        for row in db.conn.execute(
            select(patients.c.id, patients.c.external_index, patients.c.digest).where(
                patients.c.clinic_id == clinic, patients.c.external_index.in_(rows)
            )
        )
    }
    fresh: list[dict[str, Any]] = []
    called: dict[UUID, tuple[str, str]] = {}
    for index, (patient, digest) in rows.items():
        if index in known and known[index].digest == digest:
            continue
        fresh.append(
            db.sealed(
                patients,
                {
                    "id": known[index].id if index in known else uuid4(),
                    "clinic_id": clinic,
                    "external_id": patient.external_id,
                    "external_index": index,
                    "first_name": patient.first_name,
                    "last_name": patient.last_name,
                    "birth_date": patient.birth_date,
                    "phone": patient.phone,
                    "phone_index": keys.blind("phone", patient.phone),
                    "language": patient.language,
                    "zone": patient.zone,
                    "digest": digest,
                    "updated_at": now,
                    "named": True,
                },
            )
        )
        called[fresh[-1]["id"]] = (patient.first_name, patient.last_name)
    if fresh:
        statement = insert(patients)
        fixed = {"id", "clinic_id", "external_index", "pin", "preferences"}
        db.conn.execute(
            statement.on_conflict_do_update(
                index_elements=["id"],
                set_={c.name: statement.excluded[c.name] for c in patients.columns if c.name not in fixed},
            ),
            fresh,
        )
        names.keep(db, clinic, called)
    changed = sum(row["external_index"] in known for row in fresh)
    return Saved(added=len(fresh) - changed, changed=changed, same=len(rows) - len(fresh))


def by_external_ids(db: Db, clinic: UUID, external_ids: Sequence[str]) -> dict[str, UUID]:
    """Ids of the patients with these external ids."""
    keys = db.keys(clinic)
    wanted = {keys.blind("external_id", external_id): external_id for external_id in external_ids}
    rows = db.conn.execute(
        select(patients.c.id, patients.c.external_index).where(
            patients.c.clinic_id == clinic, patients.c.external_index.in_(wanted)
        )
    )
    return {wanted[row.external_index]: row.id for row in rows}


def phones(db: Db, clinic: UUID, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The phones of these patients."""
    rows = db.conn.execute(
        select(patients.c.id, patients.c.phone).where(patients.c.clinic_id == clinic, patients.c.id.in_(ids))
    )
    return {row.id: db.open(patients, "phone", row.phone, clinic=clinic, row=row.id) for row in rows}


def set_preference(db: Db, clinic: UUID, patient: UUID, name: str, value: str, now: datetime) -> None:
    """Keep a wish of the patient's own. Their language is kept as a wish too: an import doesn't undo it."""
    wanted = select(patients.c.preferences).where(patients.c.id == patient, patients.c.clinic_id == clinic)
    row = db.conn.execute(wanted.with_for_update()).one_or_none()
    if row is None:
        return
    wishes: dict[str, str] = {}
    if row.preferences is not None:
        wishes = json.loads(db.open(patients, "preferences", row.preferences, clinic=clinic, row=patient))
    known = json.dumps(wishes | {name: value})
    values: dict[str, Any] = {
        "preferences": db.seal(patients, "preferences", clinic=clinic, row=patient, value=known),
        "updated_at": now,
    }
    if name == "language":
        values["language"] = value
    db.conn.execute(update(patients).where(patients.c.id == patient).values(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What tells one patient from another, and what a page needs to know. `pin` is the hash of a PIN."""

    id: UUID
    external_id: str
    first_name: str
    last_name: str
    birth_date: date
    phone: str
    pin: str | None
    language: str
    zone: str
    preferences: Mapping[str, str]

    @property
    def person(self) -> Person:
        """What the core knows of them."""
        return Person(
            id=self.id,
            first_name=self.first_name,
            language=self.language,
            zone=self.zone,
            birth_date=self.birth_date,
            preferences=self.preferences,
        )


def card(db: Db, clinic: UUID, patient: UUID) -> Card:
    """The card of a patient."""
    return _card(db, db.conn.execute(_on(clinic).where(patients.c.id == patient)).one())


def cards(db: Db, clinic: UUID, ids: Sequence[UUID]) -> list[Card]:
    """The cards of these patients."""
    return [_card(db, row) for row in db.conn.execute(_on(clinic).where(patients.c.id.in_(ids)))]


def on_phone_of(db: Db, clinic: UUID, patient: UUID) -> list[Card]:
    """The others who share this patient's phone."""
    phone = select(patients.c.phone_index).where(patients.c.id == patient).scalar_subquery()
    rows = db.conn.execute(_on(clinic).where(patients.c.phone_index == phone, patients.c.id != patient))
    return [_card(db, row) for row in rows]


def on_phone(db: Db, clinic: UUID, phone_index: bytes) -> list[Card]:
    """Everybody who has this phone."""
    rows = db.conn.execute(_on(clinic).where(patients.c.phone_index == phone_index).order_by(patients.c.id))
    return [_card(db, row) for row in rows]


def of_ids(db: Db, clinic: UUID, ids: Sequence[UUID]) -> list[Card]:
    """The cards of these patients, as far as they are this clinic's."""
    rows = db.conn.execute(_on(clinic).where(patients.c.id.in_(ids)).order_by(patients.c.id))
    return [_card(db, row) for row in rows]


def with_external_id(db: Db, clinic: UUID, external_id: str) -> UUID | None:
    """The patient with the clinic's own id."""
    return by_external_ids(db, clinic, [external_id]).get(external_id)


def name_more(db: Db, at_most: int) -> int:
    """Patients of before names were kept can be found by theirs from now on; returns how many it were."""
    c = patients.c
    unnamed = select(c.id, c.clinic_id, c.first_name, c.last_name).where(~c.named).order_by(c.id)
    rows = db.conn.execute(unnamed.limit(at_most).with_for_update(skip_locked=True)).all()
    by_clinic: dict[UUID, dict[UUID, tuple[str, str]]] = {}
    for row in rows:
        by_clinic.setdefault(row.clinic_id, {})[row.id] = (
            db.open(patients, "first_name", row.first_name, clinic=row.clinic_id, row=row.id),
            db.open(patients, "last_name", row.last_name, clinic=row.clinic_id, row=row.id),
        )
    for clinic, called in by_clinic.items():
        names.keep(db, clinic, called)
    if rows:
        db.conn.execute(update(patients).where(c.id.in_([row.id for row in rows])).values(named=true()))
    return len(rows)


def set_pin(db: Db, clinic: UUID, patient: UUID, hashed: str | None, now: datetime) -> None:
    """Keep the hash of a PIN; None takes it away."""
    sealed = hashed and db.seal(patients, "pin", clinic=clinic, row=patient, value=hashed)
    statement = update(patients).where(patients.c.id == patient, patients.c.clinic_id == clinic)
    db.conn.execute(statement.values(pin=sealed, updated_at=now))


def _on(clinic: UUID) -> Select[Any]:
    return select(patients).where(patients.c.clinic_id == clinic)


def _card(db: Db, row: Row[Any]) -> Card:
    names = ("external_id", "first_name", "last_name", "birth_date", "phone", "pin", "preferences")
    opened = {
        name: db.open(patients, name, getattr(row, name), clinic=row.clinic_id, row=row.id)
        for name in names
        if getattr(row, name) is not None
    }
    return Card(
        id=row.id,
        external_id=opened["external_id"],
        first_name=opened["first_name"],
        last_name=opened["last_name"],
        birth_date=date.fromisoformat(opened["birth_date"]),
        phone=opened["phone"],
        pin=opened.get("pin"),
        language=row.language,
        zone=row.zone,
        preferences=json.loads(opened.get("preferences", "{}")),
    )


def everyone(db: Db, clinic: UUID, at_most: int) -> list[tuple[Person, str, str]]:
    """Patients with last name and phone, by the clinic's own id of theirs."""
    rows = db.conn.execute(
        select(patients).where(patients.c.clinic_id == clinic).order_by(patients.c.updated_at).limit(at_most)
    )
    found = []
    for row in rows:
        opened = {
            name: db.open(patients, name, getattr(row, name), clinic=clinic, row=row.id)
            for name in ("external_id", "first_name", "last_name", "phone")
        }
        person = Person(id=row.id, first_name=opened["first_name"], language=row.language, zone=row.zone)
        found.append((opened["external_id"], person, opened["last_name"], opened["phone"]))
    return [(person, last_name, phone) for _, person, last_name, phone in sorted(found, key=itemgetter(0))]
