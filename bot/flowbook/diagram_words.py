"""The words of a flow's picture: sentences with what is filled in marked, arrows and notes as people say them."""

import re
from collections.abc import Mapping
from datetime import timedelta

from bot.core.book import Book
from bot.core.flow import CHOSEN, Do, Escalate, Step, Task
from bot.core.moments import Moment
from bot.core.questions import OneOf, words
from bot.core.triggers import PatientSays, Trigger
from bot.core.wording import choices
from bot.errors import BadFlow
from nlp.reading import Intent, YesNo

_FILLED = re.compile(r"\{\{\s*([a-z][a-z0-9_.]*)\s*(?:\|\s*plural\(([^}]*)\))?[^}]*\}\}")
_FORM = re.compile(r"[\"']([^\"']*)[\"']")
_CONTROL = re.compile(r"\{%-?\s*(\w+)[^%]*%\}")
_BRACKETS = {"if": "[", "elif": " | ", "else": " | ", "endif": "]"}
_QUOTED = re.compile(r"(\"[^\"]*\"|'[^']*')")
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.]*")
_SPOKEN = {">=": "≥", "<=": "≤", "!=": "≠", "==": "=", "<": "<", ">": ">"}
_SIGNS = re.compile("|".join(map(re.escape, _SPOKEN)))
_LONGEST = 90

INTENTS: Mapping[str, str] = {
    Intent.RESCHEDULE: "another time",
    Intent.RUNNING_LATE: "running late",
    Intent.QUESTION: "a question",
    Intent.REFILL: "a refill",
    Intent.HUMAN: "wants a person",
    Intent.WRONG_NUMBER: "wrong number",
    CHOSEN: "picks a time",
}
"""Answers whose name is not yet how people say it."""

OUTCOMES: Mapping[str, str] = {
    "found": "times are open",
    "none": "no time is open",
    "gone": "just taken",
}

_ACTS: Mapping[Do, str] = {
    Do.CONFIRM_VISIT: "Confirms the visit",
    Do.CANCEL_VISIT: "Cancels the visit",
    Do.FIND_TIMES: "Looks for open times",
    Do.BOOK_TIME: "Books the chosen time",
    Do.WAITLIST: "Puts the patient on the waitlist",
    Do.CHECK_IN: "Checks the patient in",
    Do.NEXT_IN_LINE: "Offers the time to the next in line",
}


def spoken(name: str) -> str:
    """A name as words."""
    return name.replace("_", " ")


def titled(name: str) -> str:
    """A name as a title."""
    return spoken(name)[:1].upper() + spoken(name)[1:]


def sentence(
    book: Book, key: str, language: str, step: Step | None = None, *, listed: str | None = None
) -> str:
    """The sentence as the patient gets it, ‹names› where something is filled in; raises BadFlow without one.

    `listed` stands in it for the step's choices; else they are spelled out.
    """
    wording = book.wordings.get(language)
    if wording is None or key not in wording.sentences:
        raise BadFlow(f"There is no sentence '{key}' in '{language}'.")

    def named(found: re.Match[str]) -> str:
        if found[1] == "choices" and step and isinstance(step.expect, OneOf):
            return choices_of(book, step, language) if listed is None else listed
        forms = _FORM.findall(found[2] or "")
        return f"‹{'/'.join(forms) or spoken(found[1])}›"

    text = _FILLED.sub(named, wording.sentences[key])
    text = _CONTROL.sub(lambda found: _BRACKETS.get(found[1], ""), text)
    return "\n".join(line for line in text.splitlines() if line.strip())


def choices_of(book: Book, step: Step, language: str) -> str:
    """The choices as they are shown, a line each; empty where the step has none."""
    if not isinstance(step.expect, OneOf):
        return ""
    return choices(book.wordings[language].choices.get(step.expect.choices, {}))


def shows_choices(book: Book, step: Step, language: str) -> bool:
    """Whether the question's own sentence lists its choices."""
    return "{{choices}}" in book.wordings[language].sentences.get(step.ask or "", "").replace(" ", "")


def answer(book: Book, step: Step, key: str, language: str) -> str:
    """What stands on the arrow of an answer."""
    if isinstance(step.expect, OneOf):
        options = book.wordings[language].choices.get(step.expect.choices, {})
        if key in options:
            line = choices_of(book, step, language).splitlines()[list(options).index(key)]
            return line if len(line) <= 40 else f"{line[:39].rstrip()}…"
    return INTENTS.get(key, spoken(key))


def expected(step: Step) -> str:
    """What kind of answer is understood; empty where the arrows or the sentence say it."""
    if step.expect is None or isinstance(step.expect, OneOf):
        return ""
    if isinstance(step.expect, YesNo) and step.answers:
        return ""
    return words(step.expect)


def span(duration: timedelta) -> str:
    """'20 hours', '1 day'."""
    seconds = int(duration.total_seconds())
    for unit, size in (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds and seconds % size == 0 and (unit != "week" or seconds > size):
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"


def until(moment: Moment) -> str:
    """'after 20 hours', 'until the visit'."""
    if isinstance(moment, timedelta):
        return f"after {span(moment)}"
    text = str(moment)
    return text if text.startswith("until ") else f"until {text}" if "visit" in text else f"after {text}"


def started(trigger: Trigger) -> str:
    """What starts a flow."""
    if isinstance(trigger, PatientSays):
        return f"the patient says: {INTENTS.get(trigger.intent, spoken(trigger.intent))}"
    return spoken(str(trigger))


def condition(text: str) -> str:
    """'if patient missed visits ≥ 2': an expression to be read aloud, not too long."""
    parts = _QUOTED.split(text)  # what stands in quotes is at the odd places
    parts[::2] = [
        _SIGNS.sub(lambda found: _SPOKEN[found[0]], _NAME.sub(_in_words, part)) for part in parts[::2]
    ]
    return f"if {shortened(''.join(parts))}"


def _in_words(found: re.Match[str]) -> str:
    return found[0].replace(".", " ").replace("_", " ")


def shortened(text: str) -> str:
    """The beginning of a long text."""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"


def act(do: Do) -> str:
    """What an act does."""
    return _ACTS[do]


def task(given: Task) -> str:
    """Whose work it is, and what."""
    urgent = "Urgent task" if given.urgency == "urgent" else "Task"
    return f"{urgent} for the {spoken(given.role)}: {spoken(given.name)}"


def escalation(given: Escalate) -> str:
    """Who is called and why."""
    return f"Pages the person on call ({given.urgency}): {spoken(given.reason)}"


def times(count: int) -> str:
    """'once', 'twice', 'up to 3 times'."""
    return {1: "once", 2: "up to twice"}.get(count, f"up to {count} times")
