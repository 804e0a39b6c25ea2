"""The console's addresses: a table for each section (`urls_<section>.py`), in which every address says whom it is for.

`seed(rt, clinic)` of a section's file makes what its addresses name in this clinic: placeholder → id.
"""

import importlib
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from bot.core.roles import May, Role

ANYBODY = "anybody"
SIGNED_IN = "signed in"


@dataclass(frozen=True, kw_only=True)
class Url:
    """An address, and whom it is for.

    rule   what stands after /console
    may    the right that it needs, or several of which one will do
    form   what a well-meant POST sends
    proof  only for who has shown lately who they are
    demo   where the demo runs, and nowhere else
    """

    rule: str
    method: str = "GET"
    may: May | tuple[May, ...] | str = SIGNED_IN
    form: dict[str, str] = field(default_factory=dict)
    proof: bool = False
    demo: bool = False

    def open_to(self, role: Role) -> bool:
        """Whether whoever has this role, and is signed in, gets it."""
        return self.may == SIGNED_IN or bool(self.rights & set(role.may))

    @property
    def rights(self) -> set[May]:
        """Those of which one is needed."""
        if isinstance(self.may, May):
            return {self.may}
        return set() if isinstance(self.may, str) else set(self.may)


def sections() -> list[ModuleType]:
    """Every section's table."""
    return [
        importlib.import_module(f"tests.webhooks.console.{path.stem}")
        for path in sorted(Path(__file__).parent.glob("urls_*.py"))
    ]


def all_urls() -> list[Url]:
    """Every address, those that only show something first, and signing out last."""
    found = [url for section in sections() for url in section.URLS]
    return sorted(found, key=lambda url: (url.method != "GET", url.rule == "/sign-out"))
