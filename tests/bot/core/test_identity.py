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
    Story,
    bodies,
    book_of,
    facts,
    flow,
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


# -- which person ------------------------------------------------------------------------------------

CHILDREN = facts(people=(ANA, BEN))
REFILL = flow(
    starts=[{"when": "the patient says refill"}], steps={"one": {"ask": "which_one", "expect": "text"}}
)


def refill(around: object = CHILDREN, *flows: object) -> Story:
    return Story(book=book_of(REFILL, *flows, which_one="For {{first_name}}?"), around=around)  # type: ignore[arg-type]


def test_two_people_on_one_phone_are_told_apart_before_a_flow_about_one_begins() -> None:
    story = refill()
    decision = story.go("I need my pills", intent=Intent.REFILL)
    assert said(decision) == ["which_person"]
    assert "1) Ana\n2) Ben" in bodies(decision)[0]
    expected = identity.expects(story.book, story.state, CHILDREN, ANA.zone, "en")
    assert expected == Choice(options={str(ANA.id): ("Ana",), str(BEN.id): ("Ben",)})
    assert bodies(story.go("2", value=str(BEN.id))) == ["For Ben?"]
    assert [talk.person_id for talk in story.state.talks] == [BEN.id]
    assert story.state.which is None


def test_only_one_person_is_not_asked_about() -> None:
    assert bodies(refill(facts()).go("I need my pills", intent=Intent.REFILL)) == ["For Ana?"]


def test_no_answer_to_which_person_is_a_text_like_any_other() -> None:
    story = refill()
    story.go("I need my pills", intent=Intent.REFILL)
    assert tasks(story.go("both of them")) == ["reply_not_understood"]
    assert story.state.which is None


def test_each_child_has_a_talk_of_its_own() -> None:
    story = refill()
    for person in (ANA, BEN):
        story.go("pills", intent=Intent.REFILL)
        story.go("that one", value=str(person.id))
    assert [talk.person_id for talk in story.state.talks] == [BEN.id, ANA.id]


def test_which_person_never_begins_a_flow_about_a_visit() -> None:
    """Both flows hear the same words; there is no visit that the first of them could be about."""
    visits = flow(
        "a_visit",
        about="the visit",
        starts=[{"when": "the patient says refill"}],
        steps={"one": {"say": "visit"}},
    )
    story = Story(book=book_of(visits, REFILL, which_one="For {{first_name}}?"), around=CHILDREN)
    story.go("pills", intent=Intent.REFILL)
    assert bodies(story.go("2", value=str(BEN.id))) == ["For Ben?"]


@pytest.mark.parametrize(
    ("only_if", "sentences"), [("visit.hour < 12", ["visit"]), ("visit.hour > 12", ["patient"])]
)
def test_which_visit_begins_what_one_visit_alone_would_have_begun(only_if: str, sentences: list[str]) -> None:
    says = {"when": "the patient says cancel"}
    about_patient = flow("a_patient", starts=[says], steps={"one": {"say": "patient"}})
    about_visit = flow(
        "a_visit", about="the visit", starts=[{**says, "if": only_if}], steps={"one": {"say": "visit"}}
    )
    story = Story(book=book_of(about_patient, about_visit), around=BOTH)
    assert said(story.go("cancel it", intent=Intent.CANCEL)) == ["which_visit"]
    assert said(story.go("1", value=str(FIRST.id))) == sentences


def test_a_visit_leads_to_its_own_person() -> None:
    made = flow(
        "a_visit", about="the visit", starts=[{"when": "the patient texts GO"}], steps={"one": {"ask": "hi"}}
    )
    story = Story(book=book_of(made, hi="Hi {{first_name}}."), around=facts(BENS, people=(ANA, BEN)))
    assert bodies(story.go("go")) == ["Hi Ben."]


# -- what starts a flow ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "begins"),
    [("SICK", True), ("sick", True), (" Sick! ", True), ("sick today", False), ("si", False), ("", False)],
)
def test_a_keyword_is_the_whole_text(body: str, *, begins: bool) -> None:
    story = Story(
        book=book_of(flow(starts=[{"when": "the patient texts SICK"}], steps={"one": {"say": "hello"}}))
    )
    assert ("hello" in said(story.go(body))) is begins


def test_a_start_whose_condition_is_false_leaves_the_text_to_others() -> None:
    starts = [
        {"when": "the patient texts GO", "if": "patient.has_visit", "at": "two"},
        {"when": "the patient texts GO"},
    ]
    made = flow(starts=starts, steps={"one": {"say": "one"}, "two": {"say": "two"}})
    for around, sentence in ((facts(FIRST), "two"), (facts(), "one")):
        assert said(Story(book=book_of(made), around=around).go("go")) == [sentence]
    never = flow(starts=[{"when": "the patient texts GO", "if": "no"}], steps={"one": {"say": "one"}})
    assert said(Story(book=book_of(never)).go("go")) == ["soft_reply"]


# -- another flow ------------------------------------------------------------------------------------


def two_flows(manner: str, **first: object) -> Story:
    """A question of the first flow is open; the text OTHER asks for the second."""
    steps = {"one": {"ask": "question", "expect": "yes or no", "then": "end"}}
    one = flow("one", another_flow=manner, **{"steps": steps, **first})
    other = flow(
        "other", starts=[{"when": "the patient texts OTHER"}], steps={"a": {"ask": "other", "expect": "text"}}
    )
    story = Story(book=book_of(one, other, flow("sub", starts=[], steps=steps)))
    story.go("go")
    return story


@pytest.mark.parametrize(
    ("manner", "sentences", "opened", "talks"),
    [
        ("finish", ["finish_first", "question"], ["asked_for_another_flow"], ["one"]),
        ("switch", ["other"], [], ["other"]),
        ("both", ["other"], [], ["other", "one"]),
    ],
)
def test_who_asks_for_another_flow_finishes_this_one_leaves_it_or_has_both(
    manner: str, sentences: list[str], opened: list[str], talks: list[str]
) -> None:
    story = two_flows(manner)
    decision = story.go("other")
    assert (said(decision), tasks(decision)) == (sentences, opened)
    assert [talk.flow for talk in story.state.talks] == talks


@pytest.mark.parametrize("manner", ["finish", "switch", "both"])
def test_who_asks_for_the_same_flow_begins_it_anew(manner: str) -> None:
    story = two_flows(manner)
    assert said(story.go("go")) == ["question"]
    assert len(story.state.talks) == 1


def test_what_only_lets_time_pass_need_not_be_finished() -> None:
    story = two_flows("finish", steps={"one": {"pause": "1 day", "then": "end"}})
    assert said(story.go("other")) == ["other"]


@pytest.mark.parametrize(
    ("manner", "sentences"), [("finish", ["finish_first", "question"]), ("both", ["other"])]
)
def test_a_flow_that_was_called_is_finished_if_its_caller_wants_that(
    manner: str, sentences: list[str]
) -> None:
    story = two_flows(manner, steps={"one": {"call": "sub"}})
    assert said(story.go("other")) == sentences


def test_a_variant_is_the_same_flow() -> None:
    asks = {"one": {"ask": "question", "expect": "yes or no", "then": "end"}}
    base = flow("test", about="the visit", another_flow="finish", steps=asks)
    own = flow("own", about="the visit", another_flow="finish", extends="test", site="Downtown", steps=asks)
    story = Story(book=book_of(base, own), around=facts(replace(FIRST, location="Downtown")))
    assert [said(story.go("go")) for _ in range(2)] == [["question"], ["question"]]
    assert [talk.flow for talk in story.state.talks] == ["own"]
