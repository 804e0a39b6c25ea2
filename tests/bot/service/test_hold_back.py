"""Hold back: a text that says what a text must not becomes a task; what is said to everybody is no secret."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.core.effects import Purpose, Record
from bot.service.hold_back import written
from bot.store import answers, appointments, audit, conversations, people, worklist
from bot.store.appointments import Booking
from bot.store.people import Patient
from bot.store.slots import Service
from tests.bot.service.book import make_current
from tests.bot.service.test_deliver import batch, queue, row
from tests.bot.service.test_spine import at
from tests.conftest import ANA_PHONE, ONCALL_PHONE, House


@pytest.fixture(autouse=True)
def ana(house: House) -> UUID:
    """Ana Quill, born on the 2nd of March 1970, who has a visit."""
    house.rt.move_clock(timedelta(hours=1))
    return patient(house)


def patient(house: House, **given: Any) -> UUID:
    plain = {
        "external_id": "MRN-5521",
        "first_name": "Ana",
        "last_name": "Quillfeather",
        "birth_date": date(1970, 3, 2),
        "phone": ANA_PHONE,
        "language": "en",
        "zone": "America/New_York",
    }
    made = Patient(**(plain | given))
    with house.rt.begin() as db:
        people.save(db, house.clinic, [made], house.rt.now())
        found = people.by_external_ids(db, house.clinic, [made.external_id])[made.external_id]
        booking = Booking(
            external_id=f"A-{made.external_id}",
            patient_id=found,
            service=Service(provider="Dr. Okafor", location="Oak Street", kind="colonoscopy"),
            start=at(20, 10),
            minutes=30,
            status="booked",  # type: ignore[arg-type]
        )
        appointments.save(db, house.clinic, [booking], house.rt.now())
    return found


def fate(house: House, body: str, **given: Any) -> tuple[str, str | None]:
    key = queue(house, body, **given)
    batch(house)
    found = row(house, key)
    status = "left" if found.status in ("sent", "delivered") else found.status
    return status, found.reason


HELD = ("dropped", "phi_in_text")


@pytest.mark.parametrize(
    "body",
    [
        "Dear Ms. QUILLFEATHER, see you",
        "your number is mrn 5521",
        "born 3/2/1970",
        "of 02.03.1970",
        "of March 2, 1970",
        "de 2 de marzo de 1970",
        "with Dr Okafor",
        "your colonoscopy is on",
        "SSN 123-45-6789",
    ],
)
def test_a_text_with_phi_does_not_leave(house: House, body: str) -> None:
    assert fate(house, body) == HELD
    assert house.thread() == []
    with house.rt.begin() as db:
        assert [(t.task, t.urgency) for t in worklist.open_tasks(db, house.clinic, 9)] == [
            ("text_held_back", "urgent")
        ]
        c = audit.audit.c
        (entry,) = db.conn.execute(select(c.detail).where(c.action == "text.dropped")).scalars()
    assert entry.startswith("reply phi_in_text ")
    assert "quill" not in entry.casefold()


@pytest.mark.parametrize(
    "body", ["Hi Ana, you have a visit on Fri, Dec 4", "Riverside Clinic: thanks", "call 202-555-0100", "3 2"]
)
def test_other_texts_leave(house: House, body: str) -> None:
    assert fate(house, body) == ("left", None)


def test_the_others_of_a_batch_leave(house: House) -> None:
    bad = queue(house, "Ms. Quillfeather")
    good = queue(house, "hello", phone="+12025550122")
    batch(house)
    assert (row(house, bad).status, row(house, good).reason) == ("dropped", None)


def test_what_a_patient_wrote_is_not_texted_back(house: House) -> None:
    with house.rt.begin() as db:
        said = Record(flow="intake", item="why", value="panic attacks")
        yes = Record(flow="intake", item="ok", value="yes")
        where = conversations.with_phone(db, house.clinic, ANA_PHONE, house.rt.now())
        for number, answer in enumerate((said, yes)):
            answers.put(
                db,
                clinic=house.clinic,
                conversation=where,
                effect_key=f"x:{number}",
                answer=answer,
                now=house.rt.now(),
            )
    assert fate(house, "About your panic attacks:") == HELD
    assert fate(house, "yes, we are open") == ("left", None)


@pytest.mark.parametrize(
    "last_name",
    [
        "Riverside",  # stands in the clinic's name
        "Ana",  # is somebody's first name
        "Today",  # the wording `help` of this text has it in its sentence
    ],
)
def test_what_is_said_to_everybody_is_no_secret(house: House, last_name: str) -> None:
    patient(house, external_id="P2", last_name=last_name)
    wording = "offer_times" if last_name == "Today" else "help"
    with house.rt.begin() as db:
        book = house.rt.book(db, house.rt.current_edition(db))
    if last_name == "Today":
        patient(house, external_id="P2", last_name="Reply")
        assert "reply" in book.wordings["en"].sentences[wording].casefold()
        assert fate(house, "Reply to us", wording=wording) == ("left", None)
    assert fate(house, "Riverside Clinic: hello Ana", wording=wording) == ("left", None)


def test_a_sentence_with_a_word_of_births_makes_no_secret_public(house: House) -> None:
    make_current(house.rt, {}, {"help": "Tell us the date of birth, and when you were born."})
    assert fate(house, "Ms. Quillfeather") == HELD


def test_the_choices_of_other_questions_make_no_secret_public(house: House) -> None:
    with house.rt.begin() as db:
        book = house.rt.book(db, house.rt.current_edition(db))
    choices = {"scopes": {"1": ("Colonoscopy",)}}
    english = book.wordings["en"].model_copy(update={"choices": choices})
    house.rt.books[book.edition] = book.model_copy(update={"wordings": book.wordings | {"en": english}})
    assert fate(house, "your colonoscopy is on") == HELD


def test_a_page_to_staff_is_not_looked_at(house: House) -> None:
    patient(house, external_id="P3", phone=ONCALL_PHONE)
    assert fate(house, "Ms. Quillfeather", phone=ONCALL_PHONE, purpose=Purpose.PAGE) == ("left", None)


def test_dates_are_looked_for_as_people_write_them() -> None:
    forms = set(written(date(1970, 3, 2)))
    assert {"3 2 1970", "03 02 70", "2 3 1970", "March 2 1970", "2 de marzo de 1970"} <= forms
