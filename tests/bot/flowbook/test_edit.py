"""Edit: exactly one value of a file changes, and nothing around it."""

import pytest

from bot.errors import BadFlow
from bot.flowbook import edit
from bot.flowbook.source import parse

FILE = """\
# What patients read.
language: en
reviewed_by: Riverside Clinic, communication   # signed on paper

sentences:
  # -- before the visit
  first: "Hello {{first_name}}."   # short
  second: |-
    We have these times:
    {{times}}

  # -- after it
  third: 'It''s done.'
"""


@pytest.mark.parametrize(
    ("key", "value", "lines"),
    [
        ("first", 'Say "hi" # now', ['  first: "Say \\"hi\\" # now"   # short']),
        ("first", "One\n\n- two", ["  first: |-", "    One", "", "    - two   # short"]),
        ("second", "Short.", ['  second: "Short."']),
        ("second", "a\nb", ["  second: |-", "    a", "    b"]),
        ("third", "It's done: á €.", ['  third: "It\'s done: á €."']),
    ],
)
def test_one_sentence_is_written_anew_and_the_rest_stays(key: str, value: str, lines: list[str]) -> None:
    if lines[-1].endswith("# short") and "\n" in value:
        with pytest.raises(BadFlow, match="edit the file itself"):  # the remark would become part of the text
            edit.put("wording/en.yaml", FILE, ("sentences", key), value)
        return
    after = edit.put("wording/en.yaml", FILE, ("sentences", key), value)
    before = FILE.splitlines()
    assert [line for line in after.splitlines() if line not in before] == [
        line for line in lines if line not in before
    ]
    gone = [line for line in before if line not in after.splitlines()]
    assert all(key in line or key == "second" for line in gone)
    for remark in ("# What patients read.", "# signed on paper", "# -- before the visit", "# -- after it"):
        assert remark in after


def test_a_value_of_the_head_is_changed_or_added_below_another() -> None:
    named = edit.put_beside("f", FILE, "reviewed_by", "Maria Santos, RN", "language")
    assert "reviewed_by: " in named
    assert "# signed on paper" in named
    dated = edit.put_beside("f", named, "reviewed_on", "2026-11-30", "reviewed_by")
    assert parse("f", dated).value["reviewed_by"] == "Maria Santos, RN"  # type: ignore[index,call-overload]
    assert dated.splitlines()[3] == "reviewed_on: 2026-11-30"


@pytest.mark.parametrize("where", [("sentences", "fourth"), ("sentences",), ("choices", "x"), ()])
def test_what_is_no_text_is_not_written_over(where: tuple[str, ...]) -> None:
    with pytest.raises(BadFlow, match="There is no"):
        edit.put("f", FILE, where, "x")


@pytest.mark.parametrize(
    ("typed", "tidied"),
    [
        ("  Hello   there \r\n\r\n {{day}}  \n\n", "Hello there\n\n{{day}}"),
        ("a\tb\x00c\u200bd", "a b c d"),
        ("\ud800x", "x"),
    ],
)
def test_what_was_typed_becomes_a_sentence(typed: str, tidied: str) -> None:
    assert edit.tidy(typed) == tidied


def test_nothing_is_no_sentence() -> None:
    with pytest.raises(BadFlow):
        edit.tidy(" \n\t ")
