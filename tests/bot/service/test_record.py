"""The record of a decision: sealed beside the happening, complete, and readable again."""

from uuid import UUID

from sqlalchemy import select

from bot.core.effects import OpenTask, SendText
from bot.runtime import Runtime
from bot.service import advance
from bot.service.receive import Text, receive
from bot.service.record import RECORD, Record
from bot.store import conversations, inbox
from tests.bot.service.test_spine import at, say
from tests.conftest import ANA_PHONE, CLINIC_PHONE, House


def records(rt: Runtime, clinic: UUID, phone: str = ANA_PHONE) -> list[Record]:
    """Oldest first."""
    with rt.begin() as db:
        found = conversations.find(db, clinic, phone)
        assert found
        return [RECORD.validate_json(one.record) for one in reversed(inbox.history(db, found, 50))]


def test_a_text_is_recorded_with_its_reading_and_every_effect(rt: Runtime, clinic: UUID) -> None:
    receive(rt, Text(sid="SM1", sender=ANA_PHONE, to=CLINIC_PHONE, body="I want to talk to a person"))
    advance.drain(rt, 10)
    (record,) = records(rt, clinic)
    assert record.reading is not None
    assert record.reading.intent == "human"
    assert [type(effect) for effect in record.effects] == [SendText, OpenTask]
    assert (record.before, record.after) == (None, None)


def test_the_record_says_where_the_talk_was_and_is(house: House) -> None:
    house.openings(at(8, 9))
    house.visit(house.patient(), at(7, 10, 30))
    house.work()
    house.wait_until(at(4, 10, 30))
    say(house, "R")
    assert [(one.before, one.after) for one in records(house.rt, house.clinic)] == [
        (None, None),  # the visit
        (None, "appointment / remind"),
        ("appointment / remind", "appointment / find_times"),
        ("appointment / find_times", "appointment / offer_times"),
    ]


def test_only_a_text_has_a_reading(house: House) -> None:
    house.visit(house.patient(), at(7, 10, 30))
    house.work()
    assert [one.reading for one in records(house.rt, house.clinic)] == [None]


def test_what_was_understood_stands_sealed_in_the_database(rt: Runtime, clinic: UUID) -> None:
    receive(rt, Text(sid="SM1", sender=ANA_PHONE, to=CLINIC_PHONE, body="I want to talk to a person"))
    advance.drain(rt, 10)
    with rt.begin() as db:
        (raw,) = db.conn.execute(select(inbox.inbox.c.record)).scalars()
    assert b"human" not in raw
