"""What a text means to the question that is open: each kind of answer, another answer, no answer.

The texts here come with their reading; which words give it is tested with the reader.
"""

from datetime import date, time, timedelta

import pytest

from bot.core import answers
from bot.core.effects import OpenTask, Record, SendText, Urgency
from bot.core.events import NoAnswer, SlotsFound, Triggered
from bot.core.state import State
from nlp.reading import Choice, Intent, Level, Repair, Scale, Value, Window, YesNo
from tests.bot.core.world import (
    ANA,
    BOOK,
    SLOTS,
    Story,
    bodies,
    book_of,
    facts,
    flow,
    kinds,
    said,
    tasks,
    text,
    visit,
)

CHOICES = {
    "how_often": {"0": ["Not at all", "never"], "1": "Several days", "3": "Nearly every day"},
    "what": {"wound": ["My wound", "cut"], "other": "Something else", "cancel": "A bill"},
}


def asking(**step: object) -> Story:
    """A question that has been asked; every way leads to a step that says its own name."""
    asked = {"ask": "question", "save": "it", "wait": "1 day", "no_answer": "end", **step}
    names = ("yes", "no", "rest", "skipped", "other", "wound", "zero", "human_way", "gave_up")
    steps = {"one": asked, **{name: {"say": name, "then": "end"} for name in names}}
    story = Story(book=book_of(flow(variables={"it": "phi"}, steps=steps), choices=CHOICES))
    assert said(story.go("go")) == ["question"]
    return story


def kept(decision: object) -> list[tuple[str, object]]:
    """Item and value of every answer that is kept."""
    return [(e.item, e.value) for e in decision.effects if isinstance(e, Record)]  # type: ignore[attr-defined]


# -- kinds of answers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expect", "value", "stored"),
    [
        ("yes or no", True, [("it", True)]),
        ("yes or no", False, [("it", False)]),
        ("one of what", "other", [("it", "other")]),
        ("one of how_often", "3", [("it", 3)]),
        ("a number from 0 to 10", 0, [("it", 0)]),
        ("a number from 0 to 10", 7, [("it", 7)]),
        ("a number in lb from 50 to 700", 182.5, [("it", 182.5)]),
        (
            "a blood pressure",
            {"systolic": 182, "diastolic": 96},
            [("it.systolic", 182), ("it.diastolic", 96)],
        ),
        ("a date in the past", date(2026, 11, 2), [("it", "2026-11-02")]),
        ("a date to come", date(2026, 12, 24), [("it", "2026-12-24")]),
        ("text", "My knee, mostly at night", [("it", "My knee, mostly at night")]),
        ("text", "12345", [("it", "12345")]),
        ("anything", "x" * 1500, [("it", "x" * 1000)]),
    ],
)
def test_an_answer_of_the_kind_is_kept_and_leads_on(
    expect: str, value: Value, stored: list[tuple[str, object]]
) -> None:
    decision = asking(expect=expect, then="rest").go("so it is", value=value)
    assert kept(decision) == stored
    assert said(decision) == ["rest"]


@pytest.mark.parametrize(
    ("wish", "stored"),
    [
        (Window(date_from=date(2026, 12, 8), date_to=date(2026, 12, 9)), "2026-12-08/2026-12-09 /"),
        (Window(time_from=time(13), time_to=time(17)), "/ 13:00:00/17:00:00"),
    ],
)
def test_a_wish_for_a_time_is_kept_as_a_span(wish: Window, stored: str) -> None:
    assert kept(asking(expect="a wish for a time", then="rest").go("next week", value=wish)) == [
        ("it", stored)
    ]


@pytest.mark.parametrize(
    ("body", "media", "answered"), [("", 1, True), ("look", 2, True), ("look", 0, False)]
)
def test_a_photo_is_an_answer_and_words_about_one_are_none(body: str, media: int, *, answered: bool) -> None:
    decision = asking(expect="a photo", then="rest").go(body, media=media)
    assert ("rest" in said(decision)) is answered
    assert kept(decision) == ([("it", media)] if answered else [])


@pytest.mark.parametrize("expect", ["a number from 2 to 10", "one of what", "a date to come"])
def test_a_digit_is_no_yes_where_something_else_is_asked_for(expect: str) -> None:
    assert kept(asking(expect=expect, then="rest").go("1")) == []


def test_a_digit_is_a_number_where_a_number_is_asked_for() -> None:
    assert kept(asking(expect="a number from 0 to 10", then="rest").go("1", value=1)) == [("it", 1)]


def test_an_answer_is_kept_with_its_code_and_whose_it_is() -> None:
    (record, _) = asking(expect="yes or no", code="44250-9", then="rest").go("yes", value=True).effects
    assert record == Record(flow="test", item="it", value=True, code="44250-9", person_id=ANA.id)


