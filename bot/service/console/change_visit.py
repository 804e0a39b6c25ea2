"""Change a visit by hand, as the office's own system would: its status, a new version, and word to its conversation.

What is meant is the visit as it was seen on the page: where somebody has changed it meanwhile, nothing is done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.core import triggers
from bot.core.events import VisitChanged
from bot.core.facts import STANDING, Visit, VisitStatus, change_of
from bot.core.roles import May
from bot.errors import ChangedMeanwhile, NotFound, TimeTaken
from bot.gateways.doorbell import INBOUND
from bot.gateways.live import DAY
from bot.runtime import Runtime
from bot.service.desk import Desk
from bot.store import audit, conversations, holds, inbox, people, visit_acts
from bot.store.base import Db
from bot.store.inbox import Mail
from bot.store.visit_acts import VisitAct

UNDO_WITHIN = timedelta(hours=1)
UNDONE = "undone"


class When(StrEnum):
    """When an act fits a visit."""

    AHEAD = "it has not begun"
    TODAY = "it is today's"
    FROM_TODAY = "it is today's or later"
    BEGUN = "it has begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that is done with a visit: what it is called, what the status becomes, and when it can be done."""

    label: str
    to: VisitStatus
    of: tuple[VisitStatus, ...]
    when: When


_HERE = (VisitStatus.ARRIVED, VisitStatus.CHECKED_IN)
_OPEN = (*STANDING, VisitStatus.PENDING, VisitStatus.PROPOSED)
ACTS: Mapping[str, Act] = {
    "arrived": Act(label="Here", to=VisitStatus.ARRIVED, of=STANDING, when=When.TODAY),
    "fulfilled": Act(label="Done", to=VisitStatus.FULFILLED, of=_HERE, when=When.TODAY),
    "confirmed": Act(label="Confirm", to=VisitStatus.CONFIRMED, of=_OPEN[:1] + _OPEN[2:], when=When.AHEAD),
    "no_show": Act(label="No-show", to=VisitStatus.NOSHOW, of=STANDING, when=When.BEGUN),
    "held": Act(label="Was here", to=VisitStatus.FULFILLED, of=(*STANDING, *_HERE), when=When.BEGUN),
    "cancelled": Act(label="Cancel", to=VisitStatus.CANCELLED, of=_OPEN, when=When.FROM_TODAY),
}
"""By name, in the order in which they are offered: the first that fits is the one that is likely meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The visit as the page showed it."""

    version: int
    status: str


def fitting(visit: Visit, zone: str, now: datetime) -> list[str]:
    """What can be done with the visit now. One that ran its course while the patient was here is just 'done'."""
    day, today = (moment.astimezone(ZoneInfo(zone)).date() for moment in (visit.start, now))
    fits = {
        When.AHEAD: visit.start > now,
        When.TODAY: day == today,
        When.FROM_TODAY: day >= today,
        When.BEGUN: visit.start <= now,
    }
    names = [name for name, act in ACTS.items() if visit.status in act.of and fits[act.when]]
    return [name for name in names if name != "held" or "fulfilled" not in names]


def change(rt: Runtime, desk: Desk, visit_id: UUID, name: str, seen: Seen, *, detail: str = "") -> None:
    """Do this with a visit. Raises NotAllowed, NotFound, ChangedMeanwhile."""
    desk.require(May.VISITS)
    with rt.begin() as db:
        now, zone = rt.now(), rt.clinic(db, desk.clinic).zone
        visit = _locked(db, desk, visit_id)
        as_seen = visit.version == seen.version and visit.status == seen.status
        if not as_seen or name not in fitting(visit, zone, now):
            raise ChangedMeanwhile
        to = ACTS[name].to
        _set(db, desk, visit, to, name, change_of(visit, replace(visit, status=to)), now)
        entry = desk.entry(
            f"visit.{to}", f"visit:{visit.id}", patients=(visit.patient_id,), detail=detail or name
        )
        audit.write(db, [entry], now)
    _ring(rt, desk)


def undo(rt: Runtime, desk: Desk, act_id: UUID) -> None:
    """Take back what was done, while nobody has done anything after it. Raises NotAllowed, NotFound,
    ChangedMeanwhile, TimeTaken.

    The patient hears of it only where a cancellation is taken back: they may have been told of that.
    """
    desk.require(May.VISITS)
    with rt.begin() as db:
        now, act = rt.now(), visit_acts.get(db, desk.clinic, act_id)
        if act is None:
            raise NotFound
        visit = _locked(db, desk, act.visit)
        if not can_undo(act, visit, now) or not visit_acts.undone(db, act.id, now):
            raise ChangedMeanwhile
        if act.before:
            _set_back(db, desk, visit, act.before, now)
        entry = desk.entry("visit.undone", f"visit:{visit.id}", patients=(visit.patient_id,), detail=act.act)
        audit.write(db, [entry], now)
    _ring(rt, desk)


def can_undo(act: VisitAct, visit: Visit, now: datetime) -> bool:
    """Whether nothing came after the act, and it was so lately that taking it back is a correction.

    A call has changed nothing: it can be taken back whatever the visit is now.
    """
    last = act.after is None or (act.version + 1 == visit.version and act.after is visit.status)
    return last and act.undone is None and act.act != UNDONE and now - act.at < UNDO_WITHIN


def _locked(db: Db, desk: Desk, visit_id: UUID) -> Visit:
    """The visit, whose conversation no worker takes up until this transaction ends: see `store/holds`."""
    found = visit_acts.visit(db, desk.clinic, visit_id)
    if found is None:
        raise NotFound
    holds.conversations_of(db, desk.clinic, [found.patient_id])
    again = visit_acts.visit(db, desk.clinic, visit_id)
    assert again
    return again


def _set_back(db: Db, desk: Desk, visit: Visit, before: VisitStatus, now: datetime) -> None:
    cancelled = visit.status is VisitStatus.CANCELLED
    if cancelled and visit_acts.time_is_taken(db, desk.clinic, visit.id, now):
        raise TimeTaken
    news = change_of(visit, replace(visit, status=before)) if cancelled else None
    _set(db, desk, visit, before, UNDONE, news, now)


def _set(
    db: Db,
    desk: Desk,
    visit: Visit,
    to: VisitStatus,
    name: str,
    news: triggers.Change | None,
    now: datetime,
) -> None:
    if not visit_acts.set_status(db, desk.clinic, visit, to, now):
        raise ChangedMeanwhile
    visit_acts.add(db, clinic=desk.clinic, member=desk.member, act=name, visit=visit, now=now, after=to)
    phone = people.phones(db, desk.clinic, [visit.patient_id])[visit.patient_id]
    version = visit.version + 1
    mail = Mail(
        clinic=desk.clinic,
        conversation=conversations.with_phone(db, desk.clinic, phone, now),
        dedupe=f"visit:{visit.id}:{version}",
        what=VisitChanged(visit_id=visit.id, version=version, change=news),
    )
    inbox.put(db, [mail], now)


def _ring(rt: Runtime, desk: Desk) -> None:
    rt.doorbell.ring(INBOUND)
    rt.live.tell(desk.clinic, DAY)
