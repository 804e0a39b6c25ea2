"""Tests of bot/flowbook/lint/words.py: for each rule what is good and what is bad."""

import ast
from pathlib import Path

import pytest

from bot.flowbook.lint import lint, words

MINI, EN = "dialogs/mini.yaml", "wording/en.yaml"
CORE = Path(words.__file__).parents[2] / "core"
BAD = [
    ("words/no-calendar", EN, "language: en\n", "language: xx\n", 3, "two-letter code"),
    ("words/missing", MINI, "ask: reminder", "ask: remainder", 12, "'remainder' is missing in 'en'"),
    ("words/missing", EN, "  soft_reply:", "  hard_reply:", 7, "every conversation"),
    ("words/no-language", MINI, "[en]", "[en, vi]", 4, "wording/vi.yaml"),
    ("words/not-reviewed", EN, "reviewed_by: Riverside Clinic, patient communication\n", "", 3, "speaks it"),
    (
        "words/template",
        EN,
        "Thank you, {{first_name}}",
        "Thank you, {{first_name}",
        11,
        "two pairs of braces",
    ),
    ("words/value", EN, "Thank you, {{first_name}}", "Thank you, {{last_name}}", 11, "is no value"),
    ("words/value", EN, "Thank you, {{first_name}}", "Thank you, {{times}}", 11, "is not known where"),
    (
        "words/value",
        EN,
        "{{clinic}}: You will get no",
        "{{first_name}}: You will get no",
        38,
        "not known where",
    ),
]


def found_in(files: dict[str, str]) -> list[tuple[str, str, int, str]]:
    return [
        (f.rule, f.file, f.line, f"{f.message} {f.mend}")
        for f in lint(files)
        if f.rule.startswith("words") and f.severity == "error"
    ]


def test_what_is_good_has_no_fault(edition) -> None:
    assert found_in(edition()) == []


@pytest.mark.parametrize(("rule", "file", "old", "new", "line", "told"), BAD)
def test_what_is_bad_is_told(edition, rule, file, old, new, line, told) -> None:
    found = found_in(edition(file, old, new))
    assert any((r, f, n) == (rule, file, line) and told in text for r, f, n, text in found), found


def test_a_sentence_that_nothing_says_is_a_warning(edition) -> None:
    unused = {f.line for f in lint(edition()) if f.rule == "words/unused" and f.file == EN}
    text = edition()[EN].splitlines()
    assert "running_late" in {text[line - 1].split(":")[0].strip() for line in unused}
    assert "reminder" not in {text[line - 1].split(":")[0].strip() for line in unused}


@pytest.mark.parametrize(
    "sentence",
    [
        "Reply C to confirm or R for another time. Text STOP to opt out.",
        "Text HELP for help or STOP to opt out.",
        "You will get no more texts. To change it call us. Text START to get texts again.",
        "STOP para no recibir mas.",
        "Escriba START para recibirlos otra vez.",
        "Please cancel by phone. Call us to cancel.",
        "Call or text 988 now.",
        "Llame al 988 (oprima 2) o envie AYUDA al 988 ahora.",
    ],
)
def test_carrier_words_with_their_own_meaning_are_good(edition, sentence: str) -> None:
    assert carrier_faults(edition, sentence) == []


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("Reply C to confirm or CANCEL to cancel.", "CANCEL"),
        ("Reply CANCEL if you can't come.", "CANCEL"),
        ('Reply "cancel" if you need to.', "cancel"),
        ("Reply STOP to cancel.", "STOP"),
        ("Text STOP to cancel your visit, C to confirm.", "STOP"),
        ("Reply YES to confirm. Reply END to finish.", "END"),
        ("Text INFO for directions.", "INFO"),
        ("Responda CANCEL para cancelar.", "CANCEL"),
        ("Responda ALTO para cancelar la cita.", "ALTO"),
    ],
)
def test_carrier_words_with_another_meaning_are_bad(edition, sentence: str, word: str) -> None:
    (told,) = carrier_faults(edition, sentence)
    assert f"offers {word} as an answer" in told
    assert "to carriers a text with only this word" in told


def carrier_faults(edition, sentence: str) -> list[str]:
    quoted = sentence.replace('"', '\\"')
    files = edition(EN, "sentences:\n", f'sentences:\n  extra: "{quoted}"\n')
    return [text for rule, _, line, text in found_in(files) if rule == "words/carrier-word" and line == 8]


def test_the_core_says_no_sentence_that_the_rules_do_not_know() -> None:
    said = {
        node.args[0].value
        for file in CORE.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "say"
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(said) >= 6
    assert said <= set(words.EVERYWHERE)
