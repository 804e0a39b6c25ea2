"""What a text means to a question that is open: its answer, a correction, 'say that again', 'go back', or none.

The reading holds what was understood; here it meets the step that asked.
"""

from dataclasses import replace
from datetime import date

from bot.core import dialog
from bot.core.book import Book
from bot.core.effects import Purpose
from bot.core.facts import Visit
from bot.core.flow import CHOSEN, END, Step
from bot.core.questions import OneOf
from bot.core.state import Plain, State, Talk
from bot.core.turn import Turn
from bot.core.wording import moment_text
from nlp.reading import Choice, Expect, Intent, Photo, Repair, Window
from nlp.reading import Value as Said


def asking(book: Book, state: State) -> Talk | None:
    """The talk whose question the next text is read as an answer to: the one that moved last and expects one."""
    return next((talk for talk in state.talks if _offers(book, talk) or _expectation(book, talk)), None)


def expects(book: Book, state: State, zone: str, language: str) -> Expect | None:
    """What the reader should look for in the next text: one of the times on offer, or what the step expects."""
    talk = asking(book, state)
    if talk is None:
        return None
    if _offers(book, talk):
        wordings = (zone, language), (zone, "en")
        return Choice(
            options={
                str(slot.id): tuple(moment_text(slot.start, *wording) for wording in wordings)
                for slot in talk.slots
            }
        )
    return _expect(book, _step(book, talk), language)


def before(book: Book, state: State, language: str) -> Expect | None:
    """What the question before expected: a text may correct its answer."""
    talk = asking(book, state)
    if (
        talk is None or not talk.asked or talk.tries
    ):  # 'I meant 4' may well speak of what was just not understood
        return None
    return _expect(book, _step(book, talk, talk.asked[-1]), language)


def hears(turn: Turn, talk: Talk, visit: Visit | None) -> bool:
    """Whether the text answers what the talk asked, by its value or its intent; if so the talk has moved on."""
    return by_value(turn, talk, visit) or by_intent(turn, talk, visit)


def by_value(turn: Turn, talk: Talk, visit: Visit | None) -> bool:
    """Whether the text gives the kind of answer that was expected."""
    step = dialog.step_of(turn, talk)
    if step is None:
        return False
    if CHOSEN in step.answers and talk.slots:
        chosen = next((slot.id for slot in talk.slots if str(slot.id) == turn.reading.value), None)
        if chosen is not None:
            _go(turn, replace(talk, chosen=chosen), step.answers[CHOSEN], visit, f"answer: {CHOSEN}")
        return chosen is not None
    if step.expect is None:
        return False
    value = turn.reading.value
    if isinstance(step.expect, Photo):
        value = turn.text.media or None
    return value is not None and _answered(turn, talk, step, value, visit)


def by_intent(turn: Turn, talk: Talk, visit: Visit | None) -> bool:
    """Whether the step has a way for what the patient wants."""
    step = dialog.step_of(turn, talk)
    intent = turn.reading.intent
    if step is None or not has_way(turn, step, intent):
        return False
    _go(turn, talk, step.answers[intent], visit, f"answer: {intent}")
    return True


def asks(turn: Turn, talk: Talk) -> bool:
    """Whether the talk waits for an answer, and not for time to pass or a page to come back."""
    step = dialog.step_of(turn, talk)
    return step is not None and step.ask is not None


def has_way(turn: Turn, step: Step, intent: Intent) -> bool:
    """Whether the step goes on with this intent; a choice that is called like one is none."""
    if intent is Intent.OTHER or intent not in step.answers:
        return False
    if not isinstance(step.expect, OneOf):
        return True
    wording = turn.book.wordings[turn.language()]
    return intent not in wording.choices.get(step.expect.choices, {})


def wants(turn: Turn, talk: Talk, intent: Intent) -> bool:
    """Whether the talk's question goes on with this intent."""
    step = dialog.step_of(turn, talk)
    return step is not None and has_way(turn, step, intent)


