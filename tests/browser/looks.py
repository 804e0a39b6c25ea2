"""What a page must hold as it stands: axe's rules, no sideways scrolling, a way through it by keyboard alone."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Locator, Page

from tests.browser.devices import WIDTHS

SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
_RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},  # WCAG 2.2 AA; axe leaves it out unless it is asked for
}
_AXE = "rules => axe.run(document, rules).then(({violations}) => violations)"
_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const scrolls = (node) => node && node !== document.documentElement
    && (getComputedStyle(node).overflowX !== "visible" || scrolls(node.parentElement));
  const wide = [...document.body.querySelectorAll("*")].filter((node) =>
    node.getBoundingClientRect().right > width + 0.5 && !scrolls(node.parentElement));
  const named = (node) => `${node.tagName.toLowerCase()}${node.id && "#" + node.id}.${node.className}`;
  return [`${document.documentElement.scrollWidth} px instead of ${width}`, ...wide.map(named)];
}"""
_FOCUS = """() => {
  const here = document.activeElement;
  if (here === document.body) return null;
  const box = here.getBoundingClientRect();
  const outlined = [here, here.closest("label")].filter(Boolean).map((node) => getComputedStyle(node)).some(
    (style) => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none");
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const name = here.id || here.textContent.trim().slice(0, 30) || here.tagName;
  return {name, seen: inside && box.width > 1 && outlined};
}"""
_SETTLED = """() => document.getAnimations().forEach((one) => {
  if (one.effect.getComputedTiming().endTime !== Infinity) one.finish();
})"""


@cache
def _axe_source() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def axe(page: Page) -> None:
    """Fail with every violation of WCAG 2.0 to 2.2 A and AA and of axe's best practice, in light and in dark.

    The source is evaluated by the debugger, which a page's Content-Security-Policy doesn't bind.
    """
    if not page.evaluate("'axe' in window"):  # it stays until the page is left
        page.evaluate(_axe_source())
    found = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.evaluate(_SETTLED)  # colours on their way from light to dark have no contrast worth measuring
        found += [f"{scheme}: {_violation(one)}" for one in page.evaluate(_AXE, _RULES)]
    page.emulate_media(color_scheme="light")
    assert not found, "\n" + "\n".join(found)


def _violation(found: dict[str, Any]) -> str:
    places = [
        f"    {' '.join(map(str, node['target']))}: {node['failureSummary'].replace(chr(10), ' ')}"
        for node in found["nodes"]
    ]
    return "\n".join([f"{found['id']} ({found['impact']}): {found['help']}. {found['helpUrl']}", *places])


def fits(page: Page) -> None:
    """Fail if the page can be scrolled sideways, and name what is too wide."""
    too_wide = page.evaluate(_TOO_WIDE)
    assert not too_wide, too_wide


def tab_to(page: Page, goal: Locator, *, most: int = 60) -> list[str]:
    """Press Tab until `goal` has the focus; the names of the stops. Fails where the focus can't be seen."""
    stops: list[str] = []
    ends = 0
    while len(stops) < most and ends < 2:
        page.keyboard.press("Tab")
        stop = page.evaluate(_FOCUS)
        if stop is None:  # past the end, where the browser's own controls would be; then from the start
            ends += 1
            continue
        assert stop["seen"], f"the focus can't be seen on {stop['name']!r}; stops: {stops}"
        stops.append(stop["name"])
        if goal.evaluate("goal => goal === document.activeElement"):
            return stops
    raise AssertionError(f"not to be reached by Tab: {goal}; stops: {stops}")


def shoot(page: Page, name: str, directory: Path) -> list[Path]:
    """Pictures of the whole page at each of WIDTHS, light and dark; the page stays as it was."""
    directory.mkdir(parents=True, exist_ok=True)
    before = page.viewport_size
    shot = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844 if width < 600 else 800})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.evaluate(_SETTLED)
            shot.append(directory / f"{name}-{width}-{scheme}.png")
            page.screenshot(path=shot[-1], full_page=True)
    page.emulate_media(color_scheme="light")
    if before:
        page.set_viewport_size(before)
    return shot
