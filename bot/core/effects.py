"""Effects: commands for what should happen, with all their arguments. The core only names them.

Adding an effect means: a class here, a handler in `service/apply`, a line in a transcript.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from bot.core.events import AckDue, GivenBack, NoAnswer, NudgeDue, ReminderDue
from bot.core.facts import VisitStatus
from bot.core.flow import Page
from bot.core.oncall import Channel, Whom
from bot.core.state import Plain


class Purpose(IntEnum):
    """Why a text is sent; a lower number leaves first."""

    SAFETY = 0
    PAGE = 1
    REPLY = 2
    REMINDER = 3
    BULK = 4


class Urgency(StrEnum):
    """How soon a person must look at a task."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    ROUTINE = "routine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A question's patience: `seconds` from when it was really sent, but not beyond `until`.

    `nudges` are the seconds after which the patient is reminded of it, counted in the same way.
    """

    turn: int
    seconds: int | None = None
    until: datetime | None = None
    nudges: tuple[int, ...] = ()

    def timers(self, asked: datetime) -> Iterator[tuple[str, datetime, NoAnswer | NudgeDue]]:
        """Key, moment and happening of each timer of a question that was asked at this moment: its end, and what
        reminds of it before."""
        ends = [self.until] if self.until else []
        if self.seconds is not None:
            ends.append(asked + timedelta(seconds=self.seconds))
        if ends:
            yield f"wait:{self.turn}", min(ends), NoAnswer(turn=self.turn)
        for number, seconds in enumerate(self.nudges):
            due = asked + timedelta(seconds=seconds)
            if not ends or due < min(ends):
                yield f"nudge:{self.turn}:{number}", due, NudgeDue(turn=self.turn, number=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRef:
    """A text that speaks of this version of a visit; it is not sent once the visit has changed."""

    visit_id: UUID
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SendText:
    """Text the phone of this conversation. `wording` names the sentence; after `not_after` it is dropped.

    `hours` is the part of the day that the patient likes, for what nobody asked for (`core/limits`).
    `final` texts may leave although the phone has opted out: the one that confirms it, and the answer to an
    emergency in the very text that opts out.
    """

    kind: Literal["SendText"] = "SendText"
    wording: str
    language: str
    body: str
    purpose: Purpose
    zone: str
    about: VisitRef | None = None
    wait: Wait | None = None
    not_after: datetime | None = None
    final: bool = False
    hours: str | None = None


_PHONE = Whom(kind="phone")

LINK = "[link]"
"""Where the link of a secure page stands in the body of its text; the sender puts it there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPage:
    """Make a secure page for this patient, and text its link: `text` has `LINK` in its body.

    `form` names the form where the page is one. What comes back is a PageUsed event with `turn`, if the flow waits.
    """

    kind: Literal["SendPage"] = "SendPage"
    page: Page
    form: str | None = None
    person_id: UUID
    visit_id: UUID | None = None
    turn: int | None = None
    text: SendText


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Keep an answer. `item` is the flow's variable, `code` its code (LOINC where there is one)."""

    kind: Literal["Record"] = "Record"
    flow: str
    item: str
    value: Plain
    code: str | None = None
    person_id: UUID | None = None
    visit_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPreference:
    """What the patient wants: `language`, `channel`, or `no` for a purpose of texts."""

    kind: Literal["SetPreference"] = "SetPreference"
    person_id: UUID
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinWaitlist:
    """The patient takes an earlier time than this visit's, should one open up."""

    kind: Literal["JoinWaitlist"] = "JoinWaitlist"
    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOn:
    """The patient does not take this time: offer it to the next on the waitlist."""

    kind: Literal["PassOn"] = "PassOn"
    visit_id: UUID
    slot_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer:
    """Put `what` into this mailbox at `due`. The same `key` again replaces the timer."""

    kind: Literal["SetTimer"] = "SetTimer"
    key: str
    due: datetime
    what: Annotated[ReminderDue | NoAnswer | AckDue | GivenBack, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTimers:
    """Forget every waiting timer of this conversation whose key starts with `prefix`."""

    kind: Literal["CancelTimers"] = "CancelTimers"
    prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVisitStatus:
    """The patient confirmed or cancelled. Cancelling frees the slot."""

    kind: Literal["SetVisitStatus"] = "SetVisitStatus"
    visit_id: UUID
    status: VisitStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class FindSlots:
    """Look for the next open slots like this visit's; the answer is a SlotsFound event."""

    kind: Literal["FindSlots"] = "FindSlots"
    visit_id: UUID
    turn: int
    at_most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSlot:
    """Move the visit to this slot and free its old one; the answer is a SlotAnswer event."""

    kind: Literal["BookSlot"] = "BookSlot"
    visit_id: UUID
    slot_id: UUID
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """Work for the staff. `task` says why, by a name without PHI (`reply_not_understood`); `role` says whose.

    `detail` says what exactly, where the name can't: which page, which form.
    """

    kind: Literal["OpenTask"] = "OpenTask"
    task: str
    urgency: Urgency
    visit_id: UUID | None = None
    role: str = "front_desk"
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """From this commit on nothing may be texted to this phone."""

    kind: Literal["OptOut"] = "OptOut"
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OptIn:
    """The phone may be texted again."""

    kind: Literal["OptIn"] = "OptIn"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStaff:
    """Tell `whom` of an escalation, `by` each of these channels; who that is now, the shell finds out.

    `body` is what is texted and mailed, with a place for a link; `spoken` what a call says. Neither holds PHI.
    """

    kind: Literal["PageStaff"] = "PageStaff"
    code: str
    rung: int
    urgency: Urgency
    reason: str = "words"
    whom: Whom = _PHONE
    by: tuple[Channel, ...] = (Channel.TEXT,)
    body: str
    spoken: str = ""
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """A member of staff answered a page: tell the escalation's conversation. No code: the open one."""

    kind: Literal["Acknowledge"] = "Acknowledge"
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteEscalation:
    """What became of an escalation, and who did it (`by`: a person's handle; empty: the on-call phone)."""

    kind: Literal["NoteEscalation", "CloseEscalation"] = "NoteEscalation"  # the latter in records of old
    code: str
    became: Literal["taken", "resolved", "reopened", "snoozed", "handed over"] = "taken"
    by: str = ""
    via: str = ""
    outcome: str | None = None
    to: Whom | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellStaff:
    """Text a member of staff, whose phone has this conversation."""

    kind: Literal["TellStaff"] = "TellStaff"
    conversation: UUID
    wording: str
    body: str


Effect = Annotated[
    SendText
    | SendPage
    | Record
    | SetPreference
    | JoinWaitlist
    | PassOn
    | SetTimer
    | CancelTimers
    | SetVisitStatus
    | FindSlots
    | BookSlot
    | OpenTask
    | OptOut
    | OptIn
    | PageStaff
    | Acknowledge
    | NoteEscalation
    | TellStaff,
    Field(discriminator="kind"),
]

EFFECTS: TypeAdapter[tuple[Effect, ...]] = TypeAdapter(tuple[Effect, ...])
"""Effects as JSON, for the record of what was decided."""
