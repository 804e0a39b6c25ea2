"""Conversations at the console: writing to a patient, and what is said while one types."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.service.console import timeline
from bot.settings import HOME
from bot.store import conversations, notes
from bot.store.audit import audit
from tests.conftest import ANA_PHONE, START, House
from tests.webhooks.console.seats import Seat, plain, sit_down
from webhooks.app import create
from webhooks.console.talks import FOUND

WITH_PHI = "About your visit with Dr. Okafor"


@pytest.fixture
def flows_dir() -> Path:
    """The clinic's own flows."""
    return HOME / "flows"


@pytest.fixture
def talk(house: House) -> UUID:
    """Ana has a visit and has texted: an answer may leave at once."""
    house.visit(house.patient(), START + timedelta(days=3))
    house.wait_until(START + timedelta(hours=1))
    house.text("what should I bring?")
    house.work()
    return talk_of(house)


@pytest.fixture
def nurse(house: House, talk: UUID) -> Seat:
    """Maria, who sits down after that: putting the clock forward would end her session."""
    return sit_down(house.rt, create(house.rt), house.clinic)


def talk_of(house: House) -> UUID:
    """The conversation with Ana's phone."""
    with house.rt.begin() as db:
        return conversations.with_phone(db, house.clinic, ANA_PHONE, house.rt.now())


def test_what_one_types_is_looked_at_as_it_grows(house: House, nurse: Seat, talk: UUID) -> None:
    def said(body: str, mode: str = "sms") -> str:
        return plain(nurse.post(f"/talks/{talk}/look", {"body": body, "mode": mode}).text)

    assert said("") == ""
    assert said("See you") == "893 characters left"
    assert "2 parts" in said("See you " * 20)
    assert "ł makes it longer" in said("a ł")
    assert "characters too long for a text" in said("See you " * 200)
    assert FOUND["patient_data"] in said(WITH_PHI)
    assert "Send it as a secure message" in said(WITH_PHI)
    assert said(WITH_PHI, "secure").startswith("3968 characters left")
    house.wait_until(START + timedelta(days=2, hours=13))  # 10 PM, and she has not written for a day
    late = sit_down(house.rt, create(house.rt), house.clinic)
    assert "leaves Thu 3 Dec" in plain(late.post(f"/talks/{talk}/look", {"body": "See you"}).text)


