"""Talk by hand: what staff write and send reaches the phone, who has the conversation, and what is refused."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from bot.core.flow import Page
from bot.core.roles import STANDARD, May
from bot.core.state import Held
from bot.errors import (
    CarelineError,
    EmptyText,
    HoldsPhi,
    NotAllowed,
    NotFound,
    PhoneOptedOut,
    TextTooLong,
)
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service import correspond
from bot.service.console import talk_by_hand, talk_send
from bot.service.console.talk_by_hand import MOST_SEGMENTS
from bot.service.desk import Desk
from bot.settings import HOME
from bot.store import audit, conversations
from tests.bot.service.desks import desk
from tests.bot.service.test_spine import at, say, tasks
from tests.conftest import ANA_PHONE, House

BEN_PHONE = "+12025550122"
ASKED = (
    "Riverside Clinic: Hi Ana, you have a visit on Mon, Dec 7 at 10:30 AM. Reply C to confirm or R for another time. "
    "Text STOP to opt out."
)


@pytest.fixture
def flows_dir() -> Path:
    """The clinic's own: the small edition has no sentences for this."""
    return HOME / "flows"


@pytest.fixture
def ana(house: House) -> UUID:
    """Ana, who has been reminded of her visit."""
    patient = house.patient()
    house.visit(patient, at(7, 10, 30))
    house.work()
    house.wait_until(at(4, 10, 30))
    return patient


@pytest.fixture
def maria(house: House) -> Desk:
    return desk(house.rt, house.clinic)


def talk(house: House, phone: str = ANA_PHONE) -> UUID:
    """The conversation with this phone."""
    with house.rt.begin() as db:
        return conversations.with_phone(db, house.clinic, phone, house.rt.now())


def held(house: House) -> Held | None:
    with house.rt.begin() as db:
        found = conversations.as_it_stands(db, house.clinic, talk(house))
    assert found
    return found.state.held


def trail(rt: Runtime, who: Desk) -> list[tuple[str, str, str, str]]:
    """What they did: action, origin, patients, detail."""
    a = audit.audit.c
    with rt.begin() as db:
        rows = db.conn.execute(select(audit.audit).where(a.actor == str(who.member)).order_by(a.at))
        return [(row.action, row.origin, row.patients, row.detail) for row in rows]


def test_a_conversation_goes_to_a_person_and_back(house: House, ana: UUID, maria: Desk) -> None:
    rt, here = house.rt, talk(house)
    before = len(house.got())
    talk_by_hand.take_over(rt, maria, here)
    house.work()
    assert say(house, "can I bring my son") == []
    assert tasks(house) == [("patient_answered", "routine", 1)]
    talk_by_hand.write(rt, maria, here, "  Yes, bring him – it’s fine. ")
    house.work()
    assert tasks(house) == [], "it is answered"
    assert say(house, "C") == []
    found = held(house)
    assert found
    assert (found.by, found.role, found.until - rt.now() < timedelta(hours=12)) == ("maria", "nurse", True)
    talk_by_hand.give_back(rt, maria, here)
    house.work()
    assert house.got()[before:] == ["Riverside Clinic: Yes, bring him - it's fine.", ASKED]
    assert held(house) is None
    (confirmed,) = say(house, "C")
    assert confirmed.endswith("is confirmed.")
    person = str(ana)
    assert trail(rt, maria) == [
        ("conversation.taken_over", "console", person, ""),
        ("text.written", "console", person, "1 segments"),
        ("conversation.given_back", "console", person, ""),
    ]


def test_a_button_that_is_pressed_twice_sends_once(house: House, ana: UUID, maria: Desk) -> None:
    rt, here, before = house.rt, talk(house), len(house.got())
    for once in (uuid4(), uuid4()):
        for _ in range(2):
            talk_by_hand.write(rt, maria, here, "See you", once=once)
    page = uuid4()
    for _ in range(2):
        talk_send.send_page(rt, maria, here, ana, Page.RESULT, once=page)
    house.work()
    assert len(house.got()) == before + 3
    assert [action for action, *_ in trail(rt, maria)] == ["text.written"] * 2 + ["page.sent"]


