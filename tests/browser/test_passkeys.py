"""Opening a page by fingerprint or face, with Chromium's own authenticator standing in for the phone's."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, expect
from playwright.sync_api import Page as Tab

from bot.core.flow import Page
from bot.gateways.twilio_twin.server import serve_app
from bot.runtime import Runtime
from tests.browser.conftest import Pages
from tests.browser.devices import PHONE, SMALL
from tests.browser.guard import Guard
from tests.browser.looks import axe, fits, tab_to
from tests.browser.pages import heading, opened, tapped
from tests.browser.practice import Practice
from tests.conftest import House
from tests.shared import Late
from webhooks.app import create

Screenshots = Callable[[Tab, str], list[Path]]
USE, OFFER = "Use my fingerprint or face", "Open faster next time: use your fingerprint or face"
ASKS, RESULT, CLOSED = "Is it you?", "Cholesterol and blood sugar", "This page is closed"
FAILED = "That did not work. Try again, or answer the question below."


@pytest.fixture
def house(house: House) -> Iterator[House]:
    """The house under the name of localhost: a passkey belongs to a name, and browsers make none for an address."""
    web = serve_app(late := Late())
    url = web.base_url.replace("127.0.0.1", "localhost")
    rt = Runtime(house.rt.settings.model_copy(update={"link_url": url}), books=house.rt.books)
    rt.__dict__.update({"engine": house.rt.engine, "reader": house.rt.reader})
    late.becomes(lambda: create(rt))
    yield House(rt=rt, twin=house.twin, clinic=house.clinic, url=url)
    web.stop()


class Finger:
    """A phone's own authenticator; `touches` says whether the right finger lies on it."""

    def __init__(self, tab: Tab, **more: object) -> None:
        self.cdp: CDPSession = tab.context.new_cdp_session(tab)
        self.cdp.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options | more})
        self.id = {"authenticatorId": made["authenticatorId"]}

    def touches(self, right: bool) -> None:
        """From now on the right finger lies on it, or another's."""
        self.cdp.send("WebAuthn.setUserVerified", self.id | {"isUserVerified": right})

    def credentials(self) -> list[dict[str, Any]]:
        """What it holds."""
        found: list[dict[str, Any]] = self.cdp.send("WebAuthn.getCredentials", self.id)["credentials"]
        return found


def offer(tab: Tab) -> None:
    """Take the offer of an opened page."""
    tab.get_by_role("button", name=OFFER).click()
    expect(tab.get_by_role("status")).to_have_text("Done. Next time, use your fingerprint or face.")


def done(tab: Tab) -> None:
    tab.get_by_role("button", name="I'm done").click()
    expect(heading(tab)).to_contain_text(CLOSED)


def test_a_page_is_opened_by_the_date_and_the_next_one_by_the_finger(
    practice: Practice, phone: Tab, screenshots: Screenshots
) -> None:
    finger = Finger(phone)
    opened(phone, practice.link(Page.RESULT))
    expect(phone.get_by_role("button", name=OFFER)).to_be_visible()
    axe(phone)
    fits(phone)
    screenshots(phone, "passkey-offer")
    offer(phone)
    axe(phone)
    assert len(finger.credentials()) == 1
    done(phone)
    tapped(phone, practice.link(Page.RESULT))
    expect(heading(phone)).to_have_text(ASKS)
    use = phone.get_by_role("button", name=USE)
    expect(use).to_be_visible()
    expect(phone.get_by_label("Month")).to_be_visible()
    axe(phone)
    fits(phone)
    screenshots(phone, "factor-passkey")
    use.click()
    expect(heading(phone)).to_have_text(RESULT)
    expect(phone.get_by_role("button", name=OFFER)).to_have_count(0)
    assert finger.credentials()[0]["signCount"] > 1
    done(phone)
    tapped(phone, practice.link(Page.SUMMARY, visit="LAST"))
    phone.get_by_role("button", name=USE).click()
    expect(phone.get_by_role("heading", name="Your visit")).to_be_visible()


def test_keys_alone_lead_to_it_and_it_comes_first(practice: Practice, desktop: Tab) -> None:
    Finger(desktop)
    opened(desktop, practice.link(Page.RESULT))
    tab_to(desktop, desktop.get_by_role("button", name=OFFER))
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("status")).to_contain_text("Done.")
    done(desktop)
    tapped(desktop, practice.link(Page.RESULT))
    use = desktop.get_by_role("button", name=USE)
    expect(use).to_be_visible()
    tab_to(desktop, use)
    assert use.evaluate("(button) => button.compareDocumentPosition(document.querySelector('#f-month'))") & 4
    desktop.keyboard.press("Enter")
    expect(heading(desktop)).to_have_text(RESULT)


