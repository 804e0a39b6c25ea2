"""The second factor, and links that open nothing: what is said, and that it is said to everybody who reads the page."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from bot.core.flow import Page
from bot.store import links
from bot.store.worklist import open_tasks
from tests.browser.conftest import Pages
from tests.browser.devices import DESKTOP, PHONE, SMALL, ZOOMED
from tests.browser.looks import axe, fits, tab_to
from tests.browser.pages import (
    BORN,
    WRONG,
    answered,
    heading,
    link_of,
    opened,
    shell_button,
    tapped,
    unlock_button,
)
from tests.browser.practice import Practice

Screenshots = Callable[[Tab, str], list[Path]]
RESULT = "Cholesterol and blood sugar"
ASKS, REFUSED = "Is it you?", "That does not match what we have. Check it and try again."
DEAD = "This link no longer works"


@pytest.fixture
def url(practice: Practice) -> str:
    """A link to Ana's results."""
    return practice.link(Page.RESULT)


def words(tab: Tab) -> str:
    return tab.locator("main").inner_text()


def revoked(practice: Practice) -> None:
    with practice.house.rt.begin() as db:
        assert links.revoke(db, practice.house.rt.now(), "staff", patients=[practice.ana])


def test_the_right_date_opens_the_page_and_it_stays_open_for_this_browser_only(
    practice: Practice, url: str, phone: Tab, guarded: Pages
) -> None:
    opened(phone, url)
    expect(heading(phone)).to_have_text(RESULT)
    phone.reload()
    expect(heading(phone)).to_have_text(RESULT)
    assert [cookie["name"] for cookie in phone.context.cookies()] == ["__Host-page"]
    assert phone.evaluate("document.cookie") == ""
    elsewhere = guarded(PHONE)
    elsewhere.goto(phone.url)
    expect(heading(elsewhere)).to_contain_text(DEAD)


def test_the_question_is_asked_on_every_screen(practice: Practice, url: str, guarded: Pages) -> None:
    for device in (SMALL, PHONE, ZOOMED, DESKTOP):
        shown = tapped(guarded(device), url)
        expect(heading(shown)).to_have_text(ASKS)
        axe(shown)
        fits(shown)


def test_keys_alone_lead_through_the_question(practice: Practice, url: str, desktop: Tab) -> None:
    desktop.goto(url)
    tab_to(desktop, shell_button(desktop))
    desktop.keyboard.press("Enter")
    expect(heading(desktop)).to_have_text(ASKS)
    for name, value in zip(("month", "day", "year"), BORN, strict=True):
        tab_to(desktop, desktop.locator(f"[name={name}]"))
        desktop.keyboard.type(value)
    stops = tab_to(desktop, unlock_button(desktop))
    assert len(stops) == 1, stops
    desktop.keyboard.press("Enter")
    expect(heading(desktop)).to_have_text(RESULT)
    tab_to(desktop, desktop.get_by_role("button", name="I'm done"))


def test_a_wrong_date_is_announced_and_leads_back_to_the_field(
    practice: Practice, url: str, small: Tab, screenshots: Screenshots
) -> None:
    answered(tapped(small, url), WRONG)
    alert = small.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert).to_be_in_viewport()
    expect(alert.get_by_role("link")).to_have_text(REFUSED)
    assert small.title().startswith("Error:")
    month = small.get_by_label("Month")
    expect(month).to_have_attribute("aria-invalid", "true")
    for name in ("Month", "Day", "Year"):
        expect(small.get_by_label(name)).to_have_value("")  # nobody else reads what was tried
    expect(small.get_by_role("group", name="Birth date")).to_have_accessible_description(
        f"For example: 3 27 1958 Error: {REFUSED}"
    )
    axe(small)
    fits(small)
    screenshots(small, "factor-refused")
    alert.get_by_role("link").click()
    expect(month).to_be_focused()
    answered(small)
    expect(heading(small)).to_have_text(RESULT)


