"""The table of what secure pages must hold names tests that exist."""

import ast
import re

import pytest

from bot.settings import HOME

ROWS = re.findall(
    r"^\| ((?:L|V)\d[^|]*)\|(.*)\|$", (HOME / "docs/security-pages.md").read_text(), re.MULTILINE
)
NAMED = sorted({name for _, row in ROWS for name in re.findall(r"`([\w/]+\.py::test_\w+)`", row)})
WANTED = (
    *(
        "L1",
        "L2",
        "L3",
        "L4",
        "L5",
        "L6",
        "L7",
        "V1.2.1",
        "V1.2.3",
        "V1.2.4",
        "V1.3.7",
        "V2.2.1",
        "V2.3.1",
        "V2.4.1",
    ),
    *(
        "V3.3.1",
        "V3.3.2",
        "V3.3.3",
        "V3.3.4",
        "V3.4.1",
        "V3.4.3",
        "V3.4.4",
        "V3.4.5",
        "V3.4.6",
        "V3.4.8",
        "V3.5.1",
    ),
    *(
        "V3.5.3",
        "V3.7.2",
        "V4.1.1",
        "V4.1.3",
        "V4.1.4",
        "V6.4.2",
        "V7.2.3",
        "V7.3.1",
        "V7.3.2",
        "V7.4.1",
        "V9.1.1",
    ),
    *(
        "V9.1.2",
        "V9.2.1",
        "V11.5.1",
        "V14.2.1",
        "V14.2.6",
        "V14.3.1",
        "V14.3.2",
        "V15.3.3",
        "V15.3.4",
        "V15.3.7",
    ),
    *("V15.4.2", "V16.2.1", "V16.2.5", "V16.4.1", "V16.5.1"),
)


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_the_table_names_exists(name: str) -> None:
    path, function = name.split("::")
    module = ast.parse((HOME / "tests" / path).read_text())
    assert function in {node.name for node in module.body if isinstance(node, ast.FunctionDef)}


def test_the_table_has_every_requirement_and_each_a_test_or_a_reason() -> None:
    there = {name for names, _ in ROWS for name in re.findall(r"[LV][\d.]*\d", names)}
    assert set(WANTED) <= there
    reasons = (HOME / "docs/security-pages.md").read_text().split("## Not met")[1]
    for names, row in ROWS:
        assert "::test_" in row or names in reasons, names
