"""The console in a real browser: the whole way of an escalation, and every page by axe, on a desk and on a phone."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.core.roles import STANDARD
from bot.service import enrol
from bot.service.entrance import session
from bot.settings import HOME
from tests.bot.service.entrants import PASSWORD, entrant, to_next_code
from tests.browser.conftest import Contexts
from tests.browser.devices import DESKTOP, Device
from tests.browser.guard import Guard
from tests.browser.looks import axe, fits
from tests.conftest import House
from tests.webhooks.console.urls import ANYBODY, Url, all_urls, sections
from webhooks.console.door import COOKIE

NARROW = Device(width=375, height=812, scale=2, touch=True)
LOOKERS = ("nurse", "admin", "compliance", "front_desk")
"""Whose pages are looked at; between them they may see all of them."""
NO_PAGES = re.compile(r"/warm-up$|/live$|\.svg$|\.csv$|\.json$|/photo|/picture|/options$|/anchors|/plot")
"""Addresses that answer with something other than a page."""


@pytest.fixture
def flows_dir() -> Path:
    """The clinic's own flows."""
    return HOME / "flows"


@pytest.fixture
def house(house: House) -> House:
    """The house, with a patient and somebody on call by the clinic's own phone."""
    house.patient()
    return house


def signed_in(house: House, context: BrowserContext, role: str) -> Page:
    """A tab of somebody with this role."""
    member = enrol.add(house.rt, house.clinic, f"{role}@clinic.example", role=role, handle=role)
    with house.rt.begin() as db:
        secret = session.begin(house.rt, db, member, "Chrome on Windows")
    # For Chromium the house's address is as good as TLS, which such a cookie asks for.
    url = house.url.replace("http:", "https:")
    context.add_cookies([{"name": COOKIE, "value": secret, "url": url, "secure": True, "httpOnly": True}])
    return context.new_page()


def test_from_the_door_to_the_end_of_an_escalation(desktop: Page, house: House) -> None:
    maria = entrant(house.rt, house.clinic, "maria")
    desktop.goto("/console")
    desktop.get_by_label("E-mail address").fill(maria.member.email)
    desktop.get_by_label("Password", exact=True).fill(PASSWORD)
    desktop.get_by_role("button", name="Go on").click()
    expect(desktop.get_by_label("Code of your app")).to_be_visible()
    to_next_code(house.rt)
    desktop.get_by_label("Code of your app").fill(maria.code())
    desktop.get_by_role("button", name="Sign in").click()
    expect(desktop).to_have_url(re.compile("/console/inbox"))
    with desktop.expect_response(re.compile("/console/live")):
        desktop.reload()

    house.text("I have crushing chest pain")
    house.work()
    row = desktop.locator(".list-row.alarm a[data-row]")
    expect(row).to_have_text(re.compile("Ana"))  # it came by itself
    desktop.keyboard.press("j")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_text("Nobody yet")).to_be_visible()
    expect(desktop.get_by_text("I have crushing chest pain")).to_be_visible()
    with desktop.expect_response(lambda answer: answer.request.method == "POST"):
        desktop.keyboard.press("c")
    house.work()
    expect(desktop.get_by_text("Nobody yet")).to_have_count(0)

    words = desktop.get_by_label("Your words to the patient")
    words.fill("This is Maria. I am calling you now.")
    with desktop.expect_response(re.compile("/write$")):
        desktop.keyboard.press("Control+Enter")
    house.work()
    assert any("I am calling you now" in body for body in house.got())
    expect(desktop.locator(".bubble").filter(has_text="I am calling you now")).to_be_visible()

    with desktop.expect_response(lambda answer: answer.request.method == "POST"):
        desktop.get_by_role("button", name="Reached the patient").click()
    house.work()
    expect(desktop.locator("#head dt").filter(has_text="Ended")).to_be_visible()
    desktop.goto("/console/inbox?queue=all")
    expect(desktop.locator(".list-row.alarm")).to_have_count(0)


@pytest.mark.parametrize("role", LOOKERS)
def test_every_page_passes_axe_and_fits_a_phone(
    context: Contexts, guard: Callable[[BrowserContext], Guard], house: House, role: str
) -> None:
    house.text("I have crushing chest pain")
    house.text("blargh")
    house.work()
    ids = _seeded(house)
    made = context(DESKTOP)
    guard(made)
    tab = signed_in(house, made, role)
    for url in _pages_of(role):
        path = url.rule
        for placeholder, value in ids.items():
            path = path.replace(placeholder, value)
        tab.set_viewport_size({"width": DESKTOP.width, "height": DESKTOP.height})
        tab.goto(f"/console{path}", wait_until="load")
        with _on(path):
            axe(tab)
            tab.set_viewport_size({"width": NARROW.width, "height": NARROW.height})
            fits(tab)


def _pages_of(role: str) -> list[Url]:
    """The pages that this looker is the first to see."""
    return [url for url in all_urls() if _is_page(url) and _first(url) == role]


def _is_page(url: Url) -> bool:
    return url.method == "GET" and bool(url.rule) and url.may != ANYBODY and not NO_PAGES.search(url.rule)


def _first(url: Url) -> str:
    return next(name for name in LOOKERS if url.open_to(STANDARD[name]))


def _seeded(house: House) -> dict[str, str]:
    found: dict[str, str] = {}
    for section in sections():
        found |= section.seed(house.rt, house.clinic) if hasattr(section, "seed") else {}
    return found


@contextmanager
def _on(path: str) -> Iterator[None]:
    """Says of which page a fault is."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"on /console{path}")
        raise
