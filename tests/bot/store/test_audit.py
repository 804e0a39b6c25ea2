"""The audit trail on real PostgreSQL: it chains itself, refuses to be changed, and shows whatever was altered.

To alter rows at all these tests drop the guards as the table's owner, which an application's role is not.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import DBAPIError

from bot.errors import AuditBroken
from bot.runtime import Runtime
from bot.store import audit
from bot.store.audit import Entry, Head

NOW = datetime(2026, 12, 1, 17, 0, 0, 123456, tzinfo=UTC)
ENTRY = Entry(clinic=UUID(int=1), actor="bot", action="visit.confirmed", subject="visit:1")


def append(rt: Runtime, *entries: Entry) -> Head:
    """Write these, and say where the chain ends: a thread writes to one chain."""
    with rt.begin() as db:
        audit.write(db, entries, NOW)
        (head,) = audit.heads(db)
        return head


def verify(rt: Runtime, *anchors: Head) -> Head:
    """Recompute the chain that this test wrote."""
    with rt.begin() as db:
        (head,) = audit.verify(db, anchors)
        return head


def numbered(first: int, count: int) -> list[Entry]:
    """Entries that differ."""
    return [replace(ENTRY, subject=f"visit:{number}") for number in range(first, first + count)]


@contextmanager
def unguarded(rt: Runtime) -> Iterator[Connection]:
    """A transaction of the table's owner, who has switched its triggers off."""
    with rt.begin() as db:
        db.conn.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        yield db.conn
        for name in ("audit_chain", "audit_no_change", "audit_no_truncate"):
            db.conn.execute(text(f"ALTER TABLE audit ENABLE ALWAYS TRIGGER {name}"))


@pytest.fixture
def chain(rt: Runtime) -> tuple[Runtime, int]:
    """Ten rows of ours at the end of the chain, and the number of the first of them."""
    end = append(rt, *numbered(0, 10))
    return rt, end.seq - 9


# -- it chains itself --------------------------------------------------------------------------------


def test_rows_are_numbered_without_gaps_and_each_holds_its_predecessors_hash(
    chain: tuple[Runtime, int],
) -> None:
    rt, _ = chain
    with rt.begin() as db:
        rows = db.conn.execute(text("SELECT lane, seq, previous, hash FROM audit ORDER BY seq")).all()
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert [row.previous for row in rows] == [audit.FIRST, *(row.hash for row in rows[:-1])]
    assert len({row.hash for row in rows}) == len(rows)
    assert verify(rt) == Head(lane=rows[-1].lane, seq=rows[-1].seq, hash=rows[-1].hash)


def test_rows_written_at_once_are_chained_in_their_order(rt: Runtime) -> None:
    end = append(rt, *numbered(0, 100))
    with rt.begin() as db:
        found = db.conn.execute(text("SELECT subject FROM audit ORDER BY seq DESC LIMIT 100")).scalars().all()
    assert found == [f"visit:{number}" for number in reversed(range(100))]
    assert verify(rt) == end


@pytest.mark.parametrize(
    "entry",
    [
        replace(ENTRY, clinic=None),
        replace(ENTRY, patients=(UUID(int=1), UUID(int=2))),
        replace(ENTRY, detail="SendText,SetTimer"),
        replace(ENTRY, detail="Ünïcödé 😀 \n\t"),
        replace(ENTRY, actor="", action="", subject="", origin=""),
    ],
)
def test_python_and_postgresql_hash_the_same_bytes(rt: Runtime, entry: Entry) -> None:
    assert append(rt, entry) == verify(rt)


def test_a_transaction_that_fails_leaves_no_gap(rt: Runtime) -> None:
    before = append(rt, ENTRY)
    with rt.begin() as db:
        audit.write(db, [ENTRY], NOW)
        db.conn.rollback()
    assert append(rt, ENTRY).seq == before.seq + 1
    verify(rt)


