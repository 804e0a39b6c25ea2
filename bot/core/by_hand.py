"""What staff do in a conversation by hand: write to the patient, take it over from the bot, give it back, send a page,
say that the number is wrong.

While a person has it (`State.held`), the bot leaves the patient's texts to them: it opens a task and says nothing. What
is about safety and consent goes on as ever, and so do reminders and flows that begin by themselves, but for surveys and
bulk. Questions that are open wait: nobody is reminded of them, and none runs out; what should have happened meanwhile
is made up for when the bot goes on. That is when somebody says so, when staff start a flow, or `Policy.held_for` after
the last word of either side, so that nobody who forgets leaves a patient without an answer for good.
"""

from dataclasses import replace
from datetime import timedelta

from bot.core import answers, dialog, identity, saying
from bot.core.book import Book
from bot.core.effects import OptOut, Purpose, SendText, SetTimer, Urgency
from bot.core.events import GivenBack, StaffSentPage, StaffWrote, TakenOver, WrongNumber
from bot.core.facts import Sender, Visit
from bot.core.flow import NAMED_BY_FORM, Page
from bot.core.state import Held, Talk
from bot.core.turn import HOLD, Turn

TEXT, PAGE = "staff_text", "page_from_staff"
"""The sentences that bring a text, and a page, of staff's."""

READY = "reply_"
"""How the names of sentences begin that staff can take as they are when they write to a patient: words, no values."""

ANSWERED = "patient_answered"
"""The task of whoever has the conversation: the patient has written to them."""

LATELY = timedelta(hours=24)
"""For so long after the patient's last text what staff send is part of a talk, and may leave at any hour."""

NOT_NOW = ("survey", "bulk")
"""Purposes of flows that don't begin by themselves while a person talks with the patient."""

_PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\xa0": " ", "\x00": None}
)


# -- what staff do --------------------------------------------------------------------------------------


def wrote(turn: Turn, what: StaffWrote) -> None:
    """Their words go out, and they have the conversation from now on."""
    if turn.facts.opted_out:
        turn.task("call_instead", role=what.role)
        return
    turn.effects.append(text(turn, what.body, _purpose(answers=what.answers)))
    _hold(turn, what.by, what.role)


def taken_over(turn: Turn, what: TakenOver) -> None:
    """Somebody has it; whoever had it before does not any more."""
    _hold(turn, what.by, what.role)


def given_back(turn: Turn, what: GivenBack) -> None:
    """The bot goes on: with the question that is open, and with what should have happened meanwhile.

    A timer that had rung already when somebody said a word means nothing.
    """
    held = turn.state.held
    if held is None or (not what.by and turn.now < held.until):
        return
    open_now = () if turn.facts.opted_out else identity.open_talks(turn)
    for talk, visit in open_now:
        if answers.asks(turn, talk) and not _over(turn, talk, visit):
            purpose = Purpose.REPLY if what.answers else saying.unasked(turn.book.flows[talk.flow])
            answers.once_more(turn, talk, visit, purpose=purpose)
            break
    go_on(turn)


def sent_page(turn: Turn, what: StaffSentPage) -> None:
    """A link to it goes out; no flow waits for what comes back. Where that can't be, a person does it otherwise."""
    person, visit = turn.facts.person(what.person_id), turn.facts.visit(what.visit_id)
    about = visit.id if visit and visit.patient_id == what.person_id else None
    known = PAGE in turn.book.wordings["en"].sentences
    fits = can_send(turn.book, what.page, what.form, visit=about is not None)
    if person is None or turn.facts.opted_out or not known or not fits:
        named = f"{what.page}: {what.form}" if what.form else str(what.page)
        turn.task("page_asked_for", visit_id=what.visit_id, detail=named)
        return
    purpose = _purpose(answers=what.answers)
    said = turn.text_of(PAGE, person=person, purpose=purpose, values=saying.WITH_LINK)
    saying.send_page(turn, what.page, what.form, person, about, None, said)


