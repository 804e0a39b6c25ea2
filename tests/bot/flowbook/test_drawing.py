"""Tests of bot/flowbook/drawing.py and its layout: all is there, nothing covers anything else."""

import re
import time
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flowbook.drawing import svg
from bot.flowbook.drawing_layers import Cell, Way, Web, rows_of
from bot.flowbook.drawing_layout import settle
from bot.flowbook.drawing_parts import KINDS, LOOKS, Arrow, Line, Node, Picture, merged, told

NS = "{http://www.w3.org/2000/svg}"
Box = tuple[float, float, float, float]


def picture(nodes: str, *arrows: tuple[str, str, str], title: str = "A flow") -> Picture:
    """Nodes as 'id:kind id:kind', arrows as source, target, label."""
    pairs = [node.split(":") for node in nodes.split()]
    return Picture(
        title=title,
        subtitle="of a test",
        nodes=tuple(Node(id=id_, kind=kind, title=id_.title(), lines=()) for id_, kind in pairs),
        arrows=tuple(Arrow(source=source, target=target, label=label) for source, target, label in arrows),
    )


def parsed(drawn: Picture) -> ET.Element:
    return ET.fromstring(svg(drawn))


def groups(root: ET.Element, name: str) -> list[ET.Element]:
    return [group for group in root.iter(f"{NS}g") if name in group.get("class", "").split()]


def nodes_of(root: ET.Element) -> list[str]:
    return [group.get("data-node", "") for group in groups(root, "node")]


def arrows_of(root: ET.Element) -> list[tuple[str, str, str]]:
    """Source, target, and the label as it can be read."""
    return [
        (
            arrow.get("data-source", ""),
            arrow.get("data-target", ""),
            " ".join(text.text or "" for text in arrow.iter(f"{NS}text")),
        )
        for arrow in groups(root, "arrow")
    ]


