"""Scores: the sums of a patient's questionnaires over time, made from the answers that were kept.

An answer is kept as it comes, the sum is not: what a flow adds up stands in its step that sets `score`. Answers to one
questionnaire belong together while less than a day lies between one and the next; of an item that was answered twice,
the later one counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bot.core import expr
from bot.core.book import Book
from bot.core.flow import Flow
from bot.service.desk import Desk
from bot.store import past_rows
from bot.store.base import Db

SCORE = "score"
MOST_ANSWERS = 600
_TOGETHER = timedelta(days=1)
_Answer = tuple[datetime, Mapping[str, Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """One questionnaire: its title, and each result, oldest first."""

    title: str
    points: tuple[tuple[datetime, float], ...]


def of(db: Db, desk: Desk, book: Book, patient: UUID) -> tuple[Scores, ...]:
    """Of each questionnaire that was answered, by title."""
    summed = {name: items for name, flow in book.flows.items() if (items := _items(flow))}
    by_flow: dict[str, list[_Answer]] = {}
    for at, asked, value in past_rows.answers_of(db, desk.clinic, patient, MOST_ANSWERS):
        if asked["item"] in summed.get(asked["flow"], ()):
            by_flow.setdefault(asked["flow"], []).append((at, asked, value))
    found = [
        Scores(title=book.flows[flow].title.partition(",")[0], points=tuple(_points(given, summed[flow])))
        for flow, given in by_flow.items()
    ]
    return tuple(sorted((one for one in found if one.points), key=lambda one: one.title))


def _items(flow: Flow) -> frozenset[str]:
    """What its score is the sum of."""
    sums = [step.set[SCORE] for step in flow.steps.values() if SCORE in step.set]
    return frozenset(
        named.name for sum_ in sums for named in expr.names(sum_) if named.name in flow.variables
    )


def _points(given: Sequence[_Answer], items: frozenset[str]) -> Iterator[tuple[datetime, float]]:
    """The sum of each time that all was answered, at the moment of its last answer."""
    values: dict[str, float] = {}
    last: datetime | None = None
    for at, asked, value in given:
        if last is not None and at - last > _TOGETHER:
            if values.keys() == items:
                yield last, sum(values.values())
            values = {}
        if isinstance(value, int | float) and not isinstance(value, bool):
            values[asked["item"]], last = value, at
    if last is not None and values.keys() == items:
        yield last, sum(values.values())
