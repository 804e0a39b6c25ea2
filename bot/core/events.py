"""Events: what happened. Everything that happens to a conversation is one of these, in its mailbox.

The mailbox keeps the happening (`What`); the shell adds the facts of the moment before it is decided on.
Adding an event means: a class here, a rule in `core/decide`, a line in a transcript.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from bot.core.facts import Facts, Slot
from bot.core.flow import Page
from bot.core.oncall import Whom
from bot.core.state import Plain
from bot.core.triggers import Change
from nlp.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class TextArrived:
    """A text from the phone. `reading` is None in the mailbox; the shell reads the body before deciding.

    `opt_out_type` is Twilio's `OptOutType` (STOP, START, HELP): Twilio has then answered already.
    """

    kind: Literal["text"] = "text"
    sid: str
    body: str
    media: int = 0
    opt_out_type: str | None = None
    reading: Reading | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderDue:
    """The moment of a reminder of this version of a visit.

    `when` names the flow's start, '3 days before the visit': a later edition may have it elsewhere, or not at all.
    """

    kind: Literal["reminder"] = "reminder"
    visit_id: UUID
    version: int
    flow: str
    when: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """The wait for an answer ran out. It belongs to one turn: after that it means nothing."""

    kind: Literal["no_answer"] = "no_answer"
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeDue:
    """It is time to remind of a question that is still open; `number` counts a question's nudges from 0."""

    kind: Literal["nudge"] = "nudge"
    turn: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AckDue:
    """It is time to page again: nobody has acknowledged, or whoever has taken it is to be asked how it stands.

    `failed`: it comes early, as nothing of the last page reached anybody.
    """

    kind: Literal["ack_due"] = "ack_due"
    code: str
    rung: int
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitChanged:
    """Somebody other than the bot booked, moved, cancelled or closed a visit. The facts show it as it is.

    `change` says what is new; None where nothing is that a patient would be told of.
    """

    kind: Literal["visit"] = "visit"
    visit_id: UUID
    version: int
    change: Change | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotsFound:
    """The answer to FindSlots; soonest first, empty where nothing is open."""

    kind: Literal["slots"] = "slots"
    visit_id: UUID
    turn: int
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotAnswer:
    """The answer to BookSlot: booked, or gone because somebody else was quicker."""

    kind: Literal["slot_answer"] = "slot_answer"
    visit_id: UUID
    turn: int
    booked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFailed:
    """A text of ours did not arrive and won't. `code` is Twilio's; `purpose` that of the text."""

    kind: Literal["text_failed"] = "text_failed"
    code: int
    purpose: str
    opted_out: bool = False
    visit_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """A member of staff (`by`: their handle; empty: whoever holds the on-call phone) takes an escalation.

    `reply_to` is the conversation with their phone, where they did so by text and get an answer.
    """

    kind: Literal["acknowledged"] = "acknowledged"
    code: str
    by: str = ""
    via: Literal["text", "call", "link", "console", "command"] = "text"
    reply_to: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAcknowledged:
    """A member of staff answered a page, and it is not clear which: `code` is open nowhere, or several are."""

    kind: Literal["not_acknowledged"] = "not_acknowledged"
    code: str | None
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """What a member of staff did with an escalation, once or before it was taken.

    resolved     it is over; `outcome` says how it ended
    handed over  `to` somebody else, who is paged now
    snoozed      whoever has it is asked again at `until`
    reopened     it is not over after all; `urgency` and `reason` are those it had
    """

    kind: Literal["handled"] = "handled"
    code: str
    how: Literal["resolved", "handed over", "snoozed", "reopened"]
    by: str = ""
    via: str = "console"
    outcome: str | None = None
    to: Whom | None = None
    until: datetime | None = None
    urgency: str = "urgent"
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A task has lain for longer than the clinic wants anybody to wait."""

    kind: Literal["unanswered"] = "unanswered"
    task: str
    urgency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """Somebody tries the ladder of this urgency for real; the mailbox is that of the clinic's own number."""

    kind: Literal["drilled"] = "drilled"
    urgency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggered:
    """Something that starts flows: a list, a form, a result, a missed call, a member of staff.

    `trigger` is in the words of `core/triggers`. `flow` where one was named (by staff, by a broadcast); `values`
    are set as variables of the flow that starts; `slots` are the times that opened up.
    """

    kind: Literal["triggered"] = "triggered"
    trigger: str
    flow: str | None = None
    person_id: UUID | None = None
    visit_id: UUID | None = None
    values: dict[str, Plain] | None = None
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageUsed:
    """Something happened to a secure page that belongs to the step of `turn`, if a flow waits for it.

    opened        the second factor was right, for the first time
    saved         answers of its form were kept, and it goes on; `values` are all so far, `fresh` names the new ones
    submitted     it came in, with all its answers
    locked        too many wrong answers
    wrong_person  whoever opened it says that it is not for them
    asked_again   its link is over, and a new one is wanted
    """

    kind: Literal["page_used"] = "page_used"
    turn: int | None = None
    outcome: Literal["opened", "saved", "submitted", "locked", "wrong_person", "asked_again"]
    values: dict[str, Plain] | None = None
    fresh: tuple[str, ...] = ()
    page: Page | None = None
    form: str | None = None
    person_id: UUID | None = None
    visit_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsOnPage:
    """What a patient wrote on a secure page in their own words: a message, or an answer of a form (`where`).

    `reading` is None in the mailbox, as that of a text.
    """

    kind: Literal["page_words"] = "page_words"
    person_id: UUID
    body: str
    where: Literal["message", "form"]
    reading: Reading | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionMoved:
    """This conversation goes on with the present edition.

    `kept` are the places, 'flow:step', that it still has with the same question; a talk that stands elsewhere goes
    to its flow's fallback and to a person.
    """

    kind: Literal["edition_moved"] = "edition_moved"
    kept: tuple[str, ...]


