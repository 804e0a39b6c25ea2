"""Escalation: a ladder that climbs until a person takes it. All of its rules are in this file.

An alarm pages at once, or when its ladder's hours begin, and then step by step; the last step repeats for ever. A
further alarm for the same reason joins the open one and pages again, at most once in `page_again_after`. Who has
taken it stops the ladder; it stays open until somebody resolves it. Pages hold no PHI. The bot never closes one.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count
from uuid import UUID

from bot.core.consent import bare
from bot.core.effects import (
    LINK,
    Acknowledge,
    CancelTimers,
    NoteEscalation,
    PageStaff,
    Purpose,
    SetTimer,
    TellStaff,
    Urgency,
)
from bot.core.events import AckDue, Acknowledged, Drilled, Handled, NotAcknowledged, Unanswered
from bot.core.flow import Escalate, Task
from bot.core.oncall import THE_PHONE, Channel, Ladder, Rung, Whom, whom
from bot.core.state import Alarm
from bot.core.turn import Turn
from bot.core.wording import sentence
from nlp.reading import Level

WORDS = "words"
"""The reason of an alarm that the patient's own words raise, however grave they are."""
NOT_DELIVERED = "not_delivered"
DRILL = "drill"
UNANSWERED = "unanswered"
SILENT = (DRILL, NOT_DELIVERED, UNANSWERED, "page_locked")
"""Reasons of which the patient is told nothing when somebody takes the escalation: they have not asked for anybody."""

OUTCOMES = (
    "reached the patient",
    "sent to emergency care",
    "could not reach the patient",
    "false alarm",
    "dealt with otherwise",
)
"""How an escalation can end: a choice, not free text, so that no PHI stands in it."""

_CODES = 9000
_STRIDE = 4507
"""Shares no factor with the number of codes, so that every code is tried before one comes again."""
_URGENCIES = [str(urgency) for urgency in Urgency]
_DIRECTLY = (Channel.TEXT, Channel.CALL, Channel.PUSH, Channel.CONSOLE)
"""How one named person is told, before the ladder begins."""

ALARMS: Mapping[Level, tuple[str, Urgency]] = {
    Level.EMERGENCY: ("emergency", Urgency.EMERGENCY),
    Level.CRISIS: ("crisis", Urgency.EMERGENCY),
    Level.URGENT: ("urgent", Urgency.URGENT),
}
"""What words of the patient's raise: the name of the task and of the answer, and how urgent it is."""


def tasks_of(reason: str) -> tuple[str, ...]:
    """The tasks that are done with once an escalation for this reason is resolved."""
    return tuple(name for name, _ in ALARMS.values()) if reason == WORDS else (reason,)


def code_for(seq: int) -> str:
    """Four digits for people to type; distinct among any 9,000 neighbouring events."""
    return str(1000 + seq % _CODES)


# -- what raises an alarm -------------------------------------------------------------------------------


def call_on(turn: Turn, task: Task | None, escalate: Escalate | None, visit_id: UUID | None) -> None:
    """What a step, or an answer that must not wait, wants people to do: a task, a page, or both."""
    if task:
        turn.task(task.name, Urgency(task.urgency), visit_id, task.role)
    if escalate:
        urgency = Urgency(escalate.urgency)
        turn.task(escalate.reason, urgency, visit_id)
        raise_alarm(turn, urgency, escalate.reason)


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
    raise_alarm(turn, urgency, WORDS, reachable=reachable and not final)
    return True


def not_delivered(turn: Turn) -> None:
    """The answer to an alarm did not arrive: whoever takes it must phone."""
    grave = min((Urgency.URGENT, *(alarm.urgency for alarm in turn.state.alarms)), key=_URGENCIES.index)
    raise_alarm(turn, Urgency(grave), NOT_DELIVERED)


def unanswered(turn: Turn, what: Unanswered) -> None:
    """A task has lain too long. An open escalation that is as grave brings somebody to this patient already."""
    if any(_URGENCIES.index(alarm.urgency) <= _URGENCIES.index(what.urgency) for alarm in turn.state.alarms):
        return
    raise_alarm(turn, Urgency(what.urgency), UNANSWERED)


