"""Which visit a text is about: the one that was asked about, else the only one, else we ask."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bot.core import identity
from bot.core.effects import SetVisitStatus
from bot.core.events import ReminderDue
from bot.core.facts import VisitStatus
from bot.core.state import State, Talk, Which
from nlp.reading import Choice, Intent
from tests.bot.core.world import (
    ANA,
    BEN,
    BOOK,
    NOW,
    SLOTS,
    bodies,
    facts,
    kinds,
    on,
    said,
    tasks,
    text,
    visit,
)

FIRST = visit(1)
SECOND = visit(2, start=datetime(2026, 12, 9, 19, 0, tzinfo=UTC))
BENS = visit(3, start=datetime(2026, 12, 8, 16, 0, tzinfo=UTC), person=BEN)
BOTH = facts(FIRST, SECOND)
FAMILY = facts(FIRST, BENS, people=(ANA, BEN))


def asked_about(*visits: object) -> State:
    """The state after each of these visits was reminded of."""
    state = State()
    for one in visits:
        due = ReminderDue(
            visit_id=one.id, version=one.version, flow="appointment", when="3 days before the visit", due=NOW
        )  # type: ignore[attr-defined]
        state = on(due, state, facts(FIRST, SECOND, BENS, people=(ANA, BEN))).state
    return state


def statuses(decision: object) -> list[tuple[int, str]]:
    """Number and new status of every visit that is changed."""
    return [
        (e.visit_id.int, str(e.status))
        for e in decision.effects  # type: ignore[attr-defined]
        if isinstance(e, SetVisitStatus)
    ]


def test_a_reply_belongs_to_the_visit_that_was_asked_about() -> None:
    decision = on(text("yes", Intent.CONFIRM), asked_about(SECOND), BOTH)
    assert statuses(decision) == [(2, "confirmed")]


def test_the_only_visit_is_meant_where_nothing_was_asked() -> None:
    assert statuses(on(text("yes", Intent.CONFIRM), State(), facts(FIRST))) == [(1, "confirmed")]


@pytest.mark.parametrize("state", [State(), asked_about(FIRST, SECOND)], ids=["nothing asked", "both asked"])
def test_where_several_could_be_meant_we_ask_which(state: State) -> None:
    decision = on(text("yes", Intent.CONFIRM), state, BOTH)
    assert statuses(decision) == []
    assert said(decision) == ["which_visit"]
    assert "1) Mon, Dec 7 at 10:30 AM\n2) Wed, Dec 9 at 2:00 PM" in bodies(decision)[0] or (
        "1) Wed, Dec 9 at 2:00 PM\n2) Mon, Dec 7 at 10:30 AM" in bodies(decision)[0]
    )
    assert decision.state.which is not None
    assert decision.state.which.trigger == "the patient says confirm"


def test_people_who_share_a_phone_are_asked_by_name() -> None:
    (body,) = bodies(on(text("yes", Intent.CONFIRM), State(), FAMILY))
    assert "1) Ana, Mon, Dec 7 at 10:30 AM\n2) Ben, Tue, Dec 8 at 11:00 AM" in body


@pytest.mark.parametrize(("chosen", "number"), [(FIRST, 1), (SECOND, 2)])
def test_the_answer_to_which_visit_does_what_was_wanted(chosen: object, number: int) -> None:
    state = on(text("cancel it", Intent.CANCEL), State(), BOTH).state
    decision = on(text(str(number), value=str(chosen.id)), state, BOTH)  # type: ignore[attr-defined]
    assert statuses(decision) == [(number, "cancelled")]
    assert decision.state.which is None


def test_the_answer_to_which_visit_goes_on_with_the_talk_about_it() -> None:
    state = on(text("yes", Intent.CONFIRM), asked_about(FIRST, SECOND), BOTH).state
    decision = on(text("2", value=str(SECOND.id)), state, BOTH)
    assert statuses(decision) == [(2, "confirmed")]
    assert [talk.visit_id for talk in decision.state.talks] == [FIRST.id]


def test_no_answer_to_which_visit_is_a_text_like_any_other() -> None:
    state = on(text("cancel it", Intent.CANCEL), State(), BOTH).state
    decision = on(text("what?", Intent.QUESTION), state, BOTH)
    assert decision.state.which is None
    assert tasks(decision) == ["question"]
    assert statuses(decision) == []


def test_a_visit_that_is_off_by_now_is_not_chosen() -> None:
    state = on(text("cancel it", Intent.CANCEL), State(), BOTH).state
    now_off = facts(FIRST, replace(SECOND, status=VisitStatus.CANCELLED))
    assert statuses(on(text("2", value=str(SECOND.id)), state, now_off)) == []


@pytest.mark.parametrize(
    ("around", "why"),
    [
        (facts(), "there is none"),
        (facts(replace(FIRST, status=VisitStatus.CANCELLED)), "it is off"),
        (facts(replace(FIRST, start=NOW - timedelta(hours=1))), "it is over"),
    ],
)
def test_without_a_visit_ahead_a_person_gets_the_wish(around: object, why: str) -> None:
    decision = on(text("I can't come", Intent.CANCEL), State(), around)  # type: ignore[arg-type]
    assert (said(decision), tasks(decision)) == (["soft_reply"], ["reply_not_understood"]), why


def test_a_talk_about_another_version_is_not_open_any_more() -> None:
    state = asked_about(FIRST)
    moved = facts(replace(FIRST, version=2, start=SECOND.start))
    decision = on(text("yes", Intent.CONFIRM), state, moved)
    assert statuses(decision) == [(1, "confirmed")]  # as a wish of its own, about the visit as it is now
    assert "Dec 9" in bodies(decision)[0]


def test_offered_times_take_the_answer_even_where_other_questions_are_open() -> None:
    (other,) = asked_about(SECOND).talks
    offer = Talk(flow="appointment", step="offer_times", turn=9, visit_id=FIRST.id, version=1, slots=SLOTS)
    state = State(turn=9, talks=(offer, other))
    decision = on(text("2", value=str(SLOTS[1].id)), state, BOTH)
    assert kinds(decision) == ["BookSlot"]
    assert decision.effects[0].slot_id == SLOTS[1].id


def test_a_time_that_was_offered_for_another_version_of_the_visit_is_not_booked() -> None:
    offer = Talk(flow="appointment", step="offer_times", turn=9, visit_id=FIRST.id, version=1, slots=SLOTS)
    moved = facts(replace(FIRST, version=2, start=SECOND.start))
    decision = on(text("2", value=str(SLOTS[1].id)), State(turn=9, talks=(offer,)), moved)
    assert "BookSlot" not in kinds(decision)
    assert tasks(decision) == ["reply_not_understood"]


# -- what the reader is told to look for -------------------------------------------------------------


def test_nothing_is_expected_where_nothing_is_open() -> None:
    assert identity.expects(BOOK, State(), facts(FIRST), ANA.zone, "en") is None


def test_which_visit_expects_one_of_the_visits_that_are_still_there() -> None:
    which = Which(trigger="the patient says cancel", visits=(FIRST.id, UUID(int=99), SECOND.id))
    expected = identity.expects(BOOK, State(which=which), facts(FIRST, SECOND), ANA.zone, "en")
    assert expected == Choice(
        options={
            str(FIRST.id): ("Mon, Dec 7 at 10:30 AM",),
            str(SECOND.id): ("Wed, Dec 9 at 2:00 PM",),
        }
    )


def test_offered_times_are_expected_in_both_languages_and_in_their_order() -> None:
    offer = Talk(flow="appointment", step="offer_times", turn=1, visit_id=FIRST.id, version=1, slots=SLOTS)
    expected = identity.expects(BOOK, State(talks=(offer,)), facts(FIRST), ANA.zone, "es")
    assert isinstance(expected, Choice)
    assert list(expected.options) == [str(slot.id) for slot in SLOTS]
    assert expected.options[str(SLOTS[0].id)] == (
        "mar 8 de dic a las 10:30 a. m.",
        "Tue, Dec 8 at 10:30 AM",
    )


def test_which_visit_is_expected_before_offered_times() -> None:
    offer = Talk(flow="appointment", step="offer_times", turn=1, visit_id=FIRST.id, version=1, slots=SLOTS)
    state = State(
        talks=(offer,), which=Which(trigger="the patient says cancel", visits=(FIRST.id, SECOND.id))
    )
    expected = identity.expects(BOOK, state, facts(FIRST, SECOND), ANA.zone, "en")
    assert isinstance(expected, Choice)
    assert list(expected.options) == [str(FIRST.id), str(SECOND.id)]
