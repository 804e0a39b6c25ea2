"""What a step says: its own variables, its patience, its page; and why it is said."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.effects import LINK, OpenTask, Purpose, SendPage, SendText, Urgency, Wait
from bot.core.events import NoAnswer, NudgeDue, ReminderDue, Triggered
from bot.core.facts import Facts
from nlp.reading import Intent
from tests.bot.core.world import ANA, BEN, NOW, Story, bodies, book_of, facts, flow, said, tasks, visit

VISIT = visit()  # Monday, December 7, 10:30 in New York


def tell(steps: dict[str, object], *, around: Facts | None = None, **given: object) -> Story:
    """A flow that the next text GO begins."""
    sentences = given.pop("sentences", {})
    made = flow(steps=steps, **given)  # type: ignore[arg-type]
    return Story(book=book_of(made, **sentences), around=around or facts(VISIT))  # type: ignore[arg-type]


def waits(step: dict[str, object], **given: object) -> Wait:
    """The patience of this step."""
    story = tell({"one": step}, **given)
    effect = story.go("go").effects[-1]
    text = effect.text if isinstance(effect, SendPage) else effect
    assert isinstance(text, SendText)
    assert text.wait is not None
    assert text.wait.turn == story.turn
    return text.wait


# -- words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sensitivity", "body"), [("public", "A 7, Ana."), ("contact", "A 7, Ana."), ("phi", "A , Ana.")]
)
def test_a_variable_is_said_unless_it_is_phi(sensitivity: str, body: str) -> None:
    story = tell(
        {"one": {"set": {"pain": "3 + 4"}, "say": "told"}},
        variables={"pain": sensitivity},
        sentences={"told": "A {{pain}}, {{first_name}}."},
    )
    assert bodies(story.go("go")) == [body]


def test_what_another_flow_has_found_out_is_not_said() -> None:
    sub = flow("sub", variables={"pain": "contact"}, starts=[], steps={"a": {"set": {"pain": "7"}}})
    main = flow(steps={"one": {"call": "sub", "then": "two"}, "two": {"say": "told"}})
    book = book_of(main, sub, told="A {{pain}}{{sub.pain}}.")
    assert bodies(Story(book=book).go("go")) == ["A ."]


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({"a": "Better", "b": ["Worse", "bad"]}, "1) Better\n2) Worse"),
        ({"0": "Never", "3": "Often"}, "0) Never\n3) Often"),
    ],
)
def test_a_list_of_choices_is_shown(options: object, shown: str) -> None:
    step = {"ask": "which", "expect": "one of mood", "then": "end"}
    book = book_of(flow(steps={"one": step}), choices={"mood": options}, which="{{choices}}")
    assert bodies(Story(book=book).go("go")) == [shown]


def test_the_same_sentence_is_said_once_in_a_turn_but_every_question_is_asked() -> None:
    story = tell(
        {"one": {"say": "hm", "then": "two"}, "two": {"say": "hm", "then": "three"}, "three": {"ask": "hm"}}
    )
    assert said(story.go("go")) == ["hm", "hm"]
    assert story.at == ["three"]


# -- why it is said ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purpose", "unasked"),
    [
        ("reminder", Purpose.REMINDER),
        ("care", Purpose.REMINDER),
        ("survey", Purpose.BULK),
        ("bulk", Purpose.BULK),
    ],
)
def test_what_follows_a_text_is_a_reply_and_all_else_keeps_quiet_hours(
    purpose: str, unasked: Purpose
) -> None:
    steps = {
        "one": {"ask": "first", "no_answer": "two", "answers": {"confirm": "two"}},
        "two": {"say": "second"},
    }
    story = tell(steps, purpose=purpose, starts=[{"when": "the patient texts GO"}, {"when": "a missed call"}])

    def why(what: object, **read: object) -> list[Purpose]:
        return [e.purpose for e in story.go(what, **read).effects if isinstance(e, SendText)]  # type: ignore[arg-type]

    assert why("go") == [Purpose.REPLY]
    assert why("yes", intent=Intent.CONFIRM) == [Purpose.REPLY]
    assert why(Triggered(trigger="a missed call")) == [unasked]
    assert why(NoAnswer(turn=story.turn)) == [unasked]


@pytest.mark.parametrize(("urgency", "purpose"), [("emergency", Purpose.SAFETY), ("urgent", Purpose.REPLY)])
def test_what_is_said_as_the_staff_are_paged_for_an_emergency_leaves_first(
    urgency: str, purpose: Purpose
) -> None:
    story = tell({"one": {"escalate": {"reason": "worry", "urgency": urgency}, "say": "call_911"}})
    decision = story.go("go")
    assert [e.purpose for e in decision.effects if isinstance(e, SendText)] == [purpose]
    assert OpenTask(task="worry", urgency=Urgency(urgency)) in decision.effects


# -- patience ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ({"ask": "q"}, {"seconds": 24 * 3600}),  # as `question_wait` of the clinic has it
        ({"ask": "q", "wait": "20 hours"}, {"seconds": 20 * 3600}),
        ({"ask": "q", "wait": "until tomorrow at 09:00"}, {"until": datetime(2026, 12, 1, 14, tzinfo=UTC)}),
        (
            {
                "ask": "q",
                "wait": "2 hours",
                "nudges": [{"after": "30 minutes", "say": "n"}, {"after": "1 hour", "say": "n"}],
            },
            {"seconds": 7200, "nudges": (1800, 3600)},
        ),
        ({"send_page": "form", "say": "q", "wait": "3 days"}, {"seconds": 3 * 86400}),
    ],
)
def test_a_question_waits_as_long_as_it_says(step: dict[str, object], expected: dict[str, object]) -> None:
    wait = waits(step)
    assert wait == Wait(turn=wait.turn, **expected)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("20 hours", {"seconds": 20 * 3600, "until": VISIT.start}),
        ("until the visit", {"until": VISIT.start}),
        ("until 1 day before the visit", {"until": VISIT.start - timedelta(days=1)}),
        ("until 1 day after the visit", {"until": VISIT.start}),  # never beyond it
        ("until 10 days before the visit", {"until": VISIT.start}),  # that is over already
        ("14 business days", {"until": VISIT.start}),
    ],
)
def test_a_question_about_a_visit_never_waits_beyond_it(words: str, expected: dict[str, object]) -> None:
    wait = waits({"ask": "q", "wait": words}, about="the visit")
    assert wait == Wait(turn=wait.turn, **expected)  # type: ignore[arg-type]


def test_a_wait_for_a_visit_that_there_is_not_is_the_clinics_own() -> None:
    assert waits({"ask": "q", "wait": "until the visit"}).until == NOW + timedelta(days=1)


# -- nudges ------------------------------------------------------------------------------------------

PAGE = {
    "send_page": "form",
    "form": "intake",
    "say": "look",
    "wait": "1 day",
    "outcomes": {"submitted": "end"},
}
NUDGED = {
    "ask": "q",
    "expect": "yes or no",
    "then": "end",
    "nudges": [{"after": "1 hour", "say": "still_there"}, {"after": "2 hours", "say": "last_call"}],
}


def test_an_open_question_is_reminded_of_in_the_hours_for_texts() -> None:
    story = tell({"one": NUDGED})
    story.go("go")
    first = story.go(NudgeDue(turn=story.turn, number=0))
    assert [(e.wording, e.purpose, e.wait) for e in first.effects] == [
        ("still_there", Purpose.REMINDER, None)
    ]  # type: ignore[union-attr]
    assert said(story.go(NudgeDue(turn=story.turn, number=1))) == ["last_call"]
    assert said(story.go("yes", value=True)) == []
    assert story.state.talks == ()


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ([("yes", {"value": True})], "it was answered"),
        ([("can I eat?", {"intent": Intent.QUESTION})], "it was asked anew, with nudges of its own"),
        ([("stop", {})], "the phone has opted out"),
    ],
)
def test_a_question_that_is_not_open_any_more_is_not_reminded_of(
    what: list[tuple[str, dict[str, object]]], why: str
) -> None:
    story = tell({"one": NUDGED})
    story.go("go")
    turn = story.turn
    for body, read in what:
        story.go(body, **read)  # type: ignore[arg-type]
    assert story.go(NudgeDue(turn=turn, number=0)).effects == (), why


def test_a_nudge_that_the_edition_no_longer_has_is_not_sent() -> None:
    for step in (NUDGED, {**PAGE, "nudges": NUDGED["nudges"]}):
        story = tell({"one": step})
        story.go("go")
        assert story.go(NudgeDue(turn=story.turn, number=2)).effects == ()


# -- pages -------------------------------------------------------------------------------------------


def test_a_page_is_sent_with_the_text_that_has_its_link() -> None:
    story = tell({"one": PAGE}, sentences={"look": "Look: {{link}}"})
    (page,) = story.go("go").effects
    assert isinstance(page, SendPage)
    assert (page.page, page.form, page.person_id, page.turn) == ("form", "intake", ANA.id, story.turn)
    assert page.text.body == f"Look: {LINK}"


def test_a_page_that_nothing_waits_for_goes_on_at_once() -> None:
    story = tell({"one": {"send_page": "summary", "say": "look", "then": "two"}, "two": {"say": "bye"}})
    page, _bye = story.go("go").effects
    assert isinstance(page, SendPage)
    assert (page.turn, page.text.wait, story.state.talks) == (None, None, ())


def test_a_page_is_reminded_of_with_a_fresh_link_to_the_same_one() -> None:
    nudged = PAGE | {"nudges": [{"after": "4 hours", "say": "look_again"}]}
    story = tell({"one": nudged}, sentences={"look_again": "Again: {{link}}"})
    (first,) = story.go("go").effects
    (again,) = story.go(NudgeDue(turn=story.turn, number=0)).effects
    assert isinstance(first, SendPage)
    assert isinstance(again, SendPage)
    assert (again.page, again.form, again.turn) == (first.page, first.form, first.turn)
    assert (again.text.body, again.text.wait) == (f"Again: {LINK}", None)
    assert (first.text.purpose, again.text.purpose) == (Purpose.REPLY, Purpose.REMINDER)


def test_a_page_for_nobody_in_particular_is_a_task() -> None:
    made = flow(starts=[{"when": "a missed call"}], steps={"one": {"send_page": "result", "say": "look"}})
    story = Story(book=book_of(made), around=facts(people=(ANA, BEN)))
    decision = story.go(Triggered(trigger="a missed call"))
    assert (said(decision), tasks(decision)) == ([], ["page_without_a_patient"])
    named = story.go(Triggered(trigger="a missed call", person_id=BEN.id))
    assert [e.person_id for e in named.effects if isinstance(e, SendPage)] == [BEN.id]


def test_a_text_about_a_visit_is_not_sent_once_it_has_begun() -> None:
    starts = [{"when": "3 days before the visit"}]
    story = tell({"one": {"say": "soon"}}, about="the visit", starts=starts)
    due = ReminderDue(visit_id=VISIT.id, version=1, flow="test", when="3 days before the visit", due=NOW)
    (text,) = story.go(due).effects
    assert isinstance(text, SendText)
    assert text.not_after == VISIT.start
