"""Tests of bot/flowbook/lint/shape.py: for each rule what is good, what is bad, and where."""

import pytest

from bot.flowbook import loader
from bot.flowbook.lint import lint
from tests.bot.flowbook.lint.bent import bent

MINI = "dialogs/mini.yaml"
BAD = [
    ("shape/twice", MINI, "title: A small flow", "title: A\ntitle: B", 3, "first is in line 2"),
    ("shape/quotes", MINI, "title: A small flow", 'title: "A small flow', 2, "not closed"),
    ("shape/alias", MINI, "languages: [en]", "languages: &x [*x]", 4, "repeating"),
    ("shape/unknown-key", MINI, "tries: 1", "tires: 1", 32, "Did you mean 'tries'?"),
    (
        "shape/unknown-key",
        MINI,
        "  - when: 3 days",
        "  - cost: 5\n    when: 3 days",
        6,
        "when, at, ",
    ),
    ("shape/missing-key", MINI, "purpose: reminder\n", "", 1, "Add a line 'purpose: …'"),
    ("shape/missing-key", MINI, "- when: the patient says reschedule\n    at", "- at", 8, "a line 'when: …'"),
    ("shape/value", MINI, "wait: 20 hours", "wait: 20 moons", 16, "'20 hours'"),
    (
        "shape/value",
        MINI,
        "when: 3 days before the visit",
        "when: 3 days after",
        6,
        "3 days before the visit",
    ),
    ("shape/value", MINI, "when: the patient says reschedule", "when: the patient says boo", 8, "refill"),
    ("shape/value", MINI, "purpose: reminder", "purpose: fun", 3, "'survey' or 'bulk'"),
    ("shape/value", MINI, "flow: mini", "flow: Mini Flow", 1, "small letters"),
    ("shape/value", MINI, "tries: 1", "tries: often", 32, "a whole number"),
    ("shape/value", MINI, "languages: [en]", "languages: en", 4, "a list"),
    ("shape/value", MINI, "do: confirm the visit", "do: dance", 19, "'confirm the visit'"),
    ("shape/value", "policies/2026-11-us-sms.yaml", "2026-11-01", "soon", 3, "a date like"),
    ("shape/policy", "clinic.yaml", "2026-11-us-sms", "none-such", 2, "2026-11-us-sms"),
]


def test_what_is_good_has_no_fault(edition) -> None:
    assert [fault for fault in lint(edition()) if fault.severity == "error"] == []


@pytest.mark.parametrize(("rule", "file", "old", "new", "line", "told"), BAD)
def test_what_is_bad_is_told(edition, rule, file, old, new, line, told) -> None:
    found = [fault for fault in lint(edition(file, old, new)) if fault.severity == "error"]
    assert [(fault.rule, fault.file, fault.line) for fault in found] == [(rule, file, line)]
    assert told in f"{found[0].message} {found[0].mend}"


def test_files_in_odd_places_are_told(edition) -> None:
    files = {**edition(), "dialogs/a.yml": "flow: a\n", "notes.yaml": "a: b\n"}
    assert [(f.file, f.rule) for f in lint(files)][:1] == [("dialogs/a.yml", "shape/file")]
    assert ("notes.yaml", "shape/file") in [(f.file, f.rule) for f in lint(files)]


def test_files_that_must_be_there_are_missed(edition) -> None:
    files = edition()
    del files["clinic.yaml"], files["wording/en.yaml"]
    missed = [fault.file for fault in lint(files) if fault.rule == "shape/file"]
    assert missed == ["clinic.yaml", "wording/en.yaml"]


def test_two_flows_cannot_have_one_name(edition) -> None:
    files = edition()
    files["dialogs/other.yaml"] = files[MINI]
    twice = [fault for fault in lint(files) if fault.rule == "shape/name"]
    assert [(fault.file, fault.line) for fault in twice] == [("dialogs/other.yaml", 1)]