def test_nobody_can_choose_number_or_hash(rt: Runtime) -> None:
    before = append(rt, ENTRY)
    with rt.begin() as db:
        db.conn.execute(
            text(
                "INSERT INTO audit (lane, seq, at, actor, action, subject, patients, origin, detail, previous, hash) "
                f"VALUES ({before.lane}, 1, now(), 'x', 'x', 'x', '', '', '', '\\x00', '\\x00')"
            )
        )
    assert verify(rt).seq == before.seq + 1


def write_at_once(rt: Runtime, threads: int, times: int) -> None:
    """Each thread commits this often, two rows each time."""

    def write(writer: int) -> None:
        for number in range(times):
            with rt.begin() as db:
                audit.write(db, numbered(1000 * writer + 2 * number, 2), NOW)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(write, range(threads)))


@pytest.mark.parametrize("threads", [8, 3 * audit.LANES])
def test_writers_at_once_make_no_fork(rt: Runtime, threads: int) -> None:
    before = append(rt, ENTRY)
    write_at_once(rt, threads, 10)
    with rt.begin() as db:
        heads = audit.verify(db)
        assert heads == audit.heads(db)
        links = db.conn.execute(text("SELECT count(DISTINCT (lane, previous)) FROM audit")).scalar_one()
    assert sum(head.seq for head in heads) == links == before.seq + threads * 10 * 2


def test_writers_are_spread_over_the_chains(rt: Runtime) -> None:
    write_at_once(rt, 3 * audit.LANES, 1)
    with rt.begin() as db:
        assert 1 < len(audit.heads(db)) <= audit.LANES


def test_a_chain_that_forks_is_refused_by_the_database_itself(rt: Runtime) -> None:
    end = append(rt, ENTRY)
    with unguarded(rt) as conn:
        duplicate = text(f"INSERT INTO audit SELECT * FROM audit WHERE seq = {end.seq}")
        with pytest.raises(DBAPIError, match="pk_audit"), conn.begin_nested():
            conn.execute(duplicate)


def test_nothing_to_write_is_no_statement(rt: Runtime) -> None:
    before = append(rt, ENTRY)
    assert append(rt) == before


def test_where_nothing_was_written_there_is_nothing_to_verify(rt: Runtime) -> None:
    with unguarded(rt) as conn:
        conn.execute(text("TRUNCATE audit"))
    with rt.begin() as db:
        assert audit.verify(db) == audit.heads(db) == []


# -- it refuses to be changed ------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["origin", "replica", "local"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET detail = 'x'",
        "UPDATE audit SET detail = detail WHERE seq = 1",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE seq = 1",
        "TRUNCATE audit",
        "TRUNCATE audit CASCADE",
        "MERGE INTO audit USING (SELECT 1) AS one ON audit.seq = 1 WHEN MATCHED THEN DELETE",
        "INSERT INTO audit SELECT * FROM audit WHERE seq = 1 ON CONFLICT (lane, seq) DO UPDATE SET detail = 'x'",
    ],
)
def test_a_row_can_neither_be_changed_nor_taken_away(rt: Runtime, statement: str, role: str) -> None:
    before = append(rt, ENTRY)
    with rt.begin() as db:
        db.conn.execute(text(f"SET LOCAL session_replication_role = {role}"))
        if "ON CONFLICT" in statement:
            db.conn.execute(text(statement))  # the row is numbered anew: there is nothing to conflict with
        else:
            with pytest.raises(DBAPIError, match="append-only"):
                db.conn.execute(text(statement))
            db.conn.rollback()
    assert verify(rt).seq in (before.seq, before.seq + 1)
    with rt.begin() as db:
        assert db.conn.execute(text("SELECT count(*) FROM audit WHERE detail = 'x'")).scalar_one() == 0


