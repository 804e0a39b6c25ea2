"""The way to a secure page: from the text that brings the link to what stands behind the second factor."""

import re
from uuid import UUID, uuid4

from playwright.sync_api import Locator
from playwright.sync_api import Page as Tab

from bot.core.effects import LINK, Purpose, SendText
from bot.core.flow import Page
from bot.store import conversations, links, outbox
from tests.conftest import ANA_PHONE, House

BORN = ("1", "2", "1970")  # month, day and year of House.patient
WRONG = ("1", "3", "1970")
_LINK = re.compile(r"\S+/s#[\w-]+")


def link_of(house: House, phone: str = ANA_PHONE) -> str:
    """The address of the newest link that this phone got."""
    found = [link for body in house.got(phone) for link in _LINK.findall(body)]
    assert found, f"no link came: {house.got(phone)}"
    return str(found[-1])


def send(
    house: House, patient: UUID, page: Page, *, form: str | None = None, visit: UUID | None = None
) -> str:
    """Text Ana the link to a page that no flow waits for; its address."""
    text = SendText(
        wording="link",
        language="en",
        body=f"Read {LINK} here",
        purpose=Purpose.REPLY,
        zone="America/New_York",
    )
    key = str(uuid4())
    with house.rt.begin() as db:
        now = house.rt.now()
        policy = house.rt.book(db, house.rt.current_edition(db)).policy
        conversation = conversations.with_phone(db, house.clinic, ANA_PHONE, now)
        link = links.issue(
            db,
            clinic=house.clinic,
            conversation=conversation,
            patient=patient,
            visit_id=visit,
            effect_key=key,
            page=page,
            form=form,
            turn=None,
            tries=policy.link_tries,
            views=policy.link_views,
            now=now,
        )
        outbox.put(
            db, clinic=house.clinic, conversation=conversation, effect_key=key, text=text, now=now, link=link
        )
    house.work()
    return link_of(house)


def shell_button(tab: Tab) -> Locator:
    """The only thing to tap on the shell."""
    return tab.locator("#shell-open button")


def tapped(tab: Tab, url: str) -> Tab:
    """Follow the link and tap the shell's button."""
    tab.goto(url)
    shell_button(tab).click()
    tab.wait_for_url(re.compile(r"/s/[0-9a-f-]{36}$"))
    return tab


def unlock_button(tab: Tab) -> Locator:
    """What sends the second factor."""
    return tab.locator("form[action$='/unlock'] button:not([type=button])")


def answered(tab: Tab, born: tuple[str, str, str] = BORN) -> Tab:
    """Answer the question for the date of birth; the page that comes for it has been loaded."""
    for name, value in zip(("month", "day", "year"), born, strict=True):
        tab.locator(f"[name={name}]").fill(value)
    with tab.expect_navigation():
        unlock_button(tab).click()
    return tab


def opened(tab: Tab, url: str) -> Tab:
    """All the way: the link, the tap, the date of birth."""
    return answered(tapped(tab, url))


def heading(tab: Tab) -> Locator:
    """What the page says it is."""
    return tab.get_by_role("heading", level=1)
