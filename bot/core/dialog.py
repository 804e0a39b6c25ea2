"""The dialog machine: how a flow's steps are walked. A talk rests only at a step that waits.

`enter` walks from a step until one waits (for an answer, the result of an act, a page, or time) or the flow ends.
`outcome`, `no_answer`, `nudge` and `page_used` say where a waiting step goes next; what a text means to it stands in
`core/answers`.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot.core import acts, escalation, saying
from bot.core.effects import (
    Purpose,
    Record,
    SetPreference,
    SetTimer,
    Urgency,
)
from bot.core.events import NoAnswer, PageUsed
from bot.core.expr import Expr
from bot.core.facts import STANDING, Person, Slot, Visit, VisitStatus
from bot.core.flow import DONE, END, Flow, Start, Step
from bot.core.known import PREFERENCES
from bot.core.state import Frame, Plain, Talk
from bot.core.turn import Turn

MOST_STEPS = 40
"""Steps that one event may walk; a flow that wants more is broken and a person gets the conversation."""

DEEPEST = 5
"""Flows that may wait for each other's result."""

LIMIT = 1000
"""Characters of a variable that are kept."""


def begin(
    turn: Turn,
    flow: Flow,
    start: Start | None,
    *,
    visit: Visit | None = None,
    person: Person | None = None,
    asked: bool = False,
    values: Mapping[str, Plain] | None = None,
    slots: tuple[Slot, ...] = (),
) -> None:
    """Start a flow; an open talk of the same flow about the same thing gives way. `asked`: by the patient's text."""
    person = turn.person_of(visit) or person
    flow = turn.book.variant(flow, visit.location if visit else None)
    ahead = visit is not None and visit.status in STANDING and visit.start > turn.now
    talk = Talk(
        flow=flow.name,
        step=flow.first,
        turn=turn.state.turn,
        visit_id=visit.id if visit else None,
        person_id=person.id if person else None,
        version=visit.version if visit and ahead else 0,
        slots=slots,
        values={key: value for key, value in (values or {}).items() if _keeps(flow, key)},
    )
    if start:
        turn.path.append(f"{flow.extends or flow.name}<{start.when}")
    at = start.at if start and start.at else flow.first
    if start and start.if_confirmed and visit and visit.status is VisitStatus.CONFIRMED:
        at = start.if_confirmed
    enter(turn, talk, at, visit, purpose=Purpose.REPLY if asked else saying.unasked(flow))


def enter(
    turn: Turn, talk: Talk, name: str, visit: Visit | None, *, purpose: Purpose = Purpose.REPLY, way: str = ""
) -> None:
    """Walk from the step `name` until a step waits or the flow ends. `way` is how the talk left its last step."""
    if way:
        turn.path.append(f"{talk.flow}:{talk.step}>{way}")
    for _ in range(MOST_STEPS):
        if name == END:
            back = _return(turn, talk, DONE)
            if back is None:
                return
            talk, name = back
            continue
        step = step_of(turn, talk, name)
        if step is None:
            _broken(turn, talk)
            return
        talk = replace(talk, step=name, tries=0)
        turn.path.append(f"{talk.flow}:{name}")
        visit, talk = _acting(turn, talk, step, visit, purpose)
        if step.waits:
            _rest(turn, talk, step, visit, purpose)
            return
        onward = _onward(turn, talk, step, visit, purpose)
        if onward is None:
            return
        talk, name = onward
    turn.close(talk)
    turn.task("flow_too_long", Urgency.URGENT, talk.visit_id)


def lost(turn: Turn, talk: Talk) -> None:
    """The book has no such step (any more): the flow's fallback, and a person."""
    _broken(turn, talk)
    flow = turn.book.flows.get(talk.flow)
    if flow and flow.fallback and flow.fallback in flow.steps:
        visit = turn.facts.visit(talk.visit_id)
        enter(turn, replace(talk, calls=()), flow.fallback, visit, purpose=saying.unasked(flow))


def _broken(turn: Turn, talk: Talk) -> None:
    turn.close(talk)
    turn.task("flow_changed", Urgency.URGENT, talk.visit_id)


def step_of(turn: Turn, talk: Talk, name: str | None = None) -> Step | None:
    """The talk's step (or another of its flow), None if the book has none of this name."""
    flow = turn.book.flows.get(talk.flow)
    return flow.steps.get(name or talk.step) if flow else None


