"""Escalation: a ladder that climbs until a person acknowledges. All of its rules are in this file.

A page goes out at once; while nobody acknowledges, it goes out again every `ack_within`, for ever: the last
rung repeats. A further alarm in the same conversation joins the open escalation and pages again, at most
once in `page_again_after`. Pages hold no PHI. The bot never closes an escalation by itself.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from bot.core.book import Book
from bot.core.consent import bare
from bot.core.effects import (
    Acknowledge,
    CancelTimers,
    CloseEscalation,
    Effect,
    PageStaff,
    Purpose,
    SetTimer,
    Urgency,
)
from bot.core.events import AckDue, Acknowledged
from bot.core.facts import Clinic
from bot.core.flow import Escalate, Task
from bot.core.state import Alarm, State
from bot.core.turn import Turn
from bot.core.wording import sentence
from nlp.reading import Level

_CODES = 9000
_URGENCIES = list(Urgency)


def code_for(seq: int) -> str:
    """Four digits for people to type; distinct among any 9,000 neighbouring events."""
    return str(1000 + seq % _CODES)


def page_for(turn: Turn, urgency: Urgency, *, reachable: bool | None = None) -> None:
    """Raise an alarm in this turn; `reachable`: whether the patient can be texted, as the facts say by default."""
    turn.state, effects = raise_alarm(
        turn.book,
        turn.state,
        turn.facts.clinic,
        urgency=urgency,
        seq=turn.event.seq,
        now=turn.now,
        reachable=not turn.facts.opted_out if reachable is None else reachable,
    )
    turn.effects.extend(effects)


def call_on(turn: Turn, task: Task | None, escalate: Escalate | None, visit_id: UUID | None) -> None:
    """What a step, or an answer that must not wait, wants people to do: a task, a page, or both."""
    if task:
        turn.task(task.name, Urgency(task.urgency), visit_id, task.role)
    if escalate:
        urgency = Urgency(escalate.urgency)
        turn.task(escalate.reason, urgency, visit_id)
        page_for(turn, urgency)


ALARMS: Mapping[Level, tuple[str, Urgency]] = {
    Level.EMERGENCY: ("emergency", Urgency.EMERGENCY),
    Level.CRISIS: ("crisis", Urgency.EMERGENCY),
    Level.URGENT: ("urgent", Urgency.URGENT),
}
"""What words of the patient's raise: the name of the task and of the answer, and how urgent it is."""


def sound(turn: Turn, level: Level, *, answer: bool = True, final: bool = False) -> bool:
    """Answer words of this level, open the task, page; False where they are none of an alarm.

    `answer`: whether the patient is answered; `final`: the same words opt out, so that whoever takes the page
    comes too late to text.
    """
    if level not in ALARMS:
        return False
    name, urgency = ALARMS[level]
    reachable = not turn.facts.opted_out
    if answer and reachable:
        turn.say(f"{name}_reply", purpose=Purpose.SAFETY, final=final)
    turn.task(name, urgency)
    page_for(turn, urgency, reachable=reachable and not final)
    return True


def raise_alarm(
    book: Book,
    state: State,
    clinic: Clinic,
    *,
    urgency: Urgency,
    seq: int,
    now: datetime,
    reachable: bool = True,
) -> tuple[State, tuple[Effect, ...]]:
    """Open an escalation, or join the open one; page the person on call."""
    if not state.alarms:
        alarm = Alarm(code=code_for(seq), urgency=urgency, since=now, paged=now)
        return _page(book, state, clinic, alarm, now, reachable=reachable)
    alarm = state.alarms[0]
    graver = min(urgency, Urgency(alarm.urgency), key=_URGENCIES.index)
    if graver == alarm.urgency and now - alarm.paged < book.policy.page_again_after:
        return state, ()
    return _page(book, state, clinic, replace(alarm, urgency=graver), now, reachable=reachable)


def not_acknowledged(
    book: Book, state: State, clinic: Clinic, due: AckDue, now: datetime, *, reachable: bool = True
) -> tuple[State, tuple[Effect, ...]]:
    """The wait for an acknowledgement ran out: the next rung."""
    alarm = next((alarm for alarm in state.alarms if alarm.code == due.code), None)
    if alarm is None or alarm.rung != due.rung:
        return state, ()
    return _page(book, state, clinic, replace(alarm, rung=alarm.rung + 1), now, reachable=reachable)


def acknowledged(state: State, event: Acknowledged) -> tuple[State, tuple[Effect, ...]]:
    """Somebody has taken over: the ladder stops. The task stays open until it is resolved."""
    if all(alarm.code != event.code for alarm in state.alarms):
        return state, ()
    alarms = tuple(alarm for alarm in state.alarms if alarm.code != event.code)
    return (
        replace(state, alarms=alarms),
        (CancelTimers(prefix=_key(event.code)), CloseEscalation(code=event.code)),
    )


def staff_answer(body: str) -> Acknowledge | None:
    """'ACK 4821', 'ack' or '4821' from the on-call phone; None for anything else."""
    words = bare(body).split()
    codes = [word for word in words if word.isascii() and word.isdigit()]
    if len(codes) > 1 or not words or (words[0] != "ack" and codes != words):
        return None
    return Acknowledge(code=codes[0] if codes else None)


def _page(
    book: Book, state: State, clinic: Clinic, alarm: Alarm, now: datetime, *, reachable: bool = True
) -> tuple[State, tuple[Effect, ...]]:
    alarm = replace(alarm, paged=now)
    body = sentence(
        book,
        "page" if reachable else "page_phone_only",
        "en",
        {
            "clinic": clinic.name,
            "code": alarm.code,
            "urgency": str(alarm.urgency).upper(),
            "minutes": int((now - alarm.since).total_seconds() // 60),
        },
    )
    page = PageStaff(code=alarm.code, rung=alarm.rung, urgency=Urgency(alarm.urgency), body=body)
    ring = SetTimer(
        key=_key(alarm.code),
        due=now + book.policy.ack_within,
        what=AckDue(code=alarm.code, rung=alarm.rung),
    )
    others = tuple(other for other in state.alarms if other.code != alarm.code)
    return replace(state, alarms=(alarm, *others)), (page, ring)


def _key(code: str) -> str:
    return f"ack:{code}:"
