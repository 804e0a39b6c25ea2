"""The flow language as values: what a clinic's YAML means once it is read. No reading here (`bot/flowbook`).

A flow is a header and named steps. A step acts, then talks, then asks and waits, or branches, or goes on.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, InstanceOf, WithJsonSchema, model_validator

from bot.core import moments, questions, triggers
from bot.core.expr import Expr, parse
from bot.core.shape import NAME, Duration, Shape

END = "end"
"""The name of the step that ends a flow."""

DONE = "done"
"""The result of a flow that came to its end without naming another."""

CHOSEN = "a time"
"""The answer key that stands for one of the offered times."""


class Sensitivity(StrEnum):
    """What may become of a variable. `phi` never stands in a text; see `core/known`."""

    PUBLIC = "public"
    CONTACT = "contact"
    PHI = "phi"


def _expression(text: object) -> object:
    if not isinstance(text, str):
        return text
    return parse(text)  # ExprError is a ValueError with a place


Expression = Annotated[InstanceOf[Expr], BeforeValidator(_expression), WithJsonSchema({"type": "string"})]
"""An expression as a step writes it."""


class Do(StrEnum):
    """What a step can do besides talking."""

    CONFIRM_VISIT = "confirm the visit"
    CANCEL_VISIT = "cancel the visit"
    FIND_TIMES = "find open times"
    BOOK_TIME = "book the chosen time"
    WAITLIST = "put on the waitlist"
    NEXT_IN_LINE = "offer the time to the next"
    CHECK_IN = "check the patient in"


OUTCOMES: dict[Do, tuple[str, ...]] = {
    Do.FIND_TIMES: ("found", "none"),
    Do.BOOK_TIME: ("booked", "gone"),
}
"""Acts whose result the flow must wait for, and what can come of them."""


class Page(StrEnum):
    """What a secure page shows.

    form         questions of `forms/`
    result       the results that were released last, with what was measured before
    summary      the summary of the visit
    times        open times to pick from: for the visit, or for a first one
    offer        the time that opened up, to take or not
    messages     secure messages, to read and to write, with photos
    consent      a text to read and sign: `pages:` has consent_NAME_title and consent_NAME_text
    preferences  how the patient likes to hear from the clinic
    check_in     'I'm here', on the day of the visit
    history      all messages, to read and to take away
    """

    FORM = "form"
    RESULT = "result"
    SUMMARY = "summary"
    TIMES = "times"
    OFFER = "offer"
    MESSAGES = "messages"
    CONSENT = "consent"
    PREFERENCES = "preferences"
    CHECK_IN = "check_in"
    HISTORY = "history"


PAGE_OUTCOMES = ("opened", "submitted")
"""What can come back from a page that a step waits for."""

BROUGHT: Mapping[Page, str] = {Page.TIMES: "choice", Page.OFFER: "choice", Page.CONSENT: "agree"}
"""The variable that a page brings when it is submitted, beside a form's own: `choice` is 'booked' or 'none' of times,
'take' or 'keep' of an offer; `agree` is yes or no."""

NAMED_BY_FORM = frozenset({Page.FORM, Page.CONSENT})
"""Pages that need a `form`: the name of the form, or of the consent."""


class Start(Shape):
    """One way into a flow.

    at            the step to begin at; the first of the flow, if not said
    if            begins only where this holds
    if_confirmed  the step to begin at when the visit is confirmed already
    only_in       a calendar: a moment outside of its hours moves to its next opening
    """

    when: triggers.When
    at: str | None = None
    condition: Expression | None = Field(None, alias="if")
    if_confirmed: str | None = None
    only_in: str | None = None


class Task(Shape):
    """Work for a person; `role` says whose, the front desk's if not said."""

    name: str = Field(alias="task", pattern=r"^[a-z_]+$")
    urgency: Literal["urgent", "routine"] = "routine"
    role: Literal["front_desk", "nurse", "provider", "billing"] = "front_desk"


class Escalate(Shape):
    """Page the person on call until somebody acknowledges. `reason` is a name without PHI."""

    reason: str = Field(pattern=r"^[a-z_]+$")
    urgency: Literal["emergency", "urgent"]


class Nudge(Shape):
    """A sentence that reminds of an unanswered question, `after` it was really sent."""

    after: Duration
    say: str


class Case(Shape):
    """One line of a branch: `if` a condition `then` a step; or the last line, `else` a step."""

    condition: Expression | None = Field(None, alias="if")
    then: str | None = None
    otherwise: str | None = Field(None, alias="else")

    @model_validator(mode="after")
    def _either(self) -> "Case":
        if (self.condition is None) != (self.then is None) or (self.otherwise is None) == (self.then is None):
            raise ValueError("write a branch as lines of '{if: …, then: step}' and a last one '{else: step}'")
        return self

    @property
    def target(self) -> str:
        """The step that it leads to."""
        return self.then or self.otherwise or END

    @property
    def label(self) -> str:
        """What people read on its way."""
        return f"if: {self.condition.text}" if self.condition else "else"


