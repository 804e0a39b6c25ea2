"""Devices: browsers of the staff's that take web push. An endpoint is a capability, so it is sealed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Uuid, delete, select
from sqlalchemy.dialects.postgresql import insert

from bot.store.base import Db, Moment, Sealed, metadata

devices = Table(
    "devices",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
    Column("endpoint", Sealed, nullable=False),
    Column("endpoint_index", LargeBinary, nullable=False),
    Column("p256dh", Sealed, nullable=False),
    Column("auth", Sealed, nullable=False),
    Column("created_at", Moment, nullable=False),
)
Index("uq_devices_endpoint", devices.c.clinic_id, devices.c.endpoint_index, unique=True)
Index("ix_devices_staff", devices.c.staff_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A browser that takes web push, as its push subscription says."""

    id: UUID
    endpoint: str
    p256dh: str
    auth: str


def add(db: Db, *, clinic: UUID, member: UUID, endpoint: str, p256dh: str, auth: str, now: datetime) -> None:
    """A browser takes push from now on; the same endpoint again belongs to whoever subscribed last."""
    index = db.keys(clinic).blind("endpoint", endpoint)
    db.conn.execute(delete(devices).where(devices.c.clinic_id == clinic, devices.c.endpoint_index == index))
    row = {
        "id": uuid4(),
        "clinic_id": clinic,
        "staff_id": member,
        "endpoint": endpoint,
        "endpoint_index": index,
        "p256dh": p256dh,
        "auth": auth,
        "created_at": now,
    }
    db.conn.execute(insert(devices).on_conflict_do_nothing(), db.sealed(devices, row))


def of(db: Db, clinic: UUID, member: UUID) -> list[Device]:
    """The browsers of a member of staff."""
    rows = db.conn.execute(select(devices).where(devices.c.staff_id == member).order_by(devices.c.created_at))
    return [
        Device(
            id=row.id,
            **{
                name: db.open(devices, name, getattr(row, name), clinic=clinic, row=row.id)
                for name in ("endpoint", "p256dh", "auth")
            },
        )
        for row in rows
    ]


def forget(db: Db, device: UUID) -> None:
    """The push service knows it no more."""
    db.conn.execute(delete(devices).where(devices.c.id == device))