# -- ways --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expect", "value", "sentence"),
    [
        ("yes or no", True, "yes"),
        ("yes or no", False, "rest"),
        ("one of what", "wound", "wound"),
        ("one of what", "other", "rest"),
        ("one of how_often", "0", "zero"),
        ("one of how_often", "1", "rest"),
        ("a number from 0 to 10", 0, "zero"),
        ("a number from 0 to 10", 4, "rest"),
    ],
)
def test_a_listed_answer_has_its_own_way_and_every_other_goes_on(
    expect: str, value: Value, sentence: str
) -> None:
    ways = {"yes": "yes", "wound": "wound", "0": "zero"}
    assert said(asking(expect=expect, answers=ways, then="rest").go("hm", value=value)) == [sentence]


def test_an_answer_without_a_way_is_none() -> None:
    decision = asking(expect="yes or no", answers={"yes": "yes"}).go("no", value=False)
    assert (kept(decision), said(decision), tasks(decision)) == ([], ["soft_reply"], ["reply_not_understood"])


def test_what_the_patient_wants_can_have_a_way_too() -> None:
    story = asking(expect="a number from 0 to 10", answers={"human": "human_way"}, then="rest")
    decision = story.go("a person please", intent=Intent.HUMAN)
    assert (said(decision), kept(decision)) == (["human_way"], [])


def test_a_choice_that_is_called_like_an_intent_is_only_a_choice() -> None:
    ways = {"cancel": "other"}
    wish = asking(expect="one of what", answers=ways).go("cancel my visit", intent=Intent.CANCEL)
    assert said(wish) == ["soft_reply"]
    assert said(asking(expect="one of what", answers=ways).go("a bill", value="cancel")) == ["other"]


def test_a_keyword_that_is_an_answer_starts_nothing() -> None:
    decision = asking(expect="text", then="rest").go("go", value="go")
    assert kept(decision) == [("it", "go")]


def test_urgent_words_that_answer_the_question_do_both() -> None:
    decision = asking(expect="a blood pressure", then="rest").go(
        "182/112", level=Level.URGENT, value={"systolic": 182, "diastolic": 112}
    )
    assert said(decision) == ["urgent_reply", "rest"]
    assert tasks(decision) == ["urgent"]
    assert kept(decision) == [("it.systolic", 182), ("it.diastolic", 112)]


def test_an_emergency_is_no_answer_whatever_it_says() -> None:
    story = asking(expect="text", then="rest")
    decision = story.go("can't breathe", level=Level.EMERGENCY, value="can't breathe")
    assert (said(decision), kept(decision), story.at) == (["emergency_reply"], [], ["one"])


# -- no answer ---------------------------------------------------------------------------------------


def test_a_text_that_is_no_answer_is_asked_again_and_then_given_up() -> None:
    story = asking(expect="yes or no", then="rest", again="once_more", tries=2, give_up="gave_up")
    assert [said(story.go(body)) for body in ("purple", "green", "blue")] == [
        ["once_more"],
        ["once_more"],
        ["gave_up"],
    ]
    assert story.at == []


def test_without_words_for_it_the_question_itself_is_said_again() -> None:
    assert said(asking(expect="yes or no", then="rest", tries=1).go("purple")) == ["question"]


def test_a_person_gets_what_was_not_understood_and_the_question_stays_open() -> None:
    story = asking(expect="yes or no", then="rest", again="once_more", tries=1)
    story.go("purple")
    decision = story.go("green")
    assert (said(decision), tasks(decision)) == (["soft_reply"], ["reply_not_understood"])
    assert said(story.go("well, yes", value=True)) == ["rest"]


def test_otherwise_takes_what_is_no_answer_without_asking_again() -> None:
    story = asking(expect="yes or no", then="rest", otherwise="other")
    assert said(story.go("purple")) == ["other"]


@pytest.mark.parametrize("intent", [Intent.HUMAN, Intent.QUESTION, Intent.REFILL])
def test_who_wants_a_person_is_not_asked_again(intent: Intent) -> None:
    decision = asking(expect="yes or no", then="rest", again="once_more", tries=2).go("hello?", intent=intent)
    assert "once_more" not in said(decision)
    assert "soft_reply" in said(decision)
    assert len(tasks(decision)) == 1


def test_a_question_in_the_middle_is_handed_over_and_ours_is_asked_again() -> None:
    story = asking(expect="yes or no", then="rest")
    before = story.turn
    decision = story.go("can I eat before?", intent=Intent.QUESTION)
    assert (said(decision), tasks(decision)) == (["soft_reply", "question"], ["question"])
    assert story.turn > before
    assert said(story.go("yes", value=True)) == ["rest"]