def test_norway_is_a_language(edition) -> None:
    """In YAML 1.1 a bare `no` would be false."""
    rules = {fault.rule for fault in lint(edition(MINI, "languages: [en]", "languages: [en, no]"))}
    assert {rule for rule in rules if rule.startswith("shape")} == set()
    assert "words/no-language" in rules


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("tries: 1", "tires: 1", "tires"),
        ("purpose: reminder", "purpose: fun", "fun"),
        ("wait: 20 hours", "wait: 20 moons", "20 moons"),
        ("do: confirm the visit", "do: dance", "dance"),
        ("- when: the patient says reschedule\n    at", "- at", "at: look"),
        ("languages: [en]", "languages: [en, {a: b}]", "{a: b}"),
    ],
)
def test_the_key_or_the_value_is_marked(edition, old: str, new: str, marked: str) -> None:
    fault = next(f for f in lint(edition(MINI, old, new)) if f.rule.startswith("shape"))
    assert fault.excerpt[fault.column - 1 :][: fault.length] == marked


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title: A small flow\n", "title: A\nwait: 3 days\n", "'wait' belongs in a step."),
        ("    tries: 1\n", "    tries: 1\n    purpose: care\n", "'purpose' belongs at the top of the file."),
        ("    tries: 1\n", "    tries: 1\n    urgency: urgent\n", "'urgency' belongs in 'hand_over'"),
        ("    tries: 1\n", "    tires: 1\n", "Did you mean 'tries'?"),
    ],
)
def test_a_key_in_the_wrong_place_is_sent_home(edition, old: str, new: str, told: str) -> None:
    fault = next(f for f in lint(edition(MINI, old, new)) if f.rule == "shape/unknown-key")
    assert told in fault.mend


def test_a_part_of_an_expression_is_marked(edition) -> None:
    files = edition(MINI, "    at: look\n", "    at: look\n    if: known and and more\n")
    fault = next(f for f in lint(files) if f.rule == "shape/value")
    assert fault.line == 10
    assert fault.excerpt[fault.column - 1 :][: fault.length] == "and"
    assert fault.column > fault.excerpt.index("and")


def test_a_remark_is_a_warning_and_keeps_nothing_from_being_read(edition) -> None:
    files = edition(MINI, "title: A small flow", "title: A small flow #1")
    assert [(f.rule, f.severity) for f in lint(files) if f.rule.startswith("shape")] == [
        ("shape/remark", "warning")
    ]
    assert loader.read(files)


@pytest.mark.parametrize(
    ("old", "new", "marked", "told"),
    [
        ("    layers:", "    zone: New York\n    layers:", "New York", "write one like America/New_York."),
        ("  urgent:\n", "  urgently:\n", "", "Write 'emergency', 'urgent' or 'routine'."),
        ("nurse on call", "the nurse", "the nurse", "'everyone with role nurse', 'maria' (a person)"),
        ("by: [text, push]", "by: text", "text", "Write a list, like [one, two]."),
        ("by: [text, push]", "by: []", "[]", "Write at least one entry, like [one, two]."),
        ("by: [text, push]", "by: [sms]", "sms", "Write 'text', 'call', 'email', 'console' or 'push'."),
        ("wait: 2 minutes", "after: 2 minutes", "after", "Keys here: tell, by, wait, times."),
        ("wait: 2 minutes", "hours: office", "hours", "'hours' belongs in an entry of 'ladders'."),
        ("mondays at 08:00", "weekly", "weekly", "Write a hand-over as 'every day at 08:00'"),
        ("starts: 2026-11-02", "starts: 11/2/2026", "11/2/2026", "Write a date like 2026-11-01."),
        ("answer_within", "answer-within", "answer-within", "Did you mean 'answer_within'?"),
        (
            "    layers:",
            "    overrides: [{person: joe, from: tonight, until: 2026-12-24}]\n    layers:",
            "tonight",
            "Write a day and a time like 2026-12-24 17:00.",
        ),
    ],
)
def test_a_slip_in_rosters_and_ladders_is_told_once(old: str, new: str, marked: str, told: str) -> None:
    files = bent()
    files["oncall.yaml"] = files["oncall.yaml"].replace(old, new, 1)
    (fault,) = [fault for fault in lint(files) if fault.severity == "error"]
    assert fault.rule.startswith("shape/")
    assert told in fault.mend[:1].upper() + fault.mend[1:]
    assert not marked or fault.excerpt[fault.column - 1 :][: fault.length] == marked