def frame(rect: ET.Element) -> Box:
    x, y, width, height = (float(rect.get(name, "")) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def frames(root: ET.Element) -> list[Box]:
    """What must not overlap: boxes, pills, chips."""
    solid = {"box", "pill", "chip"}
    return [frame(rect) for rect in root.iter(f"{NS}rect") if solid & set(rect.get("class", "").split())]


def overlap(one: Box, other: Box) -> bool:
    return all(one[low] < other[low + 2] and other[low] < one[low + 2] for low in (0, 1))


def crossed(root: ET.Element) -> list[tuple[Box, Box]]:
    """Parts of lines that run through a box, a pill, or another arrow's chip."""
    found = []
    chips = {id(arrow): [frame(rect) for rect in arrow.iter(f"{NS}rect")] for arrow in groups(root, "arrow")}
    boxes = [frame(rect) for node in groups(root, "node") for rect in node.iter(f"{NS}rect")]
    for arrow in groups(root, "arrow"):
        others = [chip for key, own in chips.items() if key != id(arrow) for chip in own]
        (line,) = (path for path in arrow.iter(f"{NS}path") if path.get("class") == "way")
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", line.get("d", ""))]
        for (x, y), (to_x, to_y) in pairwise(zip(numbers[::2], numbers[1::2], strict=True)):
            # Half a pixel of grace: lengths are rounded.
            part = (min(x, to_x) - 0.4, min(y, to_y) + 0.5, max(x, to_x) + 0.4, max(y, to_y) - 0.5)
            if y == to_y:
                part = (part[0], y - 0.4, part[2], y + 0.4)
            found += [(part, box) for box in [*boxes, *others] if overlap(part, box)]
    return found


def test_every_node_and_every_arrow_is_there() -> None:
    root = parsed(
        picture(
            "s:start q:ask r:say e:end", ("s", "q", ""), ("q", "r", "yes"), ("q", "e", "no"), ("r", "e", "")
        )
    )
    assert set(nodes_of(root)) == {"s", "q", "r", "e"}
    assert set(arrows_of(root)) == {("s", "q", ""), ("q", "r", "yes"), ("q", "e", "no"), ("r", "e", "")}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_told_by_a_word_and_not_only_by_its_colour(kind: str) -> None:
    node = Node(id="n", kind=kind, title="Title", lines=(Line(text="A text."),))
    texts = [
        text.text
        for text in parsed(Picture(title="", subtitle="", nodes=(node,), arrows=())).iter(f"{NS}text")
    ]
    assert [kind.upper(), "Title", "A text."] == [text for text in texts if text]


def test_an_end_is_drawn_where_it_ends() -> None:
    root = parsed(picture("a:say b:say e:end", ("a", "b", ""), ("a", "e", "no"), ("b", "e", "")))
    assert sorted(nodes_of(root)) == ["a", "b", "e", "e"]


def test_a_start_stands_above_or_on_the_box_that_it_joins() -> None:
    root = parsed(picture("s:start t:start a:say b:say", ("s", "a", ""), ("a", "b", ""), ("t", "b", "")))
    assert len(frames(root)) == 4
    tops = {group.get("data-node"): frame(group.find(f"{NS}rect")) for group in groups(root, "node")}
    assert tops["s"][3] < tops["a"][1] < tops["a"][3] < tops["t"][1] < tops["t"][3] < tops["b"][1]
    assert tops["b"][0] < tops["t"][0] < tops["t"][2] < (tops["b"][0] + tops["b"][2]) / 2


def test_what_does_not_hang_together_stands_close_beside_it() -> None:
    root = parsed(
        picture("a:say b:say c:say d:say e:say f:say", ("a", "b", ""), ("a", "c", ""), ("d", "e", ""))
    )
    boxes = {group.get("data-node", ""): frame(group.find(f"{NS}rect")) for group in groups(root, "node")}
    assert boxes["b"][2] < boxes["c"][0] < boxes["c"][2] < boxes["e"][0] < boxes["c"][2] + 100
    assert boxes["d"][0] == boxes["e"][0]
    assert boxes["d"][2] < boxes["f"][0] < boxes["d"][2] + 100


def test_arrows_lead_down_unless_they_lead_back() -> None:
    root = parsed(
        picture("a:say b:say c:say", ("a", "b", ""), ("b", "c", ""), ("c", "a", "again"), ("a", "c", ""))
    )
    tops = [frame(group.find(f"{NS}rect"))[1] for group in groups(root, "node")]
    assert tops == sorted(tops)


def test_parallel_arrows_are_one() -> None:
    ways = [
        Arrow(source="a", target="b", label="yes"),
        Arrow(source="a", target="b", label="no answer", quiet=True),
        Arrow(source="a", target="b", label="yes", quiet=True),
        Arrow(source="b", target="a", label="back", quiet=True),
    ]
    assert merged(ways) == [
        Arrow(source="a", target="b", label="yes · no answer"),
        Arrow(source="b", target="a", label="back", quiet=True),
    ]


def test_quiet_arrows_are_dashed() -> None:
    quiet = Arrow(source="a", target="a", label="no answer", quiet=True)
    node = Node(id="a", kind="ask", title="A", lines=())
    assert groups(parsed(Picture(title="", subtitle="", nodes=(node,), arrows=(quiet,))), "quiet")


def test_texts_are_escaped() -> None:
    evil = "</title><script>&\"'\x00\x1b\ud800\ufffe"
    drawn = Picture(
        title=evil,
        subtitle=evil,
        nodes=(Node(id=evil, kind="say", title=evil, lines=(Line(text=evil),)),),
        arrows=(Arrow(source=evil, target=evil, label=evil),),
    )
    root = parsed(drawn)
    assert not list(root.iter(f"{NS}script"))
    assert nodes_of(root) == ["</title><script>&\"'����"]
    assert "<script" not in svg(drawn)


def test_a_picture_can_be_heard() -> None:
    drawn = picture("a:ask b:say", ("a", "b", "yes"))
    root = parsed(drawn)
    assert root.find(f"{NS}title").text == "A flow"
    assert root.find(f"{NS}desc").text == told(drawn) == "of a test\nA (ask). yes → B\nB (say)."


def test_nothing_is_fetched_or_run() -> None:
    drawn = svg(picture("a:ask b:say", ("a", "b", "yes")))
    assert not re.search(r"href|@import|url\(|<script|<image|<foreignObject", drawn)
    assert "prefers-color-scheme:dark" in drawn


def test_long_texts_are_wrapped_and_kept() -> None:
    words = " ".join(f"word{number}" for number in range(80)) + "\n" + "x" * 200
    node = Node(id="a", kind="say", title="A", lines=(Line(text=words),))
    root = parsed(Picture(title="", subtitle="", nodes=(node,), arrows=()))
    lines = [text.text or "" for text in root.iter(f"{NS}text") if text.get("class") == "line"]
    assert " ".join(lines).replace(" ", "") == words.replace(" ", "").replace("\n", "")
    assert max(map(len, lines)) < 60


@pytest.mark.parametrize(
    ("wrong", "told_as"),
    [
        (picture("a:say a:say"), "same id"),
        (picture("a:song"), "no such kind of node: song"),
        (picture("a:say", ("a", "b", "")), "isn't there: b"),
        (
            Picture(
                title="",
                subtitle="",
                nodes=(Node(id="a", kind="say", title="", lines=(Line(text="", look="loud"),)),),
                arrows=(),
            ),
            "look of a line: loud",
        ),
    ],
)
def test_a_wrong_picture_is_refused(wrong: Picture, told_as: str) -> None:
    with pytest.raises(ValueError, match=told_as):
        svg(wrong)


def test_a_picture_of_nothing() -> None:
    assert nodes_of(parsed(picture(""))) == []


def test_a_row_is_settled_with_gaps_and_straight_where_it_can_be() -> None:
    assert settle([[(0, 1)], [(100, 1)]], [50]) == [0, 100]
    assert settle([[(0, 1)], [(0, 9)]], [50]) == [-50, 0]
    assert settle([[(10, 1), (20, 1)]], []) == [15]


def crossings(rows: list[list[int]], ways: list[Way]) -> int:
    place = {box: number for row in rows for number, box in enumerate(row)}
    pairs = [(place[way.source], place[way.target]) for way in ways]
    return sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(pairs, 2))


