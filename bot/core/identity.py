"""Which visit a text is about. A phone is not a person, and a person may have several visits.

A reply belongs to the visit that was asked about. Only where that leaves several is the patient asked.
"""

from dataclasses import replace

from bot.core import dialog
from bot.core.facts import Visit
from bot.core.flow import PatientSays
from bot.core.state import State, Talk, Which
from bot.core.turn import Turn
from bot.core.wording import moment_text, numbered
from nlp.reading import Choice, Expect, Intent


def expects(state: State, visits: tuple[Visit, ...], zone: str, language: str) -> Expect | None:
    """What the reader should look for in the next text: 'which visit' if that was asked, else what the talk asked."""
    if state.which is None:
        return dialog.expects(state, zone, language)
    starts = {visit.id: visit.start for visit in visits}
    asked = (visit for visit in state.which.visits if visit in starts)
    return Choice(options={str(visit): (moment_text(starts[visit], zone, language),) for visit in asked})


def which_was_asked(turn: Turn) -> bool:
    """The answer to 'which visit': do with it what the patient wanted done."""
    which = turn.state.which
    if which is None:
        return False
    turn.state = replace(turn.state, which=None)
    visit = next((v for v in turn.facts.standing(turn.now) if str(v.id) == turn.reading.value), None)
    if visit is None:
        return False
    return go(turn, Intent(which.intent), visit)


def open_talks(turn: Turn) -> list[tuple[Talk, Visit]]:
    """The talks that wait, each with its visit as it is now; the one that moved last first."""
    pairs = [(talk, turn.facts.visit(talk.visit_id)) for talk in turn.state.talks]
    return [(talk, visit) for talk, visit in pairs if visit and visit.version == talk.version]


def answers_open_talk(turn: Turn) -> bool:
    """The text answers a talk that waits; where it would answer several, ask which visit is meant."""
    talks = open_talks(turn)
    if not talks:
        return False
    front, visit = talks[0]
    if front.slots:
        return dialog.answer(turn, front, visit)
    intent = turn.reading.intent
    fitting = [(t, v) for t, v in talks if intent in turn.book.flows[t.flow].steps[t.step].answers]
    if len(fitting) > 1:
        return _ask_which(turn, intent, tuple(sorted((v for _, v in fitting), key=lambda v: v.start)))
    return bool(fitting) and dialog.answer(turn, *fitting[0])


def starts_flow(turn: Turn) -> bool:
    """The text says something that a flow of the clinic's starts with."""
    intent = turn.reading.intent
    visits = turn.facts.standing(turn.now)
    if not turn.book.said(intent) or not visits:
        return False
    if len(visits) > 1:
        return _ask_which(turn, intent, visits)
    return go(turn, intent, visits[0])


def go(turn: Turn, intent: Intent, visit: Visit) -> bool:
    """Do what the patient wants done with this visit: on with its talk, or a new one."""
    for talk, its in open_talks(turn):
        step = turn.book.flows[talk.flow].steps[talk.step]
        if its.id == visit.id and intent in step.answers:
            dialog.enter(turn, talk, step.answers[intent], visit)
            return True
    said = turn.book.said(intent)
    if said is None:
        return False
    flow, start = said
    assert isinstance(start.when, PatientSays)
    dialog.begin(turn, flow.name, start, visit)
    return True


def _ask_which(turn: Turn, intent: Intent, visits: tuple[Visit, ...]) -> bool:
    turn.state = replace(turn.state, which=Which(intent=intent, visits=tuple(visit.id for visit in visits)))
    language = turn.language()
    lines = []
    for visit in visits:
        person = turn.facts.person(visit.patient_id)
        line = moment_text(visit.start, turn.zone(person), language)
        shared = person and len(turn.facts.people) > 1
        lines.append(f"{person.first_name}, {line}" if shared and person else line)
    turn.say("which_visit", visits=numbered(tuple(lines)))
    return True
