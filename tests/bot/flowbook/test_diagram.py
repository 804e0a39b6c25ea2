"""Tests of bot/flowbook/diagram.py: what a flow says and where it leads can be read off its picture."""

from datetime import timedelta
from typing import Any

import pytest

from bot.core.book import Book, Wording
from bot.core.flow import END, Flow
from bot.errors import BadFlow
from bot.flowbook import loader
from bot.flowbook.diagram import picture
from bot.flowbook.diagram_words import condition, sentence, span
from bot.flowbook.drawing import svg
from bot.flowbook.drawing_parts import Arrow, Node, Picture, told
from bot.settings import HOME

Steps = dict[str, dict[str, Any]]

SAID = {
    "q": "Are you well, {{first_name}}?",
    "list": "Which?\n{{choices}}\nReply with a number.",
    "bare": "Which one?",
    "again": "Sorry?\n{{choices}}",
    "n": "Still there?",
    "thanks": "Thank you.",
}
CHOICES = {"colours": {"red": ["Red", "r"], "blue": ["Blue like the sky on a day without any clouds at all"]}}


@pytest.fixture(scope="module")
def shipped() -> Book:
    return loader.load(HOME / "flows")


@pytest.fixture(scope="module")
def house(shipped: Book) -> Book:
    """A book without flows."""
    wording = Wording.model_validate({"language": "en", "sentences": SAID, "choices": CHOICES})
    return Book(edition="x", house=shipped.house, flows={}, policy=shipped.policy, wordings={"en": wording})


def drawn(house: Book, steps: Steps, *others: Flow, **head: Any) -> Picture:
    said = {"flow": "mini", "title": "A flow", "purpose": "care", "about": "the patient", "steps": steps}
    flows = {flow.name: flow for flow in (Flow.model_validate(said | head), *others)}
    return picture(house.model_copy(update={"flows": flows}), "mini", "en")


def node(of: Picture, name: str) -> Node:
    return next(each for each in of.nodes if each.id == name)


def ways(of: Picture, source: str) -> dict[str, str]:
    """The label of each way out, and the title of where it leads."""
    titles = {each.id: each.title for each in of.nodes}
    return {arrow.label: titles[arrow.target] for arrow in of.arrows if arrow.source == source}


def texts(of: Node, look: str) -> list[str]:
    return [line.text for line in of.lines if line.look == look]


# -- words ---------------------------------------------------------------------------------------------


def test_answers_have_the_words_of_people(house: Book) -> None:
    ask = {"ask": "q", "answers": {"reschedule": "b", "a time": "c"}, "wait": "20 hours", "then": "d"}
    steps = {name: {"say": "thanks", "then": END} for name in "bcd"}
    assert ways(drawn(house, {"a": ask, **steps}), "a") == {
        "another time": "B",
        "picks a time": "C",
        "any other answer": "D",
        "no answer after 20 hours": "end",
    }


def test_a_choice_is_named_as_it_is_shown(house: Book) -> None:
    ask = {"ask": "list", "expect": "one of colours", "answers": {"red": "b", "blue": END}}
    of = drawn(house, {"a": ask, "b": {"say": "thanks", "then": END}})
    assert [*ways(of, "a")] == ["1) Red", "2) Blue like the sky on a day without a…", "no answer after 1 day"]
    assert texts(node(of, "a"), "says")[0].startswith("Which?\n1) Red\n2) Blue like")


def test_choices_that_the_question_does_not_list_stand_beside_it(house: Book) -> None:
    of = drawn(house, {"a": {"ask": "bare", "expect": "one of colours", "then": END}})
    assert texts(node(of, "a"), "note")[0].startswith("1) Red\n")


def test_quiet_ways_are_those_that_nobody_chose(house: Book) -> None:
    ask = {
        "ask": "q",
        "expect": "text",
        "then": "b",
        "if_skipped": END,
        "give_up": "b",
        "wait": "until the visit",
    }
    of = drawn(house, {"a": ask, "b": {"pause": "2 days", "then": END}}, about="the visit")
    quiet = {arrow.label for arrow in of.arrows if arrow.quiet}
    assert quiet == {"no answer until the visit", "gives up", "after 2 days"}
    assert {"any answer", "skips"} <= {*ways(of, "a")}
    assert texts(node(of, "b"), "note") == ["waits 2 days"]


