"""Call round: whom to phone about the visits of the next working days, those first whom a call helps most.

What came of a call is kept at the visit: confirmed or cancelled by phone, nobody reached, or dealt with otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.core.facts import VisitStatus
from bot.core.moments import Calendar
from bot.core.risk import call_weight
from bot.core.roles import May, Sees
from bot.core.visit_state import WANTS_CHANGE
from bot.errors import NotFound
from bot.gateways.live import DAY
from bot.runtime import Runtime
from bot.service.console import change_visit, mask, visit_signs
from bot.service.console.change_visit import Seen
from bot.service.console.day import what
from bot.service.console.visit_signs import UNREACHED, Signed
from bot.service.desk import Desk
from bot.store import audit, visit_acts

WORKING_DAYS = 2
"""So many working days after today are called about."""
AT_ONCE, LATELY = 40, 5
REST = timedelta(hours=1)
"""Who was not reached is not at the top again at once."""
DONE = "dealt_with"
_BY_PHONE = ("confirmed", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Somebody to phone. `dial` is the bare number, empty where the role doesn't see it.

    `tries`: when nobody answered.
    """

    visit: UUID
    patient: UUID
    name: str
    phone: str
    dial: str
    start: datetime
    what: str
    provider: str
    reasons: tuple[str, ...]
    high: bool
    tries: tuple[datetime, ...]
    wants_change: bool
    version: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Whom to call, the first first; `more` are left out of the list. `until` is the last day that was looked at.

    `lately`: what was just done and can be taken back: the act, whose visit, and its name.
    """

    calls: tuple[Call, ...]
    more: int
    until: date
    lately: tuple[tuple[UUID, str, str], ...]


def calls(rt: Runtime, desk: Desk, *, audited: bool) -> Round:
    """The unconfirmed visits from now to the end of the next working days. Raises NotAllowed."""
    desk.require(May.DAY)
    with rt.begin() as db:
        now, clinic = rt.now(), rt.clinic(db, desk.clinic)
        calendar = rt.book(db, rt.current_edition(db)).calendar()
        days = _days(now.astimezone(ZoneInfo(clinic.zone)).date(), calendar)
        until = visit_signs.bounds(max(days), clinic.zone, now)[1]
        found = visit_signs.look(db, clinic, now, until, now, phones=desk.sees(Sees.CONTACT))
        wanted = sorted((one for one in found if _open(one)), key=lambda one: _order(one, days, now))
        shown = wanted[:AT_ONCE]
        if audited and shown:
            patients = tuple(dict.fromkeys(one.planned.visit.patient_id for one in shown))
            audit.write(db, [desk.entry("calls.viewed", f"day:{max(days)}", patients=patients)], now)
    return Round(
        calls=tuple(_call(desk, one) for one in shown),
        more=len(wanted) - len(shown),
        until=max(days),
        lately=_lately(found, now) if desk.may(May.VISITS) else (),
    )


def by_phone(rt: Runtime, desk: Desk, visit: UUID, act: str, seen: Seen) -> None:
    """What came of a call. Raises NotAllowed, NotFound, ChangedMeanwhile."""
    if act in _BY_PHONE:
        change_visit.change(rt, desk, visit, act, seen, detail="by phone")
        return
    if act not in (UNREACHED, DONE):
        raise NotFound
    desk.require(May.VISITS)
    with rt.begin() as db:
        now, found = rt.now(), visit_acts.visit(db, desk.clinic, visit)
        if found is None:
            raise NotFound
        visit_acts.add(db, clinic=desk.clinic, member=desk.member, act=act, visit=found, now=now)
        entry = desk.entry(f"call.{act}", f"visit:{visit}", patients=(found.patient_id,))
        audit.write(db, [entry], now)
    rt.live.tell(desk.clinic, DAY)


def _days(today: date, calendar: Calendar | None) -> dict[date, int]:
    """The days to look at, each with how many working days it is from today."""
    days, count, day = {today: 0}, 0, today
    for _ in range(31):
        if count == WORKING_DAYS:
            break
        day += timedelta(days=1)
        at = datetime.combine(day, datetime.min.time())
        count += calendar is None or calendar.is_business_day(at)
        days[day] = count
    return days


def _open(one: Signed) -> bool:
    """Not confirmed, and nobody has dealt with it since it has its present time."""
    done = any(act.act == DONE for act in one.acts)
    return one.planned.visit.status is VisitStatus.BOOKED and not done


def _lately(found: Sequence[Signed], now: datetime) -> tuple[tuple[UUID, str, str], ...]:
    """The latest first."""
    acts = [
        (act, one.planned.name)
        for one in found
        for act in one.acts
        if change_visit.can_undo(act, one.planned.visit, now)
    ]
    acts.sort(key=lambda pair: pair[0].at, reverse=True)
    return tuple((act.id, name, act.act) for act, name in acts[:LATELY])


def _order(one: Signed, days: dict[date, int], now: datetime) -> tuple[bool, int, datetime, UUID]:
    visit = one.planned.visit
    rests = any(act.act == UNREACHED and now - act.at < REST for act in one.acts)
    return rests, -call_weight(one.risk, days[one.local.date()]), visit.start, visit.id


def _call(desk: Desk, one: Signed) -> Call:
    visit = one.planned.visit
    return Call(
        visit=visit.id,
        patient=visit.patient_id,
        name=one.planned.name,
        phone=mask.phone(desk, one.planned.phone),
        dial=one.planned.phone if desk.sees(Sees.CONTACT) else "",
        start=visit.start,
        what=what(desk, visit.kind, visit.location),
        provider=mask.shown(desk, Sees.VISITS, visit.provider),
        reasons=tuple(reason.words for reason in one.risk.reasons),
        high=one.risk.high,
        tries=tuple(act.at for act in one.acts if act.act == UNREACHED),
        wants_change=any(task.task in WANTS_CHANGE for task in one.tasks),
        version=visit.version,
        status=visit.status,
    )
