"""The one word that a day's list says of a visit."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from bot.core.facts import Visit, VisitStatus
from bot.core.visit_state import State, state_of

NOW = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
AHEAD, JUST, PAST = timedelta(hours=1), timedelta(minutes=-9), timedelta(minutes=-10)
BOOKED, CONFIRMED = VisitStatus.BOOKED, VisitStatus.CONFIRMED


@pytest.mark.parametrize(
    ("status", "start", "tasks", "reminded", "at_risk", "state"),
    [
        (BOOKED, AHEAD, (), False, False, State.BOOKED),
        (BOOKED, AHEAD, (), True, False, State.REMINDED),
        (BOOKED, AHEAD, (), True, True, State.AT_RISK),
        (CONFIRMED, AHEAD, (), True, False, State.CONFIRMED),
        (CONFIRMED, AHEAD, ("question",), True, False, State.CONFIRMED),
        (CONFIRMED, AHEAD, ("no_time_fits",), True, False, State.WANTS_CHANGE),
        (BOOKED, PAST, ("may_want_to_cancel",), True, False, State.NOT_HERE),
        (BOOKED, AHEAD, ("may_want_to_cancel",), True, True, State.WANTS_CHANGE),
        (CONFIRMED, JUST, (), True, False, State.CONFIRMED),
        (CONFIRMED, PAST, (), True, False, State.NOT_HERE),
        (CONFIRMED, PAST, ("running_late",), True, False, State.LATE),
        (VisitStatus.PENDING, PAST, (), False, False, State.BOOKED),
        (VisitStatus.ARRIVED, PAST, ("running_late",), True, False, State.HERE),
        (VisitStatus.CHECKED_IN, AHEAD, (), True, False, State.HERE),
        (VisitStatus.FULFILLED, PAST, (), True, False, State.DONE),
        (VisitStatus.CANCELLED, AHEAD, ("running_late",), True, True, State.CANCELLED),
        (VisitStatus.NOSHOW, PAST, (), True, False, State.NO_SHOW),
    ],
)
def test_the_state_is_what_wants_somebody_first(
    status: VisitStatus,
    start: timedelta,
    tasks: tuple[str, ...],
    reminded: bool,
    at_risk: bool,
    state: State,
) -> None:
    visit = Visit(id=uuid4(), patient_id=uuid4(), version=1, start=NOW + start, minutes=30, status=status)
    said = state_of(visit, tasks=tasks, reminded=reminded, at_risk=at_risk, now=NOW, today=True)
    assert said is state


def test_late_is_said_on_the_day_itself() -> None:
    visit = Visit(
        id=uuid4(), patient_id=uuid4(), version=1, start=NOW + timedelta(days=2), minutes=30, status=BOOKED
    )
    said = state_of(visit, tasks=["running_late"], reminded=True, at_risk=False, now=NOW, today=False)
    assert said is State.REMINDED
