"""Tests of bot/flowbook/lint/ways_forms.py, beside the examples of the rulebook."""

from tests.bot.flowbook.lint.bent import rules_of, told
from tests.bot.flowbook.lint.formed import FLOW, FORM, ITEMS, formed


def test_a_form_that_cannot_be_read_is_not_missing() -> None:
    assert rules_of(formed(ITEMS.replace("title: pains\n", ""))) == ["shape/missing-key"]


def test_without_a_form_of_this_name_those_that_are_there_are_named() -> None:
    found = {rule: said for rule, _, said in told(formed(flow=FLOW.replace("form: pains", "form: pain")))}
    assert "Did you mean 'pains'?" in found["ways/no-such-form"]
    assert "ways/never-sent" in found


def test_a_questionnaire_by_page_makes_a_form_and_sends_it() -> None:
    files = formed()
    files["questionnaires/mood.yaml"] = (
        "questionnaire: mood\ntitle: Mood\nby: page\npage_say: see_page\npage_title: pains\n"
        "starts: [{when: the patient says question}]\n"
        "items:\n  - {item: bad, ask: how_bad, expect: a number from 0 to 10}\n"
    )
    assert rules_of(files) == []
    files["questionnaires/mood.yaml"] += "  - {item: worse, ask: how_worse, expect: text}\n"
    assert rules_of(files) == ["words/missing"]
    del files[FORM]
    assert "ways/no-such-form" in rules_of(files)
