"""The whole schema in one place: imports every noun so that `metadata` knows all tables; runs migrations."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from bot.store import (
    alerts,
    answers,
    appointments,
    audit,
    broadcasts,
    chart,
    clinics,
    conversations,
    deliveries,
    devices,
    doorsteps,
    drafts,
    editions,
    escalations,
    glass,
    guardians,
    guards,
    heartbeats,
    inbox,
    links,
    logins,
    names,
    notes,
    openings,
    outbox,
    passkeys,
    people,
    sessions,
    signatures,
    staff,
    staff_links,
    staff_passkeys,
    swaps,
    task_notes,
    timers,
    trail,
    visit_acts,
    waitlist,
    worklist,
)
from bot.store.base import metadata

NOUNS = (
    alerts,
    answers,
    appointments,
    audit,
    broadcasts,
    chart,
    clinics,
    conversations,
    deliveries,
    devices,
    doorsteps,
    drafts,
    editions,
    escalations,
    glass,
    guardians,
    guards,
    heartbeats,
    inbox,
    links,
    logins,
    names,
    notes,
    openings,
    outbox,
    passkeys,
    people,
    sessions,
    signatures,
    staff,
    staff_links,
    staff_passkeys,
    swaps,
    task_notes,
    timers,
    trail,
    visit_acts,
    waitlist,
    worklist,
)
MIGRATIONS = Path(__file__).parent / "migrations"

__all__ = ["MIGRATIONS", "NOUNS", "is_current", "metadata", "migrate", "newest"]


def migrate(engine: Engine) -> None:
    """Bring the database to the newest schema; statements give up after 5 s, or 4 s of waiting for a lock."""
    with engine.begin() as conn:
        _migrate(conn, "head")


def _migrate(conn: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = conn
    command.upgrade(config, revision)


def newest() -> str:
    """The revision of the newest migration that this code knows."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    found = ScriptDirectory.from_config(config).get_current_head()
    assert found is not None
    return found


def is_current(conn: Connection) -> bool:
    """Whether the database has at least that schema: old code runs on a newer one. Revisions are four digits."""
    present = MigrationContext.configure(conn).get_current_revision()
    return present is not None and present >= newest()
