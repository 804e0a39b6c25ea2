"""Where the boxes and lines of a picture go: sizes in, coordinates out. Nothing of SVG, nothing of flows.

Boxes stand in layers from top to bottom (Sugiyama). A line leaves a box below and enters a box above; where it
passes a layer it has a column of its own, and between two layers its horizontal part has a track of its own. So no
line ever runs through a box. A line that leads back turns under its box and climbs in a column beside it.

Lengths are pixels, y grows downwards, boxes and lines are named by their index.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from bot.flowbook.drawing_layers import Cell, Way, Web, rows_of

Point = tuple[float, float]
Pull = tuple[float, float]
"""A place that something wants to be at, and how much."""

_Near = list[list[tuple[int, float]]]
_Stops = list[list[tuple[float, int]]]

TRACK, CLEAR_ABOVE, CLEAR_BELOW = 11, 14, 26
"""Between two layers: height of a track, and what stays free over the first and under the last."""
PORT_GAP = 13
_BOX_PULL, _PASS_PULL, _LINE_PULL = 4, 1, 8
"""Long lines stay straight before all, then boxes under their box; where a long line ends matters least."""
_SWEEPS, _EXACT_TRACKS, _PART_GAP = 12, 60, 56


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Upper left corners of the boxes, corners of the lines from exit to entry, size of the whole."""

    boxes: tuple[Point, ...]
    routes: tuple[tuple[Point, ...], ...]
    width: float
    height: float


def plan(cells: Sequence[Cell], ways: Sequence[Way]) -> Plan:
    """Places everything. The same input gives the same plan."""
    web = Web(cells, ways)
    x = _across(web, rows_of(web))
    return _down(web, x, _ported(web, x))


# -- from left to right ------------------------------------------------------------------------------


def settle(pulls: Sequence[Sequence[Pull]], gaps: Sequence[float]) -> list[float]:
    """Places in a row, `gaps` apart or more, with the least sum of weighted distances from what pulls.

    Isotonic regression by pooling neighbours; by medians rather than means, so that what can be straight is.
    """
    offsets = list(accumulate(gaps, initial=0.0))
    blocks: list[tuple[list[Pull], float, int]] = []
    for own, offset in zip(pulls, offsets, strict=True):
        wanted, size = [(place - offset, weight) for place, weight in own], 1
        middle = _median(wanted)
        while blocks and blocks[-1][1] > middle:
            before, _, more = blocks.pop()
            wanted, size = before + wanted, size + more
            middle = _median(wanted)
        blocks.append((wanted, middle, size))
    bases = [middle for _, middle, size in blocks for _ in range(size)]
    return [base + offset for base, offset in zip(bases, offsets, strict=True)]


def _median(pulls: list[Pull]) -> float:
    pulls.sort()
    half = sum(weight for _, weight in pulls) / 2
    total = 0.0
    for number, (place, weight) in enumerate(pulls):
        total += weight
        if total > half:
            return place
        if total == half:
            return (place + pulls[number + 1][0]) / 2
    return pulls[-1][0]


def _across(web: Web, rows: Sequence[Sequence[int]]) -> list[float]:
    """The middle of everything, in whole pixels from 0. What hangs together stands together, the largest left."""
    x = [0.0] * len(web.layer)
    near = _neighbours(web)
    half = [cell.width / 2 for cell in web.cells] + [0.0] * (len(web.layer) - web.boxes)
    rights: dict[int, float] = {}
    for part in web.parts():
        own = [[point for point in row if point in part] for row in rows]
        _place(web, own, near, x)
        lefts = {number: x[row[0]] - half[row[0]] for number, row in enumerate(own) if row}
        beside = (rights[number] + _PART_GAP - left for number, left in lefts.items() if number in rights)
        move = max([-min(lefts.values()), *beside])
        for number, row in enumerate(own):
            for point in row:
                x[point] = float(round(x[point] + move))
                rights[number] = x[point] + half[point]
    return x


