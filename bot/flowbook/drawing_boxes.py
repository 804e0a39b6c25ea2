"""The boxes of a picture and how large they are, by the texts in them; where they stand is `drawing_layout`'s.

What only ends is a pill under each box that ends there, and a start that joins a way which has begun is a pill on
the box where it joins: long lines that say little are not drawn.
"""

from collections import defaultdict
from dataclasses import dataclass
from unicodedata import east_asian_width

from bot.flowbook.drawing_layers import Cell
from bot.flowbook.drawing_parts import Arrow, Line, Node, Picture, merged

WIDTH, WIDEST, PAD, INSET, GAP, STEM = 300, 460, 16, 10, 8, 13
_CHIP, _START = 128, 132


@dataclass(frozen=True, slots=True, kw_only=True)
class Font:
    """`run` is its size as it runs, which is wider where it is bold; `step` the height of a line."""

    run: float
    step: float


TITLE, PLAIN, NOTE, LABEL = (
    Font(run=14 * 1.08, step=19),
    Font(run=12.5, step=17),
    Font(run=11, step=15),
    Font(run=11.5, step=15),
)
FONTS = {"line": PLAIN, "says": PLAIN, "again": PLAIN, "note": NOTE, "alarm": Font(run=12.5 * 1.08, step=17)}
"""By the look of a line."""
BUBBLES = ("says", "again")


# -- texts -------------------------------------------------------------------------------------------

_SHARES = {
    0.32: " .,:;'|!iIjl()[]/\\`",
    0.42: 'ftr-"*°',
    0.70: "ABCEFKLPRSTVXYZ&wG{}",
    0.80: "DHNOQUm+=<>~#",
    1.00: "MWm@%—…",
}
_SHARE = {letter: share for share, letters in _SHARES.items() for letter in letters}


def wide(text: str, size: float) -> float:
    """About how wide a text is, in a wide one of the usual system fonts: nobody knows which it will be."""
    return size * sum(_SHARE.get(c, 1.1 if east_asian_width(c) in "WF" else 0.61) for c in text)


def wrapped(text: str, size: float, width: float) -> list[str]:
    """Lines that fit; a word that is too long by itself is broken."""
    lines: list[str] = []
    for paragraph in text.strip().splitlines():
        lines.append("")
        for word in paragraph.split():
            joined = f"{lines[-1]} {word}".strip()
            if wide(joined, size) <= width:
                lines[-1] = joined
                continue
            lines += [""] * bool(lines[-1])
            for letter in word:
                if lines[-1] and wide(lines[-1] + letter, size) > width:
                    lines.append("")
                lines[-1] += letter
    return lines


# -- boxes -------------------------------------------------------------------------------------------


class Pill:
    """A short text in a round frame: the label of an arrow, a start, an end."""

    __slots__ = ("height", "lines", "width")

    def __init__(self, text: str, most: float = WIDTH) -> None:
        self.lines = wrapped(text, LABEL.run, most)
        self.width = max((wide(line, LABEL.run) for line in self.lines), default=0) + 18
        self.height = LABEL.step * max(1, len(self.lines)) + 7


class Exit:
    """A way out of a box: its label as a chip and, if it only ends, a pill; how wide and how far down that is."""

    __slots__ = ("arrow", "chip", "down", "end", "pill", "pill_at", "slot")

    def __init__(self, arrow: Arrow, end: Node | None) -> None:
        self.arrow, self.end = arrow, end
        self.chip = Pill(arrow.label, _CHIP) if arrow.label else None
        self.pill = Pill(end.title, _CHIP) if end else None
        self.slot = max([16.0, *(pill.width for pill in (self.chip, self.pill) if pill)]) + GAP
        chip_down = STEM + self.chip.height if self.chip else 0
        self.pill_at = chip_down + STEM + GAP / 2
        self.down = self.pill_at + self.pill.height if self.pill else chip_down


class Text:
    """A line of a node, wrapped; `height` is what it takes, `inside` its bubble's."""

    __slots__ = ("font", "height", "inset", "inside", "lines", "look", "width")

    def __init__(self, line: Line, room: float) -> None:
        self.width = width = min(room, WIDEST)
        self.look, self.font = line.look, FONTS[line.look]
        self.inset = INSET if line.look in BUBBLES else 0
        self.lines = wrapped(line.text, self.font.run, width - 2 * self.inset)
        self.inside = self.font.step * len(self.lines) + 2 * self.inset - 4
        self.height = self.inside + 8


class Block:
    """A node as a box: what it says, what leaves it, the starts that stand on it; and its size."""

    __slots__ = ("ends", "exits", "height", "node", "pill", "starts", "texts", "title", "width")

    def __init__(self, node: Node, exits: list[Exit], starts: list[Node]) -> None:
        self.node, self.exits = node, exits
        self.starts = [(start, Pill(start.title, _START)) for start in starts]
        self.pill = Pill(node.title) if node.kind in ("start", "end") and not node.lines else None
        self.ends = sum(way.slot for way in exits if way.end)
        room = max(sum(way.slot for way in exits) + GAP, self.pill.width if self.pill else WIDTH)
        self.width = -(-room // 2) * 2  # even, so that its sides are on whole pixels and sharp
        inner = self.width - 2 * PAD
        self.title = wrapped(node.title, TITLE.run, inner)
        self.texts = [Text(line, inner) for line in node.lines]
        texts = sum(text.height for text in self.texts)
        self.height = self.pill.height if self.pill else 40 + TITLE.step * len(self.title) + texts

    def cell(self) -> Cell:
        """The room that it needs."""
        return Cell(
            width=self.width,
            height=self.height,
            above=sum(pill.height + 5 for _, pill in self.starts) + STEM if self.starts else 0,
            below=max((way.down for way in self.exits), default=0),
            free_from=0.52 if self.starts else 0.1,
            exits_until=self.width - self.ends,
            hanging=self.node.kind == "start",
        )


def blocks_of(picture: Picture) -> list[Block]:
    """The boxes. Ends that lead nowhere, and starts that join, are part of the boxes beside them."""
    nodes = {node.id: node for node in picture.nodes}
    leaving: defaultdict[str, list[Arrow]] = defaultdict(list)
    coming: defaultdict[str, list[Arrow]] = defaultdict(list)
    for arrow in merged(picture.arrows):
        leaving[arrow.source].append(arrow)
        coming[arrow.target].append(arrow)

    last = [node for node in picture.nodes if node.kind == "end" and not node.lines and not leaving[node.id]]
    ends = {node.id: node for node in last if coming[node.id]}
    first = next((way.target for way in picture.arrows if nodes[way.source].kind == "start"), None)

    def joins(node: Node) -> bool:
        if node.kind != "start" or node.lines or coming[node.id] or len(leaving[node.id]) != 1:
            return False
        (way,) = leaving[node.id]
        begins = all(nodes[other.source].kind == "start" for other in coming[way.target])
        return not (begins or way.target == first or way.target in ends or way.label or way.quiet)

    return [
        Block(
            node,
            [Exit(way, ends.get(way.target)) for way in leaving[node.id]],
            [nodes[way.source] for way in coming[node.id] if joins(nodes[way.source])],
        )
        for node in picture.nodes
        if node.id not in ends and not joins(node)
    ]
