"""Tests of bot/flowbook/lint/values.py, beside the examples of the rulebook: what is filled on which way."""

import pytest

from bot.flowbook.lint import lint
from tests.bot.flowbook.lint.bent import EN, bent, rules_of, told

SECOND = "dialogs/second.yaml"
HEAD = "flow: second\ntitle: Another flow\npurpose: care\n"
PAIN = "    ask: confirmed\n    expect: a number from 0 to 10\n    save: pain\n    then: weigh\n    no_answer: end\n"
WEIGH = "  weigh:\n    branch:\n      - {if: 'CONDITION', then: look}\n      - {else: end}\n"


def weighed(condition: str, pain: str = PAIN, more: str = "") -> dict[str, str]:
    """An edition that asks for pain and weighs it; `more` are further steps."""
    steps = f"steps:\n  confirm:\n{pain}{WEIGH.replace('CONDITION', condition)}{more}"
    return bent(f"variables: {{pain: phi}}\n{steps}")


@pytest.mark.parametrize(
    ("condition", "rule"),
    [
        ("pain >= 7", None),
        ("pain", "values/no-condition"),
        ('pain is "bad"', "values/mismatch"),
        ("pian >= 7", "values/unknown-name"),
        ("answered(pain) and pain between 3 and 5", None),
        ('visit.weekday is "monday"', None),
        ('visit.weekday is "moonday"', "values/mismatch"),
        ("clinic.open and pain > 3", None),
    ],
)
def test_conditions_are_checked(condition: str, rule: str | None) -> None:
    files = weighed(condition)
    files["clinic.yaml"] += (
        'calendars:\n  office:\n    open:\n      monday: {from: "08:00", until: "17:00"}\n'
    )
    assert rules_of(files, "values") == ([rule] if rule else [])


def test_the_caret_stands_below_the_part() -> None:
    (fault,) = [
        fault for fault in lint(weighed("visit.confirmed and pian >= 7")) if fault.rule.startswith("values")
    ]
    assert fault.excerpt[fault.column - 1 :][: fault.length] == "pian"
    assert "Did you mean 'pain'?" in f"{fault.message} {fault.mend}"


def test_an_expression_that_cannot_be_read_is_told_with_its_place() -> None:
    (fault,) = [fault for fault in lint(weighed("pain >= and")) if fault.severity == "error"]
    assert fault.rule == "shape/value"
    assert fault.excerpt[fault.column - 1 :][: fault.length] == "and"


def test_a_way_that_brings_no_answer_is_found() -> None:
    assert rules_of(weighed("pain >= 7", PAIN.replace("no_answer: end", "no_answer: weigh")), "values") == [
        "values/not-filled"
    ]
    by_intent = PAIN.replace("    then:", "    answers: {cancel: weigh}\n    then:")
    assert rules_of(weighed("pain >= 7", by_intent), "values") == ["values/not-filled"]
    assert rules_of(weighed("answered(pain) and pain >= 7", by_intent), "values") == []
    assert rules_of(weighed("sum(pain) >= 7", by_intent), "values") == []


def test_a_skipped_answer_is_no_answer_to_a_sum_but_good_for_a_condition() -> None:
    skipped = PAIN.replace("    then:", "    if_skipped: weigh\n    then:")
    assert rules_of(weighed("pain >= 7", skipped), "values") == []
    worked_out = "    set: {pain: pain + 1}\n    branch:"
    files = weighed("pain >= 7", skipped)
    files["dialogs/example.yaml"] = files["dialogs/example.yaml"].replace("    branch:", worked_out, 1)
    assert rules_of(files, "values") == ["values/not-filled"]


def test_a_branch_that_asks_whether_it_is_filled_is_believed() -> None:
    missing = PAIN.replace("no_answer: end", "no_answer: known")
    known = (
        "  known:\n    branch:\n      - {if: not answered(pain), then: end}\n      - {else: add}\n"
        "  add:\n    set: {pain: pain + 1}\n    then: end\n"
    )
    assert rules_of(weighed("pain > 1", missing, known), "values") == []


def test_what_starts_a_flow_can_bring_values() -> None:
    flow = (
        "starts:\n  - when: {when}\n    at: remind\n  - when: the patient says reschedule\n    at: look\n"
        "variables: {{notice: phi}}\n"
        'steps:\n  confirm:\n    branch:\n      - {{if: notice is "a", then: end}}\n      - {{else: look}}\n'
    )
    for when in (
        "staff start it",
        "the list recall names the patient",
        "a broadcast",
        "a result is released",
    ):
        assert rules_of(bent(flow.format(when=when)), "values") == []
    assert "values/not-filled" in rules_of(bent(flow.format(when="3 days before the visit")))


