"""Tests of bot/flowbook/questionnaire.py: what each feature becomes, and that faults keep the places of the file."""

from datetime import timedelta
from typing import Any

import pytest

from bot.core.flow import Flow
from bot.core.forms import Form
from bot.flowbook.asking import as_flow
from bot.flowbook.draft import draft, fit
from bot.flowbook.questionnaire import Questionnaire
from bot.flowbook.source import Source, parse

HEAD = """\
questionnaire: mood
title: A first look at mood
"""
ITEMS = """\
items:
  - {item: interest, code: "44250-9", ask: ask_interest, expect: one of how_often}
  - {item: down, ask: ask_down, expect: one of how_often}
"""
BANDS = """\
bands:
  - {from: 0, result: negative}
  - {from: 3, result: positive, hand_over: {task: look, role: nurse}, say: a_nurse}
"""


def source(*parts: str) -> Source:
    read = parse("questionnaires/mood.yaml", HEAD + "".join(parts))
    questionnaire, problems = fit(read, Questionnaire)
    assert questionnaire is not None, problems
    return as_flow(read)


def flow(*parts: str) -> Flow:
    made, problems = fit(source(*parts), Flow)
    assert made is not None, problems
    return made


def steps(*parts: str) -> dict[str, Any]:
    value = source(*parts).value
    assert isinstance(value, dict)
    found = value["steps"]
    assert isinstance(found, dict)
    return found


def refused(*parts: str) -> str:
    questionnaire, problems = fit(parse("questionnaires/mood.yaml", HEAD + "".join(parts)), Questionnaire)
    assert questionnaire is None
    return " ".join(problem.message for problem in problems)


# -- items --------------------------------------------------------------------------------------------


def test_one_item_follows_the_other_and_then_the_bands() -> None:
    made = flow(ITEMS, BANDS)
    assert list(made.steps) == ["interest", "down", "sum", "result_positive", "result_negative", "unfinished"]
    assert (made.steps["interest"].then, made.steps["down"].then) == ("down", "sum")
    assert made.steps["interest"].save == "interest"
    assert made.steps["interest"].code == "44250-9"
    assert made.about == "the patient"


def test_every_answer_is_phi_and_so_is_the_score() -> None:
    assert set(flow(ITEMS, BANDS).variables.values()) == {"phi"}
    assert list(flow(ITEMS, BANDS).variables) == ["interest", "down", "score"]


def test_who_stops_answering_is_unfinished_and_a_person_hears_of_it() -> None:
    made = flow(ITEMS, "unfinished: {task: ask_again, role: nurse}\nwait: 4 hours\n")
    assert {made.steps[name].no_answer for name in ("interest", "down")} == {"unfinished"}
    assert made.steps["interest"].wait is not None
    last = made.steps["unfinished"]
    assert last.result == "unfinished"
    assert last.hand_over
    assert last.hand_over.name == "ask_again"


def test_a_question_is_asked_again_in_the_words_of_the_item_of_all_or_its_own() -> None:
    of_item = ITEMS.replace("ask: ask_down,", "ask: ask_down, again: down_again,")
    assert steps(of_item, "again: again\n")["down"]["again"] == "down_again"
    assert steps(ITEMS, "again: again\n")["down"]["again"] == "again"
    assert steps(ITEMS)["down"] | {"again": "ask_down", "tries": "2"} == steps(ITEMS)["down"]
    assert "again" not in steps(ITEMS, "tries: 0\n")["down"]


def test_a_condition_lets_an_item_out() -> None:
    found = steps(ITEMS.replace("ask: ask_down,", "ask: ask_down, ask_if: interest >= 1,"), BANDS)
    assert found["interest"]["then"] == "down_or_not"
    assert found["down_or_not"] == {"branch": [{"if": "interest >= 1", "then": "down"}, {"else": "sum"}]}


def test_an_item_may_be_skipped() -> None:
    found = steps(ITEMS.replace("ask: ask_interest,", "ask: ask_interest, may_skip: yes,"))
    assert found["interest"]["if_skipped"] == "down"
    assert "if_skipped" not in found["down"]


