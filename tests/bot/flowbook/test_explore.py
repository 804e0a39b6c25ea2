"""Tests of bot/flowbook/explore.py: the walk finds what is wrong, counts right, and misses nothing that can happen."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.book import Book
from bot.core.effects import SendPage, SendText
from bot.core.events import PageUsed, TextArrived, Triggered
from bot.core.facts import Person, Sender, Slot, Visit, VisitStatus
from bot.core.flow import END, Flow
from bot.flowbook import loader
from bot.flowbook.explore import Walk, explore
from bot.flowbook.explore_graph import graph
from bot.flowbook.explore_paths import circles, following
from bot.flowbook.player import only
from bot.flowbook.rows import Opening, Phone, person_id, slot_id, visit_id
from bot.flowbook.world import World
from bot.settings import HOME
from nlp.reading import (
    BloodPressure,
    Choice,
    Date,
    Expect,
    Intent,
    Level,
    Number,
    Reading,
    Repair,
    Scale,
    When,
    Window,
    YesNo,
)

Steps = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def shipped() -> Book:
    return loader.load(HOME / "flows")


def with_flows(book: Book, *flows: Flow) -> Book:
    return Book(
        edition=book.edition,
        house=book.house,
        flows={flow.name: flow for flow in flows},
        policy=book.policy,
        wordings=book.wordings,
    )


def flow(steps: Steps, name: str = "mini", **head: Any) -> Flow:
    said = {"flow": name, "title": "A flow", "purpose": "care", "about": "the patient", "steps": steps}
    return Flow.model_validate(said | head)


@pytest.fixture
def walked(book: Book) -> Callable[..., Walk]:
    """The walk over a flow with these steps, and with others that it may call."""

    def walk(steps: Steps, *others: Flow, **head: Any) -> Walk:
        made = flow(steps, **head)
        return explore(with_flows(book, made, *others), made)

    return walk


def problems(walk: Walk) -> set[tuple[str, str]]:
    return {(problem.kind, problem.step) for problem in walk.problems}


YES_NO: dict[str, Any] = {"ask": "q", "expect": "yes or no", "answers": {"yes": "thank", "no": END}}
ASK: Steps = {"ask": {**YES_NO, "again": "again", "tries": 2}, "thank": {"say": "thanks", "then": END}}


# -- counting ------------------------------------------------------------------------------------------


def test_a_question_is_a_state_for_each_try(walked: Callable[..., Walk]) -> None:
    walk = walked(ASK)
    assert (walk.states, walk.rests) == (4, {("mini", "ask")})
    assert walk.longest == 4  # the question, again, again, thanks
    assert (walk.fewest, walk.most) == (1, 3)
    assert walk.problems == ()


def test_nudges_count_unless_they_would_come_too_late(walked: Callable[..., Walk]) -> None:
    late = {"after": "2 days", "say": "n"}
    nudged = {**YES_NO, "nudges": [{"after": "3 hours", "say": "n"}, late], "wait": "1 day"}
    assert walked({**ASK, "ask": nudged}).longest == 3
    assert walked({**ASK, "ask": {**nudged, "wait": "3 days"}}).longest == 4


def test_a_call_comes_back_with_every_result(walked: Callable[..., Walk]) -> None:
    child = flow(
        {"ask": {**YES_NO, "answers": {"yes": "good", "no": END}}, "good": {"result": "good"}}, "child"
    )
    walk = walked(
        {
            "call": {"call": "child", "results": {"good": "well"}, "then": "other"},
            "well": {"say": "a", "then": END},
            "other": {"ask": "b", "then": END},
        },
        child,
    )
    assert walk.rests == {("child", "ask"), ("mini", "other")}
    assert walk.states == 5
    assert walk.longest == 2


def test_every_line_of_a_branch_and_every_skip_is_walked(walked: Callable[..., Walk]) -> None:
    says = {name: {"ask": name, "then": END} for name in "bcd"}
    branch = [{"if": "score > 1", "then": "b"}, {"else": "c"}]
    walk = walked(
        {"a": {**YES_NO, "answers": {}, "then": "s", "if_skipped": "d"}, "s": {"branch": branch}, **says}
    )
    assert walk.rests == {("mini", name) for name in "abcd"}


@pytest.mark.parametrize(("count", "kinds"), [(37, set()), (38, {"too-many-steps"})])
def test_a_flow_that_ends_within_another_is_a_step_for_the_core(
    walked: Callable[..., Walk], count: int, kinds: set[str]
) -> None:
    says = {f"s{n}": {"say": "x", "then": f"s{n + 1}" if n < count - 1 else END} for n in range(count)}
    walk = walked({"a": {"call": "child", "then": END}}, flow(says, "child"))
    assert {problem.kind for problem in walk.problems} == kinds


def test_a_circle_counts_each_of_its_states_once(walked: Callable[..., Walk]) -> None:
    round_ = {"ask": "q", "expect": "yes or no", "answers": {"yes": "two", "no": END}}
    walk = walked({"one": round_, "two": {**round_, "say": "x", "answers": {"yes": "one", "no": END}}})
    assert (walk.longest, walk.most, walk.fewest) == (3, 2, 1)


def test_a_pause_is_no_answer(walked: Callable[..., Walk]) -> None:
    walk = walked({"pause": {"pause": "2 days", "then": "say"}, "say": {"say": "x", "then": END}})
    assert (walk.fewest, walk.most, walk.longest) == (0, 0, 1)


# -- time ----------------------------------------------------------------------------------------------

LISTED = [{"when": "the list x names the patient"}]


@pytest.mark.parametrize(
    ("nudges", "wait", "most"),
    [
        ((), "3 days", 1),
        (("3 hours",), "3 days", 2),
        (("3 hours", "9 hours"), "3 days", 3),
        (("3 hours", "40 hours"), "3 days", 2),
        (("3 hours",), "5 hours", 3),  # what is said when no answer comes
        (("30 hours", "40 hours"), "41 hours", 3),
        (("1 day",), "3 days", 1),
    ],
)
def test_texts_in_a_day_that_nobody_asked_for(
    walked: Callable[..., Walk], nudges: tuple[str, ...], wait: str, most: int
) -> None:
    reminders = [{"after": after, "say": "n"} for after in nudges]
    asked = {**YES_NO, "nudges": reminders, "wait": wait, "no_answer": "thank"}
    assert walked({**ASK, "ask": asked}, starts=LISTED).unasked_a_day == most


def test_what_the_patient_asked_for_does_not_count(walked: Callable[..., Walk]) -> None:
    says = [{"when": "the patient texts HELLO"}]
    assert walked(ASK, starts=says).unasked_a_day == 0
    assert walked(ASK, starts=LISTED).unasked_a_day == 1


@pytest.mark.parametrize(
    ("moments", "most"),
    [
        (["3 days before the visit", "1 day before the visit"], 1),
        (["1 day before the visit", "2 hours before the visit"], 2),
        # On a Monday's visit both come on the Friday before.
        (["1 business day before the visit at 10:00", "3 days before the visit at 12:00"], 2),
        # Not on a Monday: on the Tuesday before a Thursday's visit.
        (["1 business day before the visit at 10:00", "2 days before the visit at 10:00"], 2),
        (["2 hours before the visit", "2 hours after the visit"], 2),
    ],
)
def test_starts_around_a_visit_can_fall_together(book: Book, moments: list[str], most: int) -> None:
    made = flow(
        {"say": {"say": "x", "then": END}}, about="the visit", starts=[{"when": when} for when in moments]
    )
    week = {"open": {day: {"from": "09:00", "until": "17:00"} for day in ("monday", "tuesday", "friday")}}
    house = book.house.model_validate({"policy": book.house.policy, "calendars": {"office": week}})
    whole = Book(edition="x", house=house, flows={"mini": made}, policy=book.policy, wordings=book.wordings)
    assert explore(whole, made).unasked_a_day == most


def test_what_still_comes_after_an_emergency(walked: Callable[..., Walk]) -> None:
    asked = {**YES_NO, "nudges": [{"after": "3 hours", "say": "n"}], "no_answer": "thank"}
    assert walked({**ASK, "ask": asked}).after_emergency == 2
    assert walked(ASK).after_emergency == 0


def test_a_time_that_is_kept_is_left_by_a_stop(shipped: Book) -> None:
    assert explore(shipped, shipped.flows["waitlist"]).left_by_stop == ("offer",)


# -- problems ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "kind", "step"),
    [
        ({"a": {"say": "x", "then": "b"}}, "dead-end", "a"),
        ({"a": {"call": "nothing", "then": END}}, "dead-end", "a"),
        ({"a": {"call": "mini", "then": END}}, "dead-end", "a"),
        ({"a": {"send_page": "form", "say": "x", "pause": "1 day", "then": END}}, "dead-end", "a"),
        ({"a": {**YES_NO, "answers": {"yes": END}}}, "no-way", "a"),
        ({"a": {"ask": "q", "expect": "text"}}, "no-way", "a"),
        ({"a": {"say": "x", "then": "b"}, "b": {"say": "y", "then": "a"}}, "loop", "a"),
        ({"a": {"branch": [{"if": "clinic.open", "then": "a"}, {"else": END}]}}, "loop", "a"),
        (
            {f"s{n}": {"say": "x", "then": f"s{n + 1}" if n < 39 else END} for n in range(40)},
            "too-many-steps",
            "s0",
        ),
        ({"a": {**YES_NO, "answers": {"yes": "a", "no": "a"}, "no_answer": "a"}}, "never-ends", "a"),
        ({"a": {"ask": "q", "expect": "anything", "then": END}}, "no-person", "a"),
        ({"a": {**YES_NO, "answers": {"yes": END, "no": END, "human": END}}}, "no-person", "a"),
    ],
)
def test_a_problem_is_found(walked: Callable[..., Walk], steps: Steps, kind: str, step: str) -> None:
    assert (kind, step) in problems(walked(steps))


@pytest.mark.parametrize(
    "steps",
    [
        ASK,
        {f"s{n}": {"say": "x", "then": f"s{n + 1}" if n < 38 else END} for n in range(39)},
        {
            "a": {"ask": "q", "expect": "anything", "then": "b"},
            "b": {"hand_over": {"task": "t"}, "then": END},
        },
        {"a": {"ask": "q", "expect": "text", "then": END}},
        {"a": {**YES_NO, "answers": {"yes": END}, "then": END}},
        {"a": {"pause": "1 hour", "then": "b"}, "b": {"ask": "q", "then": "a", "no_answer": END}},
    ],
)
def test_where_nothing_is_wrong_nothing_is_said(walked: Callable[..., Walk], steps: Steps) -> None:
    assert walked(steps).problems == ()


def test_a_problem_says_where(walked: Callable[..., Walk]) -> None:
    (problem,) = walked({"a": {"say": "x", "then": "b"}}).problems
    assert str(problem) == "mini, step 'a': it leads to 'b', and there is no such step."


# -- the shipped flows ---------------------------------------------------------------------------------


def test_the_shipped_flows_have_no_problem(shipped: Book) -> None:
    begin = time.process_time()
    found = [str(problem) for made in shipped.flows.values() for problem in explore(shipped, made).problems]
    assert found == []
    assert time.process_time() - begin < 2


def test_five_hundred_steps_are_walked_at_once(walked: Callable[..., Walk]) -> None:
    asked = {**YES_NO, "again": "again", "tries": 2, "nudges": [{"after": "3 hours", "say": "n"}]}
    steps = {
        f"s{n}": {**asked, "answers": {"yes": f"s{n + 1}", "no": f"s{n // 2}"}, "no_answer": f"s{n + 1}"}
        for n in range(500)
    }
    begin = time.process_time()
    walk = walked({**steps, "s500": {"say": "x", "then": END}}, starts=LISTED)
    assert time.process_time() - begin < 2
    assert (walk.states, walk.problems) == (1501, ())


# -- against the engine --------------------------------------------------------------------------------

NOW = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
NOT_THE_FLOWS = {"soft_reply", "opted_out", "opted_out_visit_stands", "finish_first", "help"}
HEARD = [Intent.CONFIRM, Intent.CANCEL, Intent.RESCHEDULE, Intent.RUNNING_LATE, Intent.HUMAN, Intent.OTHER]
VALUES = [True, False, 0, 2, 100, "abnormal", "closed_today", "surgery"]


@dataclass(slots=True)
class Chosen:
    """Reads every text as what was chosen before; a value is made to fit what was asked."""

    draw: Callable[[st.SearchStrategy[Any]], Any]
    move: str = ""
    expected: list[Expect | None] = field(default_factory=list)

    def read(self, text: str, *, expect: Expect | None, **_more: object) -> Reading:
        self.expected.append(expect)
        if self.move == "value":
            return Reading(value=self._value(expect), confidence=1)
        if self.move == "intent":
            return Reading(intent=self.draw(st.sampled_from(HEARD)), confidence=1)
        if self.move == "repair":
            return Reading(repair=self.draw(st.sampled_from([Repair.BACK, Repair.REPEAT])), confidence=1)
        levels = {"emergency": Level.EMERGENCY}
        return Reading(
            level=levels.get(self.move, Level.NONE), repair=Repair.SKIP if self.move == "skip" else None
        )

    def _value(self, expect: Expect | None) -> Any:
        made: dict[type, Callable[[Any], Any]] = {
            YesNo: lambda _: self.draw(st.booleans()),
            Scale: lambda it: self.draw(st.integers(it.min, it.max)),
            Choice: lambda it: self.draw(st.sampled_from([*it.options])),
            Number: lambda it: self.draw(st.integers(int(it.min), int(it.max))),
            BloodPressure: lambda _: {
                "systolic": self.draw(st.sampled_from([80, 120, 200])),
                "diastolic": 80,
            },
            Date: lambda _: date(2026, 11, 1),
            When: lambda _: Window(),
        }
        return made.get(type(expect), lambda _: "a text")(expect) if expect else None


def a_world(book: Book, name: str, draw: Callable[[st.SearchStrategy[Any]], Any]) -> World:
    ana = Person(
        id=person_id(1),
        first_name="Ana",
        language=draw(st.sampled_from(["en", "es"])),
        zone="America/New_York",
        birth_date=draw(st.sampled_from([None, date(1980, 1, 1), date(2026, 6, 1)])),
        missed=draw(st.sampled_from([0, 3])),
    )
    world = World(
        book=only(book, name),
        reader=Chosen(draw),
        now=NOW,
        patient=Phone(sender=Sender.PATIENT, people=(ana,)),
    )
    for number in range(draw(st.integers(0, 3))):
        world.openings.append(
            Opening(slot=Slot(id=slot_id(number + 1), start=NOW + timedelta(days=number + 6)))
        )
    world.add(
        Visit(
            id=visit_id(1),
            patient_id=ana.id,
            version=1,
            start=NOW + timedelta(days=4),
            minutes=30,
            status=VisitStatus.BOOKED,
            kind=draw(st.sampled_from(["", "surgery"])),
        )
    )
    return world


def begun(world: World, made: Flow, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
    start = draw(st.sampled_from([None, *made.starts]))
    values = {name: draw(st.sampled_from(VALUES)) for name in made.variables}
    world.happen(
        Triggered(
            trigger=str(start.when) if start else "staff start it",
            flow=made.name,
            person_id=person_id(1),
            visit_id=visit_id(1),
            values=values,
            slots=tuple(opening.slot for opening in world.openings),
        )
    )


def moved(world: World, move: str, number: int) -> None:
    """One thing that happens; five minutes before it nothing does, lest it be taken for a flood."""
    world.wait(world.now + timedelta(minutes=5))
    assert isinstance(world.reader, Chosen)
    world.reader.move = move
    talk = next(iter(world.patient.state.talks), None)
    if move == "silence" and world.next_due:
        world.wait(world.next_due)
    elif move == "page" and talk:
        world.happen(PageUsed(turn=talk.turn, outcome="submitted"))
        world.happen(PageUsed(turn=talk.turn, outcome="opened"))
    elif move not in ("silence", "page"):
        photo = int(move == "value")
        body = "STOP" if move == "stop" else f"text {number}"
        world.happen(TextArrived(sid=f"SM{number}", body=body, media=photo))


def own_texts(world: World, since: int) -> int:
    sent = [done for done in world.record[since:] if not done.late and not done.to_staff]
    texts = [it.effect.text if isinstance(it.effect, SendPage) else it.effect for it in sent]
    return sum(isinstance(text, SendText) and text.wording not in NOT_THE_FLOWS for text in texts)


MOVES = ["value"] * 4 + [
    "intent",
    "nothing",
    "nothing",
    "skip",
    "silence",
    "silence",
    "page",
    "emergency",
    "repair",
]


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_nothing_happens_that_the_walk_does_not_know(shipped: Book, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([*shipped.flows]))
    walk = explore(shipped, shipped.flows[name])
    web = graph(shipped, shipped.flows[name])
    straight = all(len(circle) == 1 for circle in circles(web, lambda place: following(web, place)))
    world = a_world(shipped, name, data.draw)
    begun(world, shipped.flows[name], data.draw)
    texts, repaired = own_texts(world, 0), False
    for number, move in enumerate(data.draw(st.lists(st.sampled_from([*MOVES, "stop"]), max_size=25))):
        if not world.patient.state.talks:
            break
        since = len(world.record)
        moved(world, move, number)
        repaired |= move == "repair"
        texts += own_texts(world, since) if move != "emergency" else 0
        standing = {(talk.flow, talk.step) for talk in world.patient.state.talks}
        assert standing <= walk.rests
        assert move != "stop" or not standing
    if straight and not repaired:
        assert texts <= walk.longest
