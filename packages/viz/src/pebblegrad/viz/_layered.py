"""Where the boxes and the lines of a graph go, when every line runs downwards.

The layered drawing of Sugiyama, Tagawa and Toda (1981), in four steps, each a function:

1. `_rows`: a node's row is the length of its longest path to the result, so that
   inputs stand right above the first op that reads them.
2. `_cells`: a line that passes rows on its way gets a place of no width in each. All
   lines from one node share these places, and part where they must: a *trunk*.
3. `_sort`: the order within rows. Cells go to the mean place of their neighbours, row
   by row, up and down (the barycenter method); the order with the fewest crossings is
   kept.
4. `_place`: the coordinates. Each row is moved as close to its neighbours as the widths
   of its boxes allow: least squares under constraints, solved exactly (see `fit`).

Stacking the rows and leading the lines through the gaps between them is in
`_stacking.py`. Nothing here knows what a node means, or draws.
"""

import bisect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from pebblegrad.viz._stacking import Layout, Point, stack

NODE_GAP = 16.0  # between boxes of a row
TRUNK_GAP = 9.0  # between a passing line and its neighbours
PULL = 0.002  # the weight of an edge being about 1
STRAIGHT, NEARLY = 4.0, 7.0  # the least weight of a spine, and a small bend
PORT = 15.0  # between the arrows that enter a box
MAX_TRUNKS = 30_000  # cells; longer lines than these allow are drawn straight


@dataclass(frozen=True)
class Edge:
    """An arrow from a node to another, by their numbers; heavy ones become straight.

    Edges enter a node from left to right in the order in which they are given.
    """

    source: int
    target: int
    weight: float = 1.0


@dataclass
class Segment:
    """A part of an edge from one row to the next."""

    upper: int
    lower: int
    weight: float
    source: int
    order: int = 0  # among the edges, if it ends at a box
    port: float = 0.0  # where it enters a box: from -0.5, at the left, to 0.5
    offset: float = 0.0  # the same, from the middle, once the box has a width


@dataclass
class Cells:
    """Boxes (first, with the numbers of their nodes) and places that trunks pass."""

    width: list[float]
    height: list[float]
    row: list[int]
    nodes: int
    segments: list[Segment] = field(default_factory=list)
    above: list[list[Segment]] = field(default_factory=list)
    below: list[list[Segment]] = field(default_factory=list)
    straight: list[Edge] = field(default_factory=list)
    x: list[float] = field(default_factory=list)

    def add(self, row: int) -> int:
        """Add a place for a trunk."""
        self.width.append(0.0)
        self.height.append(0.0)
        self.row.append(row)
        self.above.append([])
        self.below.append([])
        return len(self.width) - 1

    def join(
        self, upper: int, lower: int, weight: float, source: int, order: int = 0
    ) -> None:
        segment = Segment(upper, lower, weight, source, order)
        self.segments.append(segment)
        self.below[upper].append(segment)
        self.above[lower].append(segment)

    def apart(self, left: int, right: int) -> float:
        """Return how far apart the middles of two neighbours must be."""
        gap = NODE_GAP if max(left, right) < self.nodes else TRUNK_GAP
        return (self.width[left] + self.width[right]) / 2 + gap


def layered(sizes: Sequence[Point], edges: Sequence[Edge]) -> Layout:
    """Lay out a graph without cycles of which every node leads to the last one.

    Args:
        sizes: (width, height) of each box.
        edges: between them; one that is given twice is drawn twice.

    Example:
        >>> layout = layered([(40, 20), (40, 20), (40, 20)], [Edge(0, 2), Edge(1, 2)])
        >>> [x for x, _ in layout.centers]
        [20.0, 76.0, 48.0]
    """
    cells = _cells(sizes, edges, _rows(len(sizes), edges))
    _set_ports(cells)
    rows = _sort(cells)
    _place(cells, rows)
    return stack(cells, rows)


