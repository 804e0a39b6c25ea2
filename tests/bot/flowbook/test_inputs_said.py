"""Tests of bot/flowbook/inputs_said.py: what stands beside an input."""

import pytest

from bot.errors import BadFlow
from bot.flowbook.inputs_said import as_list, values_of
from bot.flowbook.source import Plain


@pytest.mark.parametrize(("said", "read"), [(None, []), ("a", ["a"]), (["a", "b"], ["a", "b"])])
def test_one_thing_stands_for_a_list_of_it(said: Plain, read: list[Plain]) -> None:
    assert as_list(said) == read


def test_numbers_and_yes_and_no_are_values_and_all_else_is_text() -> None:
    assert values_of({"weight": "182", "low": "-3", "new": "yes", "old": "no", "due": "2026-11-01"}) == {
        "weight": 182,
        "low": -3,
        "new": True,
        "old": False,
        "due": "2026-11-01",
    }
    assert values_of(None) is None


def test_values_without_names_are_told() -> None:
    with pytest.raises(BadFlow, match="Write values as"):
        values_of(["182"])