def test_what_can_be_untangled_is() -> None:
    cells = [Cell(width=1, height=1, exits_until=1)] * 6
    tangled = [Way(source, target, 1) for source, target in ((0, 3), (0, 5), (1, 4), (2, 3))]
    assert crossings([[0, 1, 2], [3, 5, 4]], tangled) > 0
    rows = rows_of(Web(cells, tangled))
    assert sorted(map(sorted, filter(None, rows))) == [[0, 1, 2], [3, 4, 5]]
    assert crossings(rows, tangled) == 0


@pytest.mark.parametrize(("kind", "bubble"), [("ask", "ask"), ("say", "say"), ("act", "say")])
def test_what_is_said_is_in_a_bubble_and_a_second_try_in_a_fainter_one(kind: str, bubble: str) -> None:
    lines = tuple(Line(text="Hello", look=look) for look in LOOKS)
    root = parsed(
        Picture(title="", subtitle="", nodes=(Node(id="a", kind=kind, title="A", lines=lines),), arrows=())
    )
    looks = {rect.get("class", "") for rect in root.iter(f"{NS}rect")}
    assert {look for look in looks if look.startswith("bubble")} == {
        f"bubble says {bubble}",
        f"bubble again {bubble}",
    }
    assert {text.get("class") for text in root.iter(f"{NS}text")} >= set(LOOKS)


LABELS = st.sampled_from(
    ["", "yes", "no answer", "2 or more", '<&">', "a label that is much too long for one line"]
)


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Any graph: circles, loops, islands, starts amid the flow, ends that go on."""
    count = draw(st.integers(1, 9))
    ids = st.integers(0, count - 1).map(str)
    kinds = st.sampled_from([*KINDS, "start", "end", "say"])
    line = st.builds(Line, text=st.text(max_size=60), look=st.sampled_from(LOOKS))
    texts = st.lists(line, max_size=3).map(tuple)
    titles = st.sampled_from(["A", "Rather a long title for a step, longer than a line"])
    return Picture(
        title="t",
        subtitle="",
        nodes=tuple(
            Node(id=str(number), kind=draw(kinds), title=draw(titles), lines=draw(texts))
            for number in range(count)
        ),
        arrows=tuple(
            draw(
                st.lists(
                    st.builds(Arrow, source=ids, target=ids, label=LABELS, quiet=st.booleans()), max_size=16
                )
            )
        ),
    )


@settings(deadline=None)
@given(pictures())
def test_any_graph_is_drawn_whole_and_nothing_covers_anything(drawn: Picture) -> None:
    root = parsed(drawn)
    assert svg(drawn) == svg(drawn)
    assert set(nodes_of(root)) == {node.id for node in drawn.nodes}
    ways = sorted((way.source, way.target, way.label.replace(" ", "")) for way in merged(drawn.arrows))
    assert (
        sorted((source, target, label.replace(" ", "")) for source, target, label in arrows_of(root)) == ways
    )
    assert [pair for pair in combinations(frames(root), 2) if overlap(*pair)] == []
    assert crossed(root) == []
    width, height = float(root.get("width", "")), float(root.get("height", ""))
    assert all(x >= 0 and y >= 0 and to_x <= width and to_y <= height for x, y, to_x, to_y in frames(root))


def test_five_hundred_nodes_are_drawn_at_once() -> None:
    steps = [
        Node(id=str(n), kind="ask", title=f"Step {n}", lines=(Line(text="How are you? " * 9, look="says"),))
        for n in range(500)
    ]
    ways = [
        Arrow(source=str(n), target=str((n + hop) % 500), label="x") for n in range(500) for hop in (1, 3)
    ]
    started = time.process_time()
    drawn = svg(Picture(title="", subtitle="", nodes=tuple(steps), arrows=tuple(ways)))
    assert time.process_time() - started < 2
    assert drawn.count('class="node"') == 500