def test_rows_are_chained_also_where_triggers_are_said_to_be_off(rt: Runtime) -> None:
    with rt.begin() as db:
        db.conn.execute(text("SET LOCAL session_replication_role = replica"))
        audit.write(db, numbered(0, 3), NOW)
    verify(rt)


# -- it shows what was altered -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "column",
    [
        "at = at + interval '1 microsecond'",
        "clinic_id = NULL",
        "actor = 'patient'",
        "action = 'visit.cancelled'",
        "subject = 'visit:999'",
        "patients = '00000000-0000-0000-0000-000000000001'",
        "origin = 'webhook'",
        "detail = 'x'",
        "subject = '', detail = subject",
        "hash = sha256(hash)",
        "previous = sha256(previous)",
    ],
)
def test_an_edit_of_any_column_is_found(chain: tuple[Runtime, int], column: str) -> None:
    rt, first = chain
    with unguarded(rt) as conn:
        conn.execute(text(f"UPDATE audit SET {column} WHERE seq = {first + 4}"))
    with pytest.raises(AuditBroken, match=f"Row [0-7]/{first + 4} was altered"):
        verify(rt)


def test_letters_that_move_from_one_column_to_the_next_are_found(chain: tuple[Runtime, int]) -> None:
    rt, first = chain
    with unguarded(rt) as conn:
        conn.execute(
            text(f"UPDATE audit SET actor = 'botv', action = 'isit.confirmed' WHERE seq = {first + 4}")
        )
    with pytest.raises(AuditBroken, match=f"Row [0-7]/{first + 4} was altered"):
        verify(rt)


def test_an_edit_whose_hash_was_made_anew_is_found_at_the_next_row(chain: tuple[Runtime, int]) -> None:
    rt, first = chain
    with unguarded(rt) as conn:
        conn.execute(text(f"UPDATE audit SET detail = 'forged' WHERE seq = {first + 4}"))
        forged = conn.execute(select(audit.audit).where(audit.audit.c.seq == first + 4)).one()
        made_anew = update(audit.audit).where(audit.audit.c.seq == first + 4)
        conn.execute(made_anew.values(hash=audit._hash(forged)))
    with pytest.raises(AuditBroken, match=f"Row [0-7]/{first + 5} was altered"):
        verify(rt)


@pytest.mark.parametrize("gone", [0, 5, 8])
def test_a_deletion_in_the_middle_is_found(chain: tuple[Runtime, int], gone: int) -> None:
    rt, first = chain
    with unguarded(rt) as conn:
        conn.execute(text(f"DELETE FROM audit WHERE seq = {first + gone}"))
    with pytest.raises(AuditBroken, match=f"Row [0-7]/{first + gone} is missing"):
        verify(rt)


def test_a_deletion_is_found_also_where_the_rest_was_numbered_anew(chain: tuple[Runtime, int]) -> None:
    rt, first = chain
    with unguarded(rt) as conn:
        conn.execute(text(f"DELETE FROM audit WHERE seq = {first + 5}"))
        conn.execute(text(f"UPDATE audit SET seq = -seq WHERE seq > {first + 5}"))
        conn.execute(text("UPDATE audit SET seq = -seq - 1 WHERE seq < 0"))
    with pytest.raises(AuditBroken, match=f"Row [0-7]/{first + 5} was altered"):
        verify(rt)


def test_an_insertion_is_found(chain: tuple[Runtime, int]) -> None:
    rt, first = chain
    with unguarded(rt) as conn:
        conn.execute(text(f"UPDATE audit SET seq = -seq WHERE seq > {first + 5}"))
        conn.execute(
            text(
                f"INSERT INTO audit SELECT lane, {first + 6}, at, clinic_id, actor, action, 'visit:forged', patients, "
                f"origin, detail, hash, sha256(hash) FROM audit WHERE seq = {first + 5}"
            )
        )
        conn.execute(text("UPDATE audit SET seq = -seq + 1 WHERE seq < 0"))
    with pytest.raises(AuditBroken, match=f"Row [0-7]/{first + 6} was altered"):
        verify(rt)


