"""Tests of bot/flowbook/places.py."""

import pytest

from bot.flowbook.places import line_from, lines_of
from bot.flowbook.source import parse


def marked(text: str, where: tuple[str | int, ...], *, value: bool = False) -> tuple[int, str]:
    """The line of a place, and what is written there."""
    source = parse("f.yaml", text)
    place = source.place(where, value=value)
    return place.line, source.lines[place.line - 1][place.column - 1 : place.end - 1]


@pytest.mark.parametrize(
    ("where", "key", "value"),
    [
        (("a",), (1, "a"), (1, "one two")),
        (("b",), (2, "b"), (2, "'it''s'")),
        (("c",), (3, "c"), (4, "- x")),
        (("c", 0), (4, "x"), (4, "x")),
        (("c", 1), (5, "k: v   # remark"), (5, "k: v   # remark")),
        (("c", 1, "k"), (5, "k"), (5, "v")),
        (("d",), (6, "d"), (8, "text")),
        (("e",), (9, "e"), (9, "e")),
        (("f",), (10, "f"), (10, "{x: [1, 2]}")),
        (("f", "x"), (10, "x"), (10, "[1, 2]")),
        (("f", "x", 1), (10, "2"), (10, "2")),
        (("g",), (11, "g"), (11, "a plain value")),
    ],
)
def test_keys_and_values_have_their_columns(
    where: tuple[str | int, ...], key: tuple[int, str], value: tuple[int, str]
) -> None:
    text = (
        "a: one two\nb: 'it''s'\nc:\n  - x\n  - k: v   # remark\nd: |-\n\n  text\n"
        "e:\nf: {x: [1, 2]}\ng: a plain value\n  that goes on\n"
    )
    assert marked(text, where) == key
    assert marked(text, where, value=True) == value


def test_what_is_missing_has_the_place_around_it() -> None:
    text = "# remark\na:\n  b: 1\n"
    assert marked(text, ("a", "z", 3), value=True) == (2, "a")
    assert marked(text, ("z",), value=True) == (2, "a:")
    assert marked("", ("z",)) == (1, "")


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("plain {{x}} here", "{{x}}"),
        ('"quoted {{x}} here"', "{{x}}"),
        (r'"a \" and \u00e9 before {{x}} here"', "{{x}}"),
        ("'it''s {{x}} here'", "{{x}}"),
        ("|-\n    first {{y}}\n    then {{x}} here", "{{x}}"),
        ("|-\n    first\n      deeper {{x}}", "{{x}}"),
    ],
)
def test_a_part_of_a_sentence_is_found_where_it_is_written(written: str, part: str) -> None:
    source = parse("f.yaml", f"s:\n  a: {written}\n")
    value = source.values["s", "a"].value
    fault = source.fault(("s", "a"), "x/y", "", "", span=(value.index(part), len(part)))
    assert fault.excerpt[fault.column - 1 :][: fault.length] == part
    assert fault.excerpt in written.replace("\n    ", "\n").split("\n") or part in fault.excerpt


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("> \n  a\n  b", (0, 1)),
        ('"over\n  two lines"', (0, 1)),
        ("|-\n  a\n  b", (0, 3)),
        ("plain", (3, 9)),
        ("plain", (-1, 2)),
        ("plain", (0, 0)),
    ],
)
def test_a_part_that_is_not_in_one_line_falls_back_to_the_value(written: str, span: tuple[int, int]) -> None:
    source = parse("f.yaml", f"a: {written}\n")
    whole = source.fault(("a",), "x/y", "", "", at="value")
    assert source.fault(("a",), "x/y", "", "", span=span) == whole
    assert whole.length > 0


def test_lines_are_counted_as_yaml_does() -> None:
    text = "a: 1\r\nb: 2\rc: 3\x85d: 4\u2028e: 5\n"
    source = parse("f.yaml", text)
    assert [source.line((key,)) for key in "abcde"] == [1, 2, 3, 4, 5]
    assert lines_of(text)[1] == "b: 2"


def test_a_line_from_a_column_begins_with_what_is_written() -> None:
    place = line_from(["   a b  "], 1, 2)
    assert (place.column, place.end) == (4, 7)
    assert line_from([], 4).end == 1
