"""What all models of a clinic's files share: unknown keys are faults, values never change, durations are words."""

import re
from datetime import time, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

_DURATION = re.compile(r"(\d{1,4}) (minute|hour|day|week)s?")
_UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}

NAME = r"^[a-z][a-z0-9_]*$"
"""What flows, steps, variables, sentences and tasks are called."""


class Shape(BaseModel):
    """Base of everything that is read from a file."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def duration(text: str) -> timedelta | None:
    """'30 minutes', '20 hours', '3 days', '2 weeks'; None for anything else."""
    found = _DURATION.fullmatch(text.strip())
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]]) if found else None


def _duration(text: object) -> object:
    if not isinstance(text, str):
        return text
    found = duration(text)
    if found is None:
        raise ValueError("write a duration as '30 minutes', '20 hours' or '3 days'")
    return found


Duration = Annotated[timedelta, BeforeValidator(_duration), WithJsonSchema({"type": "string"})]


def _on_the_wall(shown: time) -> time:
    if shown.tzinfo is not None:
        raise ValueError("write it as 08:00, as a clock on the wall shows it")
    return shown


ClockTime = Annotated[time, AfterValidator(_on_the_wall)]
"""A time of day without a zone."""


class Hours(Shape):
    """A span of the day on the patient's clock; `until` is not included."""

    opens: ClockTime = Field(alias="from")
    until: ClockTime
