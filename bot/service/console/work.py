"""Work: what people at the console do with the tasks of the inbox. One that somebody else has is left alone.

Whoever comes too late is told who was quicker: that is no error, so it is what the verbs return.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from bot.core.deadlines import answer_due
from bot.core.effects import OpenTask, Urgency
from bot.core.roles import May
from bot.errors import NotFound
from bot.gateways.doorbell import INBOUND
from bot.gateways.live import INBOX
from bot.runtime import Runtime
from bot.service import attend
from bot.service.console.work_item import SLEEPS, UNDO
from bot.service.console.work_list import holder
from bot.service.desk import Desk
from bot.store import audit, claims, queues, staff, task_notes, worklist
from bot.store.base import Db
from bot.store.claims import Pick
from bot.store.queues import Work

LONGEST_NOTE = 2000
MOST_AT_ONCE = 100
_MENTION = re.compile(r"(?<![\w@.])@([a-z][a-z0-9_]{0,39})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of it. `by`: who has it, or who has closed it, where that stood in the way."""

    how: Literal["done", "taken", "closed", "climbed", "anew"] = "done"
    by: str = ""

    @property
    def done(self) -> bool:
        """Whether it was done."""
        return self.how == "done"


DONE = Came()


def claim(rt: Runtime, desk: Desk, task: UUID) -> Came:
    """Have it from now on. Of two who claim one wins. Raises NotFound."""
    now = rt.now()
    with rt.begin() as db:
        one = _found(db, desk, task)
        if not claims.claim(db, desk.clinic, task, desk.member, now):
            return _too_late(db, desk, task)
        _note(rt, db, desk, "task.claimed", one)
    return _told(rt, desk)


def release(rt: Runtime, desk: Desk, task: UUID) -> Came:
    """Not have it any more. Raises NotFound."""
    with rt.begin() as db:
        one = _found(db, desk, task)
        if not claims.release(db, desk.clinic, task, desk.member):
            return _too_late(db, desk, task)
        _note(rt, db, desk, "task.released", one)
    return _told(rt, desk)


def assign(rt: Runtime, desk: Desk, task: UUID, member: UUID) -> Came:
    """Somebody has it from now on, whoever had it: oneself, too. Raises NotFound, also for who does not work here."""
    now = rt.now()
    with rt.begin() as db:
        one = _found(db, desk, task)
        to = next((each for each in staff.all_of(db, desk.clinic) if each.id == member), None)
        if to is None:
            raise NotFound
        if not claims.assign(db, desk.clinic, task, member, now):
            return _too_late(db, desk, task)
        _note(rt, db, desk, "task.assigned", one, f"to {to.handle}")
    return _told(rt, desk)


def snooze(rt: Runtime, desk: Desk, task: UUID, name: str) -> Came:
    """Let it sleep, under one's own name. It wakes when that is over, when it climbs, or when it comes up again.

    Raises NotFound, ValueError for a name that `SLEEPS` does not have.
    """
    if name not in SLEEPS:
        raise ValueError("Choose until when it sleeps.")
    now = rt.now()
    with rt.begin() as db:
        one = _found(db, desk, task)
        until = SLEEPS[name][1](now, rt.clinic(db, desk.clinic).zone)
        if not claims.snooze(db, desk.clinic, task, desk.member, until, now):
            return Came(how="climbed") if one.overdue and not one.closed else _too_late(db, desk, task)
        _note(rt, db, desk, "task.snoozed", one, until.isoformat(timespec="minutes"))
    return _told(rt, desk)


def note(rt: Runtime, desk: Desk, task: UUID, text: str) -> Came:
    """Leave a note for the others; '@joe' puts it into Joe's own queue. Raises NotFound, ValueError."""
    words = _words(text)
    if not words:
        raise ValueError("Write the note first.")
    with rt.begin() as db:
        one = _found(db, desk, task)
        mentioned = _write(rt, db, desk, task, words)
        _note(rt, db, desk, "task.noted", one, f"{mentioned} mentioned" if mentioned else "")
    return _told(rt, desk)


def close(rt: Runtime, desk: Desk, task: UUID, text: str = "") -> Came:
    """It is done; `text`: what was done, if worth a note. A flow may begin with it. Raises NotFound, ValueError."""
    words, now = _words(text), rt.now()
    with rt.begin() as db:
        one = _found(db, desk, task)
        closed = claims.close(db, desk.clinic, [Pick(id=task)], desk.member, now)
        if not closed:
            return _too_late(db, desk, task)
        if words:
            _write(rt, db, desk, task, words)
        begun = [attend.begin_with(rt, db, number, what) for number, what in closed]
        _note(rt, db, desk, "task.closed", one)
    return _told(rt, desk, rings=any(begun))


def close_many(rt: Runtime, desk: Desk, picked: Sequence[str]) -> int:
    """Close all of these that are as they were seen (`work_list.Row.pick`); returns how many.

    Raises ValueError for too many, and for what is none.
    """
    desk.require(May.INBOX)
    picks = [_pick(each) for each in picked]
    if len(picks) > MOST_AT_ONCE:
        raise ValueError(f"Close {MOST_AT_ONCE} at a time at most.")
    if not picks:
        return 0
    now = rt.now()
    with rt.begin() as db:
        closed = claims.close(db, desk.clinic, picks, desk.member, now)
        begun = [attend.begin_with(rt, db, number, what) for number, what in closed]
        about = queues.whose(db, desk.clinic, {what.conversation for _, what in closed})
        entries = [
            desk.entry("task.closed", f"task:{number}", patients=_ids(about.get(what.conversation)))
            for number, what in closed
        ]
        audit.write(db, entries, now)
    _told(rt, desk, rings=any(begun))
    return len(closed)


