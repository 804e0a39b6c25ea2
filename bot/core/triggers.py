"""What starts a flow, as a clinic says it: '3 days before the visit', 'the patient says reschedule'.

Each trigger is a value whose `str` is the words it was read from; a timer or a mailbox names it by them.
"""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from bot.core.moments import AroundVisit, read_around
from bot.core.shape import Shape
from nlp.reading import Intent

_SAYS = re.compile(r"the patient says ([a-z_]+)")
_TEXTS = re.compile(r"the patient texts ([A-Za-zÀ-ÿ0-9]{1,20})")
_LISTED = re.compile(r"the list ([a-z][a-z0-9_]*) names the patient")
_FORM = re.compile(r"the form ([a-z][a-z0-9_]*) is submitted")
_CLOSED = re.compile(r"the task ([a-z_]+) is closed")


class Change(StrEnum):
    """What somebody other than the bot did to a visit."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    MISSED = "missed"


class Happens(StrEnum):
    """Things that happen and have no further name."""

    ANY_TEXT = "any text when nothing is open"
    MISSED_CALL = "a missed call"
    RESULT = "a result is released"
    TIME_OPENS = "a time opens up"
    MESSAGE = "a secure message waits"
    STAFF = "staff start it"
    BROADCAST = "a broadcast"


class PatientSays(Shape):
    """An intent, while no question is open that it could answer."""

    intent: Intent

    def __str__(self) -> str:
        return f"the patient says {self.intent}"


class PatientTexts(Shape):
    """A keyword: the whole text is this word."""

    word: str

    def __str__(self) -> str:
        return f"the patient texts {self.word}"


class VisitIs(Shape):
    """The office booked, moved, cancelled or closed a visit."""

    change: Change

    def __str__(self) -> str:
        return f"the visit is {self.change}"


class Listed(Shape):
    """The patient stands in a list that was handed in, such as a recall."""

    name: str

    def __str__(self) -> str:
        return f"the list {self.name} names the patient"


class FormSubmitted(Shape):
    """A form on a secure page came back."""

    name: str

    def __str__(self) -> str:
        return f"the form {self.name} is submitted"


class TaskClosed(Shape):
    """The staff closed a task of this name."""

    name: str

    def __str__(self) -> str:
        return f"the task {self.name} is closed"


Trigger = AroundVisit | PatientSays | PatientTexts | VisitIs | Listed | FormSubmitted | TaskClosed | Happens


def _trigger(text: object) -> object:
    if not isinstance(text, str):
        return text
    said = " ".join(text.split())
    found = _SAYS.fullmatch(said)
    if found and found[1] in set(Intent):
        return PatientSays(intent=Intent(found[1]))
    for pattern, make in (
        (_TEXTS, lambda name: PatientTexts(word=name)),
        (_LISTED, lambda name: Listed(name=name)),
        (_FORM, lambda name: FormSubmitted(name=name)),
        (_CLOSED, lambda name: TaskClosed(name=name)),
    ):
        if named := pattern.fullmatch(said):
            return make(named[1])
    change = said.removeprefix("the visit is ")
    if change != said and change in set(Change):
        return VisitIs(change=Change(change))
    if said in set(Happens):
        return Happens(said)
    if around := read_around(said):
        return around
    raise ValueError(_HELP)


_HELP = (
    "write what starts the flow in one of these forms: '3 days before the visit at 10:00', "
    "'1 day after the visit', "
    f"'the visit is …' ({', '.join(Change)}), 'the patient says …' ({', '.join(Intent)}), "
    "'the patient texts WORD', 'the list NAME names the patient', 'the form NAME is submitted', "
    f"'the task NAME is closed', {', '.join(repr(str(it)) for it in Happens)}"
)

When = Annotated[Trigger, BeforeValidator(_trigger), WithJsonSchema({"type": "string"})]
"""A trigger as a flow writes it."""