def drilled(turn: Turn, what: Drilled) -> None:
    """The ladder is tried for real."""
    raise_alarm(turn, Urgency(what.urgency), DRILL)


def raise_alarm(turn: Turn, urgency: Urgency, reason: str, *, reachable: bool | None = None) -> None:
    """Open an escalation, or join the open one of this reason; `reachable`: whether the patient can be texted.

    Routine matters page only where the clinic has a ladder for them. What happens once pages once: '182/96' is an alarm
    by itself and by what was asked, and a second code would be no help to anybody.
    """
    found = next((alarm for alarm in turn.state.alarms if alarm.reason == reason), None)
    pages = [effect for effect in turn.effects if isinstance(effect, PageStaff)]
    if found:
        _join(turn, found, urgency, reachable=reachable)
    elif any(_URGENCIES.index(page.urgency) <= _URGENCIES.index(urgency) for page in pages):
        return
    elif turn.book.oncall.ladder(urgency, turn.book.policy.ack_within):
        now = turn.now
        alarm = Alarm(code=_code(turn), urgency=urgency, since=now, paged=now, rung=-1, reason=reason)
        _climb(turn, alarm, reachable=reachable)


def _join(turn: Turn, alarm: Alarm, urgency: Urgency, *, reachable: bool | None) -> None:
    graver = min(urgency, Urgency(alarm.urgency), key=_URGENCIES.index)
    joined = replace(alarm, urgency=graver, told=False)
    anew = replace(joined, since=turn.now, rung=-1, taken=None, by="")
    pages_now = _opens(turn, joined) <= turn.now
    lately = turn.now - alarm.paged < turn.book.policy.page_again_after
    if alarm.taken and pages_now:  # whoever has it hears first, and then the ladder begins
        _tell(turn, anew, alarm.by or THE_PHONE, reachable=reachable)
    elif alarm.taken:
        _climb(turn, anew, reachable=reachable)
    elif graver != alarm.urgency:
        _climb(turn, replace(joined, rung=-1), reachable=reachable)
    elif pages_now and not lately and (alarm.rung >= 0 or alarm.to):
        # The wait goes on as it was: who writes again and again must not keep the ladder on its step.
        turn.effects.append(_worded(turn, alarm, reachable=reachable))
        _keep(turn, replace(joined, paged=turn.now))
    else:
        _keep(turn, joined)


# -- the ladder -----------------------------------------------------------------------------------------


def ack_due(turn: Turn, due: AckDue) -> None:
    """Nobody has taken it: the next page. Or somebody has, and it is still open: they are asked how it stands."""
    alarm = _alarm(turn, due.code)
    if alarm is None or alarm.rung != due.rung or (alarm.taken and (due.failed or alarm.due is None)):
        return
    if alarm.due and turn.now < alarm.due and not due.failed:
        _wait(turn, alarm, alarm.due)  # a timer of before; the one that counts is still to come
    elif alarm.taken and _opens(turn, alarm) > turn.now:
        _wait(turn, alarm, _opens(turn, alarm))
    elif alarm.taken:
        _tell(turn, alarm, alarm.by or THE_PHONE, sentence_key="page_still_open")
    elif due.failed and not alarm.to and _ladder(turn, alarm).is_last(alarm.rung):
        return  # nothing comes after the last step; it is tried again when its wait is over
    else:
        _climb(turn, alarm)


def _climb(turn: Turn, alarm: Alarm, *, reachable: bool | None = None) -> None:
    """The ladder's next page, or a wait until its hours begin. A drill does not wait."""
    alarm, opens = replace(alarm, to=None), _opens(turn, alarm)
    if opens > turn.now:
        _wait(turn, alarm, opens)
    else:
        _page(turn, replace(alarm, rung=alarm.rung + 1), reachable=reachable)


def _opens(turn: Turn, alarm: Alarm) -> datetime:
    """When its ladder's hours begin; now, where they have begun, and for a drill."""
    hours = turn.book.calendar(_ladder(turn, alarm).hours or "")
    if hours is None or alarm.reason == DRILL:
        return turn.now
    return hours.next_open(turn.now, turn.facts.clinic.zone)


