"""Clinics: who texts from which number, and who is on call there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, Row, Table, Text, Uuid, insert, select, update

from bot.core import facts
from bot.errors import UnknownClinic
from bot.store.base import Db, Moment, Sealed, data_keys, metadata

clinics = Table(
    "clinics",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False, unique=True),  # the clinic's own number is public
    Column("zone", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("oncall_phone", Sealed),
    Column("created_at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinic:
    """A clinic; `clinic_id` equals `id`, as for every row with sealed columns. Phones are in E.164."""

    id: UUID
    name: str
    phone: str
    zone: str
    language: str
    oncall_phone: str | None

    @property
    def facts(self) -> facts.Clinic:
        """What the core may know of it."""
        return facts.Clinic(name=self.name, phone=self.phone, zone=self.zone)


def add(
    db: Db, *, name: str, phone: str, zone: str, language: str, oncall_phone: str | None, now: datetime
) -> UUID:
    """A new clinic with its own data keys."""
    clinic = uuid4()
    keys = db.vault.new_keys(clinic)
    db.conn.execute(
        insert(data_keys),
        [
            {
                "clinic_id": key.clinic,
                "purpose": key.purpose,
                "number": key.number,
                "wrapped": key.wrapped,
                "created_at": now,
            }
            for key in keys
        ],
    )
    db.vault.learn(clinic, keys)
    sealed = oncall_phone and db.seal(clinics, "oncall_phone", clinic=clinic, row=clinic, value=oncall_phone)
    db.conn.execute(
        insert(clinics).values(
            id=clinic,
            name=name,
            phone=phone,
            zone=zone,
            language=language,
            oncall_phone=sealed or None,
            created_at=now,
        )
    )
    return clinic


def all_of_them(db: Db) -> list[Clinic]:
    """Every clinic, oldest first."""
    return [_clinic(db, row) for row in db.conn.execute(select(clinics).order_by(clinics.c.created_at))]


def by_phone(db: Db, phone: str) -> Clinic:
    """The clinic that texts from this number; raises UnknownClinic."""
    row = db.conn.execute(select(clinics).where(clinics.c.phone == phone)).one_or_none()
    if row is None:
        raise UnknownClinic
    return _clinic(db, row)


def get(db: Db, clinic: UUID) -> Clinic:
    """The clinic with this id; raises UnknownClinic."""
    row = db.conn.execute(select(clinics).where(clinics.c.id == clinic)).one_or_none()
    if row is None:
        raise UnknownClinic
    return _clinic(db, row)


def set_oncall_phone(db: Db, clinic: UUID, phone: str) -> None:
    """Who is paged from now on."""
    sealed = db.seal(clinics, "oncall_phone", clinic=clinic, row=clinic, value=phone)
    db.conn.execute(update(clinics).where(clinics.c.id == clinic).values(oncall_phone=sealed))


def change(
    db: Db, clinic: UUID, *, name: str, phone: str, zone: str, language: str, oncall_phone: str | None
) -> None:
    """What a clinic is called, where it texts from, its clock and language, and who is paged, all anew."""
    sealed = oncall_phone and db.seal(clinics, "oncall_phone", clinic=clinic, row=clinic, value=oncall_phone)
    values = {"name": name, "phone": phone, "zone": zone, "language": language, "oncall_phone": sealed}
    db.conn.execute(update(clinics).where(clinics.c.id == clinic).values(values))


def _clinic(db: Db, row: Row[*tuple[Any, ...]]) -> Clinic:
    sealed = row.oncall_phone
    return Clinic(
        id=row.id,
        name=row.name,
        phone=row.phone,
        zone=row.zone,
        language=row.language,
        oncall_phone=sealed and db.open(clinics, "oncall_phone", sealed, clinic=row.id, row=row.id),
    )
