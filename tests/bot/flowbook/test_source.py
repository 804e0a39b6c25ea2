"""Tests of bot/flowbook/source.py."""

import pytest

from bot.flowbook.source import parse


def test_what_was_typed_stays_text() -> None:
    source = parse("f.yaml", "no: yes\non: off\nday: 2026-12-03\nclock: 12:30\ncode: 0012\n")
    assert source.value == {"no": "yes", "on": "off", "day": "2026-12-03", "clock": "12:30", "code": "0012"}
    assert source.faults == ()


def test_nothing_is_none_unless_quoted() -> None:
    assert parse("f.yaml", "a:\nb: ~\nc: null\nd: ''\ne: 'null'\n").value == {
        "a": None,
        "b": None,
        "c": None,
        "d": "",
        "e": "null",
    }


def test_every_value_knows_its_line() -> None:
    source = parse("f.yaml", "a: 1\nb:\n  - x\n  - c: d\n")
    assert source.line(("a",)) == 1
    assert source.line(("b", 1, "c")) == 4
    assert source.line(("b", 1, "c", "not", "there")) == 4
    assert source.line(("z",)) == 1


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "shape/twice"),
        ("a: &x [1]\nb: *x\n", 2, "shape/alias"),
        ("a: &x [*x]\n", 1, "shape/alias"),
        ("a: 1\n b: 2\n", 2, "shape/yaml"),
        ("a: 1\nb: 'open\n", 2, "shape/yaml"),
        ("a: 1\n---\nb: 2\n", 2, "shape/yaml"),
        ("? [a, b]\n: c\n", 1, "shape/yaml"),
        ("a: \x07\n", 1, "shape/yaml"),
        ("a: " + "[" * 3000, 1, "shape/yaml"),
        ("[" * 30 + "]" * 30, 1, "shape/yaml"),
    ],
)
def test_what_cannot_be_read_is_a_fault(text: str, line: int, rule: str) -> None:
    first = parse("f.yaml", text).faults[0]
    assert (first.line, first.rule) == (line, rule)


def test_tags_make_no_objects() -> None:
    assert parse("f.yaml", "a: !!python/object/apply:os.getcwd []\n").value == {"a": []}


def test_an_empty_file_is_nothing() -> None:
    source = parse("f.yaml", "# a remark only\n")
    assert (source.value, source.faults) == (None, ())