def test_the_old_wait_is_over_once_the_question_was_asked_again() -> None:
    story = asking(expect="yes or no", then="rest")
    before = story.turn
    story.go("can I eat before?", intent=Intent.QUESTION)
    assert story.go(NoAnswer(turn=before)).effects == ()
    assert story.at == ["one"]


# -- about the conversation itself -------------------------------------------------------------------


def test_the_question_is_repeated_for_who_asks_for_it() -> None:
    story = asking(expect="yes or no", then="rest", again="once_more", tries=1)
    decision = story.go("say that again?", repair=Repair.REPEAT, intent=Intent.QUESTION)
    assert (said(decision), tasks(decision)) == (["question"], [])
    assert said(story.go("purple")) == ["once_more"]  # asking for it has cost no try


def test_a_question_that_only_hears_intents_is_repeated_too() -> None:
    story = asking(answers={"confirm": "yes"})
    decision = story.go("say that again?", repair=Repair.REPEAT, intent=Intent.QUESTION)
    assert (said(decision), tasks(decision)) == (["question"], [])


@pytest.mark.parametrize(("if_skipped", "sentences"), [("skipped", ["skipped"]), (None, ["soft_reply"])])
def test_only_a_question_that_may_be_skipped_is(if_skipped: str | None, sentences: list[str]) -> None:
    story = asking(expect="yes or no", then="rest", if_skipped=if_skipped)
    decision = story.go("I'd rather not say", repair=Repair.SKIP)
    assert (said(decision), kept(decision)) == (sentences, [])


def walk() -> Story:
    """Three questions; who has thought of it at all is told to a nurse at once."""
    steps = {
        "sleep": {"ask": "sleep", "expect": "one of how_often", "save": "sleep", "then": "harm"},
        "harm": {"ask": "harm", "expect": "one of how_often", "save": "harm", "tries": 1, "then": "look"},
        "look": {"branch": [{"if": "harm > 0", "then": "alarm"}, {"else": "last"}]},
        "alarm": {
            "escalate": {"reason": "thoughts_of_harm", "urgency": "urgent"},
            "say": "a_nurse_calls",
            "then": "last",
        },
        "last": {
            "ask": "last",
            "expect": "one of how_often",
            "save": "last",
            "if_skipped": "sum",
            "then": "sum",
        },
        "sum": {"set": {"score": "sum(sleep, harm, last)"}, "say": "thanks_for_it"},
    }
    answered = dict.fromkeys(("sleep", "harm", "last"), "phi")
    made = flow(variables={**answered, "score": "contact"}, steps=steps)
    story = Story(book=book_of(made, choices=CHOICES, thanks_for_it="Score {{score}}"))
    story.go("go")
    return story


def test_going_back_asks_the_question_before_again_and_its_new_answer_counts() -> None:
    story = walk()
    story.go("1", value="1")
    assert said(story.go("go back", repair=Repair.BACK)) == ["sleep"]
    assert kept(story.go("3", value="3")) == [("sleep", 3)]
    assert (story.at, story.values) == (["harm"], {"sleep": 3})


def test_with_nothing_to_go_back_to_the_question_is_asked_again() -> None:
    assert said(walk().go("go back", repair=Repair.BACK)) == ["sleep"]


def test_going_back_twice_goes_back_twice() -> None:
    story = walk()
    story.go("1", value="1")
    story.go("0", value="0")
    assert [said(story.go("back", repair=Repair.BACK)) for _ in range(3)] == [["harm"], ["sleep"], ["sleep"]]


def test_a_correction_changes_the_answer_before_and_walks_its_ways_again() -> None:
    story = walk()
    story.go("1", value="1")
    assert said(story.go("0", value="0")) == ["last"]
    decision = story.go("sorry, I meant 3", correction="3", value="3")
    assert kept(decision) == [("harm", 3)]
    assert said(decision) == ["a_nurse_calls", "last"]
    assert OpenTask(task="thoughts_of_harm", urgency=Urgency.URGENT) in decision.effects
    assert "PageStaff" in kinds(decision)
    assert (story.at, story.values) == (["last"], {"sleep": 1, "harm": 3})


def test_a_correction_of_the_first_question_is_an_answer() -> None:
    story = walk()
    assert kept(story.go("I meant 3", correction="1", value="3")) == [("sleep", 3)]


@pytest.mark.parametrize(
    ("last", "score"), [({"value": "1"}, "Score 4"), ({"repair": Repair.SKIP}, "Score 3")]
)
def test_what_was_skipped_is_not_counted(last: dict[str, object], score: str) -> None:
    story = walk()
    story.go("3", value="3")
    story.go("0", value="0")
    assert bodies(story.go("hm", **last)) == [score]