def test_a_start_says_when_and_if(house: Book) -> None:
    starts = [
        {"when": "1 day before the visit", "if": "not visit.confirmed", "if_confirmed": "b"},
        {"when": "the patient says running_late", "at": "b"},
    ]
    of = drawn(
        house, {name: {"say": "thanks", "then": END} for name in "ab"}, starts=starts, about="the visit"
    )
    assert node(of, "start 0").title == "1 day before the visit\nif not visit confirmed"
    assert ways(of, "start 0") == {"": "A", "if the visit is confirmed": "B"}
    assert node(of, "start 1").title == "the patient says: running late"


def test_what_is_done_stands_in_the_box(house: Book) -> None:
    step = {
        "do": "confirm the visit",
        "hand_over": {"task": "call_back", "urgency": "urgent", "role": "nurse"},
        "escalate": {"reason": "no_pulse", "urgency": "emergency"},
        "set": {"score": "1 + 1"},
        "say": "thanks",
        "then": END,
    }
    of = node(drawn(house, {"a": step}, variables={"score": "phi"}), "a")
    assert of.kind == "alarm"
    assert [line.text for line in of.lines] == [
        "score = 1 + 1",
        "Confirms the visit",
        "Urgent task for the nurse: call back",
        "Pages the person on call (emergency): no pulse",
        "Thank you.",
    ]


def test_tries_and_nudges_are_told_once(house: Book) -> None:
    ask = {"ask": "q", "expect": "yes or no", "again": "again", "tries": 2}
    nudged = {**ask, "nudges": [{"after": "3 hours", "say": "n"}], "answers": {"yes": "b", "no": END}}
    of = drawn(house, {"a": nudged, "b": {**nudged, "answers": {"yes": END, "no": END}}})
    said = "if not understood, says up to twice, then a person reads it"
    assert texts(node(of, "a"), "note") == [f"{said}:", "after 3 hours without an answer:"]
    assert texts(node(of, "a"), "again") == ["Sorry?\n‹choices›", "Still there?"]
    assert texts(node(of, "b"), "note") == [f"{said}, as above", "after 3 hours without an answer, as above"]
    assert texts(node(of, "b"), "again") == []


def test_another_flow_is_one_box_with_its_name(house: Book) -> None:
    child = Flow.model_validate(
        {"flow": "child", "title": "The child", "purpose": "care", "steps": {"a": {"result": "good"}}}
    )
    steps = {"a": {"call": "child", "results": {"good": "b"}, "then": END}, "b": {"start": "child"}}
    of = drawn(house, steps, child)
    assert (node(of, "a").kind, node(of, "a").title) == ("call", "The child")
    assert ways(of, "a") == {"good": "on with: The child", "otherwise": "end"}


def test_a_result_is_where_it_ends(house: Book) -> None:
    of = drawn(house, {"a": {"say": "thanks", "result": "well_enough"}})
    assert ways(of, "a") == {"": "end: well enough"}


def test_what_only_leaves_a_task_is_written_where_it_is_reached(house: Book) -> None:
    ask = {"ask": "q", "expect": "yes or no", "answers": {"yes": END}, "no_answer": "out"}
    out = {"hand_over": {"task": "unfinished"}, "then": END}
    steps = {
        name: {**ask, "answers": {"yes": to, "no": END}} for name, to in (("a", "b"), ("b", "c"), ("c", END))
    }
    ending = node(drawn(house, {**steps, "out": out}), "out")
    assert (ending.kind, ending.title) == ("end", "Out. Task for the front desk: unfinished")
    assert (
        node(drawn(house, {"a": {**ask, "answers": {"yes": END, "no": END}}, "out": out}), "out").kind
        == "task"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hi {{first_name}}.", "Hi ‹first name›."),
        ('{{n}} {{n|plural(one="day", other="days")}}', "‹n› ‹day/days›"),
        ("{% if location %}At {{location}}.{% else %}Here.{% endif %}", "[At ‹location›. | Here.]"),
    ],
)
def test_what_is_filled_in_is_marked(house: Book, text: str, shown: str) -> None:
    wording = Wording(language="en", sentences={"s": text})
    assert sentence(house.model_copy(update={"wordings": {"en": wording}}), "s", "en") == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("patient.missed_visits >= 2", "if patient missed visits ≥ 2"),
        ('visit.kind is "day_surgery" and x <= 3', 'if visit kind is "day_surgery" and x ≤ 3'),
    ],
)
def test_a_condition_can_be_read_aloud(text: str, shown: str) -> None:
    assert condition(text) == shown


def test_a_long_condition_is_cut() -> None:
    assert len(condition(" or ".join(["score >= 3"] * 40))) < 100


def test_a_span_has_the_greatest_unit_that_fits() -> None:
    hours = {20: "20 hours", 24: "1 day", 36: "36 hours", 24 * 7: "7 days", 24 * 14: "2 weeks"}
    assert {count: span(timedelta(hours=count)) for count in hours} == hours


