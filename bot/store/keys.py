"""The clinics' data keys: wrapping them anew when the master key changes."""

from sqlalchemy import select, update

from bot.store.base import Db, data_keys
from bot.vault import WrappedKey


def rewrap(db: Db) -> int:
    """Wrap every data key under the newest master key. Returns how many were not yet."""
    changed = 0
    for row in db.conn.execute(select(data_keys).with_for_update()).all():
        fresh = db.vault.rewrapped(WrappedKey(row.clinic_id, row.purpose, row.number, row.wrapped))
        if fresh is None:
            continue
        db.conn.execute(
            update(data_keys)
            .where(
                data_keys.c.clinic_id == fresh.clinic,
                data_keys.c.purpose == fresh.purpose,
                data_keys.c.number == fresh.number,
            )
            .values(wrapped=fresh.wrapped)
        )
        changed += 1
    return changed
