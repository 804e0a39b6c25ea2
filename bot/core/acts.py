"""What a step can do besides talking: one function per `Do`. Each gives the visit and the talk as they are after it."""

from collections.abc import Callable
from dataclasses import replace

from bot.core.effects import (
    BookSlot,
    CancelTimers,
    FindSlots,
    JoinWaitlist,
    PassOn,
    SetVisitStatus,
    Urgency,
)
from bot.core.facts import STANDING, Visit, VisitStatus
from bot.core.flow import Do
from bot.core.reminders import prefix
from bot.core.state import Talk
from bot.core.turn import Turn


def act(turn: Turn, talk: Talk, visit: Visit, do: Do) -> tuple[Visit, Talk]:
    """Do it."""
    return _ACTS[do](turn, talk, visit)


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
    number = turn.next_turn()
    chosen = talk.chosen or (talk.slots[0].id if talk.slots else None)
    if chosen:
        turn.effects.append(BookSlot(visit_id=visit.id, slot_id=chosen, turn=number))
    return visit, replace(talk, turn=number, slots=(), chosen=chosen)


def _waitlist(turn: Turn, talk: Talk, visit: Visit) -> tuple[Visit, Talk]:
    turn.effects.append(JoinWaitlist(visit_id=visit.id))
    return visit, talk


def _pass_on(turn: Turn, talk: Talk, visit: Visit) -> tuple[Visit, Talk]:
    offered = talk.chosen or (talk.slots[0].id if talk.slots else None)
    if offered:
        turn.effects.append(PassOn(visit_id=visit.id, slot_id=offered))
    return visit, replace(talk, slots=(), chosen=None)


def _check_in(turn: Turn, talk: Talk, visit: Visit) -> tuple[Visit, Talk]:
    """The patient is here, and the front desk hears of it."""
    if visit.status in STANDING:
        turn.effects.append(SetVisitStatus(visit_id=visit.id, status=VisitStatus.ARRIVED))
        turn.task("patient_is_here", Urgency.URGENT, visit.id)
    return replace(visit, status=VisitStatus.ARRIVED), talk


_ACTS: dict[Do, Callable[[Turn, Talk, Visit], tuple[Visit, Talk]]] = {
    Do.CONFIRM_VISIT: _confirm,
    Do.CANCEL_VISIT: _cancel,
    Do.FIND_TIMES: _find,
    Do.BOOK_TIME: _book,
    Do.WAITLIST: _waitlist,
    Do.NEXT_IN_LINE: _pass_on,
    Do.CHECK_IN: _check_in,
}
