"""What each act of a step does to the visit, and where its result leads."""

from dataclasses import replace

import pytest

from bot.core.effects import (
    BookSlot,
    CancelTimers,
    Effect,
    FindSlots,
    JoinWaitlist,
    PassOn,
    SendText,
    SetVisitStatus,
)
from bot.core.events import SlotAnswer, SlotsFound, Triggered
from bot.core.facts import VisitStatus
from bot.core.flow import OUTCOMES, Do
from tests.bot.core.world import POLICY, SLOTS, Story, book_of, facts, flow, said, tasks, visit

VISIT = visit()


def doing(do: str, status: VisitStatus = VisitStatus.BOOKED, **more: object) -> Story:
    """A flow about the visit that does this, begun by a text or by a time that opens up."""
    starts = [{"when": "the patient texts GO"}, {"when": "a time opens up"}]
    steps = {
        "one": {"do": do, "then": "two", **more},
        "two": {"branch": [{"if": "visit.confirmed", "then": "yes"}, {"else": "no"}]},
    }
    steps |= {"yes": {"say": "it_is_confirmed"}, "no": {"say": "it_is_not"}}
    made = flow(about="the visit", starts=starts, steps=steps)
    return Story(book=book_of(made), around=facts(replace(VISIT, status=status)))


def acts(effects: tuple[Effect, ...]) -> list[Effect]:
    return [effect for effect in effects if not isinstance(effect, SendText)]


def status(now: VisitStatus) -> SetVisitStatus:
    return SetVisitStatus(visit_id=VISIT.id, status=now)


TIMERS = CancelTimers(prefix=f"visit:{VISIT.id}:")


@pytest.mark.parametrize(
    ("do", "before", "expected", "after"),
    [
        ("confirm the visit", VisitStatus.BOOKED, [status(VisitStatus.CONFIRMED)], "it_is_confirmed"),
        ("confirm the visit", VisitStatus.CONFIRMED, [], "it_is_confirmed"),
        ("cancel the visit", VisitStatus.BOOKED, [status(VisitStatus.CANCELLED), TIMERS], "it_is_not"),
        ("cancel the visit", VisitStatus.CONFIRMED, [status(VisitStatus.CANCELLED), TIMERS], "it_is_not"),
        ("put on the waitlist", VisitStatus.BOOKED, [JoinWaitlist(visit_id=VISIT.id)], "it_is_not"),
    ],
)
def test_an_act_on_the_visit_is_known_to_the_steps_after_it(
    do: str, before: VisitStatus, expected: list[Effect], after: str
) -> None:
    decision = doing(do, before).go("go")
    assert acts(decision.effects) == expected
    assert said(decision) == [after]


def test_looking_for_times_asks_for_as_many_as_are_offered() -> None:
    story = doing("find open times")
    assert story.go("go").effects == (
        FindSlots(visit_id=VISIT.id, turn=story.turn, at_most=POLICY.offered_times),
    )


@pytest.mark.parametrize(("slots", "outcome"), [(SLOTS, "found"), ((), "none")])
def test_what_was_found_leads_where_the_step_says_or_simply_on(slots: tuple, outcome: str) -> None:
    for ways, sentence in (({outcome: "yes"}, "it_is_confirmed"), ({}, "it_is_not")):
        story = doing("find open times", outcomes=ways)
        story.go("go")
        assert said(story.go(SlotsFound(visit_id=VISIT.id, turn=story.turn, slots=slots))) == [sentence]


@pytest.mark.parametrize(("booked", "outcome"), [(True, "booked"), (False, "gone")])
def test_the_time_that_opened_up_is_booked_or_gone(*, booked: bool, outcome: str) -> None:
    story = doing("book the chosen time", outcomes={outcome: "yes", "booked" if not booked else "gone": "no"})
    decision = story.go(Triggered(trigger="a time opens up", visit_id=VISIT.id, slots=SLOTS[:1]))
    assert decision.effects == (BookSlot(visit_id=VISIT.id, slot_id=SLOTS[0].id, turn=story.turn),)
    moved = replace(VISIT, start=SLOTS[0].start, version=2) if booked else VISIT
    story.around = facts(moved)
    answer = story.go(SlotAnswer(visit_id=VISIT.id, turn=story.turn, booked=booked))
    assert said(answer) == ["it_is_confirmed"]
    assert story.state.talks == ()


def test_a_time_that_is_declined_is_offered_to_the_next() -> None:
    story = doing("offer the time to the next")
    decision = story.go(Triggered(trigger="a time opens up", visit_id=VISIT.id, slots=SLOTS[:1]))
    assert acts(decision.effects) == [PassOn(visit_id=VISIT.id, slot_id=SLOTS[0].id)]


def test_without_a_time_there_is_none_to_pass_on() -> None:
    assert acts(doing("offer the time to the next").go("go").effects) == []


@pytest.mark.parametrize("do", list(OUTCOMES))
def test_an_act_whose_result_is_awaited_needs_a_visit(do: Do) -> None:
    story = Story(book=book_of(flow(steps={"one": {"do": str(do), "outcomes": {}}})))
    decision = story.go("go")
    assert (decision.state.talks, tasks(decision)) == ((), ["flow_needs_a_visit"])


@pytest.mark.parametrize("do", [do for do in Do if do not in OUTCOMES])
def test_any_other_act_without_a_visit_does_nothing_and_the_flow_goes_on(do: Do) -> None:
    story = Story(book=book_of(flow(steps={"one": {"do": str(do), "then": "two"}, "two": {"say": "on"}})))
    decision = story.go("go")
    assert (acts(decision.effects), said(decision)) == ([], ["on"])
