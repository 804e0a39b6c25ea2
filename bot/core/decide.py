"""decide(book, state, event, now) -> Decision: the whole of what the bot does about anything that happens.

Pure: no clock, no chance, no I/O; the same arguments give the same decision for ever.
In which order a text is looked at stands in `TEXT_RULES`: safety before consent, consent before everything else.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.core import dialog, escalation, identity, reminders
from bot.core.consent import Gate, bare, gate
from bot.core.effects import Effect, OptIn, OptOut, Purpose, Urgency
from bot.core.events import (
    AckDue,
    Acknowledged,
    Event,
    NoAnswer,
    ReminderDue,
    SlotAnswer,
    SlotsFound,
    TextArrived,
    TextFailed,
    VisitChanged,
)
from bot.core.facts import STANDING, Sender
from bot.core.flow import Book
from bot.core.state import Echo, State
from bot.core.turn import Turn
from nlp.reading import Intent, Level


@dataclass(frozen=True, slots=True)
class Decision:
    """The new state and what should happen."""

    state: State
    effects: tuple[Effect, ...]


def decide(book: Book, state: State, event: Event, now: datetime) -> Decision:
    """What to do about `event`; `now` is aware and in UTC."""
    turn = Turn(book=book, event=event, now=now, state=state)
    _RULES[type(event.what)](turn, event.what)
    return Decision(turn.state, tuple(turn.effects))


# -- texts -------------------------------------------------------------------------------------------


def _text(turn: Turn, text: TextArrived) -> None:
    turn.next_turn()
    somebody = turn.facts.people or turn.facts.sender is Sender.STRANGER
    if somebody and text.body and turn.reading.confidence:
        turn.state = replace(turn.state, language=turn.reading.language)
    _count(turn)
    for rule in TEXT_RULES:
        if rule(turn):
            return


def _count(turn: Turn) -> None:
    """Remember the texts of the last minutes by their digest; too many, or the same too often, is a flood."""
    policy, now = turn.book.policy, turn.now
    digest = hashlib.sha256(turn.text.body.encode()).hexdigest()[:12]
    lately = tuple(echo for echo in turn.state.echoes if now - echo.at < policy.limit_window)
    echoes = (*lately, Echo(digest=digest, at=now))[-policy.text_limit :]
    turn.state = replace(turn.state, echoes=echoes)
    same = sum(echo.digest == digest for echo in echoes)
    turn.flooded = same >= policy.same_text_limit or len(echoes) >= policy.text_limit


def from_machine(turn: Turn) -> bool:
    """A short code or a name: answering it makes a loop."""
    return turn.facts.sender is Sender.MACHINE


def from_staff(turn: Turn) -> bool:
    """The on-call phone acknowledges; where it is a patient's too, a bare number may be an answer to a question."""
    if turn.facts.sender is not Sender.STAFF:
        return False
    ack = escalation.staff_answer(turn.text.body)
    if ack and (ack.code is None or not turn.facts.people or bare(turn.text.body).startswith("ack")):
        turn.effects.append(ack)
        return True
    if turn.facts.people or turn.reading.level in _URGENCY:
        return False  # they may be a patient too, or need help themselves
    turn.say("staff_help", purpose=Purpose.PAGE)
    return True


_URGENCY = {
    Level.EMERGENCY: ("emergency", Urgency.EMERGENCY),
    Level.CRISIS: ("crisis", Urgency.EMERGENCY),
    Level.URGENT: ("urgent", Urgency.URGENT),
}


def emergency(turn: Turn) -> bool:
    """Words of an emergency: answer and page at once, whatever else is open, whoever it is.

    In a flood the answer is left out, lest two machines talk for ever; the page is not.
    """
    if turn.reading.level not in _URGENCY:
        return False
    name, urgency = _URGENCY[turn.reading.level]
    stops = gate(turn.book.policy, turn.text) is Gate.STOP
    reachable = not turn.facts.opted_out
    if reachable and not turn.flooded:
        turn.say(f"{name}_reply", purpose=Purpose.SAFETY, final=stops)
    turn.task(name, urgency)
    turn.state, effects = escalation.raise_alarm(
        turn.book,
        turn.state,
        turn.facts.clinic,
        urgency=urgency,
        seq=turn.event.seq,
        now=turn.now,
        reachable=reachable and not stops,  # whoever takes the page comes too late to text
    )
    turn.effects.extend(effects)
    return not stops


