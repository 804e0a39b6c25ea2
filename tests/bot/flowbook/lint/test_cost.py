"""Tests of bot/flowbook/lint/cost.py."""

from bot.flowbook.faults import Fault
from bot.flowbook.lint import lint

EN = "wording/en.yaml"


def costs(files: dict[str, str]) -> list[Fault]:
    return [fault for fault in lint(files) if fault.rule.startswith("cost")]


def test_the_shipped_sentences_are_cheap(edition) -> None:
    assert costs(edition()) == []


def test_a_long_reminder_is_a_warning(edition) -> None:
    (fault,) = costs(edition(EN, "you have a visit on", "we are glad to tell you that you have a visit on"))
    assert (fault.rule, fault.severity, fault.file, fault.line) == ("cost/segments", "warning", EN, 9)
    assert "2 segments" in fault.message


def test_a_long_answer_is_none_of_our_business(edition) -> None:
    assert (
        costs(edition(EN, "Thank you, {{first_name}}.", "Thank you, {{first_name}}." + " Really." * 30)) == []
    )


def test_the_dear_character_is_named(edition) -> None:
    (fault,) = costs(edition(EN, "Thank you, {{first_name}}.", "Thank you, {{first_name}} — we’ll see."))
    assert (fault.rule, fault.line) == ("cost/characters", 11)
    assert "— ’ makes every segment hold 70" in fault.message


def test_a_language_without_a_calendar_is_no_crash(edition) -> None:
    files = edition()
    files["wording/xx.yaml"] = files[EN].replace("language: en", "language: xx")
    assert costs(files) == []
