"""A trend plot is right, stays within its box, says in words what it draws, and lets nothing in."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from webhooks.pages.plot import HEIGHT, WIDTH, Moment, number, plot

SVG = "{http://www.w3.org/2000/svg}"
A1C = [(date(2026, 1, 3), 6.9), (date(2026, 2, 3), 6.4), (date(2026, 6, 3), 6.1), (date(2026, 12, 3), 5.9)]


def label(when: Moment) -> str:
    return f"{when.month}/{when.day}/{when.year}"


def drawn(
    points: list[tuple[Moment, float]],
    low: float | None = None,
    high: float | None = None,
    unit: str = "%",
    title: str = "A1c",
    language: str = "en",
    normal: str = "",
) -> ET.Element:
    text = plot(
        points, low=low, high=high, unit=unit, title=title, label=label, language=language, normal=normal
    )
    return ET.fromstring(text)


def line(svg: ET.Element) -> list[tuple[float, float]]:
    way = next(part for part in svg if part.get("class") == "plot-line").attrib["points"]
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in way.split())]


def dots(svg: ET.Element, name: str = "plot-dot") -> list[tuple[float, float]]:
    return [(float(part.attrib["cx"]), float(part.attrib["cy"])) for part in svg if part.get("class") == name]


def band(svg: ET.Element) -> tuple[float, float]:
    """Its upper and lower edge."""
    rect = next(part for part in svg if part.get("class") == "plot-band")
    top = float(rect.attrib["y"])
    return top, top + float(rect.attrib["height"])


def texts(svg: ET.Element) -> list[str]:
    return [part.text or "" for part in svg.iter(f"{SVG}text")]


def told(svg: ET.Element) -> str:
    return svg.findtext(f"{SVG}desc") or ""


def within(svg: ET.Element) -> bool:
    places = line(svg) + dots(svg) + dots(svg, "plot-dot-last")
    places += [(float(part.attrib["x"]), float(part.attrib["y"])) for part in svg.iter(f"{SVG}text")]
    places += [(float(part.attrib["x"]), float(part.attrib["y"])) for part in svg.iter(f"{SVG}rect")]
    ends = [float(part.attrib["y"]) + float(part.attrib["height"]) for part in svg.iter(f"{SVG}rect")]
    return all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places) and all(y <= HEIGHT for y in ends)


def test_a_higher_value_is_drawn_higher_and_a_later_one_farther_right() -> None:
    svg = drawn(list(A1C), 4.0, 5.6)
    places = line(svg)
    assert [x for x, _ in places] == sorted({x for x, _ in places})
    heights = [y for _, y in places]
    assert heights == sorted(heights)
    drop = [later - earlier for earlier, later in pairwise(heights)]
    assert drop[0] / drop[1] == pytest.approx(5 / 3, rel=0.05)
    assert drop[1] / drop[2] == pytest.approx(3 / 2, rel=0.05)
    steps = [later - earlier for (earlier, _), (later, _) in pairwise(places)]
    assert steps[1] / steps[0] == pytest.approx(120 / 31, rel=0.02)
    assert within(svg)


def test_points_may_come_in_any_order() -> None:
    assert plot_text(A1C[::-1]) == plot_text(A1C) == plot_text([A1C[2], A1C[0], A1C[3], A1C[1]])


def plot_text(points: list[tuple[date, float]]) -> str:
    return plot([*points], low=4.0, high=5.6, unit="%", title="A1c", label=label, language="en")


def test_days_and_moments_stand_in_one_order() -> None:
    east = timezone(timedelta(hours=14))
    points: list[tuple[Moment, float]] = [
        (datetime(2026, 3, 2, 23, 0, tzinfo=UTC), 3),
        (date(2026, 3, 2), 2),
        (datetime(2026, 3, 2, 1, 0, tzinfo=east), 1),
    ]
    heights = [y for _, y in line(drawn(points))]
    assert heights == sorted(heights, reverse=True)


def test_the_normal_range_lies_where_its_values_would() -> None:
    svg = drawn([(date(2026, 1, 1), 4.0), (date(2026, 2, 1), 5.6)], 4.0, 5.6)
    (_, low), (_, high) = line(svg)
    assert band(svg) == pytest.approx((high, low), abs=0.11)
    assert texts(svg)[:2] == ["5.6", "4"]
    outside = drawn(list(A1C), 4.0, 5.6)
    assert all(y < band(outside)[0] for _, y in line(outside))
    assert within(outside)


def test_a_range_that_is_open_goes_to_the_edge() -> None:
    over, under = drawn(list(A1C), 6.0, None), drawn(list(A1C), None, 6.0)
    assert band(over)[0] < min(y for _, y in line(over)) < band(over)[1] < line(over)[-1][1]
    assert line(under)[2][1] < band(under)[0] < line(under)[3][1] < band(under)[1]
    assert texts(over)[0] == texts(under)[0] == "6"
    assert not [part for part in drawn(list(A1C)) if part.get("class") == "plot-band"]


def test_the_last_value_stands_out_with_its_number() -> None:
    svg = drawn(list(A1C), 4.0, 5.6)
    assert dots(svg, "plot-dot-last") == [line(svg)[-1]]
    assert dots(svg) == line(svg)[:-1]
    last = [part for part in svg if "plot-label-last" in part.get("class", "")]
    assert [part.text for part in last] == ["5.9 %"]
    assert last[0].get("font-weight") == "700"


@pytest.mark.parametrize("values", [(1, 9), (9, 1), (5, 5), (9, 1, 5), (1, 9, 5)])
def test_the_number_of_the_last_value_keeps_off_the_line_and_the_dates(values: tuple[float, ...]) -> None:
    svg = drawn([(date(2026, 1 + at, 1), value) for at, value in enumerate(values)])
    last = next(part for part in svg if "plot-label-last" in part.get("class", ""))
    (_, before), (_, dot) = line(svg)[-2:]
    above = float(last.attrib["y"]) < dot
    assert above == (before >= dot)
    assert 14 <= float(last.attrib["y"]) <= HEIGHT - 8 - 14


def test_the_first_and_the_last_date_are_written() -> None:
    assert texts(drawn(list(A1C)))[-2:] == ["1/3/2026", "12/3/2026"]
    same: list[tuple[Moment, float]] = [(date(2026, 1, 3), 1), (date(2026, 1, 3), 2)]
    svg = drawn(same)
    assert texts(svg)[-1:] == ["1/3/2026"]
    assert texts(svg).count("1/3/2026") == 1
    assert line(svg)[0][0] < line(svg)[1][0]


def test_it_can_be_read_at_320_pixels() -> None:
    svg = drawn(list(A1C), 4.0, 5.6)
    assert svg.get("viewBox") == f"0 0 {WIDTH} {HEIGHT}"
    sizes = {float(part.attrib["font-size"]) for part in svg.iter(f"{SVG}text")}
    assert min(sizes) * 280 / WIDTH >= 12


def test_it_says_in_words_what_it_draws() -> None:
    svg = drawn(list(A1C), 4.0, 5.6, normal="Normal: 4 to 5.6 %")
    assert svg.get("role") == "img"
    title, desc = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert (svg.get("aria-labelledby"), svg.get("aria-describedby")) == (title.get("id"), desc.get("id"))
    assert title.text == "A1c"
    assert (
        desc.text == "1/3/2026: 6.9 %; 2/3/2026: 6.4 %; 6/3/2026: 6.1 %; 12/3/2026: 5.9 %. Normal: 4 to 5.6 %"
    )


def test_two_plots_of_a_page_have_names_of_their_own() -> None:
    names = {drawn(list(A1C), title=title).get("aria-labelledby") for title in ("A1c", "LDL", "A1c")}
    assert len(names) == 2


def test_many_values_have_one_line_and_the_newest_in_words() -> None:
    many: list[tuple[Moment, float]] = [(date(2026, 1, 1) + timedelta(days=at), at % 7) for at in range(200)]
    svg = drawn(many)
    assert len(line(svg)) == 200
    assert (len(dots(svg)), len(dots(svg, "plot-dot-last"))) == (0, 1)
    assert told(svg).startswith("… ")
    assert told(svg).count(";") == 23
    assert told(svg).endswith("7/19/2026: 3 %.")
    assert within(svg)


@pytest.mark.parametrize("points", [[], A1C[:1]])
def test_less_than_two_values_make_no_plot(points: list[tuple[Moment, float]]) -> None:
    assert plot(points, low=4, high=5, unit="%", title="A1c", label=label, language="en") == ""


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        drawn([A1C[0], (date(2026, 2, 1), bad)])
    with pytest.raises(ValueError, match="finite"):
        drawn([(date(2026, 2, 1), bad)])
    with pytest.raises(ValueError, match="finite"):
        drawn(list(A1C), low=bad)
    with pytest.raises(ValueError, match="finite"):
        drawn(list(A1C), high=bad)


def test_crossed_bounds_and_moments_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="crossed"):
        drawn(list(A1C), 6, 4)
    with pytest.raises(ValueError, match="zone"):
        drawn([(datetime(2026, 1, 1), 1), (datetime(2026, 1, 2), 2)])  # noqa: DTZ001


NASTY = [
    "</svg><script>alert(1)</script>",
    '" onload="alert(1)',
    "<b>&amp;</b>",
    "a\0b\x1b\ud800c",
    "]]>",
    "{0}{x}%s",
]


@pytest.mark.parametrize("nasty", NASTY)
def test_texts_are_texts(nasty: str) -> None:
    text = plot(
        A1C, low=4, high=5, unit=nasty, title=nasty, label=lambda _: nasty, language="en", normal=nasty
    )
    assert isinstance(text, Markup)
    svg = ET.fromstring(text)
    clean = re.sub("[\0\x1b\ud800]", "", nasty)
    assert svg.findtext(f"{SVG}title") == clean
    assert {part.tag.removeprefix(SVG) for part in svg.iter()} == {
        "svg", "title", "desc", "rect", "path", "polyline", "circle", "text",
    }  # fmt: skip
    assert not [name for part in svg.iter() for name in part.attrib if name.startswith("on")]
    assert clean in told(svg)


def test_nothing_that_the_policy_of_the_pages_would_block() -> None:
    text = plot_text(A1C)
    assert not re.search(r"style=|<style|<script|href|url\(|@import|data:", text)
    assert re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"]
    colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', text))
    assert colours == {"currentColor", "none"}
    assert {"plot-line", "plot-dot", "plot-dot-last", "plot-band", "plot-axis", "plot-label"} <= set(
        re.findall(r"plot-[a-z-]+", text)
    )
    assert len(text) < 3000


def test_a_unit_that_is_a_sentence_stays_beside_the_plot() -> None:
    assert "5.9" in texts(drawn(list(A1C), unit="of a very long unit that nobody would write"))


@pytest.mark.parametrize(
    ("value", "language", "wanted"),
    [
        (6.0, "en", "6"), (6.1, "es", "6.1"), (0.1 + 0.2, "en", "0.3"), (-0.25, "en", "-0.25"), (-0.0, "en", "0"),
        (1200, "en", "1,200"), (1200.5, "es", "1,200.5"), (1200.5, "pt-BR", "1.200,5"), (123456, "en", "123,456"),
        (0.0004, "en", "0.0004"), (0.00000321, "en", "3.21e-06"),
        (3.2e12, "en", "3.2e+12"), (12345678, "en", "1.235e+07"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_they_are_read(value: float, language: str, wanted: str) -> None:
    assert number(value, language) == wanted


finite = st.floats(allow_nan=False, allow_infinity=False)
days = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@given(
    points=st.lists(st.tuples(days, finite), min_size=2, max_size=40),
    bounds=st.tuples(st.none() | finite, st.none() | finite),
)
def test_any_numbers_stay_in_the_box_and_in_order(
    points: list[tuple[Moment, float]], bounds: tuple[float | None, float | None]
) -> None:
    low, high = bounds
    if low is not None and high is not None:
        low, high = sorted((low, high))
    svg = drawn(points, low, high)
    assert within(svg)
    ordered = [value for _, value in sorted(points, key=lambda point: point[0].toordinal())]
    places = sorted(zip(ordered, (y for _, y in line(svg)), strict=True))
    assert all(one[1] >= other[1] for one, other in pairwise(places) if one[0] < other[0])
