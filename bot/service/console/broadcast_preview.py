"""Preview of a broadcast: what three of its patients would get, what all of it costs, and when it would be done.

The very function that decides in earnest decides here, on the record as it is, and nothing of it is kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.core.book import Book
from bot.core.decide import decide
from bot.core.effects import OpenTask, SendPage, SendText
from bot.core.events import Event, Triggered
from bot.core.facts import Facts
from bot.core.limits import next_opening, within
from bot.core.segments import segments
from bot.core.state import State
from bot.core.triggers import Happens
from bot.errors import NotFound
from bot.runtime import Runtime
from bot.service.console.broadcast import CONTENT, Content
from bot.service.desk import Desk
from bot.store import audit, broadcasts, households, people
from bot.store.base import Db
from bot.store.broadcasts import Broadcast

SAMPLES = 3
SEGMENTS_PER_SECOND = 1.0
"""What carriers take from one long code (10DLC numbers on the T-Mobile and AT&T networks may have more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one patient would get: the texts, each with its segments; and the task for staff, where one opens."""

    name: str
    language: str
    texts: tuple[tuple[str, int], ...]
    task: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`segments` in all, as the samples have them on average; `seconds` of sending; `done` if it began now."""

    samples: tuple[Sample, ...]
    segments: int
    seconds: int
    done: datetime | None


def preview(rt: Runtime, desk: Desk, broadcast: UUID, chosen: int) -> Preview:
    """Of a broadcast that is for so many patients. Raises NotFound."""
    now = rt.now()
    with rt.begin() as db:
        found = broadcasts.get(db, desk.clinic, broadcast)
        if found is None:
            raise NotFound
        book, content = rt.book(db, rt.current_edition(db)), CONTENT.validate_json(found.content)
        patients = broadcasts.next_ones(db, broadcast, SAMPLES)
        samples = tuple(_sample(rt, db, book, found, content, patient) for patient in patients)
        entry = desk.entry("broadcast.previewed", f"broadcast:{broadcast}", patients=tuple(patients))
        audit.write(db, [entry], now)
        zone = rt.clinic(db, desk.clinic).zone
    counts = [sum(count for _, count in sample.texts) for sample in samples]
    total = round(chosen * sum(counts) / len(counts)) if counts else 0
    return Preview(
        samples=samples,
        segments=total,
        seconds=round(total / SEGMENTS_PER_SECOND),
        done=_done(book, found, chosen, now, zone),
    )


def _sample(rt: Runtime, db: Db, book: Book, found: Broadcast, content: Content, patient: UUID) -> Sample:
    card = people.card(db, found.clinic, patient)
    around, visits = households.around(
        db, found.clinic, db.keys(found.clinic).blind("phone", card.phone), rt.now()
    )
    facts = Facts(clinic=rt.clinic(db, found.clinic).facts, people=around, visits=visits)
    what = Triggered(
        trigger=str(Happens.BROADCAST), flow=found.flow, person_id=patient, values=dict(content.values)
    )
    decided = decide(book, State(), Event(seq=1, what=what, facts=facts), rt.now())
    texts = [
        effect.text if isinstance(effect, SendPage) else effect
        for effect in decided.effects
        if isinstance(effect, SendPage | SendText)
    ]
    task = next((effect.task for effect in decided.effects if isinstance(effect, OpenTask)), None)
    return Sample(
        name=card.first_name,
        language=card.language,
        texts=tuple((text.body, segments(text.body).count) for text in texts),
        task=task,
    )


def _done(book: Book, found: Broadcast, chosen: int, now: datetime, zone: str) -> datetime | None:
    """When the last one has begun, at its pace and within the hours for texts; None where nobody is chosen."""
    if not chosen:
        return None
    hours = book.policy.send_hours
    a_day = -(-chosen // found.days)
    at, left = now, chosen
    while True:
        if not within(hours, at, zone):
            at = next_opening(hours, at, zone)
        local = at.astimezone(ZoneInfo(zone))
        until = datetime.combine(local.date(), hours.until, ZoneInfo(zone))
        fit = min(a_day, int((until - local).total_seconds() // 60) * found.per_minute + found.per_minute)
        if left <= fit:
            return at + timedelta(minutes=(left - 1) // found.per_minute)
        left, at = left - fit, until
