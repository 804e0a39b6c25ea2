"""A picture of boxes and arrows as an SVG that explains itself: one file, light and dark, no font, no script.

Texts to a patient look like the bubbles of a chat. Arrows have their label right where they leave. What only ends
is a pill under each box that ends there, and a start that joins a way which has begun is a pill on the box where
it joins: long lines that say little are not drawn.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

from bot.flowbook.drawing_layout import Cell, Plan, Point, Way, plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A box. `kind` is one of `KINDS`; `lines` are texts, a bubble each where the kind speaks to a patient."""

    id: str
    kind: str
    title: str
    lines: tuple[str, ...] = ()


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

# Selectors, what they look like by light, and what of it changes by dark.
_STYLE = """
text|font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:#1f2328|fill:#e6edf3
.paper|fill:#f6f7f9|fill:#0f1419
.head|font-size:20px;font-weight:700|
.sub|font-size:13px;fill:#57606a|fill:#a3adb8
.box|fill:#fff;stroke:#d0d7de|fill:#1b222b;stroke:#38424e
.kind|font-size:10px;font-weight:700;letter-spacing:.08em|
.title|font-size:14px;font-weight:700|
.line|font-size:12.5px|
.bubble.say|fill:#e3edff|fill:#1c3355
.bubble.ask|fill:#efe7ff|fill:#33275a
.way|fill:none;stroke:#6b7683;stroke-width:1.6|stroke:#8d99a6
.tip|fill:#6b7683|fill:#8d99a6
.under|fill:none;stroke:#f6f7f9;stroke-width:6|stroke:#0f1419
.chip|fill:#fff;stroke:#8d99a6|fill:#1b222b;stroke:#74808d
.label|font-size:11.5px;text-anchor:middle|
.pill|fill:#e7ebef;stroke:#a5afba|fill:#28313b;stroke:#56616d
.pill.start|fill:#d8f3ee;stroke:#0f766e|fill:#123c38;stroke:#2dd4bf
.quiet .way|stroke:#98a3ae;stroke-dasharray:5 4|stroke:#66717d
.quiet .tip|fill:#98a3ae|fill:#66717d
.quiet .chip|stroke:#a5afba;stroke-dasharray:3 2|stroke:#56616d
.quiet .label|fill:#57606a|fill:#a3adb8
"""

_WIDTH, _PAD, _INSET, _MARGIN, _HEAD, _ROUND = 280, 16, 10, 32, 44, 9
_TITLE, _LINE, _LABEL = (14 * 1.08, 19), (12.5, 17), (11.5, 15)
"""Size of a font, as it runs, and height of a line."""
_STEM, _CHIP, _GAP = 13, 120, 8


# -- texts -------------------------------------------------------------------------------------------

_SHARES = {
    0.32: " .,:;'|!iIjl()[]/\\`",
    0.42: 'ftr-"*°',
    0.70: "ABCEFKLPRSTVXYZ&wG{}",
    0.80: "DHNOQUm+=<>~#",
    1.00: "MWm@%—…",
}
_SHARE = {letter: share for share, letters in _SHARES.items() for letter in letters}
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _wide(text: str, size: float) -> float:
    """About how wide a text is, in a wide one of the usual system fonts: nobody knows which it will be."""
    return size * sum(_SHARE.get(c, 1.1 if east_asian_width(c) in "WF" else 0.61) for c in text)


def _wrapped(text: str, size: float, width: float) -> list[str]:
    """Lines that fit; a word that is too long by itself is broken."""
    lines: list[str] = []
    for paragraph in text.strip().splitlines():
        lines.append("")
        for word in paragraph.split():
            joined = f"{lines[-1]} {word}".strip()
            if _wide(joined, size) <= width:
                lines[-1] = joined
                continue
            lines += [""] * bool(lines[-1])
            for letter in word:
                if lines[-1] and _wide(lines[-1] + letter, size) > width:
                    lines.append("")
                lines[-1] += letter
    return lines


def _text(text: str) -> str:
    """Escaped, and without what no XML may have."""
    return escape(_NO_XML.sub("\ufffd", text), {'"': "&quot;", "\n": "&#10;"})


