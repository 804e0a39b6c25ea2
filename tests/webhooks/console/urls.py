"""The console's addresses: a table for each section (`urls_<section>.py`), in which every address says whom it is for.

`seed(rt, clinic)` of a section's file makes what its addresses name in this clinic: placeholder → id.
"""

from dataclasses import dataclass, field

from bot.core.roles import May

ANYBODY = "anybody"
SIGNED_IN = "signed in"


@dataclass(frozen=True, kw_only=True)
class Url:
    """`rule` is what stands after /console. `form`: what a well-meant POST sends; `proof`: only with a fresh one."""

    rule: str
    method: str = "GET"
    may: May | str = SIGNED_IN
    form: dict[str, str] = field(default_factory=dict)
    proof: bool = False
