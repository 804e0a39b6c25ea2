"""`words.yaml`: the clinic's own words for the reader, as they are written, and what the reader gets of them.

    add:
      - {concept: insulin pump alarm, level: urgent, category: glucose, en: pump says no delivery}
    lower:
      - {concept: trauma/fall or injury, to: none, reason: Said daily here., by: Dr. Ana Ruiz, on: 2026-11-20}

What they do to a text is decided in `nlp/own`; what may stand here is checked in `lint/own`.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from bot.core.shape import NAME, Shape
from nlp.reading import Added, Level, Lowered, OwnWords

FILE = "words.yaml"


def ways(text: str) -> tuple[str, ...]:
    """The ways to say something that commas part."""
    found = (" ".join(part.split()) for part in text.split(","))
    return tuple(way for way in found if way)


def _ways(value: object) -> object:
    if isinstance(value, list):
        raise ValueError("write the ways to say it in one text, with commas between them")
    return ways(value) if isinstance(value, str) else value


Ways = Annotated[tuple[str, ...], BeforeValidator(_ways), WithJsonSchema({"type": "string"})]


class Addition(Shape):
    """Words that a person must hear of. Each way to say it is a pattern; commas part them.

    concept   what this is called, in your own words
    level     how soon a person must look: emergency (now), crisis (suicide, violence), urgent (a nurse within the hour)
    category  what it is about, as the concepts that come with careline are sorted: glucose, wound, bleeding …
    en        the ways to say it in English
    es        the ways to say it in Spanish
    not       what looks like it and means something else
    """

    concept: str
    level: Literal["emergency", "crisis", "urgent"]
    category: str = Field(pattern=NAME)
    en: Ways = ()
    es: Ways = ()
    unless: Ways = Field((), alias="not")

    def added(self) -> Added:
        """As the reader has it."""
        return Added(
            level=Level(self.level),
            category=self.category,
            concept=self.concept,
            say=self.en + self.es,
            unless=self.unless,
        )


class Lowering(Shape):
    """A concept that comes with careline and counts for less at this clinic.

    concept  its name, as category/concept
    to       what it counts for here: urgent (a nurse within the hour), or none
    reason   why that is safe here
    by       the clinician who decided it
    on       the day on which that was
    """

    concept: str
    to: Literal["urgent", "none"]
    reason: str
    by: str
    on: date

    def lowered(self) -> Lowered:
        """As the reader has it."""
        return Lowered(concept=self.concept, level=Level(self.to), reason=self.reason, by=self.by)


class Words(Shape):
    """The clinic's own words.

    add    words that a person must hear of
    lower  concepts that count for less here, each with a reason
    """

    add: tuple[Addition, ...] = ()
    lower: tuple[Lowering, ...] = ()

    def own(self) -> OwnWords:
        """As the reader has them."""
        return OwnWords(
            added=tuple(each.added() for each in self.add),
            lowered=tuple(each.lowered() for each in self.lower),
        )
