"""Heartbeats: that a process of which there is one or a few is still at it. A row for each, overwritten at every beat.

Beats and their ages are by the database's own clock: hosts may differ, and the demo's clock can be put forward.
"""

from datetime import timedelta

from sqlalchemy import Column, Table, Text, func, select
from sqlalchemy.dialects.postgresql import insert

from bot.store.base import Db, Moment, metadata

CLOCK = "clock"
WATCH = "watch"

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)


def beat(db: Db, name: str) -> None:
    """This process is at it now."""
    now = func.clock_timestamp()
    statement = insert(heartbeats).values(name=name, at=now)
    db.conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": now}))


def ages(db: Db) -> dict[str, timedelta]:
    """How long ago each process beat last; one that never did is not in it."""
    age = (func.clock_timestamp() - heartbeats.c.at).label("age")
    return {row.name: row.age for row in db.conn.execute(select(heartbeats.c.name, age))}
