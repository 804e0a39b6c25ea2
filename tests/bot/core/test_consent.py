"""Opt-out, opt-in and help: bare words as carriers compare them, Twilio's verdict, any reasonable wording."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.consent import Gate, bare, gate
from bot.core.events import TextArrived
from nlp.reading import Intent
from tests.bot.core.world import POLICY, text

WORDS = (
    [(word, Gate.STOP) for word in POLICY.stop_words]
    + [(word, Gate.START) for word in POLICY.start_words]
    + [(word, Gate.HELP) for word in POLICY.help_words]
)
REQUIRED = {"stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"}
"""47 CFR 64.1200(a)(10), in force 2025-04-11."""


def test_the_policy_has_every_word_of_the_rule() -> None:
    assert set(POLICY.stop_words) >= REQUIRED


@pytest.mark.parametrize(("word", "meaning"), WORDS)
@pytest.mark.parametrize(
    "written", ["{}", "{} ", "  {}", "{}.", "{}!!!", '"{}"', "{}\n", "({})", "*{}*", "¡{}!"]
)
def test_a_bare_word_counts_in_any_case_and_punctuation(word: str, meaning: Gate, written: str) -> None:
    for cased in (word, word.upper(), word.capitalize()):
        assert gate(POLICY, text(written.format(cased))) is meaning


@pytest.mark.parametrize("body", ["opt-out", "OPT  OUT", "Stop-all", "STOP ALL.", "optout"])
def test_a_word_of_two_may_be_joined_in_any_way(body: str) -> None:
    assert gate(POLICY, text(body)) is Gate.STOP


@pytest.mark.parametrize(
    "body",
    [
        "cancel my visit",
        "cancel the 10:30",
        "Please cancel",
        "don't stop",
        "stop by at 3?",
        "the end of the month",
        "can you help me",
        "start at 9?",
        "stopping",
        "sto p",
        "",
        "   ",
        "!!!",
        "👍",
    ],
)
def test_the_word_within_a_sentence_does_not_count_by_itself(body: str) -> None:
    assert gate(POLICY, text(body)) is None


@pytest.mark.parametrize(
    ("intent", "also", "meaning"),
    [
        (Intent.STOP, (), Gate.STOP),
        (Intent.CONFIRM, (Intent.STOP,), Gate.STOP),
        (Intent.CANCEL, (), None),
        (Intent.START, (), None),
        (Intent.HELP, (), None),
        (Intent.OTHER, (), None),
    ],
)
def test_what_was_understood_can_opt_out_but_not_in(
    intent: Intent, also: tuple[Intent, ...], meaning: Gate | None
) -> None:
    assert gate(POLICY, text("please take me off your list", intent, also=also)) is meaning


@pytest.mark.parametrize(
    ("opt_out_type", "meaning"),
    [
        ("STOP", Gate.STOP),
        ("START", Gate.START),
        ("HELP", Gate.HELP),
        ("stop", Gate.STOP),
        ("SOMETHING", None),
    ],
)
def test_twilios_verdict_comes_first(opt_out_type: str, meaning: Gate | None) -> None:
    assert gate(POLICY, text("baja", opt_out_type=opt_out_type)) is meaning


def test_a_text_that_nobody_has_read_is_judged_by_its_words() -> None:
    assert gate(POLICY, TextArrived(sid="SM1", body="Stop")) is Gate.STOP
    assert gate(POLICY, TextArrived(sid="SM1", body="hm")) is None


@pytest.mark.parametrize(
    ("body", "compared"),
    [("  STOP. ", "stop"), ("Opt-Out!", "opt out"), ("a\n b\tc", "a b c"), ("", ""), ("¡ALTO!", "alto")],
)
def test_bare_is_how_carriers_compare(body: str, compared: str) -> None:
    assert bare(body) == compared


@given(st.text())
def test_bare_is_bare_already(body: str) -> None:
    assert bare(bare(body)) == bare(body)
