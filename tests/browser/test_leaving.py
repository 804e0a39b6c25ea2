"""Leaving a page: 'I'm done', the back button, the page that closes by itself, and several pages in one browser."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from bot.core.flow import Page
from tests.browser.conftest import Pages
from tests.browser.devices import DESKTOP, PHONE, SMALL
from tests.browser.looks import axe, fits
from tests.browser.pages import heading, opened, tapped
from tests.browser.practice import Practice

Screenshots = Callable[[Tab, str], list[Path]]
RESULT, SUMMARY = "Cholesterol and blood sugar", "Your visit"
CLOSED = "This page is closed"
IDLE, WARNED = timedelta(minutes=15), timedelta(minutes=13)


@pytest.fixture
def url(practice: Practice) -> str:
    """A link to Ana's results."""
    return practice.link(Page.RESULT)


def nothing_shown(tab: Tab) -> None:
    """Neither the result nor a way to it."""
    expect(tab.get_by_text(RESULT)).to_have_count(0)
    expect(tab.get_by_text("LDL cholesterol")).to_have_count(0)


def passes(practice: Practice, tab: Tab, by: timedelta) -> None:
    """Time goes by, in the browser and in the house."""
    practice.forward(by)
    tab.clock.run_for(int(by.total_seconds() * 1000))


def test_after_done_neither_back_nor_the_address_shows_anything(
    practice: Practice, url: str, phone: Tab, screenshots: Screenshots
) -> None:
    opened(phone, url)
    address = phone.url
    expect(heading(phone)).to_have_text(RESULT)
    phone.get_by_role("button", name="I'm done").click()
    expect(heading(phone)).to_contain_text(CLOSED)
    assert phone.context.cookies() == []
    axe(phone)
    fits(phone)
    screenshots(phone, "closed")
    for _ in range(3):
        phone.go_back(wait_until="load")
        nothing_shown(phone)
    phone.goto(address)
    nothing_shown(phone)
    expect(phone.get_by_label("Month")).to_have_count(0)


def test_after_done_the_link_opens_the_page_again_for_who_knows_the_date(
    practice: Practice, url: str, phone: Tab
) -> None:
    opened(phone, url)
    phone.get_by_role("button", name="I'm done").click()
    expect(heading(phone)).to_contain_text(CLOSED)
    tapped(phone, url)
    expect(phone.get_by_label("Month")).to_be_visible()
    nothing_shown(phone)


def test_two_tabs_with_two_links_both_work(practice: Practice, url: str, phone: Tab) -> None:
    other = phone.context.new_page()
    summary = practice.link(Page.SUMMARY, visit="LAST")
    tapped(phone, url)
    tapped(other, summary)
    for tab, link, said in ((phone, url, RESULT), (other, summary, SUMMARY)):
        opened(tab, link)
        expect(tab.get_by_role("heading", name=said)).to_be_visible()
    for tab, said in ((phone, RESULT), (other, SUMMARY)):
        tab.reload()
        expect(tab.get_by_role("heading", name=said)).to_be_visible()
    phone.get_by_role("button", name="I'm done").click()
    expect(heading(phone)).to_contain_text(CLOSED)
    other.reload()
    expect(other.get_by_role("heading", name=SUMMARY)).to_have_count(0)


def test_one_link_in_two_tabs_works_in_both(practice: Practice, url: str, phone: Tab) -> None:
    other = phone.context.new_page()
    opened(phone, url)
    opened(other, url)
    phone.reload()
    for tab in (phone, other):
        expect(heading(tab)).to_have_text(RESULT)


def test_the_page_warns_before_it_closes_and_stays_if_asked(
    practice: Practice, url: str, small: Tab, screenshots: Screenshots
) -> None:
    small.clock.install()
    opened(small, url)
    dialog = small.get_by_role("alertdialog", name="Are you still there?")
    passes(practice, small, WARNED - timedelta(seconds=5))
    expect(dialog).to_be_hidden()
    passes(practice, small, timedelta(seconds=10))
    expect(dialog).to_be_visible()
    stay = dialog.get_by_role("button", name="Stay on this page")
    expect(stay).to_be_focused()
    axe(small)
    fits(small)
    screenshots(small, "idle")
    with small.expect_response("**/stay") as answer:
        small.keyboard.press("Enter")
    assert answer.value.ok
    expect(dialog).to_be_hidden()
    # As long again from now on, for the browser as for the house.
    passes(practice, small, WARNED - timedelta(seconds=5))
    expect(dialog).to_be_hidden()
    small.reload()
    expect(heading(small)).to_have_text(RESULT)


def test_escape_stays_too(practice: Practice, url: str, guarded: Pages) -> None:
    shown = guarded(DESKTOP)
    shown.clock.install()
    opened(shown, url)
    passes(practice, shown, WARNED + timedelta(seconds=5))
    expect(shown.get_by_role("alertdialog")).to_be_visible()
    with shown.expect_response("**/stay"):
        shown.keyboard.press("Escape")
    expect(shown.get_by_role("alertdialog")).to_be_hidden()


def test_nobody_there_closes_the_page(
    practice: Practice, url: str, phone: Tab, screenshots: Screenshots
) -> None:
    phone.clock.install()
    opened(phone, url)
    practice.forward(IDLE + timedelta(seconds=5))
    phone.clock.run_for(int((IDLE + timedelta(seconds=5)).total_seconds() * 1000))
    expect(heading(phone)).to_contain_text("We closed your page")
    nothing_shown(phone)
    axe(phone)
    screenshots(phone, "timed-out")
    phone.go_back()
    nothing_shown(phone)


def test_one_tab_that_is_used_keeps_the_same_page_open_in_another(
    practice: Practice, url: str, guarded: Pages
) -> None:
    used = guarded(PHONE)
    used.context.clock.install()
    opened(used, url)
    other = used.context.new_page()
    other.goto(used.url)
    passes(practice, used, WARNED + timedelta(seconds=5))
    other.clock.run_for(0)
    dialogs = [tab.get_by_role("alertdialog") for tab in (used, other)]
    expect(dialogs[0]).to_be_visible()
    with used.expect_response("**/stay"):
        dialogs[0].get_by_role("button", name="Stay on this page").click()
    for dialog in dialogs:
        expect(dialog).to_be_hidden()


def test_no_signal_says_so_and_the_second_tap_counts(practice: Practice, url: str, page: Pages) -> None:
    shown = page(SMALL)
    shown.clock.install()
    opened(shown, url)
    passes(practice, shown, WARNED + timedelta(seconds=5))
    dialog = shown.get_by_role("alertdialog")
    stay = dialog.get_by_role("button", name="Stay on this page")
    shown.context.set_offline(True)
    stay.click()
    expect(dialog.get_by_role("alert")).to_have_text(
        "We could not reach the clinic. Check your signal and tap again."
    )
    axe(shown)
    shown.context.set_offline(False)
    passes(practice, shown, timedelta(seconds=5))
    with shown.expect_response("**/stay"):
        stay.click()
    expect(dialog).to_be_hidden()