def _rows(count: int, edges: Sequence[Edge]) -> list[int]:
    """Return the row of each node, 0 at the top."""
    import networkx as nx

    backwards = nx.DiGraph()
    backwards.add_nodes_from(range(count))
    backwards.add_edges_from((edge.target, edge.source) for edge in edges)
    generations = list(nx.topological_generations(backwards))
    row = [0] * count
    for distance, nodes in enumerate(generations):
        for node in nodes:
            row[node] = len(generations) - 1 - distance
    return row


def _cells(sizes: Sequence[Point], edges: Sequence[Edge], row: list[int]) -> Cells:
    """Return the boxes, and the places of the lines that pass rows."""
    count = len(sizes)
    cells = Cells([w for w, _ in sizes], [h for _, h in sizes], list(row), count)
    cells.above = [[] for _ in range(count)]
    cells.below = [[] for _ in range(count)]
    leaving: dict[int, list[tuple[int, Edge]]] = {}
    for order, edge in enumerate(edges):
        leaving.setdefault(edge.source, []).append((order, edge))

    def last_row(source: int) -> int:
        return max(row[edge.target] for _, edge in leaving[source])

    # Short trunks first, so that the longest give way if there are too many.
    for source in sorted(leaving, key=lambda source: last_row(source) - row[source]):
        passed = range(row[source] + 1, last_row(source))
        trunk = {row[source]: source}
        if len(cells.row) - count + len(passed) > MAX_TRUNKS:
            far = [e for _, e in leaving[source] if row[e.target] - row[source] > 1]
            cells.straight += far
            passed = range(0)
        for place in passed:
            trunk[place] = cells.add(place)
            weight = 0.5 if trunk[place - 1] == source else 8.0
            cells.join(trunk[place - 1], trunk[place], weight, source)
        for order, edge in leaving[source]:
            upper = trunk.get(row[edge.target] - 1)
            if upper is not None:
                # A trunk bends, so that the way through the boxes need not.
                weight = edge.weight if upper == source else min(edge.weight, 0.5)
                cells.join(upper, edge.target, weight, source, order)
    return cells


def _set_ports(cells: Cells) -> None:
    """Spread the arrows that enter a box, in order; the heaviest is in the middle."""
    for cell in range(cells.nodes):
        entering = sorted(cells.above[cell], key=lambda segment: segment.order)
        cells.above[cell] = entering
        if len(entering) < 2:
            continue
        last = len(entering) - 1
        heavy = max(segment.weight for segment in entering)
        heavies = [i for i, segment in enumerate(entering) if segment.weight == heavy]
        middle = heavies[0] if len(heavies) == 1 else last / 2
        room = cells.width[cell] / 2 - 7
        step = min(PORT, room / max(middle, last - middle))
        for i, segment in enumerate(entering):
            segment.offset = (i - middle) * step
            segment.port = i / last - 0.5


def _sort(cells: Cells) -> list[list[int]]:
    """Return the cells of each row, from left to right."""
    rows = _first_order(cells)
    best, fewest = [list(row) for row in rows], _crossings(cells, rows)
    for turn in range(12):
        if not fewest:
            break
        place = [0.0] * len(cells.row)
        for row in rows:
            for i, cell in enumerate(row):
                place[cell] = (i + 0.5) / len(row)
        down = turn % 2 == 1
        for row in rows if down else reversed(rows):
            wanted = {}
            for cell in row:
                met = (
                    [place[s.upper] for s in cells.above[cell]]
                    if down
                    else [
                        place[s.lower] + s.port / len(rows[cells.row[s.lower]])
                        for s in cells.below[cell]
                    ]
                )
                wanted[cell] = sum(met) / len(met) if met else place[cell]
            row.sort(key=wanted.__getitem__)
            for i, cell in enumerate(row):
                place[cell] = (i + 0.5) / len(row)
        found = _crossings(cells, rows)
        if found < fewest:
            best, fewest = [list(row) for row in rows], found
    return best


def _first_order(cells: Cells) -> list[list[int]]:
    """Return the rows as a walk from the result meets their cells, inputs in order."""
    rows: list[list[int]] = [[] for _ in range(max(cells.row) + 1)]
    seen = [False] * len(cells.row)
    # The walk stops at straight lines, hence it starts at all that leads nowhere.
    stack = [cell for cell in range(len(cells.row)) if not cells.below[cell]]
    while stack:
        cell = stack.pop()
        if not seen[cell]:
            seen[cell] = True
            rows[cells.row[cell]].append(cell)
            stack += [segment.upper for segment in reversed(cells.above[cell])]
    return rows