def test_another_finger_opens_nothing_and_the_date_still_does(
    practice: Practice, guarded: Pages, screenshots: Screenshots
) -> None:
    small = guarded(SMALL)
    finger = Finger(small)
    opened(small, practice.link(Page.RESULT))
    offer(small)
    done(small)
    url = practice.link(Page.RESULT)
    tapped(small, url)
    finger.touches(right=False)
    small.get_by_role("button", name=USE).click()
    expect(small.get_by_role("alert")).to_have_text(FAILED)
    expect(heading(small)).to_have_text(ASKS)
    axe(small)
    fits(small)
    screenshots(small, "factor-passkey-failed")
    finger.touches(right=True)
    small.get_by_role("button", name=USE).click()
    expect(heading(small)).to_have_text(RESULT)
    done(small)
    opened(small, url)
    expect(heading(small)).to_have_text(RESULT)


def test_a_phone_that_holds_it_already_says_so(practice: Practice, phone: Tab) -> None:
    finger = Finger(phone)
    opened(phone, practice.link(Page.RESULT))
    offer(phone)
    done(phone)
    opened(phone, practice.link(Page.RESULT))
    phone.get_by_role("button", name=OFFER).click()
    expect(phone.get_by_role("status")).to_have_text("This phone is set up already.")
    assert len(finger.credentials()) == 1


def test_another_phone_sees_the_button_and_comes_in_by_the_date(
    practice: Practice, phone: Tab, guarded: Pages
) -> None:
    Finger(phone)
    opened(phone, practice.link(Page.RESULT))
    offer(phone)
    other, url = guarded(PHONE), practice.link(Page.RESULT)
    Finger(other)
    tapped(other, url)
    other.get_by_role("button", name=USE).click()
    expect(other.get_by_role("alert")).to_have_text(FAILED)
    opened(other, url)
    expect(heading(other)).to_have_text(RESULT)


def test_a_browser_that_reads_no_json_itself_does_it_by_hand(practice: Practice, guarded: Pages) -> None:
    old = guarded(PHONE)
    old.add_init_script("""
      delete PublicKeyCredential.parseCreationOptionsFromJSON;
      delete PublicKeyCredential.parseRequestOptionsFromJSON;
      delete PublicKeyCredential.prototype.toJSON;
    """)
    Finger(old)
    opened(old, practice.link(Page.RESULT))
    assert old.evaluate("PublicKeyCredential.parseCreationOptionsFromJSON") is None
    offer(old)
    done(old)
    tapped(old, practice.link(Page.RESULT))
    old.get_by_role("button", name=USE).click()
    expect(heading(old)).to_have_text(RESULT)


def nothing_of_it(tab: Tab, practice: Practice) -> None:
    """Neither the offer nor the button shows, and the date opens the page."""
    tapped(tab, practice.link(Page.RESULT))
    expect(heading(tab)).to_have_text(ASKS)
    expect(tab.get_by_role("button", name=USE)).to_have_count(0)
    opened(tab, practice.link(Page.RESULT))
    expect(heading(tab)).to_have_text(RESULT)
    expect(tab.get_by_role("button", name=OFFER)).to_have_count(0)
    expect(tab.locator("[data-passkey]")).to_be_hidden()


def test_where_a_browser_can_not_nothing_of_it_shows(practice: Practice, phone: Tab, guarded: Pages) -> None:
    Finger(phone)
    opened(phone, practice.link(Page.RESULT))
    offer(phone)
    unable = guarded(PHONE)
    unable.add_init_script("delete window.PublicKeyCredential")
    nothing_of_it(unable, practice)
    without = guarded(PHONE)  # it could, but has nothing that knows its user
    without.add_init_script(
        "PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable = () => Promise.resolve(false)"
    )
    nothing_of_it(without, practice)


def test_it_speaks_spanish(practice: Practice, phone: Tab, guard: Callable[..., Guard]) -> None:
    Finger(phone)
    with practice.house.rt.begin() as db:
        db.conn.exec_driver_sql("UPDATE patients SET language = 'es'")
    opened(phone, practice.link(Page.RESULT))
    phone.get_by_role("button", name="Abra más rápido la próxima vez: use su huella o su cara").click()
    expect(phone.get_by_role("status")).to_have_text("Listo. La próxima vez use su huella o su cara.")
    fits(phone)
    phone.get_by_role("button", name="Ya terminé").click()
    expect(heading(phone)).to_contain_text("Esta página está cerrada")
    tapped(phone, practice.link(Page.RESULT))
    phone.get_by_role("button", name="Usar mi huella o mi cara").click()
    expect(heading(phone)).to_have_text(RESULT)