def test_a_text_goes_out_and_the_conversation_is_ones_own(house: House, nurse: Seat, talk: UUID) -> None:
    page = nurse.text(f"/talks/{talk}")
    assert "The bot answers here." in page
    assert "Ready sentences" in page
    assert "Patient · 10:00 AM what should I bring?" in page
    answer = nurse.post(f"/talks/{talk}/write", {"body": "Your card, please.", "next": "/console/inbox"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/inbox?said=written")
    house.work()
    assert house.got()[-1].endswith("Your card, please.")
    assert "You have this conversation." in nurse.text(f"/talks/{talk}")
    nurse.post(f"/talks/{talk}/give-back")
    house.work()
    assert "The bot answers here." in nurse.text(f"/talks/{talk}")
    nurse.post(f"/talks/{talk}/take-over")
    house.work()
    assert "You have this conversation." in nurse.text(f"/talks/{talk}")


def test_a_button_that_is_pressed_twice_sends_once(house: House, nurse: Seat, talk: UUID) -> None:
    shown = re.search(r'name="once" value="([^"]+)"', nurse.get(f"/talks/{talk}").text)
    assert shown
    before = len(house.got())
    for _ in range(2):
        assert nurse.post(f"/talks/{talk}/write", {"body": "See you", "once": shown[1]}).status_code == 303
    house.work()
    assert len(house.got()) == before + 1
    nurse.post(f"/talks/{talk}/write", {"body": "See you"})  # meant so: another form
    house.work()
    assert len(house.got()) == before + 2


def test_one_comes_back_to_pages_of_the_console_only(nurse: Seat, talk: UUID) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example", "/oncall", ""):
        leads = nurse.post(f"/talks/{talk}/take-over", {"next": elsewhere}).headers["Location"]
        assert leads in ("/console?said=taken_over", f"/console/talks/{talk}?said=taken_over")


def test_what_a_text_may_not_say_stays_in_the_field_and_goes_as_a_secure_message(
    house: House, nurse: Seat, talk: UUID
) -> None:
    before = len(house.got())
    wrong = nurse.post(f"/talks/{talk}/write", {"body": WITH_PHI, "mode": "sms"})
    assert (wrong.status_code, wrong.headers["HX-Reswap"]) == (422, "none")
    assert FOUND["patient_data"] in plain(wrong.text)
    assert f">{WITH_PHI}</textarea>" in wrong.text
    elsewhere = {"body": WITH_PHI, "region": "#past", "next": "/console/patients"}
    html = nurse.post(f"/talks/{talk}/write", elsewhere).text
    assert 'hx-target="#past"' in html
    assert 'name="next" value="/console/patients"' in html
    assert "onclick" not in nurse.post(f"/talks/{talk}/write", elsewhere | {"region": "# onclick"}).text
    assert nurse.post(f"/talks/{talk}/write", {"body": "  "}).status_code == 422
    house.work()
    assert len(house.got()) == before
    both = [("csrf", nurse.csrf), ("mode", "sms"), ("body", WITH_PHI), ("mode", "secure")]
    answer = nurse.client.post(
        f"/console/talks/{talk}/write",
        data="&".join(f"{name}={value}" for name, value in both),
        content_type="application/x-www-form-urlencoded",
        base_url=nurse.base,
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.headers["Location"].endswith("?said=secure_written")
    house.work()
    assert len(house.got()) == before + 1
    assert "Okafor" not in house.got()[-1]
    with house.rt.begin() as db:
        (card,) = timeline.people.on_phone(db, house.clinic, db.keys(house.clinic).blind("phone", ANA_PHONE))
        (note,) = notes.thread(db, house.clinic, card.id, 9)
    assert (note.author, note.body) == ("Maria", WITH_PHI)


def test_on_a_shared_phone_a_secure_message_is_for_one_of_them(house: House, nurse: Seat, talk: UUID) -> None:
    ben = house.patient("Ben")
    assert "A secure message is for Ana Morales Ben Morales" in nurse.text(f"/talks/{talk}")
    secure = {"body": "Hello", "mode": "secure"}
    assert nurse.post(f"/talks/{talk}/write", secure).status_code == 404
    stranger = {"patient": "6a3f2d0e-58c1-4d6b-9a57-0c1d2e3f4a5b"}
    assert nurse.post(f"/talks/{talk}/write", secure | stranger).status_code == 404
    assert nurse.post(f"/talks/{talk}/write", secure | {"patient": str(ben)}).status_code == 303


def test_a_phone_that_has_opted_out_has_no_field_but_says_what_to_do(
    house: House, nurse: Seat, talk: UUID
) -> None:
    house.text("STOP")
    house.work()
    page = nurse.get(f"/talks/{talk}")
    assert "<textarea" not in page.text
    assert "texts START to (202) 555-0100" in plain(page.text)
    assert nurse.post(f"/talks/{talk}/write", {"body": "hello"}).status_code == 422


def test_others_see_who_is_writing(house: House, nurse: Seat, talk: UUID) -> None:
    joe = sit_down(house.rt, create(house.rt), house.clinic, "front_desk", "joe")
    with house.rt.live.ear(house.clinic):
        assert joe.post(f"/talks/{talk}/writing").status_code == 204
    assert "Joe is writing …" in nurse.text(f"/talks/{talk}")
    assert "is writing" not in joe.text(f"/talks/{talk}")


def test_a_wrong_number_ends_the_talk_and_a_look_by_hand_is_written_down(
    house: House, nurse: Seat, talk: UUID
) -> None:
    nurse.post(f"/talks/{talk}/wrong-number")
    house.work()
    assert "opted out" in nurse.text(f"/talks/{talk}")
    nurse.get(f"/talks/{talk}", headers={"X-Live": "1"})
    with house.rt.begin() as db:
        seen = db.conn.execute(select(audit.c.actor).where(audit.c.action == "talk.viewed")).scalars()
        assert list(seen) == [str(nurse.desk.member)]


def test_who_may_not_write_reads_only(house: House, nurse: Seat, talk: UUID) -> None:
    admin = sit_down(house.rt, create(house.rt), house.clinic, "admin", "ada")
    page = admin.get(f"/talks/{talk}")
    assert "<textarea" not in page.text
    assert "what should I bring?" not in page.text
    assert admin.post(f"/talks/{talk}/write", {"body": "x"}).status_code == 403
