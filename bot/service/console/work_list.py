"""Work list: open tasks and escalations of a clinic as one list, in queues, page by page.

Escalations come first, and of these what nobody has. A task that an open escalation stands for is not listed beside it:
resolving the escalation closes it too.
"""

import base64
import binascii
import struct
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from bot.core.effects import Urgency
from bot.core.escalation import UNANSWERED, tasks_of
from bot.core.roles import May, Sees
from bot.runtime import Runtime
from bot.service import board, words_of_tasks
from bot.service.board import MOST_OPEN
from bot.service.console import mask
from bot.service.console.work_words import next_page, on_call_now, sleeping
from bot.service.desk import Desk
from bot.store import audit, escalations, queues, staff
from bot.store.base import Db
from bot.store.escalations import Escalation
from bot.store.queues import MOST_COUNTED, Looker, Place, Queue, Whose, Work
from bot.store.staff import Member

__all__ = ["Listed", "Queue", "Row", "Tab", "holder", "listing", "stands_for", "who"]

PAGE = 50
GONE = "somebody who has left"
_URGENCIES = [str(urgency) for urgency in Urgency]
_CURSOR = struct.Struct(">bq16s")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the list. `key`: a task's id, or an escalation's code; `pick`: a task as it is seen now."""

    key: str
    escalation: bool
    pick: str = ""
    who: str
    why: str
    detail: str | None = None
    urgency: str
    alarm: bool = False
    times: int = 1
    since: datetime
    countdown: str = ""
    late: bool = False
    holder: str = ""
    mine: bool = False
    mentioned: bool = False
    next: str
    next_at: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A queue, and how many wait in it: '12', '999+'."""

    queue: Queue
    label: str
    count: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of a queue; `after` leads to the next one, `first` says that it is the first."""

    queue: Queue
    tabs: tuple[Tab, ...]
    rows: tuple[Row, ...]
    after: str | None
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alarms:
    """The open escalations, with their cards of the board and what they stand for."""

    found: tuple[Escalation, ...] = ()
    cards: Mapping[UUID, Mapping[str, Any]]
    covered: frozenset[UUID] = frozenset()
    on_call: bool = False


def listing(rt: Runtime, desk: Desk, queue: Queue, *, after: str | None = None, audited: bool) -> Listed:
    """A page of this queue. A cursor that is none leads to the first page."""
    desk.require(May.INBOX)
    now, place = rt.now(), _place(after)
    who = Looker(clinic=desk.clinic, member=desk.member, role=desk.role_name)
    with rt.begin() as db:
        everybody = staff.all_of(db, desk.clinic)
        alarms = _alarms(rt, db, desk, everybody)
        works, more = queues.page(
            db,
            who,
            queue,
            now,
            without=alarms.covered,
            after=place,
            at_most=PAGE,
            details=desk.sees(Sees.MESSAGES),
        )
        shown = [] if place else [one for one in alarms.found if _belongs(desk, queue, alarms, one, now)]
        about = queues.whose(
            db, desk.clinic, {one.conversation for one in works} | {one.conversation for one in shown}
        )
        counted = queues.counts(db, who, now, without=alarms.covered)
        if audited:
            patients = {person for whose in about.values() for person, _ in whose.people}
            seen = desk.entry(
                "inbox.listed", f"clinic:{desk.clinic}", patients=tuple(sorted(patients)), detail=str(queue)
            )
            audit.write(db, [seen], now)
    brought = {one.conversation for one in alarms.found}
    rows = [_alarm_row(desk, one, alarms.cards[one.id], about, now) for one in shown]
    rows += [_task_row(desk, one, about, everybody, brought, queue, now) for one in works]
    return Listed(
        queue=queue,
        tabs=_tabs(desk, queue, counted, alarms, now),
        rows=tuple(rows),
        after=_cursor(works[-1].place) if more else None,
        first=place is None,
    )


def stands_for(one: Escalation, task: Work) -> bool:
    """Whether resolving this escalation closes the task, too: see `answer.resolve`."""
    if task.conversation != one.conversation:
        return False
    return task.overdue is not None if one.reason == UNANSWERED else task.task in tasks_of(one.reason)


def who(desk: Desk, whose: Whose) -> str:
    """Whom it is about: names, of all who share a phone; the phone where nobody is on file."""
    if whose.people:
        return ", ".join(name for _, name in whose.people)
    return mask.phone(desk, whose.phone) if whose.phone else "Nobody on file"


def holder(everybody: Sequence[Member], member: UUID | None) -> str:
    """The name of who has it, '' where nobody does."""
    if member is None:
        return ""
    return next((one.name for one in everybody if one.id == member), GONE)


def _alarms(rt: Runtime, db: Db, desk: Desk, everybody: Sequence[Member]) -> _Alarms:
    found = escalations.open_ones(db, desk.clinic, MOST_OPEN)
    if not found:
        return _Alarms(cards={})
    me = next((one for one in everybody if one.id == desk.member), None)
    at = board.board(rt, db, desk.clinic, everybody, me=me, code=None)
    tasks = queues.of_conversations(db, desk.clinic, {one.conversation for one in found})
    ordered = sorted(
        found, key=lambda one: (one.taken is not None, _URGENCIES.index(one.urgency), one.opened)
    )
    return _Alarms(
        found=tuple(ordered),
        cards={one.id: card for one, card in zip(ordered, board.cards(at, ordered), strict=True)},
        covered=frozenset(task.id for task in tasks if any(stands_for(one, task) for one in found)),
        on_call=on_call_now(at, desk.handle),
    )


_SHOWN: Mapping[Queue, Callable[[Desk, _Alarms, Escalation], bool]] = {
    Queue.MINE: lambda desk, alarms, one: one.by == desk.handle if one.taken else alarms.on_call,
    Queue.ROLE: lambda desk, _, one: one.taken is None and desk.may(May.ESCALATIONS),
    Queue.ALL: lambda _desk, _alarms, _one: True,
    Queue.UNCLAIMED: lambda _desk, _alarms, one: one.taken is None,
    Queue.SNOOZED: lambda _desk, _alarms, _one: True,
}


def _belongs(desk: Desk, queue: Queue, alarms: _Alarms, one: Escalation, now: datetime) -> bool:
    """Whether a queue shows this escalation: what nobody has stands in every one that it may concern."""
    return sleeping(one, now) is (queue is Queue.SNOOZED) and _SHOWN[queue](desk, alarms, one)


def _tabs(
    desk: Desk, queue: Queue, counted: Mapping[Queue, int], alarms: _Alarms, now: datetime
) -> tuple[Tab, ...]:
    labels = {
        Queue.MINE: "Mine",
        Queue.ROLE: desk.role.label,
        Queue.ALL: "All",
        Queue.UNCLAIMED: "Unclaimed",
        Queue.SNOOZED: "Snoozed",
    }

    def count(each: Queue) -> str:
        many = counted[each] + sum(_belongs(desk, each, alarms, one, now) for one in alarms.found)
        return str(many) if many < MOST_COUNTED else f"{MOST_COUNTED - 1}+"

    return tuple(
        Tab(queue=each, label=label, count=count(each), current=each is queue)
        for each, label in labels.items()
    )


def _alarm_row(
    desk: Desk, one: Escalation, card: Mapping[str, Any], about: Mapping[UUID, Whose], now: datetime
) -> Row:
    step, at = next_page(card)
    return Row(
        key=one.code,
        escalation=True,
        who=who(desk, about.get(one.conversation, Whose())),
        why=card["reason"],
        urgency="drill" if one.drill else one.urgency,
        alarm=one.taken is None and not one.drill and one.urgency != Urgency.ROUTINE,
        since=one.opened,
        countdown="" if one.taken else f"open for {words_of_tasks.span(now - one.opened)}",
        holder=card["by"] or "",
        mine=bool(card["mine"]),
        next=step,
        next_at=at,
        until=one.snoozed_until if sleeping(one, now) else None,
    )


def _task_row(
    desk: Desk,
    one: Work,
    about: Mapping[UUID, Whose],
    everybody: Sequence[Member],
    brought: Collection[UUID],
    queue: Queue,
    now: datetime,
) -> Row:
    countdown, late = words_of_tasks.countdown(one.due, now)
    step, at = words_of_tasks.next_step(one.due, one.overdue, brought=one.conversation in brought)
    return Row(
        key=str(one.id),
        escalation=False,
        pick=f"{one.id}.{one.times}",
        who=who(desk, about.get(one.conversation, Whose())),
        why=words_of_tasks.why(one.task),
        detail=one.detail,
        urgency=one.urgency,
        times=one.times,
        since=one.opened,
        countdown=countdown,
        late=late,
        holder=holder(everybody, one.claimed_by),
        mine=one.claimed_by == desk.member,
        mentioned=queue is Queue.MINE and one.claimed_by != desk.member,
        next=step,
        next_at=at,
        until=one.snoozed_until if one.sleeps(now) else None,
    )


def _cursor(place: Place) -> str:
    """Where the next page begins, as an address may hold it: numbers and an id."""
    packed = _CURSOR.pack(place.rank, (place.wanted - _EPOCH) // _MICROSECOND, place.id.bytes)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _place(cursor: str | None) -> Place | None:
    if not cursor:
        return None
    try:
        packed = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        rank, since, number = _CURSOR.unpack(packed)
        return Place(rank=rank, wanted=_EPOCH + since * _MICROSECOND, id=UUID(bytes=number))
    except (binascii.Error, struct.error, OverflowError, ValueError):
        return None
