"""The graph of the explorer as numbers to draw with: boxes, and lines as SVG paths.

Boxes and lines are placed as in `plot_computation_graph`, by `_layered.py`, so that the
page and the printed picture look alike, but for constants: here they have a dashed
outline, there cut corners, since there a dashed one says that inputs are left out. Each
box has the name that the value has on the page, so that it can be found. A line that
several ops share is in parts, each of which begins where an earlier one ends; so a page
can follow a line back from an op to the value that it reads, and light it.
"""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pebblegrad.autograd import GraphNode
from pebblegrad.viz._boxes import (
    LEADING,
    PADDING_Y,
    Box,
    describe,
    straightness,
)
from pebblegrad.viz._layered import Edge, layered
from pebblegrad.viz._stacking import Route

# Room for a number that the page writes into the box of a single element.
WIDEST_NUMBER = "grad -0.0000e-00"


def draw(nodes: Sequence[GraphNode], names: Sequence[str]) -> dict[str, Any]:
    """Return where everything goes, in points, y downwards.

    Args:
        nodes: of the graph.
        names: what each is called on the page.

    Returns:
        `width` and `height`; for each node a box in `boxes` (`x`, `y` of its middle,
        `width`, `height`, `lines` of text with `y` and `size`, and `slots`, the same of
        the lines that the page fills, with value and gradient); `routes`, the SVG path
        of each part of a line; for each of them in `arrows` the point of its arrow
        head, or None, and in `earlier` the number of the route that it goes on from, or
        None; `forks`, where routes part; `edges`, for each node and each of its inputs
        the number of the route that arrives there; `order`, the numbers of the nodes as
        the drawing is read, row by row.
    """
    shown = [_box(node, name) for node, name in zip(nodes, names, strict=True)]
    weights = straightness(nodes)
    edges = [
        Edge(parent, number, weight)
        for number, node in enumerate(nodes)
        for parent, weight in zip(node.parents, weights[number], strict=True)
    ]
    with warnings.catch_warnings():
        # What matplotlib's font lacks, and is measured by its stand-in, a browser has.
        warnings.filterwarnings("ignore", r"Glyph .* missing")
        sizes = [box.size() for box in shown]
    layout = layered(sizes, edges)
    boxes = [
        _placed(box, node, center, size)
        for box, node, center, size in zip(
            shown, nodes, layout.centers, sizes, strict=True
        )
    ]
    return {
        "width": _round(layout.width),
        "height": _round(layout.height),
        "boxes": boxes,
        "routes": [_path(route) for route in layout.routes],
        "arrows": [
            None
            if route.target is None
            else [_round(route.end[0]), _round(route.end[1])]
            for route in layout.routes
        ],
        "earlier": _earlier(layout.routes),
        "forks": [[_round(x), _round(y)] for x, y in layout.forks],
        "edges": _arrivals(nodes, layout.routes),
        "order": layout.order,
    }


def _box(node: GraphNode, name: str) -> Box:
    """Return the box of a node under its name, with room for its numbers if single."""
    box = describe(node, numbers=(WIDEST_NUMBER,) * _slots(node))
    # An op with a label shows both; otherwise the first line is the name.
    at = int(node.kind == "op" and bool(node.label))
    named = replace(box.lines[at], text=name)
    return replace(box, lines=(*box.lines[:at], named, *box.lines[at + 1 :]))


def _slots(node: GraphNode) -> int:
    """Return how many numbers stand in a box: of a constant no gradient."""
    if any(size != 1 for size in node.shape) or node.dtype is None:
        return 0
    return 1 if node.kind == "constant" else 2


def _placed(
    box: Box, node: GraphNode, center: tuple[float, float], size: tuple[float, float]
) -> dict[str, Any]:
    """Return a box with the place of each of its lines."""
    y = center[1] - size[1] / 2 + PADDING_Y
    lines = []
    for line in box.lines:
        y += line.size * LEADING / 2
        lines.append(
            {
                "text": line.text,
                "y": _round(y),
                "size": line.size,
                "bold": line.weight == "bold",
            }
        )
        y += line.size * LEADING / 2
    split = len(lines) - _slots(node)
    slots = [{"y": line["y"], "size": line["size"]} for line in lines[split:]]
    return {
        "x": _round(center[0]),
        "y": _round(center[1]),
        "width": _round(size[0]),
        "height": _round(size[1]),
        "lines": lines[:split],
        "slots": slots,
    }


def _path(route: Route) -> str:
    """Return a route as the text of an SVG path."""
    letters = {1: "L", 2: "Q", 3: "C"}
    parts = [f"M{_pair(route.start)}"]
    parts += [letters[len(s)] + " ".join(_pair(p) for p in s) for s in route.steps]
    return "".join(parts)


def _pair(point: tuple[float, float]) -> str:
    return f"{_round(point[0]):g},{_round(point[1]):g}"


def _round(number: float) -> float:
    return round(float(number), 1)


def _earlier(routes: Sequence[Route]) -> list[int | None]:
    """Return for each route the one at whose end it begins; None at a box."""
    ends = {
        (route.source, *_near(route.end)): i
        for i, route in enumerate(routes)
        if route.target is None
    }
    return [ends.get((route.source, *_near(route.start))) for route in routes]


def _near(point: tuple[float, float]) -> tuple[float, float]:
    return round(point[0], 3), round(point[1], 3)


def _arrivals(nodes: Sequence[GraphNode], routes: Sequence[Route]) -> list[list[int]]:
    """Return for each input of each node the route that arrives there."""
    arriving: dict[tuple[int, int], list[int]] = {}
    for i, route in enumerate(routes):
        if route.target is not None:
            arriving.setdefault((route.source, route.target), []).append(i)
    found: list[list[int]] = []
    for number, node in enumerate(nodes):
        met: dict[int, int] = {}  # an op may read one value several times
        found.append([])
        for parent in node.parents:
            found[-1].append(arriving[parent, number][met.get(parent, 0)])
            met[parent] = met.get(parent, 0) + 1
    return found
