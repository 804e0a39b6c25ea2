"""What stands beside an input of a transcript, read: moments on the clinic's clock, lists, values."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.core.clocks import at_clock
from bot.core.state import Plain as Value
from bot.errors import BadFlow
from bot.flowbook.source import Plain
from bot.flowbook.world import World

More = Mapping[str, Plain]
"""What stands beside an input."""


def moment_of(world: World, text: str) -> datetime:
    """'2026-12-03 10:30' on the clinic's clock; raises BadFlow."""
    try:
        naive = datetime.fromisoformat(text.strip())
    except ValueError:
        naive = None
    if naive is None or naive.tzinfo:
        raise BadFlow(f"'{text}' is no moment; write one as '2026-12-03 10:30'.")
    return at_clock(naive, world.clinic.zone, datetime.now(UTC))


def as_list(value: Plain) -> list[Plain]:
    """A list; one thing stands for a list of it."""
    return value if isinstance(value, list) else [] if value is None else [value]


def values_of(value: Plain) -> dict[str, Value] | None:
    """Numbers as numbers, yes and no as such, all else as text; raises BadFlow."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BadFlow("Write values as {name: value}.")
    return {key: _worth(str(part)) for key, part in value.items()}


def _worth(text: str) -> Value:
    if text in ("yes", "no"):
        return text == "yes"
    return int(text) if re.fullmatch(r"-?\d+", text) else text