def test_two_rows_that_changed_places_are_found(chain: tuple[Runtime, int]) -> None:
    rt, first = chain
    with unguarded(rt) as conn:
        for old, new in ((first + 3, -1), (first + 4, first + 3), (-1, first + 4)):
            conn.execute(text(f"UPDATE audit SET seq = {new} WHERE seq = {old}"))
    with pytest.raises(AuditBroken, match=f"Row [0-7]/{first + 3} was altered"):
        verify(rt)


def test_a_row_before_the_first_is_found(chain: tuple[Runtime, int]) -> None:
    rt, _ = chain
    with unguarded(rt) as conn:
        conn.execute(text("UPDATE audit SET seq = 0 WHERE seq = 1"))
    with pytest.raises(AuditBroken, match=r"Row [0-7]/1 is missing"):
        verify(rt)


@pytest.mark.parametrize("rows", ["seq > 0", "seq = (SELECT max(seq) FROM audit)", "seq = 1"])
def test_rows_that_were_moved_to_another_chain_are_found(chain: tuple[Runtime, int], rows: str) -> None:
    rt, _ = chain
    with unguarded(rt) as conn:
        conn.execute(text(f"UPDATE audit SET lane = (lane + 1) % 8 WHERE {rows}"))
    with pytest.raises(AuditBroken, match=r"Row [0-7]/\d+ (was altered|is missing)"):
        verify(rt)


# -- what only an anchor shows -----------------------------------------------------------------------


def cut_tail(rt: Runtime, rows: int) -> None:
    """Take the last rows away."""
    with unguarded(rt) as conn:
        conn.execute(text(f"DELETE FROM audit WHERE seq > (SELECT max(seq) FROM audit) - {rows}"))


def test_a_cut_tail_is_found_with_an_anchor_and_only_with_one(chain: tuple[Runtime, int]) -> None:
    rt, _ = chain
    anchor = verify(rt)
    cut_tail(rt, 3)
    assert verify(rt).seq == anchor.seq - 3
    with pytest.raises(AuditBroken, match=f"Row {anchor.lane}/{anchor.seq} is missing: the anchor saw it"):
        verify(rt, anchor)


def test_a_tail_that_was_written_anew_is_found_with_an_anchor(chain: tuple[Runtime, int]) -> None:
    rt, _ = chain
    anchor = verify(rt)
    cut_tail(rt, 1)
    append(rt, replace(ENTRY, subject="visit:forged"), ENTRY)
    verify(rt)
    with pytest.raises(AuditBroken, match=f"Row [0-7]/{anchor.seq} is not the one that the anchor saw"):
        verify(rt, anchor)


def test_a_chain_that_was_written_anew_from_its_beginning_is_found_with_an_anchor(
    chain: tuple[Runtime, int],
) -> None:
    rt, _ = chain
    anchor = verify(rt)
    with unguarded(rt) as conn:
        conn.execute(text("TRUNCATE audit"))
    append(rt, *numbered(0, anchor.seq + 5))
    with pytest.raises(AuditBroken, match="not the one that the anchor saw"):
        verify(rt, anchor)


def test_a_chain_that_is_gone_as_a_whole_is_found_with_an_anchor(chain: tuple[Runtime, int]) -> None:
    rt, _ = chain
    anchor = verify(rt)
    with unguarded(rt) as conn:
        conn.execute(text("TRUNCATE audit"))
    with pytest.raises(AuditBroken, match="the anchor saw it, but the chain ends at 0"):
        verify(rt, anchor)


def test_anchors_hold_as_the_chain_grows(chain: tuple[Runtime, int]) -> None:
    rt, _ = chain
    anchors = [verify(rt), *(append(rt, *numbered(number, 2)) for number in range(3))]
    assert verify(rt, *anchors) == anchors[-1]