# -- boxes -------------------------------------------------------------------------------------------


class _Pill:
    """A short text in a round frame: the label of an arrow, a start, an end."""

    __slots__ = ("height", "lines", "width")

    def __init__(self, text: str, most: float = _WIDTH) -> None:
        self.lines = _wrapped(text, _LABEL[0], most)
        self.width = max((_wide(line, _LABEL[0]) for line in self.lines), default=0) + 18
        self.height = _LABEL[1] * max(1, len(self.lines)) + 7

    def ink(self, look: str, x: float, y: float) -> str:
        """Around x, from y down."""
        frame = _rect(look, x - self.width / 2, y, self.width, self.height, 11)
        return frame + _lines("label", self.lines, x, y + 15, _LABEL[1])


class _Exit:
    """A way out of a box: its label as a chip and, if it only ends, a pill; how wide and how far down that is."""

    def __init__(self, arrow: Arrow, end: Node | None) -> None:
        self.arrow, self.end = arrow, end
        self.chip = _Pill(arrow.label, _CHIP) if arrow.label else None
        self.pill = _Pill(end.title, _CHIP) if end else None
        self.slot = max([16.0, *(pill.width for pill in (self.chip, self.pill) if pill)]) + _GAP
        chip_down = _STEM + self.chip.height if self.chip else 0
        self.pill_at = chip_down + _STEM + _GAP / 2
        self.down = self.pill_at + self.pill.height if self.pill else chip_down


class _Block:
    """A node as a box: what it says, what leaves it, the starts that stand on it; and its size."""

    def __init__(self, node: Node, exits: list[_Exit], starts: list[Node]) -> None:
        self.node, self.exits = node, exits
        self.starts = [(start, _Pill(start.title, 104)) for start in starts]
        self.pill = _Pill(node.title) if node.kind in ("start", "end") and not node.lines else None
        self.ends = sum(way.slot for way in exits if way.end)
        room = max(sum(way.slot for way in exits) + _GAP, self.pill.width if self.pill else _WIDTH)
        self.width = -(-room // 2) * 2  # even, so that its sides are on whole pixels and sharp
        self.inset = _INSET if node.kind in ("say", "ask") else 0
        inner = self.width - 2 * _PAD
        self.title = _wrapped(node.title, _TITLE[0], inner)
        self.texts = [_wrapped(text, _LINE[0], inner - 2 * self.inset) for text in node.lines]
        texts = sum(_LINE[1] * len(lines) + 2 * self.inset + 4 for lines in self.texts)
        self.height = self.pill.height if self.pill else 40 + _TITLE[1] * len(self.title) + texts

    def cell(self) -> Cell:
        return Cell(
            width=self.width,
            height=self.height,
            above=sum(pill.height + 5 for _, pill in self.starts) + _STEM if self.starts else 0,
            below=max((way.down for way in self.exits), default=0),
            free_from=0.48 if self.starts else 0.1,
            exits_until=self.width - self.ends,
            hanging=self.node.kind == "start",
        )


def _blocks(picture: Picture) -> list[_Block]:
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
        _Block(
            node,
            [_Exit(way, ends.get(way.target)) for way in leaving[node.id]],
            [nodes[way.source] for way in coming[node.id] if joins(nodes[way.source])],
        )
        for node in picture.nodes
        if node.id not in ends and not joins(node)
    ]


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


# -- ink ---------------------------------------------------------------------------------------------


def svg(picture: Picture) -> str:
    """The picture as a file. Raises ValueError if ids, kinds or arrows aren't as they should be."""
    _check(picture)
    blocks = _blocks(picture)
    number = {block.node.id: index for index, block in enumerate(blocks)}
    exits = [way for block in blocks for way in block.exits if not way.end]
    ways = [Way(number[way.arrow.source], number[way.arrow.target], way.slot) for way in exits]
    made = plan([block.cell() for block in blocks], ways)
    titles = {node.id: node.title for node in picture.nodes}
    body = [_arrow(way.arrow, way.chip, route, titles) for way, route in zip(exits, made.routes, strict=True)]
    for block, (x, y) in zip(blocks, made.boxes, strict=True):
        body += [*_endings(block, x, y, titles), *_beginnings(block, x, y, titles), _box(block, x, y)]
    return "\n".join([*_opening(picture, made), *body, "</g>", "</svg>", ""])