# -- what can happen to a step that waits --------------------------------------------------------------


def outcome(turn: Turn, talk: Talk, name: str, visit: Visit | None) -> None:
    """What the talk's act came to."""
    step = step_of(turn, talk)
    target = step.outcomes.get(name) or step.then or END if step else END
    enter(turn, talk, target, visit, way=f"outcome: {name}")


def no_answer(turn: Turn, talk: Talk, visit: Visit | None) -> None:
    """The step's time is over. What is said now nobody has just texted for: quiet hours hold."""
    step = step_of(turn, talk)
    if step is None:
        lost(turn, talk)
        return
    target, way = (step.then, "then") if step.pause else (step.no_answer, "no answer")
    purpose = saying.unasked(turn.book.flows[talk.flow])
    enter(turn, talk, target or END, visit, purpose=purpose, way=way if target else "")


def nudge(turn: Turn, talk: Talk, number: int, visit: Visit | None) -> None:
    """Remind of the question that is open."""
    step = step_of(turn, talk)
    if step and step.send_page and number < len(step.nudges):
        saying.page_again(turn, talk, step, step.nudges[number].say, visit)
    elif step and number < len(step.nudges):
        saying.say(
            turn, talk, step.nudges[number].say, visit, saying.unasked(turn.book.flows[talk.flow]), step=step
        )


def page_used(turn: Turn, talk: Talk, used: PageUsed, visit: Visit | None) -> bool:
    """The secure page that the step waits for was opened, or its form came back; False where that is no way on."""
    step = step_of(turn, talk)
    if step is None or used.outcome not in step.outcomes:
        return False
    flow = turn.book.flows[talk.flow]
    form = turn.book.forms.get(used.form or "")
    codes = {name: item.code for item in form.items for name in item.fills} if form else {}
    for name, value in (used.values or {}).items():
        if _keeps(flow, name):
            talk = keep_answer(turn, talk, name, value, codes.get(name))
    purpose = (
        Purpose.REPLY if used.outcome == "submitted" else saying.unasked(flow)
    )  # who submits has just acted
    enter(turn, talk, step.outcomes[used.outcome], visit, purpose=purpose, way=f"outcome: {used.outcome}")
    return True


def _keeps(flow: Flow, name: str) -> bool:
    """Whether the flow has this variable, or the one whose part it is: 'pressure.systolic' is a part of 'pressure'."""
    return name.partition(".")[0] in flow.variables


def keep_answer(turn: Turn, talk: Talk, item: str, value: Plain, code: str | None = None) -> Talk:
    """The talk with an answer as a variable, and the answer kept."""
    kept = value[:LIMIT] if isinstance(value, str) else value
    turn.effects.append(
        Record(
            flow=talk.flow,
            item=item,
            value=kept,
            code=code,
            person_id=talk.person_id,
            visit_id=talk.visit_id,
        )
    )
    return replace(talk, values=talk.values | {item: kept})


def ask(
    turn: Turn, talk: Talk, step: Step, visit: Visit | None, purpose: Purpose, *, wording: str | None = None
) -> None:
    """Put the step's question (in other words, if `wording` says so) and wait for the answer."""
    number = turn.next_turn()
    talk = replace(talk, turn=number)
    turn.keep(talk)
    saying.say(
        turn,
        talk,
        wording or step.ask or "",
        visit,
        purpose,
        step=step,
        wait=saying.patience(turn, talk, step, visit, number),
    )


# -- one step -------------------------------------------------------------------------------------------


def _acting(
    turn: Turn, talk: Talk, step: Step, visit: Visit | None, purpose: Purpose
) -> tuple[Visit | None, Talk]:
    """All that the step does before it waits or goes on, in the order that `Step` gives."""
    talk = _set(turn, talk, step.set, visit)
    if step.do and visit:
        visit, talk = acts.act(turn, talk, visit, step.do)
    escalation.call_on(turn, step.hand_over, step.escalate, talk.visit_id)
    if step.say and not step.send_page:
        safety = step.escalate is not None and step.escalate.urgency == "emergency"
        saying.say(turn, talk, step.say, visit, Purpose.SAFETY if safety else purpose, step=step)
    return visit, talk


