"""Swaps: who takes over a duty from whom, made by hand for a span of time. They lie over the roster's layers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Column, ForeignKey, Index, Table, Text, Uuid, insert, select, update

from bot.core.roster import Swap
from bot.store.base import Db, Moment, metadata

swaps = Table(
    "swaps",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("clinic_id", Uuid, ForeignKey("clinics.id"), nullable=False),
    Column("roster", Text, nullable=False),
    Column("person", Text, nullable=False),  # a handle
    Column("from_at", Moment, nullable=False),
    Column("until_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("undone_at", Moment),
)
Index("ix_swaps_clinic", swaps.c.clinic_id, swaps.c.until_at, postgresql_where=swaps.c.undone_at.is_(None))


def add(db: Db, clinic: UUID, swap: Swap, now: datetime) -> UUID:
    """A swap; a later one lies over an earlier one. Returns its id."""
    number = uuid4()
    db.conn.execute(
        insert(swaps).values(
            id=number,
            clinic_id=clinic,
            roster=swap.roster,
            person=swap.person,
            from_at=swap.start,
            until_at=swap.end,
            created_at=now,
        )
    )
    return number


def undo(db: Db, clinic: UUID, swap: UUID, now: datetime) -> bool:
    """The roster holds again. False where there is no such swap."""
    done = db.conn.execute(
        update(swaps)
        .where(swaps.c.id == swap, swaps.c.clinic_id == clinic, swaps.c.undone_at.is_(None))
        .values(undone_at=now)
        .returning(swaps.c.id)
    )
    return done.scalar_one_or_none() is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Swapped:
    """A swap, and the id by which it can be undone."""

    id: UUID
    swap: Swap


def made(db: Db, clinic: UUID, start: datetime) -> tuple[Swapped, ...]:
    """The clinic's swaps that are not over before `start`, oldest first: the later one counts."""
    rows = db.conn.execute(
        select(swaps)
        .where(swaps.c.clinic_id == clinic, swaps.c.until_at > start, swaps.c.undone_at.is_(None))
        .order_by(swaps.c.created_at, swaps.c.id)
    )
    return tuple(
        Swapped(id=r.id, swap=Swap(roster=r.roster, person=r.person, start=r.from_at, end=r.until_at))
        for r in rows
    )


def since(db: Db, clinic: UUID, start: datetime) -> tuple[Swap, ...]:
    """The same without their ids."""
    return tuple(one.swap for one in made(db, clinic, start))
