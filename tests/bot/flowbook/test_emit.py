"""Tests of bot/flowbook/emit.py: what is written is read back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flowbook import emit
from bot.flowbook.source import parse

TEXTS = [
    "yes",
    "null",
    "~",
    "",
    " a",
    "a: b",
    "a:",
    "- a",
    "#1",
    "a #b",
    "{x}",
    "[",
    '"',
    "'",
    "ñ",
    "2026-11-30 10:30",
]
TEXTS += [
    "one\ntwo",
    "one\n two",
    "one\n\ntwo",
    "tail \nx",
    "\n",
    "a\tb",
    "\x7f",
    "\u2028",
    "soft\u00adhyphen",
    "zero\u200bwidth",
    "\u2060",
    "\ufeff",
    "\ufffd",
    "\xa0",
    "one\n\xa0two",
    "one\ntw\u200bo",
    "😀",
    "*a",
    "&a",
    "!a",
    "C",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("key", ["clinic", "patient", "say"])
def test_a_text_comes_back(text: str, key: str) -> None:
    assert parse("f", "\n".join(emit.entry({key: text, "more": "x"}))).value == [{key: text, "more": "x"}]


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_text_comes_back(text: str) -> None:
    """Whatever a patient types in a chat can be saved."""
    written = "\n".join(emit.entry({"patient": text, "nested": {"body": text, "list": [text]}}))
    assert parse("f", written).value == [{"patient": text, "nested": {"body": text, "list": [text]}}]


def test_entries_are_laid_out_for_readers() -> None:
    assert emit.entries(
        [
            {"clinic": "Hi Ana", "say": "reminder"},
            {"clinic": "One\nTwo", "say": "offer_times"},
            {"SetTimer": {"visit": "1", "due": "2026-11-30 10:30"}},
            {"OptIn": None},
        ]
    ) == [
        '  - clinic: "Hi Ana"',
        "    say: reminder",
        "  - clinic: |-",
        "      One",
        "      Two",
        "    say: offer_times",
        "  - SetTimer: {visit: 1, due: 2026-11-30 10:30}",
        "  - OptIn",
    ]
