"""The state of a conversation: small, JSON with a version, and all that `decide` remembers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import TypeAdapter

from bot.core.facts import Slot

Plain = bool | int | float | str
"""The value of a variable: JSON as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A flow that called another and waits at `step` for its result."""

    flow: str
    step: str
    values: dict[str, Plain]


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A flow that is under way and waits at `step`. `turn` is the turn in which it began to wait.

    `version` is that of the visit that it speaks of, 0 where a change of the visit doesn't end it.
    `slots` are the times that were offered, in the order in which they were numbered. `values` are the flow's
    variables, `asked` the questions that can be gone back to, the latest last, and `calls` who waits for its result.
    """

    flow: str
    step: str
    turn: int
    visit_id: UUID | None = None
    person_id: UUID | None = None
    version: int = 0
    slots: tuple[Slot, ...] = ()
    chosen: UUID | None = None
    tries: int = 0
    values: dict[str, Plain] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    calls: tuple[Frame, ...] = ()

    @property
    def key(self) -> tuple[str, UUID | None, UUID | None]:
        """Two talks with the same key are about the same thing; the later one takes the other's place."""
        root = self.calls[0].flow if self.calls else self.flow
        return root, self.visit_id, self.person_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """We asked which visit, or which person, is meant; `trigger` is what the patient said (`core/triggers`)."""

    trigger: str
    visits: tuple[UUID, ...] = ()
    people: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """A text that came in lately, by its digest."""

    digest: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An escalation that is not resolved; one for each `reason`. It climbs until somebody has `taken` it.

    `rung` is the number of the last page of its ladder, -1 before the first; `to` is who is told before the ladder
    begins, in the words of `core/oncall`. `due` is when its timer rings. `by` is whoever has taken it, and `told`
    whether the patient knows that somebody has.
    """

    code: str
    urgency: str
    since: datetime
    paged: datetime
    rung: int = 0
    reason: str = "words"
    to: str | None = None
    due: datetime | None = None
    taken: datetime | None = None
    by: str = ""
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A person has the conversation: a member of staff by their handle, the name of their role, since when.

    `until` is when the bot goes on by itself. `missed` are the turns whose time came meanwhile: what waited for it is
    made up for then.
    """

    by: str
    role: str
    since: datetime
    until: datetime
    missed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`turn` rises with every text and every question, so that what belongs to an earlier one is known.

    `talks` has the one that moved last in front.
    """

    v: Literal[1] = 1
    turn: int = 0
    language: str | None = None
    talks: tuple[Talk, ...] = ()
    which: Which | None = None
    echoes: tuple[Echo, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    told: dict[str, datetime] | None = None
    held: Held | None = None


STATE: TypeAdapter[State] = TypeAdapter(State)
