"""The clock's part in broadcasts: whom one is for is worked out, and what was approved begins, in portions.

One portion is one transaction under the broadcast's lock, so that several clocks share the work and a crash repeats
nothing: for each patient a flow begins under a key of its own, once.
"""

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bot import log
from bot.core.audience import fits, left_out
from bot.core.limits import within
from bot.core.triggers import Happens
from bot.errors import BadFlow, NotFound
from bot.failpoint import failpoint
from bot.gateways.live import INBOX
from bot.runtime import Runtime
from bot.service.begin import MOST_WAITING, Cause, Wanted, start
from bot.service.console.broadcast import CONTENT, Content
from bot.store import audience, broadcasts, inbox
from bot.store.audience import Known
from bot.store.base import Db
from bot.store.broadcasts import Broadcast, Status
from bot.store.clinics import Clinic

PORTION = 250
"""Patients who are looked at in one transaction."""
PORTIONS = 40
"""Of one round: what a round takes is bounded, whatever a clinic's size."""
SINCE = timedelta(days=5 * 366)
"""Visits from before are not looked at."""
_FIRST = UUID(int=0)
_MINUTE = timedelta(minutes=1)
NO_LONGER = "no_longer_fits"
_logger = log.get(__name__)


def count(rt: Runtime) -> int:
    """Work out whom new broadcasts are for; returns how many portions were looked at."""
    for done in range(PORTIONS):
        with rt.begin() as db:
            found = broadcasts.take(db, Status.COUNTING)
            if found is None:
                return done
            _count(rt, db, found)
            failpoint("broadcast-before-counted")
    return PORTIONS


def _count(rt: Runtime, db: Db, found: Broadcast) -> None:
    now, content = rt.now(), CONTENT.validate_json(found.content)
    ids = audience.after(db, found.clinic, found.cursor or _FIRST, PORTION)
    purpose = _purpose(rt, db, found)
    chosen = {
        one.candidate.person.id: left_out(one.candidate, purpose)
        for one in _known(db, found, content, ids, now)
        if fits(content.wanted, one.candidate, now)
    }
    broadcasts.choose(db, found.id, chosen)
    values: dict[str, object] = {
        "cursor": ids[-1] if ids else found.cursor,
        "looked": found.looked + len(ids),
    }
    if len(ids) < PORTION:
        values["status"] = Status.COUNTED
    broadcasts.note(db, found.id, now, **values)


def send(rt: Runtime) -> int:
    """Begin what was approved, at its pace; returns for how many patients."""
    with rt.begin() as db:
        found = broadcasts.take(db, Status.SENDING)
        if found is None:
            return 0
        begun = _send(rt, db, found)
        failpoint("broadcast-before-begun")
    if begun:
        rt.live.tell(found.clinic, INBOX)
    return begun


def _send(rt: Runtime, db: Db, found: Broadcast) -> int:
    now = rt.now()
    room = _room(rt, db, found, now)
    ids = broadcasts.next_ones(db, found.id, max(room, 1))
    over = {} if ids else {"status": Status.DONE, "ended_at": now}
    broadcasts.note(db, found.id, now, **over)
    if not ids or not room:
        return 0
    content, purpose = CONTENT.validate_json(found.content), _purpose(rt, db, found)
    going: list[Known] = []
    for one in _known(db, found, content, ids, now):
        reason = left_out(one.candidate, purpose)
        reason = reason or (None if fits(content.wanted, one.candidate, now) else NO_LONGER)
        if reason:
            broadcasts.leave_out(db, found.id, one.candidate.person.id, reason)
        else:
            going.append(one)
    if not _begin(rt, rt.clinic(db, found.clinic), found, content, going):
        broadcasts.note(db, found.id, now, status=Status.STOPPED, ended_at=now)
        return 0
    broadcasts.begun(db, found.id, [one.candidate.person.id for one in going], now)
    return len(going)


def _begin(rt: Runtime, clinic: Clinic, found: Broadcast, content: Content, going: list[Known]) -> bool:
    """In a transaction of its own: should the caller's fail, the key keeps it from beginning again.

    False where nothing of it can begin any more: the present edition has no such flow.
    """
    cause = Cause(
        trigger=str(Happens.BROADCAST),
        key=f"broadcast:{found.id}",
        flow=found.flow,
        values=content.values,
        by=str(found.approved_by),
        origin="clock",
    )
    try:
        start(rt, clinic, [Wanted(patient=one.external_id) for one in going], cause)
    except (NotFound, BadFlow) as error:
        _logger.error("broadcast_failed", **log.error_fields(error))
        return False
    return True


def _room(rt: Runtime, db: Db, found: Broadcast, now: datetime) -> int:
    """How many may begin now: none outside of the hours for texts or while mailboxes are full."""
    clinic = rt.clinic(db, found.clinic)
    policy = rt.book(db, rt.current_edition(db)).policy
    if not within(policy.send_hours, now, clinic.zone) or inbox.waiting(db) > MOST_WAITING:
        return 0
    room = found.per_minute - broadcasts.begun_since(db, found.id, now - _MINUTE)
    if found.days > 1:
        room = min(room, _a_day(db, found) - broadcasts.begun_since(db, found.id, _today(now, clinic.zone)))
    return max(0, min(room, PORTION))


def _a_day(db: Db, found: Broadcast) -> int:
    """So many a day where it is spread over several."""
    return -(-broadcasts.tallies(db, [found.id])[found.id].chosen // found.days)


def _today(now: datetime, zone: str) -> datetime:
    return datetime.combine(now.astimezone(ZoneInfo(zone)).date(), time(), ZoneInfo(zone))


def _known(db: Db, found: Broadcast, content: Content, ids: list[UUID], now: datetime) -> list[Known]:
    named = bool(content.wanted.provider or content.wanted.location)
    return audience.known(db, found.clinic, ids, since=now - SINCE, named=named) if ids else []


def _purpose(rt: Runtime, db: Db, found: Broadcast) -> str:
    flow = rt.book(db, rt.current_edition(db)).flows.get(found.flow)
    return flow.purpose if flow else "bulk"
