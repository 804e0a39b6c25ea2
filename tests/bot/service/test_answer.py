"""Answer: what people do with an escalation reaches its conversation once, and says what came of it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.core.effects import OpenTask, Urgency
from bot.core.oncall import whom
from bot.errors import NotFound
from bot.runtime import Runtime
from bot.service import answer
from bot.service.answer import Came
from bot.store import clinics, escalations, worklist
from tests.bot.service import duty
from tests.bot.service.duty import JOE, MARIA, step
from tests.conftest import House

OUTCOME = "reached the patient"


@pytest.fixture
def code(house: House) -> str:
    """An emergency that climbs; Maria was told."""
    duty.plan(house.rt, step("nurse on call", wait="5 minutes"), step("provider on call"))
    duty.hire(house, "maria", MARIA)
    duty.hire(house, "joe", JOE, role="provider")
    return duty.alarm(house)


def take(house: House, code: str, by: str = "maria") -> Came:
    came = answer.take(house.rt, house.clinic, code, by=by, via="link").came
    house.work()
    return came


def acts(house: House) -> list[tuple[str, str, str, str | None]]:
    with house.rt.begin() as db:
        found = escalations.acts(db, duty.escalation(house).id)
    return [(one.act, one.by, one.via, one.detail) for one in found]


def test_who_takes_it_has_it_and_nobody_is_paged_any_more(house: House, code: str) -> None:
    before = house.rt.now()
    taken = answer.take(house.rt, house.clinic, code, by="maria", via="link")
    assert (taken.came, taken.by, before <= taken.since <= house.rt.now()) == (Came.TAKEN, "maria", True)
    house.work()
    duty.later(house, hours=5)
    found = duty.escalation(house)
    assert (found.by, found.resolved, found.rung) == ("maria", None, 0)
    assert acts(house) == [("taken", "maria", "link", None)]


def test_who_comes_second_hears_who_has_it_and_since_when(house: House, code: str) -> None:
    take(house, code)
    since = duty.escalation(house).taken
    duty.later(house, minutes=7)
    taken = answer.take(house.rt, house.clinic, code, by="joe", via="console")
    assert (taken.came, taken.by, taken.since) == (Came.ALREADY, "maria", since)
    house.work()
    assert duty.escalation(house).by == "maria"


def test_who_takes_it_twice_still_has_it(house: House, code: str) -> None:
    assert [take(house, code), take(house, code)] == [Came.TAKEN, Came.TAKEN]
    assert acts(house) == [("taken", "maria", "link", None)]


def test_the_on_call_phone_has_no_name(house: House, code: str) -> None:
    assert take(house, code, by="") is Came.TAKEN
    assert take(house, code, by="joe") is Came.ALREADY
    assert duty.escalation(house).by == ""


def test_what_is_resolved_is_taken_by_nobody(house: House, code: str) -> None:
    answer.resolve(house.rt, house.clinic, code, by="joe", via="console", outcome=OUTCOME)
    house.work()
    assert take(house, code) is Came.CLOSED


def test_of_two_at_the_same_moment_one_has_it(house: House, code: str) -> None:
    """Neither conversation has heard of the other's answer yet: the first in the mailbox has it."""
    for by in ("maria", "joe"):
        answer.take(house.rt, house.clinic, code, by=by, via="link")
    house.work()
    assert duty.escalation(house).by == "maria"
    assert acts(house) == [("taken", "maria", "link", None)]


# -- resolved -------------------------------------------------------------------------------------------------


def test_what_is_resolved_is_over_with_its_outcome(house: House, code: str) -> None:
    answer.resolve(house.rt, house.clinic, code, by="maria", via="link", outcome=OUTCOME)
    house.work()
    found = duty.escalation(house)
    assert (found.resolved is None, found.outcome) == (False, OUTCOME)
    assert acts(house) == [("resolved", "maria", "link", OUTCOME)]
    duty.later(house, hours=5)
    assert duty.whom(house) == [(0, "maria", "text")]


def test_the_tasks_that_it_stands_for_are_done_with_and_no_others(house: House) -> None:
    duty.plan(house.rt, step("nurse on call"))
    duty.hire(house, "maria", MARIA)
    house.text("I have crushing chest pain and can't breathe")
    duty.work(house)
    with house.rt.begin() as db:
        task = OpenTask(task="reply_not_understood", urgency=Urgency.ROUTINE)
        where = duty.escalation(house).conversation
        worklist.open_task(db, clinic=house.clinic, conversation=where, task=task, now=house.rt.now())
    assert "emergency" in duty.tasks(house)
    code = duty.escalation(house).code
    answer.resolve(house.rt, house.clinic, code, by="maria", via="link", outcome=OUTCOME)
    assert "emergency" not in duty.tasks(house)
    assert "reply_not_understood" in duty.tasks(house)


