"""Day: a day of the clinic's by provider: who comes when, what is known of it, and what can be done with it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.core.roles import May, Sees
from bot.core.visit_state import State
from bot.runtime import Runtime
from bot.service.console import change_visit, visit_signs
from bot.service.console.mask import shown
from bot.service.console.visit_signs import Signed
from bot.service.desk import Desk
from bot.service.words_of_tasks import why
from bot.store import audit
from bot.store.base import Db
from bot.store.clinics import Clinic

LABELS: Mapping[State, tuple[str, str]] = {
    State.LATE: ("Running late", "warn"),
    State.WANTS_CHANGE: ("Wants another time", "warn"),
    State.NOT_HERE: ("Not here yet", "warn"),
    State.AT_RISK: ("At risk", "warn"),
    State.BOOKED: ("Not asked yet", "faint"),
    State.REMINDED: ("Reminded", ""),
    State.CONFIRMED: ("Confirmed", "good"),
    State.HERE: ("Checked in", "good"),
    State.DONE: ("Done", "faint"),
    State.CANCELLED: ("Cancelled", "faint"),
    State.NO_SHOW: ("No-show", "faint"),
}
"""How a state is called, and the look of its chip. None is red: nobody is in danger."""
_OVER = (State.CANCELLED, State.NO_SHOW, State.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A visit as the list shows it. `acts`: name and label, the likely one first; `undo`: what was just done."""

    id: UUID
    patient: UUID
    name: str
    start: datetime
    minutes: int
    what: str
    state: State
    reasons: tuple[str, ...]
    tasks: tuple[tuple[UUID, str], ...]
    waits: bool
    version: int
    status: str
    acts: tuple[tuple[str, str], ...]
    undo: UUID | None
    begun: bool

    @property
    def over(self) -> bool:
        """Whether there is nothing to do any more."""
        return self.state in _OVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A provider's visits. `key` stands for the provider in an address. The line of the present moment comes before
    the visit `now_before`, at the end where it is None and `ended`."""

    key: str
    provider: str
    lines: tuple[Line, ...]
    now_before: UUID | None
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day. `counts`: how many visits of each state; `total` counts all, also those that the filter leaves out."""

    on: date
    today: date
    columns: tuple[Column, ...]
    providers: tuple[tuple[str, str], ...]
    counts: tuple[tuple[State, int], ...]
    total: int
    cut: bool

    @property
    def previous(self) -> date:
        """The day before."""
        return self.on - timedelta(days=1)

    @property
    def next(self) -> date:
        """The day after."""
        return self.on + timedelta(days=1)

    @property
    def is_today(self) -> bool:
        """Whether it is today."""
        return self.on == self.today


def day(
    rt: Runtime, desk: Desk, on: date | None, *, provider: str = "", state: str = "", audited: bool
) -> Day:
    """The visits of a day on the clinic's clock, today's where none is named. Raises NotAllowed.

    `provider` is a column's key, `state` a State; empty for all.
    """
    desk.require(May.DAY)
    with rt.begin() as db:
        now, clinic = rt.now(), rt.clinic(db, desk.clinic)
        today = now.astimezone(ZoneInfo(clinic.zone)).date()
        on = on or today
        since, until = visit_signs.bounds(on, clinic.zone, now)
        found = visit_signs.look(db, clinic, since, until, now)
        keys = _keys(db, desk, found)
        of_provider = [one for one in found if provider in ("", keys[_provider(desk, one)])]
        wanted = [one for one in of_provider if state in ("", one.state)]
        if audited and wanted:
            patients = tuple(dict.fromkeys(one.planned.visit.patient_id for one in wanted))
            audit.write(db, [desk.entry("day.viewed", f"day:{on}", patients=patients)], now)
    counts = Counter(one.state for one in of_provider)
    return Day(
        on=on,
        today=today,
        columns=_columns(desk, clinic, wanted, keys, now, is_today=on == today),
        providers=tuple((key, name) for name, key in sorted(keys.items())),
        counts=tuple((each, counts[each]) for each in State if counts[each]),
        total=len(of_provider),
        cut=len(found) == visit_signs.MOST,
    )


def _keys(db: Db, desk: Desk, found: Sequence[Signed]) -> dict[str, str]:
    """What stands for each provider in an address, where a name must not."""
    names = {_provider(desk, one) for one in found}
    return {name: db.keys(desk.clinic).blind("provider", name).hex()[:12] for name in names}


def _provider(desk: Desk, one: Signed) -> str:
    return shown(desk, Sees.VISITS, one.planned.visit.provider)


def _columns(
    desk: Desk,
    clinic: Clinic,
    found: Sequence[Signed],
    keys: Mapping[str, str],
    now: datetime,
    *,
    is_today: bool,
) -> tuple[Column, ...]:
    by_provider: dict[str, list[Line]] = {}
    for one in found:
        by_provider.setdefault(_provider(desk, one), []).append(line(desk, clinic, one, now))
    columns = []
    for provider, lines in sorted(by_provider.items()):
        ahead = next((each.id for each in lines if not each.begun), None)
        columns.append(
            Column(
                key=keys[provider],
                provider=provider,
                lines=tuple(lines),
                now_before=ahead if is_today else None,
                ended=is_today and ahead is None,
            )
        )
    return tuple(columns)


def line(desk: Desk, clinic: Clinic, one: Signed, now: datetime) -> Line:
    """A visit with what this role sees of it and may do with it."""
    visit = one.planned.visit
    may = desk.may(May.VISITS)
    names = change_visit.fitting(visit, clinic.zone, now) if may else []
    undone = (
        [act.id for act in one.acts if act.after and change_visit.can_undo(act, visit, now)] if may else []
    )
    return Line(
        id=visit.id,
        patient=visit.patient_id,
        name=one.planned.name,
        start=visit.start,
        minutes=visit.minutes,
        what=what(desk, visit.kind, visit.location),
        state=one.state,
        reasons=tuple(reason.words for reason in one.risk.reasons) if one.state is State.AT_RISK else (),
        tasks=tuple((task.id, why(task.task).rstrip(".")) for task in one.tasks),
        waits=one.planned.waits,
        version=visit.version,
        status=visit.status,
        acts=tuple((name, change_visit.ACTS[name].label) for name in names),
        undo=undone[-1] if undone else None,
        begun=visit.start <= now,
    )


def what(desk: Desk, kind: str, place: str) -> str:
    """'follow-up, Main Street', masked where the role doesn't see visits."""
    return shown(desk, Sees.VISITS, ", ".join(part for part in (kind, place) if part))
