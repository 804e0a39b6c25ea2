"""Tests of bot/flowbook/lint/words_forms.py, beside the examples of the rulebook: what the pages of a form say."""

import pytest

from tests.bot.flowbook.lint.bent import rules_of, told
from tests.bot.flowbook.lint.formed import FLOW, ITEMS, WORDS, formed

CHOICES = "choices:\n  much:\n    a: [Más, más o menos]\n    b: [Menos]\n"


@pytest.mark.parametrize("key", ["pains", "how_bad", "where"])
def test_each_sentence_of_a_form_is_written(key: str) -> None:
    [(rule, _, said)] = told(formed(words=WORDS.replace(f"  {key}:", f"  not_{key}:")))
    assert rule == "words/missing"
    assert f"'{key}' is missing in 'en'" in said
    assert "under 'pages:'" in said


def test_every_language_of_the_flows_that_send_it_has_them() -> None:
    files = formed(flow=f"languages: [en, es]\n{FLOW}")
    files["wording/es.yaml"] = files["wording/en.yaml"].replace("language: en", "language: es")
    assert rules_of(files) == []
    files["wording/es.yaml"] = files["wording/es.yaml"].replace("  how_bad:", "  how_badly:")
    assert [said for _, _, said in told(files) if "'how_bad' is missing in 'es'" in said]


def test_a_text_that_an_alert_sends_is_one_for_texts() -> None:
    alert = ITEMS.replace(
        "{item: bad, ask: how_bad, expect: a number from 0 to 10}",
        "{item: bad, ask: how_bad, expect: a number from 0 to 10, at_once: [{if: bad > 7, say: SAID}]}",
    )
    assert rules_of(formed(alert.replace("SAID", "urgent_reply"))) == []
    assert rules_of(formed(alert.replace("SAID", "how_bad"))) == ["words/page-or-text"]
    assert rules_of(formed(alert.replace("SAID", "nothing"))) == ["words/missing"]
    with_day = WORDS.replace("pages:", '  soon: "See you on {{day}}, {{first_name}}."\npages:')
    [(rule, _, said)] = told(formed(alert.replace("SAID", "soon"), words=with_day))
    assert rule == "words/value"
    assert "first_name" in said


def test_a_form_says_nothing_that_has_to_be_filled_in() -> None:
    named = WORDS.replace("How bad is it?", "How bad is it, {{first_name}}?")
    assert rules_of(formed(words=named)) == ["words/value"]
    broken = WORDS.replace("How bad is it?", "How bad is it, {{first_name?")
    assert rules_of(formed(words=broken)) == ["words/template"]


def test_a_list_of_choices_is_there_and_may_have_accents() -> None:
    chosen = ITEMS.replace("expect: text", "expect: one of much")
    assert rules_of(formed(chosen)) == ["words/no-choices"]
    assert rules_of(formed(chosen, words=CHOICES + WORDS)) == []
    assert set(rules_of(formed(words=CHOICES + WORDS))) == {"cost/characters", "words/unused"}


HARD = (
    "Approximately how intolerable would you characterise the discomfort that you are presently experiencing "
    "in comparison with previously experienced discomfort?"
)


def test_a_page_is_easy_to_read_except_where_its_wording_is_validated() -> None:
    hard = WORDS.replace("How bad is it?", HARD)
    assert rules_of(formed(words=hard)) == ["words/hard"]
    coded = ITEMS.replace("{item: bad,", '{item: bad, code: "72514-3",')
    assert rules_of(formed(coded, words=hard)) == []


def test_what_only_a_page_says_is_not_measured_as_a_text() -> None:
    long = WORDS.replace("How bad is it?", "¿Cómo está? " + "It is not so bad. " * 60)
    assert rules_of(formed(words=long)) == []


def test_a_sentence_of_pages_stands_in_one_file() -> None:
    files = formed()
    files["wording/en.more.yaml"] = (
        'language: en\nreviewed_by: A\nreviewed_on: 2026-11-20\npages:\n  where: "Where?"\n'
    )
    assert rules_of(files) == ["words/twice"]