def _place(web: Web, rows: Sequence[Sequence[int]], near: tuple[_Near, _Near], x: list[float]) -> None:
    """The middle of every point of these rows, by what pulls at it from above and from below in turn."""
    above, below = near
    gaps = [[web.gap(a, b) for a, b in pairwise(row)] for row in rows]
    for row, between in zip(rows, gaps, strict=True):
        for point, place in zip(row, accumulate(between, initial=-sum(between) / 2), strict=False):
            x[point] = place
    numbers = range(len(rows))
    looks = [(numbers, above), (numbers[::-1], below)] * _SWEEPS
    both = [one + other for one, other in zip(above, below, strict=True)]
    for order, pulling in [*looks, (numbers, both), (numbers[::-1], both), (numbers, both)]:
        for number in order:
            row = rows[number]
            pulls = [
                [(x[other], pull) for other, pull in pulling[point]] or [(x[point], 0.1)] for point in row
            ]
            for point, place in zip(row, settle(pulls, gaps[number]), strict=True) if row else ():
                x[point] = place


def _neighbours(web: Web) -> tuple[_Near, _Near]:
    """What pulls at each point from the layer above, and from the layer below."""
    above: _Near = [[] for _ in web.layer]
    below: _Near = [[] for _ in web.layer]
    for thread in web.threads:
        for pair in pairwise(point for point in thread if point not in web.turns):
            upper, lower = sorted(pair, key=web.layer.__getitem__)
            pull = (_BOX_PULL, _PASS_PULL, _LINE_PULL)[sum(point >= web.boxes for point in pair)]
            if web.layer[upper] < web.layer[lower]:
                above[lower].append((upper, pull))
                below[upper].append((lower, pull))
            else:  # a column beside the box around which a line turns
                for near in (above, below):
                    near[max(pair)].append((min(pair), pull))
    return above, below


def _ported(web: Web, x: Sequence[float]) -> _Stops:
    """Each line as stops, (x, layer): its exit, its columns, its entry."""
    stops = [[(x[p], web.layer[p]) for p in thread if p not in web.turns] for thread in web.threads]
    leaving: defaultdict[int, list[int]] = defaultdict(list)
    coming: defaultdict[int, list[int]] = defaultdict(list)
    for number, way in enumerate(web.ways):
        leaving[way.source].append(number)
        coming[way.target].append(number)
    for box, numbers in leaving.items():
        numbers.sort(key=lambda number: (stops[number][1][0], number))
        cell, used = web.cells[box], sum(web.ways[number].slot for number in numbers)
        place = x[box] - cell.width / 2 + max(0.0, min((cell.width - used) / 2, cell.exits_until - used))
        for number in numbers:
            slot = web.ways[number].slot
            stops[number][0] = (float(round(place + slot / 2)), web.layer[box])
            place += slot
    for box, numbers in coming.items():
        numbers.sort(key=lambda number: (stops[number][-2][0], number))
        for number, place in zip(numbers, _entries(web.cells[box], x[box], numbers, stops), strict=True):
            stops[number][-1] = (place, web.layer[box])
    return stops


def _entries(cell: Cell, middle: float, numbers: Sequence[int], stops: _Stops) -> list[float]:
    """Where lines enter a box: straight below where they come from, if they can."""
    least, most = (middle + cell.width * (share - 0.5) for share in (cell.free_from, 0.9))
    last = len(numbers) - 1
    gap = min(PORT_GAP, (most - least) / max(1, last))
    wanted = [min(max(stops[number][-2][0], least), most) for number in numbers]
    places = settle([[(place, 1)] for place in wanted], [gap] * last)
    # What would be outside pushes only what is in its way.
    return [min(max(at, least + gap * i), most - gap * (last - i)) for i, at in enumerate(places)]


# -- from top to bottom ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Run:
    """The horizontal part of a line between two layers, and the x at which it goes up and down from there."""

    line: int
    part: int
    up: tuple[float, ...]
    down: tuple[float, ...]

    @property
    def span(self) -> tuple[float, float]:
        ends = self.up + self.down
        return min(ends), max(ends)


def _runs(stops: _Stops) -> dict[int, list[_Run]]:
    """The runs under each layer."""
    runs: defaultdict[int, list[_Run]] = defaultdict(list)
    for line, own in enumerate(stops):
        back = own[0][1] >= own[-1][1]
        for part, ((x, layer), (next_x, next_layer)) in enumerate(pairwise(own)):
            if layer < next_layer:
                runs[layer].append(_Run(line, part, (x,), (next_x,)))
            elif layer > next_layer:
                runs[next_layer].append(_Run(line, part, (next_x,), (x,)))
            elif back and part == 0:
                runs[layer].append(_Run(line, part, (x, next_x), ()))
            else:
                runs[layer - 1].append(_Run(line, part, (), (x, next_x)))
    return runs


