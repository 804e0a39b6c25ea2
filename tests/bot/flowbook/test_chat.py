"""Tests of bot/flowbook/chat.py."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.core.book import Book
from bot.core.effects import OpenTask, SendPage, SendText
from bot.errors import BadFlow
from bot.flowbook import chat, loader, transcript
from bot.flowbook.player import play
from bot.flowbook.rows import Done
from nlp.reader import Reader
from nlp.reading import Explanation, Intent, Level, Reading, Repair, Why

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
    "line",
    [
        "/dance",
        "/wait",
        "/move",
        "/move noon",
        "/wait a while",
        "/cancel 7",
        "/fail 30003",
        "/status",
        "/status tired",
        "/start now",
        "/trigger",
        "/trigger a full moon",
        "/page",
        "/page submitted",
    ],
)
def test_what_makes_no_sense_is_told_and_not_kept(talk: chat.Chat, line: str) -> None:
    with pytest.raises(BadFlow):
        talk.type(line)
    assert talk.played == []


# -- what else can happen -----------------------------------------------------------------------------

CHECK_IN = """\
flow: check_in
title: Everything that a chat can set off
purpose: care
about: {about}
variables: {{shoe: phi}}
starts:
  - {{when: staff start it, at: form}}
  - {{when: a time opens up, at: offer}}
  - {{when: a missed call, at: missed}}
steps:
  form: {{send_page: form, form: intake, say: confirmed, wait: 1 day, outcomes: {{opened: missed, submitted: done}}}}
  offer: {{ask: offer_times, answers: {{confirm: done}}, wait: 1 hour, no_answer: end}}
  missed: {{say: running_late}}
  done: {{say: rescheduled}}
"""


def check_in(edition, reader: Reader, about: str = "the visit") -> chat.Chat:
    files = {**edition(), "dialogs/check_in.yaml": CHECK_IN.format(about=about)}
    return chat.begin(loader.read(files), "check_in", reader, now=NOW)


def said(done: list[Done]) -> list[str]:
    texts = (each.effect.text if isinstance(each.effect, SendPage) else each.effect for each in done)
    return [text.wording for text in texts if isinstance(text, SendText)]


@pytest.mark.parametrize("about", ["the visit", "the patient"])
def test_a_flow_is_started_as_the_staff_would_whatever_it_is_about(
    edition, reader: Reader, about: str
) -> None:
    talk = check_in(edition, reader, about)
    assert said(talk.type("/start")) == ["confirmed"]
    assert said(talk.type("/page opened")) == ["running_late"]
    assert said(talk.type("/trigger a missed call")) == ["running_late"]
    again = check_in(edition, reader, about)
    again.type("/start")
    assert said(again.type("/page submitted")) == ["rescheduled"]


def test_a_time_that_opens_up_is_one_of_those_that_are_open(edition, reader: Reader) -> None:
    talk = check_in(edition, reader)
    (done,) = talk.type("/trigger a time opens up")
    assert isinstance(done.effect, SendText)
    assert "1) Sat, Dec 5 at 10:30 AM" in done.effect.body


def test_a_page_that_the_carrier_lost_is_the_last_text(edition, reader: Reader) -> None:
    talk = check_in(edition, reader)
    talk.type("/start")
    (done,) = talk.type("/fail 30003")
    assert isinstance(done.effect, OpenTask)
    assert done.effect.task == "text_not_delivered"


def test_what_becomes_of_the_visit_is_said(talk: chat.Chat) -> None:
    talk.type("/status fulfilled")
    assert talk.state()[0] == "visit 1: 2026-12-04 10:30, fulfilled, version 2"


def test_such_a_chat_becomes_a_transcript_that_holds(edition, reader: Reader) -> None:
    talk = check_in(edition, reader)
    for line in (
        "/start",
        "/page submitted",
        "/trigger a time opens up",
        "yes",
        "/start",
        "/fail 30003",
        "/status noshow",
    ):
        talk.type(line)
    script = transcript.read("t.yaml", talk.saved("A chat"))
    assert play(script, talk.world.book, reader).mismatches == []
    assert {
        "trigger": "a time opens up",
        "flow": "check_in",
        "visit": "1",
        "slots": "2026-12-05 10:30",
    } in talk.played


# -- explaining ---------------------------------------------------------------------------------------


HOW = Explanation(
    level=Level.NONE,
    intent=Intent.OTHER,
    stands=(),
    excused=(),
    levels={"urgent": 0.09, "none": 0.9, "crisis": 0.01},
    intents={"other": 1.0},
    weighed=(),
)


@pytest.mark.parametrize(
    ("body", "reading", "lines"),
    [
        ("hm", Reading(), ["understood: intent other, language en; sure to 0%"]),
        (
            "ok C",
            Reading(intent=Intent.CONFIRM, confidence=0.95, why=(Why(rule="whole:confirm", start=3, end=4),)),
            ["understood: intent confirm, language en; sure to 95%", "because of 'C' (whole:confirm)"],
        ),
        (
            "no puedo respirar",
            Reading(
                language="es",
                level=Level.EMERGENCY,
                category="breathing",
                also=(Intent.QUESTION,),
            ),
            [
                "understood: level emergency, category breathing, intent other, also question, language es; sure to 0%"
            ],
        ),
        (
            "sorry, I meant 4",
            Reading(value=0, correction=4, repair=Repair.BACK),
            ["understood: intent other, answer 0, correction 4, wants back, language en; sure to 0%"],
        ),
    ],
)
def test_what_a_text_was_read_as_is_explained(body: str, reading: Reading, lines: list[str]) -> None:
    assert chat.explained(body, reading, HOW)[:-1] == lines


def test_what_was_excused_and_what_else_is_likely_is_told() -> None:
    excused, weighed = (
        Why(rule=rule, start=3, end=13) for rule in ("alarm:cardiac/chest pain", "learned:none")
    )
    how = replace(HOW, excused=(excused,), weighed=(weighed, weighed))
    assert chat.explained("no chest pain", Reading(), how)[1:] == [
        "denied or excused: 'chest pain' (alarm:cardiac/chest pain)",
        "weighed most: 'chest pain'",
        "likely: none 90%, urgent 9%; other 100%",
    ]


def test_every_command_is_in_the_help() -> None:
    text = "\n".join(chat.help_text())
    assert all(command in text for command in [*chat.COMMANDS, "/state", "/quit"])
