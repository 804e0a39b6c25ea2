"""Holds: locks by which an import and the workers, or two imports, keep out of each other's way.

A worker locks a conversation first and visits after it; an import that does the same can't deadlock with it.
Workers skip a conversation that is held and come back at the next ring.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, select

from bot.store.base import Db
from bot.store.clinics import clinics
from bot.store.conversations import conversations
from bot.store.people import patients


def import_into(db: Db, clinic: UUID) -> None:
    """One import at a time for each clinic; another waits here until this transaction ends."""
    wanted = select(clinics.c.id).where(clinics.c.id == clinic)
    db.conn.execute(wanted.with_for_update(key_share=True))


def conversations_of(db: Db, clinic: UUID, people: Collection[UUID]) -> None:
    """No worker takes up the conversations of these patients until this transaction ends."""
    same_phone = and_(
        conversations.c.clinic_id == patients.c.clinic_id,
        conversations.c.phone_index == patients.c.phone_index,
    )
    wanted = (
        select(conversations.c.id)
        .join(patients, same_phone)
        .where(patients.c.clinic_id == clinic, patients.c.id.in_(people))
        .order_by(conversations.c.id)
    )
    db.conn.execute(wanted.with_for_update(read=True, key_share=True, of=conversations))
