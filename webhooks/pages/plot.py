"""A trend plot as SVG: one measured value over time, drawn to be read on a phone 320 px wide.

No script, no style attribute, no address: it lives under `style-src 'self'`. Colour is the text's own (`currentColor`),
and the classes plot-* are the style sheet's to dress. It has no words of its own: those that it says come from the
caller, in the reader's language, and everything drawn is said in <desc> too.
"""

import math
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_decimal
from markupsafe import Markup, escape

WIDTH, HEIGHT = 320, 172
"""The view box; text of 14 in it stays above 12 px where it is drawn 275 px wide."""

_FONT = 14
_LETTER = 8.8  # the width of a digit, generously
_LEFT, _RIGHT = 12.0, 306.0
_TOP, _BOTTOM = 30.0, 118.0  # where values are drawn: the last one's number has room above and below
_EDGE = 24.0  # from there to the axis, and to the open end of the normal range
_DATES = HEIGHT - 8  # their base line
_MOST_DOTS = 24
_SAID = 24
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Moment = date | datetime


@dataclass(frozen=True, slots=True)
class _Dot:
    """A value where it is drawn."""

    x: float
    y: float
    when: str
    number: str


def plot(
    points: Sequence[tuple[Moment, float]],
    *,
    low: float | None,
    high: float | None,
    unit: str,
    title: str,
    label: Callable[[Moment], str],
    language: str,
    normal: str = "",
) -> Markup:
    """The plot, or '' where there are less than two points; they may come in any order.

    `low` and `high` bound the normal range, None where it is open on that side; `normal` says it in words, for
    those who listen. `label` writes a date. Raises ValueError for a value or bound that is no finite number,
    for bounds that are crossed, and for a moment without a zone.
    """
    _check([value for _, value in points], low, high)
    if len(points) < 2:
        return Markup()
    ordered = sorted(points, key=lambda point: _moment(point[0]))
    scale = _Scale.of([value for _, value in ordered], low, high)
    bounds = [(scale.y(bound), number(bound, language)) for bound in (high, low) if bound is not None]
    left = max([_LEFT, *(len(text) * _LETTER + 10 for _, text in bounds)])
    xs = _across([_moment(when).timestamp() for when, _ in ordered], left)
    dots = [
        _Dot(x, scale.y(value), label(when), number(value, language))
        for x, (when, value) in zip(xs, ordered, strict=True)
    ]
    parts = [
        *_band(bounds, left, low=low, high=high),
        Markup('<path class="plot-axis" d="M{} {}H{}" stroke="currentColor" stroke-opacity="0.4"/>').format(
            _n(left - 4), _n(_BOTTOM + _EDGE), _n(_RIGHT + 6)
        ),
        *_line(dots),
        *_last(dots, unit),
        *_days(dots),
    ]
    return _framed(parts, title, _told(dots, unit, normal))


@lru_cache(maxsize=4096)
def number(value: float, language: str) -> str:
    """A measured value as the language writes it in the United States: 6.1, -0.25, 1,200, 3.2e+12."""
    text = f"{value:.10g}"
    if "e" in text or abs(value) >= 1e7:
        return f"{value:.4g}"
    locale = Locale.parse({"en": "en_US", "es": "es_US"}.get(language, language.replace("-", "_")))
    return format_decimal(Decimal(text) + 0, format="#,##0.##########", locale=locale)


def _check(values: Sequence[float], low: float | None, high: float | None) -> None:
    if not all(math.isfinite(value) for value in (*values, low or 0, high or 0)):
        raise ValueError("a value of a plot has to be a finite number")
    if low is not None and high is not None and low > high:
        raise ValueError("the normal range has its bounds crossed")


def _moment(when: Moment) -> datetime:
    """A day counts from its midnight in UTC, so that days and moments stand in one order."""
    if not isinstance(when, datetime):
        return datetime(when.year, when.month, when.day, tzinfo=UTC)
    if when.tzinfo is None:
        raise ValueError("a moment of a plot has to have its zone")
    return when


@dataclass(frozen=True, slots=True)
class _Scale:
    """From values to heights: `bottom` and `top` as shares of `unit`, so that no sum overflows or is lost."""

    unit: float
    bottom: float
    top: float

    @staticmethod
    def of(values: Sequence[float], low: float | None, high: float | None) -> "_Scale":
        """Room for all values and both bounds, and some beyond a bound, where the range is open or ends."""
        bounds = [bound for bound in (low, high) if bound is not None]
        unit = max(abs(value) for value in (*values, *bounds)) or 1.0
        shares = [value / unit for value in (*values, *bounds)]
        bottom, top = min(shares), max(shares)
        room = (top - bottom) * 0.12 if bounds else 0.0
        if top == bottom:
            room = 0.1
        return _Scale(unit, bottom - room, top + room)

    def y(self, value: float) -> float:
        """The height in the view box, where a higher value has a smaller y."""
        return _BOTTOM - (value / self.unit - self.bottom) / (self.top - self.bottom) * (_BOTTOM - _TOP)


