"""Earlier: who waits for an earlier time, which times are free in the days ahead, and who has the offer of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from bot.core.limits import within
from bot.core.roles import May, Sees
from bot.errors import NotFound
from bot.gateways.doorbell import INBOUND
from bot.gateways.live import DAY
from bot.runtime import Runtime
from bot.service import offer
from bot.service.console import mask
from bot.service.console.day import what
from bot.service.desk import Desk
from bot.store import audit, times, waitlist
from bot.store.base import Db
from bot.store.slots import Service
from bot.store.times import Open, Waits
from bot.store.waitlist import Free

AHEAD = timedelta(days=7)
AT_ONCE = 100


class Offered(StrEnum):
    """What came of offering a time by hand."""

    YES = "offered"
    TAKEN = "offer_taken"
    TOO_SOON = "offer_too_soon"
    NIGHT = "offer_night"
    NOBODY = "offer_nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiter:
    """Somebody who would take an earlier time; `held`: one is offered to them now."""

    visit: UUID
    patient: UUID
    name: str
    start: datetime
    provider: str
    what: str
    since: datetime
    opted_out: bool
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeTime:
    """A time that nobody has. `held`: the name of who has the offer of it; `first`: who would be offered it now."""

    slot: UUID
    start: datetime
    minutes: int
    provider: str
    what: str
    held: str
    held_patient: UUID | None
    offered: datetime | None
    until: datetime | None
    first: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """Both lists; those times first that are offered, or that somebody would be offered."""

    waiters: tuple[Waiter, ...]
    offered: tuple[FreeTime, ...]
    wanted: tuple[FreeTime, ...]
    others: tuple[FreeTime, ...]


def earlier(rt: Runtime, desk: Desk, *, audited: bool) -> Earlier:
    """The waitlist and the open times of the next days. Raises NotAllowed."""
    desk.require(May.DAY)
    with rt.begin() as db:
        now = rt.now()
        waits = times.who_waits(db, desk.clinic, now, AT_ONCE)
        free = times.open_until(db, desk.clinic, now, now + AHEAD, AT_ONCE)
        first = _first(db, free, waits, now)
        seen = [each.patient for each in waits] + [each.held for each in free if each.held]
        if audited and seen:
            entry = desk.entry(
                "waitlist.viewed", f"clinic:{desk.clinic}", patients=tuple(dict.fromkeys(seen))
            )
            audit.write(db, [entry], now)
    rows = [_free(desk, each, first.get(each.id, "")) for each in free]
    return Earlier(
        waiters=tuple(_waiter(desk, each) for each in waits),
        offered=tuple(row for row in rows if row.held),
        wanted=tuple(row for row in rows if not row.held and row.first),
        others=tuple(row for row in rows if not row.held and not row.first),
    )


def offer_now(rt: Runtime, desk: Desk, slot: UUID) -> Offered:
    """Offer a time to the first who waits for it, by the same rules as the clock does. Raises NotAllowed, NotFound."""
    desk.require(May.VISITS)
    with rt.begin() as db:
        now = rt.now()
        if not times.is_there(db, desk.clinic, slot):
            raise NotFound
        free = times.lock_free(db, desk.clinic, slot, now)
        made = _offer(rt, db, free, now) if free else Offered.TAKEN
        audit.write(db, [desk.entry("slot.offered", f"slot:{slot}", detail=made)], now)
    rt.doorbell.ring(INBOUND)
    rt.live.tell(desk.clinic, DAY)
    return made


def take_off(rt: Runtime, desk: Desk, visit: UUID) -> None:
    """Take a visit off the waitlist; an offer that is out may still be taken. Raises NotAllowed, NotFound."""
    desk.require(May.VISITS)
    with rt.begin() as db:
        patient = times.patient_who_waits(db, desk.clinic, visit)
        if patient is None:
            raise NotFound
        waitlist.leave(db, visit)
        audit.write(db, [desk.entry("waitlist.left", f"visit:{visit}", patients=(patient,))], rt.now())
    rt.live.tell(desk.clinic, DAY)


def _offer(rt: Runtime, db: Db, free: Free, now: datetime) -> Offered:
    if free.start < now + offer.HELD_FOR:
        return Offered.TOO_SOON
    hours = rt.book(db, rt.current_edition(db)).policy.send_hours
    if not within(hours, now, rt.clinic(db, free.clinic).zone):
        return Offered.NIGHT
    return Offered.YES if offer.offer_these(rt, db, [free], now) else Offered.NOBODY


def _first(db: Db, free: Sequence[Open], waits: Sequence[Waits], now: datetime) -> Mapping[UUID, str]:
    """Who would be offered each time now."""
    names = {each.visit: each.name for each in waits}
    open_now = [each.id for each in free if each.held is None]
    found: dict[UUID, str] = {}
    for waiting in waitlist.waiting_for(db, open_now, now) if waits and open_now else ():
        if not waiting.busy:
            found.setdefault(waiting.slot, names.get(waiting.visit, "Somebody who waits"))
    return found


def _waiter(desk: Desk, waits: Waits) -> Waiter:
    return Waiter(
        visit=waits.visit,
        patient=waits.patient,
        name=waits.name,
        start=waits.start,
        provider=_provider(desk, waits.service),
        what=what(desk, waits.service.kind, waits.service.location),
        since=waits.since,
        opted_out=waits.opted_out,
        held=waits.held,
    )


def _free(desk: Desk, each: Open, first: str) -> FreeTime:
    return FreeTime(
        slot=each.id,
        start=each.start,
        minutes=each.minutes,
        provider=_provider(desk, each.service),
        what=what(desk, each.service.kind, each.service.location),
        held=each.held_name,
        held_patient=each.held,
        offered=each.offered,
        until=each.until,
        first=first,
    )


def _provider(desk: Desk, service: Service) -> str:
    return mask.shown(desk, Sees.VISITS, service.provider)
