"""Every page, opened: axe finds nothing, it fits the smallest phone, pictures are kept; and from a text to its form."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from bot.core.flow import Page
from tests.browser.conftest import Pages
from tests.browser.devices import DESKTOP, ZOOMED
from tests.browser.looks import axe, fits, tab_to
from tests.browser.pages import answered, heading, opened, tapped
from tests.browser.practice import Practice

Screenshots = Callable[[Tab, str], list[Path]]
STATES = {
    Page.FORM: {"form": "intake"},
    Page.RESULT: {},
    Page.SUMMARY: {"visit": "LAST"},
    Page.TIMES: {"visit": "NEXT"},
    Page.OFFER: {"visit": "NEXT"},
    Page.MESSAGES: {},
    Page.PREFERENCES: {},
    Page.CHECK_IN: {"visit": "TODAY"},
    Page.HISTORY: {},
}
"""What a link to each page is about. A consent needs words of a clinic's own; the shipped flows have none yet."""


def link(practice: Practice, page: Page) -> str:
    return practice.link(page, **STATES[page])


def open_all(tab: Tab) -> None:
    """Unfold what is folded: what stands inside has to hold too."""
    tab.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")


def good(tab: Tab) -> None:
    expect(heading(tab)).to_have_count(1)
    axe(tab)
    fits(tab)


@pytest.mark.parametrize("page", STATES, ids=str)
def test_a_page_holds_on_the_smallest_phone_and_on_a_desk(
    practice: Practice, small: Tab, page: Page, screenshots: Screenshots
) -> None:
    opened(small, link(practice, page))
    expect(small.locator("form[action$='/done'] button").first).to_be_visible()
    good(small)
    screenshots(small, str(page))
    open_all(small)
    good(small)
    small.set_viewport_size({"width": DESKTOP.width, "height": DESKTOP.height})
    good(small)


@pytest.mark.parametrize("page", STATES, ids=str)
def test_a_page_fits_at_twice_the_size(practice: Practice, guarded: Pages, page: Page) -> None:
    shown = opened(guarded(ZOOMED), link(practice, page))
    open_all(shown)
    fits(shown)


def test_from_the_text_to_the_form_that_was_sent(
    practice: Practice, phone: Tab, screenshots: Screenshots
) -> None:
    answered(tapped(phone, practice.asks("I need a refill")))
    send = phone.get_by_role("button", name="Send my answers")
    go_on = phone.get_by_role("button", name="Continue")
    expect(go_on.or_(send)).to_be_visible()
    go_on.click()  # nothing was chosen
    expect(phone.get_by_role("alert")).to_be_focused()
    good(phone)
    screenshots(phone, "form-refused")
    phone.get_by_label("Atorvastatin").check()
    go_on.click()
    phone.locator("[name=days_left]").fill("5")
    go_on.click()
    good(phone)
    before = len(practice.house.got())
    send.click()
    expect(heading(phone)).to_have_text("Thank you")
    good(phone)
    screenshots(phone, "form-sent")
    phone.reload()
    expect(heading(phone)).to_have_text("Thank you")
    practice.house.work()
    assert len(practice.house.got()) == before + 1
    assert practice.house.got()[-1].startswith("Thank you, Ana.")


def test_a_form_goes_back_and_is_finished_later(practice: Practice, phone: Tab) -> None:
    url = practice.asks("I need a refill")
    opened(phone, url)
    phone.get_by_label("Atorvastatin").check()
    phone.get_by_role("button", name="Continue").click()
    phone.get_by_role("button", name="Back").click()
    expect(phone.get_by_label("Atorvastatin")).to_be_checked()
    phone.get_by_role("button", name="Continue").click()
    phone.locator("[name=days_left]").fill("5")
    phone.get_by_role("button", name="Save and finish later").click()
    expect(heading(phone)).to_have_text("Saved")
    opened(phone, url)
    expect(phone.get_by_role("button", name="Send my answers")).to_be_visible()


def test_a_form_is_filled_in_by_keyboard_alone(practice: Practice, desktop: Tab) -> None:
    opened(desktop, practice.asks("I need a refill"))
    tab_to(desktop, desktop.get_by_role("radio").first)
    desktop.keyboard.press("ArrowDown")
    expect(desktop.get_by_role("radio").nth(1)).to_be_checked()
    tab_to(desktop, desktop.get_by_role("button", name="Continue"))
    desktop.keyboard.press("Enter")
    expect(desktop.locator("[name=days_left]")).to_be_visible()
    tab_to(desktop, desktop.locator("[name=days_left]"))
    desktop.keyboard.type("5")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("button", name="Send my answers")).to_be_visible()


def test_another_time_is_chosen(practice: Practice, phone: Tab, screenshots: Screenshots) -> None:
    opened(phone, link(practice, Page.TIMES))
    phone.get_by_role("radio").first.check()
    phone.get_by_role("button", name="Move my visit").click()
    expect(phone.get_by_text("Tue, Dec 8 at 9:30 AM")).to_be_visible()
    expect(phone.get_by_role("radio")).to_have_count(0)
    good(phone)
    screenshots(phone, "times-sent")


def test_a_message_is_written(practice: Practice, phone: Tab) -> None:
    opened(phone, link(practice, Page.MESSAGES))
    phone.get_by_label("Your message").fill("May I <b>run</b> again?")
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_text("May I <b>run</b> again?")).to_be_visible()
    good(phone)


def test_whoever_is_here_says_so(practice: Practice, phone: Tab) -> None:
    opened(phone, link(practice, Page.CHECK_IN))
    phone.get_by_role("button", name="I'm here").click()
    expect(heading(phone)).to_have_text("You are checked in")
    good(phone)
