"""Curves and hills as SVG, the drawing language of web pages.

A chart is a list of shapes in a plane of its own, 360 wide, which the page stretches.
`Scale` takes a value to its place there; the rest is text. What is not finite leaves a
gap in its curve.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from pebblegrad.loggers._reporter import Number

WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 352, 8, 196
ROW = 24  # between two hills
COLORS = 8
DASHES = ("", "6 3", "2 3")  # for more curves than colors
MOST_POINTS = 1000


@dataclass(frozen=True)
class Curve:
    """Values over steps, and how to tell them from others.

    Args:
        label: name of the curve; empty for the only one.
        index: which color.
        points: (step, value), by step.
    """

    label: str
    index: int
    points: Sequence[tuple[int, float]]


@dataclass(frozen=True)
class Scale:
    """Where values lie between two ends of a line, evenly or by their logarithm.

    Example:
        >>> scale = Scale(0, 10, 100, 200)
        >>> scale.place(5), scale.ticks(3)
        (150.0, [0.0, 5.0, 10.0])
        >>> Scale(1, 100, 0, 200, logarithmic=True).place(10)
        100.0
    """

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Coordinate of a value."""
        low, high = self.low, self.high
        if self.logarithmic:
            value, low, high = math.log10(value), math.log10(low), math.log10(high)
        if low == high:
            return (self.start + self.end) / 2
        if not math.isfinite(high - low):
            value, low, high = value / 2, low / 2, high / 2
        share = (value - low) / (high - low)
        return self.start + share * (self.end - self.start)

    def ticks(self, count: int) -> list[float]:
        """Round numbers in between, some `count` of them."""
        if self.logarithmic:
            first, last = math.log10(self.low), math.log10(self.high)
            every = max(1, round((last - first) / count))
            powers = range(math.floor(first), math.floor(last) + 1, every)
            within = (1, 2, 5) if last - first < 2 else (1,)
            round_ones = [m * 10.0**power for power in powers for m in within]
            return [t for t in round_ones if self.low <= t <= self.high] or [self.low]
        span = self.high - self.low
        if not 1e-300 < span < math.inf:  # one value, or two ends of all numbers
            return [self.low] if span == 0 else [self.low, self.high]
        step = 10.0 ** math.floor(math.log10(span / count))
        step *= next((m for m in (1, 2, 5) if span / (m * step) <= count), 10)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        # More digits would show that 0.1 is none of the binary numbers.
        ticks = {float(f"{index * step:.12g}") for index in range(first, last + 1)}
        margin = 1e-9 * span
        inside = [t for t in ticks if self.low - margin <= t <= self.high + margin]
        return sorted(inside) or [self.low]


def line_chart(curves: Sequence[Curve], *, logarithmic: bool = False) -> str:
    """Draw curves over one axis of steps.

    Args:
        curves: each with one point or more; not finite values leave gaps.
        logarithmic: whether the values' axis is; then all values are positive.

    Returns:
        An ``<svg>`` element; "data-" attributes tell the script where the axis of
        steps begins and ends.
    """
    steps = [step for curve in curves for step, _ in curve.points]
    values = [v for curve in curves for _, v in curve.points if math.isfinite(v)]
    x = Scale(min(steps), max(steps), LEFT, RIGHT)
    y = Scale(
        min(values, default=0.0), max(values, default=0.0), BOTTOM, TOP, logarithmic
    )
    kind = ' class="logarithmic"' if logarithmic else ""
    parts = [
        f'<svg{kind} viewBox="0 0 {WIDTH} {HEIGHT}" role="img" data-left="{LEFT}" '
        f'data-right="{RIGHT}" data-first="{x.low}" data-last="{x.high}">'
    ]
    for tick in y.ticks(6) if values else []:
        at = y.place(tick)
        parts.append(
            f'<path class="grid" d="M{LEFT} {at:.2f}H{RIGHT}"/>'
            f'<text x="{LEFT - 6}" y="{at + 4:.2f}" text-anchor="end">'
            f"{short(tick)}</text>"
        )
    for tick in x.ticks(4):
        if tick == int(tick):  # there is no step 2.5
            parts.append(
                f'<text x="{x.place(tick):.2f}" y="{HEIGHT - 8}" text-anchor="middle">'
                f"{short(tick)}</text>"
            )
    parts += [_curve(curve, x, y) for curve in curves]
    parts.append(
        f'<line class="cursor" y1="{TOP}" y2="{BOTTOM}" style="display:none"/>'
    )
    return "".join([*parts, "</svg>"])


