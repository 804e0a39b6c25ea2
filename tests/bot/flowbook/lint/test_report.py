"""Tests of bot/flowbook/lint/report.py."""

import json
from dataclasses import fields, replace

import pytest

from bot.flowbook.faults import Fault
from bot.flowbook.lint.report import as_json, as_sarif, as_text, counted, shown
from bot.flowbook.lint.rules import rules

FAULT = Fault(
    file="flows/dialogs/my flow.yaml",
    line=12,
    column=11,
    length=7,
    excerpt="    then: conferm",
    rule="ways/no-such-step",
    message="There is no step 'conferm'.",
    mend="Did you mean 'confirm'?",
)


def test_a_fault_is_shown_with_its_line_and_a_mark() -> None:
    assert shown(FAULT).splitlines() == [
        "flows/dialogs/my flow.yaml:12:11: error ways/no-such-step",
        "    12 |     then: conferm",
        "       |           ^^^^^^^",
        "    There is no step 'conferm'.",
        "    Did you mean 'confirm'?",
    ]


def test_a_fault_without_a_place_has_no_line() -> None:
    assert len(shown(replace(FAULT, excerpt="", length=0)).splitlines()) == 3


def test_tabs_stay_so_that_the_mark_stands_below() -> None:
    assert shown(replace(FAULT, excerpt="\tx: y", column=5, length=1)).splitlines()[2] == "       | \t   ^"


@pytest.mark.parametrize("column", [1, 20, 90, 150, 290])
def test_of_a_long_line_the_part_around_the_mark_is_shown(column: int) -> None:
    text = "".join(f"{number:<5}" for number in range(60))
    _, line, mark, *_ = shown(replace(FAULT, excerpt=text, column=column, length=4)).splitlines()
    assert len(line) < 112
    begin, end = mark.index("^"), mark.rindex("^") + 1
    assert line[begin:end] == text[column - 1 :][:4]


def test_a_mark_is_never_longer_than_the_line() -> None:
    _, line, mark, *_ = shown(replace(FAULT, excerpt="x" * 300, column=5, length=290)).splitlines()
    assert len(mark) <= len(line)


def test_text_ends_with_what_was_found() -> None:
    assert as_text([], 5) == "0 errors, 0 warnings in 5 files."
    found = as_text([FAULT, replace(FAULT, severity="warning")], 1)
    assert found.splitlines()[-1] == "1 error, 1 warning in 1 file."
    assert counted(0, "file") == "0 files"


def test_json_has_everything() -> None:
    assert json.loads(as_json([])) == []
    (told,) = json.loads(as_json([FAULT]))
    assert set(told) == {field.name for field in fields(Fault)}
    assert told["excerpt"] == FAULT.excerpt


def test_sarif_names_every_rule_and_every_fault() -> None:
    whole = replace(FAULT, rule="shape/file", line=1, column=1, length=0, excerpt="")
    log = json.loads(as_sarif([FAULT, replace(FAULT, severity="warning"), whole]))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    known = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in known] == [rule.name for rule in rules()]
    for rule in known:
        assert rule["helpUri"] == f"docs/rules.md#{rule['id'].replace('/', '-')}"
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
        assert "Like this" in rule["help"]["markdown"]
    assert [result["level"] for result in run["results"]] == ["error", "warning", "error"]
    first, _, last = run["results"]
    assert known[first["ruleIndex"]]["id"] == first["ruleId"] == FAULT.rule
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "flows/dialogs/my%20flow.yaml"
    assert place["region"] == {
        "startLine": 12,
        "startColumn": 11,
        "endColumn": 18,
        "snippet": {"text": "conferm"},
    }
    assert last["locations"][0]["physicalLocation"]["region"] == {"startLine": 1, "startColumn": 1}


def test_sarif_has_only_what_the_standard_knows() -> None:
    """The properties of SARIF 2.1.0 (sections 3.13, 3.14, 3.19, 3.27, 3.28, 3.30, 3.49) that we use."""
    known = {
        "log": {"$schema", "version", "runs"},
        "run": {"tool", "results", "columnKind"},
        "driver": {"name", "rules"},
        "rule": {
            "id",
            "shortDescription",
            "fullDescription",
            "help",
            "helpUri",
            "defaultConfiguration",
        },
        "result": {"ruleId", "ruleIndex", "level", "message", "locations"},
        "region": {"startLine", "startColumn", "endColumn", "snippet"},
    }
    log = json.loads(as_sarif([FAULT]))
    run = log["runs"][0]
    result = run["results"][0]
    assert set(log) == known["log"]
    assert set(run) == known["run"]
    assert set(run["tool"]) == {"driver"}
    assert set(run["tool"]["driver"]) == known["driver"]
    assert {key for rule in run["tool"]["driver"]["rules"] for key in rule} == known["rule"]
    assert set(result) == known["result"]
    assert set(result["locations"][0]) == {"physicalLocation"}
    assert set(result["locations"][0]["physicalLocation"]["region"]) == known["region"]
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    assert result["level"] in ("none", "note", "warning", "error")
