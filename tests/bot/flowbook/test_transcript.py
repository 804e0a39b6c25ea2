"""Tests of bot/flowbook/transcript.py."""

import pytest

from bot.errors import BadFlow
from bot.flowbook import transcript

HEAD = """\
title: A try
flow: appointment
clock: 2026-11-30 09:00
given:
  people: [Ana, {name: Luis, language: es}]
  visits: [2026-12-03 10:30, {start: 2026-12-03 14:00, of: Luis, status: confirmed}]
"""
PLAY = """\
play:
  - office: visit booked   # a remark
  - CancelTimers: visit 1
  # before the wait
  - wait: 3 hours
  - patient: START
  - OptIn
"""


def test_a_transcript_is_inputs_with_their_effects() -> None:
    script = transcript.read("t.yaml", HEAD + PLAY)
    assert [(scene.given.line, scene.given.entry) for scene in script.scenes] == [
        (8, {"office": "visit booked"}),
        (11, {"wait": "3 hours"}),
        (12, {"patient": "START"}),
    ]
    assert [[line.entry for line in scene.effects] for scene in script.scenes] == [
        [{"CancelTimers": "visit 1"}],
        [],
        [{"OptIn": None}],
    ]


def test_short_forms_stand_for_the_usual() -> None:
    given = transcript.read("t.yaml", HEAD + PLAY).head.given
    assert [(person.name, person.language) for person in given.people] == [("Ana", "en"), ("Luis", "es")]
    assert [(visit.of, visit.status) for visit in given.visits] == [(None, "booked"), ("Luis", "confirmed")]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("clock: 2026-11-30 09:00", "clock: monday", "t.yaml:3:"),
        ("clock: 2026-11-30 09:00", "clock: 2026-11-30T09:00:00Z", "t.yaml:3:"),
        ("  people:", "  poeple:", "Did you mean 'people'?"),
        ("OptIn", "OptInn", "t.yaml:13:"),
        ("  - CancelTimers: visit 1\n", "  - SendText: visit 1\n", "t.yaml:9:"),
        ("  - office: visit booked   # a remark\n", "", "A play begins with an input."),
        ("play:\n", "play: []\nrest:\n", "There is no key 'rest' here."),
        ("status: confirmed", "status: maybe", "t.yaml:6:"),
        ("title: A try", "title: A try\ntitle: Another", "t.yaml:2:"),
    ],
)
def test_a_bad_file_is_told_with_its_line(old: str, new: str, told: str) -> None:
    text = HEAD + PLAY
    assert old in text
    with pytest.raises(BadFlow) as raised:
        transcript.read("t.yaml", text.replace(old, new, 1))
    assert told in str(raised.value)


def test_an_empty_play_is_told() -> None:
    with pytest.raises(BadFlow, match="begins with an input"):
        transcript.read("t.yaml", HEAD + "play: []\n")


def test_rewriting_what_is_right_changes_no_letter() -> None:
    script = transcript.read("t.yaml", HEAD + PLAY)
    happened = [[line.entry for line in scene.effects] for scene in script.scenes]
    assert transcript.rewritten(script, happened) == HEAD + PLAY


def test_rewriting_changes_only_what_is_wrong_and_keeps_remarks() -> None:
    script = transcript.read("t.yaml", HEAD + PLAY)
    new = [[{"CancelTimers": "visit 2"}, {"OptOut": "patient"}], [{"OptIn": None}], []]
    assert transcript.rewritten(script, new) == HEAD + (
        "play:\n"
        "  - office: visit booked   # a remark\n"
        "  - CancelTimers: visit 2\n"
        "  - OptOut: patient\n"
        "  # before the wait\n"
        "  - wait: 3 hours\n"
        "  - OptIn\n"
        "  - patient: START\n"
    )


def test_a_printed_transcript_can_be_read() -> None:
    given = {"people": [{"name": "Ana: x"}], "visits": ["2026-12-03 10:30"]}
    text = transcript.printed(
        "A chat: 1", None, "2026-11-30 09:00", given, [{"patient": "hi"}, {"OptIn": None}]
    )
    script = transcript.read("t.yaml", text)
    assert (script.head.title, script.head.flow, script.head.given.people[0].name) == (
        "A chat: 1",
        None,
        "Ana: x",
    )
