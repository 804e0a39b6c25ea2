"""The state of a conversation: small, JSON with a version, and all that `decide` remembers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import TypeAdapter

from bot.core.facts import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A flow that is under way and waits at `step`. `turn` is the turn in which it began to wait.

    `slots` are the times that were offered, in the order in which they were numbered.
    """

    flow: str
    step: str
    turn: int
    visit_id: UUID | None = None
    version: int = 0
    slots: tuple[Slot, ...] = ()
    chosen: UUID | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """We asked which visit is meant; `intent` is what the patient wants done with it."""

    intent: str
    visits: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """A text that came in lately, by its digest."""

    digest: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An escalation that nobody has acknowledged."""

    code: str
    urgency: str
    since: datetime
    paged: datetime
    rung: int = 0


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


STATE: TypeAdapter[State] = TypeAdapter(State)
