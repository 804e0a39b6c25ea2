"""Visit signs: the visits of a stretch of time with what hangs on each: texts, tasks, acts by hand, its risk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.clocks import at_clock
from bot.core.risk import Risk, Signs, assess
from bot.core.visit_state import State, state_of
from bot.store import days, visit_acts
from bot.store.base import Db
from bot.store.clinics import Clinic
from bot.store.days import Past, Planned, Texts, Waiting
from bot.store.visit_acts import VisitAct

MOST = 1000
"""Visits that are looked at once; a clinic's day has fewer."""
UNREACHED = "unreached"
_NO_TEXTS, _NO_PAST = Texts(left=0, failed=False), Past(missed=0, came=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A visit and its signs. `acts` are those since it has its present time that still count, oldest first."""

    planned: Planned
    local: datetime
    tasks: tuple[Waiting, ...]
    acts: tuple[VisitAct, ...]
    risk: Risk
    state: State


def bounds(on: date, zone: str, now: datetime) -> tuple[datetime, datetime]:
    """When a day begins and ends at the clinic: 23 or 25 hours lie between where its clocks change."""
    first, last = (
        at_clock(datetime.combine(day, time.min), zone, now) for day in (on, on + timedelta(days=1))
    )
    return first, last


def look(
    db: Db, clinic: Clinic, since: datetime, until: datetime, now: datetime, *, phones: bool = False
) -> list[Signed]:
    """The visits that begin within this time, soonest first. Five queries, however many they are."""
    planned = days.between(db, clinic.id, since, until, MOST, phones=phones)
    return list(_signed(db, clinic, planned, now)) if planned else []


def _signed(db: Db, clinic: Clinic, planned: Sequence[Planned], now: datetime) -> Iterator[Signed]:
    ids = [each.visit.id for each in planned]
    texts = days.texts(db, ids)
    tasks = days.open_tasks(db, {each.conversation for each in planned if each.conversation})
    past = days.past(db, {each.visit.patient_id for each in planned}, now)
    acts = visit_acts.of(db, ids)
    zone = ZoneInfo(clinic.zone)
    for each in planned:
        visit, done = each.visit, acts.get(each.visit.id, [])
        versions = visit_acts.same_time(done, visit.version)
        told = [texts.get((visit.id, version), _NO_TEXTS) for version in sorted(versions)]
        kept = tuple(act for act in done if act.version in versions and act.undone is None)
        of_theirs = tasks.get(each.conversation, ()) if each.conversation else ()
        its = tuple(task for task in of_theirs if task.visit in (None, visit.id))
        local = visit.start.astimezone(zone)
        risk = _risk(each, local, told, past.get(visit.patient_id, _NO_PAST), kept)
        yield Signed(
            planned=each,
            local=local,
            tasks=its,
            acts=kept,
            risk=risk,
            state=state_of(
                visit,
                tasks=[task.task for task in its],
                reminded=any(version.left for version in told),
                at_risk=risk.high and visit.start > now,
                now=now,
                today=local.date() == now.astimezone(zone).date(),
            ),
        )


def _risk(
    planned: Planned, local: datetime, told: Sequence[Texts], past: Past, acts: Sequence[VisitAct]
) -> Risk:
    booked = planned.booked
    return assess(
        Signs(
            status=planned.visit.status,
            at=local.time(),
            asked=sum(version.left for version in told),
            missed=past.missed,
            new=not past.came,
            booked_days=(planned.visit.start - booked).days if booked else None,
            undelivered=any(version.failed for version in told),
            opted_out=planned.opted_out,
            unreached=sum(act.act == UNREACHED for act in acts),
        )
    )
