"""Take passkeys away: the phone is another's now, the patient wants it, or somebody says that they are not meant."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from bot.store import audit, passkeys
from bot.store.audit import Entry
from bot.store.base import Db

Why = Literal["phone_changed", "asked", "wrong_person", "staff"]


def drop(
    db: Db, clinic: UUID, patients: Sequence[UUID], why: Why, now: datetime, *, actor: str = "patient"
) -> int:
    """Those of these patients; how many there were. None opens a page from the commit on.

    Where links end too, end them first, in the same transaction: then none is made on one of them meanwhile.
    """
    gone = passkeys.drop(db, clinic, patients=patients)
    entries = [
        Entry(
            clinic=clinic,
            actor=actor,
            action="passkey.dropped",
            subject=f"passkey:{one}",
            patients=(patient,),
            detail=why,
        )
        for one, patient in gone
    ]
    audit.write(db, entries, now)
    return len(gone)
