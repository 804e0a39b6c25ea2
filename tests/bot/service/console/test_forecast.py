"""Forecast: what is planned for the next seven days, by the clinic's own days, and no more than that."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from bot.core.events import NoAnswer, NudgeDue, ReminderDue, What
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service.console import forecast
from bot.store import conversations, timers
from bot.store.timers import Timer
from tests.bot.service.desks import desk
from tests.conftest import ANA_PHONE


def plan(rt: Runtime, clinic: UUID, *wanted: tuple[What, datetime]) -> None:
    """Set these timers in the conversation with Ana."""
    with rt.begin() as db:
        talk = conversations.with_phone(db, clinic, ANA_PHONE, rt.now())
        timers.put(
            db,
            [
                Timer(clinic=clinic, conversation=talk, key=str(uuid4()), due=due, what=what)
                for what, due in wanted
            ],
        )


def reminder(due: datetime, flow: str = "appointment") -> tuple[What, datetime]:
    return ReminderDue(visit_id=uuid4(), version=1, flow=flow, when="1 day before the visit", due=due), due


def test_planned_texts_are_counted_by_day_and_flow(
    rt: Runtime, clinic: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, day = rt.now(), timedelta(days=1)  # Monday, 9:00 in New York
    who = desk(rt, clinic, "nurse")
    assert forecast.forecast(rt, who).lines == ()
    assert forecast.forecast(rt, who).by_day == (0,) * 7
    late = now.replace(hour=4, minute=30) + day  # Tuesday in UTC, still Monday on the clinic's clock
    plan(
        rt,
        clinic,
        *(reminder(now + timedelta(hours=hours)) for hours in (1, 2, 30)),
        reminder(late),
        reminder(now + 6 * day),
        reminder(now + 7 * day),  # next Monday
        reminder(now + 2 * day, "taken_away"),
        (NudgeDue(turn=1, number=0), now + 3 * day),
        (NoAnswer(turn=1), now + 3 * day),
    )
    other = clinics.add(rt, name="Hillside Clinic", phone="+12025550200", zone="America/Chicago")
    plan(rt, other, reminder(now + day))
    found = forecast.forecast(rt, who)
    assert [line.flow for line in found.lines] == ["appointment", "taken_away", None]
    assert found.lines[0].days == (3, 1, 0, 0, 0, 0, 1)
    assert "sends nothing" in found.lines[1].title
    assert found.lines[2].days == (0, 0, 0, 1, 0, 0, 0)
    assert (found.total, found.by_day) == (7, (3, 1, 1, 1, 0, 0, 1))
    assert (found.capped, found.replanning) == (False, False)
    assert (found.days[0].isoformat(), len(found.days)) == ("2026-11-30", 7)
    monkeypatch.setattr(forecast, "MOST", 3)
    assert forecast.forecast(rt, who).capped
