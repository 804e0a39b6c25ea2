"""Tests of bot/core/oncall.py: how rosters and ladders are written. Who is on call then stands in `test_roster`."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.core.moments import Weekday
from bot.core.oncall import (
    THE_PHONE,
    Channel,
    Ladder,
    Layer,
    OnCall,
    Only,
    Override,
    Rung,
    WeeklyMoment,
    Whom,
    whom,
)

WAIT = timedelta(minutes=5)


def ladder(*steps: dict[str, Any], **more: Any) -> Ladder:
    return Ladder.model_validate({"steps": [{"tell": "maria", **step} for step in steps], **more})


# -- whom --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kind", "name"),
    [
        ("nurse on call", "on call", "nurse"),
        ("everyone of nurse", "everyone", "nurse"),
        ("everyone with role front_desk", "role", "front_desk"),
        ("dr_lee", "person", "dr_lee"),
        ("the on-call phone", "phone", ""),
        ("  nurse   on call ", "on call", "nurse"),
    ],
)
def test_whom_to_tell(said: str, kind: str, name: str) -> None:
    found = whom(said)
    assert (found.kind, found.name) == (kind, name)
    assert str(found) == " ".join(said.split())
    assert whom(str(found)) == found


@pytest.mark.parametrize(
    "said",
    ["", "Maria", "nurse on-call", "the nurse on call", "9lives", "on call", "maria or joe"],
)
def test_anything_else_is_refused_with_a_hint(said: str) -> None:
    with pytest.raises(ValueError, match="write whom to tell as 'nurse on call'"):
        whom(said)


def test_the_phone_is_told_by_its_name() -> None:
    assert str(Whom(kind="phone")) == THE_PHONE


# -- rosters -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "moments"),
    [
        ("mondays at 08:00", [(Weekday.MONDAY, 8)]),
        ("every monday at 8:00", [(Weekday.MONDAY, 8)]),
        ("Monday at 08:00", [(Weekday.MONDAY, 8)]),
        ("fridays at 17:00 and mondays at 08:00", [(Weekday.MONDAY, 8), (Weekday.FRIDAY, 17)]),
        ("mondays at 08:00 and mondays at 08:00", [(Weekday.MONDAY, 8)]),
        ("every day at 07:00", [(day, 7) for day in Weekday]),
    ],
)
def test_hand_overs(said: str, moments: list[tuple[Weekday, int]]) -> None:
    layer = Layer.model_validate({"people": ["maria"], "hand_over": said})
    assert layer.hand_over == tuple(WeeklyMoment(day=day, at=time(hour)) for day, hour in moments)


@pytest.mark.parametrize(
    "said", ["mondays", "someday at 08:00", "mondays at 25:00", "mondays at 08:60", "daily at 08:00", ""]
)
def test_a_hand_over_that_makes_no_sense_is_refused(said: str) -> None:
    with pytest.raises(ValidationError, match="write a hand-over as"):
        Layer.model_validate({"people": ["maria"], "hand_over": said})


@pytest.mark.parametrize("more", [{}, {"hand_over": "mondays at 08:00"}, {"starts": date(2026, 11, 2)}])
def test_people_who_take_turns_need_a_hand_over_and_a_first_day(more: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="people who take turns need"):
        Layer.model_validate({"people": ["maria", "joe"], **more})
    assert Layer.model_validate({"people": ["maria"], **more}).people == ("maria",)


@pytest.mark.parametrize("part", [{"from": "08:00"}, {"until": "17:00"}])
def test_a_part_of_the_day_has_both_ends(part: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="both 'from' and 'until'"):
        Only.model_validate(part)


def test_times_stand_on_the_rosters_clock() -> None:
    with pytest.raises(ValidationError, match="write it as 08:00"):
        Only.model_validate({"from": "08:00Z", "until": "17:00"})
    with pytest.raises(ValidationError, match="on the roster's clock"):
        Override.model_validate({"person": "joe", "from": "2026-12-24T17:00Z", "until": "2026-12-25 08:00"})
    assert Override.model_validate(
        {"person": "joe", "from": "2026-12-24 17:00", "until": "2026-12-25 08:00"}
    ).opens == datetime.fromisoformat("2026-12-24 17:00")


@pytest.mark.parametrize("name", ["Maria", "maria lee", "1a", ""])
def test_people_stand_by_the_name_that_they_were_added_with(name: str) -> None:
    with pytest.raises(ValidationError):
        Layer.model_validate({"people": [name]})


# -- ladders -----------------------------------------------------------------------------------------


def test_each_page_has_its_step_and_the_last_repeats_for_ever() -> None:
    climbs = ladder({"wait": "1 minute"}, {"wait": "2 minutes", "times": 3}, {"wait": "3 minutes"})
    waits = [climbs.rung(number).wait for number in range(8)]
    assert waits == [timedelta(minutes=minutes) for minutes in (1, 2, 2, 2, 3, 3, 3, 3)]
    assert [climbs.is_last(number) for number in range(6)] == [False] * 4 + [True] * 2
    assert climbs.rung(10**9) is climbs.steps[-1]


def test_the_last_step_may_look_like_another_and_is_still_the_last() -> None:
    assert not ladder({"by": ["call"]}, {}, {"by": ["call"]}).is_last(0)


def test_a_step_tells_by_text_once_unless_it_says_otherwise() -> None:
    step = ladder({}).steps[0]
    assert (step.by, step.times, step.wait) == ((Channel.TEXT,), 1, None)


@pytest.mark.parametrize(
    "step", [{"by": []}, {"by": ["pigeon"]}, {"times": 0}, {"times": 51}, {"tell": "Maria"}, {"wait": "soon"}]
)
def test_a_step_that_tells_nobody_or_by_nothing_is_refused(step: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ladder(step)


def test_a_ladder_has_a_step() -> None:
    with pytest.raises(ValidationError):
        ladder()


@pytest.mark.parametrize("urgency", ["emergency", "urgent"])
def test_where_no_ladder_is_written_the_on_call_phone_is_texted(urgency: str) -> None:
    assert OnCall().ladder(urgency, WAIT) == Ladder(steps=(Rung(tell=Whom(kind="phone"), wait=WAIT),))


def test_routine_matters_page_nobody_where_no_ladder_is_written() -> None:
    assert OnCall().ladder("routine", WAIT) is None


def test_a_ladder_that_is_written_counts() -> None:
    written = OnCall.model_validate({"ladders": {"routine": {"steps": [{"tell": "maria"}]}}})
    found = written.ladder("routine", WAIT)
    assert found
    assert str(found.steps[0].tell) == "maria"


def test_there_are_no_other_ladders() -> None:
    with pytest.raises(ValidationError):
        OnCall.model_validate({"ladders": {"whenever": {"steps": [{"tell": "maria"}]}}})
