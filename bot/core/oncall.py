"""On call, as a clinic writes it in `oncall.yaml`: rosters of who has duty when, and ladders that climb.

People stand here by the name that `bot user add` gave them; their phones and addresses are sealed in the database.
Who is on call at a moment is worked out in `core/roster`; how a ladder climbs, in `core/escalation`.
"""

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from bot.core.moments import Weekday
from bot.core.shape import NAME, ClockTime, Duration, Shape


class Channel(StrEnum):
    """By what a person is told."""

    TEXT = "text"
    CALL = "call"
    EMAIL = "email"
    CONSOLE = "console"  # an alert with a sound on the on-call page, wherever it is open
    PUSH = "push"


# -- whom -----------------------------------------------------------------------------------------------

THE_PHONE = "the on-call phone"
_TELL = (
    (re.compile(r"([a-z][a-z0-9_]*) on call"), "on call"),
    (re.compile(r"everyone of ([a-z][a-z0-9_]*)"), "everyone"),
    (re.compile(r"everyone with role ([a-z][a-z0-9_]*)"), "role"),
    (re.compile(r"([a-z][a-z0-9_]*)"), "person"),
)


class Whom(Shape):
    """Who is told: whoever of a roster is on call then, all of it, all of a role, a person, or the clinic's phone."""

    kind: Literal["on call", "everyone", "role", "person", "phone"]
    name: str = ""

    def __str__(self) -> str:
        return {
            "on call": f"{self.name} on call",
            "everyone": f"everyone of {self.name}",
            "role": f"everyone with role {self.name}",
            "person": self.name,
            "phone": THE_PHONE,
        }[self.kind]


def read_whom(text: object) -> object:
    """'nurse on call', 'everyone of nurse', 'everyone with role nurse', 'maria', 'the on-call phone'."""
    if not isinstance(text, str):
        return text
    said = " ".join(text.split())
    if said == THE_PHONE:
        return Whom(kind="phone")
    for pattern, kind in _TELL:
        if found := pattern.fullmatch(said):
            return Whom.model_validate({"kind": kind, "name": found[1]})
    raise ValueError(
        "write whom to tell as 'nurse on call' (a roster), 'everyone of nurse', 'everyone with role nurse', "
        "'maria' (a person) or 'the on-call phone'"
    )


def whom(text: str) -> Whom:
    """The same as a value; raises ValueError."""
    found = read_whom(text)
    assert isinstance(found, Whom)
    return found


Tell = Annotated[Whom, BeforeValidator(read_whom), WithJsonSchema({"type": "string"})]


# -- rosters --------------------------------------------------------------------------------------------


_HAND_OVER = re.compile(r"(?:every )?(day|[a-z]+?day)s? at (\d{1,2}):(\d{2})")


class WeeklyMoment(Shape):
    """A moment of the week on the roster's clock."""

    day: Weekday
    at: ClockTime


HandOver = tuple[WeeklyMoment, ...]


def _read_hand_over(text: object) -> object:
    """'every day at 08:00', 'mondays at 08:00 and fridays at 17:00' → moments of the week."""
    if not isinstance(text, str):
        return text
    found: list[WeeklyMoment] = []
    for part in " ".join(text.lower().split()).split(" and "):
        said = _HAND_OVER.fullmatch(part)
        days = (
            list(Weekday)
            if said and said[1] == "day"
            else [day for day in Weekday if said and day == said[1]]
        )
        if said is None or not days or int(said[2]) > 23 or int(said[3]) > 59:
            raise ValueError(
                "write a hand-over as 'every day at 08:00' or 'mondays at 08:00 and fridays at 17:00'"
            )
        found += [WeeklyMoment(day=day, at=time(int(said[2]), int(said[3]))) for day in days]
    return tuple(found)


def _once(hand_over: HandOver) -> HandOver:
    """Monday first, and each moment once: who says it twice does not mean two turns."""
    order = list(Weekday)
    return tuple(sorted(set(hand_over), key=lambda moment: (order.index(moment.day), moment.at)))


