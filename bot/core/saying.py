"""What a step of a flow says: its sentence filled in, the patience of its question, the page that it sends."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core import moments
from bot.core.effects import LINK, Purpose, SendPage, SendText, Urgency, Wait
from bot.core.facts import Visit
from bot.core.flow import Sensitivity, Step
from bot.core.questions import OneOf
from bot.core.state import Talk
from bot.core.turn import Turn
from bot.core.wording import choices


def text(
    turn: Turn,
    talk: Talk,
    wording: str,
    visit: Visit | None,
    purpose: Purpose,
    step: Step | None,
    wait: Wait | None,
) -> SendText:
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
        said["link"] = LINK
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
    turn.effects.append(text(turn, talk, wording, visit, purpose, step, wait))


def page(turn: Turn, talk: Talk, step: Step, visit: Visit | None, purpose: Purpose) -> None:
    assert step.send_page
    person = turn.person_of(visit, talk.person_id)
    if person is None:
        turn.task("page_without_a_patient", Urgency.URGENT, talk.visit_id)
        return
    number = turn.next_turn() if step.awaits_page else None
    if number is not None:
        talk = replace(talk, turn=number)
        turn.keep(talk)
    wait = patience(turn, talk, step, visit, number) if number is not None else None
    turn.effects.append(
        SendPage(
            page=step.send_page,
            form=step.form,
            person_id=person.id,
            visit_id=talk.visit_id,
            turn=number,
            text=text(turn, talk, step.say or "", visit, purpose, step, wait),
        )
    )


def patience(turn: Turn, talk: Talk, step: Step, visit: Visit | None, number: int) -> Wait:
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
    zone = turn.zone(turn.person_of(visit, talk.person_id))
    return moments.when(
        wanted, now=turn.now, start=visit.start if visit else None, zone=zone, calendar=turn.book.calendar()
    )