class Step(Shape):
    """One step, in the order in which its parts happen.

    set        variables (or a preference like patient.language) and the expressions that they get
    do         an act, from `Do`; `outcomes` say where to go with what came of it
    hand_over  a task for the staff
    escalate   pages the person on call
    say        a sentence of the wording
    send_page  a secure page (`form` names which form or consent); the sentence that `say` names carries its {{link}}.
               With `wait` the step waits for what comes back: `outcomes` opened, submitted
    ask        a sentence that is a question; the step waits for its answer
    expect     what kind of answer; without it only intents are heard
    save       the variable that keeps the answer; `code` its code, LOINC where there is one
    answers    where to go with an answer: yes, no, a choice's key, an intent, or 'a time' of those offered
    then       with any other answer of the kind that is expected; without a question: where to go next
    if_skipped where to go when the patient would rather not answer
    otherwise  where to go with a text that is no answer; else the question is asked again as `again`, `tries`
               times, and then `give_up`, or a person gets it
    nudges     reminders of the unanswered question
    wait       how long, counted from when the question was really sent; then `no_answer`
    pause      lets time pass without asking, then goes on
    branch     goes where the first condition that holds leads
    call       another flow, which comes back with one of its `results`; `with_values` are set for it
    start      another flow instead of this one
    result     ends the flow with this result
    """

    set: dict[str, Expression] = {}
    do: Do | None = None
    outcomes: dict[str, str] = {}
    hand_over: Task | None = None
    escalate: Escalate | None = None
    say: str | None = None
    send_page: Page | None = None
    form: str | None = Field(None, pattern=NAME)
    ask: str | None = None
    expect: questions.Expected | None = None
    save: str | None = Field(None, pattern=NAME)
    code: str | None = None
    answers: dict[str, str] = {}
    if_skipped: str | None = None
    otherwise: str | None = None
    again: str | None = None
    tries: int = Field(0, ge=0, le=3)
    give_up: str | None = None
    nudges: tuple[Nudge, ...] = ()
    wait: moments.When | None = None
    no_answer: str | None = None
    pause: moments.When | None = None
    branch: tuple[Case, ...] = ()
    call: str | None = None
    with_values: dict[str, Expression] = Field({}, alias="with")
    results: dict[str, str] = {}
    start: str | None = None
    then: str | None = None
    result: str | None = Field(None, pattern=NAME)

    @property
    def waits(self) -> bool:
        """Whether a talk rests here until something happens."""
        return bool(self.ask or self.pause or self.awaits_page or self.do in OUTCOMES)

    @property
    def awaits_page(self) -> bool:
        """Whether it waits for what comes back from its page."""
        return self.send_page is not None and bool(self.outcomes or self.wait)

    def ways(self) -> dict[str, str]:
        """Every way out of this step: a label for people, and the step it leads to."""
        ways = {f"outcome: {name}": step for name, step in self.outcomes.items()}
        ways |= {f"answer: {name}": step for name, step in self.answers.items()}
        ways |= {case.label: case.target for case in self.branch}
        ways |= {f"result: {name}": step for name, step in self.results.items()}
        named = {
            "skipped": self.if_skipped,
            "otherwise": self.otherwise,
            "give up": self.give_up,
            "no answer": self.no_answer,
            "then": self.then,
        }
        return ways | {label: step for label, step in named.items() if step}


class Flow(Shape):
    """A script of the clinic's.

    about         whether each conversation is about one visit or about the patient
    variables     each with its sensitivity; answers are always `phi`
    another_flow  what happens to this one when the patient asks for another: it is finished first, left, or both go on
    results       what a flow that calls this one can get, beside `done`
    fallback      where a conversation goes whose step a later edition no longer has
    extends, site a variant for one location of another flow: it says only what differs
    """

    name: str = Field(alias="flow", pattern=NAME)
    title: str
    purpose: Literal["reminder", "care", "survey", "bulk"]
    about: Literal["the visit", "the patient"] = "the visit"
    languages: tuple[str, ...] = ("en",)
    variables: dict[str, Sensitivity] = {}
    another_flow: Literal["finish", "switch", "both"] = "both"
    results: tuple[str, ...] = ()
    fallback: str | None = None
    extends: str | None = None
    site: str | None = None
    starts: tuple[Start, ...] = ()
    steps: dict[str, Step] = Field(min_length=1)

    @property
    def first(self) -> str:
        """The step at which it begins where nothing else is said."""
        return next(iter(self.steps))