@pytest.mark.parametrize(
    "given", [("13", "45", "1970"), ("", "", ""), ("two", "1", "1970"), ("1", "2", "70")]
)
def test_what_is_no_date_is_refused_in_the_same_words(
    practice: Practice, url: str, phone: Tab, given: tuple[str, str, str]
) -> None:
    answered(tapped(phone, url), given)
    expect(phone.get_by_role("alert").get_by_role("link")).to_have_text(REFUSED)


def test_five_wrong_dates_lock_the_link_in_the_same_words(practice: Practice, url: str, phone: Tab) -> None:
    tapped(phone, url)
    said = {(words(answered(phone, WRONG)), phone.title()) for _ in range(5)}
    assert len(said) == 1
    said.add((words(answered(phone, BORN)), phone.title()))
    assert len(said) == 1
    expect(heading(phone)).to_have_text(ASKS)
    practice.house.work()
    with practice.house.rt.begin() as db:
        assert "page_locked" in [task.task for task in open_tasks(db, practice.house.clinic, 50)]
    other = opened(phone, practice.link(Page.SUMMARY))
    expect(heading(other)).not_to_have_text(ASKS)


def test_a_link_that_is_over_brings_a_new_one_to_the_phone_on_record(
    practice: Practice, url: str, phone: Tab, screenshots: Screenshots
) -> None:
    practice.later(timedelta(hours=25))
    before = len(practice.house.got())
    phone.goto(url)
    shell_button(phone).click()
    expect(heading(phone)).to_contain_text(DEAD)
    expect(phone.get_by_role("link", name="202-555-0100").first).to_be_visible()
    axe(phone)
    fits(phone)
    screenshots(phone, "dead")
    phone.get_by_role("button", name="Text me a new link").click()
    expect(heading(phone)).to_contain_text("Look at your texts")
    axe(phone)
    practice.house.work()
    assert len(practice.house.got()) == before + 1
    fresh = link_of(practice.house)
    assert fresh != url
    expect(heading(opened(phone, fresh))).to_have_text(RESULT)


def test_expired_revoked_and_made_up_links_say_the_same(
    practice: Practice, url: str, page: Pages, phone: Tab
) -> None:
    def said(link: str) -> str:
        shown = page()
        shown.goto(link)
        shell_button(shown).click()
        expect(heading(shown)).to_contain_text(DEAD)
        shown.wait_for_load_state()
        return words(shown)

    revoked(practice)
    ended = said(url)
    fresh = practice.link(Page.RESULT)
    practice.later(timedelta(hours=25))
    assert said(fresh) == ended
    made_up = said(f"{practice.house.url}/s#{'x' * 40}")
    first = made_up.splitlines()[0]
    assert ended.startswith(first)
    assert "Text me a new link" not in made_up


def test_a_page_that_is_open_ends_with_its_link(practice: Practice, url: str, phone: Tab) -> None:
    opened(phone, url)
    revoked(practice)
    phone.reload()
    expect(heading(phone)).to_contain_text(DEAD)
    expect(phone.get_by_text(RESULT)).to_have_count(0)
    axe(phone)


def test_a_link_that_is_revoked_while_the_question_is_asked_opens_nothing(
    practice: Practice, url: str, phone: Tab
) -> None:
    tapped(phone, url)
    revoked(practice)
    answered(phone)
    expect(heading(phone)).to_contain_text(DEAD)


def test_whoever_is_not_meant_says_so(practice: Practice, url: str, phone: Tab) -> None:
    tapped(phone, url)
    phone.get_by_text("This is not for me").click()
    axe(phone)
    phone.get_by_role("button", name="Yes, it is not for me").click()
    expect(heading(phone)).to_contain_text("Thank you for telling us")
    axe(phone)
    practice.house.work()
    phone.goto(url)
    shell_button(phone).click()
    expect(heading(phone)).to_contain_text(DEAD)
    with practice.house.rt.begin() as db:
        assert "page_for_somebody_else" in [task.task for task in open_tasks(db, practice.house.clinic, 50)]
