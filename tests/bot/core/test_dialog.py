"""How a flow's steps are walked: acts and their outcomes, questions and their patience, and a guard against circles."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.dialog import MOST_STEPS
from bot.core.effects import (
    BookSlot,
    CancelTimers,
    FindSlots,
    Purpose,
    SendText,
    SetVisitStatus,
    Urgency,
    Wait,
)
from bot.core.events import NoAnswer, ReminderDue, SlotAnswer, SlotsFound
from bot.core.facts import VisitStatus
from bot.core.flow import Do, Flow, Start, Step, Task
from bot.core.moments import AroundVisit
from bot.core.state import State
from bot.core.triggers import PatientSays
from nlp.reading import Intent
from tests.bot.core.world import BOOK, NOW, SLOTS, book_with, facts, kinds, on, said, tasks, text, visit

VISIT = visit()
REMINDER = ReminderDue(
    visit_id=VISIT.id, version=1, flow="appointment", when="3 days before the visit", due=NOW
)
REMINDED = on(REMINDER).state
LOOKING = on(text("another time", Intent.RESCHEDULE), REMINDED).state
OFFERED = on(SlotsFound(visit_id=VISIT.id, turn=LOOKING.talks[0].turn, slots=SLOTS), LOOKING).state
BOOKING = on(text("1", value=str(SLOTS[0].id)), OFFERED).state


def flow(**steps: Step) -> Flow:
    """A flow that the patient starts at the step `one` by saying something about being late."""
    return Flow(
        name="test",
        title="A flow of the tests",
        purpose="bulk",
        starts=(Start(when=PatientSays(intent=Intent.RUNNING_LATE), at="one"),),
        steps=steps,
    )


def late(made: Flow, state: State | None = None, **sentences: str) -> object:
    """Start the flow."""
    return on(text("late", Intent.RUNNING_LATE), state, book=book_with(made, **sentences))


# -- asking ------------------------------------------------------------------------------------------


def test_a_reminder_asks_and_waits_until_the_visit() -> None:
    decision = on(REMINDER)
    (reminder,) = decision.effects
    assert isinstance(reminder, SendText)
    assert reminder.purpose is Purpose.REMINDER
    assert reminder.wait == Wait(turn=1, until=VISIT.start)
    assert reminder.not_after == VISIT.start
    assert reminder.about is not None
    assert (reminder.about.visit_id, reminder.about.version) == (VISIT.id, 1)
    assert [(talk.step, talk.turn) for talk in decision.state.talks] == [("remind", 1)]


def test_a_confirmed_visit_is_only_looked_forward_to() -> None:
    confirmed = facts(replace(VISIT, status=VisitStatus.CONFIRMED))
    assert said(on(replace(REMINDER, when="1 day before the visit"), around=confirmed)) == [
        "reminder_confirmed"
    ]
    assert said(on(replace(REMINDER), around=confirmed)) == ["reminder"]


def test_what_follows_the_patients_own_text_is_a_reply_without_an_end() -> None:
    (status, thanks) = on(text("yes", Intent.CONFIRM), REMINDED).effects
    assert isinstance(thanks, SendText)
    assert (thanks.purpose, thanks.not_after, thanks.wait) == (Purpose.REPLY, None, None)
    assert status == SetVisitStatus(visit_id=VISIT.id, status=VisitStatus.CONFIRMED)


def test_a_wait_of_hours_is_counted_from_the_sending_but_ends_with_the_visit() -> None:
    decision = on(SlotsFound(visit_id=VISIT.id, turn=LOOKING.talks[0].turn, slots=SLOTS), LOOKING)
    (offer,) = decision.effects
    assert isinstance(offer, SendText)
    assert offer.wait == Wait(turn=OFFERED.talks[0].turn, seconds=20 * 3600, until=VISIT.start)


# -- acts and outcomes -------------------------------------------------------------------------------


def test_confirming_what_is_confirmed_changes_nothing_and_says_so_again() -> None:
    confirmed = facts(replace(VISIT, status=VisitStatus.CONFIRMED))
    decision = on(text("yes", Intent.CONFIRM), REMINDED, confirmed)
    assert kinds(decision) == ["SendText"]
    assert said(decision) == ["confirmed"]


def test_cancelling_cancels_the_timers_too() -> None:
    decision = on(text("can't come", Intent.CANCEL), REMINDED)
    assert decision.effects[:2] == (
        SetVisitStatus(visit_id=VISIT.id, status=VisitStatus.CANCELLED),
        CancelTimers(prefix=f"visit:{VISIT.id}:"),
    )
    assert said(decision) == ["cancelled"]
    assert decision.state.talks == ()


def test_looking_for_times_waits_for_what_is_found() -> None:
    decision = on(text("another time", Intent.RESCHEDULE), REMINDED)
    (talk,) = decision.state.talks
    assert decision.effects == (FindSlots(visit_id=VISIT.id, turn=talk.turn, at_most=3),)
    assert talk.step == "find_times"


@pytest.mark.parametrize(
    ("slots", "sentence", "task", "step"),
    [(SLOTS, "offer_times", [], "offer_times"), ((), "no_times", ["no_open_time"], None)],
)
def test_what_was_found_is_offered_or_a_person_takes_over(
    slots: tuple, sentence: str, task: list[str], step: str | None
) -> None:
    decision = on(SlotsFound(visit_id=VISIT.id, turn=LOOKING.talks[0].turn, slots=slots), LOOKING)
    assert (said(decision), tasks(decision)) == ([sentence], task)
    assert [talk.step for talk in decision.state.talks] == ([step] if step else [])


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_chosen_time_is_booked(number: int) -> None:
    decision = on(text(str(number + 1), value=str(SLOTS[number].id)), OFFERED)
    (talk,) = decision.state.talks
    assert decision.effects == (BookSlot(visit_id=VISIT.id, slot_id=SLOTS[number].id, turn=talk.turn),)


def test_a_booked_time_is_said_and_reminded_of() -> None:
    moved = replace(VISIT, start=SLOTS[0].start, version=2)
    answer = SlotAnswer(visit_id=VISIT.id, turn=BOOKING.talks[0].turn, booked=True)
    decision = on(answer, BOOKING, facts(moved))
    assert kinds(decision) == ["CancelTimers", "SetTimer", "SetTimer", "SendText"]
    assert said(decision) == ["rescheduled"]
    assert "Dec 8" in decision.effects[-1].body
    assert decision.state.talks == ()


def test_a_time_that_is_gone_leads_to_others() -> None:
    answer = SlotAnswer(visit_id=VISIT.id, turn=BOOKING.talks[0].turn, booked=False)
    decision = on(answer, BOOKING)
    assert kinds(decision) == ["SendText", "FindSlots"]
    assert said(decision) == ["time_taken"]
    assert decision.state.talks[0].slots == ()


@pytest.mark.parametrize(
    "late_answer",
    [
        SlotsFound(visit_id=VISIT.id, turn=LOOKING.talks[0].turn, slots=SLOTS),
        SlotsFound(visit_id=VISIT.id, turn=999, slots=SLOTS),
        SlotAnswer(visit_id=VISIT.id, turn=999, booked=False),
        NoAnswer(turn=REMINDED.talks[0].turn),
        NoAnswer(turn=999),
    ],
)
def test_what_belongs_to_an_old_turn_does_nothing(late_answer: object) -> None:
    decision = on(late_answer, OFFERED)  # type: ignore[arg-type]
    assert decision.effects == ()
    assert decision.state == OFFERED


def test_a_booking_that_nobody_waits_for_is_still_reminded_of() -> None:
    moved = facts(replace(VISIT, start=SLOTS[0].start, version=2))
    decision = on(SlotAnswer(visit_id=VISIT.id, turn=999, booked=True), State(), moved)
    assert kinds(decision) == ["CancelTimers", "SetTimer", "SetTimer"]


# -- no answer, no understanding ---------------------------------------------------------------------


def test_a_question_that_nobody_answers_goes_where_its_step_says() -> None:
    decision = on(NoAnswer(turn=OFFERED.talks[0].turn), OFFERED)
    assert said(decision) == ["offer_lapsed"]
    assert decision.state.talks == ()


def test_a_reminder_that_nobody_answers_ends_in_silence() -> None:
    decision = on(NoAnswer(turn=REMINDED.talks[0].turn), REMINDED)
    assert decision.effects == ()
    assert decision.state.talks == ()


def test_a_question_is_asked_again_as_often_as_the_step_says_and_then_a_person_gets_it() -> None:
    again = on(text("purple"), OFFERED)
    assert (said(again), tasks(again)) == (["offer_times_again"], [])
    assert again.state.talks[0].turn > OFFERED.talks[0].turn
    given_up = on(text("purple again"), again.state)
    assert (said(given_up), tasks(given_up)) == (["soft_reply"], ["reply_not_understood"])
    assert given_up.state.talks[0].step == "offer_times"  # a number still answers it


def test_the_wait_of_the_first_asking_is_over_once_it_is_asked_again() -> None:
    again = on(text("purple"), OFFERED).state
    assert on(NoAnswer(turn=OFFERED.talks[0].turn), again).effects == ()
    assert said(on(NoAnswer(turn=again.talks[0].turn), again)) == ["offer_lapsed"]


def test_a_number_that_was_not_offered_is_no_answer() -> None:
    other = "00000000-0000-0000-0000-0000000009ff"
    assert said(on(text("9", value=other), OFFERED)) == ["offer_times_again"]


def test_otherwise_takes_every_other_answer() -> None:
    made = flow(
        one=Step(ask="q", answers={"confirm": "end"}, otherwise="two", wait=timedelta(hours=1)),
        two=Step(say="s", then="end"),
    )
    book = book_with(made, q="Really?", s="Fine.")
    state = on(text("late", Intent.RUNNING_LATE), book=book).state
    decision = on(text("purple"), state, book=book)
    assert said(decision) == ["s"]
    assert decision.state.talks == ()


# -- walking -----------------------------------------------------------------------------------------


def test_a_step_acts_then_hands_over_then_talks_and_goes_on() -> None:
    made = flow(
        one=Step(do=Do.CONFIRM_VISIT, hand_over=Task(name="look", urgency="urgent"), say="s", then="two"),
        two=Step(say="t"),
    )
    decision = late(made, s="One.", t="Two.")
    assert kinds(decision) == ["SetVisitStatus", "OpenTask", "SendText", "SendText"]  # type: ignore[arg-type]
    assert said(decision) == ["s", "t"]  # type: ignore[arg-type]
    assert decision.effects[1].urgency is Urgency.URGENT  # type: ignore[attr-defined]
    assert decision.state.talks == ()  # type: ignore[attr-defined]


def test_a_flow_that_goes_in_circles_is_stopped_and_a_person_gets_it() -> None:
    made = flow(one=Step(say="s", then="two"), two=Step(then="one"))
    decision = late(made, s="Round.")
    assert len(said(decision)) <= MOST_STEPS  # type: ignore[arg-type]
    assert tasks(decision) == ["flow_too_long"]  # type: ignore[arg-type]
    assert decision.state.talks == ()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("steps", "expected"), [(MOST_STEPS - 1, []), (MOST_STEPS, ["flow_too_long"])])
def test_the_end_is_the_last_step_that_the_guard_allows(steps: int, expected: list[str]) -> None:
    names = ["one", *(f"s{number}" for number in range(1, steps))]
    chain = dict(zip(names, [*names[1:], "end"], strict=True))
    decision = late(flow(**{name: Step(then=following) for name, following in chain.items()}))
    assert tasks(decision) == expected  # type: ignore[arg-type]


def test_a_new_talk_about_a_visit_replaces_the_one_before() -> None:
    decision = on(replace(REMINDER, when="1 day before the visit"), OFFERED)
    assert len(decision.state.talks) == 1


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [("reminder", Purpose.REMINDER), ("bulk", Purpose.BULK), ("survey", Purpose.BULK)],
)
def test_what_the_patient_did_not_ask_for_leaves_as_the_flow_says(purpose: str, expected: Purpose) -> None:
    made = BOOK.flows["appointment"].model_copy(update={"purpose": purpose})
    (reminder,) = on(REMINDER, book=book_with(made)).effects
    assert isinstance(reminder, SendText)
    assert reminder.purpose is expected


def test_the_shipped_reminders_are_the_first_starts_of_their_flow() -> None:
    whens = [start.when for start in BOOK.flows["appointment"].starts]
    assert whens[:2] == [
        AroundVisit(unit="day", count=3, side="before"),
        AroundVisit(unit="day", count=1, side="before"),
    ]