def test_nobody_gives_it_back_so_it_comes_back_by_itself(house: House, ana: UUID, maria: Desk) -> None:
    talk_by_hand.take_over(house.rt, maria, talk(house))
    house.work()
    before = len(house.got())
    say(house, "hello?")
    house.wait_until(at(4, 22, 29))
    assert held(house)
    house.wait_until(at(4, 22, 31))
    assert held(house) is None
    assert tasks(house) == [("patient_answered", "routine", 1)], "a person still answers"
    assert house.got()[before:] == []
    house.wait_until(at(5, 9))
    assert house.got()[before:] == [ASKED]


def test_words_that_nobody_asked_for_wait_for_the_morning(house: House, maria: Desk) -> None:
    rt = house.rt
    house.patient()
    here = talk(house)
    rt.move_clock(timedelta(hours=14))  # 23:00
    assert talk_by_hand.look(rt, maria, here, "Hi").waits == at(1, 9)
    talk_by_hand.write(rt, maria, here, "Please call us")
    house.work()
    assert house.got() == []
    house.text("is that you?")
    house.work()
    assert talk_by_hand.look(rt, maria, here, "Hi").waits is None, "she is awake"
    talk_by_hand.write(rt, maria, here, "It is")
    house.work()
    assert house.got() == ["Riverside Clinic: It is"]
    house.wait_until(at(1, 9, 1))
    assert house.got()[1:] == ["Riverside Clinic: Please call us"]
    rt.move_clock(timedelta(days=1))
    rt.move_clock(timedelta(hours=13))
    assert talk_by_hand.look(rt, maria, here, "Hi").waits, "that was long ago"


REFUSED: list[tuple[str, type[CarelineError]]] = [
    (" \n ", EmptyText),
    ("x" * 153 * MOST_SEGMENTS, TextTooLong),
    ("✓" * 67 * MOST_SEGMENTS, TextTooLong),
    ("Dear Ms. Morales", HoldsPhi),
    ("you were born 1/2/1970", HoldsPhi),
    ("Dr. Okafor will call", HoldsPhi),
]


def test_what_must_not_be_texted_is_refused(house: House, ana: UUID, maria: Desk) -> None:
    rt, here, before = house.rt, talk(house), len(house.got())
    for body, error in REFUSED:
        with pytest.raises(error) as refused:
            talk_by_hand.write(rt, maria, here, body)
        assert refused.value.public
        assert body not in str(refused.value)
    house.work()
    assert (held(house), house.got()[before:], trail(rt, maria)) == (None, [], [])


def test_a_look_says_what_would_become_of_the_words(house: House, ana: UUID, maria: Desk) -> None:
    rt, here = house.rt, talk(house)
    name = len("Riverside Clinic: ")
    plain = talk_by_hand.look(rt, maria, here, "See you at 3")
    assert (plain.found, plain.segments, plain.left, plain.costly) == (None, 1, 918 - name - 12, ())
    assert (plain.textable, plain.waits, plain.too_long) == (True, None, False)
    assert talk_by_hand.look(rt, maria, here, "x" * 900).left == 0
    longer = talk_by_hand.look(rt, maria, here, "x" * 901)
    assert (longer.segments, longer.left, longer.too_long) == (MOST_SEGMENTS + 1, -1, True)
    dear = talk_by_hand.look(rt, maria, here, "✓ it’s fine")
    assert (dear.costly, dear.left) == (("✓",), 67 * MOST_SEGMENTS - name - 11)
    assert talk_by_hand.look(rt, maria, here, "SSN 123-45-6789").found == "social_security_number"
    assert talk_by_hand.look(rt, maria, here, "Dear Ms. Morales").found == "patient_data"
    assert talk_by_hand.look(rt, maria, here, "Hi Ana").found is None
    say(house, "STOP")
    assert not talk_by_hand.look(rt, maria, here, "Hi").textable


def test_a_phone_that_has_opted_out_is_called_instead(house: House, ana: UUID, maria: Desk) -> None:
    rt, here = house.rt, talk(house)
    talk_by_hand.take_over(rt, maria, here)
    house.work()
    say(house, "STOP")
    assert held(house) is None
    with pytest.raises(PhoneOptedOut):
        talk_by_hand.write(rt, maria, here, "Are you there?")
    with pytest.raises(PhoneOptedOut):
        talk_send.send_page(rt, maria, here, ana, Page.RESULT)


def test_it_opts_out_while_the_words_are_on_their_way(house: House, ana: UUID, maria: Desk) -> None:
    house.text("STOP")
    talk_by_hand.write(house.rt, maria, talk(house), "Are you there?")
    house.work()
    assert "Are you there?" not in house.got()[-1]
    assert ("call_instead", "routine", 1) in tasks(house)


