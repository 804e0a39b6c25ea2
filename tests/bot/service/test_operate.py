"""Operate: migrating, verifying the audit trail, and changing the master key."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.errors import AuditBroken, BadFlow, VaultError
from bot.runtime import Runtime
from bot.service import advance, operate
from bot.service import clinic as clinics
from bot.service.receive import Text, receive
from bot.store import audit, conversations, editions, inbox
from bot.store.audit import Head
from tests.conftest import ANA_PHONE, CLINIC_PHONE, Servers, make_settings

Processes = Callable[[str], Runtime]
OLD, NEW = (base64.b64encode(bytes([byte]) * 32).decode() for byte in (b"m"[0], b"n"[0]))


@pytest.fixture
def with_keys(rt: Runtime) -> Iterator[Callable[[str], Runtime]]:
    """Starts another process with these MASTER_KEYS on the same database."""
    started: list[Runtime] = []

    def start(keys: str) -> Runtime:
        same = rt.settings.model_dump(include={"database_url", "redis_url", "data_dir", "demo"})
        started.append(Runtime(make_settings(**same, master_keys=keys)))
        started[-1].__dict__["reader"] = rt.reader
        return started[-1]

    yield start
    for one in started:
        one.engine.dispose()


def some_rows(rt: Runtime) -> None:
    """A conversation with a text, an answer and their audit rows."""
    receive(rt, Text(sid="SM1", sender=ANA_PHONE, to=CLINIC_PHONE, body="hello there"))
    advance.drain(rt, 10)


# -- migrating ---------------------------------------------------------------------------------------


def test_migrating_again_changes_nothing(rt: Runtime) -> None:
    with rt.begin() as db:
        before = editions.current(db)
    operate.migrate(rt)
    with rt.begin() as db:
        assert editions.current(db) == before


def test_a_fresh_database_gets_schema_and_flows(servers: Servers, tmp_path: Path) -> None:
    import psycopg

    name = f"fresh_{tmp_path.name}".replace("-", "_").lower()
    with psycopg.connect(servers.postgres, autocommit=True) as conn:
        conn.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
    url = servers.postgres.replace("/careline?", f"/{name}?")
    fresh = Runtime(make_settings(database_url=url, redis_url=servers.redis, data_dir=tmp_path))
    operate.migrate(fresh)
    with fresh.begin() as db:
        assert editions.current(db)
    fresh.engine.dispose()


def test_migrating_does_not_publish_over_what_the_clinic_has_published(rt: Runtime, tmp_path: Path) -> None:
    broken = Runtime(rt.settings.model_copy(update={"flows_dir": tmp_path}))
    operate.migrate(broken)  # the shipped flows are not even looked at
    with rt.begin() as db:
        db.conn.exec_driver_sql("DELETE FROM editions")
    with pytest.raises(BadFlow):
        operate.migrate(broken)
    broken.engine.dispose()


# -- the audit trail ---------------------------------------------------------------------------------


def tamper(rt: Runtime, sql: str) -> None:
    """As somebody with all rights in the database could."""
    with rt.begin() as db:
        db.conn.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER USER")
        assert db.conn.exec_driver_sql(sql).rowcount == 1


LAST = "(lane, seq) = (SELECT lane, max(seq) FROM audit GROUP BY lane ORDER BY max(seq) DESC LIMIT 1)"
FIRST = "(lane, seq) = (SELECT lane, 1 FROM audit GROUP BY lane ORDER BY max(seq) DESC LIMIT 1)"


def test_a_trail_that_nobody_touched_holds_and_is_counted(rt: Runtime, clinic: UUID) -> None:
    some_rows(rt)
    with rt.begin() as db:
        rows = len(db.conn.execute(select(audit.audit.c.seq)).all())
    assert operate.verify_audit(rt) == rows > 2


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        (f"UPDATE audit SET actor = 'nobody' WHERE {FIRST}", "was altered"),
        (f"UPDATE audit SET detail = detail || '.' WHERE {LAST}", "was altered"),
        (f"DELETE FROM audit WHERE {FIRST}", "is missing"),
    ],
)
def test_an_altered_trail_names_its_first_bad_row(rt: Runtime, clinic: UUID, sql: str, fault: str) -> None:
    some_rows(rt)
    tamper(rt, sql)
    with pytest.raises(AuditBroken, match=f"Row \\d/\\d+ {fault}"):
        operate.verify_audit(rt)


def test_a_cut_tail_is_found_with_an_anchor_only(rt: Runtime, clinic: UUID) -> None:
    some_rows(rt)
    anchors = [operate.anchor(line) for line in operate.audit_anchor(rt)]
    tamper(rt, f"DELETE FROM audit WHERE {LAST}")
    operate.verify_audit(rt)
    with pytest.raises(AuditBroken, match="the anchor saw it"):
        operate.verify_audit(rt, anchors)


def test_an_anchor_still_holds_after_more_has_happened(rt: Runtime, clinic: UUID) -> None:
    anchors = [operate.anchor(line) for line in operate.audit_anchor(rt)]
    some_rows(rt)
    assert operate.verify_audit(rt, anchors)


def test_a_chain_that_was_written_anew_differs_from_its_anchor(rt: Runtime, clinic: UUID) -> None:
    (first, *others) = [operate.anchor(line) for line in operate.audit_anchor(rt)]
    with pytest.raises(AuditBroken, match="written anew"):
        operate.verify_audit(rt, [replace(first, hash=bytes(32)), *others])


def test_an_anchor_line_says_the_same_when_it_is_read_back(rt: Runtime, clinic: UUID) -> None:
    with rt.begin() as db:
        heads: list[Head] = audit.heads(db)
    assert [operate.anchor(line) for line in operate.audit_anchor(rt)] == heads


# -- the master key ----------------------------------------------------------------------------------


def phone(rt: Runtime) -> str:
    with rt.begin() as db:
        wanted = select(inbox.inbox.c.conversation_id).limit(1)
        return conversations.phone_of(db, db.conn.execute(wanted).scalar_one())


def test_after_a_rotation_old_rows_open_with_the_new_key_alone(
    rt: Runtime, clinic: UUID, with_keys: Processes
) -> None:
    some_rows(rt)
    both = with_keys(f"{NEW},{OLD}")
    assert operate.rotate_keys(both) == 2
    assert phone(with_keys(NEW)) == ANA_PHONE


def test_new_rows_go_in_and_out_with_the_new_key_alone(
    rt: Runtime, clinic: UUID, with_keys: Processes
) -> None:
    operate.rotate_keys(with_keys(f"{NEW},{OLD}"))
    after = with_keys(NEW)
    some_rows(after)
    assert phone(after) == ANA_PHONE


def test_before_a_rotation_the_new_key_alone_opens_nothing(
    rt: Runtime, clinic: UUID, with_keys: Processes
) -> None:
    some_rows(rt)
    with pytest.raises(VaultError, match="No key of MASTER_KEYS fits"):
        phone(with_keys(NEW))


def test_after_a_rotation_the_old_key_alone_opens_nothing(
    rt: Runtime, clinic: UUID, with_keys: Processes
) -> None:
    some_rows(rt)
    operate.rotate_keys(with_keys(f"{NEW},{OLD}"))
    with pytest.raises(VaultError):
        phone(with_keys(OLD))


def test_rotating_again_changes_nothing_and_every_clinic_is_rotated(
    rt: Runtime, clinic: UUID, with_keys: Processes
) -> None:
    clinics.add(rt, name="Second Clinic", phone="+12025550300", zone="America/Chicago")
    both = with_keys(f"{NEW},{OLD}")
    assert [operate.rotate_keys(both), operate.rotate_keys(both)] == [4, 0]


def test_a_process_with_the_wrong_key_gives_nothing_up(
    rt: Runtime, clinic: UUID, with_keys: Processes
) -> None:
    """Its operator's mistake must not hand every mailbox to people, nor lose a text that waits."""
    receive(rt, Text(sid="SM1", sender=ANA_PHONE, to=CLINIC_PHONE, body="hello there"))
    with pytest.raises(VaultError):
        advance.drain(with_keys(NEW), 10)
    with rt.begin() as db:
        (mail,) = db.conn.execute(select(inbox.inbox)).all()
    assert (mail.attempts, mail.failed_at) == (0, None)