def _crossings(cells: Cells, rows: list[list[int]]) -> int:
    """Count the pairs of lines that cross."""
    place = [0] * len(cells.row)
    for row in rows:
        for i, cell in enumerate(row):
            place[cell] = i
    crossings = 0
    for row in rows:
        passed: list[float] = []  # where the lines so far arrive, sorted
        for cell in row:
            ends = sorted(place[s.lower] + 0.9 * s.port for s in cells.below[cell])
            crossings += sum(len(passed) - bisect.bisect_right(passed, e) for e in ends)
            for end in ends:
                bisect.insort(passed, end)
    return crossings


def _place(cells: Cells, rows: list[list[int]]) -> None:
    """Find the x of every cell."""
    cells.x = [0.0] * len(cells.row)
    x = cells.x
    gaps = [[cells.apart(a, b) for a, b in itertools.pairwise(row)] for row in rows]
    for row, gap in zip(rows, gaps, strict=True):
        at = -sum(gap) / 2
        for cell, step in zip(row, [*gap, 0.0], strict=True):
            x[cell], at = at, at + step
    # First one direction at a time, which carries far, then both, which settles.
    for turn in range(24):
        up, down = turn % 2 == 0 or turn > 7, turn % 2 == 1 or turn > 7
        order = range(len(rows)) if turn % 2 else range(len(rows) - 1, -1, -1)
        for i in order:
            wanted, weights = [], []
            for cell in rows[i]:
                # A weak pull to the middle, against drifting in hundreds of rows.
                total, weight = 0.0, PULL
                for s in cells.above[cell] if down else ():
                    total += s.weight * (x[s.upper] - s.offset)
                    weight += s.weight
                for s in cells.below[cell] if up else ():
                    total += s.weight * (x[s.lower] + s.offset)
                    weight += s.weight
                wanted.append(total / weight)
                weights.append(weight)
            for cell, found in zip(rows[i], fit(wanted, weights, gaps[i]), strict=True):
                x[cell] = found
    for row, gap in zip(rows, gaps, strict=True):
        _straighten(cells, row, gap)


def _straighten(cells: Cells, row: list[int], gap: list[float]) -> None:
    """Put cells right below the one that they hang on, if they nearly are."""
    x = cells.x
    for i, cell in enumerate(row):
        spine = max(cells.above[cell], key=lambda s: s.weight, default=None)
        if spine is None or spine.weight < STRAIGHT:
            continue
        wanted = x[spine.upper] - spine.offset
        if (
            abs(wanted - x[cell]) < NEARLY
            and (i == 0 or wanted - x[row[i - 1]] >= gap[i - 1])
            and (i + 1 == len(row) or x[row[i + 1]] - wanted >= gap[i])
        ):
            x[cell] = wanted


def fit(wanted: list[float], weights: list[float], gaps: list[float]) -> list[float]:
    """Return the places closest to `wanted` that keep their distances.

    Minimises ``sum(weight * (place - wanted) ** 2)`` under ``place[i + 1] - place[i] >=
    gaps[i]``. Less the gaps before it, each place must not be smaller than the one
    before: isotonic regression, solved by pooling neighbours that violate it.

    Example:
        >>> fit([0.0, 0.0, 9.0], [1.0, 1.0, 1.0], [4.0, 4.0])
        [-2.0, 2.0, 9.0]
    """
    before = [0.0]
    for gap in gaps:
        before.append(before[-1] + gap)
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for want, weight, shift in zip(wanted, weights, before, strict=True):
        mean, total, count = want - shift, weight, 1
        while pools and pools[-1][0] > mean:
            other, other_total, other_count = pools.pop()
            mean = (mean * total + other * other_total) / (total + other_total)
            total, count = total + other_total, count + other_count
        pools.append((mean, total, count))
    means = [mean for mean, _, count in pools for _ in range(count)]
    return [mean + shift for mean, shift in zip(means, before, strict=True)]
