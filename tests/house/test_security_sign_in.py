"""The table of requirements on signing in names tests that exist, and gives a reason for the rest."""

import ast
import re

import pytest

from bot.settings import HOME

TEXT = (HOME / "docs/security-sign-in.md").read_text()
ROWS = re.findall(r"^\| (V\d[^|]*)\|(.*)\|$", TEXT, re.MULTILINE)
NAMED = sorted({name for _, row in ROWS for name in re.findall(r"`([\w/]+\.py::test_\w+)`", row)})
WANTED = (
    *("V6.2.1", "V6.2.3", "V6.2.4", "V6.2.5", "V6.2.8", "V6.2.9", "V6.2.12", "V6.3.1", "V6.3.2", "V6.3.3"),
    *("V6.3.4", "V6.3.8", "V6.4.1", "V6.4.3", "V6.5.1", "V6.5.2", "V6.5.5", "V6.7.2", "V7.2.1", "V7.2.3"),
    *("V7.2.4", "V7.3.1", "V7.3.2", "V7.4.1", "V7.4.2", "V7.4.3", "V7.4.5", "V7.5.1", "V7.5.3", "V16.3.1"),
)


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_the_table_names_exists(name: str) -> None:
    path, function = name.split("::")
    module = ast.parse((HOME / "tests" / path).read_text())
    assert function in {node.name for node in module.body if isinstance(node, ast.FunctionDef)}


def test_the_table_has_every_requirement_and_each_a_test_or_a_reason() -> None:
    there = {name for names, _ in ROWS for name in re.findall(r"V[\d.]*\d", names)}
    assert set(WANTED) <= there
    reasons = TEXT.split("## Not met")[1]
    for names, row in ROWS:
        assert "::test_" in row or names in reasons, names
