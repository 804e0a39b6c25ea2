"""Tests of bot/flowbook/chat.py."""

from datetime import UTC, datetime

import pytest

from bot.core.book import Book
from bot.core.effects import SendText
from bot.errors import BadFlow
from bot.flowbook import chat, transcript
from bot.flowbook.player import play
from nlp.reader import Reader

NOW = datetime(2026, 11, 30, 14, 0, 42, tzinfo=UTC)


@pytest.fixture
def talk(book: Book, reader: Reader) -> chat.Chat:
    return chat.begin(book, "appointment", reader, now=NOW)


def test_it_begins_with_a_visit_in_four_days(talk: chat.Chat) -> None:
    assert talk.clock == "2026-11-30 09:00"
    assert talk.state()[0] == "visit 1: 2026-12-04 10:30, booked, version 1"
    assert "2026-12-07 14:30" in talk.state()[-2]


def test_a_chat_becomes_a_transcript_that_holds(talk: chat.Chat, book: Book, reader: Reader) -> None:
    lines = [
        "/booked",
        "/wait",
        "can I come another day?",
        "/take 2026-12-05 10:30",
        "1",
        "2",
        "/book 2026-12-20 09:00",
        "/move 2026-12-21 09:00",
        "/wait 1 day",
        "¿qué: \"no\"? #1 \n'x'",
        "my chest hurts and I can't breathe",
        "/wait",
        "/fail 30003",
        "/staff ack",
        "/cancel",
        "STOP",
    ]
    for line in lines:
        talk.type(line)
    script = transcript.read("t.yaml", talk.saved("A chat"))
    assert script.scenes[0].given.entry == {"office": "visit booked"}
    assert len(script.scenes) == len(lines)
    assert play(script, book, reader).mismatches == []


def test_wait_alone_goes_to_what_comes_next(talk: chat.Chat) -> None:
    talk.type("/booked")
    (done,) = talk.type("/wait")
    assert isinstance(done.effect, SendText)
    assert talk.played[-2] == {"wait": "until 2026-12-01 10:30"}


@pytest.mark.parametrize(
    "line", ["/dance", "/wait", "/move", "/move noon", "/wait a while", "/cancel 7", "/fail 30003"]
)
def test_what_makes_no_sense_is_told_and_not_kept(talk: chat.Chat, line: str) -> None:
    with pytest.raises(BadFlow):
        talk.type(line)
    assert talk.played == []


def test_every_command_is_in_the_help() -> None:
    text = "\n".join(chat.help_text())
    assert all(command in text for command in [*chat.COMMANDS, "/state", "/quit"])
