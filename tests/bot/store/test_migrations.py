"""Migrations: one line of them, named by their order, leading from nothing to exactly what the code declares."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text

from bot.runtime import Runtime
from bot.store import schema
from tests.conftest import Servers

FILES = sorted(path.name for path in (schema.MIGRATIONS / "versions").glob("*.py"))


def scripts() -> ScriptDirectory:
    """Our migrations."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    return ScriptDirectory.from_config(config)


@contextmanager
def _database(servers: Servers, name: str) -> Iterator[Engine]:
    """An empty database that is gone afterwards."""
    name = f"{name}_{os.getpid()}"
    with psycopg.connect(servers.postgres.replace("/careline?", "/postgres?"), autocommit=True) as conn:
        conn.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        engine = create_engine(
            servers.postgres.replace("postgresql://", "postgresql+psycopg://").replace(
                "/careline?", f"/{name}?"
            )
        )
        try:
            yield engine
        finally:
            engine.dispose()
            conn.execute(f'DROP DATABASE "{name}"')


@pytest.fixture
def empty(servers: Servers) -> Iterator[Engine]:
    """A database without anything in it."""
    with _database(servers, "empty") as engine:
        yield engine


@pytest.fixture
def declared(servers: Servers) -> Iterator[Engine]:
    """A database made from the code's declaration of the tables, not by migrations."""
    with _database(servers, "declared") as engine:
        schema.metadata.create_all(engine)
        yield engine


# -- the files ---------------------------------------------------------------------------------------


def test_there_is_one_head() -> None:
    assert scripts().get_heads() == [schema.newest()]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_named_by_number_phase_and_purpose(name: str) -> None:
    assert re.fullmatch(r"\d{4}_(pre|post)_[a-z][a-z0-9_]*\.py", name)


def test_numbers_follow_one_another_and_each_builds_on_the_one_before() -> None:
    numbers = [name[:4] for name in FILES]
    assert numbers == [f"{number:04}" for number in range(1, len(FILES) + 1)]
    line = list(reversed(list(scripts().walk_revisions())))
    assert [script.revision for script in line] == numbers
    assert [script.down_revision for script in line] == [None, *numbers[:-1]]
    assert [os.path.basename(script.path) for script in line] == FILES  # noqa: PTH119


# -- up from nothing ---------------------------------------------------------------------------------


def test_an_empty_database_is_brought_to_the_newest_schema(empty: Engine) -> None:
    with empty.connect() as conn:
        assert not schema.is_current(conn)
    schema.migrate(empty)
    with empty.connect() as conn:
        assert schema.is_current(conn)


def test_migrating_twice_is_harmless(empty: Engine) -> None:
    schema.migrate(empty)
    with empty.connect() as conn:
        before = catalog(conn)
    schema.migrate(empty)
    with empty.connect() as conn:
        assert catalog(conn) == before


def test_an_older_schema_is_not_current(rt: Runtime) -> None:
    with rt.begin() as db:
        db.conn.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        assert not schema.is_current(db.conn)


def test_a_newer_schema_will_do_for_older_code(rt: Runtime) -> None:
    with rt.begin() as db:
        db.conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        assert schema.is_current(db.conn)


def test_the_migrated_schema_has_nothing_that_alembic_would_change(rt: Runtime) -> None:
    with rt.engine.connect() as conn:
        context = MigrationContext.configure(
            conn, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, schema.metadata) == []


def test_the_migrated_schema_is_the_declared_one_to_the_last_index_and_default(
    rt: Runtime, declared: Engine
) -> None:
    with rt.engine.connect() as migrated, declared.connect() as wanted:
        assert catalog(migrated) == catalog(wanted)


def test_a_filled_database_can_be_migrated(rt: Runtime, clinic: object) -> None:
    schema.migrate(rt.engine)
    with rt.begin() as db:
        assert db.conn.execute(text("SELECT count(*) FROM clinics")).scalar_one() == 1


def test_what_stands_in_a_database_of_the_spine_is_taken_along(empty: Engine) -> None:
    """0002: open conversations count as open until they are worked on, and what was published is listed."""
    with empty.begin() as conn:
        schema._migrate(conn, "0001")
        for statement in (
            "INSERT INTO editions VALUES ('e1', '{}', now()), ('e2', '{}', now() - interval '1 day')",
            """INSERT INTO clinics (id, name, phone, zone, language, created_at)
               VALUES (gen_random_uuid(), 'x', 'x', 'UTC', 'en', now())""",
            """INSERT INTO conversations (id, clinic_id, phone, phone_index, state, edition, updated_at)
               SELECT gen_random_uuid(), id, '', n::text::bytea, s, e, now()
               FROM clinics, (VALUES (1, ''::bytea, 'e1'), (2, NULL, NULL)) AS given (n, s, e)""",
        ):
            conn.execute(text(statement))
    schema.migrate(empty)
    with empty.connect() as conn:
        assert conn.execute(
            text("SELECT open_talks FROM conversations ORDER BY phone_index")
        ).scalars().all() == [
            1,
            0,
        ]
        listed = conn.execute(text("SELECT edition, phase FROM publications ORDER BY id")).all()
    assert [tuple(row) for row in listed] == [("e2", None), ("e1", None)]


def test_a_migration_gives_up_rather_than_stand_in_the_way(empty: Engine) -> None:
    with empty.begin() as conn:
        schema._migrate(conn, "head")
        limits = [
            conn.execute(text(f"SHOW {name}")).scalar_one() for name in ("statement_timeout", "lock_timeout")
        ]
    assert limits == ["5s", "4s"]


def catalog(conn: Connection) -> set[tuple[object, ...]]:
    """Columns, indexes and constraints of our tables, as PostgreSQL writes them down."""
    ours = "<> 'alembic_version'"
    columns = "table_name, column_name, data_type, is_nullable, column_default, is_identity"
    queries = (
        f"SELECT {columns} FROM information_schema.columns WHERE table_schema = 'public' AND table_name {ours}",
        f"SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename {ours}",
        f"""SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text {ours}""",
    )
    return {tuple(row) for query in queries for row in conn.execute(text(query))}