def wrong_number(turn: Turn, _what: WrongNumber) -> None:
    """Nothing goes to this phone any more, not even a word of regret: somebody has spoken to whoever has it."""
    turn.end()
    turn.effects.append(OptOut(words="wrong_number"))
    turn.task("wrong_number", Urgency.URGENT)


def can_send(book: Book, page: Page, form: str | None, *, visit: bool) -> bool:
    """Whether there is such a page, with a visit that it is about or without.

    An offer hangs on a time that opened up, and is not sent by hand.
    """
    if (form is not None) != (page in NAMED_BY_FORM) or page is Page.OFFER:
        return False
    if page is Page.FORM:
        return form in book.forms
    if page is Page.CONSENT:
        return f"consent_{form}_text" in book.wordings["en"].pages
    return visit or page is not Page.CHECK_IN


def text(turn: Turn, words: str, purpose: Purpose) -> SendText:
    """Their words as a text; bare, where the edition is older than the sentence around them."""
    if TEXT in turn.book.wordings["en"].sentences:
        return turn.text_of(TEXT, purpose=purpose, values={"words": words})
    person = turn.person_of(None)
    return SendText(
        wording=TEXT,
        language=turn.language(person),
        body=words,
        purpose=purpose,
        zone=turn.zone(person),
        hours=person.preferences.get("hours") if person and purpose >= Purpose.REMINDER else None,
    )


def tidy(body: str) -> str:
    """Words as they are sent: typographic quotes and dashes, which phones put in, would halve what fits into a text."""
    return body.replace("\r\n", "\n").translate(_PLAIN).strip()


def _purpose(*, answers: bool) -> Purpose:
    """Nobody waits for what does not answer: it keeps to the hours in which texts may leave."""
    return Purpose.REPLY if answers else Purpose.REMINDER


# -- while somebody has it ------------------------------------------------------------------------------


def with_a_person(turn: Turn) -> bool:
    """A person has the conversation: the text is theirs to answer."""
    if turn.state.held is None:
        return False
    turn.task(ANSWERED, role=turn.state.held.role)
    return True


def heard(turn: Turn) -> None:
    """The patient has said something: whoever has the conversation keeps it for longer."""
    held = turn.state.held
    patient = turn.facts.people or turn.facts.sender is Sender.STRANGER
    if held and patient and not turn.flooded:
        _keep(turn, held)


def missed(turn: Turn, number: int) -> None:
    """The time of this turn came while somebody has the conversation: it is made up for."""
    held = turn.state.held
    if held and any(talk.turn == number for talk in turn.state.talks):
        turn.state = replace(turn.state, held=replace(held, missed=(*held.missed, number)))


def go_on(turn: Turn) -> None:
    """Nobody has the conversation any more; what waited for a time that has come does not wait any longer."""
    late = turn.state.held.missed if turn.state.held else ()
    turn.let_go()
    for talk, visit in identity.open_talks(turn):
        if talk.turn in late and talk in turn.state.talks:
            dialog.no_answer(turn, talk, visit)


def _hold(turn: Turn, by: str, role: str) -> None:
    """They have it. 'Which one do you mean' is not asked any more: they ask it better."""
    held = turn.state.held
    since = held.since if held and held.by == by else turn.now
    late = held.missed if held else ()
    turn.state = replace(turn.state, which=None)
    _keep(turn, Held(by=by, role=role, since=since, until=turn.now, missed=late))


def _keep(turn: Turn, held: Held) -> None:
    """It comes back by itself. The state has the moment as well, as a timer that has rung can't be taken back."""
    until = turn.now + turn.book.policy.held_for
    turn.state = replace(turn.state, held=replace(held, until=until))
    turn.effects.append(SetTimer(key=HOLD, due=until, what=GivenBack()))


def _over(turn: Turn, talk: Talk, visit: Visit | None) -> bool:
    """The visit that it asks about has begun meanwhile."""
    return bool(talk.version and visit and visit.start <= turn.now)
