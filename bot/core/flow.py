"""The flow language as values: what a clinic's YAML means once it is read. No reading here (`bot/flowbook`).

A `Book` is one published edition of all of it; it never changes.
"""

import re
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from nlp.reading import Intent

END = "end"
"""The name of the step that ends a flow."""

_DURATION = re.compile(r"(\d+) (minute|hour|day)s?")
_BEFORE_VISIT = re.compile(r"(\d+) (hour|day)s? before the visit")
_PATIENT_SAYS = re.compile(r"the patient says ([a-z_]+)")
_UNITS = {"minute": 60, "hour": 3600, "day": 86400}


class Shape(BaseModel):
    """Base of everything that is read from a file: unknown keys are faults, values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _duration(text: object) -> object:
    if not isinstance(text, str):
        return text
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise ValueError("write a duration as '30 minutes', '20 hours' or '3 days'")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


Duration = Annotated[timedelta, BeforeValidator(_duration)]


# -- what starts a flow ------------------------------------------------------------------------------


class BeforeVisit(Shape):
    """'3 days before the visit': days keep the clock time of the visit, hours are counted."""

    unit: Literal["hour", "day"]
    count: int

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'s' if self.count > 1 else ''} before the visit"


class PatientSays(Shape):
    """'the patient says reschedule': an intent, while no question is open that it could answer."""

    intent: Intent

    def __str__(self) -> str:
        return f"the patient says {self.intent}"


def _trigger(text: object) -> object:
    if not isinstance(text, str):
        return text
    if found := _BEFORE_VISIT.fullmatch(text.strip()):
        return BeforeVisit(unit=found[2], count=int(found[1]))
    found = _PATIENT_SAYS.fullmatch(text.strip())
    if found and found[1] in set(Intent):
        return PatientSays(intent=Intent(found[1]))
    raise ValueError(
        "write what starts the flow as '3 days before the visit', '2 hours before the visit' or "
        f"'the patient says …' with one of: {', '.join(Intent)}"
    )


class Start(Shape):
    """One way into a flow. `if_confirmed` is the step to begin at when the visit is confirmed already."""

    when: Annotated[BeforeVisit | PatientSays, BeforeValidator(_trigger)]
    at: str
    if_confirmed: str | None = None


# -- steps -------------------------------------------------------------------------------------------


class Do(StrEnum):
    """What a step can do besides talking."""

    CONFIRM_VISIT = "confirm the visit"
    CANCEL_VISIT = "cancel the visit"
    FIND_TIMES = "find open times"
    BOOK_TIME = "book the chosen time"


OUTCOMES: dict[Do, tuple[str, ...]] = {
    Do.FIND_TIMES: ("found", "none"),
    Do.BOOK_TIME: ("booked", "gone"),
}
"""Acts whose result the flow must wait for, and what can come of them."""


class Task(Shape):
    """Work for a person."""

    name: str = Field(alias="task", pattern=r"^[a-z_]+$")
    urgency: Literal["urgent", "routine"] = "routine"


CHOSEN = "a time"
"""The answer key that stands for one of the offered times."""


class Step(Shape):
    """One step. It acts, then talks, then asks and waits, or goes on.

    do         an act, from `Do`
    outcomes   where to go with what came of the act
    hand_over  a task for the staff
    say        a sentence of the wording
    ask        a sentence of the wording that is a question; the step waits for its answer
    answers    where to go with each answer: an intent, or 'a time' for one of the offered times
    otherwise  where to go with any other answer; else the question is asked again as `again`, `tries`
               times, and then a person gets it
    wait       how long, counted from when the question was really sent; then `no_answer`
    then       where to go next
    """

    do: Do | None = None
    outcomes: dict[str, str] = {}
    hand_over: Task | None = None
    say: str | None = None
    ask: str | None = None
    answers: dict[str, str] = {}
    otherwise: str | None = None
    again: str | None = None
    tries: int = Field(0, ge=0, le=3)
    wait: Duration | Literal["until the visit"] | None = None
    no_answer: str | None = None
    then: str | None = None

    def ways(self) -> dict[str, str]:
        """Every way out of this step: a label for people, and the step it leads to."""
        ways = {f"outcome: {name}": step for name, step in self.outcomes.items()}
        ways |= {f"answer: {name}": step for name, step in self.answers.items()}
        named = {"otherwise": self.otherwise, "no answer": self.no_answer, "then": self.then}
        return ways | {label: step for label, step in named.items() if step}


class Flow(Shape):
    """A script of the clinic's."""

    name: str = Field(alias="flow", pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    purpose: Literal["reminder", "survey", "bulk"]
    languages: tuple[str, ...] = ("en",)
    starts: tuple[Start, ...]
    steps: dict[str, Step]


# -- policy, wording, book ---------------------------------------------------------------------------


class Hours(Shape):
    """A span of the day on the patient's clock; `until` is not included."""

    opens: time = Field(alias="from")
    until: time


class Policy(Shape):
    """A dated set of rules. Each value's source stands beside it in the file."""

    name: str = Field(alias="policy")
    in_force_from: date
    send_hours: Hours
    reminder_grace: Duration
    reminder_after_booking: Duration
    stop_words: tuple[str, ...]
    start_words: tuple[str, ...]
    help_words: tuple[str, ...]
    same_text_limit: int
    text_limit: int
    limit_window: Duration
    stranger_reply_every: Duration
    soft_reply_every: Duration
    ack_within: Duration
    page_again_after: Duration
    offered_times: int = Field(ge=1, le=9)


def _reviewed(sentences: dict[str, str]) -> dict[str, str]:
    return {key: " ".join(text.split(" ")).strip("\n") for key, text in sentences.items()}


class Wording(Shape):
    """Every sentence in one language. A language that nobody reviewed does not send."""

    language: str
    reviewed_by: str | None = None
    reviewed_on: date | None = None
    sentences: Annotated[dict[str, str], AfterValidator(_reviewed)]


class Book(Shape):
    """One published edition: flows, policy and wording together."""

    edition: str
    flows: dict[str, Flow]
    policy: Policy
    wordings: dict[str, Wording]

    def language(self, wanted: str | None) -> str:
        """The language to send in: the wanted one where somebody reviewed its wording, else English."""
        wording = self.wordings.get((wanted or "en").split("-")[0])
        return wording.language if wording and wording.reviewed_by else "en"

    def said(self, intent: Intent) -> tuple[Flow, Start] | None:
        """The flow that a patient starts by saying this, and where."""
        for flow in self.flows.values():
            for start in flow.starts:
                if isinstance(start.when, PatientSays) and start.when.intent is intent:
                    return flow, start
        return None