def repaired(turn: Turn, talk: Talk, visit: Visit | None) -> bool:
    """Whether the text is about the conversation itself: the question again, the one before, none of it."""
    step = dialog.step_of(turn, talk)
    if step is None or step.ask is None:
        return False
    reading = turn.reading
    if reading.correction is not None and talk.asked:
        earlier = talk.asked[-1]
        back = dialog.step_of(turn, talk, earlier)
        talk = replace(talk, step=earlier, asked=talk.asked[:-1])
        return back is not None and _answered(turn, talk, back, reading.correction, visit)
    if reading.repair is None:
        return False
    if reading.repair is Repair.BACK and talk.asked:
        dialog.enter(turn, replace(talk, asked=talk.asked[:-1]), talk.asked[-1], visit)
        return True
    if reading.repair is Repair.SKIP:
        if step.if_skipped:
            _go(turn, replace(talk, asked=(*talk.asked, talk.step)), step.if_skipped, visit, "skipped")
        return bool(step.if_skipped)
    once_more(turn, talk, visit)  # or there is nothing to go back to
    return True


def once_more(turn: Turn, talk: Talk, visit: Visit | None, *, purpose: Purpose = Purpose.REPLY) -> None:
    """Put the question that is open again."""
    step = dialog.step_of(turn, talk)
    if step and step.ask:
        dialog.ask(turn, talk, step, visit, purpose)


def not_answered(turn: Turn, talk: Talk, visit: Visit | None) -> bool:
    """The text is no answer: the step's `otherwise`, or the question again; False when a person must look."""
    step = dialog.step_of(turn, talk)
    if step is None:
        return False
    if step.otherwise:
        _go(turn, talk, step.otherwise, visit, "otherwise")
        return True
    if talk.tries < step.tries:
        again = replace(talk, tries=talk.tries + 1)
        dialog.ask(turn, again, step, visit, Purpose.REPLY, wording=step.again)
        return True
    if step.give_up:
        _go(turn, talk, step.give_up, visit, "give up")
    return bool(step.give_up)


def plain(value: Said) -> Plain | dict[str, int]:
    """A value as a variable keeps it: dates and wishes as text; a blood pressure stays two numbers."""
    if isinstance(value, Window):
        days = f"{value.date_from or ''}/{value.date_to or ''}"
        hours = f"{value.time_from or ''}/{value.time_to or ''}"
        return f"{days} {hours}"
    return value.isoformat() if isinstance(value, date) else value


def _answered(turn: Turn, talk: Talk, step: Step, value: Said, visit: Visit | None) -> bool:
    """Go where this answer leads; False if the step has no way for it."""
    key = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    listed = key in step.answers and isinstance(value, bool | str | int)
    if not listed and step.then is None:
        return False
    if step.save:
        talk = _kept(turn, talk, step, value)
    way = f"answer: {key}" if listed else "then"
    talk = replace(talk, asked=(*talk.asked, talk.step))
    _go(turn, talk, step.answers[key] if listed else step.then or END, visit, way)
    return True


def _kept(turn: Turn, talk: Talk, step: Step, value: Said) -> Talk:
    assert step.save
    known = plain(value)
    if isinstance(known, dict):
        for part, number in known.items():
            talk = dialog.keep_answer(turn, talk, f"{step.save}.{part}", number, step.code)
        return talk
    if isinstance(step.expect, OneOf) and isinstance(known, str) and known.isdigit():
        known = int(known)
    return dialog.keep_answer(turn, talk, step.save, known, step.code)


def _go(turn: Turn, talk: Talk, target: str, visit: Visit | None, way: str) -> None:
    dialog.enter(turn, talk, target, visit, way=way)


def _step(book: Book, talk: Talk, name: str | None = None) -> Step | None:
    flow = book.flows.get(talk.flow)
    return flow.steps.get(name or talk.step) if flow else None


def _offers(book: Book, talk: Talk) -> bool:
    """Whether one of the talk's times can be chosen now."""
    step = _step(book, talk)
    return bool(talk.slots) and step is not None and CHOSEN in step.answers


def _expectation(book: Book, talk: Talk) -> bool:
    step = _step(book, talk)
    return step is not None and step.ask is not None and step.expect is not None


def _expect(book: Book, step: Step | None, language: str) -> Expect | None:
    if step is None or step.expect is None:
        return None
    if not isinstance(step.expect, OneOf):
        return step.expect
    options = book.wordings[language].choices.get(step.expect.choices, {})
    english = book.wordings["en"].choices.get(step.expect.choices, {})
    numbers = all(key.isdigit() for key in options)
    return Choice(
        options={
            key: (*((key,) if numbers else ()), *said, *english.get(key, ())) for key, said in options.items()
        }
    )
