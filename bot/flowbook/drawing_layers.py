"""Which box of a picture stands in which layer, and in which order there: lines lead down, and few cross.

A line that passes a layer has a point of its own in it. A line that leads back to an earlier box turns around under
its own box and climbs beside what it passes.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

_BOX_GAP, _PASS_GAP, _LINE_GAP = 40, 24, 18
_SWEEPS = 24


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


class Web:
    """Boxes, and what stands for a line in each layer that it passes, joined to threads.

    Layers are counted from 1: 0 is where a line that leads back to the first layer turns.
    """

    def __init__(self, cells: Sequence[Cell], ways: Sequence[Way]) -> None:
        against = _against(len(cells), ways)
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

    def parts(self) -> list[set[int]]:
        """What hangs together, the largest first."""
        part = {point: {point} for point in range(len(self.layer))}
        for thread in self.threads:
            for one, other in pairwise(thread):
                if part[one] is not part[other]:
                    more, less = sorted((part[one], part[other]), key=len, reverse=True)
                    more |= less
                    part |= dict.fromkeys(less, more)
        return sorted(
            {id(each): each for each in part.values()}.values(), key=lambda each: (-len(each), min(each))
        )


# -- the order in a layer ------------------------------------------------------------------------------


def rows_of(web: Web) -> list[list[int]]:
    """What stands in each layer from left to right. Turns are for the order only, and left out.

    Each point moves to the middle of its neighbours in the layer above, then of those below, and so on; of all the
    orders on the way, the one with the fewest crossings is kept (Sugiyama, Tagawa and Toda 1981).
    """
    above, below = _neighbours(web)
    rows = _depth_first(web, below)
    best, least = [list(row) for row in rows], _crossings(rows, below)
    for sweep in range(_SWEEPS):
        _reorder(*((rows[::-1], below) if sweep % 2 else (rows, above)))
        crossings = _crossings(rows, below)
        if crossings < least:
            best, least = [list(row) for row in rows], crossings
    return [[point for point in row if point not in web.turns] for row in best]


def _neighbours(web: Web) -> tuple[list[list[int]], list[list[int]]]:
    above: list[list[int]] = [[] for _ in web.layer]
    below: list[list[int]] = [[] for _ in web.layer]
    for thread in web.threads:
        for pair in pairwise(thread):
            upper, lower = sorted(pair, key=web.layer.__getitem__)
            above[lower].append(upper)
            below[upper].append(lower)
    return above, below


def _depth_first(web: Web, below: Sequence[Sequence[int]]) -> list[list[int]]:
    """To begin with: what is written first stands left, and what follows it under it."""
    rows: list[list[int]] = [[] for _ in range(max(web.layer, default=0) + 1)]
    seen: set[int] = set()
    for root in sorted(range(len(web.layer)), key=lambda point: (web.layer[point], point)):
        trail = [root]
        while trail:
            point = trail.pop()
            if point not in seen:
                seen.add(point)
                rows[web.layer[point]].append(point)
                trail += reversed(below[point])
    return rows


def _reorder(rows: Iterable[list[int]], near: Sequence[Sequence[int]]) -> None:
    place: dict[int, float] = {}
    for row in rows:
        wanted = {
            point: fmean(place[other] for other in near[point]) if near[point] else float(index)
            for index, point in enumerate(row)
        }
        row.sort(key=wanted.__getitem__)
        place |= {point: float(index) for index, point in enumerate(row)}


def _crossings(rows: Sequence[Sequence[int]], below: Sequence[Sequence[int]]) -> int:
    place = {point: index for row in rows for index, point in enumerate(row)}
    total = 0
    for row in rows:
        ends: list[int] = []
        for point in row:
            here = [place[other] for other in below[point]]
            total += sum(len(ends) - bisect_right(ends, end) for end in here)
            for end in here:
                insort(ends, end)
    return total