def _check(picture: Picture) -> None:
    ids = {node.id for node in picture.nodes}
    if len(ids) < len(picture.nodes):
        raise ValueError("two nodes have the same id")
    if strange := {node.kind for node in picture.nodes} - KINDS.keys():
        raise ValueError(f"no such kind of node: {', '.join(sorted(strange))}")
    if lost := {end for arrow in picture.arrows for end in (arrow.source, arrow.target)} - ids:
        raise ValueError(f"an arrow needs a node that isn't there: {', '.join(sorted(lost))}")


def _opening(picture: Picture, made: Plan) -> list[str]:
    wide = max(made.width, _wide(picture.title, 20 * 1.08), _wide(picture.subtitle, 13))
    width, height = _n(wide + 2 * _MARGIN), _n(made.height + _HEAD + 2 * _MARGIN)
    role = 'role="img" aria-labelledby="picture-title" aria-describedby="picture-told"'
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flow-picture" {role} {size}>',
        f'<title id="picture-title">{_text(picture.title)}</title>',
        f'<desc id="picture-told">{_text(told(picture))}</desc>',
        f"<style>\n{_style()}</style>",
        '<rect class="paper" width="100%" height="100%"/>',
        _lines("head", [picture.title], _MARGIN, _MARGIN + 12, 0),
        _lines("sub", [picture.subtitle], _MARGIN, _MARGIN + 34, 0),
        f'<g transform="translate({_n((wide - made.width) / 2 + _MARGIN)} {_MARGIN + _HEAD})">',
    ]


def told(picture: Picture) -> str:
    """The picture in words, for those who can't see it."""
    titles = {node.id: node.title for node in picture.nodes}
    ways: defaultdict[str, list[str]] = defaultdict(list)
    for arrow in merged(picture.arrows):
        ways[arrow.source].append(f"{arrow.label or 'then'} → {titles[arrow.target]}")
    lines = [picture.subtitle] * bool(picture.subtitle)
    for node in picture.nodes:
        said = [f"{node.title} ({node.kind}).", *node.lines, "; ".join(ways[node.id])]
        lines.append(" ".join(said).strip())
    return "\n".join(lines)


def _style() -> str:
    rules = [line.split("|") for line in _STYLE.strip().splitlines()]
    for kind, (light, dark) in KINDS.items():
        rules.append([f".of-{kind}", f"fill:{light}", f"fill:{dark}"])
    # Within the picture only, as a page may hold it.
    by_light = "".join(f".flow-picture {who}{{{look}}}\n" for who, look, _ in rules)
    by_dark = "".join(f".flow-picture {who}{{{look}}}\n" for who, _, look in rules if look)
    return f"{by_light}@media (prefers-color-scheme:dark){{\n{by_dark}}}\n"


def _arrow(arrow: Arrow, chip: _Pill | None, route: Sequence[Point], titles: Mapping[str, str]) -> str:
    """The line, its tip, and on it the label."""
    (x, y), (end_x, end_y) = route[0], route[-1]
    name = f"{titles[arrow.source]} → {titles[arrow.target]}" + (f": {arrow.label}" if arrow.label else "")
    line = _line(route)
    return (
        f'<g class="arrow{" quiet" if arrow.quiet else ""}" data-source="{_text(arrow.source)}"'
        f' data-target="{_text(arrow.target)}"><title>{_text(name)}</title>'
        f'<path class="under" d="{line}"/><path class="way" d="{line}"/>'
        f'<path class="tip" d="M{_n(end_x)} {_n(end_y)}l-4.5 -9h9z"/>'
        f"{chip.ink('chip', x, y + _STEM) if chip else ''}</g>"
    )


