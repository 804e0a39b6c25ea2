"""What staff do in a conversation: who has it, what the bot does meanwhile, and how it goes on."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from bot.core.by_hand import can_send
from bot.core.effects import (
    CancelTimers,
    OpenTask,
    OptOut,
    PageStaff,
    Purpose,
    SendPage,
    SendText,
    SetTimer,
    Urgency,
)
from bot.core.events import (
    GivenBack,
    NoAnswer,
    NudgeDue,
    PageUsed,
    ReminderDue,
    StaffSentPage,
    StaffWrote,
    TakenOver,
    TextFailed,
    Triggered,
    What,
    WrongNumber,
)
from bot.core.facts import Facts
from bot.core.flow import Page
from bot.core.state import STATE, State
from nlp.reading import UNDETERMINED, Intent, Level
from tests.bot.core.world import (
    ANA,
    BEN,
    BOOK,
    NOW,
    Story,
    bodies,
    book_of,
    facts,
    flow,
    kinds,
    said,
    tasks,
    visit,
)

HOUR, SPAN = timedelta(hours=1), timedelta(hours=12)
ASKS = {
    "one": {
        "ask": "how_are_you",
        "answers": {"confirm": "fine"},
        "no_answer": "late",
        "nudges": [{"after": "1 hour", "say": "still_there"}],
    },
    "fine": {"say": "fine"},
    "late": {"say": "too_late"},
}
WAITS = {"one": {"pause": "1 hour", "then": "two"}, "two": {"say": "an_hour_later"}}
WORDS = {"staff_text": "{{clinic}}: {{words}}", "page_from_staff": "Look: {{link}}"}
TAKES = TakenOver(by="maria", role="nurse")
WRITES = StaffWrote(by="maria", role="nurse", body="We can see you at 3.", answers=True)
TIMER = GivenBack()


def held_timer(since: Any) -> SetTimer:
    return SetTimer(key="held", due=since + SPAN, what=TIMER)


def story(*flows: Any, around: Facts | None = None, **words: str) -> Story:
    made = flows or (flow(steps=ASKS),)
    return Story(book=book_of(*made, **{**WORDS, **words}), around=around or facts(visit()))


@pytest.fixture
def asked() -> Story:
    """A question is open."""
    made = story()
    made.go("GO")
    return made


@pytest.fixture
def held(asked: Story) -> Story:
    """A question is open, and Maria has taken the conversation over."""
    asked.go(TAKES, after=HOUR)
    return asked


# -- writing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answers", "purpose"), [(True, Purpose.REPLY), (False, Purpose.REMINDER)])
def test_what_staff_write_goes_out_under_the_clinics_name_and_takes_the_conversation_over(
    *, answers: bool, purpose: Purpose
) -> None:
    here = story()
    text, timer = here.go(replace(WRITES, answers=answers)).effects
    assert isinstance(text, SendText)
    assert (text.wording, text.body) == ("staff_text", "Riverside Clinic: We can see you at 3.")
    assert (text.purpose, text.about, text.wait) == (purpose, None, None)
    assert timer == held_timer(NOW)
    assert here.state.held
    assert (here.state.held.by, here.state.held.role, here.state.held.since) == ("maria", "nurse", NOW)


def test_braces_of_staffs_are_words_and_fill_in_nothing() -> None:
    assert bodies(story().go(replace(WRITES, body="Hi {{first_name}}"))) == [
        "Riverside Clinic: Hi {{first_name}}"
    ]


def test_words_that_nobody_asked_for_keep_to_the_part_of_the_day_that_the_patient_likes() -> None:
    ana = replace(ANA, preferences={"hours": "morning"})
    for edition in (book_of(flow(steps=ASKS), **WORDS), BOOK):
        here = Story(book=edition, around=facts(people=(ana,)))
        unasked, answer = (here.go(replace(WRITES, answers=answers)).effects[0] for answers in (False, True))
        assert isinstance(unasked, SendText)
        assert isinstance(answer, SendText)
        assert (unasked.hours, answer.hours) == ("morning", None)


def test_an_edition_without_the_sentences_sends_the_words_as_they_are_and_no_page() -> None:
    here = Story(book=BOOK, around=facts(visit()))
    assert bodies(here.go(WRITES)) == ["We can see you at 3."]
    page = here.go(StaffSentPage(by="maria", page=Page.RESULT, person_id=ANA.id))
    assert tasks(page) == ["page_asked_for"]


def test_a_phone_that_has_opted_out_gets_no_words_and_nobody_has_its_conversation() -> None:
    here = story(around=facts(visit(), opted_out=True))
    assert here.go(WRITES).effects == (OpenTask(task="call_instead", urgency=Urgency.ROUTINE, role="nurse"),)
    assert here.state.held is None


# -- while somebody has it ---------------------------------------------------------------------------------


def test_the_patients_texts_are_for_whoever_has_it(held: Story) -> None:
    for intent in (Intent.CONFIRM, Intent.OTHER, Intent.THANKS, Intent.HUMAN):
        task, timer = held.go("hm", intent=intent, after=HOUR).effects
        assert task == OpenTask(task="patient_answered", urgency=Urgency.ROUTINE, role="nurse")
        assert timer == held_timer(held.now)
    held.go(replace(TAKES, by="joe", role="front_desk"))
    assert held.state.held
    assert (held.state.held.by, held.state.held.since) == ("joe", held.now)
    assert held.go("GO").effects[0] == OpenTask(task="patient_answered", urgency=Urgency.ROUTINE)


def test_who_has_it_already_has_it_since_then(held: Story) -> None:
    held.go(WRITES, after=HOUR)
    held.go(TAKES, after=HOUR)
    assert held.state.held
    assert (held.state.held.since, held.state.held.until) == (NOW + HOUR, NOW + 3 * HOUR + SPAN)


@pytest.mark.parametrize(
    ("body", "read", "expected"),
    [
        ("I can't breathe", {"level": Level.EMERGENCY}, ["SendText", "OpenTask", "PageStaff", "SetTimer"]),
        ("bonjour", {"language": UNDETERMINED}, ["OpenTask", "SendText", "PageStaff", "SetTimer"]),
        ("help", {}, ["SendText"]),
    ],
)
def test_safety_and_help_come_first_and_count_as_words(
    held: Story, body: str, read: dict[str, Any], expected: list[str]
) -> None:
    decision = held.go(body, after=HOUR, **read)
    assert kinds(decision) == [*expected, "SetTimer"]
    assert "patient_answered" not in tasks(decision)
    assert decision.effects[-1] == held_timer(held.now)


def test_a_number_that_is_a_cause_to_page_is_for_whoever_has_it_too(held: Story) -> None:
    decision = held.go("182/96", level=Level.URGENT, value={"systolic": 182, "diastolic": 96})
    assert tasks(decision) == ["urgent", "patient_answered"]
    assert any(isinstance(effect, PageStaff) for effect in decision.effects)


def test_a_flood_does_not_keep_it_for_ever(held: Story) -> None:
    policy = held.book.policy
    timers = [
        any(isinstance(effect, SetTimer) for effect in held.go("same").effects)
        for _ in range(policy.same_text_limit + 3)
    ]
    assert timers == [True] * (policy.same_text_limit - 1) + [False] * 4


@pytest.mark.parametrize(
    "what",
    [
        "stop",
        TextFailed(code=21610, purpose="REPLY", opted_out=True),
        WrongNumber(by="joe"),
        PageUsed(outcome="wrong_person", person_id=ANA.id),
        PageUsed(outcome="submitted", page=Page.PREFERENCES, person_id=ANA.id, values={"texts": "stop"}),
    ],
)
def test_who_wants_no_texts_is_left_by_everybody(held: Story, what: What | str) -> None:
    decision = held.go(what)
    assert CancelTimers(prefix="held") in decision.effects
    assert any(isinstance(effect, OptOut) for effect in decision.effects)
    assert not any(isinstance(effect, SetTimer) for effect in decision.effects)
    assert held.state.held is None


def test_nobody_is_reminded_of_a_question_and_none_runs_out(held: Story) -> None:
    turn = held.turn
    assert held.go(NudgeDue(turn=turn, number=0)).effects == ()
    assert held.go(NoAnswer(turn=turn)).effects == ()
    assert held.at == ["one"]


@pytest.mark.parametrize(
    ("purpose", "trigger", "begins"),
    [
        ("survey", "a missed call", False),
        ("bulk", "a missed call", False),
        ("care", "a missed call", True),
        ("reminder", "a missed call", True),
        ("survey", "staff start it", True),
    ],
)
def test_flows_begin_by_themselves_but_for_surveys_and_bulk(
    purpose: str, trigger: str, *, begins: bool
) -> None:
    here = story(flow(purpose=purpose, starts=[{"when": trigger}], steps={"one": {"say": "hello"}}))
    here.go(TAKES)
    assert said(here.go(Triggered(trigger=trigger))) == (["hello"] if begins else [])


def test_reminders_go_on() -> None:
    when = "3 days before the visit"
    reminds = flow(about="the visit", starts=[{"when": when}], purpose="reminder", steps=ASKS)
    here = story(reminds)
    here.go(TAKES)
    due = ReminderDue(visit_id=visit().id, version=1, flow="test", when=when, due=NOW)
    assert said(here.go(due)) == ["how_are_you"]


def test_who_starts_a_flow_leaves_its_questions_to_the_bot() -> None:
    waits = flow("waits", steps=WAITS, starts=[{"when": "a missed call"}])
    here = story(waits, flow(starts=[{"when": "staff start it"}], steps=ASKS))
    here.go(Triggered(trigger="a missed call"))
    turn = here.turn
    here.go(TAKES)
    here.go(NoAnswer(turn=turn), after=HOUR)
    decision = here.go(Triggered(trigger="staff start it"))
    assert said(decision) == ["how_are_you", "an_hour_later"]
    assert here.state.held is None
    assert said(here.go("yes", intent=Intent.CONFIRM)) == ["fine"]


def test_a_flow_that_does_not_begin_gives_nothing_back() -> None:
    calls = replace(ANA, preferences={"channel": "call"})
    here = story(flow(starts=[{"when": "staff start it"}], steps=ASKS), around=facts(people=(calls,)))
    here.go(TAKES)
    assert tasks(here.go(Triggered(trigger="staff start it"))) == ["call_instead"]
    assert here.state.held


# -- giving back --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answers", "purpose"), [(True, Purpose.REPLY), (False, Purpose.REMINDER)])
def test_the_question_that_is_open_is_asked_once_more(
    held: Story, *, answers: bool, purpose: Purpose
) -> None:
    old = held.turn
    held.go(NoAnswer(turn=old), after=2 * HOUR)
    text, cancel = held.go(GivenBack(by="maria", answers=answers)).effects
    assert isinstance(text, SendText)
    assert (text.wording, text.purpose) == ("how_are_you", purpose)
    assert text.wait
    assert text.wait.turn == held.turn > old
    assert cancel == CancelTimers(prefix="held")
    assert held.state.held is None
    assert said(held.go("yes", intent=Intent.CONFIRM)) == ["fine"]


def test_without_a_question_nothing_is_said() -> None:
    here = story()
    here.go(TAKES)
    assert kinds(here.go(GivenBack(by="maria"))) == ["CancelTimers"]
    assert here.go(GivenBack(by="maria")).effects == ()


def test_it_comes_back_by_itself_after_the_last_word(held: Story) -> None:
    held.go("hm", after=5 * HOUR)
    assert held.go(TIMER, after=SPAN - timedelta(seconds=1)).effects == (), "it had rung before the last word"
    text, _cancel = held.go(TIMER, after=timedelta(seconds=1)).effects
    assert isinstance(text, SendText)
    assert (text.wording, text.purpose) == ("how_are_you", Purpose.REMINDER)
    assert held.state.held is None


def test_how_long_is_a_matter_of_policy() -> None:
    policy = BOOK.policy.model_copy(update={"held_for": timedelta(hours=2)})
    here = Story(book=BOOK.model_copy(update={"policy": policy}))
    (timer,) = here.go(TAKES).effects
    assert timer == SetTimer(key="held", due=NOW + 2 * HOUR, what=TIMER)


def test_a_pause_that_was_over_meanwhile_goes_on_then() -> None:
    here = story(flow(steps=WAITS))
    here.go("GO")
    here.go(TAKES)
    assert here.go(NoAnswer(turn=here.turn), after=HOUR).effects == ()
    here.go(replace(TAKES, by="joe"))
    decision = here.go(GivenBack(by="maria"))
    assert said(decision) == ["an_hour_later"]
    assert here.at == []


def test_what_was_asked_about_a_visit_is_not_asked_when_it_has_begun() -> None:
    soon = visit(start=NOW + 2 * HOUR)
    begins = [{"when": "the patient says confirm"}]
    here = story(flow(about="the visit", starts=begins, steps=ASKS), around=facts(soon))
    here.go("yes", intent=Intent.CONFIRM)
    turn = here.turn
    here.go(TAKES)
    here.go(NoAnswer(turn=turn), after=2 * HOUR)
    assert said(here.go(GivenBack(by="maria"))) == ["too_late"]


def test_which_visit_is_meant_a_person_asks_better() -> None:
    here = Story(book=BOOK, around=facts(visit(1), visit(2)))
    here.go("call it off", intent=Intent.CANCEL)
    assert here.state.which
    here.go(TAKES)
    assert here.state.which is None
    assert said(here.go(GivenBack(by="maria"))) == []


def test_a_state_of_before_has_nobody_and_old_code_reads_one_of_now(held: Story) -> None:
    before = STATE.dump_json(State(turn=3), exclude={"held"})
    assert STATE.validate_json(before) == State(turn=3)
    unknown = STATE.dump_json(held.state).replace(b'"held"', b'"of_later"')
    assert STATE.validate_json(unknown) == replace(held.state, held=None)


# -- pages and numbers --------------------------------------------------------------------------------------


def sends(page: Page, form: str | None = None, **more: Any) -> StaffSentPage:
    return StaffSentPage(**{"by": "maria", "page": page, "form": form, "person_id": ANA.id, **more})


@pytest.mark.parametrize(("answers", "purpose"), [(True, Purpose.REPLY), (False, Purpose.REMINDER)])
def test_a_page_goes_out_that_no_flow_waits_for(*, answers: bool, purpose: Purpose) -> None:
    here = story()
    (page,) = here.go(sends(Page.RESULT, visit_id=visit().id, answers=answers)).effects
    assert isinstance(page, SendPage)
    assert (page.page, page.person_id, page.visit_id, page.turn) == (Page.RESULT, ANA.id, visit().id, None)
    assert (page.text.body, page.text.purpose) == ("Look: [link]", purpose)
    assert page.text.about is None, "it says nothing of the visit, so a change of it does not overtake it"
    assert here.state.held is None


@pytest.mark.parametrize(
    ("what", "around", "detail"),
    [
        (sends(Page.RESULT), facts(opted_out=True), "result"),
        (sends(Page.RESULT, person_id=UUID(int=99)), facts(), "result"),
        (sends(Page.FORM, "gone"), facts(), "form: gone"),
        (sends(Page.OFFER), facts(), "offer"),
        (
            sends(Page.CHECK_IN, visit_id=UUID(int=2)),
            facts(visit(2, person=BEN), people=(ANA, BEN)),
            "check_in",
        ),
    ],
)
def test_a_page_that_can_not_be_sent_is_a_persons_task(what: What, around: Facts, detail: str) -> None:
    (task,) = story(around=around).go(what).effects
    assert isinstance(task, OpenTask)
    assert (task.task, task.detail) == ("page_asked_for", detail)


def test_which_pages_can_be_sent() -> None:
    sent = {page for page in Page if can_send(BOOK, page, None, visit=True)}
    assert set(Page) - sent == {Page.FORM, Page.CONSENT, Page.OFFER}
    assert sent - {page for page in sent if can_send(BOOK, page, None, visit=False)} == {Page.CHECK_IN}
    assert not can_send(BOOK, Page.RESULT, "intake", visit=True)
    assert not can_send(BOOK, Page.CONSENT, "gone", visit=True)


def test_a_wrong_number_ends_everything_without_a_word(held: Story) -> None:
    cancel, stop, task = held.go(WrongNumber(by="joe")).effects
    assert (cancel, stop) == (CancelTimers(prefix="held"), OptOut(words="wrong_number"))
    assert task == OpenTask(task="wrong_number", urgency=Urgency.URGENT)
    assert (held.state.talks, held.state.which, held.state.held) == ((), None, None)
