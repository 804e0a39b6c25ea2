"""decide(book, state, event, now) -> Decision: the whole of what the bot does about anything that happens.

Pure: no clock, no chance, no I/O; the same arguments give the same decision for ever.
In which order a text is looked at stands in `TEXT_RULES`: safety before consent, consent before everything else.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.core import answers, by_hand, dialog, escalation, happened, identity, pages
from bot.core.book import Book
from bot.core.consent import Gate, bare, gate
from bot.core.effects import Effect, OptIn, OptOut, Purpose, Urgency
from bot.core.events import (
    AckDue,
    Acknowledged,
    Drilled,
    EditionMoved,
    Event,
    GivenBack,
    Handled,
    NoAnswer,
    NotAcknowledged,
    NudgeDue,
    PageUsed,
    ReminderDue,
    SlotAnswer,
    SlotsFound,
    StaffSentPage,
    StaffWrote,
    TakenOver,
    TextArrived,
    TextFailed,
    Triggered,
    Unanswered,
    VisitChanged,
    WordsOnPage,
    WrongNumber,
)
from bot.core.facts import Sender
from bot.core.state import Echo, State
from bot.core.triggers import Happens
from bot.core.turn import Turn
from nlp.reading import UNDETERMINED, Intent, Level


@dataclass(frozen=True, slots=True)
class Decision:
    """The new state, what should happen, and the steps and ways of flows that were walked (`Turn.path`)."""

    state: State
    effects: tuple[Effect, ...]
    path: tuple[str, ...] = ()


def decide(book: Book, state: State, event: Event, now: datetime) -> Decision:
    """What to do about `event`; `now` is aware and in UTC."""
    turn = Turn(book=book, event=event, now=now, state=state)
    _RULES[type(event.what)](turn, event.what)
    return Decision(turn.state, tuple(turn.effects), tuple(turn.path))


# -- texts -------------------------------------------------------------------------------------------


def _text(turn: Turn, text: TextArrived) -> None:
    turn.next_turn()
    somebody = turn.facts.people or turn.facts.sender is Sender.STRANGER
    heard = somebody and text.body and turn.reading.confidence and turn.reading.language != UNDETERMINED
    if heard and turn.state.language != turn.reading.language:
        turn.state = replace(turn.state, language=turn.reading.language)
    _count(turn)
    for rule in TEXT_RULES:
        if rule(turn):
            break
    by_hand.heard(turn)


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
    if turn.facts.people or turn.reading.level in escalation.ALARMS:
        return False  # they may be a patient too, or need help themselves
    turn.say("staff_help", purpose=Purpose.PAGE)
    return True


def emergency(turn: Turn) -> bool:
    """Words of an emergency: answer and page at once, whatever else is open, whoever it is.

    In a flood the answer is left out, lest two machines talk for ever; the page is not.
    """
    level = turn.reading.level
    stops = _gate(turn) is Gate.STOP
    if not escalation.sound(turn, level, answer=not turn.flooded, final=stops):
        return False
    answers_too = level is Level.URGENT and turn.reading.value is not None
    return not (stops or answers_too)  # '182/96' is a cause to page, and the answer to what was asked


def opting(turn: Turn) -> bool:
    """STOP, START and HELP, and any other reasonable wording of STOP."""
    wish = _gate(turn)
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


def _gate(turn: Turn) -> Gate | None:
    """What the text asks of the gate. A word that the clinic has made a keyword of means that, whatever it reads as."""
    text = replace(turn.text, reading=None) if identity.is_keyword(turn) else turn.text
    return gate(turn.book.policy, text)


def _opt_out(turn: Turn, *, answered: bool) -> None:
    if turn.facts.opted_out:
        return
    turn.end()
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


def other_language(turn: Turn) -> bool:
    """A language that isn't read: it may say anything, so somebody is called; we say so in both that we have."""
    if turn.reading.language != UNDETERMINED:
        return False
    turn.task("other_language", Urgency.URGENT)
    if not turn.told("other_language", turn.book.policy.soft_reply_every.total_seconds()):
        turn.say("other_language")
        escalation.raise_alarm(turn, Urgency.URGENT, "other_language")
    return True


def wrong_number(turn: Turn) -> bool:
    """The phone is not the patient's (any more): stop texting it, and a person looks."""
    if turn.reading.intent is not Intent.WRONG_NUMBER:
        return False
    turn.end()
    turn.say("wrong_number", final=True)
    turn.effects.append(OptOut(words="wrong_number"))
    turn.task("wrong_number", Urgency.URGENT)
    return True


