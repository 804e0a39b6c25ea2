"""Tests of bot/flowbook/source.py. What can't be read is tested with `traps`."""

from pathlib import Path

import pytest

from bot.flowbook.faults import Fault
from bot.flowbook.source import parse, read_text


def test_what_was_typed_stays_text() -> None:
    source = parse(
        "f.yaml", "no: yes\non: off\nday: 2026-12-03\nclock: 12:30\ncode: 0012\n1: 1e3\ntrue: .5\n"
    )
    assert source.value == {
        "no": "yes",
        "on": "off",
        "day": "2026-12-03",
        "clock": "12:30",
        "code": "0012",
        "1": "1e3",
        "true": ".5",
    }
    assert source.faults == ()


def test_items_and_keys_in_brackets_stay_text_too() -> None:
    assert parse("f.yaml", "a: [no, 12:30, 0x1F, {on: off}]\n").value == {
        "a": ["no", "12:30", "0x1F", {"on": "off"}]
    }


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


def test_a_fault_shows_where_it_is() -> None:
    source = parse("f.yaml", "a:\n  b: some words   # remark\n")
    key = source.fault(("a", "b"), "x/y", "Bad.", "Mend.")
    assert key == Fault(
        file="f.yaml",
        line=2,
        column=3,
        length=1,
        excerpt="  b: some words   # remark",
        rule="x/y",
        message="Bad.",
        mend="Mend.",
    )
    value = source.fault(("a", "b"), "x/y", "Bad.", "Mend.", at="value", severity="warning")
    assert (value.column, value.length, value.severity) == (6, 10, "warning")
    part = source.fault(("a", "b"), "x/y", "Bad.", "Mend.", span=(5, 5))
    assert (part.column, part.length) == (11, 5)


def test_tags_and_aliases_make_no_objects_and_repeat_nothing() -> None:
    assert parse("f.yaml", "a: !!python/object/apply:os.getcwd []\n").value == {"a": None}
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
    assert parse("f.yaml", bomb).value == {"a": None, "b": None, "c": None}


def test_an_empty_file_is_nothing() -> None:
    source = parse("f.yaml", "# a remark only\n")
    assert (source.value, source.faults) == (None, ())
    assert source.fault((), "x/y", "", "").line == 1


@pytest.mark.parametrize("text", ["\ufeffa: é\r\nb: 2\r\n", "a: é\nb: 2\n", "a: é\rb: 2\r"])
def test_marks_and_line_ends_of_other_systems_do_no_harm(tmp_path: Path, text: str) -> None:
    file = tmp_path / "f.yaml"
    file.write_bytes(text.encode())
    assert read_text(file) == "a: é\nb: 2\n"
    for source in (parse("f.yaml", read_text(file)), parse("f.yaml", text)):
        assert (source.value, source.faults, source.line(("b",))) == ({"a": "é", "b": "2"}, (), 2)
        assert source.place(("a",)).column == 1


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "mac-roman"])
def test_a_file_in_another_encoding_is_a_fault_and_no_crash(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "f.yaml"
    file.write_bytes("a: 1\nb: é\n".encode(encoding))
    source = parse("f.yaml", read_text(file))
    assert [fault.rule for fault in source.faults] == ["shape/encoding"]
    assert source.faults[0].line == (1 if "16" in encoding else 2)
    assert source.value is None