# -- what the reader is told to look for -------------------------------------------------------------


def expected(story: Story, language: str = "en") -> object:
    return answers.expects(story.book, story.state, ANA.zone, language)


def test_the_reader_looks_for_what_the_open_question_expects() -> None:
    assert expected(asking(expect="yes or no", then="rest")) == YesNo(digits=True)
    assert expected(asking(expect="a number from 0 to 10", then="rest")) == Scale(min=0, max=10)
    assert expected(asking(answers={"confirm": "yes"})) is None
    assert answers.expects(BOOK, State(), ANA.zone, "en") is None


def test_choices_are_known_by_their_wordings_and_numbers_by_themselves() -> None:
    plain = expected(asking(expect="one of what", then="rest"))
    assert isinstance(plain, Choice)
    assert set(plain.options["wound"]) == {"My wound", "cut"}
    numbers = expected(asking(expect="one of how_often", then="rest"))
    assert isinstance(numbers, Choice)
    assert numbers.options["3"][0] == "3"
    assert list(numbers.options) == ["0", "1", "3"]


def test_the_question_before_may_be_corrected_unless_the_open_one_was_misunderstood() -> None:
    story = walk()
    assert answers.before(story.book, story.state, "en") is None
    story.go("1", value="1")
    assert isinstance(answers.before(story.book, story.state, "en"), Choice)
    assert said(story.go("purple")) == ["harm"]
    assert answers.before(story.book, story.state, "en") is None


# -- one of the times on offer -----------------------------------------------------------------------


def offered() -> Story:
    steps = {
        "look": {"do": "find open times", "outcomes": {"found": "offer", "none": "end"}},
        "offer": {
            "ask": "offer_times",
            "answers": {"a time": "book", "cancel": "called_off"},
            "wait": "1 hour",
            "no_answer": "end",
        },
        "book": {"do": "book the chosen time", "outcomes": {"booked": "end", "gone": "look"}},
        "called_off": {"say": "called_off", "then": "end"},
    }
    story = Story(book=book_of(flow(about="the visit", steps=steps)))
    story.go("go")
    story.go(SlotsFound(visit_id=visit().id, turn=story.turn, slots=SLOTS))
    return story


@pytest.mark.parametrize(
    ("what", "expected_kinds", "at"),
    [
        (text("2", value=str(SLOTS[1].id)), ["BookSlot"], ["book"]),
        (text("none", Intent.CANCEL), ["SendText"], []),
        (text("7"), ["SendText", "OpenTask"], ["offer"]),
    ],
)
def test_a_time_is_chosen_or_something_else_is_wanted(
    what: object, expected_kinds: list[str], at: list[str]
) -> None:
    story = offered()
    assert isinstance(expected(story), Choice)
    assert kinds(story.go(what)) == expected_kinds  # type: ignore[arg-type]
    assert story.at == at


def test_times_that_were_on_offer_are_no_answers_to_the_next_question() -> None:
    steps = {"one": {"ask": "sure", "expect": "yes or no", "answers": {"yes": "two"}}, "two": {"say": "fine"}}
    made = flow(about="the visit", starts=[{"when": "a time opens up"}], steps=steps)
    story = Story(book=book_of(made))
    story.go(Triggered(trigger="a time opens up", visit_id=visit().id, slots=SLOTS))
    assert expected(story) == YesNo(digits=True)
    assert said(story.go("yes", value=True)) == ["fine"]


def test_two_questions_are_open_and_the_last_one_that_expects_something_is_answered() -> None:
    steps = {"one": {"ask": "score", "expect": "a number from 0 to 10", "save": "it", "then": "end"}}
    remind = {"remind": {"ask": "come", "answers": {"confirm": "fine"}}, "fine": {"say": "fine"}}
    score = flow("score", variables={"it": "phi"}, steps=steps)
    reminder = flow("reminder", about="the visit", starts=[{"when": "the patient texts VISIT"}], steps=remind)
    story = Story(book=book_of(score, reminder), around=facts(visit()))
    story.go("go")
    story.go("visit")
    assert story.at == ["remind", "one"]
    assert kept(story.go("7", value=7)) == [("it", 7)]
    assert said(story.go("I'll be there", intent=Intent.CONFIRM)) == ["fine"]
    assert story.at == []


def test_time_goes_by_between_questions_without_harm() -> None:
    story = walk()
    decision = story.go("1", after=timedelta(hours=3), value="1")
    assert isinstance(decision.effects[-1], SendText)
    assert story.at == ["harm"]