class Only(Shape):
    """When a layer counts at all; every part that is given must hold. Times are on the roster's clock.

    days          weekdays by name
    from, until   a part of the day; 'until' not later than 'from' goes over midnight, and belongs to the day it began
    calendar      only while this calendar is open
    closed        only while this calendar is closed
    holidays      only on the days that this calendar is closed on ('closed_on')
    """

    days: tuple[Weekday, ...] = ()
    opens: ClockTime | None = Field(None, alias="from")
    until: ClockTime | None = None
    calendar: str | None = None
    closed: str | None = None
    holidays: str | None = None

    @model_validator(mode="after")
    def _both_ends(self) -> "Only":
        if (self.opens is None) != (self.until is None):
            raise ValueError("a part of the day has both 'from' and 'until'")
        return self


class Layer(Shape):
    """People who take turns. The turn goes to the next at each hand-over; the first begins with the first hand-over on
    or after `starts`. Without `hand_over` the one person always has it."""

    people: tuple[Annotated[str, Field(pattern=NAME)], ...] = Field(min_length=1)
    hand_over: Annotated[
        HandOver, BeforeValidator(_read_hand_over), AfterValidator(_once), WithJsonSchema({"type": "string"})
    ] = ()
    starts: date | None = None
    only: Only | None = None

    @model_validator(mode="after")
    def _turns(self) -> "Layer":
        if len(self.people) > 1 and not (self.hand_over and self.starts):
            raise ValueError(
                "people who take turns need 'hand_over' (when) and 'starts' (the date of the first turn)"
            )
        return self


class Override(Shape):
    """This person instead of whoever the layers name, from then until then, on the roster's clock."""

    person: Annotated[str, Field(pattern=NAME)]
    opens: datetime = Field(alias="from")
    until: datetime

    @field_validator("opens", "until")
    @classmethod
    def _on_the_wall(cls, moment: datetime) -> datetime:
        if moment.tzinfo is not None:
            raise ValueError("write it as 2026-12-24 17:00, on the roster's clock")
        return moment


class Roster(Shape):
    """Layers lie over each other: the last one that has somebody counts. `otherwise` names the roster that stands in
    while this one has nobody."""

    zone: str | None = None
    layers: tuple[Layer, ...] = Field(min_length=1)
    overrides: tuple[Override, ...] = ()
    otherwise: str | None = None

    @field_validator("zone")
    @classmethod
    def _on_the_map(cls, zone: str | None) -> str | None:
        try:
            ZoneInfo(zone or "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"'{zone}' is no time zone; write one like America/New_York") from None
        return zone


# -- ladders --------------------------------------------------------------------------------------------


class Rung(Shape):
    """Whom to tell, by what, and how long to wait for an acknowledgement. `times`: so often before it climbs on."""

    tell: Tell
    by: tuple[Channel, ...] = Field((Channel.TEXT,), min_length=1)
    wait: Duration | None = None
    times: int = Field(1, ge=1, le=50)


class Ladder(Shape):
    """Steps from the first on; the last one repeats until somebody answers, so that no ladder ends in silence.

    hours         the calendar in whose hours it pages; outside of them it waits for the next opening
    tell_patient  the sentence that the patient gets when somebody has taken it
    again_after   who has taken it and not resolved it after this long is asked again
    """

    steps: tuple[Rung, ...] = Field(min_length=1)
    hours: str | None = None
    tell_patient: str | None = None
    again_after: Duration | None = None

    def rung(self, number: int) -> Rung:
        """The step of a page by its number, from 0; the last one for ever."""
        for step in self.steps:
            number -= step.times
            if number < 0:
                return step
        return self.steps[-1]

    def is_last(self, number: int) -> bool:
        """Whether nothing comes after the step of this page but itself."""
        return self.rung(number) is self.steps[-1]


class AnswerWithin(Shape):
    """How long a task may lie before it climbs. Routine work is counted over the days on which the clinic is open."""

    urgent: Duration | None = None
    routine: Duration | None = None


class OnCall(Shape):
    """`oncall.yaml`. Without it, every alarm goes to the clinic's on-call phone by text, again and again."""

    rosters: dict[Annotated[str, Field(pattern=NAME)], Roster] = {}
    ladders: dict[Literal["emergency", "urgent", "routine"], Ladder] = {}
    answer_within: AnswerWithin = AnswerWithin()

    def ladder(self, urgency: str, wait: timedelta) -> Ladder | None:
        """The ladder of an urgency. Where there is none: the on-call phone every `wait`; for routine, nothing."""
        found = next((ladder for name, ladder in self.ladders.items() if name == urgency), None)
        if found or urgency == "routine":
            return found
        return Ladder(steps=(Rung(tell=Whom(kind="phone"), wait=wait),))