def _line(route: Sequence[Point]) -> str:
    """With round corners, and short of the tip."""
    parts = [f"M{_n(route[0][0])} {_n(route[0][1])}"]
    for before, (x, y), after in zip(route, route[1:], route[2:], strict=False):
        into, out = (_toward((x, y), other) for other in (before, after))
        parts.append(f"L{into}Q{_n(x)} {_n(y)} {out}")
    return "".join([*parts, f"L{_n(route[-1][0])} {_n(route[-1][1] - 7)}"])


def _toward(corner: Point, other: Point) -> str:
    """Where the round part of a corner begins on the way to another point."""
    way = abs(other[0] - corner[0]) + abs(other[1] - corner[1])
    share = min(0.5, _ROUND / way)
    return " ".join(_n(here + (there - here) * share) for here, there in zip(corner, other, strict=True))


def _box(block: _Block, x: float, y: float) -> str:
    node, width, height = block.node, block.width, block.height
    if block.pill:
        return _pill(node, block.pill, x + width / 2, y)
    edge = f"M{_n(x + 6)} {_n(y)}a6 8 0 0 0 -6 8v{_n(height - 16)}a6 8 0 0 0 6 8z"
    parts = [f'<g class="node" data-node="{_text(node.id)}">', _rect("box", x, y, width, height, 8)]
    parts.append(f'<path class="of-{node.kind}" d="{edge}"/>')
    parts.append(_lines(f"kind of-{node.kind}", [node.kind.upper()], x + _PAD, y + 20, 0))
    parts.append(_lines("title", block.title, x + _PAD, y + 38, _TITLE[1]))
    y += 30 + _TITLE[1] * len(block.title)
    for lines in block.texts:
        inside = _LINE[1] * len(lines) + 2 * block.inset - 4
        if block.inset:  # round but for the corner from which it is spoken
            parts.append(_rect(f"bubble {node.kind}", x + _PAD, y, width - 2 * _PAD, inside, 12))
            parts.append(_rect(f"bubble {node.kind}", x + _PAD, y + inside - 12, 12, 12, 2))
        parts.append(_lines("line", lines, x + _PAD + block.inset, y + block.inset + 10, _LINE[1]))
        y += inside + 8
    return "".join([*parts, "</g>"])


def _endings(block: _Block, x: float, y: float, titles: Mapping[str, str]) -> Iterable[str]:
    """The ways that only end, at the right of the lower side; in the middle if there is no other way."""
    place = x + (block.width - block.ends) * (0.5 if all(way.end for way in block.exits) else 1)
    for way in block.exits:
        if way.end and way.pill:
            middle, top = place + way.slot / 2, y + block.height + way.pill_at
            yield _arrow(way.arrow, way.chip, [(middle, y + block.height), (middle, top)], titles)
            yield _pill(way.end, way.pill, middle, top)
            place += way.slot


def _beginnings(block: _Block, x: float, y: float, titles: Mapping[str, str]) -> Iterable[str]:
    """The starts that join here, one on another at the left of the upper side."""
    top = y - block.cell().above
    for start, pill in block.starts:
        way = Arrow(source=start.id, target=block.node.id)
        yield _arrow(way, None, [(x + 22, top + pill.height), (x + 22, y)], titles)
        yield _pill(start, pill, x + 8 + pill.width / 2, top)
        top += pill.height + 5


def _pill(node: Node, pill: _Pill, x: float, y: float) -> str:
    return f'<g class="node" data-node="{_text(node.id)}">{pill.ink(f"pill {node.kind}", x, y)}</g>'


def _rect(look: str, x: float, y: float, width: float, height: float, radius: float) -> str:
    at = f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'
    return f'<rect class="{look}" {at} rx="{radius}"/>'


def _lines(look: str, lines: Sequence[str], x: float, y: float, step: float) -> str:
    """Each line as a text of its own, which every viewer understands."""
    return "".join(
        f'<text class="{look}" x="{_n(x)}" y="{_n(y + step * number)}">{_text(line)}</text>'
        for number, line in enumerate(lines)
    )


def _n(value: float) -> str:
    """A length, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")
