"""Risk: which visits may be missed, and whom a call helps most. Points with their reasons in words.

A rule of thumb that everybody can check by hand, no forecast: nobody has measured here how often it is right. What a
patient is, where they live and how they pay have no part in it; a visit that is confirmed has no points.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time

from bot.core.facts import VisitStatus

AT_RISK = 4
"""From so many points on a visit is called at risk."""
EARLY = time(9)
LONG_AGO = 30
"""Days between booking and visit from which on it counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is known of a visit ahead. `at` is its start on the clinic's clock.

    `asked` counts the texts about it that left, `unreached` the calls that nobody took; `booked_days` lie between
    booking and visit, None where nobody knows. `missed`: visits within two years; `new`: never came before.
    """

    status: VisitStatus
    at: time
    asked: int = 0
    missed: int = 0
    new: bool = False
    booked_days: int | None = None
    undelivered: bool = False
    opted_out: bool = False
    unreached: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why, in words, and what it counts."""

    words: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """What the signs add up to, the weightiest reason first."""

    points: int = 0
    reasons: tuple[Reason, ...] = ()

    @property
    def high(self) -> bool:
        """Whether the visit is at risk."""
        return self.points >= AT_RISK


def _missed(signs: Signs) -> Reason | None:
    if not signs.missed:
        return None
    visits = "a visit" if signs.missed == 1 else f"{signs.missed} visits"
    return Reason(words=f"Missed {visits} in the last two years", points=2 if signs.missed == 1 else 3)


def _silent(signs: Signs) -> Reason | None:
    if not signs.asked:
        return None
    if signs.asked == 1:
        return Reason(words="Asked once, no answer yet", points=1)
    times = "twice" if signs.asked == 2 else f"{signs.asked} times"
    return Reason(words=f"Asked {times}, not confirmed", points=3)


def _unheard(signs: Signs) -> Reason | None:
    if signs.opted_out:
        return Reason(words="Takes no texts", points=2)
    return Reason(words="Our last text did not arrive", points=2) if signs.undelivered else None


def _unreached(signs: Signs) -> Reason | None:
    if not signs.unreached:
        return None
    tries = "once" if signs.unreached == 1 else f"{signs.unreached} times"
    return Reason(words=f"Called {tries}, not reached", points=1)


def _new(signs: Signs) -> Reason | None:
    return Reason(words="First visit here", points=1) if signs.new else None


def _long_ago(signs: Signs) -> Reason | None:
    if signs.booked_days is None or signs.booked_days < LONG_AGO:
        return None
    return Reason(words=f"Booked {signs.booked_days} days ahead", points=1)


def _early(signs: Signs) -> Reason | None:
    return Reason(words="Early in the morning", points=1) if signs.at < EARLY else None


RULES: tuple[Callable[[Signs], Reason | None], ...] = (
    _missed,
    _silent,
    _unheard,
    _unreached,
    _new,
    _long_ago,
    _early,
)
"""Each gives a reason or none; a reason's points say how much it weighs."""


def assess(signs: Signs) -> Risk:
    """The points of a visit that is booked and not confirmed; every other has none."""
    if signs.status is not VisitStatus.BOOKED:
        return Risk()
    found = [reason for rule in RULES if (reason := rule(signs))]
    found.sort(key=lambda reason: -reason.points)
    return Risk(points=sum(reason.points for reason in found), reasons=tuple(found))


def call_weight(risk: Risk, working_days: int) -> int:
    """How much a call helps: what may be missed soon goes first. `working_days` from today, 0 is today."""
    return (1 + risk.points) * max(1, 3 - working_days)
