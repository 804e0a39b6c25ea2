"""Forms on a page: one question a screen or all at once, back and forth, conditions, a photo."""

import re
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest

from bot.core.flow import Page
from bot.service import schedule
from bot.store import notes
from tests.webhooks.pages.conftest import Browser, Pages
from tests.webhooks.pages.kinds import (
    answered,
    asks,
    at,
    brought_in,
    external_id,
    follow,
    later,
    sends,
    steps,
    tasks,
    with_form,
)
from tests.webhooks.pages.practice import opened
from tests.webhooks.pages.test_downloads import HERE, jpeg, kept

ALL = "all at once"


def fields(browser: Browser) -> set[str]:
    """The names of the fields that the page asks for."""
    assert browser.seen is not None
    return set(re.findall(r' name="([\w.]+)"', browser.seen.text)) - {
        "csrf",
        "go",
        "viewport",
        "color-scheme",
    }


# -- one question a screen -------------------------------------------------------------------------------


def test_the_medicines_are_the_patients_own(pages: Pages, tmp_path: Path) -> None:
    header, whose = "external_id,patient_external_id,name,how,covered", external_id(pages)
    brought_in(pages, tmp_path, schedule.import_medicines, header, f"M1,{whose},Lisinopril,10 mg,yes")
    page = asks(pages, "I need a refill")
    assert "Lisinopril, 10 mg" in page.text
    assert "Another medicine" in page.text
    assert "Lisinopril" not in " ".join(pages.house.got())


def test_a_question_is_asked_only_where_it_belongs(pages: Pages, tmp_path: Path) -> None:
    header, whose = "external_id,patient_external_id,name,how,covered", external_id(pages)
    brought_in(pages, tmp_path, schedule.import_medicines, header, f"M1,{whose},Lisinopril,10 mg,yes")
    page = asks(pages, "I need a refill")
    assert "Question 1 of 3" in page.text
    assert page.seen is not None
    (own, other) = re.findall(r'name="medicine" value="(\w+)"', page.seen.text)
    steps(page, {"medicine": own})
    assert "For how many days do you still have it?" in page.text
    page.send({"go": "back"})
    steps(page, {"medicine": other})
    assert "What is the name of the medicine?" in page.text
    assert "Question 2 of 4" in page.text


def test_an_answer_to_what_is_not_asked_any_more_counts_for_nothing(pages: Pages, tmp_path: Path) -> None:
    header, whose = "external_id,patient_external_id,name,how,covered", external_id(pages)
    brought_in(pages, tmp_path, schedule.import_medicines, header, f"M1,{whose},Lisinopril,10 mg,yes")
    page = asks(pages, "I need a refill")
    assert page.seen is not None
    (own, other) = re.findall(r'name="medicine" value="(\w+)"', page.seen.text)
    steps(page, {"medicine": other}, {"other_medicine": "Ibuprofen"})
    for _ in range(2):
        page.send({"go": "back"})
    assert "checked" in page.seen.text
    steps(page, {"medicine": own}, {"days_left": "9"}, {"note": ""})
    pages.house.work()
    assert "other_medicine" not in answered(pages)
    assert set(tasks(pages)) == {"refill_approved"}


def test_back_keeps_what_was_answered_and_later_goes_on_from_there(pages: Pages) -> None:
    page = asks(pages, "I need a refill")
    steps(page, {"medicine": "other"}, {"other_medicine": "Metoprolol 50"}, {"days_left": "4"})
    page.send({"go": "back"})
    assert page.seen is not None
    assert 'value="4"' in page.seen.text
    page.send({"go": "back"})
    assert ">Metoprolol 50</textarea>" in page.seen.text
    steps(page, {"other_medicine": "Metoprolol 100"})
    assert fields(page) == {"note"}  # the days were answered before
    sends(pages, page, go="next", note="")
    assert answered(pages)["other_medicine"] == "Metoprolol 100"


def test_back_from_the_first_question_stays_there(pages: Pages) -> None:
    page = asks(pages, "I need a refill")
    page.send({"go": "back"})
    assert fields(page) == {"medicine"}


def test_what_is_submitted_is_submitted_once(pages: Pages) -> None:
    page = asks(pages, "I need a refill")
    steps(page, {"medicine": "other"}, {"other_medicine": "Metoprolol"}, {"days_left": "1"}, {"note": ""})
    pages.house.work()
    assert "We have your request." in page.text
    texts = len(pages.house.got())
    sends(pages, page, go="next", note="again")
    assert len(pages.house.got()) == texts
    assert tasks(pages)["refill_review"].times == 1


