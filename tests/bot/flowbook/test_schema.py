"""Tests of bot/flowbook/schema.py: what can be read passes, and what an editor should mark does not."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.flowbook.draft import MODELS, model_of
from bot.flowbook.loader import collect
from bot.flowbook.schema import schema
from bot.flowbook.source import parse
from bot.settings import HOME

WHOLE = json.loads(schema())
KINDS = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
UNDERSTOOD = {
    "$ref", "anyOf", "type", "enum", "const", "pattern", "minimum", "maximum", "minItems", "minProperties",
    "minLength", "maxLength",
    "items", "properties", "propertyNames", "patternProperties", "additionalProperties", "required", "description",
}  # fmt: skip


def wrong(value: Any, part: Any, at: str = "") -> list[str]:
    """What an editor would mark, with the keywords that our schema uses."""
    if isinstance(part, bool):
        return [] if part else [at]
    assert set(part) <= UNDERSTOOD, part
    if "$ref" in part:
        return wrong(value, WHOLE["$defs"][part["$ref"].rpartition("/")[2]], at)
    if "anyOf" in part:
        tried = [wrong(value, each, at) for each in part["anyOf"]]
        return [] if [] in tried else max(tried, key=len)
    kinds = part.get("type", list(KINDS))
    bad = not any(KINDS[kind](value) for kind in ([kinds] if isinstance(kinds, str) else kinds))
    bad |= "enum" in part and value not in part["enum"]
    bad |= "const" in part and value != part["const"]
    bad |= isinstance(value, str) and not re.search(part.get("pattern", ""), value)
    bad |= isinstance(value, str) and not part.get("minLength", 0) <= len(value) <= part.get(
        "maxLength", 10**6
    )
    bad |= KINDS["number"](value) and not part.get("minimum", value) <= value <= part.get("maximum", value)
    if bad:
        return [at]
    if isinstance(value, list):
        return [
            told for n, item in enumerate(value) for told in wrong(item, part.get("items", {}), f"{at}/{n}")
        ]
    return wrong_keys(value, part, at) if isinstance(value, dict) else []


def wrong_keys(value: dict[str, Any], part: dict[str, Any], at: str) -> list[str]:
    told = [f"{at}/{key}" for key in part.get("required", []) if key not in value]
    told += [mark for key in value for mark in wrong(key, part.get("propertyNames", True), f"{at}/{key}")]
    for key, each in value.items():
        fitting = [below for name, below in part.get("patternProperties", {}).items() if re.search(name, key)]
        below = part.get("properties", {}).get(key) or next(
            iter(fitting), part.get("additionalProperties", {})
        )
        told += wrong(each, below, f"{at}/{key}")
    return told


def as_editor(value: Any) -> Any:
    """What an editor's YAML 1.2 makes of the text that was typed."""
    if isinstance(value, dict):
        return {key: as_editor(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_editor(each) for each in value]
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+", value):
        return float(value)
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def kind(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


@pytest.mark.parametrize(
    "root", [HOME / "flows", Path(__file__).parent / "lint/edition"], ids=["shipped", "small"]
)
def test_files_without_a_fault_pass(root: Path) -> None:
    for path, text in collect(root).items():
        model = model_of(path)
        assert model
        value = parse(path, text).value
        assert wrong(value, kind(model.__name__)) == []
        assert wrong(as_editor(value), kind(model.__name__)) == []


@pytest.mark.parametrize(
    ("model", "old", "new", "at"),
    [
        ("Flow", "tries: 1", "tires: 1", "/steps/offer/tires"),
        ("Flow", "tries: 1", "tries: 7", "/steps/offer/tries"),
        ("Flow", "purpose: reminder", "purpose: fun", "/purpose"),
        ("Flow", "languages: [en]", "languages: en", "/languages"),
        ("Flow", "do: confirm the visit", "do: dance", "/steps/confirm/do"),
        ("Flow", "flow: example", "flow: An Example", "/flow"),
        ("Flow", "title: Remind of a visit; confirm or move it\n", "", "/title"),
        ("Flow", "  - when: 3 days before the visit\n    at", "  - at", "/starts/0/when"),
    ],
)
def test_what_does_not_fit_is_marked(model: str, old: str, new: str, at: str) -> None:
    text = collect(Path(__file__).parent / "lint/edition")["dialogs/example.yaml"]
    assert old in text
    assert wrong(as_editor(parse("f", text.replace(old, new, 1)).value), kind(model)) == [at]


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("wait: 2 minutes", "weit: 2 minutes", "/ladders/emergency/steps/0/weit"),
        ("by: [text, push]", "by: [text, pager]", "/ladders/emergency/steps/0/by/1"),
        ("  urgent:\n", "  urgently:\n", "/ladders/urgently"),
        ("times: 2", "times: 0", "/ladders/urgent/steps/0/times"),
        ("people: [dr_lee]", "people: dr_lee", "/rosters/provider/layers/0/people"),
        ("people: [dr_lee]", "people: [Dr Lee]", "/rosters/provider/layers/0/people/0"),
        ("    layers:\n      - people: [dr_lee]\n", "    otherwise: nurse\n", "/rosters/provider/layers"),
    ],
)
def test_rosters_and_ladders_are_completed_too(old: str, new: str, at: str) -> None:
    text = collect(Path(__file__).parent / "lint/edition")["oncall.yaml"]
    assert old in text
    assert wrong(as_editor(parse("f", text.replace(old, new, 1)).value), kind("OnCall")) == [at]


@pytest.mark.parametrize(
    "text",
    [
        "choices: {often: {0: Never, 1: [Some days, a few], 2: 3}}",
        "reviewed_on: 2026-11-10",
        "reviewed_by:",
        "sentences: {a: 12, b: true, c: 12:30}",
    ],
)
def test_values_may_be_typed_as_yaml_has_them(text: str) -> None:
    value = {"language": "en", "sentences": {}, **as_editor(parse("f", text).value)}
    assert wrong(value, kind("Wording")) == []


def test_there_is_a_part_for_every_kind_of_file_and_no_other_is_left_over() -> None:
    names = {model.__name__ for model in MODELS.values()}
    assert names <= set(WHOLE["$defs"])
    text = json.dumps(WHOLE)
    assert all(text.count(f'"#/$defs/{name}"') for name in WHOLE["$defs"])


def test_keys_say_what_they_are_for() -> None:
    step = WHOLE["$defs"]["Step"]["properties"]
    assert step["do"]["description"].startswith("an act")
    assert step["if_skipped"]["description"] == "where to go when the patient would rather not answer"
    assert step["otherwise"]["description"].endswith("or a person gets it")
    ladder = WHOLE["$defs"]["Ladder"]["properties"]
    assert ladder["tell_patient"]["description"].startswith("the sentence that the patient gets")


def test_the_file_is_in_step() -> None:
    told = "Write it anew: bot flow schema > flows/schema.json"
    assert (HOME / "flows/schema.json").read_text(encoding="utf-8") == schema() + "\n", told
