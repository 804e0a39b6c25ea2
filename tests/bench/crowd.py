"""Ten thousand open escalations: what the clock and the on-call page ask of the database while there are so many."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from bot.core.effects import Urgency
from bot.core.events import AckDue
from bot.core.oncall import Channel
from bot.core.state import STATE, Alarm, State
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service import overdue, sweep
from bot.store import alerts, conversations, escalations, timers, worklist
from bot.store.base import Db
from bot.store.timers import Timer
from tests.bench.machine import row

DUE = 200
ROUNDS = 20


def measure(rt: Runtime, count: int) -> None:
    """Print a line for each query; `count`: how many are open."""
    clinic = clinics.add(
        rt, name="Lakeside Clinic", phone="+12025550300", zone="America/New_York", oncall_phone="+12025550399"
    )
    _fill(rt, clinic, count)

    def ring(db: Db) -> None:
        assert len(timers.ring(db, rt.now(), sweep.RING_AT_ONCE)) == DUE

    def late(db: Db) -> None:
        assert len(worklist.take_overdue(db, rt.now(), overdue.AT_ONCE)) == DUE

    def shown(db: Db) -> None:
        assert len(escalations.open_ones(db, clinic, DUE)) == DUE

    past = {"clinic": clinic, "at": rt.now() - timedelta(minutes=1), "due": DUE}
    for name, wanted, is_due in (
        ("steps due", ring, _TIMERS_DUE),
        ("tasks overdue", late, None),
        ("open escalations", shown, None),
    ):
        took = [_took(rt, wanted, is_due, past) for _ in range(ROUNDS)]
        row(f"{name}, of {count}", "ms, median", f"{statistics.median(took):.1f}", f"most {max(took):.1f}")
    whole = [_whole_round(rt, past) for _ in range(min(ROUNDS, count // DUE))]
    row("and into mailboxes", "ms, median", f"{statistics.median(whole):.1f}", f"most {max(whole):.1f}")


_TIMERS_DUE = """
    UPDATE timers SET due_at = :at WHERE id IN
        (SELECT id FROM timers WHERE clinic_id = :clinic AND due_at > :at ORDER BY id LIMIT :due)
"""


def _took(rt: Runtime, wanted: Callable[[Db], None], is_due: str | None, past: Mapping[str, Any]) -> float:
    """Milliseconds of the query alone; all is undone afterwards, so that there are always as many."""
    with _undone(rt) as db:
        if is_due:
            db.conn.execute(text(is_due), past)
        start = time.perf_counter()
        wanted(db)
        return (time.perf_counter() - start) * 1000


@contextmanager
def _undone(rt: Runtime) -> Iterator[Db]:
    with rt.engine.connect() as conn:
        yield Db(conn, rt.vault)
        conn.rollback()


def _whole_round(rt: Runtime, past: Mapping[str, Any]) -> float:
    with rt.begin() as db:
        db.conn.execute(text(_TIMERS_DUE), past)
    start = time.perf_counter()
    assert sweep.ring_timers(rt) == DUE
    return (time.perf_counter() - start) * 1000


def _fill(rt: Runtime, clinic: UUID, count: int) -> None:
    """Open escalations of as many conversations, each paged once, each with its timer and task, and tasks of others."""
    now, later = rt.now(), rt.now() + timedelta(hours=1)
    phones = {f"+1404{5550000 + number:07d}" for number in range(count)}
    with rt.begin() as db:
        where = list(conversations.with_phones(db, clinic, phones, now).values())
        codes = {conversation: f"{1000 + number % 9000}" for number, conversation in enumerate(where)}
        for conversation, code in codes.items():
            alarm = Alarm(code=code, urgency=Urgency.EMERGENCY, since=now, paged=now, due=later)
            state = STATE.dump_json(State(alarms=(alarm,)))
            db.conn.execute(
                conversations.conversations.update()
                .where(conversations.conversations.c.id == conversation)
                .values(
                    state=db.seal(
                        conversations.conversations, "state", clinic=clinic, row=conversation, value=state
                    )
                )
            )
        found = {conversation: uuid4() for conversation in where}
        db.add(escalations.escalations, [_escalation(clinic, c, codes[c], found[c], now) for c in where])
        db.add(alerts.alerts, [a for c in where for a in _alerts(clinic, c, codes[c], found[c], now)])
        others = conversations.with_phones(
            db, clinic, {f"+1405555{number:04d}" for number in range(DUE)}, now
        )
        db.add(worklist.tasks, [_task(clinic, c, now) for c in (*where, *others.values())])
        timers.put(
            db,
            [
                Timer(
                    clinic=clinic,
                    conversation=c,
                    key=f"ack:{code}:",
                    due=later,
                    what=AckDue(code=code, rung=0),
                )
                for c, code in codes.items()
            ],
        )
    with rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("VACUUM ANALYZE")


def _escalation(
    clinic: UUID, conversation: UUID, code: str, number: UUID, now: datetime
) -> dict[str, object]:
    return {
        "id": number,
        "clinic_id": clinic,
        "conversation_id": conversation,
        "code": code,
        "urgency": "emergency",
        "rung": 0,
        "opened_at": now,
        "paged_at": now,
    }


def _alerts(
    clinic: UUID, conversation: UUID, code: str, escalation: UUID, now: datetime
) -> Iterator[dict[str, object]]:
    for channel in (Channel.CALL, Channel.CONSOLE):
        number = uuid4()
        yield {
            "id": number,
            "clinic_id": clinic,
            "escalation_id": escalation,
            "conversation_id": conversation,
            "code": code,
            "rung": 0,
            "channel": channel,
            "handle": alerts.new_handle(),
            "effect_key": str(number),
            "words": "EMERGENCY",
            "status": alerts.Status.SENT if channel is Channel.CALL else alerts.Status.SHOWN,
            "not_before": now,
            "created_at": now,
        }


def _task(clinic: UUID, conversation: UUID, now: datetime) -> dict[str, object]:
    return {
        "id": uuid4(),
        "clinic_id": clinic,
        "conversation_id": conversation,
        "task": "emergency",
        "urgency": "emergency",
        "times": 1,
        "opened_at": now,
        "last_at": now,
        "due_at": now,
    }
