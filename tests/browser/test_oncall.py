"""The on-call page in a browser: an alarm comes while it is open, is taken, handed over, ended; sound, push, keys."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from bot.core.events import Drilled
from bot.gateways.push import Pusher, new_key
from bot.service import answer
from bot.store import devices, staff
from tests.bot.gateways.test_push import Browser
from tests.bot.service.duty import put
from tests.bot.service.ward import token
from tests.browser.conftest import Pages
from tests.browser.devices import Device
from tests.browser.looks import axe, fits, tab_to
from tests.browser.practice import Practice
from tests.conftest import House

Screenshots = Callable[[Page, str], list[Path]]
NARROW = Device(width=375, height=812, scale=2, touch=True)
WIDE = Device(width=1440, height=900)
PEOPLE = {
    "maria": ("Maria Ruiz", "nurse", "+12025550131"),
    "joe": ("Joe Park", "nurse", "+12025550132"),  # it is his week
    "dr_lee": ("Dr. Lee", "provider", "+12025550133"),
    "dr_shah": ("Dr. Shah", "provider", None),
}
LISTEN = """
self.heard = { notes: 0, shakes: 0 };
const make = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { heard.notes += 1; return make.call(this); };
Object.defineProperty(navigator, "vibrate", { value: () => { heard.shakes += 1; return true; } });
"""
SUBSCRIBE = """
let kept = null;
PushManager.prototype.getSubscription = async () => kept;
PushManager.prototype.subscribe = async (wanted) => {
  self.subscribed = { visible: wanted.userVisibleOnly, key: wanted.applicationServerKey.length };
  kept = { toJSON: () => (SUBSCRIPTION), unsubscribe: async () => { kept = null; return true; } };
  return kept;
};
"""


@dataclass
class Ward:
    """The practice, and people on call by the shipped rosters and ladders."""

    house: House
    members: dict[str, UUID]

    def link(self, handle: str | None) -> str:
        """A link as a text would bring it to them; None: to the on-call phone."""
        made = token(self.house, self.members[handle] if handle else None)
        return f"{self.house.url}/oncall#{made}"

    def says(self, words: str) -> None:
        """Ana texts this, and everybody works."""
        self.house.text(words)
        self.house.work()


@pytest.fixture
def ward(practice: Practice) -> Ward:
    """People are on call, and nothing has happened yet."""
    rt, clinic = practice.house.rt, practice.house.clinic
    members: dict[str, UUID] = {}
    with rt.begin() as db:
        for handle, (name, role, phone) in PEOPLE.items():
            known = {"role": role, "name": name, "phone": phone, "email": f"{handle}@riverside.example"}
            members[handle] = staff.save(db, clinic=clinic, handle=handle, now=rt.now(), **known)
    return Ward(practice.house, members)


def title(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def press(ward: Ward, page: Page, name: str) -> None:
    """Press this, and everybody works once it has come in."""
    with page.expect_response("**/oncall/act"):
        page.get_by_role("button", name=name, exact=True).click()
    ward.house.work()


def passes(page: Page) -> None:
    """The page can be read by everybody, on a phone and on a desk."""
    before = page.viewport_size
    for device in (NARROW, WIDE):
        page.set_viewport_size({"width": device.width, "height": device.height})
        axe(page)
        fits(page)
    assert before
    page.set_viewport_size(before)


def heard(page: Page) -> dict[str, int]:
    found: dict[str, int] = page.evaluate("heard")
    return found


# -- the whole way ----------------------------------------------------------------------------------------


def test_everybodys_shifts_are_seen_whole(ward: Ward, guarded: Pages, screenshots: Screenshots) -> None:
    page = guarded(NARROW)
    page.goto(ward.link("joe"))
    page.get_by_text("Everybody’s shifts", exact=True).click()
    days = page.locator("#plan tr")
    expect(days).to_have_count(14)
    for roster in ("Front desk", "Nurse", "Provider"):
        expect(days.first.locator(f'td[data-roster="{roster}"]')).to_be_visible()
    expect(days.first.locator(".own").first).to_contain_text("Joe Park")
    wider = "node => node.scrollWidth > node.clientWidth"
    for device in (NARROW, WIDE):
        page.set_viewport_size({"width": device.width, "height": device.height})
        assert not page.locator(".table-wrap").evaluate(wider), "a column is out of sight"
    passes(page)
    screenshots(page, "oncall-plan")


def test_a_page_arrives_is_taken_and_ended(ward: Ward, guarded: Pages, screenshots: Screenshots) -> None:
    page = guarded(NARROW)
    page.goto(ward.link("joe"))
    expect(title(page)).to_have_text("All is quiet")
    expect(page).to_have_title("On call · Riverside Clinic")
    expect(page.locator("#duty")).to_contain_text("Joe Park (you)")
    expect(page.locator("#shifts li")).not_to_have_count(0)
    passes(page)
    screenshots(page, "oncall-quiet")

    ward.says("chest pain")
    expect(title(page)).to_have_text("Somebody is needed")
    expect(page).to_have_title("(1) On call · Riverside Clinic")
    expect(page.locator("#announcer")).to_have_text(re.compile(r"emergency \d{4}: nobody has it yet\."))
    case = page.locator(".case")
    expect(case).to_contain_text("A patient’s own words sound like an emergency.")
    expect(case).to_contain_text(re.compile(r"You are called and texted at .* · in \d:\d\d"))
    passes(page)
    screenshots(page, "oncall-nobody")

    with page.expect_response("**/oncall/act"):
        page.get_by_role("button", name="I take it").click()
    expect(case).to_contain_text("You have it. Saving…")  # nobody has worked yet
    ward.house.work()
    expect(case).to_contain_text("You have it since")
    expect(case).to_contain_text("You are asked again at")
    expect(title(page)).to_have_text("You have it")
    expect(page).to_have_title("On call · Riverside Clinic")
    page.get_by_text("What was done").click()
    expect(case).to_contain_text("Text to Joe Park: arrived")
    expect(case).to_contain_text("Joe Park took it · on this page")
    passes(page)
    screenshots(page, "oncall-mine")

    page.get_by_role("button", name="It is over…").click()
    passes(page)
    screenshots(page, "oncall-end")
    press(ward, page, "Reached the patient")
    expect(page.locator("#ended")).to_contain_text("Reached the patient, by you")
    expect(title(page)).to_have_text("All is quiet")
    passes(page)
    screenshots(page, "oncall-ended")
    press(ward, page, f"Open {page.locator('#ended strong').inner_text()} again")
    expect(title(page)).to_have_text("Somebody is needed")


def test_it_is_handed_over_and_asked_of_again(ward: Ward, guarded: Pages, screenshots: Screenshots) -> None:
    ward.says("chest pain")
    joe, lee = guarded(NARROW), guarded(WIDE)
    joe.goto(ward.link("joe"))
    lee.goto(ward.link("dr_lee"))
    press(ward, joe, "I take it")
    press(ward, joe, "30 min")
    expect(joe.locator(".case")).to_contain_text("You are asked again at")
    expect(lee.locator(".case")).to_contain_text("Joe Park has it since")
    expect(title(lee)).to_have_text("Everything is taken")
    passes(lee)
    screenshots(lee, "oncall-theirs")
    joe.get_by_role("button", name="Hand over…").click()
    passes(joe)
    screenshots(joe, "oncall-hand")
    joe.get_by_role("button", name="Back").click()
    expect(joe.get_by_role("button", name="Hand over…")).to_be_focused()
    joe.get_by_role("button", name="Hand over…").click()
    press(ward, joe, "Provider on call: Dr. Lee")
    expect(title(lee)).to_have_text("Somebody is needed")
    press(ward, lee, "I take it")
    expect(joe.locator(".case")).to_contain_text("Dr. Lee has it since")


def test_somebody_else_was_quicker(ward: Ward, guarded: Pages) -> None:
    ward.says("chest pain")
    page = guarded(NARROW)
    page.goto(ward.link("joe"))
    code = page.locator(".case").get_attribute("data-key")
    assert code
    page.route("**/oncall/state", lambda _: None)  # this page hears nothing meanwhile
    answer.take(ward.house.rt, ward.house.clinic, code, by="maria", via="text")
    ward.house.work()
    page.get_by_role("button", name="I take it").click()
    expect(page.get_by_role("alert")).to_have_text(f"Maria Ruiz was quicker and has {code}.")


def test_a_drill_is_not_red(ward: Ward, guarded: Pages, screenshots: Screenshots) -> None:
    put(ward.house, Drilled(urgency="emergency"))
    ward.house.work()
    page = guarded(NARROW)
    page.goto(ward.link("joe"))
    expect(title(page)).to_have_text("A drill is on")
    expect(page.locator(".case")).to_contain_text("A drill. No patient is waiting.")
    expect(page.locator(".alarm")).to_have_count(0)
    passes(page)
    screenshots(page, "oncall-drill")


# -- the link ---------------------------------------------------------------------------------------------


def test_the_token_leaves_the_address_bar_and_stays_with_the_tab(ward: Ward, guarded: Pages) -> None:
    sent: list[Request] = []
    page, url = guarded(NARROW), ward.link("joe")
    page.on("request", lambda request: sent.append(request))
    made = urlsplit(url).fragment
    page.goto(url)
    expect(title(page)).to_have_text("All is quiet")
    assert page.url == f"{ward.house.url}/oncall"
    page.reload()
    expect(title(page)).to_have_text("All is quiet")
    assert not [one for one in sent if made in urlsplit(one.url)._replace(fragment="").geturl()]
    assert not [one for one in sent if made in str(one.headers)]
    other = page.context.new_page()
    other.goto("/oncall")
    expect(title(other)).to_have_text("Open the link in your text")
    axe(other)
    page.goto(ward.link("maria"))  # another link in the same tab
    expect(page.locator("#me")).to_have_text("Maria Ruiz")


def test_a_link_that_is_over_says_what_to_do(ward: Ward, page: Pages, screenshots: Screenshots) -> None:
    shown, url = page(NARROW), ward.link("joe")
    shown.goto(url)
    expect(title(shown)).to_have_text("All is quiet")
    ward.house.rt.move_clock(timedelta(hours=24))
    expect(title(shown)).to_have_text("This link is over")
    expect(shown.locator("#over")).to_contain_text("Text ACK and the code, or ask for a new one.")
    passes(shown)
    screenshots(shown, "oncall-over")
    shown.goto(f"/oncall#{'A' * 40}")
    expect(title(shown)).to_have_text("This link is over")
    assert shown.evaluate("sessionStorage.length") == 0
    shown.goto(ward.link("joe"))
    expect(title(shown)).to_have_text("All is quiet")


def test_the_on_call_phone_sees_what_it_needs(ward: Ward, guarded: Pages) -> None:
    ward.says("chest pain")
    page = guarded(NARROW)
    page.goto(ward.link(None))
    expect(page.locator("#me")).to_have_text("The on-call phone")
    expect(page.get_by_text("Your next 14 days")).to_be_hidden()
    press(ward, page, "I take it")
    expect(page.locator(".case")).to_contain_text("You have it since")


def test_without_scripts_it_says_what_to_do(ward: Ward, page: Pages) -> None:
    shown = page(NARROW, java_script_enabled=False)
    shown.goto(ward.link("joe"))
    expect(shown.locator("noscript p")).to_be_visible()
    expect(shown.locator("noscript p")).to_contain_text("Reply ACK and the code")


def test_a_page_that_hears_nothing_says_so(ward: Ward, page: Pages, screenshots: Screenshots) -> None:
    ward.says("chest pain")
    shown = page(NARROW)
    shown.goto(ward.link("joe"))
    expect(shown.locator(".case")).to_have_count(1)
    shown.context.set_offline(True)
    away = shown.get_by_text("What you see may be old.")
    expect(away).to_be_visible()
    shown.get_by_role("button", name="I take it").click()
    expect(shown.get_by_role("alert")).to_contain_text("That wasn’t saved. Try again, or text ACK")
    expect(shown.get_by_role("button", name="I take it")).to_be_enabled()
    passes(shown)
    screenshots(shown, "oncall-away")
    shown.context.set_offline(False)
    expect(away).to_be_hidden()


# -- keys, sound, push ------------------------------------------------------------------------------------


def test_it_is_used_by_keyboard_alone(ward: Ward, guarded: Pages) -> None:
    ward.says("chest pain")
    page = guarded(WIDE, reduced_motion="reduce")
    page.goto(ward.link("joe"))
    tab_to(page, page.get_by_role("button", name="I take it"))
    with page.expect_response("**/oncall/act"):
        page.keyboard.press("Enter")
    ward.house.work()
    expect(page.locator(".case")).to_contain_text("You have it since")
    expect(page.locator(".case")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="It is over…"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Reached the patient")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="False alarm"))
    with page.expect_response("**/oncall/act"):
        page.keyboard.press("Enter")
    ward.house.work()
    expect(page.locator("#ended")).to_contain_text("False alarm, by you")
    expect(page.locator("#announcer")).to_have_text(re.compile(r"\d{4} is over\."))


def test_a_new_page_is_heard_once_sound_is_on(ward: Ward, guarded: Pages) -> None:
    page = guarded(NARROW)
    page.add_init_script(LISTEN)
    page.goto(ward.link("maria"))
    expect(page.get_by_text("Sound is off")).to_be_visible()
    page.get_by_role("button", name="Turn sound on").click()
    expect(page.get_by_text("Sound is on")).to_be_visible()
    before = heard(page)
    ward.says("chest pain")
    expect(page.locator(".case")).to_have_count(1)
    once = heard(page)
    assert (once["notes"] > before["notes"], once["shakes"]) == (True, 1)
    page.reload()  # no browser plays a thing now, and the wish is still there
    expect(page.get_by_text("Sound is off")).to_be_visible()
    page.locator("#duty").click()
    expect(page.get_by_text("Sound is on")).to_be_visible()
    page.get_by_role("button", name="Turn sound off").click()
    expect(page.get_by_text("Sound is off")).to_be_visible()
    ward.house.wait_until(ward.house.rt.now() + timedelta(minutes=2))  # its second page
    expect(page.locator(".case")).to_contain_text("2 min")
    page.wait_for_function("heard.shakes === 1")
    assert heard(page)["notes"] == 0


def test_alerts_come_to_this_phone(ward: Ward, guarded: Pages) -> None:
    rt = ward.house.rt
    rt.__dict__["pusher"] = Pusher(new_key(), "mailto:oncall@riverside.example", allow_local=True)
    subscription = Browser(base_url="https://push.example.com").subscription()
    keys = f'{{ p256dh: "{subscription.p256dh}", auth: "{subscription.auth}" }}'
    page = guarded(NARROW)
    page.context.grant_permissions(["notifications"])
    page.add_init_script(
        SUBSCRIBE.replace("SUBSCRIPTION", f'{{ endpoint: "{subscription.endpoint}", keys: {keys} }}')
    )
    page.goto(ward.link("joe"))
    page.get_by_role("button", name="Get alerts on this phone").click()
    expect(page.get_by_text("Alerts are on")).to_be_visible()
    passes(page)
    assert page.evaluate("subscribed") == {"visible": True, "key": 65}
    with rt.begin() as db:
        (kept,) = devices.of(db, ward.house.clinic, ward.members["joe"])
    assert kept.endpoint == subscription.endpoint
    page.get_by_role("button", name="Turn alerts off").click()
    expect(page.get_by_text("Alerts are off")).to_be_visible()


def test_a_push_is_shown_by_its_first_words_alone(ward: Ward, guarded: Pages) -> None:
    page = guarded(NARROW)
    page.context.grant_permissions(["notifications"])
    page.goto(ward.link("joe"))
    expect(title(page)).to_have_text("All is quiet")
    devtools = page.context.new_cdp_session(page)
    registered: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: registered.extend(one["registrationId"] for one in told["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    page.evaluate(
        "navigator.serviceWorker.register('/oncall/worker.js', { scope: '/oncall' })"
        ".then(() => navigator.serviceWorker.ready).then(() => true)"
    )
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    words = (
        "Riverside Clinic EMERGENCY 4821: a patient's message needs you. Reply ACK 4821 to take it, or open"
    )
    with page.expect_response("**/oncall/state"):  # an open page looks at once
        devtools.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": ward.house.url, "registrationId": registered[-1], "data": words},
        )
    shown = page.evaluate(
        "navigator.serviceWorker.ready.then((here) => here.getNotifications())"
        ".then((all) => all.map(({ title, body, tag }) => [title, body, tag]))"
    )
    assert shown == [["Riverside Clinic EMERGENCY 4821", "Somebody is needed. Tap to take it.", "4821"]]
