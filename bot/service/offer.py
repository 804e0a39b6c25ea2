"""Offer times that have opened up to those who wait for one: one patient at a time, who waits longest first.

A slot becomes free in many ways (a visit is cancelled or moved, here or by the office; slots are imported; an
offer lapses or is passed on): all of them leave a mark at the slot, and the clock comes here for the marks.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from bot.core.events import Triggered
from bot.core.facts import Slot
from bot.core.limits import next_opening, within
from bot.core.shape import Hours
from bot.core.triggers import Happens
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.store import inbox, waitlist
from bot.store.base import Db
from bot.store.inbox import Mail
from bot.store.waitlist import Free, Waiting

HELD_FOR = timedelta(hours=2)
"""How long a slot is held for the patient it was offered to; one that begins sooner is not offered."""
AT_ONCE = 200
_LOOK_AGAIN = timedelta(minutes=10)
"""All who want the slot have another offer just now."""
_TRIGGER = str(Happens.TIME_OPENS)


def offer(rt: Runtime) -> int:
    """Offer what may be offered now; returns how many offers were made."""
    total = 0
    while True:
        with rt.begin() as db:
            now = rt.now()
            free = waitlist.free(db, now, AT_ONCE)
            made = offer_these(rt, db, free, now) if free else 0
        if made:
            rt.doorbell.ring(INBOUND)
        total += made
        if len(free) < AT_ONCE:
            return total


def tidy(rt: Runtime) -> None:
    """Take visits off the waitlist that are over or off."""
    with rt.begin() as db:
        waitlist.tidy(db, rt.now())


def offer_these(rt: Runtime, db: Db, free: Sequence[Free], now: datetime) -> int:
    """Offer these, which the caller has locked, in the caller's transaction; ring afterwards. Returns how many."""
    if not rt.starts(db, _TRIGGER):
        waitlist.look_again(db, [slot.id for slot in free], None)
        return 0
    hours = rt.book(db, rt.current_edition(db)).policy.send_hours
    open_now = [slot for slot in free if _may_be_told(rt, db, slot, hours, now)]
    wanted = waitlist.waiting_for(db, [slot.id for slot in open_now], now)
    pairs = _pairs(open_now, wanted)
    until = now + HELD_FOR
    waitlist.offered(db, [(slot.id, to.visit, until) for slot, to in pairs], now)
    given = {slot.id for slot, _ in pairs}
    busy = {waiting.slot for waiting in wanted} - given
    waitlist.look_again(db, list(busy), now + _LOOK_AGAIN)
    waitlist.look_again(db, [slot.id for slot in open_now if slot.id not in busy | given], None)
    return inbox.put(db, [_mail(slot, to) for slot, to in pairs], now)


def _may_be_told(rt: Runtime, db: Db, slot: Free, hours: Hours, now: datetime) -> bool:
    """Whether there is time enough and it is day at the clinic; else the slot is looked at later, or never."""
    if slot.start < now + HELD_FOR:
        waitlist.look_again(db, [slot.id], None)
        return False
    zone = rt.clinic(db, slot.clinic).zone
    if not within(hours, now, zone):
        waitlist.look_again(db, [slot.id], next_opening(hours, now, zone))
        return False
    return True


def _pairs(free: Sequence[Free], wanted: Sequence[Waiting]) -> list[tuple[Free, Waiting]]:
    """Each slot with the first who waits for it; nobody gets two offers at a time."""
    slots = {slot.id: slot for slot in free}
    pairs: dict[UUID, Waiting] = {}
    taken: set[UUID] = set()
    for waiting in wanted:
        if waiting.slot in pairs or waiting.busy or waiting.visit in taken:
            continue
        pairs[waiting.slot] = waiting
        taken.add(waiting.visit)
    return [(slots[slot], waiting) for slot, waiting in pairs.items()]


def _mail(slot: Free, to: Waiting) -> Mail:
    opened = Slot(id=slot.id, start=slot.start)
    return Mail(
        clinic=slot.clinic,
        conversation=to.conversation,
        dedupe=f"offer:{slot.id}:{to.visit}",
        what=Triggered(trigger=_TRIGGER, person_id=to.patient, visit_id=to.visit, slots=(opened,)),
    )
