"""Work list: which tasks and escalations stand in which queue, in which order, what a row says, what a look costs."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from bot.core.effects import NoteEscalation, Urgency
from bot.errors import NotAllowed
from bot.runtime import Runtime
from bot.service import clinic as clinic_service
from bot.service.console import work, work_list
from bot.service.console.work_list import PAGE, Queue, Row
from bot.service.desk import Desk
from bot.store import escalations, staff
from tests.bot.service.desks import desk
from tests.bot.service.duty import plan, step
from tests.bot.service.inbox_tasks import ANA, BEN, NOBODY, climbing, opened, patient, row, trail
from tests.bot.store.test_queries import cost


@pytest.fixture
def maria(rt: Runtime, clinic: UUID) -> Desk:
    """A nurse."""
    return desk(rt, clinic)


def listed(rt: Runtime, who: Desk, queue: Queue = Queue.ALL) -> list[Row]:
    """A queue's first page."""
    return list(work_list.listing(rt, who, queue, audited=False).rows)


def keys(rt: Runtime, who: Desk, queue: Queue = Queue.ALL) -> list[str]:
    """The same, by key."""
    return [each.key for each in listed(rt, who, queue)]


def tabs(rt: Runtime, who: Desk) -> dict[str, str]:
    """What the tabs say."""
    return {tab.queue: tab.count for tab in work_list.listing(rt, who, Queue.ALL, audited=False).tabs}


def test_urgency_comes_first_then_what_is_due_then_age(rt: Runtime, clinic: UUID, maria: Desk) -> None:
    now, urgent = rt.now(), Urgency.URGENT
    ago, ahead = (lambda n: now - timedelta(minutes=n)), (lambda n: now + timedelta(minutes=n))
    wanted = [
        opened(rt, clinic, "emergency", urgency=Urgency.EMERGENCY),
        opened(rt, clinic, "late", urgency=urgent, at=ago(90), due=ago(30)),
        opened(rt, clinic, "no_promise", urgency=urgent, at=ago(5)),
        opened(rt, clinic, "soon", urgency=urgent, at=ago(1), due=ahead(10)),
        opened(rt, clinic, "later", urgency=urgent, at=ago(50), due=ahead(20)),
        opened(rt, clinic, "old", at=ago(300)),
        opened(rt, clinic, "young", at=ago(200)),
    ]
    assert keys(rt, maria) == [str(task) for task in wanted]
    late, none, soon = listed(rt, maria)[1:4]
    assert (late.countdown, late.late) == ("late since 30 min", True)
    assert (none.countdown, none.next) == ("", "It waits here; nobody is paged by itself")
    assert (soon.countdown, soon.next, soon.next_at) == (
        "answer in 9 min",
        "It climbs to the people on call",
        ahead(10),
    )


def test_each_queue_has_what_it_says_and_counts_it(rt: Runtime, clinic: UUID, maria: Desk) -> None:
    joe, dana = desk(rt, clinic, handle="joe"), desk(rt, clinic, "front_desk", "dana")
    mine, joes, asleep, asked, free = (
        opened(rt, clinic, name, role=role)
        for name, role in (
            ("a", "nurse"),
            ("b", "nurse"),
            ("c", "nurse"),
            ("d", "front_desk"),
            ("e", "provider"),
        )
    )
    work.claim(rt, maria, mine)
    work.claim(rt, joe, joes)
    work.snooze(rt, maria, asleep, "1h")
    work.note(rt, joe, asked, "what does @maria say?")
    found = {queue: set(keys(rt, maria, queue)) for queue in Queue}
    assert found == {
        Queue.MINE: {str(mine), str(asked)},
        Queue.ROLE: {str(mine), str(joes)},
        Queue.ALL: {str(mine), str(joes), str(asked), str(free)},
        Queue.UNCLAIMED: {str(asked), str(free)},
        Queue.SNOOZED: {str(asleep)},
    }
    assert tabs(rt, maria) == {queue: str(len(each)) for queue, each in found.items()}
    assert tabs(rt, dana)[Queue.ROLE] == "1"
    marks = {each.key: (each.mine, each.mentioned, each.holder) for each in listed(rt, maria, Queue.MINE)}
    assert marks == {str(mine): (True, False, "Maria"), str(asked): (False, True, "")}
    work.note(rt, maria, asked, "yes")
    assert keys(rt, maria, Queue.MINE) == [str(mine)]
    rt.move_clock(timedelta(hours=1, seconds=1))
    assert str(asleep) in keys(rt, maria, Queue.MINE)
    assert tabs(rt, maria)[Queue.SNOOZED] == "0"


