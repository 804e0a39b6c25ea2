"""A consent is read and signed, a PIN is chosen and entered, and two who share a phone are told apart."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from bot.core.flow import Page
from tests.browser.conftest import Pages
from tests.browser.devices import DESKTOP, PHONE, SMALL
from tests.browser.looks import axe, fits, tab_to
from tests.browser.pages import answered, heading, opened, send, tapped, unlock_button
from tests.browser.practice import Practice

Screenshots = Callable[[Tab, str], list[Path]]
PIN = "483920"


def good(tab: Tab) -> None:
    expect(heading(tab)).to_have_count(1)
    axe(tab)
    fits(tab)


def consent(practice: Practice) -> str:
    return practice.link(Page.CONSENT, form="telehealth")


def test_a_consent_is_read_and_signed(practice: Practice, small: Tab, screenshots: Screenshots) -> None:
    opened(small, consent(practice))
    expect(heading(small)).to_have_text("Visits by video")
    good(small)
    screenshots(small, "consent")
    sign = small.get_by_role("button", name="I agree", exact=True)
    sign.click()
    alert = small.get_by_role("alert")
    expect(alert).to_be_focused()
    good(small)
    alert.get_by_role("link", name="Check the box if you agree.").click()
    expect(small.get_by_role("checkbox")).to_be_focused()
    small.get_by_role("checkbox").check()
    sign.click()
    small.get_by_role("alert").get_by_role("link", name="Type your full name.").click()
    expect(small.get_by_label("Your full name")).to_be_focused()
    expect(small.get_by_role("checkbox")).to_be_checked()
    good(small)
    small.get_by_label("Your full name").fill("Ana Morales")
    sign.click()
    expect(small.get_by_text("You signed this on November 30, 2026.")).to_be_visible()
    expect(sign).to_have_count(0)
    good(small)
    small.reload()
    expect(small.get_by_text("You signed this on November 30, 2026.")).to_be_visible()


def test_a_consent_is_signed_by_keyboard_alone(practice: Practice, desktop: Tab) -> None:
    opened(desktop, consent(practice))
    tab_to(desktop, desktop.get_by_role("checkbox"))
    desktop.keyboard.press("Space")
    tab_to(desktop, desktop.get_by_label("Your full name"))
    desktop.keyboard.type("Ana Morales")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_text("You signed this on")).to_be_visible()


def test_who_does_not_agree_says_so(practice: Practice, phone: Tab) -> None:
    opened(phone, consent(practice))
    phone.get_by_role("button", name="I do not agree").click()
    expect(heading(phone)).to_have_text("You did not agree")
    good(phone)


def test_a_pin_is_chosen_and_opens_the_next_page(
    practice: Practice, small: Tab, screenshots: Screenshots
) -> None:
    practice.rule(second_factor="pin")
    opened(small, practice.link(Page.HISTORY))
    expect(heading(small)).to_have_text("Choose a PIN")
    good(small)
    screenshots(small, "pin")
    first, again = small.get_by_label("New PIN"), small.get_by_label("The same PIN again")
    for pin, same, fault in (
        ("1234", "1234", "Use exactly 6 digits."),
        ("123456", "123456", "That PIN is easy to guess."),
        (PIN, "483921", "The two PINs are not the same."),
    ):
        first.fill(pin)
        again.fill(same)
        small.get_by_role("button", name="Save my PIN").click()
        expect(small.get_by_role("alert")).to_contain_text(fault)
        expect(small.get_by_role("alert")).to_be_focused()
        expect(first).to_have_value("")
    good(small)
    expect(first).to_have_attribute("type", "password")
    small.get_by_label("Show what I type").check()
    expect(first).to_have_attribute("type", "text")
    first.fill(PIN)
    again.fill(PIN)
    small.get_by_role("button", name="Save my PIN").click()
    expect(heading(small)).to_have_text("All your messages")
    tapped(small, practice.link(Page.RESULT))
    expect(small.get_by_label("Your PIN")).to_be_visible()
    expect(small.get_by_label("Month")).to_have_count(0)
    good(small)
    small.get_by_label("Your PIN").fill("483921")
    unlock_button(small).click()
    expect(small.get_by_role("alert")).to_contain_text("That does not match")
    good(small)
    small.get_by_label("Your PIN").fill(PIN)
    unlock_button(small).click()
    expect(heading(small)).to_have_text("Cholesterol and blood sugar")


def test_a_pin_is_entered_by_keyboard_alone(practice: Practice, guarded: Pages) -> None:
    practice.rule(second_factor="pin")
    desktop = opened(guarded(DESKTOP), practice.link(Page.HISTORY))
    for label in ("New PIN", "The same PIN again"):
        tab_to(desktop, desktop.get_by_label(label))
        desktop.keyboard.type(PIN)
    desktop.keyboard.press("Enter")
    expect(heading(desktop)).to_have_text("All your messages")
    tapped(desktop, practice.link(Page.RESULT))
    tab_to(desktop, desktop.get_by_label("Your PIN"))
    desktop.keyboard.type(PIN)
    desktop.keyboard.press("Enter")
    expect(heading(desktop)).to_have_text("Cholesterol and blood sugar")


def test_two_who_share_phone_and_birthday_are_told_apart_by_name(
    practice: Practice, small: Tab, screenshots: Screenshots
) -> None:
    ben = practice.house.patient("Ben")
    tapped(small, send(practice.house, ben, Page.MESSAGES))
    expect(small.get_by_label("First name")).to_be_visible()
    good(small)
    screenshots(small, "factor-name")
    small.get_by_label("First name").fill("Ana")
    answered(small)
    expect(small.get_by_role("alert")).to_be_focused()
    expect(small.get_by_label("First name")).to_have_value("")
    good(small)
    small.get_by_label("First name").fill("ben")
    answered(small)
    expect(small.get_by_text("For Ben")).to_be_visible()


def test_each_of_two_on_a_phone_has_a_page_of_their_own_in_one_browser(
    practice: Practice, guarded: Pages
) -> None:
    ben = practice.house.patient("Ben")
    first = guarded(PHONE)
    second = first.context.new_page()
    for tab, whose, name in ((first, practice.ana, "Ana"), (second, ben, "Ben")):
        tapped(tab, send(practice.house, whose, Page.PREFERENCES))
        tab.get_by_label("First name").fill(name)
        answered(tab)
        expect(tab.get_by_text(f"For {name}")).to_be_visible()
    first.reload()
    expect(first.get_by_text("For Ana")).to_be_visible()


def test_on_an_open_page_whoever_is_not_meant_says_so_and_nothing_is_left(
    practice: Practice, guarded: Pages
) -> None:
    shown = opened(guarded(SMALL), practice.link(Page.RESULT))
    address = shown.url
    shown.get_by_text("This is not for me").click()
    expect(shown.get_by_text("Is your name not Ana?")).to_be_visible()
    good(shown)
    shown.get_by_role("button", name="Yes, it is not for me").click()
    expect(heading(shown)).to_contain_text("Thank you for telling us")
    good(shown)
    assert shown.context.cookies() == []
    practice.forward(timedelta(seconds=1))
    shown.goto(address)
    expect(shown.get_by_text("LDL cholesterol")).to_have_count(0)