def test_who_stops_at_the_last_question_finds_it_again(pages: Pages) -> None:
    """All is answered and nothing is sent: there has to be something to look at, and a button that sends it."""
    page = asks(pages, "I need a refill")
    steps(page, {"medicine": "other"}, {"other_medicine": "Metoprolol"}, {"days_left": "1"})
    assert page.send({"go": "later", "note": "By mail"}).status_code == 200
    later(pages, 20)
    again = follow(pages)
    assert again.seen is not None
    assert ">By mail</textarea>" in again.seen.text
    assert "Question 4 of 4" in again.text
    assert "Send my answers" in again.text
    sends(pages, again, go="next", note="By mail, please")
    assert answered(pages)["note"] == "By mail, please"
    assert "refill_review" in tasks(pages)


# -- all at once -----------------------------------------------------------------------------------------


@pytest.fixture
def whole(pages: Pages) -> Browser:
    """The form for a refill, all at once."""
    with_form(pages.rt, "refill", shows=ALL)
    return asks(pages, "I need a refill")


def test_all_at_once_shows_every_question_and_no_steps(whole: Browser) -> None:
    assert fields(whole) == {"medicine", "days_left", "note"}
    assert "Question 1" not in whole.text


def test_all_at_once_tells_of_every_fault_at_once_and_keeps_what_is_right(whole: Browser) -> None:
    whole.seen = answer = whole.send({"go": "next", "note": "Soon", "days_left": "x"})
    assert answer.status_code == 422
    assert answer.text.count('<li><a href="#f-') == 2
    assert "Enter a number, like 98.6." in whole.text
    assert "Choose one of these." in whole.text or "Please answer this question." in whole.text
    assert ">Soon</textarea>" in answer.text


def test_all_at_once_asks_what_follows_from_an_answer(pages: Pages, whole: Browser) -> None:
    steps(whole, {"medicine": "other", "days_left": "1", "note": "Soon"})
    assert fields(whole) == {"medicine", "other_medicine", "days_left", "note"}
    assert tasks(pages) == {}
    sends(pages, whole, go="next", medicine="other", other_medicine="Metoprolol", days_left="1", note="Soon")
    assert "We have your request." in whole.text
    assert "refill_review" in tasks(pages)


def test_all_at_once_that_was_put_off_is_there_again(pages: Pages, whole: Browser) -> None:
    whole.send({"go": "later", "medicine": "other", "days_left": "3", "note": "Soon"})
    whole.send(
        {"go": "later", "medicine": "other", "other_medicine": "Metoprolol", "days_left": "3", "note": "So"}
    )
    again = follow(pages)
    assert fields(again) == {"medicine", "other_medicine", "days_left", "note"}
    sends(pages, again, go="next", medicine="other", other_medicine="Metoprolol", days_left="9", note="Soon")
    assert answered(pages)["days_left"] == 9


# -- a photo ---------------------------------------------------------------------------------------------


@pytest.fixture
def intake(pages: Pages) -> Browser:
    """The form before a visit, at the photo of the insurance card."""
    visit: UUID = pages.house.visit(pages.patient, at(10, 9))
    page = opened(pages, Page.FORM, form="intake", visit=visit)
    steps(page, {"medicines": ""}, {"allergies": ""}, {"insurance": "Blue Shield"})
    assert fields(page) == {"insurance_card"}
    return page


def test_a_photo_is_an_answer_and_nothing_is_left_of_where_it_was_taken(
    pages: Pages, intake: Browser
) -> None:
    card = (BytesIO(jpeg(exif=True)), "card.jpg", "image/jpeg")
    sends(pages, intake, go="next", insurance_card=card)
    assert "Your care team will read this" in intake.text
    (photo,) = kept(pages)
    assert answered(pages)["insurance_card"] == str(photo)
    with pages.rt.begin() as db:
        content = notes.photo(db, pages.house.clinic, pages.patient, photo)
    assert content is not None
    assert content.startswith(b"\xff\xd8\xff")
    assert HERE not in content


def test_a_file_that_is_no_photo_is_told_and_asked_for_again(pages: Pages, intake: Browser) -> None:
    card = (BytesIO(b"%PDF-1.7"), "card.jpg", "image/jpeg")
    intake.seen = answer = intake.send({"go": "next", "insurance_card": card})
    assert (answer.status_code, "Send a photo instead." in intake.text) == (422, True)
    assert kept(pages) == []
    sends(pages, intake, go="next")
    assert "insurance_card" not in answered(pages)


def test_the_id_of_a_photo_is_not_taken_for_one(pages: Pages, intake: Browser) -> None:
    sends(pages, intake, go="next", insurance_card="6d0a0f0a-0000-4000-8000-000000000000")
    assert "insurance_card" not in answered(pages)
