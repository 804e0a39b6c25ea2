"""What the bot does about everything that is not a text: timers, visits, slots, triggers, failures."""

from dataclasses import replace

from bot.core import by_hand, dialog, escalation, identity, reminders
from bot.core.effects import OptOut, Purpose, Urgency
from bot.core.events import (
    EditionMoved,
    NoAnswer,
    NudgeDue,
    ReminderDue,
    SlotAnswer,
    SlotsFound,
    TextFailed,
    Triggered,
    VisitChanged,
)
from bot.core.facts import HELD, STANDING, Person, Visit
from bot.core.flow import Flow, Start
from bot.core.moments import AroundVisit
from bot.core.triggers import Happens, VisitIs
from bot.core.turn import Turn


def reminder(turn: Turn, due: ReminderDue) -> None:
    """The moment of a reminder: of the visit as it is now, if its start still stands and its condition holds."""
    visit = turn.facts.visit(due.visit_id)
    flow = turn.book.flows.get(due.flow)
    starts = flow.starts if flow else ()
    ways = [start for start in starts if str(start.when) == due.when]
    if flow is None or not ways or visit is None:  # the present edition no longer has this reminder
        return
    if visit.version != due.version or turn.now - due.due > turn.book.policy.reminder_grace:
        return
    moment = ways[0].when
    before = isinstance(moment, AroundVisit) and moment.side == "before"
    fits = visit.status in (STANDING if before else HELD) and (visit.start > turn.now) is before
    person = turn.person_of(visit)
    start = next((way for way in ways if turn.holds(way.condition, {}, person, visit)), None)
    if fits and start:
        _unasked(turn, flow, start, visit, person)


def _unasked(
    turn: Turn,
    flow: Flow,
    start: Start | None,
    visit: Visit | None,
    person: Person | None,
    triggered: Triggered | None = None,
) -> None:
    """Begin a flow that the patient did not ask for, unless they don't want it by text."""
    wishes = person.preferences if person else {}
    if wishes.get(flow.purpose) == "no":
        return
    by_itself = triggered is None or triggered.trigger != Happens.STAFF
    if turn.state.held and flow.purpose in by_hand.NOT_NOW and by_itself:
        return
    if turn.facts.opted_out or wishes.get("channel") == "call":
        if flow.purpose in ("reminder", "care"):
            turn.task("call_instead", visit_id=visit.id if visit else None)
        return
    values, slots = (triggered.values, triggered.slots) if triggered else (None, ())
    dialog.begin(turn, flow, start, visit=visit, person=person, values=values, slots=slots)


def triggered(turn: Turn, what: Triggered) -> None:
    """Something that starts flows: every one that begins with it, or the one that was named."""
    visit = turn.facts.visit(what.visit_id)
    person = turn.person_of(visit, what.person_id)
    ways = [way for way in _ways(turn, what) if visit or way[0].about != "the visit"]
    begun = [
        (flow, start)
        for flow, start in ways
        if turn.holds(start.condition if start else None, what.values or {}, person, visit)
    ]
    for flow, start in begun:
        _unasked(turn, flow, start, visit, person, what)
    asked_for = what.trigger == Happens.STAFF  # somebody waits for it to begin
    if asked_for and turn.path:
        by_hand.go_on(turn)  # its questions are the bot's
    if not ways or (asked_for and not begun):
        turn.task("nothing_to_start", visit_id=what.visit_id)


def _ways(turn: Turn, what: Triggered) -> list[tuple[Flow, Start | None]]:
    """The flow that was named, or every flow that begins with this."""
    if what.flow is None:
        return list(turn.book.starting_words(what.trigger))
    flow = turn.book.flows.get(what.flow)
    if flow is None:
        return []
    starts = (start for start in flow.starts if str(start.when) == what.trigger)
    return [(flow, next(starts, None))]


def no_answer(turn: Turn, due: NoAnswer) -> None:
    """A question's patience, or a pause, is over."""
    if turn.state.held:
        by_hand.missed(turn, due.turn)
        return
    for talk, visit in identity.open_talks(turn):
        if talk.turn == due.turn:
            dialog.no_answer(turn, talk, visit)


def nudge(turn: Turn, due: NudgeDue) -> None:
    """A question is still open."""
    if turn.state.held:
        return
    for talk, visit in identity.open_talks(turn):
        if talk.turn == due.turn:
            dialog.nudge(turn, talk, due.number, visit)


def edition_moved(turn: Turn, moved: EditionMoved) -> None:
    """The conversation goes on with another edition: talks whose place is gone go to a fallback and a person."""
    for talk, _visit in identity.open_talks(turn):
        frames = (f"{frame.flow}:{frame.step}" for frame in talk.calls)
        if not {f"{talk.flow}:{talk.step}", *frames} <= set(moved.kept):
            dialog.lost(turn, talk)


def visit_changed(turn: Turn, change: VisitChanged) -> None:
    """The office changed a visit: what hung on it as it was is over, reminders are planned anew, flows may begin."""
    visit = turn.facts.visit(change.visit_id)
    person = turn.person_of(visit)
    if visit is None or person is None:
        return
    turn.close_visit(visit)
    if change.change and turn.state.which and visit.id in turn.state.which.visits:
        turn.state = replace(turn.state, which=None)
    turn.effects.extend(reminders.plan(turn.book, visit, person, turn.now))
    if change.change is None or visit.version != change.version:
        return
    if turn.now - visit.start > turn.book.policy.news_within:
        return  # the office closes its books: nobody wants to be asked about a visit of last month
    for flow, start in turn.book.starting(VisitIs(change=change.change)):
        if turn.holds(start.condition, {}, person, visit):
            _unasked(turn, flow, start, visit, person)


def slots_found(turn: Turn, found: SlotsFound) -> None:
    """Open times were looked up."""
    for talk, visit in identity.open_talks(turn):
        if talk.turn == found.turn:
            talk = replace(talk, slots=found.slots)
            dialog.outcome(turn, talk, "found" if found.slots else "none", visit)


def slot_answer(turn: Turn, result: SlotAnswer) -> None:
    """A booking came back; who has just chosen is not reminded too soon."""
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


def text_failed(turn: Turn, failed: TextFailed) -> None:
    """A text of ours did not arrive: a person reaches the patient otherwise."""
    if failed.opted_out and turn.facts.opted_out:
        return  # the carrier answered the STOP itself and held back our own answer: nothing is missing
    if failed.opted_out:
        turn.let_go()
        turn.effects.append(OptOut(words="carrier"))
    grave = failed.purpose in (Purpose.SAFETY.name, Purpose.PAGE.name)
    turn.task("text_not_delivered", Urgency.URGENT if grave else Urgency.ROUTINE, failed.visit_id)
    if failed.purpose == Purpose.SAFETY.name:
        escalation.not_delivered(turn)
