"""A picture of boxes and arrows as an SVG that explains itself: one file, light and dark, no font, no script.

Texts to a patient look like the bubbles of a chat. Arrows have their label right where they leave.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

from bot.flowbook.drawing_boxes import (
    BUBBLES,
    GAP,
    LABEL,
    PAD,
    STEM,
    TITLE,
    Block,
    Pill,
    Text,
    blocks_of,
    wide,
)
from bot.flowbook.drawing_layers import Way
from bot.flowbook.drawing_layout import Plan, Point, plan
from bot.flowbook.drawing_parts import KINDS, Arrow, Node, Picture, check, told

# Selectors, what they look like by light, and what of it changes by dark.
_STYLE = """
text|font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:#1f2328|fill:#e6edf3
.paper|fill:#f6f7f9|fill:#0f1419
.head|font-size:20px;font-weight:700|
.sub|font-size:13px;fill:#57606a|fill:#a3adb8
.box|fill:#fff;stroke:#d0d7de|fill:#1b222b;stroke:#38424e
.kind|font-size:10px;font-weight:700;letter-spacing:.08em|
.title|font-size:14px;font-weight:700|
.line,.says,.again|font-size:12.5px|
.note|font-size:11px;fill:#57606a|fill:#a3adb8
.alarm|font-size:12.5px;font-weight:600;fill:#b91c1c|fill:#fca5a5
.bubble|fill:#e3edff|fill:#1c3355
.bubble.ask|fill:#efe7ff|fill:#33275a
.bubble.again|fill:none;stroke:#b9aedb;stroke-dasharray:3 3|stroke:#6b5fa0
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

_MARGIN, _HEAD, _ROUND = 32, 44, 9
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg(picture: Picture) -> str:
    """The picture as a file. Raises ValueError if ids, kinds or arrows aren't as they should be."""
    check(picture)
    blocks = blocks_of(picture)
    number = {block.node.id: index for index, block in enumerate(blocks)}
    exits = [way for block in blocks for way in block.exits if not way.end]
    ways = [Way(number[way.arrow.source], number[way.arrow.target], way.slot) for way in exits]
    made = plan([block.cell() for block in blocks], ways)
    titles = {node.id: node.title for node in picture.nodes}
    body = [_arrow(way.arrow, way.chip, route, titles) for way, route in zip(exits, made.routes, strict=True)]
    for block, (x, y) in zip(blocks, made.boxes, strict=True):
        body += [*_endings(block, x, y, titles), *_beginnings(block, x, y, titles), _box(block, x, y)]
    return "\n".join([*_opening(picture, made), *body, "</g>", "</svg>", ""])


def _opening(picture: Picture, made: Plan) -> list[str]:
    broad = max(made.width, wide(picture.title, 20 * 1.08), wide(picture.subtitle, 13))
    width, height = _n(broad + 2 * _MARGIN), _n(made.height + _HEAD + 2 * _MARGIN)
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
        f'<g transform="translate({_n((broad - made.width) / 2 + _MARGIN)} {_MARGIN + _HEAD})">',
    ]


def _style() -> str:
    rules = [line.split("|") for line in _STYLE.strip().splitlines()]
    for kind, (light, dark) in KINDS.items():
        rules.append([f".of-{kind}", f"fill:{light}", f"fill:{dark}"])
    # Within the picture only, as a page may hold it.
    by_light = "".join(f"{_within(who)}{{{look}}}\n" for who, look, _ in rules)
    by_dark = "".join(f"{_within(who)}{{{look}}}\n" for who, _, look in rules if look)
    return f"{by_light}@media (prefers-color-scheme:dark){{\n{by_dark}}}\n"


def _within(selectors: str) -> str:
    return ",".join(f".flow-picture {who}" for who in selectors.split(","))


# -- arrows --------------------------------------------------------------------------------------------