def opting(turn: Turn) -> bool:
    """STOP, START and HELP, and any other reasonable wording of STOP."""
    wish = gate(turn.book.policy, turn.text)
    answered = turn.text.opt_out_type is not None  # the carrier's own opt-out handling has replied
    if wish is Gate.STOP:
        _opt_out(turn, answered=answered)
    elif wish is Gate.START and (turn.facts.opted_out or answered):
        turn.effects.append(OptIn())
        if not answered:
            turn.say("opted_in", final=True)
    elif wish is Gate.HELP and (answered or not turn.facts.opted_out):
        if not answered:
            turn.say("help")
    else:
        return False
    return True


def _opt_out(turn: Turn, *, answered: bool) -> None:
    if turn.facts.opted_out:
        return
    turn.state = replace(turn.state, talks=(), which=None)
    turn.effects.append(OptOut(words="carrier" if answered else "patient"))
    standing = turn.facts.standing(turn.now)
    if not answered:
        turn.say("opted_out_visit_stands" if standing else "opted_out", final=True)
    if standing and bare(turn.text.body) == "cancel":
        # The carriers' CANCEL ends the texts; the patient may well have meant the visit.
        turn.task("may_want_to_cancel", Urgency.URGENT, standing[0].id)


def unheard(turn: Turn) -> bool:
    """A phone that has opted out: nothing can be texted to it, so a person reads what it says."""
    if not turn.facts.opted_out:
        return False
    turn.task("text_from_opted_out")
    return True


def loop(turn: Turn) -> bool:
    """The same text again and again, or a flood: a machine at the other end, or a phone in a pocket."""
    if not turn.flooded:
        return False
    if not turn.told("loop", turn.book.policy.limit_window.total_seconds()):
        turn.task("too_many_texts", Urgency.URGENT)
    return True


def stranger(turn: Turn) -> bool:
    """A number that the clinic does not know: one polite answer a day, and a person looks."""
    if turn.facts.people:
        return False
    if not turn.told("stranger", turn.book.policy.stranger_reply_every.total_seconds()):
        turn.say("stranger_reply")
    turn.task("unknown_sender")
    return True


def wrong_number(turn: Turn) -> bool:
    """The phone is not the patient's (any more): stop texting it, and a person looks."""
    if turn.reading.intent is not Intent.WRONG_NUMBER:
        return False
    turn.state = replace(turn.state, talks=(), which=None)
    turn.say("wrong_number", final=True)
    turn.effects.append(OptOut(words="wrong_number"))
    turn.task("wrong_number", Urgency.URGENT)
    return True


def thanks(turn: Turn) -> bool:
    """A bare thank-you wants nothing."""
    return turn.reading.intent is Intent.THANKS


def both_ways(turn: Turn) -> bool:
    """'Yes, cancel it', 'no, I'll keep it': what is done to a visit must not hang on which half is believed."""
    said = {turn.reading.intent, *turn.reading.also}
    return said >= {Intent.CONFIRM, Intent.CANCEL} and hand_over(turn)


def asked_again(turn: Turn) -> bool:
    """The question that is open was not answered: what its step has for that."""
    talks = identity.open_talks(turn)
    wants_person = turn.reading.intent in (Intent.HUMAN, Intent.QUESTION, Intent.REFILL)
    return bool(talks) and not wants_person and dialog.not_answered(turn, *talks[0])


def hand_over(turn: Turn) -> bool:
    """Nothing fits: one soft reply, and a person gets it."""
    if not turn.told("soft_reply", turn.book.policy.soft_reply_every.total_seconds()):
        turn.say("soft_reply")
    talks = identity.open_talks(turn)
    name = _TASKS.get(turn.reading.intent, "reply_not_understood")
    turn.task(name, visit_id=talks[0][1].id if talks else None)
    return True


