"""Tests of bot/flowbook/inputs.py: each input and the event that it becomes."""

from datetime import UTC, datetime

import pytest

from bot.core.book import Book
from bot.core.events import TextArrived, TextFailed, VisitChanged
from bot.core.facts import VisitStatus
from bot.flowbook import inputs, transcript
from bot.flowbook.inputs import perform
from bot.flowbook.player import world_of
from bot.flowbook.world import World
from nlp.reader import Reader

HEAD = {
    "title": "A try",
    "clock": "2026-11-30 09:00",
    "given": {
        "people": ["Ana"],
        "visits": ["2026-12-03 10:30"],
        "slots": ["2026-12-08 09:00"],
    },
    "play": [],
}


@pytest.fixture
def world(book: Book, reader: Reader) -> World:
    return world_of(transcript.Head.model_validate(HEAD), book, reader)


def test_texts(world: World) -> None:
    perform(world, {"patient": "HELP", "carrier answers": "HELP"})
    perform(world, {"patient": "", "media": "2"})
    perform(world, {"staff": "hello"})
    texts = [event for event in world.events if isinstance(event, TextArrived)]
    assert [(text.body, text.media, text.opt_out_type) for text in texts] == [
        ("HELP", 0, "HELP"),
        ("", 2, None),
        ("hello", 0, None),
    ]
    assert len({text.sid for text in texts}) == 3
    assert (world.patient.seq, world.staff.seq) == (2, 1)


@pytest.mark.parametrize(
    ("said", "version", "start", "status"),
    [
        ("visit booked", 1, datetime(2026, 12, 3, 15, 30, tzinfo=UTC), VisitStatus.BOOKED),
        ("visit moved to 2026-12-04 11:00", 2, datetime(2026, 12, 4, 16, 0, tzinfo=UTC), VisitStatus.BOOKED),
        ("visit 1 cancelled", 2, datetime(2026, 12, 3, 15, 30, tzinfo=UTC), VisitStatus.CANCELLED),
        ("visit checked-in", 2, datetime(2026, 12, 3, 15, 30, tzinfo=UTC), VisitStatus.CHECKED_IN),
    ],
)
def test_the_office(world: World, said: str, version: int, start: datetime, status: VisitStatus) -> None:
    perform(world, {"office": said})
    visit = world.visits[0]
    assert (visit.version, visit.start, visit.status) == (version, start, status)
    assert world.events == [VisitChanged(visit_id=visit.id, version=version)]


def test_the_office_books_another_visit(world: World) -> None:
    perform(world, {"office": "visit booked for 2026-12-10 09:00"})
    assert [visit.version for visit in world.visits] == [1, 1]
    assert world.events == [VisitChanged(visit_id=world.visits[1].id, version=1)]


def test_a_taken_slot_is_heard_of_by_nobody(world: World) -> None:
    perform(world, {"office": "slot 2026-12-08 09:00 taken"})
    assert [opening.open for opening in world.openings] == [False]
    assert world.events == []


def test_waiting(world: World) -> None:
    perform(world, {"wait": "90 minutes"})
    assert world.now == datetime(2026, 11, 30, 15, 30, tzinfo=UTC)
    perform(world, {"wait": "until 2026-12-01 09:00"})
    assert world.now == datetime(2026, 12, 1, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(("code", "opted_out"), [(30003, False), (inputs.OPTED_OUT, True)])
def test_the_carrier_reports_the_last_text_that_left(world: World, code: int, opted_out: bool) -> None:
    perform(world, {"patient": "C"})
    perform(world, {"carrier": f"the last text fails with {code}"})
    failed = world.events[-1]
    assert failed == TextFailed(code=code, purpose="REPLY", opted_out=opted_out, visit_id=world.visits[0].id)


def test_every_kind_of_input_stands_in_the_head_of_the_module() -> None:
    lines = [line.strip() for line in (inputs.__doc__ or "").splitlines()]
    shown = {line.partition(": ")[0] for line in lines}
    assert set(inputs.INPUTS) <= shown
