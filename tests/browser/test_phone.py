"""The demo in a browser: its phones, the documentation, the page for what went wrong."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.service import show
from tests.bot.service.duty import MARIA, escalation, hire, work
from tests.browser.looks import axe, fits, tab_to
from tests.browser.practice import Shipped
from tests.conftest import ANA_PHONE, START, House

Screenshots = Callable[[Page, str], list[Path]]
BEN_PHONE = "+12025550122"
LONG = "Supercalifragilisticexpialidocious" * 9


VISIT_AT = START.replace(month=12, day=7, hour=15)
"""Seven days and an hour ahead: nothing that comes seven days before is due while a test begins."""


@pytest.fixture
def reminded(house: House) -> House:
    """Ana was just reminded of her visit; Ben has none."""
    return remind(house)


def remind(house: House) -> House:
    """Time goes on to Ana's reminder."""
    house.visit(house.patient(), VISIT_AT)
    house.patient("Ben", BEN_PHONE)
    house.work()
    house.wait_until(VISIT_AT.replace(day=4))
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
    small.get_by_role("button", name="At the clinic").tap()
    expect(staff_phone(small, "The on-call phone").locator(".message")).to_have_count(1)
    axe(small)
    fits(small)
    small.get_by_role("button", name="Phone", exact=True).tap()
    screenshots(small, "demo-phone")


def staff_phone(page: Page, name: str) -> Locator:
    """The phone of this member of staff, with what it got."""
    return page.get_by_label("Phones of staff").locator(".handheld").filter(has_text=name)


@pytest.fixture
def on_call(house: House, flows: Shipped) -> House:
    """The shipped rosters and ladders, and the people whom they name; Ana was just reminded."""
    flows.publish(house.rt)
    house.rt.remembered.clear()
    for handle, phone in (("maria", MARIA), ("joe", "+12025550172"), ("sam", "+12025550173")):
        hire(house, handle, phone)
    for handle, phone in (("dr_lee", "+12025550174"), ("dr_shah", "+12025550175")):
        hire(house, handle, phone, role="provider")
    return remind(house)


def on_duty(house: House, roster: str = "nurse") -> str:
    """Who is on call now, by name."""
    return str({one["roster"]: one["name"] for one in show.phone_state(house.rt, None)["on_call"]}[roster])


def act(page: Page, house: House, name: str, path: str) -> None:
    """Press this button; it has come in, and everybody has worked."""
    with page.expect_response(f"**/phone/{path}"):
        page.get_by_role("button", name=name).click()
    work(house)


@pytest.mark.parametrize("device", ["desktop", "small"])
def test_an_alarm_goes_the_whole_way_until_the_nurse_takes_the_call(
    on_call: House, request: pytest.FixtureRequest, device: str, screenshots: Screenshots
) -> None:
    page = opened(request.getfixturevalue(device))
    who = on_duty(on_call)
    expect(page.locator("#duty")).to_contain_text(who)
    act(page, on_call, "chest pain", "text")
    if device == "small":
        tab = page.get_by_role("button", name="At the clinic")
        expect(tab).to_have_class("news")
        tab.click()
    card, phone = page.locator("#oncall-card"), staff_phone(page, who)
    expect(card).to_contain_text("Nobody has it")
    expect(card).to_contain_text(f"{who} is called and texted.")
    expect(phone.locator(".message")).to_have_count(1)
    expect(phone.get_by_role("button", name="Reply ACK")).to_be_visible()

    act(page, on_call, "Wait until then", "clock")
    expect(phone).to_contain_text("is calling…")
    expect(page.locator("#announcer")).to_contain_text(f"{who}: the phone rings.")
    axe(page)
    fits(page)
    screenshots(page, f"demo-rings-{device}")
    act(page, on_call, "Answer", "call")
    expect(phone).to_contain_text("To take it, press 1.")
    axe(page)
    act(page, on_call, "Press 1", "call")
    expect(card).to_contain_text(f"{who} has it")
    expect(phone).to_contain_text("Call · Picked up")
    expect(phone).to_contain_text("you have it. Thank you.")
    assert escalation(on_call).by == who.lower()
    assert "One of us has seen your message" in on_call.got()[-1]
    axe(page)
    fits(page)
    screenshots(page, f"demo-taken-{device}")


def test_a_page_is_acknowledged_by_text_and_its_link_opens_the_on_call_page(
    on_call: House, desktop: Page
) -> None:
    page = opened(desktop)
    phone = staff_phone(page, on_duty(on_call))
    act(page, on_call, "chest pain", "text")
    link = phone.get_by_role("link").first
    expect(link).to_have_text(re.compile(r"^[^#]+/oncall#…$"))
    expect(link).to_have_attribute("href", re.compile(r"/oncall#[\w-]{40}$"))
    with page.context.expect_page() as opening:
        link.click()
    expect(opening.value.get_by_text("sound like an emergency").first).to_be_visible()
    opening.value.close()
    act(page, on_call, "Reply ACK", "acknowledge")
    expect(phone.locator(".message.staff")).to_contain_text("ACK")
    expect(phone).to_contain_text("you have it. Thank you.")
    expect(page.get_by_role("button", name="Reply ACK")).to_have_count(0)


def test_a_call_that_rings_out_climbs_to_the_provider(on_call: House, desktop: Page) -> None:
    page = opened(desktop)
    phone = staff_phone(page, on_duty(on_call))
    act(page, on_call, "chest pain", "text")
    act(page, on_call, "+3 min", "clock")
    act(page, on_call, "Let it ring out", "call")
    expect(phone).to_contain_text("Call · Rang out")
    act(page, on_call, "Wait until then", "clock")
    provider = on_duty(on_call, "provider")
    expect(staff_phone(page, provider)).to_contain_text("is calling…")
    expect(page.locator("#trace")).to_contain_text(
        f"{provider} (provider on call), by call, text and push alert"
    )
    act(page, on_call, "Answer", "call")
    act(page, on_call, "Hang up", "call")
    expect(page.locator("#oncall-card")).to_contain_text("Nobody has it")


def test_the_clock_goes_to_the_next_reminder(house: House, phone: Page) -> None:
    house.visit(house.patient(), VISIT_AT)
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
