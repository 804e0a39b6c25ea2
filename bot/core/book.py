"""A `Book` is one published edition of all that a clinic configures: flows, policy, wording, words. It never changes.

A field that is added later has a default, so that editions published before it can still be read.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from bot.core.flow import Flow, Page, Start
from bot.core.forms import Form
from bot.core.moments import Calendar
from bot.core.oncall import OnCall
from bot.core.roles import Roles
from bot.core.shape import NAME, Duration, Hours, Shape
from bot.core.triggers import Trigger
from nlp.reading import OwnWords

LANGUAGE = 1
"""The version of the flow language that this program reads."""

LONGEST_LINK = timedelta(hours=72)
LONGEST_HOLD = timedelta(days=7)

OFFICE = "office"
"""The calendar that says whether the clinic is open."""


WITHOUT_PHI = frozenset({Page.TIMES, Page.OFFER, Page.PREFERENCES, Page.CHECK_IN})
"""Pages that say no more than a text may: a clinic can let them open without a second factor."""


class PageRules(Shape):
    """How patients prove who they are before a secure page opens.

    second_factor  the date of birth, or a PIN; who has no PIN yet chooses one when they first come, after the date
    open_without   pages that open without, see `WITHOUT_PHI`
    """

    second_factor: Literal["birth date", "pin"] = "birth date"
    open_without: tuple[Page, ...] = ()

    @field_validator("open_without")
    @classmethod
    def _no_phi(cls, pages: tuple[Page, ...]) -> tuple[Page, ...]:
        shown = [page for page in pages if page not in WITHOUT_PHI]
        if shown:
            raise ValueError(
                f"{', '.join(shown)} may show what only the patient may see, and never opens without a second "
                f"factor; these may: {', '.join(sorted(WITHOUT_PHI))}"
            )
        return pages


class House(Shape):
    """`clinic.yaml`: what holds for the whole clinic.

    may_text  what of a visit may stand in a text beside its day and time
    """

    policy: str
    written_for: int = Field(LANGUAGE, ge=1)
    question_wait: Duration = timedelta(days=1)
    may_text: tuple[str, ...] = ()
    pages: PageRules = PageRules()
    calendars: dict[str, Calendar] = {}


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
    news_within: Duration = timedelta(days=3)
    sure_from: float = Field(0.6, ge=0, le=1)
    unasked_per_day: int = Field(1, ge=1)
    unasked_per_week: int = Field(3, ge=1)
    link_life: Duration = timedelta(hours=24)
    link_views: int = Field(20, ge=1, le=100)
    link_tries: int = Field(5, ge=1, le=10)
    patient_tries_per_day: int = Field(10, ge=1, le=50)
    network_tries_per_hour: int = Field(30, ge=1, le=1000)
    link_again_after: Duration = timedelta(minutes=5)
    page_idle: Duration = timedelta(minutes=15)
    held_for: Duration = timedelta(hours=12)

    @field_validator("link_life")
    @classmethod
    def _short(cls, life: timedelta) -> timedelta:
        if not timedelta(minutes=5) <= life <= LONGEST_LINK:
            raise ValueError("a link lives from 5 minutes to 72 hours")
        return life

    @field_validator("held_for")
    @classmethod
    def _comes_back(cls, span: timedelta) -> timedelta:
        if not timedelta(minutes=15) <= span <= LONGEST_HOLD:
            raise ValueError("a person has a conversation from 15 minutes to 7 days after the last word")
        return span


def _reviewed(sentences: dict[str, str]) -> dict[str, str]:
    return {key: " ".join(text.split(" ")).strip("\n") for key, text in sentences.items()}


def _listed(value: object) -> object:
    if isinstance(value, dict):
        return {key: [said] if isinstance(said, str) else said for key, said in value.items()}
    return value


Choices = Annotated[dict[str, tuple[str, ...]], BeforeValidator(_listed)]
"""Each key with the wording that is shown and others that are understood."""


_NAMED = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")


def _filled(text: object, snippets: dict[str, object]) -> object:
    if not isinstance(text, str):
        return text
    return _NAMED.sub(lambda found: str(snippets.get(found[1], found[0])), text)


class Wording(Shape):
    """Every sentence in one language. A language that nobody reviewed does not send.

    `snippets` are pieces that sentences share: {{sign_off}} stands for the snippet `sign_off`. `pages` are the
    sentences of secure pages, which no text may use.
    """

    language: str
    reviewed_by: str | None = None
    reviewed_on: date | None = None
    snippets: dict[Annotated[str, Field(pattern=NAME)], str] = {}
    choices: dict[str, Choices] = {}
    sentences: Annotated[dict[str, str], AfterValidator(_reviewed)] = {}
    pages: Annotated[dict[str, str], AfterValidator(_reviewed)] = {}

    @model_validator(mode="before")
    @classmethod
    def _with_snippets(cls, data: object) -> object:
        """Put the snippets where the sentences name them: what is reviewed, linted and sent is the whole."""
        if not isinstance(data, dict) or not isinstance(data.get("sentences"), dict):
            return data
        snippets = data.get("snippets")
        if not isinstance(snippets, dict):
            return data
        whole = {key: _filled(text, snippets) for key, text in data["sentences"].items()}
        return data | {"sentences": whole}


class Book(Shape):
    """One published edition: flows, policy and wording together, and the words that it adds to the reader's."""

    edition: str
    house: House
    flows: dict[str, Flow]
    policy: Policy
    wordings: dict[str, Wording]
    words: OwnWords = OwnWords()
    forms: dict[str, Form] = {}
    oncall: OnCall = OnCall()
    roles: Roles = Roles()

    def language(self, wanted: str | None) -> str:
        """The language to send in: the wanted one where somebody reviewed its wording, else English."""
        for tag in (wanted or "en", (wanted or "en").split("-")[0]):
            wording = self.wordings.get(tag)
            if wording and wording.reviewed_by:
                return tag
        return "en"

    def calendar(self, name: str = OFFICE) -> Calendar | None:
        """The calendar of this name, if the clinic keeps one."""
        return self.house.calendars.get(name)

    def variant(self, flow: Flow, location: str | None) -> Flow:
        """The flow as this location has it."""
        if not location:
            return flow
        return self._variants.get((flow.name, location.casefold()), flow)

    def starting(self, trigger: Trigger) -> Iterable[tuple[Flow, Start]]:
        """Every flow that this starts, and how; variants don't start by themselves."""
        return self.starting_words(str(trigger))

    def starting_words(self, trigger: str) -> Iterable[tuple[Flow, Start]]:
        """The same for a trigger in the words that it was read from."""
        return self._starts.get(trigger.casefold(), ())

    @cached_property
    def _variants(self) -> dict[tuple[str, str], Flow]:
        return {
            (flow.extends, flow.site.casefold()): flow
            for flow in self.flows.values()
            if flow.extends and flow.site
        }

    @cached_property
    def _starts(self) -> dict[str, list[tuple[Flow, Start]]]:
        found: dict[str, list[tuple[Flow, Start]]] = {}
        for flow in self.flows.values():
            for start in () if flow.extends else flow.starts:
                found.setdefault(str(start.when).casefold(), []).append((flow, start))
        return found