def _curve(curve: Curve, x: Scale, y: Scale) -> str:
    path, kept, pen_down = [], [], False
    for step, value in thinned(curve.points):
        if math.isfinite(value):
            path.append(
                f"{'L' if pen_down else 'M'}{x.place(step):.2f} {y.place(value):.2f}"
            )
            kept.append((step, value))
        pen_down = math.isfinite(value)
    if len(kept) == 1:
        path.append("h0.01")  # a round cap makes it a dot
    return (
        f'<path class="curve" d="{"".join(path)}" {stroke(curve.index)} '
        f'data-label="{escape(curve.label)}" '
        f'data-steps="{" ".join(str(step) for step, _ in kept)}" '
        f'data-values="{" ".join(f"{value:.6g}" for _, value in kept)}"/>'
    )


def stroke(index: int) -> str:
    """Attributes of a line: one of eight colors, and dashes for the next eight."""
    dashes = DASHES[index // COLORS % len(DASHES)]
    return f'stroke="var(--c{index % COLORS})" stroke-dasharray="{dashes}"'


def thinned(
    points: Sequence[tuple[int, float]], most: int = MOST_POINTS
) -> list[tuple[int, float]]:
    """Leave out points that a chart has no room for, but no peak and no gap.

    Args:
        points: (step, value), by step.
        most: how many are kept, roughly: of each group of neighbours the first, the
            lowest, the highest, the first that is not finite, and the last of all.

    Example:
        >>> points = [(step, float(step == 500)) for step in range(1000)]
        >>> kept = thinned(points, most=40)
        >>> len(kept) < 40, (500, 1.0) in kept, kept[-1]
        (True, True, (999, 0.0))
    """
    if len(points) <= most:
        return list(points)
    values = np.array([value for _, value in points], np.float64)
    finite = np.isfinite(values)
    kept = {len(points) - 1}
    for group in np.array_split(np.arange(len(points)), max(1, most // 4)):
        here = values[group]
        kept.add(int(group[0]))
        if finite[group].any():
            kept.add(int(group[np.argmin(np.where(finite[group], here, np.inf))]))
            kept.add(int(group[np.argmax(np.where(finite[group], here, -np.inf))]))
        if not finite[group].all():
            kept.add(int(group[np.argmin(finite[group])]))
    return [points[index] for index in sorted(kept)]


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
    x = Scale(
        min(edges[0] for _, _, edges in rows),
        max(edges[-1] for _, _, edges in rows),
        LEFT,
        RIGHT,
    )
    bottom = TOP + ROW * (len(rows) + 1)
    parts = [f'<svg viewBox="0 0 {WIDTH} {bottom + 24}" role="img">']
    for tick in x.ticks(4):
        at = x.place(tick)
        parts.append(
            f'<path class="grid" d="M{at:.2f} {TOP}V{bottom}"/><text x="{at:.2f}" '
            f'y="{bottom + 16}" text-anchor="middle">{short(tick)}</text>'
        )
    for row, (step, counts, edges) in enumerate(rows):
        base = TOP + ROW * (row + 2)
        path = _hill(counts, edges, x, base)
        parts.append(
            f'<path class="hill" d="{path}" {stroke(index)} fill="var(--c'
            f'{index % COLORS})"/><text x="{LEFT - 6}" y="{base}" text-anchor="end">'
            f"{short(step)}</text>"
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


def short(number: Number) -> str:
    """Four digits, for an axis or a table.

    Example:
        >>> short(0.25), short(123456.0), short(1e-7), short(-0.0), short(2000)
        ('0.25', '1.235e5', '1e-7', '0', '2000')
    """
    if number == 0:
        return "0"
    if not math.isfinite(number):
        return str(number)
    if isinstance(number, int) and abs(number) < 10**7:
        return str(number)
    text = f"{number:.4g}"
    mantissa, letter, power = text.partition("e")
    return f"{mantissa}e{int(power)}" if letter else text
