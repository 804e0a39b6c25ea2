"""Signing in to the console in a real browser: from the link of an invite, by an app and by a passkey."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from bot.gateways.twilio_twin.server import serve_app
from bot.runtime import Runtime
from bot.service import enrol
from bot.service.entrance import invite
from bot.store.staff_links import Kind
from tests.bot.service.entrants import PASSWORD, shown
from tests.browser.conftest import Pages
from tests.browser.devices import SMALL
from tests.browser.looks import axe, fits
from tests.browser.test_passkeys import Finger
from tests.conftest import House
from tests.shared import Late
from webhooks.app import create


@pytest.fixture
def house(house: House) -> Iterator[House]:
    """The house under the name of localhost, to which a passkey can belong."""
    web = serve_app(late := Late())
    url = web.base_url.replace("127.0.0.1", "localhost")
    rt = Runtime(house.rt.settings.model_copy(update={"public_url": url}), books=house.rt.books)
    rt.__dict__.update({"engine": house.rt.engine, "reader": house.rt.reader})
    late.becomes(lambda: create(rt))
    yield House(rt=rt, twin=house.twin, clinic=house.clinic, url=url)
    web.stop()


def test_from_the_invite_to_a_passkey_on_a_small_phone(guarded: Pages, house: House) -> None:
    joe = enrol.add(house.rt, house.clinic, "joe@clinic.example", role="nurse", name="Joe Keller")
    tab = guarded(SMALL)
    Finger(tab)

    tab.goto(invite.by_operator(house.rt, house.clinic, joe.email, Kind.INVITE))
    expect(
        tab.locator("[data-link-field]")
    ).to_be_hidden()  # the script has taken the token out of the address
    assert "#" not in tab.url
    tab.get_by_role("button", name="Go on").click()
    field = tab.get_by_label("New password")
    field.fill(PASSWORD)
    tab.get_by_role("button", name="Show").click()
    expect(field).to_have_attribute("type", "text")
    tab.get_by_role("button", name="Go on").click()
    tab.get_by_text("Can’t scan it?").click()
    key = tab.locator(".typed-key").inner_text().replace(" ", "")
    axe(tab)
    fits(tab)
    tab.get_by_label("What the app shows then").fill(shown(house.rt, key))
    tab.get_by_role("button", name="Go on").click()
    expect(tab.locator("#codes li")).to_have_count(10)
    fits(tab)

    tab.goto("/console/account/passkey")
    tab.get_by_role("button", name="Make a passkey").click()
    expect(tab.get_by_text("The passkey is ready.")).to_be_visible()
    fits(tab)
    tab.locator("details.me summary").click()
    tab.locator(".menu").get_by_role("button", name="Sign out").click()
    axe(tab)
    fits(tab)
    tab.get_by_role("button", name="Sign in with a passkey").click()
    expect(tab).to_have_url(re.compile("/console/inbox"))

    tab.goto("/console/account")
    tab.locator("details.me summary").click()
    tab.locator(".menu").get_by_role("button", name="Sign out").click()
    tab.get_by_label("E-mail address").fill(joe.email)
    tab.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.get_by_role("button", name="Go on").click()
    tab.get_by_label("Code of your app").fill(shown(house.rt, key))
    tab.get_by_role("button", name="Sign in").click()
    expect(tab).to_have_url(re.compile("/console/inbox"))