def thanks(turn: Turn) -> bool:
    """A bare thank-you wants nothing."""
    return turn.reading.intent is Intent.THANKS


def both_ways(turn: Turn) -> bool:
    """'Yes, cancel it', 'no, I'll keep it': what is done to a visit must not hang on which half is believed.

    Nor may it hang on which of two open questions a bare 'no' answers.
    """
    said = {turn.reading.intent, *turn.reading.also}
    asking = answers.asking(turn.book, turn.state)
    if turn.reading.value is None or asking is None:
        return said >= {Intent.CONFIRM, Intent.CANCEL} and hand_over(turn)
    front = identity.open_talks(turn)[:1]
    clash = isinstance(turn.reading.value, bool) and any(
        talk != asking and answers.wants(turn, talk, turn.reading.intent) for talk, _visit in front
    )
    return clash and hand_over(turn)


def asked_again(turn: Turn) -> bool:
    """The question that is open was not answered: what its step has for that."""
    talks = identity.open_talks(turn)
    wants_person = turn.reading.intent in (Intent.HUMAN, Intent.QUESTION, Intent.REFILL)
    return bool(talks) and not wants_person and answers.not_answered(turn, *talks[0])


def any_text(turn: Turn) -> bool:
    """Nothing is open and nothing else fits: what the clinic has for any text, such as an answer after hours."""
    if any(answers.asks(turn, talk) for talk, _visit in identity.open_talks(turn)):
        return False
    person = turn.person_of(None)
    found = identity.ways_for(turn, turn.book.starting(Happens.ANY_TEXT), None, person)
    if found is None or turn.told(f"flow:{found[0].name}", turn.book.policy.soft_reply_every.total_seconds()):
        return False
    turn.told("soft_reply", 0)  # the flow says who will read it
    dialog.begin(turn, *found, person=person, asked=True)
    if turn.reading.intent is Intent.HUMAN:
        turn.task("wants_a_person")
        escalation.raise_alarm(turn, Urgency.ROUTINE, "wants_a_person")
    return True


def hand_over(turn: Turn) -> bool:
    """Nothing fits: one soft reply, and a person gets it. A question in the middle is followed by ours again."""
    talks = identity.open_talks(turn)
    if not turn.told("soft_reply", turn.book.policy.soft_reply_every.total_seconds()):
        turn.say("soft_reply")
        if (
            talks
            and turn.reading.intent is Intent.QUESTION
            and answers.asking(turn.book, turn.state) == talks[0][0]
        ):
            answers.once_more(turn, *talks[0])
    name = _TASKS.get(turn.reading.intent, "reply_not_understood")
    turn.task(name, visit_id=talks[0][0].visit_id if talks else None)
    if turn.reading.intent is Intent.HUMAN:
        escalation.raise_alarm(turn, Urgency.ROUTINE, name)
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
    other_language,
    wrong_number,
    by_hand.with_a_person,
    both_ways,
    identity.which_was_asked,
    identity.answers_open_talk,
    identity.keyword,
    identity.starts_flow,
    thanks,
    asked_again,
    any_text,
    hand_over,
)
"""Tried in this order; the first that returns True has dealt with the text."""


_RULES: dict[type, Callable[[Turn, Any], None]] = {
    TextArrived: _text,
    ReminderDue: happened.reminder,
    NoAnswer: happened.no_answer,
    NudgeDue: happened.nudge,
    PageUsed: pages.used,
    WordsOnPage: pages.words,
    Triggered: happened.triggered,
    EditionMoved: happened.edition_moved,
    AckDue: escalation.ack_due,
    VisitChanged: happened.visit_changed,
    SlotsFound: happened.slots_found,
    SlotAnswer: happened.slot_answer,
    TextFailed: happened.text_failed,
    Acknowledged: escalation.acknowledged,
    NotAcknowledged: escalation.which,
    Handled: escalation.handled,
    Unanswered: escalation.unanswered,
    Drilled: escalation.drilled,
    StaffWrote: by_hand.wrote,
    TakenOver: by_hand.taken_over,
    GivenBack: by_hand.given_back,
    StaffSentPage: by_hand.sent_page,
    WrongNumber: by_hand.wrong_number,
}
