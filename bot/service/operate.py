"""Operate: migrations, the audit chain, keys. What an operator runs by hand or at a release."""

from collections.abc import Sequence

from bot.runtime import Runtime
from bot.service.publish import publish
from bot.store import audit, editions, keys, schema
from bot.store.audit import Entry, Head


def migrate(rt: Runtime) -> None:
    """Bring the database to the newest schema; a fresh one gets the shipped flows as its first edition."""
    schema.migrate(rt.engine)
    with rt.begin() as db:
        fresh = editions.current(db) is None
    if fresh:
        publish(rt, rt.settings.flows_dir)


def verify_audit(rt: Runtime, anchors: Sequence[Head] = ()) -> int:
    """Recompute the audit chains; returns how many rows there are. Raises AuditBroken naming the first bad one."""
    with rt.begin() as db:
        return sum(head.seq for head in audit.verify(db, anchors))


def audit_anchor(rt: Runtime) -> list[dict[str, object]]:
    """The ends of the audit chains, as lines to be kept elsewhere."""
    with rt.begin() as db:
        return [{"lane": head.lane, "seq": head.seq, "hash": head.hash.hex()} for head in audit.heads(db)]


def rotate_keys(rt: Runtime) -> int:
    """Wrap every clinic's data keys under the newest master key; returns how many were not yet."""
    with rt.begin() as db:
        changed = keys.rewrap(db)
        entry = Entry(
            clinic=None,
            actor="operator",
            action="keys.rewrapped",
            subject="keys",
            origin="cli",
            detail=f"{changed} keys",
        )
        audit.write(db, [entry], rt.now())
    return changed


def anchor(line: dict[str, object]) -> Head:
    """An anchor from a line that `bot audit anchor` printed."""
    return Head(lane=int(str(line["lane"])), seq=int(str(line["seq"])), hash=bytes.fromhex(str(line["hash"])))
