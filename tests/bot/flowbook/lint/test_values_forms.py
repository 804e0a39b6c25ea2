"""Tests of bot/flowbook/lint/values_forms.py, beside the examples of the rulebook: conditions, and what is filled."""

import pytest

from bot.flowbook.lint import lint
from tests.bot.flowbook.lint.bent import bent, rules_of, told
from tests.bot.flowbook.lint.formed import FLOW, FORM, ITEMS, formed

ALERT = "    at_once:\n      - {if: 'CONDITION', hand_over: {task: look}}\n"


def alerting(condition: str) -> str:
    first = "  - item: bad\n    ask: how_bad\n    expect: a number from 0 to 10\n"
    lines = ITEMS.splitlines(keepends=True)
    return "".join([*lines[:3], first, ALERT.replace("CONDITION", condition), lines[4]])


def test_a_form_that_fits_has_no_fault() -> None:
    assert lint(formed()) == []


@pytest.mark.parametrize(
    ("condition", "rule"),
    [
        ("bad >= 8", None),
        ("bad >= 8 and patient.age < 18", None),
        ('bad is "very"', "values/mismatch"),
        ("bed >= 8", "values/unknown-name"),
        ("bad", "values/no-condition"),
        ("answered(where)", "values/asked-later"),
    ],
)
def test_what_happens_at_once_hangs_on_what_is_answered_by_then(condition: str, rule: str | None) -> None:
    assert rules_of(formed(alerting(condition)), "values") == ([rule] if rule else [])


def test_a_fault_stands_at_its_place_in_the_form() -> None:
    [(_, line, said)] = told(formed(ITEMS.replace("bad > 3", "bed > 3")), "values")
    assert line.startswith("- {item: where")
    assert "Did you mean 'bad'?" in said


def test_a_variable_has_the_kind_of_the_item_that_fills_it() -> None:
    assert rules_of(formed(flow=FLOW.replace("bad > 7", "where > 7")), "values") == [
        "values/mismatch",
    ]
    pressure = ITEMS.replace("a number from 0 to 10", "a blood pressure").replace(
        "bad > 3", "bad.systolic > 180"
    )
    assert rules_of(formed(pressure, FLOW.replace("bad > 7", "bad.systolic > 180"))) == []
    assert rules_of(formed(pressure), "values") == ["values/unknown-name"]


def test_what_may_be_left_empty_is_no_number_to_calculate_with() -> None:
    added = FLOW.replace("  after:\n", "  after:\n    set: {twice: bad + bad}\n").replace(
        "where: phi}", "where: phi, twice: phi}"
    )
    assert rules_of(formed(flow=added)) == []
    skipped = ITEMS.replace("expect: a number from 0 to 10}", "expect: a number from 0 to 10, may_skip: yes}")
    assert set(rules_of(formed(skipped, added))) == {"values/not-filled"}
    assert (
        rules_of(formed(skipped)) == []
    )  # a condition about what was left empty is not true, and that is fine


def test_a_variable_that_no_form_brings_is_told() -> None:
    more = FLOW.replace("where: phi}", "where: phi, spare: phi}")
    assert rules_of(formed(flow=more)) == ["values/never-filled"]


def test_a_covered_medicine_brings_a_yes_or_no() -> None:
    pill = "  - {item: pill, ask: where, expect: one of the patient's medicines, covered: auto_ok}\n"
    flow = FLOW.replace("where: phi}", "where: phi, pill: phi, auto_ok: phi}").replace("bad > 7", "auto_ok")
    files = formed(ITEMS + pill, flow)
    files["wording/en.yaml"] = files["wording/en.yaml"].replace(
        "pages:\n", 'pages:\n  medicine_other: "Another one"\n'
    )
    assert rules_of(files) == []
    assert rules_of(formed(ITEMS + pill, flow)) == ["words/missing"]


def test_a_form_that_nothing_waits_for_needs_no_variables() -> None:
    sent = "steps:\n  confirm:\n    say: see_page\n    send_page: form\n    form: pains\n    then: thanks\n"
    sent += "  thanks:\n    say: confirmed\n    then: end\n"
    assert rules_of(formed(flow=sent)) == []


def test_a_form_of_the_wrong_shape_is_told_once() -> None:
    assert rules_of(formed(ITEMS.replace("expect: text", "expect: txt"))) == ["shape/value"]
    assert FORM in formed()


PICKS = """\
variables: {choice: phi}
steps:
  confirm:
    say: see_page
    send_page: times
    wait: 1 day
    outcomes: {submitted: which}
    no_answer: end
  which:
    branch:
      - {if: choice is "booked", then: look}
      - {else: thanks}
  thanks:
    say: confirmed
    then: end
"""
PAGE = 'sentences:\n  see_page: "{{clinic}}: Please look at {{link}} when you can."\n'


@pytest.mark.parametrize(
    ("page", "condition", "rules"),
    [
        ("times", 'choice is "none"', []),
        ("times", 'choice is "keep"', ["values/mismatch"]),
        ("offer", 'choice is "keep"', []),
        ("offer", 'choice is "booked"', ["values/mismatch"]),
        ("offer", "choice", ["values/no-condition"]),
    ],
)
def test_what_was_chosen_on_a_page_is_one_of_what_it_offers(
    page: str, condition: str, rules: list[str]
) -> None:
    flow = PICKS.replace("times", page).replace('choice is "booked"', condition)
    assert rules_of(bent(flow, PAGE)) == rules


def test_what_was_chosen_is_kept_by_the_flow_that_waits_for_it() -> None:
    lost = PICKS.replace("{choice: phi}", "{chosen: phi}").replace("choice is", "chosen is")
    assert rules_of(bent(lost, PAGE)) == ["values/not-kept", "values/not-filled", "values/never-filled"]
    opened = lost.replace("submitted", "opened")
    assert "values/not-kept" not in rules_of(bent(opened, PAGE))


def test_a_page_that_brings_nothing_fills_nothing() -> None:
    shows = PICKS.replace("times", "messages").replace("submitted", "opened")
    assert "values/never-filled" in rules_of(bent(shows, PAGE))
