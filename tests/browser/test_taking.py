"""What goes into pages and comes out: photos, wishes, an offered time, files, paper; and all of it in Spanish."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from icalendar import Calendar
from PIL import Image
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from bot.core.flow import Page
from bot.service import offer
from bot.store import people, waitlist
from tests.browser.conftest import Pages
from tests.browser.devices import DESKTOP, SMALL
from tests.browser.looks import axe, fits
from tests.browser.pages import answered, heading, opened, shell_button
from tests.browser.practice import Practice
from tests.faults.waiting import until

Screenshots = Callable[[Tab, str], list[Path]]
SOON = datetime(2026, 12, 4, 15, 30, tzinfo=UTC)  # 10:30 AM in New York
_NAMES = "input => [...input.files].map((file) => file.name)"


def good(tab: Tab) -> None:
    expect(heading(tab)).to_have_count(1)
    axe(tab)
    fits(tab)


def picture(width: int, height: int) -> bytes:
    """A photo of many colours, as a camera makes it."""
    out = BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


def file_of(content: bytes, name: str = "IMG_1.jpg", kind: str = "image/jpeg") -> dict[str, object]:
    return {"name": name, "mimeType": kind, "buffer": content}


# -- photos ----------------------------------------------------------------------------------------------


def test_a_photo_is_made_small_on_the_phone_and_shown(
    practice: Practice, small: Tab, screenshots: Screenshots
) -> None:
    opened(small, practice.link(Page.MESSAGES))
    large = picture(2600, 1300)
    chooser = small.get_by_label("Add photos")
    chooser.set_input_files([file_of(large)])  # type: ignore[list-item]
    until(lambda: chooser.evaluate(_NAMES) == ["photo.jpg"])
    assert chooser.evaluate("input => input.files[0].size") < len(large)
    small.get_by_label("Your message").fill("My knee")
    small.get_by_role("button", name="Send").click()
    shown = small.get_by_role("img", name="Photo 1 of 1")
    expect(shown).to_be_visible()
    shown.scroll_into_view_if_needed()
    until(lambda: shown.evaluate("it => [it.naturalWidth, it.naturalHeight]") == [2048, 1024])
    good(small)
    screenshots(small, "messages-photo")


def test_a_file_that_is_no_photo_is_told_and_the_words_stay(practice: Practice, small: Tab) -> None:
    opened(small, practice.link(Page.MESSAGES))
    small.get_by_label("Your message").fill("My knee")
    small.get_by_label("Add photos").set_input_files([file_of(b"%PDF-1.7", "x.pdf", "image/jpeg")])  # type: ignore[list-item]
    small.get_by_role("button", name="Send").click()
    expect(small.get_by_role("alert")).to_contain_text("Send a photo instead.")
    expect(small.get_by_label("Your message")).to_have_value("My knee")
    good(small)


def test_a_photo_answers_a_question_of_a_form(practice: Practice, small: Tab) -> None:
    opened(small, practice.link(Page.FORM, form="intake", visit="NEXT"))
    for _ in range(3):
        small.get_by_role("button", name="Continue").click()
    card = small.get_by_label("Can you send a photo of your insurance card?")
    expect(card).to_be_visible()
    good(small)
    card.set_input_files([file_of(picture(300, 200))])  # type: ignore[list-item]
    small.get_by_role("button", name="Send my answers").click()
    expect(heading(small)).to_have_text("Thank you")


# -- wishes and offers -----------------------------------------------------------------------------------


def test_wishes_are_kept_and_shown_again(practice: Practice, small: Tab) -> None:
    opened(small, practice.link(Page.PREFERENCES))
    small.get_by_label("In the evening").check()
    small.get_by_role("button", name="Save").click()
    expect(small.get_by_role("status")).to_have_text("Saved. We will do it this way from now on.")
    good(small)
    practice.house.work()
    small.reload()
    expect(small.get_by_label("In the evening")).to_be_checked()


def test_stop_takes_two_taps_and_ends_the_page(
    practice: Practice, small: Tab, screenshots: Screenshots
) -> None:
    opened(small, practice.link(Page.PREFERENCES))
    address = small.url
    stop = small.get_by_role("button", name="Yes, stop all texts")
    expect(stop).to_be_hidden()
    small.get_by_text("Stop all texts", exact=True).click()
    expect(stop).to_be_visible()
    good(small)
    stop.click()
    expect(small.get_by_role("status")).to_contain_text("You will get no more texts from us.")
    good(small)
    screenshots(small, "preferences-stopped")
    practice.house.work()
    assert "You will get no more texts" in practice.house.got()[-1]
    small.goto(address)
    expect(heading(small)).to_contain_text("This link no longer works")


@pytest.fixture
def offered(practice: Practice) -> Practice:
    """A sooner time has opened up for the next visit, and was offered."""
    practice.forward(timedelta(hours=1))
    rt, visit = practice.house.rt, practice.visits["NEXT"]
    with rt.begin() as db:
        waitlist.join(db, practice.house.clinic, visit, rt.now())
    practice.house.openings(SOON)
    with rt.begin() as db:
        db.conn.exec_driver_sql("UPDATE slots SET offer_at = NULL")
        db.conn.exec_driver_sql("UPDATE slots SET offer_at = %s WHERE start_at = %s", (rt.now(), SOON))
    assert offer.offer(rt) == 1
    practice.house.work()
    return practice


def test_a_sooner_time_is_taken_and_goes_into_the_calendar(
    offered: Practice, small: Tab, screenshots: Screenshots
) -> None:
    opened(small, offered.link(Page.OFFER, visit="NEXT"))
    expect(small.get_by_text("Fri, Dec 4 at 10:30 AM")).to_be_visible()
    expect(small.get_by_text("Mon, Dec 14 at 10:30 AM")).to_be_visible()
    good(small)
    screenshots(small, "offer-open")
    small.get_by_role("button", name="Take the new time").click()
    expect(small.get_by_text("Fri, Dec 4 at 10:30 AM")).to_be_visible()
    good(small)
    with small.expect_download() as file:
        small.get_by_role("link", name="Add to my calendar").click()
    assert file.value.suggested_filename == "visit.ics"
    (event,) = Calendar.from_ical(Path(file.value.path()).read_bytes()).events
    assert event.start == SOON


def test_who_keeps_theirs_keeps_it(offered: Practice, small: Tab) -> None:
    opened(small, offered.link(Page.OFFER, visit="NEXT"))
    small.get_by_role("button", name="Keep my visit").click()
    expect(heading(small)).to_have_text("Your visit stays")
    expect(small.get_by_text("Mon, Dec 14 at 10:30 AM")).to_be_visible()
    good(small)


# -- to keep ---------------------------------------------------------------------------------------------


def test_all_messages_come_as_a_file(practice: Practice, phone: Tab) -> None:
    opened(phone, practice.link(Page.HISTORY))
    with phone.expect_download() as file:
        phone.get_by_role("link", name="Download").click()
    assert file.value.suggested_filename == "messages.txt"
    content = Path(file.value.path()).read_text(encoding="utf-8")
    assert "Riverside Clinic:" in content
    assert not re.search(r"/s#[\w-]{40}", content)


def test_the_next_visit_comes_as_a_file_for_the_calendar(practice: Practice, phone: Tab) -> None:
    practice.later(timedelta(hours=3))  # today's is over
    opened(phone, practice.link(Page.SUMMARY, visit="LAST"))
    with phone.expect_download() as file:
        phone.get_by_role("link", name="Add to my calendar").click()
    content = Path(file.value.path()).read_bytes()
    (event,) = Calendar.from_ical(content).events
    assert str(event["summary"]) == "Visit at Riverside Clinic"
    assert b"Okafor" not in content


@pytest.mark.parametrize("page", [Page.RESULT, Page.SUMMARY, Page.HISTORY, Page.CONSENT], ids=str)
def test_on_paper_there_is_the_content_and_nothing_to_tap(
    practice: Practice, guarded: Pages, page: Page
) -> None:
    more = {Page.SUMMARY: {"visit": "LAST"}, Page.CONSENT: {"form": "telehealth"}}
    shown = opened(guarded(DESKTOP), practice.link(page, **more.get(page, {})))
    expect(shown.get_by_role("button", name="Print or save")).to_be_visible()
    shown.emulate_media(media="print")
    expect(heading(shown)).to_be_visible()
    for tapped_on in ("button", "summary", "dialog", "a.button", "textarea", "[type=file]"):
        expect(shown.locator(f"{tapped_on}:visible")).to_have_count(0)
    if page is Page.RESULT:
        expect(shown.get_by_role("cell", name="164 mg/dL")).to_be_visible()


# -- in Spanish ------------------------------------------------------------------------------------------


def test_the_whole_way_in_spanish(practice: Practice, guarded: Pages, screenshots: Screenshots) -> None:
    rt = practice.house.rt
    with rt.begin() as db:
        people.set_preference(db, practice.house.clinic, practice.ana, "language", "es", rt.now())
    small = guarded(SMALL, locale="es-US")
    small.goto(practice.asks("MEDICINA"))
    expect(shell_button(small)).to_contain_text("Abrir mi página")
    expect(small.locator("html")).to_have_attribute("lang", "es")
    good(small)
    shell_button(small).click()
    expect(heading(small)).to_have_text("¿Es usted?")
    good(small)
    answered(small, ("1", "3", "1970"))
    expect(small.get_by_role("alert")).to_contain_text("Eso no es igual a lo que tenemos.")
    answered(small)
    expect(small.locator("html")).to_have_attribute("lang", "es")
    expect(heading(small)).to_have_text("¿Qué medicina necesita?")
    good(small)
    screenshots(small, "form-es")
    small.get_by_role("button", name="Seguir").click()
    expect(small.get_by_role("alert")).to_be_focused()
    small.get_by_label("Atorvastatin").check()
    small.get_by_role("button", name="Seguir").click()
    small.locator("[name=days_left]").fill("5")
    small.get_by_role("button", name="Seguir").click()
    small.get_by_role("button", name="Enviar mis respuestas").click()
    expect(heading(small)).to_have_text("Gracias")
    good(small)
    practice.house.work()
    assert "Gracias" in practice.house.got()[-1]
    small.get_by_role("button", name="Ya terminé").click()
    expect(heading(small)).to_contain_text("Esta página está cerrada")
    good(small)


@pytest.mark.parametrize(
    "page", [Page.RESULT, Page.TIMES, Page.CONSENT, Page.PREFERENCES, Page.MESSAGES], ids=str
)
def test_pages_fit_in_spanish_too(practice: Practice, guarded: Pages, page: Page) -> None:
    rt = practice.house.rt
    with rt.begin() as db:
        people.set_preference(db, practice.house.clinic, practice.ana, "language", "es", rt.now())
    more = {Page.TIMES: {"visit": "NEXT"}, Page.CONSENT: {"form": "telehealth"}}
    shown = opened(guarded(SMALL, locale="es-US"), practice.link(page, **more.get(page, {})))
    shown.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    good(shown)