# -- what staff do in a conversation, see `core/by_hand` ---------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffWrote:
    """A member of staff (`by`: their handle, `role`: its name) texts the patient in their own words.

    `answers`: the patient has written lately (`by_hand.LATELY`), so that it is part of a talk that is under way.
    """

    kind: Literal["staff_wrote"] = "staff_wrote"
    by: str
    role: str
    body: str
    answers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """A member of staff has the conversation from now on; the bot leaves the patient's texts to them."""

    kind: Literal["taken_over"] = "taken_over"
    by: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """The bot goes on with the conversation. `by` is empty where nobody has said a word for too long.

    `answers` as with StaffWrote.
    """

    kind: Literal["given_back"] = "given_back"
    by: str = ""
    answers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSentPage:
    """A member of staff sends this patient a secure page; `form` names the form, or the consent. `answers` as above."""

    kind: Literal["staff_page"] = "staff_page"
    by: str
    page: Page
    form: str | None = None
    person_id: UUID
    visit_id: UUID | None = None
    answers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongNumber:
    """A member of staff has learnt that the phone is not the patient's."""

    kind: Literal["wrong_number"] = "wrong_number"
    by: str


What = Annotated[
    TextArrived
    | ReminderDue
    | NoAnswer
    | NudgeDue
    | AckDue
    | VisitChanged
    | SlotsFound
    | SlotAnswer
    | TextFailed
    | Acknowledged
    | NotAcknowledged
    | Handled
    | Unanswered
    | Drilled
    | Triggered
    | PageUsed
    | WordsOnPage
    | EditionMoved
    | StaffWrote
    | TakenOver
    | GivenBack
    | StaffSentPage
    | WrongNumber,
    Field(discriminator="kind"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One happening with all that is needed to decide on it. `seq` orders a mailbox."""

    seq: int
    what: What
    facts: Facts


WHAT: TypeAdapter[What] = TypeAdapter(What)
"""Mailbox bytes to happening and back: `WHAT.validate_json`, `WHAT.dump_json`."""
