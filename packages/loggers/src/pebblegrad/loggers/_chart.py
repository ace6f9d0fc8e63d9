"""Curves and hills as SVG, the drawing language of web pages.

A chart is a list of shapes in a plane of its own, 360 wide, which the page stretches.
`_axis.Scale` takes a value to its place there; the rest is text. What is not finite
leaves a gap in its curve.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from pebblegrad.loggers._axis import Scale, short, tick_labels
from pebblegrad.loggers._thinning import Point, Thinned

WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 352, 8, 196
ROW = 24  # between two hills
CHARACTER = 7  # width of a digit in the widest of usual fonts, set at 11 pixels
COLORS = 8
# For more curves than colors.
DASHES = ("", "6 3", "2 3", "9 3 2 3", "14 5", "6 3 2 3 2 3", "2 7")


@dataclass(frozen=True)
class Curve:
    """Values over steps, and how to tell them from others.

    Args:
        label: name of the curve; empty for the only one.
        index: which color.
        drawn: its points, thinned.
    """

    label: str
    index: int
    drawn: Thinned


def line_chart(curves: Sequence[Curve], *, logarithmic: bool = False) -> str:
    """Draw curves over one axis of steps.

    Args:
        curves: each with one point or more; not finite values leave gaps.
        logarithmic: whether the values' axis is; then all values are positive.

    Returns:
        An ``<svg>`` element; "data-" attributes tell the script where the axis of
        steps begins and ends, and what it smooths.
    """
    points = [point for curve in curves for point in curve.drawn.points]
    steps = [step for step, _ in points]
    values = [value for _, value in points if math.isfinite(value)]
    y = Scale(
        min(values, default=0.0), max(values, default=0.0), BOTTOM, TOP, logarithmic
    )
    ticks = y.ticks(6) if values else []
    # Powers of ten differ in size; ticks of the even axis perhaps in the last digit.
    texts = [short(tick) for tick in ticks] if logarithmic else tick_labels(ticks)
    left = _left_of(texts)
    x = Scale(min(steps), max(steps), left, RIGHT)
    kind = ' class="logarithmic"' if logarithmic else ""
    parts = [
        f'<svg{kind} viewBox="0 0 {WIDTH} {HEIGHT}" role="img" data-left="{left}" '
        f'data-right="{RIGHT}" data-first="{x.low}" data-last="{x.high}">'
    ]
    for tick, text in zip(ticks, texts, strict=True):
        at = y.place(tick)
        parts.append(
            f'<path class="grid" d="M{left} {at:.2f}H{RIGHT}"/>'
            f'<text x="{left - 6}" y="{at + 4:.2f}" text-anchor="end">{text}</text>'
        )
    few = 4 if len(str(x.high)) < 10 else 2
    whole = [tick for tick in x.ticks(few) if tick == int(tick)]  # there is no step 2.5
    parts += [_below(x.place(tick), HEIGHT - 8, str(int(tick))) for tick in whole]
    parts += [_curve(curve, x, y) for curve in curves]
    parts.append(
        f'<line class="cursor" y1="{TOP}" y2="{BOTTOM}" style="display:none"/>'
    )
    return "".join([*parts, "</svg>"])


def _left_of(texts: Sequence[str]) -> int:
    """Where the drawing begins, so that the longest label has its place before it."""
    longest = max(map(len, texts), default=0)
    return max(LEFT, math.ceil(8 + CHARACTER * longest))


def _below(at: float, y: float, text: str) -> str:
    """Label an axis below the drawing, without leaving the chart to the right."""
    at = min(at, WIDTH - CHARACTER * len(text) / 2)
    return f'<text x="{at:.2f}" y="{y}" text-anchor="middle">{text}</text>'


def _curve(curve: Curve, x: Scale, y: Scale) -> str:
    drawn = curve.drawn
    kept = [(step, value) for step, value in drawn.points if math.isfinite(value)]
    # Where each point is a group of its own, the script takes the path itself.
    means = ""
    if not drawn.complete:
        groups = drawn.log_means if y.logarithmic else drawn.means
        means = f'data-means="{_path(groups, x, y)}" '
    return (
        f'<path class="curve" d="{_path(drawn.points, x, y)}" {stroke(curve.index)} '
        f'data-label="{escape(curve.label)}" {means}'
        f'data-steps="{" ".join(str(step) for step, _ in kept)}" '
        f'data-values="{" ".join(f"{value:.6g}" for _, value in kept)}"/>'
    )


def _path(points: Sequence[Point], x: Scale, y: Scale) -> str:
    """Connect neighbours that are finite; one between gaps is a dot."""
    parts, length = [], 0
    for step, value in [*points, (0, math.nan)]:
        if math.isfinite(value):
            letter = "L" if length else "M"
            parts.append(f"{letter}{x.place(step):.2f} {y.place(value):.2f}")
            length += 1
            continue
        if length == 1:
            parts.append("h0.01")  # a round cap makes it a dot
        length = 0
    return "".join(parts)


def stroke(index: int) -> str:
    """Attributes of a line: one of eight colors, and dashes for the next eight."""
    turn = index // COLORS
    dashes = DASHES[turn] if turn < len(DASHES) else f"{2 * turn} 3"
    return f'stroke="var(--c{index % COLORS})" stroke-dasharray="{dashes}"'


def hill_chart(
    rows: Sequence[tuple[int, Sequence[float], Sequence[float]]], index: int
) -> str:
    """Draw distributions below each other, the earliest on top.

    Args:
        rows: (step, counts of shape (B,), edges of shape (B + 1,)), with values.
        index: which color.

    Returns:
        An ``<svg>`` element. Each hill is as high as the others, whatever its counts:
        it is the shape that is shown.
    """
    left = _left_of([str(step) for step, _, _ in rows])
    x = Scale(
        min(edges[0] for _, _, edges in rows),
        max(edges[-1] for _, _, edges in rows),
        left,
        RIGHT,
    )
    bottom = TOP + ROW * (len(rows) + 1)
    parts = [f'<svg viewBox="0 0 {WIDTH} {bottom + 24}" role="img">']
    ticks = x.ticks(4)
    texts = tick_labels(ticks)
    if max(map(len, texts)) > 9:
        ticks = x.ticks(2)
        texts = tick_labels(ticks)
    for tick, text in zip(ticks, texts, strict=True):
        at = x.place(tick)
        parts.append(f'<path class="grid" d="M{at:.2f} {TOP}V{bottom}"/>')
        parts.append(_below(at, bottom + 16, text))
    for row, (step, counts, edges) in enumerate(rows):
        base = TOP + ROW * (row + 2)
        path = _hill(counts, edges, x, base)
        parts.append(
            f'<path class="hill" d="{path}" {stroke(index)} fill="var(--c'
            f'{index % COLORS})"/><text x="{left - 6}" y="{base}" text-anchor="end">'
            f"{step}</text>"
        )
    return "".join([*parts, "</svg>"])


def _hill(
    counts: Sequence[float], edges: Sequence[float], x: Scale, base: float
) -> str:
    highest = max(counts)
    path = [f"M{x.place(edges[0]):.2f} {base}"]
    for count, left, right in zip(counts, edges[:-1], edges[1:], strict=True):
        top = base - 1.6 * ROW * count / highest
        start, end = x.place(left), x.place(right)
        path.append(f"L{start:.2f} {top:.2f}L{end:.2f} {top:.2f}")
    path.append(f"L{x.place(edges[-1]):.2f} {base}")
    return "".join(path)
