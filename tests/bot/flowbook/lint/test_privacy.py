"""Tests of bot/flowbook/lint/privacy.py, beside the examples of the rulebook: every way that PHI could take."""

import pytest

from bot.flowbook.lint import lint
from tests.bot.flowbook.lint.bent import bent, rules_of, told

SECOND = "dialogs/second.yaml"
HEAD = "flow: second\ntitle: Another flow\npurpose: care\n"
ASKED = """\
steps:
  confirm:
    ask: confirmed
    expect: {expect}
    save: it
    then: {then}
    no_answer: end
"""


def steps(then: str = "more", expect: str = "text", **more: str) -> str:
    """A flow that keeps an answer as `it`, and what comes after."""
    rest = "".join(f"  {name}:\n    {text}\n" for name, text in more.items())
    return ASKED.format(expect=expect, then=then) + rest


@pytest.mark.parametrize(
    "expect", ["yes or no", "text", "a number from 0 to 10", "a date in the past", "one of part"]
)
@pytest.mark.parametrize("declared", ["public", "contact"])
def test_an_answer_is_phi_whatever_was_asked(expect: str, declared: str) -> None:
    lists = "choices:\n  part:\n    a: [Morning]\n    b: [Evening]\n"
    files = bent(f"variables: {{it: {declared}}}\n{steps('end', expect)}", lists)
    assert rules_of(files, "privacy") == ["privacy/answer"]


def test_phi_does_not_become_less_by_being_worked_out() -> None:
    flow = "variables: {it: phi, two: phi, shown: contact}\n" + steps(
        more="set: {two: count(it), shown: two + 1}\n    say: confirmed\n    then: end"
    )
    ((rule, line, words),) = told(bent(flow), "privacy")
    assert (rule, line) == ("privacy/set", "set: {two: count(it), shown: two + 1}")
    assert "'two' is phi" in words


def test_a_part_of_a_blood_pressure_is_phi() -> None:
    flow = "variables: {it: phi, high: public}\n" + steps(
        expect="a blood pressure", more="set: {high: it.systolic}\n    say: confirmed\n    then: end"
    )
    assert rules_of(bent(flow), "privacy") == ["privacy/set"]


def test_what_a_called_flow_has_found_out_stays_phi() -> None:
    called = {
        SECOND: f"{HEAD}variables: {{it: phi}}\n"
        "steps:\n  how:\n    ask: confirmed\n    expect: text\n    save: it\n    then: end\n    no_answer: end\n"
    }
    flow = (
        "variables: {shown: contact}\n"
        "steps:\n  confirm:\n    call: second\n    then: more\n"
        "  more:\n    set: {shown: second.it}\n    say: confirmed\n    then: end\n"
    )
    assert rules_of(bent(flow, more=called), "privacy") == ["privacy/set"]


def test_contact_may_become_contact_and_phi() -> None:
    steps = "steps:\n  confirm:\n    set: {a: visit.hour, b: visit.hour}\n    then: end\n"
    flow = f"variables: {{a: contact, b: phi}}\n{steps}"
    assert rules_of(bent(flow), "privacy") == []


def test_contact_does_not_become_public() -> None:
    flow = "variables: {a: public}\nsteps:\n  confirm:\n    set: {a: visit.hour}\n    then: end\n"
    assert rules_of(bent(flow), "privacy") == ["privacy/set"]


@pytest.mark.parametrize("part", ["say", "ask", "again", "nudges"])
def test_no_part_of_a_step_says_phi(part: str) -> None:
    parts = {"say": "confirmed", "ask": "confirmed", "again": "confirmed"} | (
        {part: "told"} if part != "nudges" else {}
    )
    nudge = "told" if part == "nudges" else "confirmed"
    more = (
        f"say: {parts['say']}\n    ask: {parts['ask']}\n    expect: text\n    again: {parts['again']}\n    tries: 1\n"
        f"    nudges: [{{after: 1 hour, say: {nudge}}}]\n    then: end\n    no_answer: end"
    )
    files = bent(f"variables: {{it: phi}}\n{steps(more=more)}", 'sentences:\n  told: "You said {{it}}."\n')
    ((rule, line, words),) = told(files, "privacy")
    assert (rule, line) == ("privacy/in-text", 'told: "You said {{it}}."')
    assert "secure page" in words


def test_a_snippet_hides_nothing() -> None:
    sentences = 'snippets:\n  inner: "You said {{it}}."\nsentences:\n  told: "Thank you. {{inner}}"\n'
    flow = f"variables: {{it: phi}}\n{steps(more='say: told' + chr(10) + '    then: end')}"
    ((rule, line, _),) = told(bent(flow, sentences), "privacy")
    assert (rule, line) == ("privacy/in-text", 'inner: "You said {{it}}."')


def test_a_snippet_of_another_file_hides_nothing() -> None:
    other = {
        "wording/en.more.yaml": "language: en\nreviewed_by: A\nreviewed_on: 2026-11-20\n"
        'snippets:\n  inner: "You said {{it}}."\nsentences: {}\n'
    }
    sentences = 'sentences:\n  told: "Thank you. {{inner}}"\n'
    flow = f"variables: {{it: phi}}\n{steps(more='say: told' + chr(10) + '    then: end')}"
    found = [(f.rule, f.file) for f in lint(bent(flow, sentences, other)) if f.rule.startswith("privacy")]
    assert found == [("privacy/in-text", "wording/en.more.yaml")]


def test_a_variant_is_followed_too() -> None:
    base = f"variables: {{it: phi}}\n{steps(more='say: confirmed' + chr(10) + '    then: end')}"
    variant = "flow: second\ntitle: T\nextends: example\nsite: Downtown\nsteps:\n  more:\n    say: told\n"
    files = bent(base, 'sentences:\n  told: "You said {{it}}."\n', {SECOND: variant})
    assert rules_of(files, "privacy") == ["privacy/in-text"]
    lowered = variant + "variables: {it: contact}\n"
    assert "privacy/answer" in rules_of(
        bent(base, 'sentences:\n  told: "You said {{it}}."\n', {SECOND: lowered})
    )


def test_every_language_is_looked_at_whichever_the_flow_names() -> None:
    files = bent(sentences="")
    files["wording/es.yaml"] = (
        files["wording/en.yaml"]
        .replace("language: en", "language: es")
        .replace("Thank you, {{first_name}}.", "Gracias, {{provider}}.")
    )
    found = [(fault.rule, fault.file) for fault in lint(files) if fault.rule.startswith("privacy")]
    assert found == [("privacy/in-text", "wording/es.yaml")]


@pytest.mark.parametrize("name", ["visit.kind", "patient.age", "diagnosis", "last_name", "provider"])
def test_what_is_known_of_a_patient_is_no_value(name: str) -> None:
    files = bent(sentences=f'sentences:\n  confirmed: "Thank you: {{{{{name}}}}}."\n')
    assert rules_of(files, "privacy") == ["privacy/in-text"]


def test_what_staff_hand_in_is_what_the_flow_declares() -> None:
    flow = (
        "starts:\n  - when: staff start it\n    at: remind\n  - when: the patient says reschedule\n    at: look\n"
        "variables: {wing: public}\nsteps:\n  confirm:\n    say: told\n    then: end\n"
    )
    files = bent(flow, 'sentences:\n  told: "Come to the {{wing}} wing."\n')
    assert [rule for rule in rules_of(files) if not rule.startswith("words/unused")] == []
