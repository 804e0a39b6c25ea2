"""A questionnaire as clinics write it. What it becomes is made elsewhere: its flow in `asking`, its form in `by_page`.

    questionnaire: phq2
    items:
      - {item: interest, code: "44250-9", ask: phq_interest, expect: one of how_often}
    bands:
      - {from: 3, result: positive}
      - {from: 0, result: negative}

By text, one item is asked after the other. By page (`by: page`) the items are a form of the same name, and what happens
at once is the form's: it happens as soon as the answer is saved.
"""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from bot.core.flow import Escalate, Expression, Sensitivity, Start, Task
from bot.core.questions import ExpectedAnywhere
from bot.core.shape import NAME, Duration, Shape

SCORE = "score"
"""The variable that holds the sum."""

UNFINISHED = "unfinished"
"""The result when the patient stopped answering, beside those of the bands."""

NOT_NOW = "not_now"
"""The result when the patient was asked whether to begin, and said no."""

BY_PAGE = "page"
"""The way of asking for which a questionnaire makes a form; otherwise it asks by text."""

OURS = frozenset({"intro", "invite", NOT_NOW, "form", "sum", "thank", SCORE, UNFINISHED, "end"})
"""Names that no item can have: steps of the flow are called so."""


class AtOnce(Shape):
    """What happens at once on an answer, whatever the total comes to."""

    condition: Expression = Field(alias="if")
    escalate: Escalate | None = None
    hand_over: Task | None = None
    say: str | None = None
    then: Literal["go on", "end"] = "go on"


class Asked(Shape):
    """One question. What is said of `hint` and `covered` holds by page only, as in a form.

    ask      a sentence; by page, one of `pages:`, as `hint` is
    again    what is said to a text that is no answer; the question itself, if nothing is said here or for all
    ask_if   only where this holds
    at_once  what happens on the answer, whatever the total comes to
    may_skip whether the patient need not answer
    points   whether the answer counts for the score
    covered  the variable that says whether the standing order covers the chosen medicine
    """

    item: str = Field(pattern=NAME)
    code: str | None = None
    ask: str
    hint: str | None = None
    expect: ExpectedAnywhere
    again: str | None = None
    ask_if: Expression | None = None
    at_once: tuple[AtOnce, ...] = ()
    may_skip: Literal["yes", "no"] = "no"
    points: Literal["yes", "no"] = "yes"
    covered: str | None = Field(None, pattern=NAME)


class Band(Shape):
    """The result from this sum on, up to the next higher band, and what is done about it."""

    at_least: int = Field(alias="from")
    result: str = Field(pattern=NAME)
    hand_over: Task | None = None
    escalate: Escalate | None = None
    say: str | None = None


class Afterwards(Shape):
    """A form on a secure page that comes after the items, where `if` holds; `say` carries its {{link}}."""

    form: str = Field(pattern=NAME)
    say: str
    condition: Expression | None = Field(None, alias="if")
    wait: Duration | None = None


class Questionnaire(Shape):
    """Questions, their scoring and what follows. What an item leaves out, the whole questionnaire says for all.

    by          text: one question after the other; page: all of them in a form on a secure page
    page_say    by page: the sentence that brings the {{link}}; page_title and page_thanks: sentences of `pages:`
    shows       by page: 'one question a screen', or 'all at once'
    variables   what a list or a calling flow hands in, such as the last weight
    invite      asks, as yes or no, whether to begin now; `not_now` is said to a no
    intro       said before the first item; by page, a sentence of `pages:`
    wait        how long for each answer; `nudge` is said once, `nudge_after` the question
    thanks      said at the end, unless the band has its own words
    unfinished  the task when an answer, or the form, never comes, or not now
    """

    name: str = Field(alias="questionnaire", pattern=NAME)
    title: str
    by: Literal["text", "page"] = "text"
    code: str | None = None
    purpose: Literal["reminder", "care", "survey", "bulk"] = "care"
    about: Literal["the visit", "the patient"] = "the patient"
    languages: tuple[str, ...] = ("en",)
    another_flow: Literal["finish", "switch", "both"] = "both"
    starts: tuple[Start, ...] = ()
    variables: dict[str, Sensitivity] = Field({})
    invite: str | None = None
    not_now: str | None = None
    intro: str | None = None
    page_say: str | None = None
    page_title: str | None = None
    page_thanks: str | None = None
    shows: Literal["one question a screen", "all at once"] | None = None
    items: tuple[Asked, ...] = Field(min_length=1)
    again: str | None = None
    tries: int = Field(2, ge=0, le=3)
    wait: Duration | None = None
    nudge_after: Duration | None = None
    nudge: str | None = None
    form: Afterwards | None = None
    bands: tuple[Band, ...] = ()
    thanks: str | None = None
    unfinished: Task | None = None

    @field_validator("items")
    @classmethod
    def _names(cls, items: tuple[Asked, ...]) -> tuple[Asked, ...]:
        names = [item.item for item in items]
        for name in names:
            if name in OURS:
                raise ValueError(f"no item can be called '{name}': a step of the flow has this name")
            if names.count(name) > 1:
                raise ValueError(f"two items are called '{name}'")
        return items

    @field_validator("items")
    @classmethod
    def _asked_so(cls, items: tuple[Asked, ...], info: ValidationInfo) -> tuple[Asked, ...]:
        by_page = info.data.get("by") == BY_PAGE
        for item in items:
            if not by_page and (item.hint or item.covered):
                raise ValueError(
                    f"'{item.item}' has what only a page can have: take it out, or write 'by: page'"
                )
            if by_page and item.again:
                raise ValueError(
                    f"'{item.item}' has 'again', but a page says itself what is no answer: take it out"
                )
            if by_page and any(alert.then == "end" for alert in item.at_once):
                raise ValueError(
                    f"'{item.item}' has 'then: end', but a page can't be taken away: take it out"
                )
        return items

    @field_validator("again", "tries", "form")
    @classmethod
    def _by_text(cls, value: object, info: ValidationInfo) -> object:
        if info.data.get("by") == BY_PAGE:
            raise ValueError("this belongs to questions by text: take it out, or take out 'by: page'")
        return value

    @field_validator("page_say", "page_title", "page_thanks", "shows")
    @classmethod
    def _by_page(cls, value: object, info: ValidationInfo) -> object:
        if info.data.get("by") != BY_PAGE:
            raise ValueError("this belongs to questions on a page: take it out, or write 'by: page'")
        return value

    @model_validator(mode="after")
    def _page(self) -> "Questionnaire":
        if self.by == BY_PAGE and not (self.page_say and self.page_title):
            raise ValueError(
                "with 'by: page', write 'page_say' (a sentence with {{link}}) and 'page_title' (one of 'pages:')"
            )
        return self

    @field_validator("bands")
    @classmethod
    def _results(cls, bands: tuple[Band, ...]) -> tuple[Band, ...]:
        for values in ([band.result for band in bands], [band.at_least for band in bands]):
            if len(set(values)) < len(values):
                raise ValueError("each band has its own 'from' and its own result")
        return bands
