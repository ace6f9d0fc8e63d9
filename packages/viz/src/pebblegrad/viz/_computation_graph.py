"""The graph behind a Tensor as boxes and arrows, from the inputs down to the result.

What is drawn comes from `pebblegrad.autograd.graph` and from nothing private. Which
parts there are is decided in `_graph_parts.py`, what stands in a box in `_boxes.py`,
where the boxes go in `_layered.py` and `_stacking.py`; here they are drawn. Kinds
differ in shape and in colour: an op is a round box, a Tensor that requires a gradient a
square one, a constant a grey one with cut corners, and what stands for many has a
second outline behind it.
"""

import os
from typing import TYPE_CHECKING, Any

from pebblegrad.viz._boxes import (
    LEADING,
    PADDING_X,
    PADDING_Y,
    SMALL_SIZE,
    Box,
    straightness,
)
from pebblegrad.viz._colors import BLUE, GREY, ORANGE, SOFT_INK, WIRE
from pebblegrad.viz._graph_parts import Parts, read_parts
from pebblegrad.viz._layered import Edge, layered
from pebblegrad.viz._settings import begin, with_own_settings
from pebblegrad.viz._stacking import Layout, Route
from pebblegrad.viz._target import check_ax, check_title, read_target

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path

    from pebblegrad.viz._graph_reading import HasGraph
    from pebblegrad.viz._paper import Sheet

WHO = "plot_computation_graph"
ARROW = 5.5  # length of an arrow's head
KEY_HEIGHT, NOTE_HEIGHT = 30.0, 14.0
LONGEST_NOTE = 380.0  # points; a longer note is wrapped
BEHIND = 3.0  # how far the second outline of a box of many is moved

STYLES = {"op": BLUE, "leaf": ORANGE, "constant": GREY}


@with_own_settings
def plot_computation_graph(
    tensor: "HasGraph",
    filename: str | os.PathLike[str] | None = None,
    *,
    ax: "Axes | None" = None,
    title: str | None = None,
    formulas: bool = False,
    key: bool = True,
    max_nodes: int = 2000,
    show_values: bool | None = None,
    fold: bool | None = None,
) -> "Figure":
    """Draw how a Tensor was computed: ops, parameters, constants, and their shapes.

    Values flow downwards; `tensor` is at the bottom, with a heavier outline. Arrows
    enter an op from left to right in the order of its arguments. A value that several
    ops read is one box with several arrows. In a long graph parts that repeat, such as
    equal layers, are drawn once, with a box ``× 9 more`` after it; what is still long
    stands in columns, to be read from left to right. A picture of hundreds of boxes is
    best written as SVG or PDF, which can be zoomed into. `graph_text` says the same in
    text, DOT or Mermaid.

    Args:
        tensor: any Tensor, also one of single numbers, of pebblegrad.scalar; before or
            after `backward()`: when that has freed the graph, ops no longer show their
            static parameters, such as ``axis=1``.
        filename: file to write, ending in .png, .svg or .pdf. Its folder is created
            when missing.
        ax: matplotlib Axes to draw into, instead of a new figure; text scales with the
            picture to its present size. Nothing is written unless `filename` is given,
            which then holds the whole figure.
        title: above the picture; None counts what is drawn, an empty string no title.
        formulas: whether an op also shows its backward rules, as they stand in its
            file: ``dx = g * y``, where ``g`` is the gradient that arrives at the op
            from below and ``dx`` the one that it passes on to its input ``x``.
        key: whether shapes and colours are explained above the graph.
        max_nodes: at least 1; of a larger graph only so many values are drawn, those
            nearest to the result, and the picture says what is left out.
        show_values: whether values of a single element are drawn with their number and
            with the gradient of `tensor` with respect to them. For the gradients a
            backward pass is looked at: nothing is written, but hooks are called. None
            does so for a graph of numbers (every shape ``()``) of which nothing is
            folded or left out. After `backward()`, which frees the graph, leaves show
            their ``.grad``; what is no longer known is not shown, and the picture says
            why.
        fold: whether parts that repeat are drawn as one; None does so in a graph of
            more than 60 values, and of more than 40 arrays of which half repeat, unless
            `show_values` is True.

    Returns:
        The figure; the picture is in ``figure.axes[0]`` (or in `ax`). Each box is a
        patch whose `gid` is such as ``"op-7"``, ``"leaf-0"``, ``"constant-1"``, with
        the value's place in ``graph(tensor)``, or ``"fold-42"`` with that of the last
        of its values. pyplot does not know the figure.

    Raises:
        TypeError: if `tensor` is not a Tensor, or another argument is not of its kind.
        ValueError: if `max_nodes` is below 1, or the file's ending is not one of the
            three.
        OSError: if the file cannot be written.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> w = Tensor([0.5, -1.0], requires_grad=True, label="w")
        >>> figure = plot_computation_graph((w * w).sum())
        >>> [box.get_gid() for box in figure.axes[0].patches if box.get_gid()]
        ['leaf-0', 'op-1', 'op-2']
        >>> [text.get_text() for text in figure.axes[0].texts[:4]]
        ['w', '(2,)', 'multiply', '(2,)']
    """
    target = read_target(filename, WHO)
    check_ax(ax, WHO)
    check_title(title, WHO)
    found = read_parts(
        tensor,
        WHO,
        formulas=formulas,
        show_values=show_values,
        fold=fold,
        max_nodes=max_nodes,
    )
    begin()  # texts are measured first
    parts = found.parts
    boxes = [part.box for part in parts]
    edges = [
        Edge(parent, i, weight)
        for i, weights in enumerate(straightness(parts))
        for parent, weight in zip(parts[i].parents, weights, strict=True)
    ]
    sizes = [box.size() for box in boxes]
    layout = layered(sizes, edges)
    if title is None:
        title = f"Computation graph: {found.summary}"

    from pebblegrad.viz._paper import finish, new_sheet, text_width, title_width

    notes = _notes(found, formulas)
    head = KEY_HEIGHT * key + NOTE_HEIGHT * len(notes) + (8.0 if notes else 0.0) + 1
    kinds = [kind for kind in STYLES if any(box.kind == kind for box in boxes)]
    width = max(
        layout.width,
        _key_width(kinds) if key else 0.0,
        title_width(title),
        *(text_width(note, SMALL_SIZE + 0.5) for note in notes),
    )
    sheet = new_sheet(width + 2, layout.height + head + 1, title, ax)
    left = (width - layout.width) / 2 + 1
    _draw_routes(sheet, layout, left, head)
    for part, size, center in zip(parts, sizes, layout.centers, strict=True):
        _draw_box(
            sheet,
            part.box,
            (center[0] + left, center[1] + head),
            size,
            gid=part.name,
            result=part is parts[-1],
        )
    if key:
        _draw_key(sheet, kinds, (width - _key_width(kinds)) / 2)
    for i, note in enumerate(notes):
        y = KEY_HEIGHT * key + NOTE_HEIGHT * (i + 0.3)
        sheet.text(width / 2, y, note, SMALL_SIZE + 0.5, color=SOFT_INK)
    return finish(sheet.figure, target)


