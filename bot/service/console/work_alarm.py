"""Work alarm: an escalation in the inbox: why, who is told when, what was done; and what people do with it there.

What is done goes into the conversation's mailbox (`answer`) and shows when a worker has taken it out, a moment later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.core.effects import Urgency
from bot.core.escalation import OUTCOMES
from bot.core.roles import May, Sees
from bot.errors import NotFound
from bot.gateways.live import INBOX
from bot.runtime import Runtime
from bot.service import board, board_acts, words_of_tasks
from bot.service.board import SNOOZES, Visitor
from bot.service.board_acts import Done, Wanted
from bot.service.console.work_list import stands_for, who
from bot.service.console.work_words import next_page, sleeping
from bot.service.desk import Desk
from bot.store import audit, escalations, queues, staff
from bot.store.escalations import Escalation
from bot.store.queues import Whose

_ON_THE_WAY = ("acknowledged", "handled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A line of its story: who was told by what and how that went (`good`: True, False or neither), or did what."""

    at: datetime
    who: str
    what: str
    good: bool | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An escalation. `saving`: something was done and is being kept; `tasks`: what it stands for, why and details."""

    code: str
    conversation: UUID
    people: tuple[tuple[UUID, str], ...]
    who: str
    why: str
    urgency: str
    drill: bool
    red: bool
    since: datetime
    open_for: str
    holder: str
    mine: bool
    taken: datetime | None
    until: datetime | None
    next: str
    next_at: datetime | None
    resolved: datetime | None
    outcome: str | None
    saving: bool
    story: tuple[Heard, ...]
    tasks: tuple[tuple[str, tuple[str, ...]], ...]
    targets: tuple[tuple[str, str], ...]
    outcomes: tuple[str, ...] = OUTCOMES
    snoozes: tuple[int, ...] = SNOOZES


def alarm(rt: Runtime, desk: Desk, code: str, *, audited: bool) -> Alarm:
    """The clinic's newest escalation with this code. Raises NotFound."""
    desk.require(May.INBOX)
    now = rt.now()
    with rt.begin() as db:
        one = escalations.by_code(db, desk.clinic, code)
        if one is None:
            raise NotFound
        # In this order: what is worked on in between is seen, or looked for once more.
        saving = queues.on_the_way(db, one.conversation, _ON_THE_WAY)
        one = escalations.get(db, one.id) or one
        everybody = staff.all_of(db, desk.clinic)
        me = next((each for each in everybody if each.id == desk.member), None)
        at = board.board(rt, db, desk.clinic, everybody, me=me, code=code)
        (card,) = board.cards(at, [one])
        about = queues.whose(db, desk.clinic, [one.conversation]).get(one.conversation, Whose())
        open_there = queues.of_conversations(
            db, desk.clinic, [one.conversation], details=desk.sees(Sees.MESSAGES)
        )
        if audited:
            patients = tuple(person for person, _ in about.people)
            audit.write(db, [desk.entry("escalation.shown", f"escalation:{one.id}", patients=patients)], now)
    step, step_at = next_page(card)
    return Alarm(
        code=one.code,
        conversation=one.conversation,
        people=about.people,
        who=who(desk, about),
        why=card["reason"],
        urgency=one.urgency,
        drill=one.drill,
        red=one.taken is None and one.resolved is None and not one.drill and one.urgency != Urgency.ROUTINE,
        since=one.opened,
        open_for=words_of_tasks.span(now - one.opened),
        holder=card["by"] or "",
        mine=bool(card["mine"]),
        taken=one.taken,
        until=one.snoozed_until if sleeping(one, now) else None,
        next=step,
        next_at=step_at,
        resolved=one.resolved,
        outcome=one.outcome,
        saving=saving,
        story=_story(one, card),
        tasks=tuple(
            (words_of_tasks.why(task.task), tuple((task.detail or "").splitlines()))
            for task in open_there
            if stands_for(one, task)
        ),
        targets=tuple((str(to), label) for to, label in board.targets(at)),
    )


def act(rt: Runtime, desk: Desk, wanted: Wanted) -> Done:
    """Do it; what comes of it is audited once more when it is worked on. Raises NotFound, NotAllowed, ValueError."""
    desk.require(May.ESCALATIONS)
    visitor = Visitor(
        clinic=desk.clinic, member=desk.member, handle=desk.handle, code=wanted.code, via="console"
    )
    done = board_acts.act(rt, visitor, wanted)
    if done.came == "done":
        with rt.begin() as db:
            one = escalations.by_code(db, desk.clinic, wanted.code)
            if one is None:
                raise NotFound
            about = queues.whose(db, desk.clinic, [one.conversation]).get(one.conversation, Whose())
            entry = desk.entry(
                "escalation.acted",
                f"escalation:{one.id}",
                patients=tuple(person for person, _ in about.people),
                detail=wanted.act,
            )
            audit.write(db, [entry], rt.now())
        rt.live.tell(desk.clinic, INBOX)
    return done


def _story(one: Escalation, card: Mapping[str, Any]) -> tuple[Heard, ...]:
    """Who was told and what was done, in order."""
    lines = [Heard(at=one.opened.replace(microsecond=0), who="", what="It was opened")]
    lines += [
        Heard(
            at=datetime.fromisoformat(told["at"]),
            who=told["who"],
            what=f"{told['by']}: {told['how']}",
            good=told["good"],
        )
        for told in card["told"]
    ]
    lines += [
        Heard(
            at=datetime.fromisoformat(done["at"]),
            who=done["who"],
            what=" ".join(
                part
                for part in (done["what"], done["via"], f"({done['detail']})" * bool(done["detail"]))
                if part
            ),
            until=datetime.fromisoformat(done["until"]) if done["until"] else None,
        )
        for done in card["done"]
    ]
    return tuple(sorted(lines, key=lambda line: line.at))
