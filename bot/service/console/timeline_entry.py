"""Entries of a timeline as the console draws them: plain values, masked already by what the role sees."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """How an entry is drawn."""

    IN = "in"  # a text of the patient's
    OUT = "out"  # a text of ours
    NOTE_IN = "note in"  # a secure message of the patient's
    NOTE_OUT = "note out"
    PAGE = "page"
    ANSWERS = "answers"
    CHART = "chart"
    VISIT = "visit"
    TASK = "task"
    ALARM = "alarm"
    STAFF = "staff"  # what somebody did
    EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What the bot made of a text: one line; why, rule by rule; and what it did then."""

    line: str
    why: tuple[str, ...] = ()
    done: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. `body` are words of somebody's, `title` ours; `masked`: the role doesn't see the body.

    `by` is who wrote or did it, '' for the bot and the patient. `state` is where a text or a page has come to, `tone`
    how that is (plain, good, warn, alarm). `facts` are (name, value) in a row. `item` is the task, `code` the
    escalation that it is about; `photos` are ids, of this `patient`.
    """

    key: str
    at: datetime
    kind: Kind
    title: str = ""
    body: str = ""
    masked: bool = False
    by: str = ""
    state: str = ""
    tone: str = "plain"
    facts: tuple[tuple[str, str], ...] = ()
    understood: Understood | None = None
    photos: tuple[UUID, ...] = ()
    patient: UUID | None = None
    item: UUID | None = None
    code: str = ""
