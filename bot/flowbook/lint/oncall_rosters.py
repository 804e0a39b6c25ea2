"""Family `oncall`, the rules about rosters that hold on any day."""

from collections.abc import Callable, Iterator
from datetime import datetime

from bot.core.oncall import Layer
from bot.flowbook.faults import Fault
from bot.flowbook.lint.oncall_scope import Look
from bot.flowbook.source import Where


def in_order(look: Look) -> Iterator[Fault]:
    """An override begins before it ends."""
    for name, roster in look.oncall.rosters.items():
        for number, override in enumerate(roster.overrides):
            if override.until <= override.opens:
                yield look.fault(
                    ("rosters", name, "overrides", number, "until"),
                    "oncall/override-order",
                    f"From {_said(override.opens)} until {_said(override.until)} is no time at all: "
                    f"'{override.person}' never has it.",
                    "Write the later moment behind 'until'. A day alone is its first minute: the end of the 25th "
                    "is 'until: 2026-12-26'.",
                )


def moments_once(look: Look) -> Iterator[Fault]:
    """A hand-over names each moment of the week once."""
    for where, layer in _layers(look):
        place = (*where, "hand_over")
        node = look.source.values.get(place)
        if node is None:
            continue
        parts = " ".join(str(node.value).lower().split()).split(" and ")
        named = sum(7 if part.removeprefix("every ").startswith("day") else 1 for part in parts)
        if named > len(layer.hand_over):
            yield look.fault(
                place,
                "oncall/hand-over-twice",
                "A moment of the week is named twice, and counts once: the turn goes on by one person, not by two.",
                "Name each day and time once. 'every day' has all seven days in it.",
                severity="warning",
            )


def hidden(look: Look) -> Iterator[Fault]:
    """No layer lies under one that always counts."""
    for name, roster in look.oncall.rosters.items():
        for number, layer in enumerate(roster.layers):
            above = next((upper for upper in roster.layers[number + 1 :] if _covers(upper, layer)), None)
            if above:
                yield look.fault(
                    ("rosters", name, "layers", number),
                    "oncall/hidden-layer",
                    f"{_them(layer)} never get a turn here: the layer of {_them(above)} below always has "
                    "somebody, and the last layer that has somebody counts.",
                    "Put the layer that holds always first, and what takes its place at certain times below it.",
                    at="key",
                    severity="warning",
                )


def _covers(upper: Layer, layer: Layer) -> bool:
    """Whether the upper layer has somebody whenever the other one has."""
    if upper.only is not None:
        return False
    return upper.starts is None or (layer.starts is not None and upper.starts <= layer.starts)


def _them(layer: Layer) -> str:
    return ", ".join(f"'{person}'" for person in dict.fromkeys(layer.people))


def _layers(look: Look) -> Iterator[tuple[Where, Layer]]:
    for name, roster in look.oncall.rosters.items():
        for number, layer in enumerate(roster.layers):
            yield ("rosters", name, "layers", number), layer


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


RULES: tuple[Callable[[Look], Iterator[Fault]], ...] = (in_order, moments_once, hidden)
