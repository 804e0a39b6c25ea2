"""The checks themselves find what they are there to find: each looks at a page that is wrong."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Contexts, Pages
from tests.browser.devices import DESKTOP, SMALL, WIDTHS
from tests.browser.guard import Guard
from tests.browser.looks import SCHEMES, axe, fits, shoot, tab_to
from tests.conftest import House

GOOD = """<!doctype html><html lang="en"><title>Good</title>
<style>@media (prefers-color-scheme: dark) { body { background: #000; color: #fff } }</style>
<main><h1>Good</h1><p>Words.</p></main></html>"""


def fault_of(page: Page, body: str, style: str = "") -> str:
    """What axe says about this content of <main>."""
    page.set_content(GOOD.replace("<p>Words.</p>", body).replace("</style>", style + "</style>"))
    with pytest.raises(AssertionError) as failed:
        axe(page)
    return str(failed.value)


def test_axe_passes_a_page_without_faults_and_names_those_there_are(page: Pages) -> None:
    shown = page(DESKTOP)
    shown.set_content(GOOD)
    axe(shown)
    assert "image-alt (critical)" in fault_of(shown, "<img src='data:,'>")
    assert "heading-order" in fault_of(shown, "<h4>Best practice, not WCAG</h4>")
    small = "<button>x</button><button>y</button>"
    assert "target-size" in fault_of(
        shown, small, "button { padding: 0; border: 0; width: 9px; height: 9px }"
    )


def test_axe_looks_at_the_dark_page_too(page: Pages) -> None:
    dim = "p { transition: color 9s } @media (prefers-color-scheme: dark) { p { color: #333 } }"
    found = fault_of(page(DESKTOP, reduced_motion="reduce"), "<p>Words.</p>", dim.replace("9s", "0.1s"))
    assert "dark: color-contrast" in found
    assert "light:" not in found


def test_axe_works_under_our_policy(page: Pages) -> None:
    shown = page()
    shown.goto("/no-such-page")
    axe(shown)


def test_what_is_too_wide_is_named(page: Pages) -> None:
    shown = page(SMALL)
    head = "<!doctype html><meta name='viewport' content='width=device-width'>"
    shown.set_content(
        head + "<div id='scroller' style='overflow-x: auto'><p style='width: 500px'>x</p></div>"
    )
    fits(shown)
    shown.set_content(head + "<p id='long' style='width: 500px'>x</p>")
    with pytest.raises(AssertionError, match="p#long"):
        fits(shown)


def test_the_way_by_keyboard_needs_a_focus_that_is_seen(page: Pages) -> None:
    shown = page(DESKTOP)
    shown.set_content("<a href='#'>one</a><button>two</button><button tabindex='-1'>never</button>")
    assert tab_to(shown, shown.get_by_text("two")) == ["one", "two"]
    with pytest.raises(AssertionError, match="not to be reached"):
        tab_to(shown, shown.get_by_text("never"))
    shown.set_content("<style>a { outline: none !important }</style><a href='#'>one</a>")
    with pytest.raises(AssertionError, match="can't be seen on 'one'"):
        tab_to(shown, shown.get_by_text("one"))


def test_pictures_are_kept_at_every_width_and_the_page_stays_as_it_was(page: Pages, tmp_path: Path) -> None:
    shown = page(SMALL)
    shown.set_content(GOOD)
    shot = shoot(shown, "good", tmp_path / "new")
    assert len({path.read_bytes() for path in shot}) == len(WIDTHS) * len(SCHEMES)
    assert shown.viewport_size == {"width": 320, "height": 568}


@pytest.mark.parametrize(
    ("event", "script", "told"),
    [
        ("console", "console.error('oh no')", "console error: oh no"),
        ("weberror", "setTimeout(() => { throw new Error('thrown') })", "uncaught: thrown"),
        ("console", "new Image().src = '//other.example/x'", "policy broken: img-src http"),
        ("console", "document.body.innerHTML = '<p style=\"color: red\">'", "policy broken: style-src-attr"),
        ("console", "fetch('/healthz/nothing')", "console error: Failed to load"),
        ("request", "location.href = 'http://127.0.0.1:1/'", "request to another host: http://127.0.0.1:1"),
    ],
)
def test_the_guard_sees(house: House, context: Contexts, event: str, script: str, told: str) -> None:
    opened = context()
    guard = Guard(opened, house.url)
    shown = opened.new_page()
    shown.goto("/no-such-page")
    expect(shown.get_by_role("heading", level=1)).to_be_visible()
    assert guard.faults == []
    with opened.expect_event(event, lambda _: any(told in fault for fault in guard.faults)):
        shown.evaluate(f"() => {{ {script} }}")
