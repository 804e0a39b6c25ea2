"""Secure pages, the rules: what opens one, and what follows when it was used.

What a page does by itself (a wish is kept, reminders of the new time are planned) comes first; then the flow that
waits for it goes on. A form for which no flow waits any more starts those that begin with it, or is kept for a person:
nothing that a patient wrote is lost.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum

from bot.core import dialog, escalation, forms, identity, reminders, saying
from bot.core.book import House
from bot.core.consent import Gate, gate
from bot.core.effects import OptOut, Purpose, Record, SetPreference, SetVisitStatus, Urgency
from bot.core.events import PageUsed, TextArrived, WordsOnPage
from bot.core.facts import STANDING, Person, Visit, VisitStatus
from bot.core.flow import Page
from bot.core.known import PREFERENCES
from bot.core.triggers import FormSubmitted
from bot.core.turn import Turn
from nlp.reading import Level, Reading

AGAIN = "page_again"
"""The sentence that brings a new link to a page whose link is over."""

TEXTS, STOP = "texts", "stop"
"""The wish on the page of preferences that ends all texts."""


class Factor(StrEnum):
    """What somebody must know, beside holding the phone."""

    NONE = "none"
    BIRTH_DATE = "birth_date"
    PIN = "pin"


def factor(house: House, page: Page, *, has_pin: bool) -> Factor:
    """What opens this page of the clinic's. Without a PIN of their own patients come in by the date of birth."""
    if page in house.pages.open_without:
        return Factor.NONE
    return Factor.PIN if house.pages.second_factor == "pin" and has_pin else Factor.BIRTH_DATE


def wants_pin(house: House, page: Page, *, has_pin: bool) -> bool:
    """Whether the patient chooses a PIN now, having come in by the date of birth."""
    return house.pages.second_factor == "pin" and not has_pin and page not in house.pages.open_without


def used(turn: Turn, what: PageUsed) -> None:
    """Something happened to a page."""
    _OUTCOMES[what.outcome](turn, what)


def _opened(turn: Turn, what: PageUsed) -> None:
    _go_on(turn, what)


def _saved(turn: Turn, what: PageUsed) -> None:
    """Answers that must not wait for the rest of the form, nor for its score."""
    form = turn.book.forms.get(what.form or "")
    if form is None or what.values is None:
        return
    person, visit = _about(turn, what)
    before = {item: value for item, value in what.values.items() if item not in what.fresh}
    for alert in forms.alerts(
        form, before, what.values, lambda condition, values: turn.holds(condition, values, person, visit)
    ):
        escalation.call_on(turn, alert.hand_over, alert.escalate, what.visit_id)
        if alert.say:
            grave = alert.escalate is not None and alert.escalate.urgency == "emergency"
            purpose = Purpose.SAFETY if grave else Purpose.REPLY
            turn.effects.append(turn.text_of(alert.say, purpose=purpose, person=person, visit=visit))


def _submitted(turn: Turn, what: PageUsed) -> None:
    _saved(turn, what)
    meaning = _MEANINGS.get(what.page) if what.page else None
    if meaning:
        meaning(turn, what, *_about(turn, what))
    if not _go_on(turn, what) and what.page is Page.FORM:
        _came_late(turn, what)


def _go_on(turn: Turn, what: PageUsed) -> bool:
    """The flow that waits for the page goes on; False where none does."""
    waiting = [
        (talk, visit)
        for talk, visit in identity.open_talks(turn)
        if what.turn is not None and talk.turn == what.turn
    ]
    went = [dialog.page_used(turn, talk, what, visit) for talk, visit in waiting]
    return any(went)


def _came_late(turn: Turn, what: PageUsed) -> None:
    """No flow waits for this form: those that begin with it, or else a person, get it."""
    person, visit = _about(turn, what)
    values = what.values or {}
    ways = list(turn.book.starting(FormSubmitted(name=what.form or "")))
    begun = [
        (flow, start)
        for flow, start in ways
        if (visit or flow.about != "the visit") and turn.holds(start.condition, values, person, visit)
    ]
    for flow, start in begun:
        dialog.begin(turn, flow, start, visit=visit, person=person, values=values, asked=True)
    if begun:
        return
    for item, value in values.items():
        turn.effects.append(
            Record(
                flow=what.form or "",
                item=item,
                value=value,
                person_id=what.person_id,
                visit_id=what.visit_id,
            )
        )
    turn.task("form_to_read", visit_id=what.visit_id, detail=_named(what))


# -- what pages mean by themselves ---------------------------------------------------------------------


def _wishes(turn: Turn, what: PageUsed, person: Person | None, _visit: Visit | None) -> None:
    """Each wish counts at once; to get no texts at all is an opt-out like any other."""
    values = what.values or {}
    if person is None:
        return
    wishes = {name: str(values[name]) for name in PREFERENCES if name in values}
    for name, value in wishes.items():
        turn.effects.append(SetPreference(person_id=person.id, name=name, value=value))
    if "language" in wishes:
        turn.state = replace(turn.state, language=wishes["language"])
    if wishes.get("frequency") not in (None, person.preferences.get("frequency", "all")):
        after = replace(person, preferences={**person.preferences, **wishes})
        for ahead in turn.facts.standing(turn.now):
            if ahead.patient_id == person.id:
                turn.effects.extend(reminders.plan(turn.book, ahead, after, turn.now))
    if values.get(TEXTS) == STOP and not turn.facts.opted_out:
        _stop(turn)


