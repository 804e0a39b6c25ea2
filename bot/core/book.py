"""A `Book` is one published edition of all that a clinic configures: flows, policy, wording, words. It never changes.

A field that is added later has a default, so that editions published before it can still be read.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bot.core.flow import Flow, Start
from bot.core.moments import Calendar
from bot.core.shape import NAME, Duration, Hours, Shape
from bot.core.triggers import Trigger
from nlp.reading import OwnWords

LANGUAGE = 1
"""The version of the flow language that this program reads."""

OFFICE = "office"
"""The calendar that says whether the clinic is open."""


class House(Shape):
    """`clinic.yaml`: what holds for the whole clinic.

    may_text  what of a visit may stand in a text beside its day and time
    """

    policy: str
    written_for: int = Field(LANGUAGE, ge=1)
    question_wait: Duration = timedelta(days=1)
    may_text: tuple[str, ...] = ()
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

    `snippets` are pieces that sentences share: {{sign_off}} stands for the snippet `sign_off`.
    """

    language: str
    reviewed_by: str | None = None
    reviewed_on: date | None = None
    snippets: dict[Annotated[str, Field(pattern=NAME)], str] = {}
    choices: dict[str, Choices] = {}
    sentences: Annotated[dict[str, str], AfterValidator(_reviewed)]

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
