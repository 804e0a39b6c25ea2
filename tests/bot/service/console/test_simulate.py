"""Simulate: a talk is played again from its lines, the same each time; what can be asked of it is bounded."""

from uuid import UUID

import pytest

from bot.errors import NotFound
from bot.flowbook import loader, transcript
from bot.flowbook.player import play
from bot.runtime import Runtime
from bot.service.console import draft, simulate
from bot.service.console.simulate import Talk
from bot.service.desk import Desk
from tests.bot.service.console.test_draft import save
from tests.bot.service.desks import desk
from tests.conftest import EDITION, START


@pytest.fixture
def maria(rt: Runtime, clinic: UUID) -> Desk:
    """A nurse."""
    return desk(rt, clinic)


def talk(rt: Runtime, who: Desk, *lines: str, on_draft: bool = False, language: str = "en") -> Talk:
    return simulate.talk(rt, who, "appointment", lines, start=START, on_draft=on_draft, language=language)


def said(found: Talk, kind: str = "clinic") -> list[str]:
    return [bubble.text for bubble in found.bubbles if bubble.kind == kind]


def test_a_talk_goes_as_the_flow_goes(rt: Runtime, maria: Desk) -> None:
    found = talk(rt, maria, "/wait", "I can't make it that day", "/wait 1 hour")
    assert found.fault is None
    assert said(found)[0].startswith("Riverside Clinic: Hi Ana, you have a visit")
    assert said(found)[1].startswith("We have these times:")
    assert any("3 days before the visit" in line for line in said(found, "quiet"))
    (mine,) = (bubble for bubble in found.bubbles if bubble.kind == "patient")
    assert "intent reschedule" in mine.read[0]
    assert any(line.startswith("Waits at offer times") for line in found.ahead)
    assert talk(rt, maria, *found.lines) == found
    run = play(transcript.read("saved.yaml", found.saved), loader.load(EDITION), rt.reader)
    assert run.mismatches == []
    alarm = talk(rt, maria, "chest pain", "/wait 4 days")
    assert (alarm.saved, alarm.fault) == ("", None)
    assert len(alarm.bubbles) < 100
    spanish = said(talk(rt, maria, "/wait", language="es"))
    assert "tiene cita" in spanish[0]
    with pytest.raises(NotFound):
        simulate.talk(rt, maria, "no_such_flow", [])


def test_it_can_be_played_with_the_draft(rt: Runtime, maria: Desk) -> None:
    assert not talk(rt, maria).has_draft
    save(rt, maria, en="It is set, {{first_name}}: {{day}} at {{time}}.")
    lines = ("/wait", "yes I will be there")
    assert said(talk(rt, maria, *lines, on_draft=True))[-1].startswith("It is set, Ana:")
    assert said(talk(rt, maria, *lines))[-1].startswith("Thank you, Ana.")
    assert talk(rt, maria).has_draft
    assert draft.shown(rt, maria)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (["/staff ACK 1001"], "Here one can type"),
        (["/nothing"], "Here one can type"),
        (["/wait 2 years"], "/wait 3 hours"),
        (["/wait until 2030-01-01 09:00"], "/wait 3 hours"),
        (["/wait 46 days"], "At most 45 days"),
        (["/wait 30 days", "/wait 30 days"], "At most 45 days"),
        (["x" * 321], "at most 320"),
        (["yes"] * 41, "at most 40 lines"),
        (["/move 99999-01-01 10:00"], "is no moment"),
        (["/book 9999-12-31 23:59"], ""),
        (["/status nonsense"], "Write 'visit booked'"),
        (["/page submitted"], ""),
    ],
)
def test_what_is_too_much_is_told_and_left_out(reader: object, lines: list[str], fault: str) -> None:
    book = loader.load(EDITION)
    played = simulate._begin(book, "appointment", reader, START, "en")  # type: ignore[arg-type]
    _, taken, told = simulate._play(played, lines)
    assert told is not None
    assert fault in told
    assert taken == lines[:-1]
