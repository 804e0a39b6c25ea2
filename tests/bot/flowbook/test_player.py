"""Tests of bot/flowbook/player.py, and through it of inputs and notation."""

import pytest

from bot.core.book import Book
from bot.errors import BadFlow
from bot.flowbook import transcript
from bot.flowbook.player import Run, only, play
from nlp.reader import Reader
from nlp.reading import Added, Level, OwnWords

HEAD = """\
title: A try
flow: appointment
clock: 2026-11-30 09:00
given:
  people: [Ana]
  visits: [2026-12-03 10:30]
play:
"""


@pytest.fixture
def run(book: Book, reader: Reader):
    def make(body: str, head: str = HEAD) -> Run:
        return play(transcript.read("t.yaml", head + body), book, reader)

    return make


THANKS = """\
  - patient: C
  - SetVisitStatus: {visit: 1, status: confirmed}
  - clinic: "Thank you, Ana. Your visit on Thu, Dec 3 at 10:30 AM is confirmed."
    say: confirmed
    about: visit 1
  - patient: thanks
"""


def test_what_goes_as_written_has_no_mismatch(run) -> None:
    assert run(THANKS).mismatches == []


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("status: confirmed", "status: cancelled", 9, "-   - SetVisitStatus: {visit: 1, status: cancelled}"),
        ("    about: visit 1\n", "", 10, "+     about: visit 1"),
        ("    say: confirmed\n", "    say: confirmed\n    final: yes\n", 10, "-     final: yes"),
        ("at 10:30 AM", "at 10:31 AM", 10, "-   - clinic:"),
        ("  - SetVisitStatus: {visit: 1, status: confirmed}\n", "", 9, "+   - SetVisitStatus"),
        ("  - patient: thanks\n", "  - patient: thanks\n  - OptIn\n", 14, "-   - OptIn"),
        ("  - patient: thanks\n", "  - patient: what?\n", 13, "+   - OpenTask"),
    ],
)
def test_a_difference_is_shown_with_its_line(run, old: str, new: str, line: int, told: str) -> None:
    assert old in THANKS
    (wrong,) = run(THANKS.replace(old, new)).mismatches
    assert wrong.line == line
    assert told in wrong.diff
    assert "- patient:" in wrong.diff.splitlines()[0]


def test_what_happened_becomes_a_transcript_that_holds(run, book: Book, reader: Reader) -> None:
    first = run("  - patient: C\n  - wait: 1 day\n  - patient: R\n")
    again = transcript.read("t.yaml", transcript.rewritten(first.transcript, first.happened))
    assert play(again, book, reader).mismatches == []
    assert first.mismatches != []


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("wait: soon", "'soon' is no wait"),
        ("wait: until tomorrow", "is no moment"),
        ("wait: until 2026-11-29 09:00", "does not go back"),
        ("office: visit 2 booked", "no visit 2"),
        ("office: tea", "Write 'visit booked'"),
        ("office: visit moved to noon", "is no moment"),
        ("carrier: sings", "fails with 30003"),
        ("carrier: the last text fails with 30003", "No text was sent yet"),
        ("patient: {a: b}\n    weather: fine", "has no 'weather'"),
        ("patient: x\n    media: some", "number of pictures"),
    ],
)
def test_an_input_without_sense_is_told_with_its_line(run, entry: str, told: str) -> None:
    with pytest.raises(BadFlow) as raised:
        run(f"  - {entry}\n")
    assert str(raised.value).startswith("t.yaml:8: ")
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("flow: appointment", "flow: none_such", "There is no flow 'none_such'"),
        ("  people: [Ana]", "  zone: Mars/Base\n  people: [Ana]", "no time zone"),
        ("visits: [2026-12-03 10:30]", "visits: [{start: 2026-12-03 10:30, of: Bob}]", "none of the people"),
    ],
)
def test_a_world_without_sense_is_told(run, old: str, new: str, told: str) -> None:
    with pytest.raises(BadFlow, match=told):
        run("  - patient: C\n", HEAD.replace(old, new))


def test_a_transcript_hears_of_its_own_flow_alone(run, book: Book, reader: Reader) -> None:
    """A new flow changes no transcript of another; in a book of two, timers name theirs."""
    other = book.flows["appointment"].model_copy(update={"name": "other"})
    two = book.model_copy(update={"flows": {**book.flows, "other": other}})
    script = transcript.read("t.yaml", HEAD + "  - office: visit booked\n")
    assert play(script, two, reader).happened == play(script, book, reader).happened
    everything = transcript.read(
        "t.yaml", HEAD.replace("flow: appointment\n", "") + "  - office: visit booked\n"
    )
    timers = [
        str(entry["SetTimer"]) for entry in play(everything, two, reader).happened[0] if "SetTimer" in entry
    ]
    assert len(timers) == 4
    assert "'flow': 'other'" in timers[-1]


def test_a_play_is_the_same_every_time(run) -> None:
    body = "  - patient: R\n  - patient: I can't breathe\n  - wait: 30 minutes\n"
    assert run(body).happened == run(body).happened


def test_a_scene_ends_where_the_file_ends(run) -> None:
    script = run(THANKS).transcript
    assert script.scenes[-1].end == len((HEAD + THANKS).splitlines()) + 1


def test_a_flow_alone_keeps_the_words_of_the_edition(book: Book) -> None:
    words = OwnWords(added=(Added(level=Level.URGENT, category="glucose", concept="a", say=("a",)),))
    assert only(book.model_copy(update={"words": words}), "appointment").words == words
