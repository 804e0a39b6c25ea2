"""Forecast: how many texts the flows will send in the next days without anybody doing anything.

Counted are timers: every booked visit has its reminders planned, and every open question has what reminds of it.
So it says what is planned, not what will be. Fewer leave where a patient has opted out, a condition does not hold, an
answer comes first or a budget is full; more, where visits are booked meanwhile, patients write, or staff send.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.book import Book
from bot.core.roles import May
from bot.runtime import Runtime
from bot.service.desk import Desk
from bot.store import editions, timers

DAYS = 7
MOST = 20_000
"""So many timers are counted, the soonest; with more, numbers are 'at least'."""
_LATELY = 5  # publications
_REMINDER, _NUDGE = "reminder", "nudge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A flow's texts, day by day. `flow` is None for what reminds of questions that are open."""

    flow: str | None
    title: str
    days: tuple[int, ...]

    @property
    def total(self) -> int:
        """On all days."""
        return sum(self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """`days` are the clinic's, today first; `capped`: there are more than were counted.

    `replanning`: an edition was published just now, and what it means for reminders is still being worked out.
    """

    days: tuple[date, ...]
    lines: tuple[Line, ...]
    capped: bool
    replanning: bool

    @property
    def total(self) -> int:
        """Of all flows, on all days."""
        return sum(line.total for line in self.lines)

    @property
    def by_day(self) -> tuple[int, ...]:
        """Of all flows, day by day."""
        return tuple(sum(column) for column in zip(*(line.days for line in self.lines), strict=True)) or (
            (0,) * len(self.days)
        )


def forecast(rt: Runtime, desk: Desk) -> Forecast:
    """What this clinic's flows will send until the end of the sixth day from now."""
    desk.require(May.FLOWS)
    now = rt.now()
    with rt.begin() as db:
        zone = rt.clinic(db, desk.clinic).zone
        book = rt.book(db, rt.current_edition(db))
        days = _days(now, zone)
        found = timers.coming(db, desk.clinic, zone, now, _end(days[-1], zone), MOST + 1)
        replanning = any(each.phase for each in editions.published(db, _LATELY))
    counts: dict[str | None, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for each in found:
        if each.kind in (_REMINDER, _NUDGE):
            counts[each.flow if each.kind == _REMINDER else None][each.day] += each.many
    lines = (
        Line(flow=name, title=_titled(name, book), days=tuple(by_day[day] for day in days))
        for name, by_day in counts.items()
    )
    return Forecast(
        days=days,
        lines=tuple(sorted(lines, key=lambda line: (line.flow is None, -line.total, line.title))),
        capped=sum(each.many for each in found) > MOST,
        replanning=replanning,
    )


def _titled(name: str | None, book: Book) -> str:
    if name is None:
        return "Reminders of questions that nobody has answered"
    return book.flows[name].title if name in book.flows else f"{name}: not in this edition, sends nothing"


def _days(now: datetime, zone: str) -> tuple[date, ...]:
    today = now.astimezone(ZoneInfo(zone)).date()
    return tuple(today + timedelta(days=number) for number in range(DAYS))


def _end(last: date, zone: str) -> datetime:
    return datetime.combine(last + timedelta(days=1), time(), ZoneInfo(zone)) - timedelta(microseconds=1)