def test_the_condition_of_a_start_has_only_what_the_start_brings() -> None:
    flow = (
        'starts:\n  - when: 3 days before the visit\n    at: remind\n    if: notice is "a"\n'
        "  - when: the patient says reschedule\n    at: look\n"
        '  - when: staff start it\n    at: look\n    if: notice is "b"\nvariables: {notice: phi}\n'
    )
    ((rule, line, words),) = told(bent(flow), "values")
    assert (rule, line) == ("values/not-filled", 'if: notice is "a"')
    assert "when this starts" in words


def test_a_called_flow_has_what_it_is_given_and_gives_what_it_has() -> None:
    called = (
        f"{HEAD}variables: {{hour: phi, how: phi}}\n"
        "steps:\n  which:\n    branch:\n      - {if: hour < 12, then: ask_it}\n      - {else: end}\n"
        f"  ask_it:\n{PAIN.replace('pain', 'how').replace('weigh', 'end')}"
    )
    flow = (
        "variables: {}\nsteps:\n  confirm:\n    call: second\n    with: {hour: visit.hour}\n    then: after\n"
        "  after:\n    branch:\n      - {if: second.how > 5, then: end}\n      - {else: look}\n"
    )
    assert rules_of(bent(flow, more={SECOND: called}), "values") == []
    none = bent(flow.replace("    with: {hour: visit.hour}\n", ""), more={SECOND: called})
    assert [line for rule, line, _ in told(none, "values/not-filled")] == ["- {if: hour < 12, then: ask_it}"]
    early = bent(flow.replace("visit.hour", "second.how"), more={SECOND: called})
    assert "values/not-filled" in rules_of(early)


def test_a_blood_pressure_has_two_parts() -> None:
    flow = (
        "variables: {{bp: phi}}\n"
        "steps:\n  confirm:\n    ask: confirmed\n    expect: a blood pressure\n    save: bp\n    then: high\n"
        "    no_answer: end\n"
        "  high:\n    branch:\n      - {{if: {0} > 140, then: end}}\n      - {{else: look}}\n"
    )
    assert rules_of(bent(flow.format("bp.systolic")), "values") == []
    assert rules_of(bent(flow.format("bp")), "values") == ["values/unknown-name"]


@pytest.mark.parametrize(
    ("choices", "condition", "rules"),
    [
        ("often", "pain >= 1", []),
        ("part", 'pain is "late"', []),
        ("part", 'pain is "later"', ["values/mismatch"]),
        ("part", "pain >= 1", ["values/mismatch"]),
    ],
)
def test_the_kind_of_a_choice_hangs_on_its_keys(choices: str, condition: str, rules: list[str]) -> None:
    files = weighed(condition, PAIN.replace("a number from 0 to 10", f"one of {choices}"))
    lists = 'choices:\n  often:\n    "0": [Never]\n    "1": [Often]\n  part:\n    early: [Early]\n    late: [Late]\n'
    assert rules_of({**files, EN: bent(sentences=lists)[EN]}, "values") == rules


def test_a_preference_takes_a_choice_of_its_own_values() -> None:
    lists = (
        "choices:\n  how:\n    text: [Text]\n    call: [Call]\n  other:\n    text: [Text]\n    fax: [Fax]\n"
    )
    flow = (
        "variables: {{it: phi}}\n"
        "steps:\n  confirm:\n    ask: confirmed\n    expect: one of {0}\n    save: it\n    then: which\n"
        "    if_skipped: which\n    no_answer: end\n"
        "  which:\n    set: {{patient.channel: it}}\n    then: end\n"
    )
    assert rules_of(bent(flow.format("how"), lists), "values") == []
    ((rule, _, words),) = told(bent(flow.format("other"), lists), "values")
    assert rule == "values/preference"
    assert "can't be fax" in words


def test_items_of_a_questionnaire_that_are_not_asked_are_like_skipped_ones() -> None:
    items = (
        "questionnaire: second\ntitle: Q\nstarts:\n  - when: staff start it\nitems:\n"
        "  - {item: a, ask: first_one, expect: yes or no}\n"
        "  - {item: b, ask: first_one, expect: yes or no, ask_if: a is yes}\n"
        "  - {item: c, ask: first_one, expect: yes or no, ask_if: b is yes}\n"
    )
    sentences = 'sentences:\n  first_one: "{{clinic}}: Is it so? Text STOP to opt out."\n'
    assert rules_of(bent("", sentences, {"questionnaires/second.yaml": items}), "values") == []
