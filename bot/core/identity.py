"""Which visit, or which person, a text is about. A phone is not a person, and a person may have several visits.

A reply belongs to what was asked about. Only where that leaves several is the patient asked.
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from bot.core import answers, dialog
from bot.core.book import Book
from bot.core.consent import bare
from bot.core.facts import Facts, Person, Visit
from bot.core.flow import Flow, Start
from bot.core.state import State, Talk, Which
from bot.core.triggers import PatientSays, PatientTexts, Trigger
from bot.core.turn import Turn
from bot.core.wording import moment_text, numbered
from nlp.reading import Choice, Expect, Intent

Way = tuple[Flow, Start]


def expects(book: Book, state: State, facts: Facts, zone: str, language: str) -> Expect | None:
    """What the reader should look for in the next text: 'which one' if that was asked, else what the talk asked."""
    if state.which is None:
        return answers.expects(book, state, zone, language)
    if state.which.people:
        names = {person.id: person.first_name for person in facts.people}
        return Choice(options={str(it): (names[it],) for it in state.which.people if it in names})
    starts = {visit.id: visit.start for visit in facts.visits}
    asked = (visit for visit in state.which.visits if visit in starts)
    return Choice(options={str(visit): (moment_text(starts[visit], zone, language),) for visit in asked})


def which_was_asked(turn: Turn) -> bool:
    """The answer to 'which one': do with it what the patient wanted done."""
    which = turn.state.which
    if which is None:
        return False
    turn.state = replace(turn.state, which=None)
    ways = _ways(turn, which.trigger)
    about_visit = [way for way in ways if way[0].about == "the visit"]
    about_patient = [way for way in ways if way[0].about == "the patient"]
    if which.people:
        person = next((p for p in turn.facts.people if str(p.id) == turn.reading.value), None)
        return person is not None and _begin(turn, about_patient, None, person)
    visit = next((v for v in turn.facts.standing(turn.now) if str(v.id) == turn.reading.value), None)
    if visit is None:
        return False
    if _go(turn, which.trigger, about_visit, visit):
        return True
    return _begin(turn, about_patient, None, turn.person_of(visit))


def open_talks(turn: Turn) -> list[tuple[Talk, Visit | None]]:
    """The talks that wait, each with its visit as it is now; the one that moved last first."""
    pairs = [(talk, turn.facts.visit(talk.visit_id)) for talk in turn.state.talks]
    return [
        (talk, visit)
        for talk, visit in pairs
        if not talk.version or (visit is not None and visit.version == talk.version)
    ]


def answers_open_talk(turn: Turn) -> bool:
    """The text answers a talk that waits; where it would answer several, ask which visit is meant."""
    talks = open_talks(turn)
    asking = answers.asking(turn.book, turn.state)
    typed = next(((talk, visit) for talk, visit in talks if talk == asking), None)
    asked = typed or next((pair for pair in talks if answers.asks(turn, pair[0])), None)
    if asked and answers.repaired(turn, *asked):
        return True
    if typed and typed == talks[0]:
        return answers.hears(turn, *typed)
    intent = turn.reading.intent
    fitting = [(talk, visit) for talk, visit in talks if answers.wants(turn, talk, intent)]
    visits = [visit for _, visit in fitting if visit]
    if len(fitting) > 1 and len(visits) == len(fitting) and len({visit.id for visit in visits}) > 1:
        return _ask_which(turn, PatientSays(intent=intent), visits)
    if fitting and answers.by_intent(turn, *fitting[0]):
        return True
    return typed is not None and answers.hears(turn, *typed)


def keyword(turn: Turn) -> bool:
    """The whole text is a word that a flow of the clinic's starts with."""
    word = _word(turn)
    return word is not None and _starts(turn, word)


def is_keyword(turn: Turn) -> bool:
    """Whether the whole text is a word that the clinic has given a meaning to."""
    word = _word(turn)
    return word is not None and any(True for _ in turn.book.starting(word))


def _word(turn: Turn) -> PatientTexts | None:
    word = bare(turn.text.body)
    return PatientTexts(word=word) if word and word.isalnum() else None


