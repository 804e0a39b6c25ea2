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

import igraph  # type: ignore[import-untyped]

Point = tuple[float, float]
Pull = tuple[float, float]
"""A place that something wants to be at, and how much."""

_Near = list[list[tuple[int, float]]]
_Stops = list[list[tuple[float, int]]]

TRACK, CLEAR_ABOVE, CLEAR_BELOW = 11, 14, 26
"""Between two layers: height of a track, and what stays free over the first and under the last."""
PORT_GAP = 13
_BOX_GAP, _PASS_GAP, _LINE_GAP = 40, 24, 18
_BOX_PULL, _PASS_PULL, _LINE_PULL = 4, 1, 8
"""Long lines stay straight before all, then boxes under their box; where a long line ends matters least."""
_SWEEPS, _EXACT_TRACKS = 12, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A box and the room that it needs.

    above, below   heights that it needs over and under the box for things of its own
    free_from      where on its upper side lines may enter, as a share of its width
    exits_until    width of the lower side, from the left, in which ways leave; the rest is used otherwise
    hanging        stands at the bottom of its layer rather than at the top
    """

    width: float
    height: float
    above: float = 0
    below: float = 0
    free_from: float = 0.1
    exits_until: float
    hanging: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """A line from box to box; `slot` is the width that it needs where it leaves."""

    source: int
    target: int
    slot: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Upper left corners of the boxes, corners of the lines from exit to entry, size of the whole."""

    boxes: tuple[Point, ...]
    routes: tuple[tuple[Point, ...], ...]
    width: float
    height: float


def plan(cells: Sequence[Cell], ways: Sequence[Way]) -> Plan:
    """Places everything. The same input gives the same plan."""
    web = _Web(cells, ways, _against(len(cells), ways))
    x = _across(web, _rows(web))
    return _down(web, x, _ported(web, x))


# -- layers ------------------------------------------------------------------------------------------


def _against(count: int, ways: Sequence[Way]) -> set[int]:
    """The ways that lead back to a box from which one has come; without them there is no circle.

    Boxes are visited in their order, so what is written first is taken for the direction of the flow.
    """
    out: list[list[int]] = [[] for _ in range(count)]
    fed = {way.target for way in ways if way.source != way.target}
    for number, way in enumerate(ways):
        out[way.source].append(number)
    found: set[int] = set()
    state = [0] * count  # 0 not seen, 1 on the way here, 2 done
    for root in sorted(range(count), key=lambda box: (box in fed, box)):
        if state[root]:
            continue
        state[root] = 1
        trail = [(root, iter(out[root]))]
        while trail:
            box, rest = trail[-1]
            for number in rest:
                target = ways[number].target
                if state[target] == 1:
                    found.add(number)
                elif not state[target]:
                    state[target] = 1
                    trail.append((target, iter(out[target])))
                    break
            else:
                state[box] = 2
                trail.pop()
    return found


def _layers(count: int, ways: Sequence[Way], against: set[int]) -> list[int]:
    """Each box one below the lowest that leads to it; what nothing leads to, right above what it leads to."""
    out: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for number, way in enumerate(ways):
        if number not in against:
            out[way.source].append(way.target)
            waiting[way.target] += 1
    layer = [0] * count
    ready = [box for box in range(count) if not waiting[box]]
    first = tuple(ready)
    for box in ready:
        for target in out[box]:
            layer[target] = max(layer[target], layer[box] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    for box in first:
        layer[box] = min((layer[target] for target in out[box]), default=1) - 1
    return layer


class _Web:
    """Boxes, and what stands for a line in each layer that it passes, joined to threads.

    Layers are counted from 1: 0 is where a line that leads back to the first layer turns.
    """

    def __init__(self, cells: Sequence[Cell], ways: Sequence[Way], against: set[int]) -> None:
        layers = _layers(len(cells), ways, against)
        self.cells, self.ways, self.boxes = cells, ways, len(cells)
        self.layer = [layer + 1 for layer in layers]
        self.turns: set[int] = set()
        self.threads: list[list[int]] = []
        for number, way in enumerate(ways):
            start, stop = self.layer[way.source], self.layer[way.target]
            if number in against:
                between = [start + 1, *range(start, stop - 1, -1), stop - 1]
            else:
                between = [*range(start + 1, stop)]
            passes = range(len(self.layer), len(self.layer) + len(between))
            self.layer += between
            if number in against:
                self.turns |= {passes[0], passes[-1]}
            self.threads.append([way.source, *passes, way.target])

    def gap(self, one: int, other: int) -> float:
        """From middle to middle, at least."""
        halves = sum(self.cells[point].width / 2 for point in (one, other) if point < self.boxes)
        return halves + (_BOX_GAP, _PASS_GAP, _LINE_GAP)[(one >= self.boxes) + (other >= self.boxes)]


def _rows(web: _Web) -> list[list[int]]:
    """What stands in each layer from left to right, with few crossings. Turns are for the order only."""
    pairs = [pair for thread in web.threads for pair in pairwise(thread)]
    downwards = [(a, b) if web.layer[a] < web.layer[b] else (b, a) for a, b in pairs]
    graph = igraph.Graph(n=len(web.layer), edges=downwards, directed=True)
    places = [place[0] for place in graph.layout_sugiyama(layers=web.layer, maxiter=200)]
    rows: list[list[int]] = [[] for _ in range(max(web.layer, default=0) + 1)]
    for point in sorted(range(len(web.layer)), key=lambda point: (places[point], point)):
        if point not in web.turns:
            rows[web.layer[point]].append(point)
    return rows


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


def _across(web: _Web, rows: Sequence[Sequence[int]]) -> list[float]:
    """The middle of everything, in whole pixels from 0."""
    x = [0.0] * len(web.layer)
    gaps = [[web.gap(a, b) for a, b in pairwise(row)] for row in rows]
    for row, between in zip(rows, gaps, strict=True):
        for point, place in zip(row, accumulate(between, initial=-sum(between) / 2), strict=False):
            x[point] = place
    above, below = _neighbours(web)
    numbers = range(len(rows))
    looks = [(numbers, above), (numbers[::-1], below)] * _SWEEPS
    both = [one + other for one, other in zip(above, below, strict=True)]
    for order, near in [*looks, (numbers, both), (numbers[::-1], both), (numbers, both)]:
        for number in order:
            row = rows[number]
            pulls = [[(x[other], pull) for other, pull in near[point]] or [(x[point], 0.1)] for point in row]
            for point, place in zip(row, settle(pulls, gaps[number]), strict=True) if row else ():
                x[point] = place
    lefts = [x[box] - cell.width / 2 for box, cell in enumerate(web.cells)]
    left = min([*lefts, *(x[point] for row in rows for point in row)], default=0)
    return [float(round(place - left)) for place in x]


def _neighbours(web: _Web) -> tuple[_Near, _Near]:
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


def _ported(web: _Web, x: Sequence[float]) -> _Stops:
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


def _down(web: _Web, x: Sequence[float], stops: _Stops) -> Plan:
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
