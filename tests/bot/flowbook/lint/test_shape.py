"""Tests of bot/flowbook/lint/shape.py: for each rule what is good, what is bad, and where."""

import pytest

from bot.core.flow import Flow
from bot.flowbook.lint import lint
from bot.flowbook.lint.shape import keys_at

MINI = "dialogs/mini.yaml"
BAD = [
    ("shape/twice", MINI, "title: A small flow", "title: A\ntitle: B", 3, "first is in line 2"),
    ("shape/yaml", MINI, "title: A small flow", 'title: "A small flow', 2, "can't be read"),
    ("shape/alias", MINI, "languages: [en]", "languages: &x [*x]", 4, "alias"),
    ("shape/unknown-key", MINI, "tries: 1", "tires: 1", 32, "Did you mean 'tries'?"),
    (
        "shape/unknown-key",
        MINI,
        "  - when: 3 days",
        "  - cost: 5\n    when: 3 days",
        6,
        "when, at, if_confirmed",
    ),
    ("shape/missing-key", MINI, "purpose: reminder\n", "", 1, "Add a line 'purpose: …'"),
    ("shape/missing-key", MINI, "    at: look\n", "", 8, "Add a line 'at: …'"),
    ("shape/value", MINI, "wait: 20 hours", "wait: 20 moons", 16, "'30 minutes', '20 hours' or '3 days'"),
    (
        "shape/value",
        MINI,
        "when: 3 days before the visit",
        "when: 3 days after",
        6,
        "3 days before the visit",
    ),
    ("shape/value", MINI, "when: the patient says reschedule", "when: the patient says boo", 8, "refill"),
    ("shape/value", MINI, "purpose: reminder", "purpose: fun", 3, "'reminder', 'survey' or 'bulk'"),
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


def test_keys_are_told_as_they_are_written() -> None:
    assert keys_at(Flow, ()) == ["flow", "title", "purpose", "languages", "starts", "steps"]
    assert keys_at(Flow, ("steps", "any", "hand_over")) == ["task", "urgency"]