def merge(rt: Runtime, desk: Desk, task: UUID, other: UUID) -> Came:
    """`other` goes into `task`. No flow begins: nothing was done yet. Raises NotFound, ValueError."""
    now = rt.now()
    if task == other:
        raise ValueError("Choose another task.")
    with rt.begin() as db:
        desk.require(May.INBOX)
        claims.lock(db, desk.clinic, [task, other])
        kept, gone = (queues.get(db, desk.clinic, each, details=True) for each in (task, other))
        if kept is None or gone is None:
            raise NotFound
        if kept.closed or gone.closed:
            return _too_late(db, desk, task if kept.closed else other)
        others = {kept.claimed_by, gone.claimed_by} - {None, desk.member}
        if others:
            return _too_late(db, desk, task if kept.claimed_by in others else other)
        if not _belong_together(db, desk, kept, gone):
            raise ValueError("They are not of the same patient.")
        claims.merge(db, desk.clinic, kept, gone, desk.member, now)
        _note(rt, db, desk, "task.merged", gone, f"into {kept.id}")
    return _told(rt, desk)


def reopen(rt: Runtime, desk: Desk, task: UUID) -> Came:
    """Open again what was closed a moment ago. A flow that began with the closing goes on. Raises NotFound."""
    now = rt.now()
    with rt.begin() as db:
        one = _found(db, desk, task)
        if not claims.reopen(db, desk.clinic, task, now - UNDO):
            return Came(how="anew")
        _note(rt, db, desk, "task.reopened", one)
    return _told(rt, desk)


def add_task(
    rt: Runtime,
    desk: Desk,
    conversation: UUID,
    task: str,
    *,
    detail: str | None = None,
    urgency: Urgency = Urgency.ROUTINE,
    role: str | None = None,
) -> UUID:
    """Open a task by hand; the same one that is open already counts up. Its role is one's own where none is said.

    Returns its id. Raises NotFound, ValueError.
    """
    desk.require(May.INBOX)
    words, now = _words(detail or ""), rt.now()
    made = OpenTask(task=task, urgency=urgency, role=role or desk.role_name, detail=words or None)
    with rt.begin() as db:
        about = queues.whose(db, desk.clinic, [conversation])
        if conversation not in about:
            raise NotFound
        book, zone = rt.book(db, rt.current_edition(db)), rt.clinic(db, desk.clinic).zone
        if made.role not in book.roles.all:
            raise ValueError("There is no such role.")
        due = answer_due(book, urgency, now, zone)
        worklist.open_task(db, clinic=desk.clinic, conversation=conversation, task=made, now=now, due=due)
        found = queues.of_conversations(db, desk.clinic, [conversation])
        number = next(one.id for one in found if one.task == task)
        patients = _ids(about[conversation])
        audit.write(db, [desk.entry("task.opened", f"task:{number}", patients=patients, detail=task)], now)
    _told(rt, desk)
    return number


def _pick(picked: str) -> Pick:
    number, _, times = picked.partition(".")
    return Pick(id=UUID(number), times=int(times))


def _found(db: Db, desk: Desk, task: UUID) -> Work:
    desk.require(May.INBOX)
    one = queues.get(db, desk.clinic, task, details=False)
    if one is None:
        raise NotFound
    return one


def _too_late(db: Db, desk: Desk, task: UUID) -> Came:
    """Who was quicker."""
    one = _found(db, desk, task)
    everybody = staff.all_of(db, desk.clinic)
    if one.closed:
        return Came(how="closed", by=holder(everybody, one.closed_by))
    return Came(how="taken", by=holder(everybody, one.claimed_by))


def _belong_together(db: Db, desk: Desk, kept: Work, gone: Work) -> bool:
    if kept.conversation == gone.conversation:
        return True
    about = queues.whose(db, desk.clinic, [kept.conversation])
    visits = queues.about_visits_of(db, desk.clinic, list(_ids(about.get(kept.conversation))))
    return gone.id in {one.id for one in visits}


def _words(text: str) -> str:
    words = text.replace("\r\n", "\n").strip()
    if len(words) > LONGEST_NOTE:
        raise ValueError(f"A note has {LONGEST_NOTE} characters at most.")
    return words


def _write(rt: Runtime, db: Db, desk: Desk, task: UUID, words: str) -> int:
    """Keep a note; returns how many it mentions."""
    named = set(_MENTION.findall(words))
    mentioned = [each.id for each in staff.all_of(db, desk.clinic) if each.handle in named] if named else []
    task_notes.write(
        db,
        clinic=desk.clinic,
        task=task,
        by=desk.member,
        text=words,
        mentioned=[member for member in mentioned if member != desk.member],
        now=rt.now(),
    )
    return len(mentioned)


def _ids(about: queues.Whose | None) -> tuple[UUID, ...]:
    return tuple(person for person, _ in about.people) if about else ()


def _note(rt: Runtime, db: Db, desk: Desk, action: str, one: Work, detail: str = "") -> None:
    about = queues.whose(db, desk.clinic, [one.conversation]).get(one.conversation)
    entry = desk.entry(action, f"task:{one.id}", patients=_ids(about), detail=detail)
    audit.write(db, [entry], rt.now())


def _told(rt: Runtime, desk: Desk, *, rings: bool = False) -> Came:
    """After the commit."""
    if rings:
        rt.doorbell.ring(INBOUND)
    rt.live.tell(desk.clinic, INBOX)
    return DONE