@pytest.mark.parametrize("outcome", ["", "Ana is fine", "Reached the patient"])
def test_an_outcome_is_one_of_the_list(house: House, code: str, outcome: str) -> None:
    with pytest.raises(ValueError, match="An outcome is one of"):
        answer.resolve(house.rt, house.clinic, code, by="maria", via="link", outcome=outcome)
    house.work()
    assert duty.escalation(house).resolved is None


# -- open again, to others, later ---------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["taken", "resolved"])
def test_what_is_opened_again_climbs_from_the_first_step(house: House, code: str, before: str) -> None:
    duty.later(house, minutes=6)
    if before == "taken":
        take(house, code)
    else:
        answer.resolve(house.rt, house.clinic, code, by="joe", via="console", outcome=OUTCOME)
        house.work()
    answer.reopen(house.rt, house.clinic, code, by="joe", via="console")
    house.work()
    found = duty.escalation(house)
    assert (found.rung, found.taken, found.by, found.resolved, found.outcome) == (0, None, None, None, None)
    assert found.urgency == "emergency"
    assert len(house.got(MARIA)) == 2
    duty.later(house, minutes=6)
    assert duty.rung(house) == 1


def test_what_climbs_already_is_not_opened_again(house: House, code: str) -> None:
    answer.reopen(house.rt, house.clinic, code, by="joe", via="console")
    house.work()
    assert (len(house.got(MARIA)), acts(house)) == (1, [])


def test_who_it_is_handed_to_is_told_and_the_ladder_stands_behind_them(house: House, code: str) -> None:
    take(house, code)
    answer.hand_over(house.rt, house.clinic, code, by="maria", via="console", to=whom("joe"))
    duty.work(house)
    assert len(house.got(JOE)) == len(duty.calls(house, JOE)) == 1
    assert acts(house)[-1] == ("handed over", "maria", "console", "joe")
    assert duty.escalation(house).by is None
    duty.later(house, minutes=6)
    assert len(house.got(MARIA)) == 2


def test_it_can_be_handed_over_before_anybody_has_it(house: House, code: str) -> None:
    to = whom("everyone with role provider")
    answer.hand_over(house.rt, house.clinic, code, by="maria", via="console", to=to)
    duty.work(house)
    assert len(house.got(JOE)) == 1


def test_what_sleeps_asks_whoever_has_it_again(house: House, code: str) -> None:
    span = timedelta(minutes=40)
    answer.snooze(house.rt, house.clinic, code, by="maria", via="link", span=span)
    house.work()
    found = duty.escalation(house)
    assert (found.by, found.snoozed_until is None) == ("maria", False)
    duty.later(house, minutes=39)
    assert len(house.got(MARIA)) == 1
    duty.later(house, minutes=2)
    assert len(house.got(MARIA)) == 2
    assert duty.escalation(house).snoozed_until is None


@pytest.mark.parametrize("span", [timedelta(), timedelta(seconds=-1), timedelta(hours=24, seconds=1)])
def test_nothing_sleeps_for_longer_than_a_day_or_not_at_all(house: House, code: str, span: timedelta) -> None:
    with pytest.raises(ValueError, match="for a day at most"):
        answer.snooze(house.rt, house.clinic, code, by="maria", via="link", span=span)


def test_a_day_is_a_day(house: House, code: str) -> None:
    span = timedelta(hours=24)
    answer.snooze(house.rt, house.clinic, code, by="maria", via="link", span=span)


# -- none such ------------------------------------------------------------------------------------------------

Act = Callable[[Runtime, UUID, str], object]
ACTS: dict[str, Act] = {
    "take": lambda rt, clinic, code: answer.take(rt, clinic, code, by="maria", via="link"),
    "resolve": lambda rt, clinic, code: answer.resolve(
        rt, clinic, code, by="maria", via="link", outcome=OUTCOME
    ),
    "reopen": lambda rt, clinic, code: answer.reopen(rt, clinic, code, by="maria", via="link"),
    "hand over": lambda rt, clinic, code: answer.hand_over(
        rt, clinic, code, by="maria", via="link", to=whom("joe")
    ),
    "snooze": lambda rt, clinic, code: answer.snooze(
        rt, clinic, code, by="maria", via="link", span=timedelta(hours=1)
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_code_that_is_none_of_the_clinics_is_not_found(house: House, code: str, act: Act) -> None:
    with house.rt.begin() as db:
        given = {"name": "Other", "phone": "+12025550900", "zone": "UTC", "language": "en"}
        other = clinics.add(db, oncall_phone=None, now=house.rt.now(), **given)
    for clinic, number in ((house.clinic, "9999"), (house.clinic, ""), (other, code)):
        with pytest.raises(NotFound):
            act(house.rt, clinic, number)
    house.work()
    with house.rt.begin() as db:
        assert db.conn.execute(select(escalations.escalation_acts)).all() == []
