"""The small edition of the rulebook, bent: what the rules say of it."""

from datetime import UTC, datetime

from bot.flowbook.lint import lint
from bot.flowbook.lint.rules import Excerpt
from tests.bot.flowbook.lint.overlay import edition, laid_over

FLOW, EN = "dialogs/example.yaml", "wording/en.yaml"
NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
"""A Tuesday: the day from which the rules about rosters look ahead."""
Told = tuple[str, str, str]


def bent(flow: str = "", sentences: str = "", more: dict[str, str] | None = None) -> dict[str, str]:
    """The edition with these lines laid over its flow and its wording, and these files beside them."""
    files = edition()
    for path, text in {FLOW: flow, EN: sentences, **(more or {})}.items():
        files[path] = laid_over(files.get(path, ""), Excerpt(text=text, whole=False)) if text else files[path]
    return files


def told(files: dict[str, str], family: str = "") -> list[Told]:
    """The rule, the written line and the words of each fault of a family."""
    return [
        (fault.rule, fault.excerpt.strip(), f"{fault.message} {fault.mend}")
        for fault in lint(files, NOW)
        if fault.rule.startswith(family)
    ]


def rules_of(files: dict[str, str], family: str = "") -> list[str]:
    """The names of the rules that are broken."""
    return [rule for rule, _, _ in told(files, family)]
