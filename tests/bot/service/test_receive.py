"""Receive: a text is in its mailbox, once and in order, before the carrier gets its answer."""

from uuid import UUID

import pytest
from sqlalchemy import select

from bot.core.events import WHAT, TextArrived
from bot.errors import UnknownClinic
from bot.gateways.doorbell import INBOUND
from bot.runtime import Runtime
from bot.service import receive as service
from bot.service.receive import Text, receive
from bot.store import conversations, inbox
from tests.bot.service.book import make_current
from tests.bot.service.test_spine import at
from tests.conftest import ANA_PHONE, CLINIC_PHONE, ONCALL_PHONE, House


def text(sid: str = "SM1", body: str = "hi", **given: object) -> Text:
    return Text(**({"sid": sid, "sender": ANA_PHONE, "to": CLINIC_PHONE, "body": body} | given))  # type: ignore[arg-type]


def mailbox(rt: Runtime, clinic: UUID, phone: str = ANA_PHONE) -> list[TextArrived]:
    """What waits for this phone, in the order in which it will be worked on."""
    with rt.begin() as db:
        wanted = select(inbox.inbox).where(
            inbox.inbox.c.conversation_id == conversations.find(db, clinic, phone)
        )
        rows = db.conn.execute(wanted.order_by(inbox.inbox.c.rank, inbox.inbox.c.seq)).all()
        found = [db.open_bytes(inbox.inbox, "what", row.what, clinic=clinic, row=row.id) for row in rows]
        return [WHAT.validate_json(raw) for raw in found]  # type: ignore[misc]


def test_the_first_text_of_a_phone_opens_a_conversation(rt: Runtime, clinic: UUID) -> None:
    assert receive(rt, text())
    assert mailbox(rt, clinic) == [TextArrived(sid="SM1", body="hi")]


def test_the_same_message_twice_is_one_text(rt: Runtime, clinic: UUID) -> None:
    assert [receive(rt, text()), receive(rt, text()), receive(rt, text())] == [True, False, False]
    assert len(mailbox(rt, clinic)) == 1


def test_texts_stand_in_the_mailbox_in_the_order_in_which_they_came(rt: Runtime, clinic: UUID) -> None:
    for number in range(12):
        receive(rt, text(f"SM{number}", str(number)))
    assert [one.body for one in mailbox(rt, clinic)] == [str(number) for number in range(12)]


def test_the_same_words_in_another_message_are_another_text(rt: Runtime, clinic: UUID) -> None:
    assert [receive(rt, text("SM1")), receive(rt, text("SM2"))] == [True, True]


def test_nothing_of_a_text_gets_lost(rt: Runtime, clinic: UUID) -> None:
    receive(rt, text(body="¿mañana? 🦷", media=3, opt_out_type="HELP"))
    assert mailbox(rt, clinic) == [TextArrived(sid="SM1", body="¿mañana? 🦷", media=3, opt_out_type="HELP")]


def test_a_text_to_a_number_that_no_clinic_has_is_refused_and_leaves_nothing(
    rt: Runtime, clinic: UUID
) -> None:
    with pytest.raises(UnknownClinic):
        receive(rt, text(to="+12025559999"))
    with rt.begin() as db:
        assert inbox.waiting(db) == 0


@pytest.mark.parametrize("sender", ["+12025550111", "40404", "CLINIC", "whatsapp:+12025550111"])
def test_every_kind_of_sender_has_a_mailbox_of_its_own(rt: Runtime, clinic: UUID, sender: str) -> None:
    receive(rt, text(sender=sender))
    assert len(mailbox(rt, clinic, sender)) == 1


def test_neither_phone_nor_words_stand_readable_in_the_database(rt: Runtime, clinic: UUID) -> None:
    receive(rt, text(body="my secret"))
    with rt.begin() as db:
        rows = [
            *db.conn.exec_driver_sql("SELECT i::text FROM inbox i").scalars(),
            *db.conn.exec_driver_sql("SELECT c::text FROM conversations c").scalars(),
        ]
    assert len(rows) == 2
    for plain in (b"my secret", ANA_PHONE.encode(), ANA_PHONE[2:].encode()):
        assert not any(plain.decode() in row or plain.hex() in row for row in rows)


def test_only_a_new_text_rings_the_doorbell(rt: Runtime, clinic: UUID) -> None:
    rt.doorbell.heard(INBOUND)
    redis = rt.doorbell._redis
    receive(rt, text())
    assert redis.exists(f"careline:rung:{INBOUND}")
    rt.doorbell.heard(INBOUND)
    receive(rt, text())
    assert not redis.exists(f"careline:rung:{INBOUND}")


# -- missed calls ------------------------------------------------------------------------------------

CALLED = """
flow: called
title: Text back after a missed call
purpose: care
about: the patient
starts:
  - when: a missed call
steps:
  hello:
    say: we_missed_you
    then: end
"""
SENTENCES = {"we_missed_you": "{{clinic}}: sorry that we missed your call."}


def call(house: House, caller: str = ANA_PHONE) -> bool:
    house.rt.remembered.clear()
    return service.missed_call(house.rt, caller=caller, to=CLINIC_PHONE)


@pytest.fixture
def text_back(house: House) -> None:
    """The clinic answers missed calls by text."""
    make_current(house.rt, {"called": CALLED}, SENTENCES)
    house.wait_until(at(1, 10))
    house.patient()


@pytest.mark.usefixtures("text_back")
def test_a_caller_gets_one_text_a_day(house: House) -> None:
    assert [call(house), call(house)] == [True, False]
    house.work()
    assert house.got() == ["Riverside Clinic: sorry that we missed your call."]
    house.wait_until(at(2, 10))
    assert call(house)


@pytest.mark.usefixtures("text_back")
def test_a_stranger_is_texted_too(house: House) -> None:
    assert call(house, "+12025550177")
    house.work()
    assert len(house.got("+12025550177")) == 1


@pytest.mark.usefixtures("text_back")
@pytest.mark.parametrize(
    "caller", [ONCALL_PHONE, CLINIC_PHONE, "+266696687", "anonymous", "sip:a@b", "12025550111", "+1", ""]
)
def test_who_can_not_be_texted_is_not(house: House, caller: str) -> None:
    assert not call(house, caller)


def test_without_a_flow_for_it_nothing_happens(house: House) -> None:
    assert not call(house)
    with house.rt.begin() as db:
        assert inbox.waiting(db) == 0