def test_one_nudge_for_each_question() -> None:
    found = steps(ITEMS, "nudge: still_there\nnudge_after: 2 hours\n")
    assert found["down"]["nudges"] == [{"after": "2 hours", "say": "still_there"}]
    assert steps(ITEMS, "nudge: still_there\n")["down"]["nudges"][0]["after"] == "4 hours"


ALERTS = """\
items:
  - item: harm
    ask: ask_harm
    expect: one of how_often
    at_once:
      - if: harm >= 1
        escalate: {reason: self_harm, urgency: emergency}
        say: crisis_reply
      - if: harm >= 3
        hand_over: {task: look_now, urgency: urgent}
        then: end
"""


def test_what_happens_at_once_happens_before_the_next_item_each_where_it_holds() -> None:
    found = steps(ALERTS, BANDS)
    assert found["harm"]["then"] == "harm_at_once"
    assert found["harm_at_once"]["branch"] == [
        {"if": "harm >= 1", "then": "harm_alert"},
        {"else": "harm_at_once2"},
    ]
    assert found["harm_alert"]["say"] == "crisis_reply"
    assert found["harm_alert"]["then"] == "harm_at_once2"
    assert found["harm_at_once2"]["branch"][1] == {"else": "sum"}
    assert found["harm_alert2"]["then"] == "end"


# -- the score ----------------------------------------------------------------------------------------


def test_the_score_is_the_sum_of_what_has_points() -> None:
    more = "  - {item: weight, ask: ask_weight, expect: a number in lb from 50 to 700, points: no}\n"
    words = "  - {item: why, ask: ask_why, expect: text}\n"
    assert steps(ITEMS, more, words, BANDS)["sum"]["set"] == {"score": "sum(interest, down)"}


def test_bands_are_tried_from_the_highest_and_the_lowest_takes_the_rest() -> None:
    found = steps(ITEMS, BANDS, "thanks: thanks\n")
    assert found["sum"]["branch"] == [
        {"if": "score >= 3", "then": "result_positive"},
        {"else": "result_negative"},
    ]
    assert found["result_positive"] == {
        "hand_over": {"task": "look", "role": "nurse"},
        "say": "a_nurse",
        "result": "positive",
    }
    assert found["result_negative"] == {"say": "thanks", "result": "negative"}
    assert flow(ITEMS, BANDS).results == ("positive", "negative", "unfinished")


def test_without_bands_there_is_no_score() -> None:
    made = flow(ITEMS, "thanks: thanks\n")
    assert "sum" not in made.steps
    assert "score" not in made.variables
    assert (made.steps["down"].then, made.steps["thank"].say) == ("thank", "thanks")
    assert steps(ITEMS)["thank"] == {"then": "end"}


def test_one_band_needs_no_branch() -> None:
    assert steps(ITEMS, "bands: [{from: 0, result: seen}]\n")["sum"]["then"] == "result_seen"


# -- before and after the items -----------------------------------------------------------------------

STARTS = "starts: [{when: staff start it}, {when: a broadcast, at: interest}]\n"


def test_an_invitation_comes_first_where_it_begins_by_itself_and_not_where_it_is_called() -> None:
    made = flow(STARTS, "invite: may_we\nnot_now: another_time\nintro: hello\n", ITEMS)
    assert made.first == "intro"
    assert [start.at for start in made.starts] == ["invite", "interest"]
    assert made.steps["invite"].answers == {"yes": "intro", "no": "not_now"}
    assert made.steps["invite"].again == "may_we"
    assert made.steps["not_now"].say == "another_time"
    assert made.results == ("unfinished", "not_now")


def test_an_invitation_without_an_intro_leads_to_the_first_item() -> None:
    found = steps(STARTS, "invite: may_we\nunfinished: {task: ask_again}\n", ITEMS)
    assert found["invite"]["answers"]["yes"] == "interest"
    assert found["not_now"] == {"hand_over": {"task": "ask_again"}, "result": "not_now"}


def test_the_intro_is_said_before_the_first_item() -> None:
    assert steps("intro: hello\n", ITEMS)["intro"] == {"say": "hello", "then": "interest"}


