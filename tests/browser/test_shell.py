"""The shell that a link leads to: what becomes of the token; without scripts, on a slow network; what it weighs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import Request, Route, expect
from sqlalchemy import func, select

from bot.core.flow import Page
from bot.runtime import Runtime
from bot.store.audit import audit
from bot.store.links import links
from bot.store.openings import openings
from tests.browser.conftest import Pages
from tests.browser.devices import PHONE, SMALL, ZOOMED
from tests.browser.looks import axe, fits, tab_to
from tests.browser.pages import heading, opened, shell_button, tapped
from tests.browser.practice import Practice

Screenshots = Callable[[Tab, str], list[Path]]
HEAVIEST = 50_000  # bytes of headers and bodies, as issue 5 has it
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


@pytest.fixture
def url(practice: Practice) -> str:
    """A link to Ana's results."""
    return practice.link(Page.RESULT)


def rows(rt: Runtime) -> tuple[Any, ...]:
    """All that a look could leave behind: links as they are, how many openings and entries there are."""
    with rt.begin() as db:
        state = db.conn.execute(select(links.c.tries_left, links.c.views_left, links.c.opened_at)).all()
        counts = [
            db.conn.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (openings, audit)
        ]
        return (*map(tuple, state), *counts)


def test_the_token_leaves_the_address_bar_and_nothing_is_sent_before_the_tap(
    practice: Practice, url: str, phone: Tab
) -> None:
    sent: list[Request] = []
    phone.on("request", lambda request: sent.append(request))
    token = urlsplit(url).fragment
    before = rows(practice.house.rt)
    phone.goto(url)
    expect(shell_button(phone)).to_be_visible()
    assert phone.url == f"{practice.house.url}/s"
    phone.go_back()
    phone.go_forward()
    phone.wait_for_load_state("load")
    assert token not in phone.url
    assert {request.method for request in sent} == {"GET"}
    # The address as it is asked for: what stands behind '#' is the browser's own.
    assert not [request for request in sent if token in urlsplit(request.url)._replace(fragment="").geturl()]
    assert not [request for request in sent if token in str(request.headers)]
    assert rows(practice.house.rt) == before
    assert phone.evaluate("localStorage.length + sessionStorage.length") == 0
    tapped(phone, url)
    assert [request.method for request in sent if urlsplit(request.url).path == "/s"][-1] == "POST"
    assert rows(practice.house.rt) != before


def test_the_shell_is_the_same_for_every_token(practice: Practice, url: str, page: Pages) -> None:
    other = f"{practice.house.url}/s#{'x' * 40}"
    shown = [page().goto(each).body() for each in (url, other, f"{practice.house.url}/s")]  # type: ignore[union-attr]
    assert len(set(shown)) == 1


def test_a_link_that_was_copied_in_part_says_so(practice: Practice, phone: Tab) -> None:
    for part in ("/s", "/s#abc", "/s#%3Cscript%3E"):
        phone.goto(part)
        phone.reload()
        expect(phone.get_by_text("We need the whole link")).to_be_visible()
        expect(shell_button(phone)).to_be_hidden()
    axe(phone)


def test_another_link_in_the_same_tab_counts(practice: Practice, url: str, phone: Tab) -> None:
    phone.goto(f"{practice.house.url}/s#{'x' * 40}")
    phone.evaluate("token => { location.hash = token }", urlsplit(url).fragment)
    expect(phone).to_have_url(f"{practice.house.url}/s")
    shell_button(phone).click()
    expect(heading(phone)).to_have_text("Is it you?")


def test_the_shell_holds_on_every_screen_and_is_used_by_keyboard(
    practice: Practice, url: str, guarded: Pages, desktop: Tab, screenshots: Screenshots
) -> None:
    for device in (SMALL, PHONE, ZOOMED):
        shown = guarded(device)
        shown.goto(url)
        expect(shell_button(shown)).to_be_visible()
        axe(shown)
        fits(shown)
    desktop.goto(url)
    axe(desktop)
    screenshots(desktop, "shell")
    tab_to(desktop, shell_button(desktop))
    desktop.keyboard.press("Enter")
    expect(heading(desktop)).to_have_text("Is it you?")


def test_a_phone_in_spanish_reads_spanish_first(practice: Practice, url: str, guarded: Pages) -> None:
    shown = guarded(PHONE, locale="es-US")
    shown.goto(url)
    expect(shown.locator("html")).to_have_attribute("lang", "es")
    expect(shell_button(shown).locator("span").first).to_have_text("Abrir mi página")
    expect(heading(shown).locator("span").first).to_have_attribute("lang", "es")
    axe(shown)


def test_without_scripts_the_shell_says_whom_to_call(practice: Practice, url: str, page: Pages) -> None:
    shown = page(SMALL, java_script_enabled=False)
    shown.goto(url)
    words = shown.locator("noscript p")
    expect(words.first).to_have_text(
        "This browser can't open the page. Call the clinic at the number that texted you."
    )
    expect(words.last).to_have_attribute("lang", "es")
    for each in words.all():
        expect(each).to_be_visible()
    expect(shown.get_by_role("link", name="Call 911")).to_be_visible()
    expect(shell_button(shown)).to_be_hidden()


def test_the_words_are_there_while_the_script_is_still_on_its_way(
    practice: Practice, url: str, guarded: Pages
) -> None:
    shown = guarded(PHONE)
    held: list[Route] = []
    shown.route("**/pages.js*", lambda route: held.append(route))
    shown.goto(url, wait_until="commit")
    expect(heading(shown)).to_be_visible()
    expect(shown.get_by_role("link", name="Call 911")).to_be_visible()
    expect(shell_button(shown)).to_be_hidden()
    held.pop().continue_()
    expect(shell_button(shown)).to_be_visible()


def test_on_a_slow_network_the_page_can_be_opened_and_read(
    practice: Practice, url: str, guarded: Pages
) -> None:
    shown = guarded(PHONE)
    shown.set_default_timeout(60_000)
    shown.context.new_cdp_session(shown).send("Network.emulateNetworkConditions", SLOW_3G)
    opened(shown, url)
    expect(heading(shown)).to_have_text("Cholesterol and blood sugar", timeout=60_000)


def test_shell_and_page_are_light_and_need_one_round_after_the_document(
    practice: Practice, url: str, guarded: Pages
) -> None:
    shown = guarded(PHONE)
    network = shown.context.new_cdp_session(shown)
    network.send("Network.enable")
    weights: dict[str, float] = {}
    chains: list[tuple[str, str]] = []
    network.on(
        "Network.loadingFinished", lambda done: weights.update({done["requestId"]: done["encodedDataLength"]})
    )
    network.on(
        "Network.requestWillBeSent",
        lambda sent: chains.append((sent["initiator"].get("url", ""), sent["request"]["url"])),
    )
    shown.goto(url, wait_until="networkidle")
    shell = sum(weights.values())
    assert 0 < shell < HEAVIEST
    # What is needed is named by the document itself: no style sheet or script asks for more.
    asked_by = {urlsplit(asker).path for asker, _ in chains if asker}
    assert asked_by == {"/s"}, chains
    weights.clear()
    tapped(shown, url)
    shown.wait_for_load_state("networkidle")
    assert 0 < sum(weights.values()) < HEAVIEST
