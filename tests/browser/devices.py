"""The devices that pages are looked at on."""

import shutil
from dataclasses import dataclass
from typing import Any

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
WIDTHS = (320, 390, 1280)
"""CSS pixels: the narrowest that WCAG 1.4.10 asks for, a phone of today, a desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A screen in CSS pixels, and whether it is touched."""

    width: int
    height: int
    scale: float = 1
    touch: bool = False

    def options(self) -> dict[str, Any]:
        """The arguments of Browser.new_context."""
        return {
            "viewport": {"width": self.width, "height": self.height},
            "device_scale_factor": self.scale,
            "has_touch": self.touch,
            "is_mobile": self.touch,
        }


PHONE = Device(width=390, height=844, scale=2, touch=True)
SMALL = Device(width=320, height=568, scale=2, touch=True)
DESKTOP = Device(width=1280, height=800)
ZOOMED = Device(width=195, height=422, scale=4, touch=True)
"""PHONE at 200 % zoom: half as many CSS pixels, each twice as large."""


def chromium() -> str | None:
    """Where Chromium is installed."""
    return next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)