def test_a_form_comes_after_the_items_where_its_condition_holds() -> None:
    found = steps(ITEMS, BANDS, "wait: 1 day\nform: {form: intake, say: link, if: down >= 1}\n")
    assert found["down"]["then"] == "form_or_not"
    assert found["form_or_not"]["branch"] == [{"if": "down >= 1", "then": "form"}, {"else": "sum"}]
    assert found["form"] == {
        "send_page": "form",
        "form": "intake",
        "say": "link",
        "outcomes": {"submitted": "sum"},
        "no_answer": "unfinished",
        "wait": "1 day",
    }
    always = steps(ITEMS, "form: {form: intake, say: link, wait: 2 days}\n")
    assert (always["down"]["then"], always["form"]["wait"]) == ("form", "2 days")
    assert always["form"]["outcomes"] == {"submitted": "thank"}


def test_what_a_list_hands_in_is_a_variable() -> None:
    assert list(flow("variables: {last_weight: phi}\n", ITEMS).variables) == [
        "last_weight",
        "interest",
        "down",
    ]


# -- by page ------------------------------------------------------------------------------------------

PAGE = """\
by: page
page_say: mood_page
page_title: mood_title
intro: mood_intro
wait: 2 days
nudge: mood_waiting
nudge_after: 1 day
"""
PAGED = """\
items:
  - {item: interest, code: "44250-9", ask: ask_interest, hint: stem, expect: one of how_often}
  - item: down
    ask: ask_down
    expect: one of how_often
    ask_if: interest >= 1
    at_once:
      - if: down >= 3
        escalate: {reason: very_low, urgency: emergency}
        say: crisis_reply
        then: go on
  - {item: why, ask: ask_why, expect: text, may_skip: yes, points: no}
"""


def test_by_page_the_flow_sends_a_form_of_its_own_and_scores_what_comes_back() -> None:
    made = flow(PAGE, PAGED, BANDS, "unfinished: {task: ask_again}\n")
    assert list(made.steps) == ["form", "sum", "result_positive", "result_negative", "unfinished"]
    page = made.steps["form"]
    assert (page.send_page, page.form, page.say) == ("form", "mood", "mood_page")
    assert (page.outcomes, page.no_answer) == ({"submitted": "sum"}, "unfinished")
    assert [nudge.say for nudge in page.nudges] == ["mood_waiting"]
    assert page.wait == timedelta(days=2)
    assert made.steps["sum"].set["score"].text == "sum(interest, down)"
    assert made.variables == dict.fromkeys(("interest", "down", "why", "score"), "phi")


def test_by_page_what_happens_at_once_is_the_forms() -> None:
    made = draft({"questionnaires/mood.yaml": HEAD + PAGE + PAGED + BANDS})
    assert made.problems == ()
    [(_, form)] = list(made.of(Form))
    assert (form.name, form.title, form.intro) == ("mood", "mood_title", "mood_intro")
    assert [item.item for item in form.items] == ["interest", "down", "why"]
    assert form.items[0].code == "44250-9"
    [alert] = form.items[1].at_once
    assert (alert.condition.text, alert.say) == ("down >= 3", "crisis_reply")
    [(_, made_flow)] = list(made.of(Flow))
    assert not any(step.escalate for step in made_flow.steps.values())


def test_by_page_an_invitation_comes_first_as_by_text() -> None:
    found = steps(STARTS, "invite: may_we\n", PAGE, PAGED)
    assert found["invite"]["answers"]["yes"] == "form"
    assert "intro" not in found
    assert found["form"]["outcomes"] == {"submitted": "thank"}


def test_a_medicine_and_whether_it_is_covered_are_variables() -> None:
    pill = "  - {item: pill, ask: q, expect: one of the patient's medicines, covered: auto_ok}\n"
    made = flow(PAGE, PAGED + pill, BANDS)
    assert made.steps["sum"].set["score"].text == "sum(interest, down)"
    assert list(made.variables) == ["interest", "down", "why", "pill", "auto_ok", "score"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("page_say: mood_page\n", "", "write 'page_say'"),
        ("page_title: mood_title\n", "", "'page_title'"),
        ("by: page\n", "", "write 'by: page'"),
        ("wait: 2 days\n", "again: again\n", "this belongs to questions by text"),
        ("wait: 2 days\n", "form: {form: more, say: s}\n", "this belongs to questions by text"),
        ("then: go on", "then: end", "a page can't be taken away"),
        ("hint: stem", "again: again", "a page says itself what is no answer"),
    ],
)
def test_what_does_not_go_together_is_told(old: str, new: str, told: str) -> None:
    assert told in refused((PAGE + PAGED).replace(old, new))