def _notes(found: Parts, formulas: bool) -> list[str]:
    """Return what has to be said about the picture, in lines."""
    from pebblegrad.viz._paper import wrapped

    notes = found.drawn_notes
    if formulas and any(part.box.kind == "op" for part in found.parts):
        notes.append("g: gradient that arrives from below; dx: gradient passed on to x")
    return [
        line
        for note in notes
        for line in wrapped(note, LONGEST_NOTE, SMALL_SIZE + 0.5).splitlines()
    ]


def _outline(
    kind: str, center: tuple[float, float], size: tuple[float, float]
) -> "Path":
    """Return the shape of a box: round, square, or with cut corners."""
    from matplotlib.path import Path

    (x, y), (w, h) = center, size
    left, right, top, bottom = x - w / 2, x + w / 2, y - h / 2, y + h / 2
    c = {"op": 7.0, "leaf": 0.0, "constant": 5.0}[kind]
    corners = [
        ((left, top + c), (left, top), (left + c, top)),
        ((right - c, top), (right, top), (right, top + c)),
        ((right, bottom - c), (right, bottom), (right - c, bottom)),
        ((left + c, bottom), (left, bottom), (left, bottom - c)),
    ]
    points: list[tuple[float, float]] = []
    codes: list[int] = []
    for before, corner, after in corners:
        points.append(before)
        codes.append(int(Path.LINETO if codes else Path.MOVETO))
        if kind == "op":
            points += [corner, after]
            codes += [int(Path.CURVE3)] * 2
        elif kind == "constant":
            points.append(after)
            codes.append(int(Path.LINETO))
    return Path([*points, points[0]], [*codes, int(Path.CLOSEPOLY)])


