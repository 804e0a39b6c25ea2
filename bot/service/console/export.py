"""Export: what the clinic takes out as CSV, at the console. Each is written down before its first line leaves."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.roles import May, Sees
from bot.errors import NotAllowed
from bot.runtime import Runtime
from bot.service import clinic, schedule
from bot.service.csv_rows import line_of
from bot.service.desk import Desk
from bot.store import audit, overview

_TASKS = ("id", "task", "urgency", "role", "times", "opened", "due", "overdue", "closed", "by")


def appointments(rt: Runtime, desk: Desk) -> Iterator[str]:
    """All appointments, as `bot export appointments` writes them. Raises NotAllowed."""
    desk.require(May.EXPORT)
    if not desk.sees(Sees.VISITS):
        raise NotAllowed
    return schedule.export_appointments(rt, desk.clinic, desk=desk)


def tasks(rt: Runtime, desk: Desk) -> Iterator[str]:
    """All tasks: what, for whom, when, by whom; nothing of a patient. Raises NotAllowed."""
    desk.require(May.EXPORT)
    with rt.begin() as db:
        audit.write(db, [desk.entry("tasks.exported", f"clinic:{desk.clinic}")], rt.now())
    return _tasks(rt, desk)


def _tasks(rt: Runtime, desk: Desk) -> Iterator[str]:
    zone = ZoneInfo(clinic.the_one(rt, desk.clinic).zone)

    def at(moment: datetime | None) -> str:
        return moment.astimezone(zone).isoformat(timespec="seconds") if moment else ""

    yield line_of(_TASKS)
    with rt.begin() as db:
        for row in overview.tasks_of(db, desk.clinic):
            what = (str(row.id), row.task, row.urgency, row.role, str(row.times))
            yield line_of((*what, at(row.opened), at(row.due), at(row.overdue), at(row.closed), row.by))
