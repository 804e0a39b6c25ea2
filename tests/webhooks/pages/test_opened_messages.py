"""Secure messages both ways, with photos; and the history, which has them beside the texts."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from bot.core.flow import Page
from bot.service import correspond
from tests.conftest import ONCALL_PHONE
from tests.webhooks.pages.conftest import Browser, Pages
from tests.webhooks.pages.kinds import asks, follow, last_text, later, sends, tasks
from tests.webhooks.pages.practice import link, opened, unlocked
from tests.webhooks.pages.test_downloads import HERE, jpeg

WORDS = "Your cast comes off on Friday. Please eat before you come."


def written(pages: Pages, body: str = WORDS) -> None:
    """A nurse writes to Ana, and whatever follows is done."""
    later(pages)
    correspond.write(pages.rt, pages.house.clinic, pages.patient, "Nurse Kim", body)
    pages.house.work()


def photo(browser: Browser) -> str:
    """The address of the one photo on the page."""
    assert browser.seen is not None
    (found,) = set(re.findall(r'src="(/s/[^"]+/photo/[^"]+)"', browser.seen.text))
    return str(found)


def test_a_text_says_that_a_message_waits_and_only_the_page_what_it_says(pages: Pages) -> None:
    written(pages)
    assert last_text(pages).startswith("Riverside Clinic: Ana, read our message at http")
    assert "cast" not in " ".join(pages.house.got())
    page = follow(pages)
    assert f"Nurse Kim Mon, Nov 30 at 9:05 AM {WORDS}" in re.sub(r"9:0\d", "9:05", page.text)


def test_who_reads_it_is_not_reminded_and_who_does_not_is(pages: Pages) -> None:
    written(pages)
    pages.house.wait_until(pages.rt.now() + timedelta(days=1))
    assert "our message still waits for you" in last_text(pages)
    follow(pages)
    pages.house.work()
    texts = len(pages.house.got())
    pages.house.wait_until(pages.rt.now() + timedelta(days=3))
    assert len(pages.house.got()) == texts
    assert "message_not_read" not in tasks(pages)


def test_a_message_that_nobody_reads_is_a_nurses_work(pages: Pages) -> None:
    written(pages)
    pages.house.wait_until(pages.rt.now() + timedelta(days=1))
    pages.house.wait_until(pages.rt.now() + timedelta(days=2))
    assert tasks(pages)["message_not_read"].role == "nurse"


def test_the_answer_is_a_nurses_and_stands_on_both_sides(pages: Pages) -> None:
    written(pages)
    page = sends(pages, follow(pages), body="Thank you.\r\nMay I drive <b>home</b>?")
    assert tasks(pages)["secure_message"].role == "nurse"
    assert page.text.index(WORDS) < page.text.index("You Mon, Nov 30")
    assert page.seen is not None
    assert "Thank you.\nMay I drive &lt;b&gt;home&lt;/b&gt;?" in page.seen.text
    theirs = correspond.read(pages.rt, pages.house.clinic, pages.patient)
    assert [(note.author, note.body) for note in theirs] == [
        ("Nurse Kim", WORDS),
        ("patient", "Thank you.\nMay I drive <b>home</b>?"),
    ]


def test_who_wants_to_write_first_asks_for_the_page(pages: Pages) -> None:
    page = asks(pages, "MESSAGE")
    assert "No messages yet" in page.text
    sends(pages, page, body="I lost my papers.")
    assert "I lost my papers." in page.text
    assert "secure_message" in tasks(pages)


def test_words_that_cannot_wait_page_the_person_on_call_at_once(pages: Pages) -> None:
    sends(pages, asks(pages, "MESSAGE"), body="I have crushing chest pain and my left arm is numb")
    assert "This may be an emergency. Call 911 now." in last_text(pages)
    (paged,) = pages.house.got(ONCALL_PHONE)
    assert "a patient needs you" in paged
    assert "Ana" not in paged
    assert "secure_message" in tasks(pages)


def test_a_wish_to_die_is_heard_as_by_text(pages: Pages) -> None:
    sends(pages, asks(pages, "MESSAGE"), body="I want to kill myself tonight")
    assert "Call or text 988 now" in last_text(pages)
    assert len(pages.house.got(ONCALL_PHONE)) == 1


def test_nothing_written_is_no_message(pages: Pages) -> None:
    page = asks(pages, "MESSAGE")
    for body in ("", " \r\n\t", "\x00"):
        page.seen = answer = page.send({"body": body})
        assert (answer.status_code, "Please answer this question." in page.text) == (422, True)
    assert correspond.read(pages.rt, pages.house.clinic, pages.patient) == []


def test_a_message_that_is_too_long_comes_back_to_be_made_shorter(pages: Pages) -> None:
    page = asks(pages, "MESSAGE")
    answer = page.send({"body": "é" * 4001})
    assert answer.status_code == 422
    assert "Use 4000 letters or less." in answer.text
    assert "é" * 4000 in answer.text
    sends(pages, page, body="é" * 4000)
    (note,) = correspond.read(pages.rt, pages.house.clinic, pages.patient)
    assert note.body == "é" * 4000


def test_a_photo_stands_beside_its_words_without_where_it_was_taken(pages: Pages) -> None:
    page = asks(pages, "MESSAGE")
    sends(pages, page, body="My knee", photo=[(BytesIO(jpeg(exif=True)), "IMG_1.jpg", "image/jpeg")])
    answer = page.get(photo(page))
    assert answer.content_type == "image/jpeg"
    assert HERE not in answer.data
    with Image.open(BytesIO(answer.data)) as picture:
        assert (picture.format, dict(picture.getexif())) == ("JPEG", {})
    (note,) = correspond.read(pages.rt, pages.house.clinic, pages.patient)
    assert (note.body, len(note.photos)) == ("My knee", 1)


def test_a_photo_needs_no_words_and_a_file_that_is_none_keeps_the_words(pages: Pages) -> None:
    page = asks(pages, "MESSAGE")
    page.seen = answer = page.send(
        {"body": "My knee", "photo": [(BytesIO(b"%PDF-1.7"), "x.pdf", "image/jpeg")]}
    )
    assert answer.status_code == 422
    assert "Send a photo instead." in answer.text
    assert ">My knee</textarea>" in answer.text
    sends(pages, page, photo=[(BytesIO(jpeg()), "x.jpg", "image/jpeg")])
    assert photo(page)
    assert "secure_message" in tasks(pages)


def test_stop_in_a_message_stops_the_texts(pages: Pages) -> None:
    page = asks(pages, "MESSAGE")
    page.send({"body": "STOP"})
    pages.house.work()
    assert "You will get no more texts" in last_text(pages)
    assert page.get().status_code == 404


# -- all of it, to read and to keep ----------------------------------------------------------------------


@pytest.fixture
def history(pages: Pages) -> Browser:
    """Texts and secure messages of both, then the page that has them all."""
    written(pages)
    sends(pages, follow(pages), body="Thank you, I will.")
    pages.house.text("MESSAGE")
    pages.house.work()
    return asks(pages, "HISTORY")


def test_the_history_has_texts_and_messages_of_both_in_their_order(history: Browser) -> None:
    places = [
        history.text.index(said)
        for said in (
            WORDS,
            "read our message at",
            "Thank you, I will.",
            "MESSAGE",
            "Write to us at",
            "HISTORY",
        )
    ]
    assert places == sorted(places)


def test_no_link_in_it_opens_anything(pages: Pages, history: Browser) -> None:
    assert history.seen is not None
    file = history.get(f"{history.here}/messages.txt").text
    for token in pages.tokens():
        assert token not in history.seen.text + file


def test_the_file_has_the_same_as_plain_text(pages: Pages, history: Browser) -> None:
    answer = history.get(f"{history.here}/messages.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="messages.txt"'
    assert answer.headers["Cache-Control"] == "no-store"
    lines = answer.text.split("\r\n")
    assert lines[:2] == [lines[0], WORDS]
    assert re.fullmatch(r"Mon, Nov 30 at 9:\d\d AM, Riverside Clinic:", lines[0])
    assert re.search(r"Mon, Nov 30 at 9:\d\d AM, Ana:\r\nThank you, I will.\r\n", answer.text)


def test_what_never_left_is_no_message(pages: Pages) -> None:
    pages.house.text("HELP")
    pages.house.work()
    with pages.rt.begin() as db:
        db.conn.exec_driver_sql("UPDATE outbox SET status = 'dropped'")
    page = opened(pages, Page.HISTORY)
    assert "HELP" in page.text
    assert "We text about your visits" not in page.text


def test_on_a_shared_phone_secure_messages_are_their_patients_alone(pages: Pages, history: Browser) -> None:
    made = link(pages, Page.HISTORY, patient=pages.house.patient("Ben"))
    ben = unlocked(pages, made.token, first_name="Ben")
    assert WORDS not in ben.text
    assert "Thank you, I will." not in ben.text
    assert "read our message at" in ben.text  # who holds the phone has read it
