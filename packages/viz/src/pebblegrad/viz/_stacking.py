"""Rows of boxes stacked into a picture, and the lines between them.

A line leaves its box downwards, bends only in the gap between two rows, and enters the
next box from above. Boxes stand in rows, hence by construction no two of them touch,
and no line meets a box that it does not belong to. Rows that would make a ribbon are
stacked in several columns, to be read from left to right; what leads from one column to
the next goes up between them, in lanes that do not cross.

One exception: of a graph with tens of thousands of row passages (`MAX_TRUNKS`) the
longest lines run straight, behind whatever is there, in a single column.

The order within the rows and all x are found before, in `_layered.py`.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pebblegrad.viz._layered import Cells, Segment

ROW_GAP = 25.0
LANE = 7.0  # between the lines that lead from a column to the next
COLUMN_GAP = 30.0
CORNER = 5.0
TALLEST = 2.4  # height to width from where on rows go into columns
WANTED = 1.3  # height to width then

Point = tuple[float, float]
# How a route goes on: to a point, or on a curve with one or two control points.
Step = tuple[Point, ...]


@dataclass(frozen=True)
class Route:
    """A line, or a part of one that it shares with others.

    Attributes:
        source: the node that it comes from.
        target: the node that it ends at with an arrow; None if other routes go on.
        start: where it begins.
        steps: how it goes on; each step is the points of a Bezier curve after its
            first, one for a straight line.
    """

    source: int
    target: int | None
    start: Point
    steps: list[Step]

    @property
    def end(self) -> Point:
        return self.steps[-1][-1]


@dataclass(frozen=True)
class Layout:
    """A drawing: coordinates in the unit of the sizes, y downwards, from (0, 0).

    Attributes:
        centers: of the boxes.
        routes: of the edges, in parts.
        forks: where routes of one source part.
        order: of the boxes as one reads: row by row, each from left to right.
        width, height: of the whole.
    """

    centers: list[Point]
    routes: list[Route]
    forks: list[Point]
    order: list[int]
    width: float
    height: float


def stack(cells: "Cells", rows: list[list[int]]) -> Layout:
    """Stack the rows, in one column or several, and route the lines."""
    bands = [max(cells.height[cell] for cell in row) for row in rows]
    gaps = _row_gaps(cells, len(rows))
    columns = _columns(cells, rows, bands, gaps)
    column_of = [c for c, column in enumerate(columns) for _ in column]
    crossing = _crossing_lines(cells, columns, column_of)
    middle = [0.0] * len(rows)  # y of each row
    bottom = [0.0] * len(columns)
    right = [0.0] * len(columns)
    left = 0.0
    for c, column in enumerate(columns):
        lanes = len(crossing[c - 1]) if c else 0
        y = LANE * lanes + 2 * CORNER if lanes else 0.0
        low, high = _extent(cells, [cell for r in column for cell in rows[r]])
        for r in column:
            middle[r] = y + bands[r] / 2
            bottom[c] = y + bands[r]
            y += bands[r] + gaps[r]
            for cell in rows[r]:
                cells.x[cell] += left - low
        right[c] = left + high - low
        left = right[c] + LANE * len(crossing[c]) + COLUMN_GAP
    lane_of = {
        id(segment): (c, lane)
        for c, segments in enumerate(crossing)
        for lane, segment in enumerate(segments)
    }
    routes, height = [], max(bottom)
    for segment in cells.segments:
        start, end = _ends(cells, segment, middle, bands)
        target = segment.lower if segment.lower < cells.nodes else None
        if id(segment) in lane_of:
            # Lines keep their order: the first takes the lowest lane below its column,
            # the outermost beside it, the lowest above the next. So they do not cross.
            c, lane = lane_of[id(segment)]
            count = len(crossing[c])
            below = bottom[c] + 2 * CORNER + LANE * (count - 1 - lane)
            beside = right[c] + COLUMN_GAP / 2 + LANE * (count - 1 - lane)
            over = LANE * (count - 1 - lane)
            corners = [
                (start[0], below),
                (beside, below),
                (beside, over),
                (end[0], over),
            ]
            steps = _rounded(start, corners, end)
            height = max(height, below)
        else:
            steps = _across(cells.row[segment.upper], start, end, middle, bands)
        routes.append(Route(segment.source, target, start, steps))
    for edge in cells.straight:
        start = _bottom(cells, edge.source, middle)
        end = _top(cells, edge.target, middle)
        routes.append(Route(edge.source, edge.target, start, [(end,)]))
    forks = [
        (cells.x[cell], middle[cells.row[cell]] + bands[cells.row[cell]] / 2)
        for cell in range(cells.nodes, len(cells.row))
        if len(cells.below[cell]) > 1
    ]
    centers = [(cells.x[n], middle[cells.row[n]]) for n in range(cells.nodes)]
    order = [cell for row in rows for cell in row if cell < cells.nodes]
    return Layout(centers, routes, forks, order, right[-1], height)


def _across(
    row: int, start: Point, end: Point, middle: list[float], bands: list[float]
) -> list[Step]:
    """Return the steps of a line to the next row, which bends in the gap alone."""
    leave = middle[row] + bands[row] / 2
    enter = middle[row + 1] - bands[row + 1] / 2
    half = (leave + enter) / 2
    bend = ((start[0], half), (end[0], half), (end[0], enter))
    return [((start[0], leave),), bend, (end,)]


def _row_gaps(cells: "Cells", count: int) -> list[float]:
    """Return the room under each row: more where lines go far to the side."""
    far = [0.0] * count
    for segment in cells.segments:
        r = cells.row[segment.upper]
        aside = abs(cells.x[segment.lower] + segment.offset - cells.x[segment.upper])
        far[r] = max(far[r], aside)
    return [ROW_GAP + min(0.06 * aside, 70.0) for aside in far]


def _extent(cells: "Cells", members: list[int]) -> Point:
    low = min(cells.x[cell] - cells.width[cell] / 2 for cell in members)
    return low, max(cells.x[cell] + cells.width[cell] / 2 for cell in members)


def _columns(
    cells: "Cells", rows: list[list[int]], bands: list[float], gaps: list[float]
) -> list[range]:
    """Cut the rows into columns where the whole would be too tall, at thin places."""
    extents = [_extent(cells, row) for row in rows]
    height = sum(bands) + sum(gaps)

    def width(count: int) -> float:
        length = math.ceil(len(rows) / count)
        parts = [extents[at : at + length] for at in range(0, len(rows), length)]
        spans = [max(b for _, b in part) - min(a for a, _ in part) for part in parts]
        return sum(spans) + COLUMN_GAP * len(parts)

    if height < TALLEST * max(width(1), 250.0) or cells.straight:
        return [range(len(rows))]
    count = 1
    while height / count > WANTED * width(count):
        count += 1
    passing = [0] * len(rows)  # lines under each row
    for segment in cells.segments:
        passing[cells.row[segment.upper]] += 1
    length, cuts = len(rows) / count, [0]
    for i in range(1, count):
        around = range(
            max(cuts[-1] + 1, round(length * (i - 0.1))),
            min(len(rows) - 1, round(length * (i + 0.1))) + 1,
        )
        if around:
            cuts.append(_thinnest(around, passing, length * i))
    return [range(a, b) for a, b in zip(cuts, [*cuts[1:], len(rows)], strict=True)]


def _thinnest(around: range, passing: list[int], wanted: float) -> int:
    """Return the row before which the fewest lines pass, close to `wanted`."""
    return min(around, key=lambda r: (passing[r - 1], abs(r - wanted)))


def _crossing_lines(
    cells: "Cells", columns: list[range], column_of: list[int]
) -> list[list["Segment"]]:
    """Return the lines that leave each column for the next, from left to right."""
    crossing: list[list[Segment]] = [[] for _ in columns]
    for segment in cells.segments:
        c = column_of[cells.row[segment.upper]]
        if column_of[cells.row[segment.lower]] != c:
            crossing[c].append(segment)
    for segments in crossing:
        segments.sort(key=lambda s: (cells.x[s.upper], cells.x[s.lower] + s.offset))
    return crossing


def _ends(
    cells: "Cells", segment: "Segment", middle: list[float], bands: list[float]
) -> tuple[Point, Point]:
    """Return where a segment begins and ends."""
    x, y = _bottom(cells, segment.upper, middle)
    if segment.upper >= cells.nodes:  # a trunk comes down to the end of its row
        y += bands[cells.row[segment.upper]] / 2
    end_x, end_y = _top(cells, segment.lower, middle)
    if segment.lower >= cells.nodes:
        end_y += bands[cells.row[segment.lower]] / 2
    return (x, y), (end_x + segment.offset, end_y)


def _bottom(cells: "Cells", cell: int, middle: list[float]) -> Point:
    return cells.x[cell], middle[cells.row[cell]] + cells.height[cell] / 2


def _top(cells: "Cells", cell: int, middle: list[float]) -> Point:
    return cells.x[cell], middle[cells.row[cell]] - cells.height[cell] / 2


def _rounded(start: Point, corners: list[Point], end: Point) -> list[Step]:
    """Return the steps of a line with round corners."""
    steps: list[Step] = []
    here = start
    for corner, after in zip(corners, [*corners[1:], end], strict=True):
        steps.append((_toward(corner, here),))
        here = _toward(corner, after)
        steps.append((corner, here))
    return [*steps, (end,)]


def _toward(corner: Point, other: Point) -> Point:
    """Return the point a little before `corner` on the way from `other`."""
    distance = math.dist(corner, other)
    share = min(0.5, CORNER / distance) if distance else 0.0
    return (
        corner[0] + (other[0] - corner[0]) * share,
        corner[1] + (other[1] - corner[1]) * share,
    )
