"""The rules of escalations, by examples: what raises an alarm, how it climbs, and what people do with it.

Whatever happens in whatever order stands in `test_escalation_lived`; conversations in `flows/transcripts/oncall`.
"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.effects import (
    LINK,
    PageStaff,
    SetTimer,
    Urgency,
)
from bot.core.escalation import ALARMS, WORDS, code_for, tasks_of
from bot.core.events import (
    AckDue,
    Drilled,
    PageUsed,
    TextFailed,
    Triggered,
    Unanswered,
)
from bot.core.oncall import Channel, OnCall, whom
from nlp.reading import Intent, Level
from tests.bot.core.alarms import ANA, BOOK, MINUTE, MONDAY, NIGHT, POLICY, Desk, told, without
from tests.bot.core.world import BOOK as PLAIN
from tests.bot.core.world import text

EMERGENCY, CRISIS, URGENT = Level.EMERGENCY, Level.CRISIS, Level.URGENT
HOUR = timedelta(hours=1)
PERSON = text("call me", Intent.HUMAN)
SAFETY_LOST = TextFailed(code=30003, purpose="SAFETY")
LOCKED = PageUsed(outcome="locked")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def taken(desk: Desk) -> Desk:
    """An emergency that Maria has taken."""
    desk.texts(EMERGENCY)
    desk.takes("1001")
    return desk


# -- what raises an alarm ----------------------------------------------------------------------------


def test_an_alarm_pages_at_once_and_waits_for_an_acknowledgement(desk: Desk) -> None:
    *_, page, ring = desk.happen(text("chest pain", level=EMERGENCY))
    assert isinstance(page, PageStaff)
    assert (page.code, page.rung, page.urgency, page.reason) == ("1001", 0, Urgency.EMERGENCY, WORDS)
    assert (page.whom, page.by) == (
        whom("nurse on call"),
        (Channel.TEXT, Channel.PUSH, Channel.CONSOLE),
    )
    assert page.body.startswith("Riverside Clinic EMERGENCY 1001: a patient needs you. 0 min old. ")
    assert LINK in page.body
    assert "ACK 1001" in page.body
    assert page.spoken.endswith("The code is 1 0 0 1. To take it, press 1.")
    assert ring == SetTimer(key="ack:1001:", due=MONDAY + 2 * MINUTE, what=AckDue(code="1001", rung=0))


@pytest.mark.parametrize(
    ("what", "urgency", "reason", "first"),
    [
        (text("x", level=EMERGENCY), Urgency.EMERGENCY, WORDS, "nurse on call"),
        (text("x", level=CRISIS), Urgency.EMERGENCY, WORDS, "nurse on call"),
        (text("x", level=URGENT), Urgency.URGENT, WORDS, "nurse on call"),
        (text("x", language="und"), Urgency.URGENT, "other_language", "nurse on call"),
        (SAFETY_LOST, Urgency.URGENT, "not_delivered", "nurse on call"),
        (Unanswered(task="question", urgency="urgent"), Urgency.URGENT, "unanswered", "nurse on call"),
        (Unanswered(task="question", urgency="routine"), Urgency.ROUTINE, "unanswered", "front_desk on call"),
        (PERSON, Urgency.ROUTINE, "wants_a_person", "front_desk on call"),
        (LOCKED, Urgency.ROUTINE, "page_locked", "front_desk on call"),
        (Drilled(urgency="emergency"), Urgency.EMERGENCY, "drill", "nurse on call"),
    ],
)
def test_what_raises_an_alarm(desk: Desk, what: object, urgency: Urgency, reason: str, first: str) -> None:
    desk.happen(what)  # type: ignore[arg-type]
    (page,) = desk.pages
    assert (page.urgency, page.reason, str(page.whom)) == (urgency, reason, first)


@pytest.mark.parametrize("what", [PERSON, LOCKED, Unanswered(task="question", urgency="routine")])
def test_routine_matters_wait_until_the_office_opens(what: object) -> None:
    desk = Desk(now=NIGHT, book=without(BOOK, flows={}))
    desk.happen(what)  # type: ignore[arg-type]
    assert desk.pages == []
    opens = NIGHT + timedelta(days=2, hours=10)  # Monday, 8:00
    assert desk.rings == opens
    assert told(desk.wait(opens - NIGHT)) == ["front_desk on call"]


@pytest.mark.parametrize("what", [PERSON, LOCKED, Unanswered(task="question", urgency="routine")])
def test_without_a_ladder_for_them_routine_matters_page_nobody(what: object) -> None:
    desk = Desk(book=without(BOOK, oncall=OnCall()))
    desk.happen(what)  # type: ignore[arg-type]
    assert (desk.pages, desk.state.alarms) == ([], ())


def test_without_any_ladders_the_on_call_phone_is_texted_for_ever() -> None:
    desk = Desk(book=PLAIN)
    desk.texts(EMERGENCY)
    pages = desk.wait(POLICY.ack_within * 50)
    assert [page.rung for page in pages] == list(range(1, 51))
    assert set(told(pages)) == {"the on-call phone"}
    assert {page.by for page in pages} == {(Channel.TEXT,)}
    assert " 250 min old" in pages[-1].body


def test_one_happening_pages_once_however_many_rules_it_breaks(desk: Desk) -> None:
    """'182/96' is an alarm by itself, and by what the question has for such an answer."""
    desk.happen(Triggered(trigger="the list rpm_daily names the patient", person_id=ANA.id, values={}))
    desk.happen(text("2", value=False))
    desk.happen(text("182/96", level=URGENT, value={"systolic": 182, "diastolic": 96}))
    assert [page.reason for page in desk.pages] == [WORDS]
    assert [alarm.reason for alarm in desk.state.alarms] == [WORDS]


@pytest.mark.parametrize("left", [[], ["routine"], ["urgent"], ["urgent", "emergency"]])
def test_a_safety_text_that_was_lost_is_as_grave_as_what_is_open_and_never_routine(
    desk: Desk, left: list[str]
) -> None:
    for name in left:
        desk.happen({"routine": PERSON}.get(name) or text("x", level=Level(name)))
    desk.happen(SAFETY_LOST)
    page = desk.pages[-1]
    assert (page.reason, page.urgency) == ("not_delivered", left[-1] if "emergency" in left else "urgent")
    assert "phone them" in page.body


@pytest.mark.parametrize(
    ("level", "urgency", "pages"),
    [(EMERGENCY, "urgent", 1), (EMERGENCY, "routine", 1), (URGENT, "urgent", 1), (URGENT, "routine", 1)],
)
def test_while_something_as_grave_is_open_an_overdue_task_pages_nobody(
    desk: Desk, level: Level, urgency: str, pages: int
) -> None:
    desk.texts(level)
    desk.happen(Unanswered(task="question", urgency=urgency))
    assert len(desk.pages) == pages


def test_an_overdue_task_that_is_graver_than_what_is_open_pages(desk: Desk) -> None:
    desk.happen(PERSON)
    desk.happen(Unanswered(task="text_not_delivered", urgency="urgent"))
    assert [page.reason for page in desk.pages] == ["wants_a_person", "unanswered"]


def test_who_has_opted_out_must_be_phoned(desk: Desk) -> None:
    desk.opted_out = True
    assert desk.texts(EMERGENCY) == []
    assert "Can't be texted: phone them" in desk.pages[0].body
    assert all("phone them" in page.body for page in desk.wait(HOUR))


# -- further alarms ----------------------------------------------------------------------------------


def test_a_second_alarm_of_a_reason_joins_the_open_one_and_pages_again_after_a_while(desk: Desk) -> None:
    desk.texts(EMERGENCY)
    desk.wait(POLICY.page_again_after / 2)
    desk.texts(EMERGENCY)
    assert len(desk.pages) == 1
    desk.wait(POLICY.page_again_after / 2)
    desk.texts(EMERGENCY)
    assert [(page.code, page.rung) for page in desk.pages] == [("1001", 0)] * 2
    assert len(desk.state.alarms) == 1


def test_who_writes_again_and_again_does_not_keep_the_ladder_on_its_step(desk: Desk) -> None:
    desk.texts(EMERGENCY)
    for _ in range(12):
        desk.wait(MINUTE)
        desk.texts(EMERGENCY)
    assert max(page.rung for page in desk.pages) == 3


def test_a_graver_alarm_pages_right_away_by_its_own_ladder(desk: Desk) -> None:
    desk.texts(URGENT)
    desk.wait(HOUR)
    desk.texts(EMERGENCY)
    page = desk.pages[-1]
    assert (page.rung, page.urgency, str(page.whom)) == (0, Urgency.EMERGENCY, "nurse on call")
    assert desk.rings == desk.now + 2 * MINUTE
    desk.wait(MINUTE)
    desk.texts(URGENT)
    assert desk.pages[-1].urgency is Urgency.EMERGENCY


def test_another_reason_has_another_code_and_ladder(desk: Desk) -> None:
    desk.happen(PERSON)
    desk.texts(EMERGENCY)
    assert {alarm.code: alarm.reason for alarm in desk.state.alarms} == {
        "1001": "wants_a_person",
        "1002": WORDS,
    }
    assert len(desk.timers) == 2


def test_what_comes_after_it_was_taken_goes_to_whoever_has_it_and_then_climbs(taken: Desk) -> None:
    taken.wait(10 * MINUTE)
    taken.texts(EMERGENCY)
    page = taken.pages[-1]
    assert (str(page.whom), page.by, page.rung) == (
        "maria",
        (Channel.TEXT, Channel.CALL, Channel.PUSH, Channel.CONSOLE),
        -1,
    )
    assert told(taken.wait(4 * MINUTE)) == ["nurse on call"] * 2
    assert " 0 min old" in page.body


def test_a_routine_matter_that_was_taken_wakes_nobody_at_night(desk: Desk) -> None:
    desk.book = without(BOOK, flows={})
    desk.happen(PERSON)
    desk.takes("1001", by="desk")
    desk.wait(timedelta(hours=13))  # 23:00
    desk.happen(PERSON)
    assert len(desk.pages) == 1
    assert told(desk.wait(timedelta(hours=9))) == ["front_desk on call"]


# -- the ladder --------------------------------------------------------------------------------------


def test_nobody_answers_an_emergency_and_it_climbs_to_everybody_and_stays_there(desk: Desk) -> None:
    desk.texts(EMERGENCY)
    pages = desk.wait(timedelta(hours=5))
    assert told(pages[:3]) == ["nurse on call", "provider on call", "everyone of nurse"]
    assert set(told(pages[2:])) == {"everyone of nurse"}
    assert [page.rung for page in pages] == list(range(1, 62))
    assert " 2 min old" in pages[0].body
    assert " 5 min old" in pages[1].body
    assert " 300 min old" in pages[-1].body


@pytest.mark.parametrize(
    "due",
    [
        AckDue(code="1001", rung=1),
        AckDue(code="1001", rung=-1),
        AckDue(code="1008", rung=0),
        AckDue(code="1001", rung=1, failed=True),
    ],
)
def test_a_wait_of_another_page_or_code_does_nothing(desk: Desk, due: AckDue) -> None:
    desk.texts(EMERGENCY)
    desk.now += 2 * MINUTE
    assert desk.happen(due) == ()


def test_a_timer_that_had_rung_before_it_was_taken_asks_nobody_how_it_stands(taken: Desk) -> None:
    """It was in the mailbox already when somebody took it; the one that counts is still to come."""
    rings = taken.rings
    (again,) = taken.happen(AckDue(code="1001", rung=0))
    assert again == SetTimer(key="ack:1001:", due=rings, what=AckDue(code="1001", rung=0))
    assert taken.alarm().taken == MONDAY


def test_where_nothing_of_a_page_reached_anybody_the_next_comes_at_once(desk: Desk) -> None:
    desk.texts(EMERGENCY)
    for rung in range(3):
        desk.happen(AckDue(code="1001", rung=rung, failed=True))
    assert told(desk.pages) == ["nurse on call", "nurse on call", "provider on call", "everyone of nurse"]


def test_the_last_step_is_tried_again_when_its_wait_is_over_not_in_a_circle(desk: Desk) -> None:
    desk.texts(EMERGENCY)
    desk.wait(10 * MINUTE)
    rings = desk.rings
    assert desk.happen(AckDue(code="1001", rung=3, failed=True)) == ()
    assert desk.rings == rings
    assert told(desk.wait(5 * MINUTE)) == ["everyone of nurse"]


def test_that_a_page_failed_means_nothing_once_somebody_has_it(taken: Desk) -> None:
    assert taken.happen(AckDue(code="1001", rung=0, failed=True)) == ()
    assert taken.alarm().taken == MONDAY


def test_an_edition_that_has_no_such_ladder_any_more_leaves_nobody_waiting(desk: Desk) -> None:
    desk.happen(PERSON)
    desk.book = without(BOOK, oncall=OnCall())
    assert told(desk.wait(HOUR)) == ["the on-call phone"]


def test_an_edition_from_before_has_the_plain_page_for_everything() -> None:
    desk = Desk(book=PLAIN)
    desk.happen(Drilled(urgency="urgent"))
    assert desk.pages[0].body.startswith("Riverside Clinic URGENT 1001: a patient's message")
    assert desk.takes("1001") == []


# -- drills ------------------------------------------------------------------------------------------


def test_a_drill_says_so_on_every_page_and_does_not_wait_for_the_office() -> None:
    desk = Desk(now=NIGHT)
    desk.happen(Drilled(urgency="routine"))
    pages = [*desk.pages, *desk.wait(timedelta(hours=6))]
    assert len(pages) > 3
    for page in pages:
        assert page.drill
        assert page.body.startswith("Riverside Clinic DRILL 1001: a test of the on-call phones")
        assert "drill" in page.spoken


# -- codes and answers -------------------------------------------------------------------------------


def test_a_resolved_escalation_stands_for_the_tasks_of_its_reason() -> None:
    assert tasks_of(WORDS) == tuple(name for name, _ in ALARMS.values())
    assert tasks_of("page_locked") == ("page_locked",)


def test_a_code_that_an_open_escalation_has_is_not_given_twice(desk: Desk) -> None:
    desk.texts(EMERGENCY)
    desk.seq = 9000
    desk.happen(SAFETY_LOST)
    codes = [alarm.code for alarm in desk.state.alarms]
    assert len(set(codes)) == 2
    assert all(len(code) == 4 and code.isdigit() for code in codes)


@given(st.integers(0, 10**15))
def test_a_code_has_four_digits_and_neighbours_differ(seq: int) -> None:
    assert len(code_for(seq)) == 4
    assert code_for(seq).isdigit()
    assert len({code_for(seq + near) for near in range(0, 9000, 89)}) == len(range(0, 9000, 89))
