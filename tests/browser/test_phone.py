"""The demo in a browser: its phone, the documentation, the page for what went wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.looks import axe, fits, tab_to
from tests.conftest import ANA_PHONE, START, House

Screenshots = Callable[[Page, str], list[Path]]
BEN_PHONE = "+12025550122"
LONG = "Supercalifragilisticexpialidocious" * 9


@pytest.fixture
def reminded(house: House) -> House:
    """Ana was just reminded of her visit; Ben has none."""
    visit_at = START.replace(month=12, day=7)
    house.visit(house.patient(), visit_at)
    house.patient("Ben", BEN_PHONE)
    house.work()
    house.wait_until(visit_at.replace(day=4))
    assert house.got()
    return house


def opened(page: Page) -> Page:
    """The page, with Ana's reminder on it. Which patient it begins with is the page's own choice."""
    page.goto("/phone")
    page.get_by_role("button", name="Ana Morales").click()
    expect(texts_of(page, "clinic")).to_have_count(1)
    return page


def texts_of(page: Page, who: str) -> Locator:
    return page.get_by_label("Texts between the patient and the clinic").locator(f".message.{who}")


def worked(house: House) -> None:
    """What was sent from the page has come in, and everybody has worked."""
    house.twin.pending(10)
    house.work()


def write(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Text as Ana")


@pytest.mark.parametrize("device", ["small", "phone", "desktop"])
def test_the_phone_opens_without_a_fault(
    reminded: House, request: pytest.FixtureRequest, device: str
) -> None:
    page = opened(request.getfixturevalue(device))
    expect(page).to_have_title("The patient’s phone · careline demo")
    expect(texts_of(page, "clinic")).to_contain_text(reminded.got()[-1])
    axe(page)
    fits(page)


def test_a_text_that_is_typed_comes_in_and_the_answer_appears(reminded: House, phone: Page) -> None:
    opened(phone)
    write(phone).tap()
    write(phone).press_sequentially("yes see you then")
    with phone.expect_response("**/phone/text") as sent:
        phone.get_by_role("button", name="Send", exact=True).tap()
    assert sent.value.status == 204
    expect(write(phone)).to_have_value("")
    expect(texts_of(phone, "patient")).to_contain_text("yes see you then")
    worked(reminded)
    assert len(reminded.got()) == 2
    expect(texts_of(phone, "clinic").last).to_contain_text(reminded.got()[-1])
    expect(phone.locator("#announcer")).to_have_text(f"Clinic: {reminded.got()[-1]}")


def test_what_the_service_did_and_the_visit_can_be_seen_on_a_small_phone(
    reminded: House, small: Page, screenshots: Screenshots
) -> None:
    opened(small)
    with small.expect_response("**/phone/text"):
        small.get_by_role("button", name="chest pain").tap()
    worked(reminded)
    small.get_by_role("button", name="What happened").tap()
    expect(small.locator("#trace")).to_contain_text("Emergency")
    axe(small)
    fits(small)
    small.get_by_role("button", name="Visits").tap()
    expect(small.locator("#pages li")).not_to_have_count(0)
    axe(small)
    fits(small)
    small.get_by_role("button", name="Phone", exact=True).tap()
    screenshots(small, "demo-phone")


def test_the_clock_goes_to_the_next_reminder(house: House, phone: Page) -> None:
    house.visit(house.patient(), START.replace(month=12, day=7))
    house.work()
    phone.goto("/phone")
    step = phone.get_by_role("button", name="To the next reminder")
    expect(step).to_be_enabled()
    with phone.expect_response("**/phone/clock"):
        step.tap()
    expect(texts_of(phone, "clinic")).to_have_count(1)


def test_the_phone_is_used_by_keyboard_alone(reminded: House, desktop: Page) -> None:
    desktop.goto("/phone")
    expect(desktop.get_by_role("button", name="Ben Morales")).to_be_visible()
    skip = desktop.get_by_role("link", name="Skip to the content")
    assert len(tab_to(desktop, skip)) == 1
    desktop.keyboard.press("Enter")
    tab_to(desktop, desktop.get_by_role("button", name="Ben Morales"))
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("textbox", name="Text as Ben")).to_be_visible()
    tab_to(desktop, desktop.get_by_role("textbox", name="Text as Ben"))
    desktop.keyboard.type("hello")
    with desktop.expect_response("**/phone/text"):
        desktop.keyboard.press("Enter")
    expect(texts_of(desktop, "patient")).to_contain_text("hello")
    worked(reminded)
    assert reminded.got(BEN_PHONE)
    assert len(reminded.got(ANA_PHONE)) == 1
    expect(texts_of(desktop, "clinic")).to_contain_text(reminded.got(BEN_PHONE)[-1])


def test_whatever_a_patient_writes_stays_a_text(reminded: House, small: Page) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    reminded.text(evil)
    reminded.text(LONG)
    opened(small)
    expect(texts_of(small, "patient").first).to_contain_text(evil)
    expect(texts_of(small, "patient").last).to_contain_text(LONG)
    fits(small)


def test_a_patient_whose_link_is_old_and_a_service_that_is_away(
    reminded: House, page: Callable[..., Page]
) -> None:
    shown = page()
    shown.goto(f"/phone?patient={'0' * 8}-0000-0000-0000-{'0' * 12}")
    expect(shown.get_by_role("button", name="Morales", pressed=True)).to_have_count(1)
    shown.context.set_offline(True)
    notice = shown.get_by_text("The service isn’t answering. Reconnecting…")
    expect(notice).to_be_visible()
    axe(shown)
    shown.context.set_offline(False)
    shown.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(notice).to_be_hidden()


@pytest.mark.parametrize("path", ["/docs", "/docs/writing-flows", "/no-such-page", "/phone/text"])
def test_pages_of_words_open_without_a_fault(house: House, small: Page, path: str) -> None:
    small.goto(path)
    expect(small.get_by_role("heading", level=1)).to_have_count(1)
    axe(small)
    fits(small)
    small.set_viewport_size({"width": 1280, "height": 800})
    axe(small)
    fits(small)


def test_the_documentation_is_read_by_keyboard(house: House, desktop: Page) -> None:
    house.patient()  # the phone that it leads to is somebody's
    desktop.goto("/docs")
    tab_to(desktop, desktop.get_by_role("navigation").get_by_role("link", name="Phone"))
    desktop.keyboard.press("Enter")
    desktop.wait_for_url("**/phone")
