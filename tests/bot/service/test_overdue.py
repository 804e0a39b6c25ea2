"""A task that nobody sees to climbs: once, by the ladder of its urgency, whichever clock finds it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.core.effects import OpenTask, Urgency
from bot.service import overdue
from bot.store import conversations, inbox, worklist
from tests.conftest import ANA_PHONE, ONCALL_PHONE, House

HOUR = timedelta(hours=1)


@pytest.fixture
def waiting(house: House) -> House:
    """Three tasks of one patient: one is due in an hour, one in a day, one never climbs by itself."""
    now = house.rt.now()
    with house.rt.begin() as db:
        talk = conversations.with_phone(db, house.clinic, ANA_PHONE, now)
        for name, due in (("soon", now + HOUR), ("later", now + 24 * HOUR), ("never", None)):
            task = OpenTask(task=name, urgency=Urgency.URGENT)
            worklist.open_task(db, clinic=house.clinic, conversation=talk, task=task, now=now, due=due)
    return house


def told(house: House) -> list[str]:
    """The mail that says that a task lies too long, oldest first."""
    with house.rt.begin() as db:
        wanted = select(inbox.inbox.c.dedupe).where(inbox.inbox.c.kind == "unanswered")
        names = dict(db.conn.execute(select(worklist.tasks.c.id, worklist.tasks.c.task)).all())
        rows = db.conn.execute(wanted.order_by(inbox.inbox.c.seq)).scalars()
        return [names[UUID(dedupe.removeprefix("overdue:"))] for dedupe in rows]


def test_nothing_climbs_before_its_time(waiting: House) -> None:
    waiting.rt.move_clock(HOUR - timedelta(minutes=1))
    assert overdue.overdue(waiting.rt) == 0
    assert told(waiting) == []


def test_each_climbs_once_when_its_time_is_over(waiting: House) -> None:
    waiting.rt.move_clock(HOUR)
    assert [overdue.overdue(waiting.rt), overdue.overdue(waiting.rt)] == [1, 0]
    waiting.rt.move_clock(48 * HOUR)
    assert overdue.overdue(waiting.rt) == 1
    assert told(waiting) == ["soon", "later"]


def test_what_is_done_in_time_does_not_climb(waiting: House) -> None:
    with waiting.rt.begin() as db:
        done = next(t for t in worklist.open_tasks(db, waiting.clinic, 9) if t.task == "soon")
        worklist.close(db, done.id, waiting.rt.now())
    waiting.rt.move_clock(HOUR)
    assert overdue.overdue(waiting.rt) == 0


def test_several_clocks_tell_of_a_task_once(house: House) -> None:
    now = house.rt.now()
    with house.rt.begin() as db:
        for number in range(40):
            talk = conversations.with_phone(db, house.clinic, f"+1202555{2000 + number}", now)
            task = OpenTask(task="question", urgency=Urgency.ROUTINE)
            worklist.open_task(db, clinic=house.clinic, conversation=talk, task=task, now=now, due=now)
    with ThreadPoolExecutor(4) as clocks:
        found = list(clocks.map(lambda _: overdue.overdue(house.rt), range(4)))
    assert (sum(found), len(told(house))) == (40, 40)


def test_an_overdue_task_of_a_house_without_ladders_pages_nobody_for_routine_matters(house: House) -> None:
    """tests/edition has no oncall.yaml: routine matters have no ladder there, urgent ones go to the on-call phone."""
    now = house.rt.now()
    with house.rt.begin() as db:
        for name, urgency in (("question", Urgency.ROUTINE), ("urgent", Urgency.URGENT)):
            talk = conversations.with_phone(db, house.clinic, f"+120255520{len(name):02d}", now)
            task = OpenTask(task=name, urgency=urgency)
            worklist.open_task(db, clinic=house.clinic, conversation=talk, task=task, now=now, due=now)
    overdue.overdue(house.rt)
    house.work()
    pages = house.got(ONCALL_PHONE)
    assert len(pages) == 1
    assert "URGENT" in pages[0]
