"""Visit state: the one word that a day's list says of a visit, from its status and what hangs on it."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.facts import STANDING, Visit, VisitStatus

GRACE = timedelta(minutes=10)
"""So long after its start nobody is called absent."""
WANTS_CHANGE = frozenset({"no_time_fits", "may_want_to_cancel"})
"""Tasks of patients who want another time, or none."""
RUNNING_LATE = "running_late"


class State(StrEnum):
    """In the order in which a list is filtered by them: what wants somebody first."""

    LATE = "late"
    WANTS_CHANGE = "wants_change"
    NOT_HERE = "not_here"
    AT_RISK = "at_risk"
    BOOKED = "booked"
    REMINDED = "reminded"
    CONFIRMED = "confirmed"
    HERE = "here"
    DONE = "done"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


_BY_STATUS: Mapping[VisitStatus, State] = {
    VisitStatus.CANCELLED: State.CANCELLED,
    VisitStatus.ENTERED_IN_ERROR: State.CANCELLED,
    VisitStatus.NOSHOW: State.NO_SHOW,
    VisitStatus.FULFILLED: State.DONE,
    VisitStatus.ARRIVED: State.HERE,
    VisitStatus.CHECKED_IN: State.HERE,
}


def state_of(
    visit: Visit, *, tasks: Collection[str], reminded: bool, at_risk: bool, now: datetime, today: bool
) -> State:
    """What to say of a visit. `tasks` are the names of the open ones about it, `today`: it is today's."""
    if visit.status in _BY_STATUS:
        return _BY_STATUS[visit.status]
    if RUNNING_LATE in tasks and today:
        return State.LATE
    if WANTS_CHANGE & set(tasks) and visit.start > now:
        return State.WANTS_CHANGE
    if visit.start + GRACE <= now and visit.status in STANDING:
        return State.NOT_HERE
    if visit.status is VisitStatus.CONFIRMED:
        return State.CONFIRMED
    if at_risk:
        return State.AT_RISK
    return State.REMINDED if reminded else State.BOOKED
