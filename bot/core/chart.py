"""What a chart holds for a patient to read: results, summaries of visits, medicines. All of it is PHI.

`standing` is what is said of a value beside its normal range: a comparison with the range that the laboratory gave,
and no opinion of ours.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import TypeAdapter

Standing = Literal["", "low", "high", "normal"]
Change = Literal["new", "changed", "stopped", "same"]
Verdict = Literal["normal", "abnormal"]

RECENT = timedelta(days=7)
"""What was released longer ago is history that comes in: nobody is told of it."""
HISTORY = timedelta(days=30)
"""A result that comes in as released, nobody says when, and is older than this was released in its time."""

_MEASURED = re.compile(r"(?P<mark>[<>≤≥]|<=|>=)? ?(?P<number>[+-]?[0-9]{1,12}(\.[0-9]{1,9})?)")


class Kind(StrEnum):
    """The kinds of content."""

    RESULT = "result"
    SUMMARY = "summary"
    MEDICINE = "medicine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One value that was measured. `panel` is the title under which several are shown together.

    `value` is as the laboratory writes it: '5.6', '<0.5', 'positive'. `number` is its number, where it has one.
    `low` and `high` bound what is normal, themselves included. `abnormal` is the laboratory's own mark.
    """

    name: str
    value: str
    number: float | None = None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    taken: datetime | date
    provider: str = ""
    note: str = ""
    panel: str
    abnormal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicineChange:
    """What a visit changed about a medicine; `how` is such as '10 mg once a day'."""

    change: Change
    name: str
    how: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The summary of a visit."""

    provider: str
    diagnoses: tuple[str, ...] = ()
    medicines: tuple[MedicineChange, ...] = ()
    plan: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Medicine:
    """A medicine that the patient takes. `covered`: the clinic's standing order covers its refill."""

    name: str
    how: str
    covered: bool = False


Content = Result | Summary | Medicine

RESULT: TypeAdapter[Result] = TypeAdapter(Result)
SUMMARY: TypeAdapter[Summary] = TypeAdapter(Summary)
MEDICINE: TypeAdapter[Medicine] = TypeAdapter(Medicine)


def kind_of(content: Content) -> Kind:
    """The kind of this content."""
    if isinstance(content, Result):
        return Kind.RESULT
    return Kind.SUMMARY if isinstance(content, Summary) else Kind.MEDICINE


def to_json(content: Content) -> bytes:
    """The content as JSON."""
    if isinstance(content, Result):
        return RESULT.dump_json(content)
    return SUMMARY.dump_json(content) if isinstance(content, Summary) else MEDICINE.dump_json(content)


def number_of(value: str) -> float | None:
    """The number in a measured value, also in one such as '<0.5'; None for words, ranges and times."""
    found = _MEASURED.fullmatch(value)
    return float(found["number"]) if found else None


def standing(result: Result) -> Standing:
    """Where the value lies: '' if that can't be told, as with words, without a range, or for '<5' and 2 to 8."""
    measured = _MEASURED.fullmatch(result.value)
    number, low, high = result.number, result.low, result.high
    if number is None or (low is None and high is None):
        return ""
    mark = (measured["mark"] or "") if measured else ""
    least, most = _between(number, mark)
    if low is not None and (most < low or (mark == "<" and most == low)):
        return "low"
    if high is not None and (least > high or (mark == ">" and least == high)):
        return "high"
    fits = (low is None or least >= low) and (high is None or most <= high)
    return "normal" if fits else ""


def _between(number: float, mark: str) -> tuple[float, float]:
    """Between which bounds a value lies that is written as a number with a mark."""
    if mark in ("<", "<=", "≤"):
        return float("-inf"), number
    if mark in (">", ">=", "≥"):
        return number, float("inf")
    return number, number


def verdict(results: Iterable[Result]) -> Verdict:
    """'abnormal' if any of them is low or high, or is marked so by the laboratory."""
    strange = any(result.abnormal or standing(result) in ("low", "high") for result in results)
    return "abnormal" if strange else "normal"


def released_at(
    *, said: datetime | bool, before: datetime | None, at: datetime, fresh: bool, now: datetime
) -> datetime | None:
    """Since when the patient may see it; None if they may not.

    said    what the clinic says: the moment, or that it is released (True) or not (False)
    before  since when it was released here
    at      when it was measured
    fresh   it comes in for the first time
    """
    if isinstance(said, datetime):
        return said
    if not said:
        return None
    if before is not None:
        return before
    return at if fresh and now - at > HISTORY else now


def is_news(
    released: datetime | None, *, before: datetime | None, at: datetime, corrected: bool, now: datetime
) -> bool:
    """Whether the patient is told of a result: it was just released, or one that was is `corrected`.

    What was released or measured long ago is not news, whatever is exported anew.
    """
    if released is None:
        return False
    return now - released <= RECENT if before is None else corrected and now - at <= HISTORY