def _above(one: _Run, other: _Run) -> int:
    """What it costs to have `one` above `other`: crossings, and lines on top of each other."""
    (left, right), (other_left, other_right) = one.span, other.span
    cost = sum(left < x < right for x in other.up) + sum(other_left < x < other_right for x in one.down)
    return cost + 100 * sum(abs(x - y) < PORT_GAP / 3 for x in one.down for y in other.up)


def _tracks(runs: Sequence[_Run]) -> dict[tuple[int, int], int]:
    """The track of each run, from the top, by (line, part). Runs that overlap have different ones."""
    bent = sorted((run for run in runs if run.span[0] != run.span[1]), key=lambda run: (run.span, run.line))
    if len(bent) <= _EXACT_TRACKS:
        bent = _sorted_by_cost(bent)
    taken: defaultdict[int, list[_Run]] = defaultdict(list)
    tracks: dict[tuple[int, int], int] = {}
    for run in bent:
        track = len(taken)
        left, right = run.span[0] - PORT_GAP, run.span[1] + PORT_GAP
        while track and all(other.span[1] < left or right < other.span[0] for other in taken[track - 1]):
            track -= 1
        taken[track].append(run)
        tracks[run.line, run.part] = track
    return tracks


def _sorted_by_cost(runs: Sequence[_Run]) -> list[_Run]:
    """Greedy: next below is the one that loses most by being further down."""
    left = list(range(len(runs)))
    cost = [[_above(one, other) - _above(other, one) for other in runs] for one in runs]
    score = [sum(row) for row in cost]
    order = []
    while left:
        best = min(left, key=lambda number: (score[number], number))
        left.remove(best)
        order.append(runs[best])
        for number in left:
            score[number] -= cost[number][best]
    return order


def _down(web: Web, x: Sequence[float], stops: _Stops) -> Plan:
    """The y of everything, layer by layer."""
    runs = _runs(stops)
    rows: defaultdict[int, list[int]] = defaultdict(list)
    for box in range(web.boxes):
        rows[web.layer[box]].append(box)
    tops, levels, y = [0.0] * web.boxes, {}, 0.0
    for layer in range(min(runs, default=1), max([*runs, *rows], default=0) + 1):
        row = rows[layer]
        y += max((web.cells[box].above for box in row), default=0)
        floor = y + max((web.cells[box].height + web.cells[box].below for box in row), default=0)
        for box in row:
            cell = web.cells[box]
            tops[box] = floor - cell.height - cell.below if cell.hanging else y
        here = runs.get(layer, [])
        tracks = _tracks(here)
        for key in ((run.line, run.part) for run in here):
            levels[key] = floor + CLEAR_ABOVE + TRACK * tracks.get(key, 0)
        deepest = TRACK * max(tracks.values(), default=0)
        y = floor + (CLEAR_ABOVE + deepest + CLEAR_BELOW if here else 0)
    routes = []
    for line, (way, own) in enumerate(zip(web.ways, stops, strict=True)):
        start = tops[way.source] + web.cells[way.source].height
        bends = [(end, levels[line, part]) for part, pair in enumerate(pairwise(own)) for end, _ in pair]
        routes.append(_corners([(own[0][0], start), *bends, (own[-1][0], tops[way.target])]))
    boxes = tuple((x[box] - web.cells[box].width / 2, tops[box]) for box in range(web.boxes))
    rights = [left + cell.width for (left, _), cell in zip(boxes, web.cells, strict=True)]
    width = max([*rights, *(place for route in routes for place, _ in route)], default=0)
    return Plan(boxes=boxes, routes=tuple(routes), width=width, height=y)


def _corners(points: Iterable[Point]) -> tuple[Point, ...]:
    """Without points on a straight line between others."""
    kept: list[Point] = []
    for point in points:
        if len(kept) > 1 and any(kept[-2][axis] == kept[-1][axis] == point[axis] for axis in (0, 1)):
            kept[-1] = point
        elif point not in kept[-1:]:
            kept.append(point)
    return tuple(kept)
