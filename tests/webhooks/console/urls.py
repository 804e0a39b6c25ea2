"""The console's addresses: a table for each section (`urls_<section>.py`), in which every address says whom it is for.

`seed(rt, clinic)` of a section's file makes what its addresses name in this clinic: placeholder → id.
"""

import importlib
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from bot.core.roles import May

ANYBODY = "anybody"
SIGNED_IN = "signed in"


@dataclass(frozen=True, kw_only=True)
class Url:
    """`rule` is what stands after /console. `form`: what a well-meant POST sends; `proof`: only with a fresh one.

    `demo`: where the demo runs, and nowhere else.
    """

    rule: str
    method: str = "GET"
    may: May | str = SIGNED_IN
    form: dict[str, str] = field(default_factory=dict)
    proof: bool = False
    demo: bool = False


def sections() -> list[ModuleType]:
    """Every section's table."""
    return [
        importlib.import_module(f"tests.webhooks.console.{path.stem}")
        for path in sorted(Path(__file__).parent.glob("urls_*.py"))
    ]


def all_urls() -> list[Url]:
    """Every address, those that only show something first."""
    found = [url for section in sections() for url in section.URLS]
    return sorted(found, key=lambda url: url.method != "GET")