def _draw_box(
    sheet: "Sheet",
    box: Box,
    center: tuple[float, float],
    size: tuple[float, float],
    *,
    gid: str | None,
    result: bool = False,
) -> None:
    from matplotlib.patches import PathPatch

    fill, edge = STYLES[box.kind]
    if box.many:
        aside = (center[0] + BEHIND, center[1] + BEHIND)
        sheet.ax.add_artist(
            PathPatch(
                _outline(box.kind, aside, size),
                facecolor=fill,
                edgecolor=edge,
                linewidth=sheet.width(1.1),
                zorder=1.8,
            )
        )
    sheet.ax.add_artist(
        PathPatch(
            _outline(box.kind, center, size),
            facecolor=fill,
            edgecolor=edge,
            linewidth=sheet.width(2.4 if result else 1.1),
            linestyle=(0, (3, 2)) if box.cut else "-",
            zorder=2,
            gid=gid,
        )
    )
    x, y = center[0], center[1] - size[1] / 2 + PADDING_Y
    for line in box.lines:
        style: dict[str, Any] = {"color": line.color, "fontweight": line.weight}
        if line.family:
            style |= {"fontfamily": line.family, "ha": "left"}
            x = center[0] - size[0] / 2 + PADDING_X
        y += line.size * LEADING / 2
        sheet.text(x, y, line.text, line.size, zorder=3, **style)
        y += line.size * LEADING / 2


def _draw_routes(sheet: "Sheet", layout: Layout, left: float, top: float) -> None:
    """Draw all lines as one collection, all arrow heads as another, and the forks."""
    from matplotlib.collections import PathCollection, PolyCollection

    paths = [_path(route, left, top) for route in layout.routes]
    sheet.ax.add_collection(
        PathCollection(
            paths,
            facecolors="none",
            edgecolors=WIRE,
            linewidths=sheet.width(1.1),
            zorder=1,
            gid="edges",
        ),
        autolim=False,
    )
    half = ARROW * 0.42
    heads = [
        [(x, y), (x - half, y - ARROW), (x + half, y - ARROW)]
        for route in layout.routes
        if route.target is not None
        for x, y in [(route.end[0] + left, route.end[1] + top - 0.8)]
    ]
    dots = [
        [(x + left + 2 * a, y + top + 2 * b) for a, b in CIRCLE]
        for x, y in layout.forks
    ]
    for shapes, gid in ((heads, "arrows"), (dots, "forks")):
        if shapes:
            sheet.ax.add_collection(
                PolyCollection(
                    shapes, facecolors=WIRE, edgecolors="none", zorder=1.5, gid=gid
                ),
                autolim=False,
            )


CIRCLE = [
    (1, 0),
    (0.7, 0.7),
    (0, 1),
    (-0.7, 0.7),
    (-1, 0),
    (-0.7, -0.7),
    (0, -1),
    (0.7, -0.7),
]


def _path(route: Route, left: float, top: float) -> "Path":
    from matplotlib.path import Path

    codes = {1: Path.LINETO, 2: Path.CURVE3, 3: Path.CURVE4}
    points, kinds = [route.start], [int(Path.MOVETO)]
    for step in route.steps:
        points += step
        kinds += [int(codes[len(step)])] * len(step)
    if route.target is not None:  # the head covers the rest
        points[-1] = (points[-1][0], points[-1][1] - ARROW)
    return Path([(x + left, y + top) for x, y in points], kinds)


KEY_TEXTS = {
    "op": ("op", "its name, and the shape of its result"),
    "leaf": ("leaf", "requires a gradient"),
    "constant": ("constant", "needs none"),
}


def _key_widths(kinds: list[str]) -> list[tuple[float, float]]:
    """Return the widths of the sample and of the text of each entry."""
    from pebblegrad.viz._paper import text_width

    return [
        (
            text_width(KEY_TEXTS[kind][0], SMALL_SIZE, weight="bold") + 12,
            text_width(KEY_TEXTS[kind][1], SMALL_SIZE + 0.5),
        )
        for kind in kinds
    ]


def _key_width(kinds: list[str]) -> float:
    return sum(sample + text + 22 for sample, text in _key_widths(kinds)) - 18


def _draw_key(sheet: "Sheet", kinds: list[str], left: float) -> None:
    from matplotlib.patches import PathPatch

    x, y = left, 8.0
    for kind, (sample, text) in zip(kinds, _key_widths(kinds), strict=True):
        fill, edge = STYLES[kind]
        sheet.ax.add_artist(
            PathPatch(
                _outline(kind, (x + sample / 2, y), (sample, 15)),
                facecolor=fill,
                edgecolor=edge,
                linewidth=sheet.width(1.0),
            )
        )
        name, meaning = KEY_TEXTS[kind]
        sheet.text(x + sample / 2, y, name, SMALL_SIZE, fontweight="bold")
        x += sample + 4
        sheet.text(x, y, meaning, SMALL_SIZE + 0.5, color=SOFT_INK, ha="left")
        x += text + 18
