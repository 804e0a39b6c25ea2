"""A real browser: Debian's Chromium, headless, one for each process of a parallel run.

`context(device)` and `page(device)` open one at the house's address; `guarded(device)` is a page whose test fails if
anything went wrong in the console, with the policy or towards another host. `phone`, `small` and `desktop` are guarded
pages, ready to use. `screenshots(page, name)` keeps pictures under $CARELINE_SCREENSHOTS, if that is set.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy.pool import QueuePool

from tests.browser import looks
from tests.browser.devices import CHROMIUM_NAMES, DESKTOP, PHONE, SMALL, Device, chromium
from tests.browser.guard import Guard
from tests.browser.practice import Practice, Shipped, opened_for_business, shipped
from tests.conftest import House
from tests.faults.waiting import until

PATIENCE = 10_000.0  # ms that a condition may take to come true on a busy machine
expect.set_options(timeout=PATIENCE)
Contexts = Callable[..., BrowserContext]
Pages = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium for the run; skips where it isn't installed."""
    path = chromium()
    if path is None:
        pytest.skip(f"no Chromium here: none of {', '.join(CHROMIUM_NAMES)} is on the PATH")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser, house: House) -> Iterator[Contexts]:
    """Opens a context: a browser of its own, with its own cookies. Takes a device and arguments of new_context."""
    opened: list[BrowserContext] = []

    def open_context(device: Device = PHONE, **more: object) -> BrowserContext:
        settings: dict[str, Any] = {"base_url": house.url, "locale": "en-US"} | device.options() | more
        made = browser.new_context(**settings)
        made.set_default_timeout(PATIENCE)
        opened.append(made)
        return made

    yield open_context
    for one in opened:
        one.close()
    # A request that the browser gave up is still worked on; the house may be closed when it holds no connection.
    pool = house.rt.engine.pool
    assert isinstance(pool, QueuePool)
    until(lambda: pool.checkedout() == 0)


@pytest.fixture
def page(context: Contexts) -> Pages:
    """Opens a page in a context of its own. Takes what `context` takes."""

    def open_page(*given: object, **more: object) -> Page:
        return context(*given, **more).new_page()

    return open_page


@pytest.fixture
def guard(house: House) -> Iterator[Callable[[BrowserContext], Guard]]:
    """Puts a guard on a context; the test fails if it saw anything."""
    guards: list[Guard] = []

    def watch(watched: BrowserContext) -> Guard:
        guards.append(Guard(watched, house.url))
        return guards[-1]

    yield watch
    faults = [fault for one in guards for fault in one.faults]
    assert not faults, "\n" + "\n".join(faults)


@pytest.fixture
def guarded(guard: Callable[[BrowserContext], Guard], context: Contexts) -> Pages:
    """Opens a page like `page`, under guard. Further pages of its context are guarded too."""

    def open_page(*given: object, **more: object) -> Page:
        made = context(*given, **more)
        guard(made)
        return made.new_page()

    return open_page


@pytest.fixture
def phone(guarded: Pages) -> Page:
    """A phone of today: 390 px, touched."""
    return guarded(PHONE)


@pytest.fixture
def small(guarded: Pages) -> Page:
    """The smallest phone: 320 px, touched."""
    return guarded(SMALL)


@pytest.fixture
def desktop(guarded: Pages) -> Page:
    """A screen on a desk: 1280 px, with a mouse."""
    return guarded(DESKTOP)


@pytest.fixture
def screenshots(pytestconfig: pytest.Config) -> Callable[[Page, str], list[Path]]:
    """Keeps pictures of a page, as it stands, under this name: at 320, 390 and 1280 px, light and dark.

    Where $CARELINE_SCREENSHOTS says: a directory, from that of the project. Unset, nobody will look at them.
    """
    wanted = os.environ.get("CARELINE_SCREENSHOTS")

    def keep(shown: Page, name: str) -> list[Path]:
        return looks.shoot(shown, name, pytestconfig.rootpath / wanted) if wanted else []

    return keep


@pytest.fixture(scope="session")
def flows() -> Shipped:
    """The shipped flows, read once."""
    return shipped()


@pytest.fixture
def practice(house: House, flows: Shipped, tmp_path: Path) -> Practice:
    """The house with the shipped flows and Ana's chart."""
    return opened_for_business(house, flows, tmp_path)
