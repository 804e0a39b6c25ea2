"""Work item: one task of the inbox with all that a person needs to act on it. Reads only; what is done: `work`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.core.roles import May, Sees
from bot.errors import NotFound
from bot.runtime import Runtime
from bot.service import words_of_tasks
from bot.service.console import mask
from bot.service.console.work_list import holder, stands_for, who
from bot.service.desk import Desk
from bot.store import audit, escalations, queues, staff, task_notes
from bot.store.base import Db
from bot.store.queues import Whose, Work
from bot.store.staff import Member

UNDO = timedelta(minutes=10)
"""What was closed so lately can be opened again."""
MOST_NOTES = 100
MOST_OTHERS = 10
_MOST_ALARMS = 50
_MORNING = time(9)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteShown:
    """A note; `text` is masked where the role sees no notes."""

    by: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleep:
    """A way to put a task off; `beyond` says that it climbs before that, and wakes with it."""

    name: str
    label: str
    until: datetime
    beyond: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A task. `alarm` is the code of an open escalation that stands for it; `others` could be merged into it."""

    id: UUID
    conversation: UUID
    people: tuple[tuple[UUID, str], ...]
    who: str
    why: str
    detail: tuple[str, ...]
    hidden: bool
    urgency: str
    role: str
    times: int
    since: datetime
    last: datetime
    countdown: str
    late: bool
    due: datetime | None
    next: str
    next_at: datetime | None
    holder: str
    mine: bool
    claimed: datetime | None
    until: datetime | None
    climbed: bool
    closed: datetime | None
    closed_by: str
    merged_into: UUID | None
    reopens: bool
    alarm: str | None
    notes: tuple[NoteShown, ...]
    others: tuple[tuple[UUID, str, datetime], ...]
    members: tuple[tuple[UUID, str], ...]
    handles: tuple[str, ...]
    sleeps: tuple[Sleep, ...]


def item(rt: Runtime, desk: Desk, task: UUID, *, audited: bool) -> Item:
    """The task with this id. Raises NotFound where the clinic has none."""
    desk.require(May.INBOX)
    now = rt.now()
    with rt.begin() as db:
        one = queues.get(db, desk.clinic, task, details=desk.sees(Sees.MESSAGES))
        if one is None:
            raise NotFound
        everybody = staff.all_of(db, desk.clinic)
        about = queues.whose(db, desk.clinic, [one.conversation]).get(one.conversation, Whose())
        alarm = _alarm(db, desk, one)
        others = _others(db, desk, one, about)
        notes = task_notes.of(db, desk.clinic, one.id, MOST_NOTES)
        book, zone = rt.book(db, rt.current_edition(db)), rt.clinic(db, desk.clinic).zone
        if audited:
            patients = tuple(person for person, _ in about.people)
            audit.write(db, [desk.entry("task.shown", f"task:{one.id}", patients=patients)], now)
    roles = book.roles.all
    able = [one for one in everybody if one.role in roles and May.INBOX in roles[one.role].may]
    return Item(
        **_head(desk, one, about, everybody, now),
        role=roles[one.role].label if one.role in roles else one.role.replace("_", " ").capitalize(),
        alarm=alarm,
        notes=tuple(
            NoteShown(
                by=holder(everybody, note.by), text=mask.shown(desk, Sees.MESSAGES, note.text), at=note.at
            )
            for note in notes
        ),
        others=tuple((other.id, words_of_tasks.why(other.task), other.opened) for other in others),
        members=tuple((member.id, member.name) for member in able if member.id != desk.member),
        handles=tuple(member.handle for member in able if member.id != desk.member),
        sleeps=sleeps(one, now, zone),
    )


def _head(desk: Desk, one: Work, about: Whose, everybody: Sequence[Member], now: datetime) -> dict[str, Any]:
    countdown, late = words_of_tasks.countdown(one.due, now)
    step, at = words_of_tasks.next_step(one.due, one.overdue, brought=False)
    return {
        "id": one.id,
        "conversation": one.conversation,
        "people": about.people,
        "who": who(desk, about),
        "why": words_of_tasks.why(one.task),
        "detail": tuple((one.detail or "").splitlines()),
        "hidden": not desk.sees(Sees.MESSAGES),
        "urgency": one.urgency,
        "times": one.times,
        "since": one.opened,
        "last": one.last,
        "countdown": countdown,
        "late": late,
        "due": one.due,
        "next": step,
        "next_at": at,
        "holder": holder(everybody, one.claimed_by),
        "mine": one.claimed_by == desk.member,
        "claimed": one.claimed,
        "until": one.snoozed_until if one.sleeps(now) else None,
        "climbed": one.overdue is not None,
        "closed": one.closed,
        "closed_by": holder(everybody, one.closed_by),
        "merged_into": one.merged_into,
        "reopens": one.closed is not None and one.merged_into is None and now - one.closed < UNDO,
    }


def _alarm(db: Db, desk: Desk, one: Work) -> str | None:
    found = escalations.open_ones(db, desk.clinic, _MOST_ALARMS)
    return next((alarm.code for alarm in found if stands_for(alarm, one)), None)


def _others(db: Db, desk: Desk, one: Work, about: Whose) -> list[Work]:
    """Other open tasks of this conversation, or of these patients."""
    if one.closed:
        return []
    found = queues.of_conversations(db, desk.clinic, [one.conversation])
    found += queues.about_visits_of(db, desk.clinic, [person for person, _ in about.people])
    return list({other.id: other for other in found if other.id != one.id}.values())[:MOST_OTHERS]


# -- putting off ------------------------------------------------------------------------------------------


def _tomorrow(now: datetime, zone: str) -> datetime:
    local = now.astimezone(ZoneInfo(zone))
    morning = datetime.combine(local.date() + timedelta(days=1), _MORNING, ZoneInfo(zone))
    return morning.astimezone(UTC)


def _in(span: timedelta) -> Callable[[datetime, str], datetime]:
    return lambda now, _zone: now + span


SLEEPS: Mapping[str, tuple[str, Callable[[datetime, str], datetime]]] = {
    "10m": ("10 minutes", _in(timedelta(minutes=10))),
    "30m": ("30 minutes", _in(timedelta(minutes=30))),
    "1h": ("1 hour", _in(timedelta(hours=1))),
    "4h": ("4 hours", _in(timedelta(hours=4))),
    "tomorrow": ("Until tomorrow, 9 AM", _tomorrow),
    "1d": ("1 day", _in(timedelta(days=1))),
}
"""For how long a task can be put off: label, and until when from a moment on the clinic's clock."""


def sleeps(one: Work, now: datetime, zone: str) -> tuple[Sleep, ...]:
    """The ways to put it off."""
    made = []
    for name, (label, until) in SLEEPS.items():
        moment = until(now, zone)
        made.append(
            Sleep(name=name, label=label, until=moment, beyond=one.due is not None and moment > one.due)
        )
    return tuple(made)