def _rest(turn: Turn, talk: Talk, step: Step, visit: Visit | None, purpose: Purpose) -> None:
    """The talk waits at this step."""
    if step.ask:
        ask(turn, talk, step, visit, purpose)
    elif step.send_page:
        saying.page(turn, talk, step, visit, purpose)
    elif step.pause:
        number = turn.next_turn()
        talk = replace(talk, turn=number)
        turn.keep(talk)
        due = saying.moment(turn, talk, step.pause, visit) or turn.now
        turn.effects.append(
            SetTimer(key=f"wait:{number}", due=max(due, turn.now), what=NoAnswer(turn=number))
        )
    elif visit is None:
        turn.close(talk)  # an act on a visit, and there is none
        turn.task("flow_needs_a_visit", Urgency.URGENT)
    else:
        turn.keep(talk)


def _onward(
    turn: Turn, talk: Talk, step: Step, visit: Visit | None, purpose: Purpose
) -> tuple[Talk, str] | None:
    """Where a step goes that waits for nothing; None where the whole talk is over."""
    if step.send_page:
        saying.page(turn, talk, step, visit, purpose)
    if step.call:
        return _call(turn, talk, step, visit)
    if step.start:
        return _start(turn, talk, step.start)
    if step.result:
        return _return(turn, talk, step.result)
    person = turn.person_of(visit, talk.person_id)
    case = next((c for c in step.branch if turn.holds(c.condition, talk.values, person, visit)), None)
    way = case.label if case else "then" if step.then else None
    if way:
        turn.path.append(f"{talk.flow}:{talk.step}>{way}")
    return talk, case.target if case else step.then or END


def _set(turn: Turn, talk: Talk, wanted: Mapping[str, Expr], visit: Visit | None) -> Talk:
    for name, expression in wanted.items():
        person = turn.person_of(visit, talk.person_id)
        value = turn.worth(expression, talk.values, person, visit)
        preference = name.removeprefix("patient.")
        if preference != name and preference in PREFERENCES:
            if person and value is not None:
                said = ("no", "yes")[value] if isinstance(value, bool) else str(value)
                turn.effects.append(SetPreference(person_id=person.id, name=preference, value=said))
                if preference == "language":
                    turn.state = replace(turn.state, language=said)
        elif value is None:
            talk = replace(talk, values={key: kept for key, kept in talk.values.items() if key != name})
        else:
            talk = replace(talk, values=talk.values | {name: value})
    return talk


# -- flows within flows ---------------------------------------------------------------------------------


def _start(turn: Turn, talk: Talk, name: str) -> tuple[Talk, str]:
    """Another flow takes this one's place, with the variables that both have."""
    turn.close(talk)
    flow = turn.book.flows.get(name)
    if flow is None:
        return talk, ""  # no such step: `lost`
    values = {key: value for key, value in talk.values.items() if _keeps(flow, key)}
    return replace(talk, flow=flow.name, step=flow.first, values=values, asked=(), calls=()), flow.first


def _call(turn: Turn, talk: Talk, step: Step, visit: Visit | None) -> tuple[Talk, str]:
    flow = turn.book.flows.get(step.call or "")
    if flow is None or len(talk.calls) >= DEEPEST:
        return talk, ""  # no such step: `lost`
    person = turn.person_of(visit, talk.person_id)
    given = {name: turn.worth(e, talk.values, person, visit) for name, e in step.with_values.items()}
    values = {name: value for name, value in given.items() if value is not None}
    frame = Frame(flow=talk.flow, step=talk.step, values=talk.values)
    called = replace(
        talk, flow=flow.name, step=flow.first, values=values, asked=(), calls=(*talk.calls, frame)
    )
    return called, flow.first


def _return(turn: Turn, talk: Talk, result: str) -> tuple[Talk, str] | None:
    """The flow is over with this result: back to who called it, or None where nobody did."""
    if not talk.calls:
        turn.close(talk)
        return None
    frame = talk.calls[-1]
    own = {f"{talk.flow}.{name}": value for name, value in talk.values.items() if "." not in name}
    talk = replace(
        talk,
        flow=frame.flow,
        step=frame.step,
        values=frame.values | own,
        asked=(),  # what was answered last is gone with the called flow: nothing older may be taken for it
        calls=talk.calls[:-1],
    )
    step = step_of(turn, talk)
    if step is None:
        return talk, ""
    named = step.results.get(result)
    turn.path.append(f"{talk.flow}:{talk.step}>{f'result: {result}' if named else 'then'}")
    return talk, named or step.then or END