def test_a_wrong_number_ends_it(house: House, ana: UUID, maria: Desk) -> None:
    before = len(house.got())
    talk_by_hand.wrong_number(house.rt, maria, talk(house))
    house.work()
    assert tasks(house) == [("wrong_number", "urgent", 1)]
    assert house.got()[before:] == []
    assert say(house, "hello") == []


def test_pages_secure_messages_and_flows_by_hand(house: House, ana: UUID, maria: Desk) -> None:
    rt, here = house.rt, talk(house)
    house.patient("Ben", phone=BEN_PHONE)
    say(house, "C")
    before = len(house.got())
    talk_send.send_page(rt, maria, here, ana, Page.FORM, "refill")
    house.work()
    talk_send.write_secure(rt, maria, ana, " The biopsy was fine.\r\n")
    house.work()
    talk_send.start_flow(rt, maria, ana, "phq2")
    house.work()
    page, secure, asks = house.got()[before:]
    assert page.startswith("Riverside Clinic: A secure page for you: http")
    assert "biopsy" not in secure
    assert "2 short questions" in asks
    (note,) = correspond.read(rt, house.clinic, ana)
    assert (note.author, note.body) == ("Maria", "The biopsy was fine.")
    person = str(ana)
    assert trail(rt, maria) == [
        ("page.sent", "console", person, "form: refill"),
        ("note.written", "console", person, ""),
        ("flow.started", "console", person, "staff start it"),
    ]
    with pytest.raises(EmptyText):
        talk_send.write_secure(rt, maria, ana, " ")
    with pytest.raises(TextTooLong):
        talk_send.write_secure(rt, maria, ana, "x" * (correspond.LONGEST + 1))


def test_what_there_is_not_is_told(house: House, ana: UUID, maria: Desk) -> None:
    rt, here = house.rt, talk(house)
    ben = house.patient("Ben", phone=BEN_PHONE)
    other = house.visit(ben, at(8, 9))
    for page, form, whom, visit in (
        (Page.FORM, "gone", ana, None),
        (Page.OFFER, None, ana, None),
        (Page.CHECK_IN, None, ana, None),
        (Page.CHECK_IN, None, ana, other),
        (Page.RESULT, None, ben, None),
        (Page.RESULT, None, uuid4(), None),
    ):
        with pytest.raises(NotFound):
            talk_send.send_page(rt, maria, here, whom, page, form, visit)
    for flow, patient in (("gone", ana), ("phq2", uuid4())):
        with pytest.raises(NotFound):
            talk_send.start_flow(rt, maria, patient, flow)
    with pytest.raises(NotFound):
        talk_send.write_secure(rt, maria, uuid4(), "Hello")


def test_each_verb_asks_the_role_and_stays_in_its_clinic(house: House, ana: UUID, maria: Desk) -> None:
    rt, here = house.rt, talk(house)
    elsewhere = clinics.add(
        rt, name="Hill Clinic", phone="+12025550150", zone="America/New_York", oncall_phone=None
    )
    outsider = desk(rt, elsewhere, handle="sam")
    verbs = {
        May.REPLY: [
            lambda who: talk_by_hand.look(rt, who, here, "Hi"),
            lambda who: talk_by_hand.write(rt, who, here, "Hi"),
            lambda who: talk_by_hand.take_over(rt, who, here),
            lambda who: talk_by_hand.give_back(rt, who, here),
            lambda who: talk_send.write_secure(rt, who, ana, "Hi"),
        ],
        May.SEND: [
            lambda who: talk_send.send_page(rt, who, here, ana, Page.RESULT),
            lambda who: talk_send.start_flow(rt, who, ana, "phq2"),
        ],
        May.CONTACTS: [lambda who: talk_by_hand.wrong_number(rt, who, here)],
    }
    for right, acts in verbs.items():
        only_not = STANDARD["nurse"].model_copy(update={"may": tuple(set(May) - {right})})
        without = Desk(
            member=maria.member,
            clinic=maria.clinic,
            handle="maria",
            name="Maria",
            role_name="nurse",
            role=only_not,
        )
        for act in acts:
            with pytest.raises(NotAllowed):
                act(without)
            with pytest.raises(NotFound):
                act(outsider)
    house.work()
    assert (held(house), trail(rt, maria), trail(rt, outsider)) == (None, [], [])