# -- folding -------------------------------------------------------------------------------------------


def test_a_questionnaire_looks_like_one(shipped: Book) -> None:
    of = picture(shipped, "medication_check", "en")
    assert not [each.id for each in of.nodes if each.id.endswith(("_or_not", "_at_once", "_alert"))]
    taking = node(of, "taking")
    assert texts(taking, "alarm")[0] == "At once, if taking is no:"
    row = node(picture(shipped, "gad7", "en"), "nervous")
    assert row.title == "7 questions: nervous … afraid"
    assert len(texts(row, "says")) == 7
    assert not any("0)" in text for text in texts(row, "says"))
    assert texts(row, "line")[0].startswith("0) Not at all\n1) ")


def test_a_questionnaire_by_page_shows_its_form(shipped: Book) -> None:
    page = node(picture(shipped, "phq9", "en"), "form")
    assert len(texts(page, "says")) == 1 + 9 + 1  # the text with the link, the questions, the crisis line
    assert texts(page, "alarm")[0] == "At once, if harm ≥ 1:"
    assert any(text.startswith("0) Not at all\n1) ") for text in texts(page, "line"))
    refill = node(picture(shipped, "refill", "es"), "form")
    assert 'only if medicine is "other"' in texts(refill, "note")
    assert "wants text, or nothing" in texts(refill, "note")


def test_an_answer_that_ends_it_all_leads_to_an_end(shipped: Book) -> None:
    assert ways(picture(shipped, "rpm_daily", "en"), "warning_signs")["if warning signs is yes"] == "end"


def test_an_item_that_may_not_be_asked_says_when(shipped: Book) -> None:
    of = picture(shipped, "intake", "en")
    assert texts(node(of, "interpreter_for"), "note")[0] == "only if interpreter is yes"
    assert "form_or_not" not in {each.id for each in of.nodes}


def test_questions_that_differ_are_drawn_each(house: Book) -> None:
    ask = {"ask": "q", "expect": "yes or no", "answers": {}, "then": END}
    other = {**ask, "expect": "text"}
    steps = {"a": {**ask, "then": "b"}, "b": {**ask, "then": "c"}, "c": {**other, "then": "d"}, "d": other}
    assert {each.id for each in drawn(house, steps).nodes} >= {"a", "b", "c", "d"}


# -- the shipped flows ---------------------------------------------------------------------------------


def test_every_shipped_flow_has_a_picture_in_its_languages(shipped: Book) -> None:
    for flow in shipped.flows.values():
        for language in flow.languages:
            of = picture(shipped, flow.name, language)
            assert svg(of) == svg(picture(shipped, flow.name, language))
            used = {end for arrow in of.arrows for end in (arrow.source, arrow.target)}
            assert {each.id for each in of.nodes} == used


def test_every_text_of_a_flow_stands_in_its_picture(shipped: Book) -> None:
    for flow in shipped.flows.values():
        shown = "".join(told(picture(shipped, flow.name, "es")).split())
        for step in flow.steps.values():
            for key in (step.say, step.ask, step.again, *(nudge.say for nudge in step.nudges)):
                text = sentence(shipped, key, "es", step, listed="").splitlines() if key else []
                assert all("".join(line.split()) in shown for line in text), (flow.name, key)


def test_every_way_of_a_flow_is_an_arrow_or_folded(shipped: Book) -> None:
    of = picture(shipped, "appointment", "en")
    for name, step in shipped.flows["appointment"].steps.items():
        drawn_to = {arrow.target for arrow in of.arrows if arrow.source == name}
        assert {*step.ways().values()} <= drawn_to


@pytest.mark.parametrize(
    ("flow", "language", "told_as"),
    [("nothing", "en", "no flow 'nothing'"), ("appointment", "fr", "no wording in 'fr'")],
)
def test_what_is_not_there_cannot_be_drawn(shipped: Book, flow: str, language: str, told_as: str) -> None:
    with pytest.raises(BadFlow, match=told_as):
        picture(shipped, flow, language)


def test_a_sentence_that_is_missing_is_named(house: Book) -> None:
    with pytest.raises(BadFlow, match="no sentence 'missing' in 'en'"):
        drawn(house, {"a": {"say": "missing", "then": END}})


def test_an_arrow_needs_no_label(house: Book) -> None:
    of = drawn(house, {"a": {"say": "thanks", "then": "b"}, "b": {"say": "thanks", "then": END}})
    assert Arrow(source="a", target="b") in of.arrows
