"""How a flow's steps are walked: acts and their outcomes, questions and their patience, and a guard against circles."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.dialog import DEEPEST, MOST_STEPS
from bot.core.effects import (
    BookSlot,
    CancelTimers,
    FindSlots,
    Purpose,
    SendText,
    SetPreference,
    SetTimer,
    SetVisitStatus,
    Urgency,
    Wait,
)
from bot.core.events import NoAnswer, ReminderDue, SlotAnswer, SlotsFound, Triggered
from bot.core.facts import VisitStatus
from bot.core.flow import Do, Flow, Start, Step, Task
from bot.core.moments import AroundVisit
from bot.core.state import State
from bot.core.triggers import PatientSays
from nlp.reading import Intent
from tests.bot.core.world import (
    ANA,
    BEN,
    BOOK,
    NOW,
    SLOTS,
    Story,
    bodies,
    book_of,
    book_with,
    facts,
    kinds,
    on,
    said,
    tasks,
    text,
    visit,
)
from tests.bot.core.world import flow as flow_of

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
    assert said(on(replace(REMINDER, when="1 day before the visit"))) == ["reminder"]


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


# -- branches and variables --------------------------------------------------------------------------


def story(*flows: Flow, **sentences: str) -> Story:
    """A conversation with these flows; the text GO begins the first."""
    return Story(book=book_of(*flows, **sentences))


def sub(name: str = "sub", **given: object) -> Flow:
    """A flow that only others begin."""
    return flow_of(name, starts=[], **given)


@pytest.mark.parametrize(
    ("pain", "sentence"), [(9, "severe"), (8, "severe"), (5, "mild"), (0, "fine"), (None, "fine")]
)
def test_a_branch_goes_where_the_first_condition_that_holds_leads(pain: int | None, sentence: str) -> None:
    lines = [{"if": "pain >= 8", "then": "severe"}, {"if": "pain > 3", "then": "mild"}, {"else": "fine"}]
    steps = {"one": {"branch": lines}, **{name: {"say": name} for name in ("severe", "mild", "fine")}}
    made = flow_of(starts=[{"when": "a missed call"}], variables={"pain": "phi"}, steps=steps)
    values = {} if pain is None else {"pain": pain}
    assert said(story(made).go(Triggered(trigger="a missed call", values=values))) == [sentence]


def test_a_branch_without_a_last_line_goes_on() -> None:
    made = flow_of(
        steps={"one": {"branch": [{"if": "x > 1", "then": "end"}], "then": "two"}, "two": {"say": "on"}}
    )
    assert said(story(made).go("go")) == ["on"]


def test_variables_are_set_in_their_order_and_what_comes_to_nothing_is_unset() -> None:
    asked = {"set": {"a": "2", "b": "a * 3", "c": "b / 0"}, "ask": "q", "expect": "text", "then": "two"}
    again = {"set": {"b": "c"}, "ask": "q", "expect": "text", "then": "end"}
    played = story(flow_of(variables=dict.fromkeys("abc", "phi"), steps={"one": asked, "two": again}))
    played.go("go")
    assert played.values == {"a": 2, "b": 6}
    played.go("hm", value="hm")
    assert played.values == {"a": 2}


@pytest.mark.parametrize(
    ("name", "expression", "effects"),
    [
        ("language", '"es"', [("language", "es")]),
        ("channel", '"call"', [("channel", "call")]),
        ("survey", "no", [("survey", "no")]),
        ("bulk", "1 < 2", [("bulk", "yes")]),
        ("survey", "nothing", []),
        ("shoe_size", "43", []),
    ],
)
def test_a_wish_of_the_patient_is_set(name: str, expression: str, effects: list[tuple[str, str]]) -> None:
    made = flow_of(steps={"one": {"set": {f"patient.{name}": expression}}})
    found = [e for e in story(made).go("go").effects if isinstance(e, SetPreference)]
    assert [(e.name, e.value) for e in found] == effects
    assert all(e.person_id == ANA.id for e in found)


def test_the_next_text_is_in_the_language_that_was_set() -> None:
    made = flow_of(steps={"one": {"set": {"patient.language": '"es"'}, "say": "confirmed"}})
    (body,) = bodies(story(made).go("go"))
    assert body.startswith("Gracias, Ana.")


def test_on_a_shared_phone_a_wish_is_of_the_one_who_is_asked_about() -> None:
    made = flow_of(starts=[{"when": "staff start it"}], steps={"one": {"set": {"patient.survey": "no"}}})
    played = Story(book=book_of(made), around=facts(people=(ANA, BEN)))
    effects = played.go(Triggered(trigger="staff start it", person_id=BEN.id)).effects
    assert effects == (SetPreference(person_id=BEN.id, name="survey", value="no"),)
    assert played.go(Triggered(trigger="staff start it")).effects == ()  # nobody's wish


def test_a_step_sets_before_it_hands_over_and_pages_before_it_says() -> None:
    one = {
        "say": "hm",
        "escalate": {"reason": "worry", "urgency": "urgent"},
        "hand_over": {"task": "look", "role": "nurse"},
        "set": {"patient.channel": '"call"'},
    }
    decision = story(flow_of(steps={"one": one})).go("go")
    assert kinds(decision) == ["SetPreference", "OpenTask", "OpenTask", "PageStaff", "SetTimer", "SendText"]
    assert tasks(decision) == ["look", "worry"]
    assert decision.effects[1].role == "nurse"  # type: ignore[union-attr]


# -- time --------------------------------------------------------------------------------------------


def test_a_pause_lets_time_pass_and_goes_on_in_the_hours_for_texts() -> None:
    made = flow_of(
        steps={
            "one": {"say": "first", "then": "rest"},
            "rest": {"pause": "2 days", "then": "later"},
            "later": {"say": "second"},
        }
    )
    played = story(made)
    _text, timer = played.go("go").effects
    assert timer == SetTimer(
        key=f"wait:{played.turn}", due=NOW + timedelta(days=2), what=NoAnswer(turn=played.turn)
    )
    assert played.at == ["rest"]
    (later,) = played.go(NoAnswer(turn=played.turn), after=timedelta(days=2)).effects
    assert isinstance(later, SendText)
    assert (later.wording, later.purpose) == ("second", Purpose.REMINDER)
    assert played.state.talks == ()


def test_a_pause_until_a_moment_that_is_over_ends_at_once() -> None:
    made = flow_of(about="the visit", steps={"one": {"pause": "30 days before the visit", "then": "end"}})
    (timer,) = story(made).go("go").effects
    assert isinstance(timer, SetTimer)
    assert timer.due == NOW


def test_a_text_in_a_pause_is_no_answer_to_it() -> None:
    made = flow_of(steps={"one": {"pause": "2 days", "then": "later"}, "later": {"say": "second"}})
    played = story(made)
    played.go("go")
    assert said(played.go("hello?")) == ["soft_reply"]
    assert played.at == ["one"]


@pytest.mark.parametrize(("no_answer", "sentences"), [("sad", ["sad"]), (None, [])])
def test_an_unanswered_question_goes_on_in_the_hours_for_texts(
    no_answer: str | None, sentences: list[str]
) -> None:
    steps = {
        "one": {"ask": "q", "expect": "text", "then": "end", "no_answer": no_answer},
        "sad": {"say": "sad"},
    }
    played = story(flow_of(purpose="survey", steps=steps))
    played.go("go")
    decision = played.go(NoAnswer(turn=played.turn))
    assert said(decision) == sentences
    assert all(e.purpose is Purpose.BULK for e in decision.effects if isinstance(e, SendText))
    assert played.state.talks == ()


# -- flows within flows ------------------------------------------------------------------------------

CALLS = {
    "one": {"call": "sub", "with": {"given": "pain"}, "results": {"bad": "worse"}, "then": "fine"},
    "worse": {"say": "told"},
    "fine": {"say": "good"},
}


def score(**last: object) -> Flow:
    steps = {
        "a": {"ask": "how_much", "expect": "a number from 0 to 10", "save": "score", "then": "b"},
        "b": last,
    }
    return sub(variables={"score": "contact", "given": "contact"}, results=["bad"], steps=steps)


@pytest.mark.parametrize(
    ("last", "sentence"),
    [({"result": "bad"}, "told"), ({"result": "odd"}, "good"), ({"then": "end"}, "good"), ({}, "good")],
)
def test_a_flow_that_was_called_comes_back_with_its_result(last: dict[str, str], sentence: str) -> None:
    made = flow_of(variables={"pain": "phi"}, steps=CALLS)
    played = story(made, score(**last))
    assert said(played.go("go")) == ["how_much"]
    assert said(played.go("7", value=7)) == [sentence]
    assert played.state.talks == ()


def test_values_are_handed_in_and_the_callers_own_are_known_again_beside_the_others() -> None:
    asks = {**CALLS, "fine": {"ask": "good", "expect": "text", "then": "end"}}
    steps = {"zero": {"set": {"pain": "4"}, "then": "one"}, **asks}
    played = story(flow_of(variables={"pain": "phi"}, steps=steps), score())
    played.go("go")
    assert played.values == {"given": 4}
    played.go("7", value=7)
    assert played.values == {"pain": 4, "sub.given": 4, "sub.score": 7}


def test_what_a_called_flow_has_found_out_is_known_to_conditions() -> None:
    lines = [{"if": "sub.score > 5", "then": "worse"}, {"else": "fine"}]
    made = flow_of(steps={**CALLS, "one": {"call": "sub", "then": "two"}, "two": {"branch": lines}})
    played = story(made, score())
    played.go("go")
    assert said(played.go("7", value=7)) == ["told"]


def test_a_talk_is_known_by_the_flow_that_it_began_with() -> None:
    played = story(flow_of(steps=CALLS), score())
    played.go("go")
    played.go("go")
    assert [(talk.key[0], talk.flow) for talk in played.state.talks] == [("test", "sub")]


@pytest.mark.parametrize("depth", [DEEPEST, DEEPEST + 1])
def test_flows_wait_for_each_other_only_so_deep_and_then_a_person_gets_it(depth: int) -> None:
    subs = [sub(f"s{n}", steps={"a": {"call": f"s{n + 1}"}}) for n in range(1, depth)]
    last = sub(f"s{depth}", steps={"a": {"say": "deep"}})
    decision = story(flow_of(steps={"one": {"call": "s1"}}), *subs, last).go("go")
    assert (said(decision), tasks(decision)) == (
        (["deep"], []) if depth == DEEPEST else ([], ["flow_changed"])
    )
    assert decision.state.talks == ()


def test_a_flow_that_calls_itself_ends_with_a_person() -> None:
    decision = story(flow_of(steps={"one": {"call": "test"}})).go("go")
    assert (tasks(decision), decision.state.talks) == (["flow_changed"], ())


@pytest.mark.parametrize("step", [{"call": "gone"}, {"start": "gone"}, {"then": "gone"}])
def test_what_does_not_exist_leads_to_a_person(step: dict[str, str]) -> None:
    decision = story(flow_of(steps={"one": step})).go("go")
    assert (tasks(decision), decision.state.talks) == (["flow_changed"], ())


def test_another_flow_takes_this_ones_place_with_the_variables_that_both_have() -> None:
    one = {"set": {"score": "3", "own": "4"}, "start": "sub"}
    played = story(flow_of(variables={"score": "phi", "own": "phi"}, steps={"one": one}), score())
    played.go("go")
    assert played.values == {"score": 3}
    assert [talk.key[0] for talk in played.state.talks] == ["sub"]
    assert said(played.go("7", value=7)) == []
    assert played.state.talks == ()


def test_the_visits_location_has_its_own_variant_of_the_flow() -> None:
    base = flow_of("test", about="the visit", steps={"one": {"say": "everywhere"}})
    own = flow_of(
        "own", about="the visit", extends="test", site="Downtown", steps={"one": {"say": "downtown"}}
    )
    for location, sentence in (("Downtown", "downtown"), ("Uptown", "everywhere")):
        played = Story(book=book_of(base, own), around=facts(replace(VISIT, location=location)))
        decision = played.go("go")
        assert said(decision) == [sentence]
        assert decision.path[0] == "test<the patient texts GO"


def test_the_path_tells_every_start_step_and_way() -> None:
    played = story(flow_of(steps=CALLS), score(result="bad"))
    assert played.go("go").path == ("test<the patient texts GO", "test:one", "sub:a")
    assert played.go("7", value=7).path == ("sub:a>then", "sub:b", "test:one>result: bad", "test:worse")


def test_the_path_tells_ways_of_branches_too() -> None:
    steps = {
        "one": {"branch": [{"if": "patient.has_visit", "then": "two"}, {"else": "end"}]},
        "two": {"then": "three"},
        "three": {"branch": [{"if": "no", "then": "two"}, {"else": "end"}]},
    }
    path = story(flow_of(steps=steps)).go("go").path
    assert path[1:] == (
        "test:one",
        "test:one>if: patient.has_visit",
        "test:two",
        "test:two>then",
        "test:three",
        "test:three>else",
    )


def test_what_a_flow_has_from_the_one_that_it_called_is_its_own_business() -> None:
    low = flow_of("low", starts=[], steps={"a": {"set": {"x": "1"}}})
    mid = flow_of(
        "mid", starts=[], steps={"a": {"call": "low", "then": "b"}, "b": {"set": {"y": "low.x + 1"}}}
    )
    steps = {
        "one": {"call": "mid", "with": {"z": "nothing"}, "then": "two"},
        "two": {"ask": "q", "expect": "text"},
    }
    played = story(flow_of(steps=steps), mid, low)
    played.go("go")
    assert played.values == {"mid.y": 2}


@pytest.mark.parametrize(
    ("after", "talks", "opened"),
    [
        ({"start": "sub"}, ["sub"], []),
        ({"then": "two"}, [], ["flow_too_long"]),
        ({"then": "gone"}, [], ["flow_changed"]),
        ({"do": "find open times"}, [], ["flow_needs_a_visit"]),
    ],
)
def test_a_question_that_was_answered_is_not_open_any_more_whatever_follows(
    after: dict[str, str], talks: list[str], opened: list[str]
) -> None:
    asks = {"ask": "q", "expect": "text", "then": "two"}
    played = story(flow_of(steps={"one": asks, "two": after}), sub(steps={"a": asks, "two": {}}))
    played.go("go")
    assert tasks(played.go("hm", value="hm")) == opened
    assert [talk.flow for talk in played.state.talks] == talks


def test_a_wait_at_a_step_that_is_gone_ends_with_a_person() -> None:
    played = story(flow_of(steps={"one": {"ask": "q", "expect": "text"}}))
    played.go("go")
    played.book = book_of(flow_of(steps={"other": {"ask": "q", "expect": "text"}}))
    assert tasks(played.go(NoAnswer(turn=played.turn))) == ["flow_changed"]
    assert played.state.talks == ()
