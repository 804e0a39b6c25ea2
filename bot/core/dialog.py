"""The dialog machine: how a flow's steps are walked. A talk rests only at a step that waits.

`enter` walks from a step until one waits (for an answer, or for the result of an act) or the flow ends.
`answer`, `outcome` and `no_answer` say where a waiting step goes next.
"""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from bot.core.effects import BookSlot, CancelTimers, FindSlots, Purpose, SetVisitStatus, Urgency, Wait
from bot.core.facts import Visit, VisitStatus
from bot.core.flow import CHOSEN, END, OUTCOMES, Do, PatientSays, Start, Step
from bot.core.reminders import prefix
from bot.core.state import State, Talk
from bot.core.turn import Turn
from bot.core.wording import moment_text
from nlp.reading import Choice, Expect

MOST_STEPS = 25
"""Steps that one event may walk; a flow that wants more is broken and a person gets the conversation."""


def begin(turn: Turn, flow: str, start: Start, visit: Visit) -> None:
    """Start the flow about this visit; a talk about the same visit gives way."""
    talk = Talk(flow=flow, step=start.at, turn=turn.state.turn, visit_id=visit.id, version=visit.version)
    confirmed = visit.status is VisitStatus.CONFIRMED and start.if_confirmed
    asked = isinstance(start.when, PatientSays)
    enter(turn, talk, confirmed or start.at, visit, purpose=Purpose.REPLY if asked else _unasked(turn, talk))


def enter(turn: Turn, talk: Talk, name: str, visit: Visit, *, purpose: Purpose = Purpose.REPLY) -> None:
    """Walk from the step `name` until a step waits or the flow ends."""
    for _ in range(MOST_STEPS):
        if name == END:
            turn.close(visit.id)
            return
        step = turn.book.flows[talk.flow].steps[name]
        talk = replace(talk, step=name, tries=0)
        if step.do:
            visit, talk = _ACTS[step.do](turn, talk, visit)
            if step.do in OUTCOMES:
                turn.keep(talk)
                return
        if step.hand_over:
            turn.task(step.hand_over.name, Urgency(step.hand_over.urgency), visit.id)
        if step.say:
            turn.say(step.say, purpose=purpose, visit=visit, slots=talk.slots)
        if step.ask:
            _ask(turn, talk, step, step.ask, visit, purpose)
            return
        name = step.then or END
    turn.close(visit.id)
    turn.task("flow_too_long", Urgency.URGENT, visit.id)


def answer(turn: Turn, talk: Talk, visit: Visit) -> bool:
    """Whether the text answers what the talk asked; if so the talk has moved on."""
    step = turn.book.flows[talk.flow].steps[talk.step]
    chosen = _chosen(turn, talk)
    if chosen and CHOSEN in step.answers:
        enter(turn, replace(talk, chosen=chosen), step.answers[CHOSEN], visit)
        return True
    if turn.reading.intent in step.answers:
        enter(turn, talk, step.answers[turn.reading.intent], visit)
        return True
    return False


def not_answered(turn: Turn, talk: Talk, visit: Visit) -> bool:
    """The text is no answer: the step's `otherwise`, or the question again; False when a person must look."""
    step = turn.book.flows[talk.flow].steps[talk.step]
    if step.otherwise:
        enter(turn, talk, step.otherwise, visit)
        return True
    if step.again and talk.tries < step.tries:
        _ask(turn, replace(talk, tries=talk.tries + 1), step, step.again, visit, Purpose.REPLY)
        return True
    return False


def outcome(turn: Turn, talk: Talk, name: str, visit: Visit) -> None:
    """What the talk's act came to."""
    enter(turn, talk, turn.book.flows[talk.flow].steps[talk.step].outcomes[name], visit)


def no_answer(turn: Turn, talk: Talk, visit: Visit) -> None:
    """The step's patience is over. What is said now nobody has just texted for: quiet hours hold."""
    name = turn.book.flows[talk.flow].steps[talk.step].no_answer or END
    enter(turn, talk, name, visit, purpose=_unasked(turn, talk))


def expects(turn_state: State, zone: str, language: str) -> Expect | None:
    """What the reader should look for in the next text: the times on offer, if any are."""
    for talk in turn_state.talks[:1]:
        if talk.slots:
            return Choice(
                options={
                    str(slot.id): (
                        moment_text(slot.start, zone, language),
                        moment_text(slot.start, zone, "en"),
                    )
                    for slot in talk.slots
                }
            )
    return None


def _chosen(turn: Turn, talk: Talk) -> UUID | None:
    return next((slot.id for slot in talk.slots if str(slot.id) == turn.reading.value), None)


def _unasked(turn: Turn, talk: Talk) -> Purpose:
    """What does not follow a text of the patient's is a reminder (or bulk); all that does is a reply."""
    return Purpose.REMINDER if turn.book.flows[talk.flow].purpose == "reminder" else Purpose.BULK


def _ask(turn: Turn, talk: Talk, step: Step, wording: str, visit: Visit, purpose: Purpose) -> None:
    number = turn.next_turn()
    wait = None
    if step.wait == "until the visit":
        wait = Wait(turn=number, until=visit.start)
    elif step.wait is not None:
        wait = Wait(turn=number, seconds=int(step.wait.total_seconds()), until=visit.start)
    turn.keep(replace(talk, turn=number))
    turn.say(wording, purpose=purpose, visit=visit, slots=talk.slots, wait=wait)


# -- acts --------------------------------------------------------------------------------------------


def _confirm(turn: Turn, talk: Talk, visit: Visit) -> tuple[Visit, Talk]:
    if visit.status is VisitStatus.CONFIRMED:
        return visit, talk
    turn.effects.append(SetVisitStatus(visit_id=visit.id, status=VisitStatus.CONFIRMED))
    return replace(visit, status=VisitStatus.CONFIRMED), talk


def _cancel(turn: Turn, talk: Talk, visit: Visit) -> tuple[Visit, Talk]:
    turn.effects.append(SetVisitStatus(visit_id=visit.id, status=VisitStatus.CANCELLED))
    turn.effects.append(CancelTimers(prefix=prefix(visit)))
    return replace(visit, status=VisitStatus.CANCELLED), talk


def _find(turn: Turn, talk: Talk, visit: Visit) -> tuple[Visit, Talk]:
    number = turn.next_turn()
    turn.effects.append(FindSlots(visit_id=visit.id, turn=number, at_most=turn.book.policy.offered_times))
    return visit, replace(talk, turn=number, slots=(), chosen=None)


def _book(turn: Turn, talk: Talk, visit: Visit) -> tuple[Visit, Talk]:
    assert talk.chosen is not None
    number = turn.next_turn()
    turn.effects.append(BookSlot(visit_id=visit.id, slot_id=talk.chosen, turn=number))
    return visit, replace(talk, turn=number, slots=())


_ACTS: dict[Do, Callable[[Turn, Talk, Visit], tuple[Visit, Talk]]] = {
    Do.CONFIRM_VISIT: _confirm,
    Do.CANCEL_VISIT: _cancel,
    Do.FIND_TIMES: _find,
    Do.BOOK_TIME: _book,
}