def _tell(
    turn: Turn, alarm: Alarm, to: str, *, reachable: bool | None = None, sentence_key: str | None = None
) -> None:
    """A page for one in particular; if they don't take it, the ladder begins."""
    alarm = replace(alarm, to=to, rung=-1, taken=None, by="")
    _page(turn, alarm, reachable=reachable, sentence_key=sentence_key)


def _page(
    turn: Turn, alarm: Alarm, *, reachable: bool | None = None, sentence_key: str | None = None
) -> None:
    page = _worded(turn, alarm, reachable=reachable, sentence_key=sentence_key)
    turn.effects.append(page)
    wait = _step(turn, alarm).wait or turn.book.policy.ack_within
    _wait(turn, replace(alarm, paged=turn.now), turn.now + wait)


def _worded(
    turn: Turn, alarm: Alarm, *, reachable: bool | None = None, sentence_key: str | None = None
) -> PageStaff:
    drill, textable = alarm.reason == DRILL, not turn.facts.opted_out if reachable is None else reachable
    phone_only = alarm.reason == NOT_DELIVERED or not textable
    key = "page_drill" if drill else sentence_key or ("page_phone_only" if phone_only else "page")
    spoken = "page_drill_spoken" if drill else "page_phone_only_spoken" if phone_only else "page_spoken"
    step = _step(turn, alarm)
    return PageStaff(
        code=alarm.code,
        rung=alarm.rung,
        urgency=Urgency(alarm.urgency),
        reason=alarm.reason,
        whom=step.tell,
        by=step.by,
        body=_words(turn, alarm, key),
        spoken=_words(turn, alarm, spoken),
        drill=drill,
    )


def _step(turn: Turn, alarm: Alarm) -> Rung:
    """Whom this alarm's page tells: the one it is meant for, else the ladder's step."""
    ladder = _ladder(turn, alarm)
    if alarm.to:
        return Rung(tell=whom(alarm.to), by=_DIRECTLY, wait=ladder.steps[0].wait)
    return ladder.rung(alarm.rung)


def _ladder(turn: Turn, alarm: Alarm) -> Ladder:
    found = turn.book.oncall.ladder(alarm.urgency, turn.book.policy.ack_within)
    return found or Ladder(steps=(Rung(tell=Whom(kind="phone")),))  # an edition took it away meanwhile


