"""Budget: how many texts may leave that nobody asked for, and what has left on each of the last days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.clocks import at_clock
from bot.core.effects import Purpose
from bot.core.roles import May
from bot.runtime import Runtime
from bot.service import clinic
from bot.service.desk import Desk
from bot.store import overview
from bot.store.overview import Sent

DAYS = 14
KINDS: tuple[tuple[str, tuple[Purpose, ...]], ...] = (
    ("Answers", (Purpose.REPLY,)),
    ("Reminders and other texts that nobody asked for", (Purpose.REMINDER,)),
    ("Broadcasts", (Purpose.BULK,)),
    ("Emergencies and alerts to staff", (Purpose.SAFETY, Purpose.PAGE)),
)
"""What texts are for, in the order in which they stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What left on a day of the clinic's: texts by the kinds above, and segments, which carriers bill."""

    day: date
    texts: tuple[int, ...]
    segments: int

    @property
    def total(self) -> int:
        """All texts."""
        return sum(self.texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """`per_day` and `per_week`: so many texts a patient may get that nobody asked for, by the policy.

    `exact`: of every text it is known how many segments it had.
    """

    policy: str
    per_day: int
    per_week: int
    days: tuple[Day, ...]
    exact: bool
    kinds: tuple[str, ...] = tuple(label for label, _ in KINDS)

    @property
    def texts(self) -> tuple[int, ...]:
        """All days together, by kind."""
        return tuple(sum(day.texts[number] for day in self.days) for number in range(len(self.kinds)))

    @property
    def segments(self) -> int:
        """All days together."""
        return sum(day.segments for day in self.days)


def budget(rt: Runtime, desk: Desk) -> Budget:
    """The last two weeks. Raises NotAllowed."""
    desk.require(May.CLINIC)
    zone = clinic.the_one(rt, desk.clinic).zone
    first = rt.now().astimezone(ZoneInfo(zone)).date() - timedelta(days=DAYS - 1)
    since = at_clock(datetime.combine(first, time()), zone, rt.now())
    with rt.begin() as db:
        policy = rt.book(db, rt.current_edition(db)).policy
        left = overview.sent(db, desk.clinic, zone, since)
    return Budget(
        policy=policy.name,
        per_day=policy.unasked_per_day,
        per_week=policy.unasked_per_week,
        days=tuple(_day(first + timedelta(days=number), left) for number in range(DAYS)),
        exact=all(each.counted == each.texts for each in left),
    )


def _day(day: date, left: Sequence[Sent]) -> Day:
    here = [each for each in left if each.day == day]
    return Day(
        day=day,
        texts=tuple(sum(each.texts for each in here if each.purpose in kind) for _, kind in KINDS),
        segments=sum(each.segments + each.texts - each.counted for each in here),
    )
