"""What a step of a flow says: its sentence filled in, the patience of its question, the page that it sends."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from bot.core import moments
from bot.core.effects import LINK, Purpose, SendPage, SendText, Urgency, Wait
from bot.core.facts import Person, Visit
from bot.core.flow import Flow, Page, Sensitivity, Step
from bot.core.questions import OneOf
from bot.core.state import Talk
from bot.core.turn import Turn
from bot.core.wording import choices

WITH_LINK = {"link": LINK}
"""What a sentence that brings a page is filled in with."""


def text(
    turn: Turn,
    talk: Talk,
    wording: str,
    visit: Visit | None,
    purpose: Purpose,
    step: Step | None,
    wait: Wait | None,
) -> SendText:
    """The sentence as a text, filled in with what this talk may say: its variables that are no PHI among it."""
    flow = turn.book.flows[talk.flow]
    person = turn.person_of(visit, talk.person_id)
    said: dict[str, object] = {
        name: talk.values.get(name, "")
        for name, sensitivity in flow.variables.items()
        if sensitivity is not Sensitivity.PHI
    }
    if step and isinstance(step.expect, OneOf):
        wordings = turn.book.wordings[turn.language(person)]
        said["choices"] = choices(wordings.choices.get(step.expect.choices, {}))
    if step and step.send_page:
        said |= WITH_LINK
    return turn.text_of(
        wording, purpose=purpose, visit=visit, person=person, slots=talk.slots, wait=wait, values=said
    )


def say(
    turn: Turn,
    talk: Talk,
    wording: str,
    visit: Visit | None,
    purpose: Purpose,
    *,
    step: Step | None = None,
    wait: Wait | None = None,
) -> None:
    """Text it; what was said in this turn already is not said twice."""
    said = text(turn, talk, wording, visit, purpose, step, wait)
    before = (effect for effect in turn.effects if isinstance(effect, SendText))
    if wait is not None or all(other.body != said.body for other in before):
        turn.effects.append(said)


def page(turn: Turn, talk: Talk, step: Step, visit: Visit | None, purpose: Purpose) -> None:
    """Send the step's page; the talk waits for what comes back, if the step does."""
    number = turn.next_turn() if step.awaits_page else None
    if number is not None:
        talk = replace(talk, turn=number)
        turn.keep(talk)
    wait = patience(turn, talk, step, visit, number) if number is not None else None
    _send(turn, talk, step, visit, number, text(turn, talk, step.say or "", visit, purpose, step, wait))


def page_again(turn: Turn, talk: Talk, step: Step, wording: str, visit: Visit | None) -> None:
    """Remind of a page: a fresh link to the same one. What comes back belongs to the question that is open."""
    purpose = unasked(turn.book.flows[talk.flow])
    _send(turn, talk, step, visit, talk.turn, text(turn, talk, wording, visit, purpose, step, None))


def unasked(flow: Flow) -> Purpose:
    """What does not follow a text of the patient's is a reminder (or bulk); all that does is a reply."""
    return Purpose.REMINDER if flow.purpose in ("reminder", "care") else Purpose.BULK


def _send(
    turn: Turn, talk: Talk, step: Step, visit: Visit | None, number: int | None, said: SendText
) -> None:
    person = turn.person_of(visit, talk.person_id)
    if person is None or step.send_page is None:
        turn.task("page_without_a_patient", Urgency.URGENT, talk.visit_id)
        return
    send_page(turn, step.send_page, step.form, person, talk.visit_id, number, said)


def send_page(
    turn: Turn,
    page: Page,
    form: str | None,
    person: Person,
    visit_id: UUID | None,
    number: int | None,
    said: SendText,
) -> None:
    """Send this page to this person with a text that has a place for its link."""
    turn.effects.append(
        SendPage(page=page, form=form, person_id=person.id, visit_id=visit_id, turn=number, text=said)
    )


def patience(turn: Turn, talk: Talk, step: Step, visit: Visit | None, number: int) -> Wait:
    """How long the step waits: as it says or as the clinic does by default, and never beyond its visit."""
    wanted = step.wait or turn.book.house.question_wait
    nudges = tuple(int(each.after.total_seconds()) for each in step.nudges)
    start = visit.start if visit and talk.version else None
    if isinstance(wanted, timedelta):
        seconds = int(wanted.total_seconds())
        return Wait(turn=number, seconds=seconds, until=start, nudges=nudges)
    until = moment(turn, talk, wanted, visit)
    if until is None or until <= turn.now:  # '1 day before the visit' is over already
        until = start or turn.now + turn.book.house.question_wait
    return Wait(turn=number, until=min(until, start) if start else until, nudges=nudges)


def moment(turn: Turn, talk: Talk, wanted: moments.Moment, visit: Visit | None) -> datetime | None:
    """When a wait is over; None where it hangs on a visit and there is none."""
    zone = turn.zone(turn.person_of(visit, talk.person_id))
    return moments.when(
        wanted, now=turn.now, start=visit.start if visit else None, zone=zone, calendar=turn.book.calendar()
    )
