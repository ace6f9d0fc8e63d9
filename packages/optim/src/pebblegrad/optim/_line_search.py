"""How far to go along a direction: until the strong Wolfe conditions are met.

The loss along the direction is a function phi of the step length t alone, with a slope.
A t is good if the loss went down enough for its length (sufficient decrease, with c1)
and the slope has become flat enough (curvature, with c2):

    phi(t) <= phi(0) + c1 * t * phi'(0)    and    abs(phi'(t)) <= -c2 * phi'(0)

`strong_wolfe` first lengthens the step until such a t must lie behind it, then `_zoom`
narrows that interval down. Each new trial is the minimum of the cubic through the
values and slopes at two points. Where phi is not finite, the step was too long, and the
middle is tried.

Reference:
    Nocedal and Wright 2006, "Numerical optimization", second edition, algorithms 3.5
    (line search) and 3.6 (zoom), equation 3.59 (cubic);
    https://doi.org/10.1007/978-0-387-40065-5
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Point:
    """What is known of the loss at one step length.

    Attributes:
        t: the step length.
        value: the loss there.
        slope: its derivative there, by the step length.
        gradient: whatever the caller wants to find again with the point.
    """

    t: float
    value: float
    slope: float
    gradient: Any = field(default=None, repr=False)

    @property
    def is_finite(self) -> bool:
        """Whether there is anything to calculate with."""
        return math.isfinite(self.value) and math.isfinite(self.slope)


def strong_wolfe(
    phi: Callable[[float], Point],
    start: Point,
    t: float,
    *,
    c1: float = 1e-4,
    c2: float = 0.9,
    smallest: float = 1e-9,
    most: int = 25,
) -> tuple[Point, int]:
    """Find a step length that meets the strong Wolfe conditions.

    Args:
        phi: gives the point at a step length.
        start: the point at 0; its slope is negative.
        t: the length to try first, above 0.
        c1: of the sufficient decrease, above 0 and below c2.
        c2: of the curvature, below 1; 0.9 suits quasi-Newton directions.
        smallest: the width of an interval that is not worth dividing.
        most: how many trials are made after the first one.

    Returns:
        The point found, and how often `phi` was called. If `most` did not suffice, or
        the interval became too small, it is the lowest point with sufficient decrease;
        that may be the start.

    Example:
        >>> def phi(t):
        ...     return Point(t, (t - 3) ** 2, 2 * (t - 3))
        >>> strong_wolfe(phi, phi(0.0), 0.1)
        (Point(t=1.0, value=4.0, slope=-4.0), 2)
    """

    def decreases(point: Point) -> bool:
        """Whether the loss went down enough; NaN does not."""
        return point.is_finite and (
            point.value <= start.value + c1 * point.t * start.slope
        )

    def is_flat(point: Point) -> bool:
        return abs(point.slope) <= -c2 * start.slope

    previous, point = start, phi(t)
    for trial in range(most):
        if not decreases(point) or (trial > 0 and point.value >= previous.value):
            low, high = previous, point
        elif is_flat(point):
            return point, trial + 1
        elif point.slope >= 0:
            low, high = point, previous
        else:
            bounds = (point.t + 0.01 * (point.t - previous.t), 10 * point.t)
            previous, point = point, phi(_lowest_of_cubic(previous, point, bounds))
            continue
        return _zoom(phi, low, high, decreases, is_flat, smallest, trial, most)
    lowest = point if decreases(point) and point.value < start.value else start
    return lowest, most + 1


def _zoom(
    phi: Callable[[float], Point],
    low: Point,
    high: Point,
    decreases: Callable[[Point], bool],
    is_flat: Callable[[Point], bool],
    smallest: float,
    trial: int,
    most: int,
) -> tuple[Point, int]:
    """Narrow the interval between two points down to a good step length.

    `low` is the lowest point so far that decreases enough, and phi falls from there
    towards `high`.
    """
    stuck = False  # whether the last trial was close to an end of the interval
    while trial < most and abs(high.t - low.t) >= smallest:
        left, right = min(low.t, high.t), max(low.t, high.t)
        t = _lowest_of_cubic(low, high, (left, right))
        margin = 0.1 * (right - left)
        if min(right - t, t - left) >= margin:
            stuck = False
        elif stuck or t >= right or t <= left:
            # Twice at an end: go a tenth inwards, so that the interval does shrink.
            t = right - margin if right - t < t - left else left + margin
            stuck = False
        else:
            stuck = True
        point = phi(t)
        trial += 1
        if not decreases(point) or point.value >= low.value:
            high = point
            continue
        if is_flat(point):
            return point, trial + 1
        if point.slope * (high.t - low.t) >= 0:
            high = low
        low = point
    return low, trial + 1


def _lowest_of_cubic(one: Point, other: Point, bounds: tuple[float, float]) -> float:
    """Return where the cubic through two points is lowest, kept within the bounds.

    It is the middle of the bounds if the cubic has no minimum, or a point none of it.
    """
    least, most = bounds
    middle = (least + most) / 2
    if not (one.is_finite and other.is_finite):
        return middle
    a, b = (one, other) if one.t <= other.t else (other, one)
    d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if not 0 <= square < math.inf:
        return middle
    d2 = math.sqrt(square)
    divisor = b.slope - a.slope + 2 * d2
    if divisor == 0:
        return middle
    t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / divisor)
    return min(max(t, least), most)
