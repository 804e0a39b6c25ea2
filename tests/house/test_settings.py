"""Every setting is described in the code and stands in the operators' table."""

import re

import pytest

from bot.settings import HOME, Settings

DOCUMENT = HOME / "docs" / "operators.md"


@pytest.mark.parametrize(("name", "field"), Settings.model_fields.items())
def test_a_setting_says_in_a_sentence_what_it_is_for(name: str, field: object) -> None:
    description = field.description  # type: ignore[attr-defined]
    assert description
    assert description[-1] in ".…"


def test_the_operators_table_names_every_setting_and_no_other() -> None:
    rows = re.findall(r"^\| *`([A-Z_]+)` *\|", DOCUMENT.read_text(), flags=re.MULTILINE)
    named = [row for row in rows if row.lower() in Settings.model_fields]
    assert sorted(set(named)) == sorted(name.upper() for name in Settings.model_fields)
