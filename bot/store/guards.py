"""Guards: how many wrong answers came lately, for a patient and for a network. Networks are kept as keyed hashes."""

from datetime import datetime, timedelta

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, case, delete, select
from sqlalchemy.dialects.postgresql import insert

from bot.store.base import Db, Moment, metadata

guards = Table(
    "guards",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("key", LargeBinary, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("wrong", Integer, nullable=False),
)
Index("ix_guards_since", guards.c.since)


def lock(db: Db, scope: str, key: bytes, now: datetime, span: timedelta) -> int:
    """How many were wrong within the span; the row is locked, so whoever comes at the same time waits."""
    statement = insert(guards).values(scope=scope, key=key, since=now, wrong=0)
    over = guards.c.since <= now - span
    again = statement.on_conflict_do_update(
        index_elements=["scope", "key"],
        set_={
            "wrong": case((over, 0), else_=guards.c.wrong),
            "since": case((over, now), else_=guards.c.since),
        },
    )
    return int(db.conn.execute(again.returning(guards.c.wrong)).scalar_one())


def count(db: Db, scope: str, key: bytes) -> None:
    """One more was wrong; the row is locked already."""
    here = (guards.c.scope == scope, guards.c.key == key)
    db.conn.execute(guards.update().where(*here).values(wrong=guards.c.wrong + 1))


def clear(db: Db, scope: str, key: bytes) -> None:
    """They showed who they are: what was wrong before counts no more."""
    db.conn.execute(delete(guards).where(guards.c.scope == scope, guards.c.key == key))


def forget(db: Db, before: datetime) -> int:
    """Take away what no limit looks at any more."""
    return db.conn.execute(delete(guards).where(guards.c.since < before)).rowcount


def wrong(db: Db, scope: str, key: bytes) -> int:
    """How many were wrong, without a lock."""
    found = db.conn.execute(
        select(guards.c.wrong).where(guards.c.scope == scope, guards.c.key == key)
    ).scalar_one_or_none()
    return int(found or 0)
