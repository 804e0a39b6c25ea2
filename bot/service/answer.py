"""Answer: what people on call do with an escalation: take it, resolve it, hand it over, let it sleep, open it again.

Each puts one happening into the mailbox of the escalation's conversation; the core decides. Texts come by another way:
see `apply`. `by` is a handle, empty for whoever holds the clinic's on-call phone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID, uuid4

from bot.core.escalation import OUTCOMES, UNANSWERED, tasks_of
from bot.core.events import Acknowledged, Handled
from bot.core.oncall import Whom
from bot.errors import NotFound
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.service import attend
from bot.store import escalations, inbox, worklist
from bot.store.base import Db
from bot.store.escalations import Escalation
from bot.store.inbox import Mail

Via = Literal["text", "call", "link", "console", "command"]
LONGEST_SNOOZE = timedelta(hours=24)


class Came(StrEnum):
    """What came of taking one."""

    TAKEN = "taken"
    ALREADY = "already"  # somebody else was quicker
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of taking one, and who has it now (a handle; empty: the on-call phone), since when."""

    came: Came
    by: str
    since: datetime


def take(rt: Runtime, clinic: UUID, code: str, *, by: str, via: Via) -> Taken:
    """Take an escalation. Raises NotFound where there is none with this code."""
    with rt.begin() as db:
        found, now = _found(db, clinic, code), rt.now()
        if found.resolved:
            return Taken(came=Came.CLOSED, by=found.by or "", since=found.resolved)
        if found.taken and found.by != by:
            return Taken(came=Came.ALREADY, by=found.by or "", since=found.taken)
        _put(rt, db, found, Acknowledged(code=code, by=by, via=via))
    rt.doorbell.ring(INBOUND)
    return Taken(came=Came.TAKEN, by=by, since=found.taken or now)


def resolve(rt: Runtime, clinic: UUID, code: str, *, by: str, via: Via, outcome: str) -> None:
    """It is over; so are the tasks that it stands for. Raises NotFound, ValueError for an outcome that is none."""
    if outcome not in OUTCOMES:
        raise ValueError(f"An outcome is one of: {', '.join(OUTCOMES)}.")
    now = rt.now()
    with rt.begin() as db:
        found = _found(db, clinic, code)
        _put(rt, db, found, Handled(code=code, how="resolved", by=by, via=via, outcome=outcome))
        for task, closed in worklist.close_named(
            db, found.conversation, tasks_of(found.reason), now, overdue=found.reason == UNANSWERED
        ):
            attend.begin_with(rt, db, task, closed)
    rt.doorbell.ring(INBOUND)


def reopen(rt: Runtime, clinic: UUID, code: str, *, by: str, via: Via) -> None:
    """It is not over, or whoever has it can't go on: it climbs from the first step. Raises NotFound."""
    with rt.begin() as db:
        found = _found(db, clinic, code)
        again = Handled(code=code, how="reopened", by=by, via=via, urgency=found.urgency, reason=found.reason)
        _put(rt, db, found, again)
    rt.doorbell.ring(INBOUND)


def hand_over(rt: Runtime, clinic: UUID, code: str, *, by: str, via: Via, to: Whom) -> None:
    """Somebody else is paged now, and the ladder behind them if they don't take it. Raises NotFound."""
    with rt.begin() as db:
        found = _found(db, clinic, code)
        _put(rt, db, found, Handled(code=code, how="handed over", by=by, via=via, to=to))
    rt.doorbell.ring(INBOUND)


def snooze(rt: Runtime, clinic: UUID, code: str, *, by: str, via: Via, span: timedelta) -> None:
    """They have it and want to be asked again after `span`, a day at most. Raises NotFound, ValueError."""
    if not timedelta() < span <= LONGEST_SNOOZE:
        raise ValueError("It can sleep for a day at most.")
    with rt.begin() as db:
        found = _found(db, clinic, code)
        _put(rt, db, found, Handled(code=code, how="snoozed", by=by, via=via, until=rt.now() + span))
    rt.doorbell.ring(INBOUND)


def _found(db: Db, clinic: UUID, code: str) -> Escalation:
    found = escalations.by_code(db, clinic, code)
    if found is None:
        raise NotFound(f"There is no escalation {code}.")
    return found


def _put(rt: Runtime, db: Db, found: Escalation, what: Acknowledged | Handled) -> None:
    mail = Mail(clinic=found.clinic, conversation=found.conversation, dedupe=f"staff:{uuid4()}", what=what)
    inbox.put(db, [mail], rt.now())
