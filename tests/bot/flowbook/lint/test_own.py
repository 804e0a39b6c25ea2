"""Tests of bot/flowbook/lint/own.py, beside the examples of the rulebook."""

import pytest

from bot.flowbook.draft import MODELS
from bot.flowbook.lint import lint, own
from bot.flowbook.own_words import FILE
from tests.bot.flowbook.lint.bent import Told, rules_of, told
from tests.bot.flowbook.lint.overlay import edition

WHO = "reason: We see to it here., by: Dr. Ruiz, on: 2026-11-20"


def added(**more: str) -> dict[str, str]:
    entry = {"concept": "pump alarm", "level": "urgent", "category": "glucose", "en": "pump stopped", **more}
    return with_words("add", entry)


def lowered(concept: str, to: str) -> dict[str, str]:
    return {**edition(), FILE: f"lower:\n  - {{concept: {concept}, to: {to}, {WHO}}}\n"}


def with_words(part: str, entry: dict[str, str]) -> dict[str, str]:
    lines = "".join(f'    {key}: "{value}"\n' for key, value in entry.items() if value)
    return {**edition(), FILE: f"{part}:\n  -\n{lines}"}


def only(files: dict[str, str]) -> Told:
    (fault,) = told(files, "own")
    return fault


def test_the_file_need_not_be_there() -> None:
    assert FILE in MODELS
    assert FILE not in edition()
    assert rules_of(edition()) == []


def test_without_words_the_lexicon_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "_shipped", lambda: pytest.fail("loaded"))
    assert rules_of({**edition(), FILE: "add: []\n"}, "own") == []


def test_a_fault_is_told_at_the_very_pattern() -> None:
    files = added(en="pump stopped, pump..quit, pump broke")
    (fault,) = lint(files)
    assert fault.rule == "own/pattern"
    assert fault.excerpt[fault.column - 1 :][: fault.length] == "pump..quit"


def test_a_pattern_under_not_is_looked_at_too() -> None:
    assert only(added(**{"not": "<nothing> pump"}))[0] == "own/pattern"


def test_every_fault_is_told_and_not_only_the_first() -> None:
    files = added(en="a..b, <nothing>", category="glucos", concept="low sugar", es="no")
    assert rules_of(files, "own") == ["own/category", "own/pattern", "own/pattern", "own/ordinary"]
    assert rules_of(added(concept="low sugar"), "own") == ["own/name"]
    assert rules_of(added(concept="Low Sugar"), "own") == ["own/name"]


@pytest.mark.parametrize(
    "pattern", ["yes", "no", "OK", "@number", "@start", "see .. then", "sí", "thank|pump"]
)
def test_what_everybody_says_pages_nobody(pattern: str) -> None:
    rule, _, words = only(added(en=pattern))
    assert rule == "own/ordinary"
    assert "ordinary text" in words


@pytest.mark.parametrize("pattern", ["iv", "pump|pus", "[my] leg"])
def test_a_short_word_alone_is_told(pattern: str) -> None:
    assert "wherever the word" in only(added(en=pattern))[2]


@pytest.mark.parametrize(
    "pattern", ["fistula", "iv fell out", "<limb>|toe .. black", "pus & fever", "no .. delivery"]
)
def test_other_words_are_taken(pattern: str) -> None:
    assert told(added(en=pattern), "own") == []


def test_what_is_excused_is_not_found_in_ordinary_texts() -> None:
    assert told(added(en="start .. @end", **{"not": "@start start"}), "own") == []


@pytest.mark.parametrize(
    ("concept", "told_of"),
    [
        ("trauma/fall or injry", "Did you mean 'trauma/fall or injury'?"),
        ("fall or injury", "Did you mean 'trauma/fall or injury'?"),
        ("accident/palpitations", "Did you mean 'cardiac/palpitations'?"),
        ("eye/red", "There is: eye/eye injury or sudden change of sight."),
    ],
)
def test_the_nearest_concept_is_named(concept: str, told_of: str) -> None:
    rule, _, words = only(lowered(concept, "urgent"))
    assert rule == "own/unknown"
    assert told_of in words


@pytest.mark.parametrize(
    ("concept", "to", "rules"),
    [
        ("cardiac/chest pain", "urgent", []),
        ("cardiac/chest pain", "none", ["own/too-low"]),
        ("breathing/choking", "none", ["own/too-low"]),
        ("stroke/stroke", "none", ["own/too-low"]),
        ("suicidal/wants to die", "none", ["own/too-low"]),
        ("suicidal/wants to die", "urgent", []),
        ("cardiac/palpitations", "none", ["own/too-low"]),
        ("cardiac/palpitations", "urgent", ["own/not-lower"]),
        ("trauma/fall or injury", "urgent", ["own/not-lower"]),
        ("trauma/fall or injury", "none", []),
        ("seizure/seizure", "none", ["own/too-low"]),
        ("seizure/seizure", "urgent", []),
    ],
)
def test_how_far_a_concept_may_go_down(concept: str, to: str, rules: list[str]) -> None:
    assert rules_of(lowered(concept, to), "own") == rules


def test_an_urgent_sign_of_the_heart_stays_as_it_is() -> None:
    assert all(
        "take the entry out" in only(lowered("cardiac/palpitations", to))[2] for to in ("urgent", "none")
    )


@pytest.mark.parametrize("key", ["reason", "by", "on", "to", "concept"])
def test_a_lowering_without_any_of_its_keys_is_a_fault(key: str) -> None:
    entry = {
        "concept": "seizure/seizure",
        "to": "urgent",
        "reason": "a b c",
        "by": "A",
        "on": "2026-11-20",
        key: "",
    }
    ((rule, _, words),) = told(with_words("lower", entry))
    assert (rule, words.split(".")[0]) == ("shape/missing-key", f"The key '{key}' is missing")


def test_the_same_concept_twice_is_told_at_the_second() -> None:
    files = {
        **edition(),
        FILE: f"lower:\n{2 * f'  - {{concept: seizure/seizure, to: urgent, {WHO}}}{chr(10)}'}",
    }
    (fault,) = lint(files)
    assert (fault.rule, fault.line) == ("own/twice", 3)
