"""Tests of bot/flowbook/inputs_alarms.py: what staff do with an escalation, and the event that it becomes."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.book import Book
from bot.core.events import Acknowledged, Drilled, Handled, Unanswered, What
from bot.core.oncall import Whom
from bot.errors import BadFlow
from bot.flowbook import transcript
from bot.flowbook.inputs import perform
from bot.flowbook.player import world_of
from bot.flowbook.world import World
from nlp.reader import Reader

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)  # 9:00 in New York
HEAD = {"title": "A try", "clock": "2026-11-30 09:00", "given": {"people": ["Ana"]}, "play": []}


@pytest.fixture
def world(book: Book, reader: Reader) -> World:
    world = world_of(transcript.Head.model_validate(HEAD), book, reader)
    perform(world, {"patient": "I can't breathe"})
    return world


@pytest.mark.parametrize(
    ("entry", "event"),
    [
        ({"escalation": "1001 taken"}, Acknowledged(code="1001", via="console")),
        (
            {"escalation": "1001 taken", "by": "maria", "via": "call"},
            Acknowledged(code="1001", by="maria", via="call"),
        ),
        ({"escalation": "1001 resolved"}, Handled(code="1001", how="resolved")),
        (
            {"escalation": "1001 resolved", "by": "joe", "via": "link", "outcome": "false alarm"},
            Handled(code="1001", how="resolved", by="joe", via="link", outcome="false alarm"),
        ),
        (
            {"escalation": "1001 handed over to provider on call"},
            Handled(code="1001", how="handed over", to=Whom(kind="on call", name="provider")),
        ),
        (
            {"escalation": "1001 snoozed for 30 minutes"},
            Handled(code="1001", how="snoozed", until=NOW + timedelta(minutes=30)),
        ),
        (
            {"escalation": "1001 snoozed until 2026-11-30 10:00"},
            Handled(code="1001", how="snoozed", until=NOW + timedelta(hours=1)),
        ),
        (
            {"escalation": "1001 reopened", "by": "joe"},
            Handled(code="1001", how="reopened", by="joe", urgency="emergency", reason="words"),
        ),
        ({"overdue": "question"}, Unanswered(task="question", urgency="routine")),
        ({"overdue": "question", "urgency": "urgent"}, Unanswered(task="question", urgency="urgent")),
        ({"drill": "urgent"}, Drilled(urgency="urgent")),
    ],
)
def test_what_happens(world: World, entry: dict[str, str], event: What) -> None:
    perform(world, dict(entry))
    assert world.events[-1] == event


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        ({"escalation": "taken"}, "Write '1001 taken'"),
        ({"escalation": "1001 forgotten"}, "Write '1001 taken'"),
        ({"escalation": "1001 taken", "via": "pigeon"}, "'via' is"),
        ({"escalation": "1001 handed over to the moon and back"}, "whom to tell"),
        ({"escalation": "1001 snoozed until lunch"}, "'lunch' is no moment"),
        ({"escalation": "1001 snoozed for a while"}, "is no moment"),
        ({"escalation": "1002 reopened"}, "There was no escalation 1002"),
        ({"overdue": "question", "urgency": "emergency"}, "'urgency' is"),
        ({"drill": "fire"}, "Write 'drill"),
        ({"drill": "urgent", "by": "maria"}, "has no 'by'"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_hint(world: World, entry: dict[str, str], hint: str) -> None:
    before = len(world.events)
    with pytest.raises(BadFlow, match=hint):
        perform(world, dict(entry))
    assert len(world.events) == before
