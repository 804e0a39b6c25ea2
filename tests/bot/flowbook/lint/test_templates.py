"""Tests of bot/flowbook/lint/templates.py."""

import pytest

from bot.core.wording import template
from bot.flowbook.lint.templates import read


def test_a_sentence_is_taken_apart() -> None:
    found = read("Hi {{first_name}}, {{ day }} and {{first_name}}: {{n|plural(one='day', other=\"days\")}}")
    assert found.names == ("first_name", "day", "n")
    assert found.broken is None
    assert found.holes[-1].forms == (("one", "day"), ("other", "days"))


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("{{first_name}", "{{"),
        ("{first_name}}", "}}"),
        ("{{first_name|upper}}", "{{first_name|upper}}"),
        ("{{n|plural(one='day')}}", "{{n|plural(one='day')}}"),
        ("{{ 7 * 7 }}", "{{ 7 * 7 }}"),
        ("{{first_name.__class__.mro()}}", "{{first_name.__class__.mro()}}"),
        ("{% if x %}a{% endif %}", "{%"),
        ("{# note #}", "{#"),
        ("{{}}", "{{}}"),
    ],
)
def test_what_is_no_hole_is_told(text: str, broken: str) -> None:
    assert read(text).broken == broken


def test_a_single_brace_is_a_brace() -> None:
    assert read("1 { 2 } 3").broken is None


@pytest.mark.parametrize("text", ["Hi {{first_name}}, {{ day }}.", "{{first_name}}{{first_name}}", "plain"])
def test_it_is_filled_in_as_the_core_does(text: str) -> None:
    values = {"first_name": "Ana", "day": "Thu, Dec 3"}
    assert read(text).filled(values) == template(text).render(values)


def test_of_a_plural_the_longest_form_stands() -> None:
    assert read("{{n|plural(one='day', other='days')}}").filled({}) == "days"
    assert read("{{mine}}").filled({}, "xx") == "xx"
