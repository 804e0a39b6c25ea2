"""The vocabulary of results: what was asked (`Expect`) and what a text was read as (`Reading`).

Pure data. The dialog engine sees this file of `nlp` and no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer


class Level(StrEnum):
    """How soon a person must look. Conventions: `nlp/README.md`."""

    EMERGENCY = "emergency"
    CRISIS = "crisis"
    URGENT = "urgent"
    NONE = "none"


class Intent(StrEnum):
    """What the sender wants most."""

    CONFIRM = "confirm"
    CANCEL = "cancel"
    RESCHEDULE = "reschedule"
    RUNNING_LATE = "running_late"
    QUESTION = "question"
    REFILL = "refill"
    HUMAN = "human"
    THANKS = "thanks"
    WRONG_NUMBER = "wrong_number"
    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"


UNDETERMINED = "und"
"""The language of a message that is in neither English nor Spanish, as BCP 47 has it."""


class Repair(StrEnum):
    """What the sender wants of the conversation itself: the question again, the one before, none of it."""

    REPEAT = "repeat"
    BACK = "back"
    SKIP = "skip"


# -- what was asked ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class YesNo:
    """Value: bool. `digits`: the question said 'reply 1 for yes, 2 for no', so a bare 1 or 2 is an answer."""

    type: Literal["yes_no"] = "yes_no"
    digits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Value: int from `min` to `max`, both included."""

    type: Literal["scale"] = "scale"
    min: int = 0
    max: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Value: a key of `options`. Each key has the wordings that name it; its place (1, 2, …) names it too."""

    type: Literal["choice"] = "choice"
    options: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """Value: float in `unit` (lb, kg, F, C, mg/dL, …) from `min` to `max`, both included, None where open."""

    type: Literal["number"] = "number"
    unit: str = ""
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class BloodPressure:
    """Value: {"systolic": mmHg, "diastolic": mmHg}."""

    type: Literal["blood_pressure"] = "blood_pressure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Date:
    """Value: a calendar date; `past` says on which side of today a date without a year lies."""

    type: Literal["date"] = "date"
    past: bool = False


@dataclass(frozen=True, slots=True)
class When:
    """Value: the `Window` that is wished; it needs the patient's clock."""

    type: Literal["when"] = "when"


@dataclass(frozen=True, slots=True)
class FreeText:
    """Value: the text as it was sent, without blanks around it, at most `LONGEST_TEXT` characters.

    None for what is no answer: a question back, the wish for a person, for help or for no more texts.
    """

    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Photo:
    """Value: None always; whether a picture came with the text is known to the caller."""

    type: Literal["photo"] = "photo"


@dataclass(frozen=True, slots=True)
class Anything:
    """Value: the text without blanks around it, whatever it says."""

    type: Literal["anything"] = "anything"


LONGEST_TEXT = 1000

Expect = Annotated[
    YesNo | Scale | Choice | Number | BloodPressure | Date | When | FreeText | Photo | Anything,
    Field(discriminator="type"),
]


# -- a clinic's own words ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """An alarm that a clinic adds. `say` and `unless`: patterns as in `nlp/data`, ways to say it and what it isn't."""

    level: Level
    category: str
    concept: str
    say: tuple[str, ...]
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """A concept of the lexicon (`category/concept`) that counts for less at a clinic, with who said so and why."""

    concept: str
    level: Level
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWords:
    """What a clinic adds to the lexicon, and what it lowers."""

    added: tuple[Added, ...] = ()
    lowered: tuple[Lowered, ...] = ()


# -- what it was read as -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Acceptable start times; each bound included, None where open. Conventions: `nlp/README.md`."""

    # Else pydantic would take any table for a window that is open on all sides.
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    date_from: date | None = None
    date_to: date | None = None
    time_from: time | None = None
    time_to: time | None = None


def _named(day: date) -> dict[str, str]:
    return {"date": day.isoformat()}


def _unnamed(content: object) -> object:
    return content["date"] if isinstance(content, dict) and content.keys() == {"date"} else content


CalendarDate = Annotated[date, PlainSerializer(_named, when_used="json"), BeforeValidator(_unnamed)]
"""A date that stays one in JSON, where its bare text would come back as a text."""

Value = bool | int | float | str | dict[str, int] | Window | CalendarDate


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One rule that fired. `start`/`end` are character offsets into the text as it was sent."""

    rule: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that was understood of one text. Unknown is said, not guessed: `OTHER`, `None`.

    `confidence` is in [0, 1] and speaks of what the asker needs: of `value` where something was
    expected and found, else of the level where it is not `NONE`, else of the intent. `level_confidence` speaks of the
    level whatever it is; of `URGENT` it says how sure it is that somebody must look.
    `correction` is the right answer to the question before; where there is one, look at it before `value`.
    """

    language: str = "en"
    level: Level = Level.NONE
    category: str | None = None
    intent: Intent = Intent.OTHER
    also: tuple[Intent, ...] = ()
    value: Value | None = None
    when: Window | None = None
    repair: Repair | None = None
    correction: Value | None = None
    confidence: float = 0.0
    level_confidence: float = 0.0
    why: tuple[Why, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What the rules found: `stands` decided or could have, `excused` was denied or excused; how likely the models
    hold levels and intents; and the words that weighed most for the level and the intent."""

    level: Level
    intent: Intent
    stands: tuple[Why, ...]
    excused: tuple[Why, ...]
    levels: Mapping[str, float]
    intents: Mapping[str, float]
    weighed: tuple[Why, ...]