_TASKS = {
    Intent.HUMAN: "wants_a_person",
    Intent.QUESTION: "question",
    Intent.REFILL: "refill",
    Intent.RUNNING_LATE: "running_late",
}

TEXT_RULES: tuple[Callable[[Turn], bool], ...] = (
    from_machine,
    from_staff,
    emergency,
    opting,
    unheard,
    loop,
    stranger,
    wrong_number,
    both_ways,
    identity.which_was_asked,
    identity.answers_open_talk,
    identity.starts_flow,
    thanks,
    asked_again,
    hand_over,
)
"""Tried in this order; the first that returns True has dealt with the text."""


# -- everything else ---------------------------------------------------------------------------------


def _reminder(turn: Turn, due: ReminderDue) -> None:
    visit = turn.facts.visit(due.visit_id)
    flow = turn.book.flows.get(due.flow)
    starts = flow.starts if flow else ()
    start = next((start for start in starts if str(start.when) == due.when), None)
    if visit is None or visit.version != due.version or visit.status not in STANDING:
        return
    if start is None:  # the present edition no longer has this reminder
        return
    if visit.start <= turn.now or turn.now - due.due > turn.book.policy.reminder_grace:
        return
    if turn.facts.opted_out:
        turn.task("call_instead", visit_id=visit.id)
        return
    dialog.begin(turn, due.flow, start, visit)


def _no_answer(turn: Turn, due: NoAnswer) -> None:
    for talk, visit in identity.open_talks(turn):
        if talk.turn == due.turn:
            dialog.no_answer(turn, talk, visit)


def _ack_due(turn: Turn, due: AckDue) -> None:
    reachable = not turn.facts.opted_out
    turn.state, effects = escalation.not_acknowledged(
        turn.book, turn.state, turn.facts.clinic, due, turn.now, reachable=reachable
    )
    turn.effects.extend(effects)


def _visit_changed(turn: Turn, change: VisitChanged) -> None:
    visit = turn.facts.visit(change.visit_id)
    person = turn.person_of(visit)
    if visit is None or person is None:
        return
    turn.close(visit.id)
    if turn.state.which and visit.id in turn.state.which.visits:
        turn.state = replace(turn.state, which=None)
    turn.effects.extend(reminders.plan(turn.book, visit, person, turn.now))


def _slots_found(turn: Turn, found: SlotsFound) -> None:
    for talk, visit in identity.open_talks(turn):
        if talk.turn == found.turn:
            talk = replace(talk, slots=found.slots)
            dialog.outcome(turn, talk, "found" if found.slots else "none", visit)


def _slot_answer(turn: Turn, result: SlotAnswer) -> None:
    talk = next((talk for talk in turn.state.talks if talk.turn == result.turn), None)
    visit = turn.facts.visit(result.visit_id)
    person = turn.person_of(visit)
    if visit is None:
        return
    if result.booked and person:
        turn.effects.extend(reminders.plan(turn.book, visit, person, turn.now, just_chosen=True))
    if talk:
        talk = replace(talk, version=visit.version)
        dialog.outcome(turn, talk, "booked" if result.booked else "gone", visit)


def _text_failed(turn: Turn, failed: TextFailed) -> None:
    if failed.opted_out and turn.facts.opted_out:
        return  # the carrier answered the STOP itself and held back our own answer: nothing is missing
    if failed.opted_out:
        turn.effects.append(OptOut(words="carrier"))
    grave = failed.purpose in (Purpose.SAFETY.name, Purpose.PAGE.name)
    turn.task("text_not_delivered", Urgency.URGENT if grave else Urgency.ROUTINE, failed.visit_id)


def _acknowledged(turn: Turn, event: Acknowledged) -> None:
    turn.state, effects = escalation.acknowledged(turn.state, event)
    turn.effects.extend(effects)


_RULES: dict[type, Callable[[Turn, Any], None]] = {
    TextArrived: _text,
    ReminderDue: _reminder,
    NoAnswer: _no_answer,
    AckDue: _ack_due,
    VisitChanged: _visit_changed,
    SlotsFound: _slots_found,
    SlotAnswer: _slot_answer,
    TextFailed: _text_failed,
    Acknowledged: _acknowledged,
}