def _stop(turn: Turn) -> None:
    turn.end()
    turn.effects.append(OptOut(words="page"))
    turn.say("opted_out_visit_stands" if turn.facts.standing(turn.now) else "opted_out", final=True)


def _booked(turn: Turn, what: PageUsed, person: Person | None, visit: Visit | None) -> None:
    """A time was chosen on a page; the visit has moved there already, and the talk that waits speaks of it now."""
    chosen = (what.values or {}).get("choice") in ("booked", "take")
    if not chosen or person is None or visit is None or visit.status not in STANDING:
        return
    turn.effects.extend(reminders.plan(turn.book, visit, person, turn.now, just_chosen=True))
    talks = (
        replace(talk, version=visit.version) if talk.turn == what.turn and talk.version else talk
        for talk in turn.state.talks
    )
    turn.state = replace(turn.state, talks=tuple(talks))


def _here(turn: Turn, what: PageUsed, _person: Person | None, visit: Visit | None) -> None:
    if visit is None or visit.status not in STANDING:
        return
    turn.effects.append(SetVisitStatus(visit_id=visit.id, status=VisitStatus.ARRIVED))
    turn.task("patient_is_here", Urgency.URGENT, what.visit_id)


def _signed(turn: Turn, what: PageUsed, _person: Person | None, _visit: Visit | None) -> None:
    if (what.values or {}).get("agree") is False:
        turn.task("consent_refused", visit_id=what.visit_id, detail=_named(what))


_MEANINGS: Mapping[Page, Callable[[Turn, PageUsed, Person | None, Visit | None], None]] = {
    Page.PREFERENCES: _wishes,
    Page.TIMES: _booked,
    Page.OFFER: _booked,
    Page.CHECK_IN: _here,
    Page.CONSENT: _signed,
}


# -- what goes wrong -----------------------------------------------------------------------------------


def _locked(turn: Turn, what: PageUsed) -> None:
    turn.task("page_locked", visit_id=what.visit_id, detail=_named(what))
    escalation.raise_alarm(turn, Urgency.ROUTINE, "page_locked")


def _wrong_person(turn: Turn, what: PageUsed) -> None:
    """Whose phone is it? The links are dead already; a person finds out.

    Where the clinic knows one patient on this phone, it is as if the text had been 'wrong number'. Others who share
    it have not said so: for them nothing changes, but no talk waits for a page any more.
    """
    turn.task("page_for_somebody_else", Urgency.URGENT, what.visit_id)
    if len(turn.facts.people) == 1 and not turn.facts.opted_out:
        turn.end()
        turn.say("wrong_number", final=True)
        turn.effects.append(OptOut(words="wrong_number"))
        return
    for talk, _visit in identity.open_talks(turn):
        step = dialog.step_of(turn, talk)
        if step and step.awaits_page and talk.person_id in (what.person_id, None):
            turn.close(talk)


def _asked_again(turn: Turn, what: PageUsed) -> None:
    """A new link to the same page, to the phone on record; by a person where that phone can't be texted."""
    person, visit = _about(turn, what)
    every = turn.book.policy.link_again_after.total_seconds()
    if turn.told(f"again:{what.page}:{what.form}:{what.person_id}", every):
        return
    known = AGAIN in turn.book.wordings["en"].sentences
    if person is None or what.page is None or turn.facts.opted_out or not known:
        turn.task("page_asked_for", visit_id=what.visit_id, detail=_named(what))
        return
    text = turn.text_of(AGAIN, visit=visit, person=person, values=saying.WITH_LINK)
    saying.send_page(turn, what.page, what.form, person, what.visit_id, what.turn, text)


_OUTCOMES: Mapping[str, Callable[[Turn, PageUsed], None]] = {
    "opened": _opened,
    "saved": _saved,
    "submitted": _submitted,
    "locked": _locked,
    "wrong_person": _wrong_person,
    "asked_again": _asked_again,
}


# -- words ---------------------------------------------------------------------------------------------


def words(turn: Turn, what: WordsOnPage) -> None:
    """What is written on a page is read as a text is: an emergency in it must not wait for somebody to open it.

    An answer of a form that is merely urgent pages nobody: 'penicillin, I got hives' is what was asked for.
    """
    reading = what.reading or Reading()
    if what.where == "form" and reading.level is Level.URGENT:
        turn.task("urgent_words_in_a_form", Urgency.URGENT, role="nurse")
    else:
        escalation.sound(turn, reading.level)
    text = TextArrived(sid="", body=what.body, reading=reading)
    stops = gate(turn.book.policy, text) is Gate.STOP
    if what.where == "message" and stops and not turn.facts.opted_out:
        _stop(turn)
    elif what.where == "message":
        turn.task("secure_message", role="nurse")


def _named(what: PageUsed) -> str:
    return f"{what.page}: {what.form}" if what.form else str(what.page)


def _about(turn: Turn, what: PageUsed) -> tuple[Person | None, Visit | None]:
    visit = turn.facts.visit(what.visit_id)
    return turn.facts.person(what.person_id) or turn.person_of(visit), visit