def _arrow(arrow: Arrow, chip: Pill | None, route: Sequence[Point], titles: Mapping[str, str]) -> str:
    """The line, its tip, and on it the label."""
    (x, y), (end_x, end_y) = route[0], route[-1]
    name = f"{titles[arrow.source]} → {titles[arrow.target]}" + (f": {arrow.label}" if arrow.label else "")
    line = _line(route)
    return (
        f'<g class="arrow{" quiet" if arrow.quiet else ""}" data-source="{_text(arrow.source)}"'
        f' data-target="{_text(arrow.target)}"><title>{_text(name)}</title>'
        f'<path class="under" d="{line}"/><path class="way" d="{line}"/>'
        f'<path class="tip" d="M{_n(end_x)} {_n(end_y)}l-4.5 -9h9z"/>'
        f"{_round('chip', chip, x, y + STEM) if chip else ''}</g>"
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


# -- boxes ---------------------------------------------------------------------------------------------


def _box(block: Block, x: float, y: float) -> str:
    node, width, height = block.node, block.width, block.height
    if block.pill:
        return _pill(node, block.pill, x + width / 2, y)
    edge = f"M{_n(x + 6)} {_n(y)}a6 8 0 0 0 -6 8v{_n(height - 16)}a6 8 0 0 0 6 8z"
    parts = [f'<g class="node" data-node="{_text(node.id)}">', _rect("box", x, y, width, height, 8)]
    parts.append(f'<path class="of-{node.kind}" d="{edge}"/>')
    parts.append(_lines(f"kind of-{node.kind}", [node.kind.upper()], x + PAD, y + 20, 0))
    parts.append(_lines("title", block.title, x + PAD, y + 38, TITLE.step))
    y += 30 + TITLE.step * len(block.title)
    for text in block.texts:
        if text.look in BUBBLES:
            parts += _bubble(text, node.kind, x + PAD, y)
        parts.append(_lines(text.look, text.lines, x + PAD + text.inset, y + text.inset + 10, text.font.step))
        y += text.height
    return "".join([*parts, "</g>"])


def _bubble(text: Text, kind: str, x: float, y: float) -> Iterable[str]:
    """Round but for the corner from which it is spoken."""
    look = f"bubble {text.look} {'ask' if kind == 'ask' else 'say'}"
    yield _rect(look, x, y, text.width, text.inside, 12)
    if text.look == "says":
        yield _rect(look, x, y + text.inside - 12, 12, 12, 2)


def _endings(block: Block, x: float, y: float, titles: Mapping[str, str]) -> Iterable[str]:
    """The ways that only end, at the right of the lower side; in the middle if there is no other way."""
    place = x + (block.width - block.ends) * (0.5 if all(way.end for way in block.exits) else 1)
    for way in block.exits:
        if way.end and way.pill:
            middle, top = place + way.slot / 2, y + block.height + way.pill_at
            yield _arrow(way.arrow, way.chip, [(middle, y + block.height), (middle, top)], titles)
            yield _pill(way.end, way.pill, middle, top)
            place += way.slot


def _beginnings(block: Block, x: float, y: float, titles: Mapping[str, str]) -> Iterable[str]:
    """The starts that join here, one on another at the left of the upper side."""
    top = y - block.cell().above
    for start, pill in block.starts:
        way = Arrow(source=start.id, target=block.node.id)
        yield _arrow(way, None, [(x + 22, top + pill.height), (x + 22, y)], titles)
        yield _pill(start, pill, x + GAP + pill.width / 2, top)
        top += pill.height + 5


def _pill(node: Node, pill: Pill, x: float, y: float) -> str:
    return f'<g class="node" data-node="{_text(node.id)}">{_round(f"pill {node.kind}", pill, x, y)}</g>'


def _round(look: str, pill: Pill, x: float, y: float) -> str:
    """A pill around x, from y down."""
    frame = _rect(look, x - pill.width / 2, y, pill.width, pill.height, 11)
    return frame + _lines("label", pill.lines, x, y + 15, LABEL.step)


# -- elements ------------------------------------------------------------------------------------------


def _text(text: str) -> str:
    """Escaped, and without what no XML may have."""
    return escape(_NO_XML.sub("\ufffd", text), {'"': "&quot;", "\n": "&#10;"})


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
