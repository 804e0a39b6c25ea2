"""The record of a decision: what was understood, where the talk was and is, and what was to happen.

Kept sealed beside the happening; the demo and the console show it. Nothing decides on it.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from bot.core.decide import Decision
from bot.core.effects import Effect
from bot.core.events import Event, TextArrived, WordsOnPage
from bot.core.state import State
from nlp.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """`before` and `after`: 'flow / step' of the talk in front, None where none is open."""

    at: datetime
    reading: Reading | None
    before: str | None
    after: str | None
    effects: tuple[Effect, ...]


RECORD: TypeAdapter[Record] = TypeAdapter(Record)


def of(event: Event, before: State, decision: Decision, now: datetime) -> bytes:
    """The record as JSON."""
    reading = event.what.reading if isinstance(event.what, TextArrived | WordsOnPage) else None
    return RECORD.dump_json(
        Record(
            at=now,
            reading=reading,
            before=_step(before),
            after=_step(decision.state),
            effects=decision.effects,
        )
    )


def _step(state: State) -> str | None:
    return f"{state.talks[0].flow} / {state.talks[0].step}" if state.talks else None