def starts_flow(turn: Turn) -> bool:
    """The text says something that a flow of the clinic's starts with."""
    return _starts(turn, PatientSays(intent=turn.reading.intent))


def ways_for(turn: Turn, ways: Iterable[Way], visit: Visit | None, person: Person | None) -> Way | None:
    """The first of these ways whose condition holds."""
    return next((way for way in ways if turn.holds(way[1].condition, {}, person, visit)), None)


def _starts(turn: Turn, trigger: Trigger) -> bool:
    """Begin the flow that this starts: about the one visit or person there is, or after asking which."""
    ways = _ways(turn, str(trigger))
    if not ways:
        return False
    late = (
        turn.facts.late(turn.now) if isinstance(trigger, PatientTexts) else ()
    )  # HERE, from who is not on time
    visits = (*late, *turn.facts.standing(turn.now))
    about_visit = [way for way in ways if way[0].about == "the visit"]
    if about_visit and len(visits) > 1:
        return _ask_which(turn, trigger, visits)
    if about_visit and visits and _go(turn, str(trigger), about_visit, visits[0]):
        return True
    about_patient = [way for way in ways if way[0].about == "the patient"]
    people = turn.facts.people
    if about_patient and len(people) > 1:
        return _ask_who(turn, trigger, people)
    return bool(about_patient and people) and _begin(turn, about_patient, None, people[0])


def _ways(turn: Turn, trigger: str) -> list[Way]:
    return list(turn.book.starting_words(trigger))


def _go(turn: Turn, trigger: str, ways: list[Way], visit: Visit) -> bool:
    """Do what the patient wants done with this visit: on with its talk, or a new one."""
    said = trigger.removeprefix("the patient says ")
    if said in set(Intent):
        for talk, its in open_talks(turn):
            if its and its.id == visit.id and answers.wants(turn, talk, Intent(said)):
                step = dialog.step_of(turn, talk)
                assert step
                dialog.enter(turn, talk, step.answers[said], visit, way=f"answer: {said}")
                return True
    return _begin(turn, ways, visit, turn.person_of(visit))


def _begin(turn: Turn, ways: list[Way], visit: Visit | None, person: Person | None) -> bool:
    """Begin the flow, unless one is open that wants to be finished first; flows that give way are left."""
    found = ways_for(turn, ways, visit, person)
    if found is None:
        return False
    flow, start = found
    same = {flow.name, turn.book.variant(flow, visit.location if visit else None).name}
    for talk, its in open_talks(turn):
        under_way = [talk.flow, *(frame.flow for frame in talk.calls)]
        manners = {turn.book.flows[name].another_flow for name in under_way if name in turn.book.flows}
        if same & set(under_way) or manners == {"both"}:
            continue
        if "finish" in manners:
            step = dialog.step_of(turn, talk)
            if step and step.ask:
                turn.say("finish_first")
                answers.once_more(turn, talk, its)
                turn.task("asked_for_another_flow", visit_id=talk.visit_id)
                return True
        turn.close(talk)
    dialog.begin(turn, flow, start, visit=visit, person=person, asked=True)
    return True


def _ask_which(turn: Turn, trigger: Trigger, visits: Iterable[Visit]) -> bool:
    visits = sorted(visits, key=lambda visit: visit.start)
    ids = tuple(dict.fromkeys(visit.id for visit in visits))
    turn.state = replace(turn.state, which=Which(trigger=str(trigger), visits=ids))
    turn.say("which_visit", visits=numbered(tuple(_line(turn, visit) for visit in visits)))
    return True


def _line(turn: Turn, visit: Visit) -> str:
    person = turn.facts.person(visit.patient_id)
    line = moment_text(visit.start, turn.zone(person), turn.language())
    shared = person and len(turn.facts.people) > 1
    return f"{person.first_name}, {line}" if shared and person else line


def _ask_who(turn: Turn, trigger: Trigger, people: tuple[Person, ...]) -> bool:
    ids: tuple[UUID, ...] = tuple(person.id for person in people)
    turn.state = replace(turn.state, which=Which(trigger=str(trigger), people=ids))
    turn.say("which_person", people=numbered(tuple(person.first_name for person in people)))
    return True