def test_a_row_says_who_and_everybody_on_a_shared_phone(rt: Runtime, clinic: UUID, maria: Desk) -> None:
    patients = [patient(rt, clinic, name, ANA) for name in ("Lena Fischer", "Theo Fischer")]
    elsewhere = clinic_service.add(rt, name="Hillside", phone="+12025550200", zone="America/Chicago")
    patient(rt, elsewhere, "Another Clinics", ANA)
    opened(rt, elsewhere)
    opened(rt, clinic, "refill", detail="metformin")
    opened(rt, clinic, "unknown_sender", NOBODY)
    refill, unknown = listed(rt, maria)
    assert set(refill.who.split(", ")) == {"Lena Fischer", "Theo Fischer"}
    assert (refill.why, refill.detail) == ("The patient wants a refill.", "metformin")
    assert (unknown.who, unknown.why) == ("(202) 555-0159", "A number that is not on file.")
    assert listed(rt, desk(rt, clinic, "billing", "bill"))[0].detail is None
    assert trail(rt, "inbox.listed") == []
    work_list.listing(rt, maria, Queue.ALL, audited=True)
    (line,) = trail(rt, "inbox.listed")
    assert (line[0], set(line[1].split(",")), line[2]) == (
        f"clinic:{clinic}",
        {str(each) for each in patients},
        "all",
    )
    with pytest.raises(NotAllowed):
        work_list.listing(rt, desk(rt, clinic, "compliance", "audrey"), Queue.ALL, audited=True)


def test_a_colleague_who_has_left_is_named_as_such(rt: Runtime, clinic: UUID, maria: Desk) -> None:
    task, joe = opened(rt, clinic), desk(rt, clinic, handle="joe")
    work.claim(rt, joe, task)
    with rt.begin() as db:
        staff.leave(db, clinic, "joe", rt.now())
    assert listed(rt, maria)[0].holder == "somebody who has left"


# -- escalations ----------------------------------------------------------------------------------------


def test_an_escalation_stands_first_and_for_the_task_that_it_is_about(
    rt: Runtime, clinic: UUID, maria: Desk
) -> None:
    patient(rt, clinic, "Ana Morales", ANA)
    words, question = opened(rt, clinic, "emergency", urgency=Urgency.EMERGENCY), opened(rt, clinic)
    opened(rt, clinic, "emergency", BEN, urgency=Urgency.EMERGENCY)
    climbing(rt, clinic, "1001", ANA)
    climbing(rt, clinic, "1002", BEN, reason="drill", urgency=Urgency.URGENT)
    first, drill, bens, anas = listed(rt, maria)
    assert (first.key, first.who, first.alarm, first.why) == (
        "1001",
        "Ana Morales",
        True,
        "A patient’s own words sound like an emergency.",
    )
    assert (drill.key, drill.alarm, drill.urgency) == ("1002", False, "drill")
    assert (bens.who, anas.key) == ("(202) 555-0152", str(question))
    assert anas.next == "It waits here; nobody is paged by itself"
    assert tabs(rt, maria)[Queue.ALL] == "4"
    assert str(words) not in keys(rt, maria)