def _words(turn: Turn, alarm: Alarm, key: str) -> str:
    """A sentence for staff. An edition of before it was added has the plain page."""
    said = key if key in turn.book.wordings["en"].sentences else "page"
    values: dict[str, object] = {
        "clinic": turn.facts.clinic.name,
        "code": alarm.code,
        "digits": " ".join(alarm.code),
        "urgency": alarm.urgency.upper(),
        "minutes": int((turn.now - alarm.since).total_seconds() // 60),
        "link": LINK,
    }
    return sentence(turn.book, said, "en", values)


# -- what people do with it -----------------------------------------------------------------------------


def acknowledged(turn: Turn, event: Acknowledged) -> None:
    """Somebody takes it: the ladder stops. Only the first is told that it is theirs."""
    alarm = _alarm(turn, event.code)
    if alarm is None:
        _answer(turn, event, "ack_closed", code=event.code)
    elif alarm.taken and alarm.by != event.by:
        minutes = int((turn.now - alarm.taken).total_seconds() // 60)
        _answer(turn, event, "ack_already", code=event.code, who=alarm.by or THE_PHONE, minutes=minutes)
    else:
        if not alarm.taken:
            _take(turn, alarm, by=event.by, via=event.via)
        _answer(turn, event, "ack_taken", code=event.code)


def _take(turn: Turn, alarm: Alarm, *, by: str, via: str, until: datetime | None = None) -> None:
    """The ladder stops; at `until`, or after the ladder's own time, they are asked how it stands."""
    ladder = _ladder(turn, alarm)
    untold = not (until or alarm.told or alarm.reason in SILENT or turn.facts.opted_out)
    say = ladder.tell_patient if untold else None
    taken = replace(alarm, taken=turn.now, by=by, due=None, told=alarm.told or say is not None)
    _keep(turn, taken)
    turn.effects.append(CancelTimers(prefix=_key(alarm.code)))
    turn.effects.append(
        NoteEscalation(code=alarm.code, became="snoozed" if until else "taken", by=by, via=via, until=until)
    )
    asks = until or (ladder.again_after and turn.now + ladder.again_after)
    if asks:
        _wait(turn, taken, asks)
    if say:
        turn.say(say)


def handled(turn: Turn, event: Handled) -> None:
    """Resolved, handed over, snoozed, or open again."""
    alarm = _alarm(turn, event.code)
    if event.how == "reopened":
        _reopen(turn, event, alarm)
    elif alarm is None:
        return  # somebody else has resolved it meanwhile
    elif event.how == "resolved":
        left = tuple(other for other in turn.state.alarms if other.code != alarm.code)
        turn.state = replace(turn.state, alarms=left)
        turn.effects.append(CancelTimers(prefix=_key(alarm.code)))
        turn.effects.append(_note(event))
    elif event.how == "snoozed":
        _take(turn, alarm, by=event.by, via=event.via, until=event.until)
    else:
        assert event.to
        turn.effects.append(_note(event))
        _tell(turn, alarm, str(event.to))


def _reopen(turn: Turn, event: Handled, alarm: Alarm | None) -> None:
    if alarm and not alarm.taken:
        return  # it climbs already
    again = alarm or Alarm(
        code=event.code, urgency=event.urgency, since=turn.now, paged=turn.now, reason=event.reason
    )
    turn.effects.append(_note(event))
    _climb(turn, replace(again, rung=-1, taken=None, by="", since=turn.now))


def _note(event: Handled) -> NoteEscalation:
    assert event.how != "snoozed"
    return NoteEscalation(
        code=event.code, became=event.how, by=event.by, via=event.via, outcome=event.outcome, to=event.to
    )


def staff_answer(body: str) -> Acknowledge | None:
    """'ACK 4821', 'ack' or '4821' from a phone of the staff's; None for anything else."""
    words = bare(body).split()
    codes = [word for word in words if word.isascii() and word.isdigit()]
    if len(codes) > 1 or not words or (words[0] != "ack" and codes != words):
        return None
    return Acknowledge(code=codes[0] if codes else None)


def which(turn: Turn, event: NotAcknowledged) -> None:
    """It is not clear which page was answered: say which are open."""
    key = "ack_none" if not event.open else "ack_which" if event.code is None else "ack_unknown"
    if key in turn.book.wordings["en"].sentences:
        turn.say(key, purpose=Purpose.PAGE, code=event.code or "", codes=", ".join(event.open))


def _answer(turn: Turn, event: Acknowledged, key: str, **values: object) -> None:
    """Tell the member of staff by text what came of their answer."""
    if event.reply_to is None or key not in turn.book.wordings["en"].sentences:
        return
    body = sentence(turn.book, key, "en", {"clinic": turn.facts.clinic.name, **values})
    turn.effects.append(TellStaff(conversation=event.reply_to, wording=key, body=body))


# -- small things ---------------------------------------------------------------------------------------


def _alarm(turn: Turn, code: str) -> Alarm | None:
    return next((alarm for alarm in turn.state.alarms if alarm.code == code), None)


def _keep(turn: Turn, alarm: Alarm) -> None:
    others = tuple(other for other in turn.state.alarms if other.code != alarm.code)
    turn.state = replace(turn.state, alarms=(alarm, *others))


def _code(turn: Turn) -> str:
    """The code of this event; another, where an open escalation has it."""
    used = {alarm.code for alarm in turn.state.alarms}
    tried = (code_for(turn.event.seq + number * _STRIDE) for number in count())
    return next(code for code in tried if code not in used)


def _wait(turn: Turn, alarm: Alarm, until: datetime) -> None:
    """It rings then. The state has the moment as well, as a timer that has rung can't be taken back."""
    _keep(turn, replace(alarm, due=until))
    what = AckDue(code=alarm.code, rung=alarm.rung)
    turn.effects.append(SetTimer(key=_key(alarm.code), due=until, what=what))


def _key(code: str) -> str:
    return f"ack:{code}:"
