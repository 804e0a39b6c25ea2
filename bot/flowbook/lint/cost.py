"""Family `cost`: what a sentence costs to send, at its longest."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from babel import UnknownLocaleError
from jinja2 import TemplateError

from bot.core.flow import Flow
from bot.core.moments import AroundVisit as BeforeVisit
from bot.core.segments import segments
from bot.core.wording import day_text, numbered, template, time_text
from bot.flowbook.draft import Draft
from bot.flowbook.faults import Fault

_LONG_CLINIC = "Riverside Clinic"
_LONG_NAME = "Alejandra"
_PHONE = "555-201-4400"
_PAGE = {"code": "4821", "urgency": "EMERGENCY", "minutes": "120"}


def check(draft: Draft) -> Iterator[Fault]:
    """All faults of this family."""
    for rule in RULES:
        yield from rule(draft)


def one_segment(draft: Draft) -> Iterator[Fault]:
    """A reminder, of which a clinic sends thousands, fits one segment with a long name on a long day."""
    reminders = _reminders(draft)
    for language, (source, wording) in draft.wordings().items():
        for key, text in wording.sentences.items():
            size = segments(_longest(text, language)) if key in reminders else None
            if size and size.count > 1 and not size.culprits:
                yield source.fault(
                    ("sentences", key),
                    "cost/segments",
                    f"The reminder '{key}' can need {size.count} segments: {size.units} characters "
                    "with a long name.",
                    "Keep it under 160 characters: each segment is billed.",
                    severity="warning",
                )


def plain_characters(draft: Draft) -> Iterator[Fault]:
    """A single character outside of the carriers' alphabet halves what fits into a segment."""
    for source, wording in draft.wordings().values():
        for key, text in wording.sentences.items():
            culprits = segments(text).culprits
            if culprits:
                shown = " ".join(culprits)
                yield source.fault(
                    ("sentences", key),
                    "cost/characters",
                    f"In the sentence '{key}', {shown} makes every segment hold 70 characters "
                    "instead of 160.",
                    "Write it without: a straight quote, a plain hyphen, a vowel without its accent.",
                    severity="warning",
                    span=source.span(("sentences", key), culprits[0]),
                )


RULES: tuple[Callable[[Draft], Iterator[Fault]], ...] = (one_segment, plain_characters)


def _reminders(draft: Draft) -> set[str]:
    """The sentences that patients get without having texted first."""
    found = set()
    for _, flow in draft.of(Flow):
        for start in flow.starts:
            if isinstance(start.when, BeforeVisit):
                steps = (flow.steps.get(name or "") for name in (start.at, start.if_confirmed))
                found |= {key for step in steps if step for key in (step.say, step.ask) if key}
    return found


def _longest(text: str, language: str) -> str:
    day, clock = _longest_moment(language)
    moments = numbered((f"{day} {clock}",) * 3)
    values = {"clinic": _LONG_CLINIC, "clinic_phone": _PHONE, "first_name": _LONG_NAME, **_PAGE}
    try:
        return template(text).render(
            {**values, "day": day, "time": clock, "times": moments, "visits": moments}
        )
    except TemplateError:
        return ""  # a fault of `words`


@lru_cache
def _longest_moment(language: str) -> tuple[str, str]:
    noon = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
    try:
        days = [day_text(noon + timedelta(days=number), "UTC", language) for number in range(366)]
        return max(days, key=len), time_text(noon, "UTC", language)
    except UnknownLocaleError:  # a fault of `words`
        return _longest_moment("en")