def test_what_nobody_has_is_in_every_queue_that_it_concerns_and_then_in_that_of_who_has_it(
    rt: Runtime, clinic: UUID, maria: Desk
) -> None:
    joe, bill = desk(rt, clinic, handle="joe"), desk(rt, clinic, "billing", "bill")
    plan(rt, step("nurse on call"), rosters={"nurse": {"layers": [{"people": ["maria"]}]}})
    climbing(rt, clinic, "1001")

    def where(who: Desk) -> set[Queue]:
        shown = {queue for queue in Queue if "1001" in keys(rt, who, queue)}
        assert shown == {Queue(queue) for queue, count in tabs(rt, who).items() if count == "1"}
        return shown

    def note(became: str, **more: object) -> None:
        with rt.begin() as db:
            found = escalations.by_code(db, clinic, "1001")
            assert found
            what = NoteEscalation(code="1001", became=became, by="joe", via="console", **more)  # type: ignore[arg-type]
            escalations.note(db, found.conversation, what, rt.now())

    assert where(maria) == {Queue.MINE, Queue.ROLE, Queue.ALL, Queue.UNCLAIMED}
    assert where(joe) == {Queue.ROLE, Queue.ALL, Queue.UNCLAIMED}
    assert where(bill) == {Queue.ALL, Queue.UNCLAIMED}
    note("taken")
    assert (where(maria), where(joe)) == ({Queue.ALL}, {Queue.MINE, Queue.ALL})
    (taken,) = listed(rt, maria)
    assert (taken.holder, taken.alarm, taken.next) == ("Joe", False, "Nobody is paged while somebody has it")
    note("snoozed", until=rt.now() + timedelta(minutes=30))
    assert where(joe) == {Queue.SNOOZED}
    note("resolved", outcome="false alarm")
    assert where(joe) == set()


# -- many -----------------------------------------------------------------------------------------------

MANY = """
INSERT INTO tasks (id, clinic_id, conversation_id, task, urgency, role, times, opened_at, last_at, due_at)
SELECT md5('t' || n)::uuid, :clinic, :where, 'task' || n, (ARRAY['routine', 'urgent'])[n % 2 + 1],
    (ARRAY['front_desk', 'nurse'])[n % 2 + 1], 1, :now, :now,
    CASE WHEN n % 3 = 0 THEN CAST(:now AS timestamptz) + (n % 7) * interval '1 minute' END
FROM generate_series(1, 1200) n
"""


def test_pages_follow_one_another_without_gap_or_double_and_cost_the_same(
    rt: Runtime, clinic: UUID, maria: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = row(rt, clinic, opened(rt, clinic, "emergency", urgency=Urgency.EMERGENCY))
    climbing(rt, clinic, "1001")
    listed(rt, maria)  # what a process remembers
    cost(rt, 11, lambda: work_list.listing(rt, maria, Queue.ALL, audited=True))
    values = {"clinic": clinic, "where": first.conversation, "now": rt.now()}
    with rt.begin() as db:
        db.conn.execute(text(MANY), values)
    cost(rt, 11, lambda: work_list.listing(rt, maria, Queue.ALL, audited=True))
    assert tabs(rt, maria) == {
        Queue.MINE: "0",
        Queue.ROLE: "601",
        Queue.ALL: "999+",
        Queue.UNCLAIMED: "999+",
        Queue.SNOOZED: "0",
    }
    page = work_list.listing(rt, maria, Queue.ALL, audited=False)
    seen = [each.key for each in page.rows]
    assert (page.first, seen[0], len(seen)) == (True, "1001", PAGE + 1)
    monkeypatch.setattr(work_list, "PAGE", 400)  # the whole list is a few pages
    while page.after:
        page = work_list.listing(rt, maria, Queue.ALL, after=page.after, audited=False)
        assert not page.first
        seen += [each.key for each in page.rows]
    assert (len(seen), len(set(seen))) == (1201, 1201)
    for wrong in ("x", "AAAA", "é", "f" * 34):  # the last one is of a year that no clock knows
        assert work_list.listing(rt, maria, Queue.ALL, after=wrong, audited=False).first


def test_a_look_without_escalations_is_six_statements(rt: Runtime, clinic: UUID, maria: Desk) -> None:
    opened(rt, clinic)
    listed(rt, maria)
    cost(rt, 6, lambda: work_list.listing(rt, maria, Queue.MINE, audited=True))