def _across(seconds: Sequence[float], left: float) -> list[float]:
    """Where moments stand, true to time; evenly, where they are all the same."""
    start, span = seconds[0], seconds[-1] - seconds[0]
    if not span:
        seconds, start, span = range(len(seconds)), 0.0, len(seconds) - 1
    return [left + 6 + (moment - start) / span * (_RIGHT - 6 - left - 6) for moment in seconds]


def _band(
    bounds: Sequence[tuple[float, str]], left: float, *, low: float | None, high: float | None
) -> list[Markup]:
    """The normal range, to the edge where it is open, with its bounds' numbers at the left."""
    if not bounds:
        return []
    top = bounds[0][0] if high is not None else _TOP - _EDGE
    bottom = bounds[-1][0] if low is not None else _BOTTOM + _EDGE
    parts = [
        Markup(
            '<rect class="plot-band" x="{}" y="{}" width="{}" height="{}" fill="currentColor" fill-opacity="0.12"/>'
        ).format(_n(left - 4), _n(top), _n(_RIGHT + 10 - left), _n(max(bottom - top, 1)))
    ]
    heights = [y + 5 for y, _ in bounds]
    if len(heights) == 2 and heights[1] - heights[0] < _FONT:  # they would be drawn over each other
        middle = sum(heights) / 2
        heights = [middle - _FONT / 2, middle + _FONT / 2]
    texts = [text for _, text in bounds]
    if len(texts) == 2 and texts[0] == texts[1]:
        texts, heights = texts[:1], heights[:1]
    parts += [_text(left - 8, y, text, "end") for y, text in zip(heights, texts, strict=True)]
    return parts


def _line(dots: Sequence[_Dot]) -> list[Markup]:
    """The line, and a dot a value while they can be told apart."""
    way = " ".join(f"{_n(dot.x)},{_n(dot.y)}" for dot in dots)
    line = Markup(
        '<polyline class="plot-line" points="{}" fill="none" stroke="currentColor" stroke-width="2"'
        ' stroke-linejoin="round"/>'
    ).format(way)
    earlier = dots[:-1] if len(dots) <= _MOST_DOTS else []
    return [line, *(_dot(dot, "plot-dot", 3) for dot in earlier)]


def _last(dots: Sequence[_Dot], unit: str) -> list[Markup]:
    """The newest value, larger and with its number: on the side where less of the line is."""
    last = dots[-1]
    text = f"{last.number} {unit}".strip()
    if len(text) * _LETTER > WIDTH - 20:  # a unit that is no unit; it stands beside the plot anyway
        text = last.number
    beside = [last.y, dots[-2].y, *(dot.y for dot in dots if dot.x > _RIGHT - len(text) * _LETTER)]
    below = last.y - min(beside) > max(beside) - last.y
    y = last.y + _FONT + 6 if below else last.y - 11
    return [_dot(last, "plot-dot-last", 5), _text(_RIGHT + 6, y, text, "end", "plot-label plot-label-last")]


def _days(dots: Sequence[_Dot]) -> list[Markup]:
    first, last = dots[0].when, dots[-1].when
    parts = [_text(_RIGHT + 6, _DATES, last, "end")]
    if first != last:
        parts.insert(0, _text(_LEFT - 4, _DATES, first, "start"))
    return parts


def _dot(dot: _Dot, name: str, radius: int) -> Markup:
    drawn = f'<circle class="{name}" cx="{_n(dot.x)}" cy="{_n(dot.y)}" r="{radius}" fill="currentColor"/>'
    return Markup(drawn)  # noqa: S704  # a name of ours, and numbers


def _text(x: float, y: float, text: str, anchor: str, name: str = "plot-label") -> Markup:
    weight = Markup(' font-weight="700"') if "last" in name else ""
    return Markup(
        '<text class="{}" x="{}" y="{}" text-anchor="{}" font-size="{}" fill="currentColor"{}>{}</text>'
    ).format(name, _n(x), _n(y), anchor, _FONT, weight, _clean(text))


def _told(dots: Sequence[_Dot], unit: str, normal: str) -> str:
    """All that is drawn, in words; of many values the newest."""
    said = dots[-_SAID:]
    start = "… " if len(said) < len(dots) else ""
    values = "; ".join(f"{dot.when}: {dot.number} {unit}".strip() for dot in said)
    return f"{start}{values}. {normal}".strip()


def _framed(parts: Sequence[Markup], title: str, told: str) -> Markup:
    """The whole; its ids come from what it says, so that several can stand on one page."""
    drawn = Markup().join(parts)
    name = f"plot-{zlib.crc32((title + told + drawn).encode('utf-8', 'replace')):08x}"
    return Markup(
        '<svg class="plot" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img"'
        ' aria-labelledby="{}-title" aria-describedby="{}-desc"><title id="{}-title">{}</title>'
        '<desc id="{}-desc">{}</desc>{}</svg>'
    ).format(WIDTH, HEIGHT, name, name, name, _clean(title), name, _clean(told), drawn)


def _clean(text: str) -> Markup:
    """Escaped, and without what no XML may hold."""
    return escape(_NO_XML.sub("", text))


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
