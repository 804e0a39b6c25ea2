"""What a picture of boxes and arrows is made of; `drawing` makes an SVG of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

KINDS: Mapping[str, tuple[str, str]] = {
    "start": ("#0f766e", "#2dd4bf"),
    "say": ("#2563eb", "#6ea8fe"),
    "ask": ("#7c3aed", "#b197fc"),
    "act": ("#15803d", "#4ade80"),
    "branch": ("#a16207", "#facc15"),
    "alarm": ("#dc2626", "#f87171"),
    "task": ("#c2410c", "#fb923c"),
    "wait": ("#57606a", "#a3adb8"),
    "call": ("#0e7490", "#22d3ee"),
    "page": ("#be185d", "#f472b6"),
    "end": ("#57606a", "#a3adb8"),
}
"""Each kind of node, its colour by light and by dark."""

LOOKS = ("line", "says", "again", "note", "alarm")
"""How a line in a box looks: plain, as a bubble, as the bubble of a second try, small, or red."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A text in a box; `look` is one of `LOOKS`."""

    text: str
    look: str = "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A box; `kind` is one of `KINDS`."""

    id: str
    kind: str
    title: str
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """A way from node to node, by their ids. `quiet` is for ways that nobody chose, such as 'no answer'."""

    source: str
    target: str
    label: str = ""
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is to be drawn."""

    title: str
    subtitle: str
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]


def check(picture: Picture) -> None:
    """Raises ValueError if ids, kinds or arrows aren't as they should be."""
    ids = {node.id for node in picture.nodes}
    if len(ids) < len(picture.nodes):
        raise ValueError("two nodes have the same id")
    if strange := {node.kind for node in picture.nodes} - KINDS.keys():
        raise ValueError(f"no such kind of node: {', '.join(sorted(strange))}")
    if odd := {line.look for node in picture.nodes for line in node.lines} - set(LOOKS):
        raise ValueError(f"no such look of a line: {', '.join(sorted(odd))}")
    if lost := {end for arrow in picture.arrows for end in (arrow.source, arrow.target)} - ids:
        raise ValueError(f"an arrow needs a node that isn't there: {', '.join(sorted(lost))}")


def merged(arrows: Iterable[Arrow]) -> list[Arrow]:
    """One arrow from one node to another, with all their labels; quiet only if all are."""
    together: defaultdict[tuple[str, str], list[Arrow]] = defaultdict(list)
    for arrow in arrows:
        together[arrow.source, arrow.target].append(arrow)
    made = []
    for (source, target), group in together.items():
        label = " · ".join(dict.fromkeys(arrow.label.strip() for arrow in group if arrow.label.strip()))
        made.append(
            Arrow(source=source, target=target, label=label, quiet=all(arrow.quiet for arrow in group))
        )
    return made


def told(picture: Picture) -> str:
    """The picture in words, for those who can't see it."""
    titles = {node.id: node.title for node in picture.nodes}
    ways: defaultdict[str, list[str]] = defaultdict(list)
    for arrow in merged(picture.arrows):
        ways[arrow.source].append(f"{arrow.label or 'then'} → {titles[arrow.target]}")
    lines = [picture.subtitle] * bool(picture.subtitle)
    for node in picture.nodes:
        said = [f"{node.title} ({node.kind}).", *(line.text for line in node.lines), "; ".join(ways[node.id])]
        lines.append(" ".join(said).strip())
    return "\n".join(lines)