def test_by_text_no_item_has_what_only_a_page_can_have() -> None:
    assert "'interest' has what only a page can have" in refused(
        ITEMS.replace("ask: ask_interest,", "ask: ask_interest, hint: stem,")
    )


def test_what_no_text_can_ask_is_a_problem_of_the_flow_at_its_item() -> None:
    text = HEAD + ITEMS + "  - {item: pill, ask: q, expect: one of the patient's medicines}\n"
    made = draft({"questionnaires/mood.yaml": text})
    [problem] = made.problems
    assert "no text can name the patient's medicines" in problem.message
    assert problem.source.line(problem.where) == text.splitlines().index(text.splitlines()[-1]) + 1


def test_what_no_form_can_ask_is_a_problem_of_the_form_at_its_item() -> None:
    text = HEAD + PAGE + PAGED.replace("expect: text", "expect: a wish for a time")
    [problem] = draft({"questionnaires/mood.yaml": text}).problems
    assert problem.model is Form
    assert "a wish for a time" in problem.source.lines[problem.source.line(problem.where) - 1]


# -- faults -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["intro", "sum", "score", "unfinished", "end"])
def test_no_item_has_the_name_of_a_step_of_ours(name: str) -> None:
    assert f"'{name}'" in refused(ITEMS.replace("item: down", f"item: {name}"))


def test_items_and_results_are_told_apart_by_their_names() -> None:
    assert "two items are called 'interest'" in refused(ITEMS.replace("item: down", "item: interest"))
    assert "its own result" in refused(ITEMS, BANDS.replace("positive", "negative"))
    assert "its own 'from'" in refused(ITEMS, BANDS.replace("from: 3", "from: 0"))


def test_an_alarm_has_a_reason_and_an_urgency_that_exist() -> None:
    assert "emergency" in refused(ALERTS.replace("urgency: emergency", "urgency: soon"))


@pytest.mark.parametrize(
    ("where", "written"),
    [
        (("steps", "interest", "ask"), "{item: interest"),
        (("steps", "down"), "{item: down"),
        (("steps", "down", "no_answer"), "{item: down"),
        (("steps", "down_or_not", "branch", 0, "if"), "ask_if: interest >= 1"),
        (("steps", "down_at_once", "branch", 0, "if"), "if: down >= 2"),
        (("steps", "down_alert", "say"), "say: worried"),
        (("steps", "result_positive", "say"), "{from: 3"),
        (("steps", "invite", "ask"), "invite: may_we"),
        (("steps", "form_or_not", "branch", 0, "if"), "if: down >= 1"),
        (("steps", "form", "say"), "say: link"),
        (("steps", "unfinished", "hand_over", "role"), "unfinished:"),
        (("starts", 0, "when"), "- when: staff start it"),
        (("starts", 0, "at"), "- when: staff start it"),
    ],
)
def test_a_fault_of_the_flow_is_told_at_the_line_of_the_questionnaire(
    where: tuple[str | int, ...], written: str
) -> None:
    text = """\
starts:
  - when: staff start it
invite: may_we
items:
  - {item: interest, ask: ask_interest, expect: one of how_often}
  - {item: down, ask: ask_down, expect: one of how_often,
     ask_if: interest >= 1, at_once: [{
     if: down >= 2,
     say: worried}]}
form:
  form: intake
  say: link
  if: down >= 1
bands:
  - {from: 0, result: negative}
  - {from: 3, result: positive, say: a_nurse}
unfinished: {task: ask_again, role: nurse}
"""
    made = source(text)
    assert written in made.lines[made.line(where) - 1]


def test_a_questionnaire_of_the_wrong_shape_is_a_problem_of_its_file() -> None:
    made = draft({"questionnaires/mood.yaml": HEAD})
    assert [(problem.model, problem.where) for problem in made.problems] == [(Questionnaire, ("items",))]
