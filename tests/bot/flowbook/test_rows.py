"""Tests of bot/flowbook/rows.py; what happens to rows in a conversation is shown in test_world."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.book import Book
from bot.core.events import NoAnswer
from bot.core.facts import Sender, Slot, Visit, VisitStatus
from bot.flowbook.rows import Opening, Phone, Rows, person_id, slot_id, visit_id, visit_number

NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
VISIT = Visit(
    id=visit_id(1),
    patient_id=person_id(1),
    version=1,
    start=NOW + timedelta(days=3),
    minutes=30,
    status=VisitStatus.BOOKED,
)


@pytest.fixture
def rows(book: Book) -> Rows:
    rows = Rows(book=book, now=NOW, patient=Phone(sender=Sender.PATIENT))
    rows.openings = [Opening(slot=Slot(id=slot_id(1), start=VISIT.start))]
    return rows


def test_a_slot_at_the_time_of_a_standing_visit_is_held_by_it(rows: Rows) -> None:
    rows.add(VISIT)
    assert [opening.visit for opening in rows.openings] == [VISIT.id]
    rows.put(replace(VISIT, status=VisitStatus.CANCELLED))
    assert [opening.open for opening in rows.openings] == [True]
    rows.put(VISIT)
    rows.put(replace(VISIT, start=VISIT.start + timedelta(days=1)))
    assert [opening.open for opening in rows.openings] == [True]


def test_the_same_key_replaces_a_timer(rows: Rows) -> None:
    rows.later(NOW, NoAnswer(turn=1), key="wait:1")
    rows.later(NOW + timedelta(hours=1), NoAnswer(turn=1), key="wait:1")
    rows.later(NOW, NoAnswer(turn=2), key="wait:2")
    assert [key for _, key in rows.timers()] == ["wait:2", "wait:1"]


def test_ids_are_made_of_numbers() -> None:
    assert visit_number(visit_id(7)) == 7
    assert len({person_id(1), visit_id(1), slot_id(1)}) == 3
