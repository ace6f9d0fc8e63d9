"""Which points of a long curve are drawn, and what is averaged when it is smoothed.

A chart some 300 pixels wide has no room for a million points. What is drawn of a group
of neighbours is its first point and its extremes, so that no peak is lost. These say
how far the values reach and nothing of how often: their average is far from that of the
values when most are low and a few are high. So each group also has its mean, and
smoothing works on the means alone, one for each group.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_POINTS = 1000

Point = tuple[int, float]


@dataclass(frozen=True)
class Thinned:
    """The points of a curve that are drawn, and the means that are smoothed.

    Args:
        points: (step, value), by step.
        means: (step, mean of the finite values) for each group, nan where a group has
            none; the points themselves where all are drawn.
        log_means: the same with the geometric mean, which a logarithmic axis shows
            where it shows the mean of logarithms; empty unless all values are positive.
        complete: whether all points are drawn.
    """

    points: list[Point]
    means: list[Point]
    log_means: list[Point]
    complete: bool


def thinned(points: Sequence[Point], most: int = MOST_POINTS) -> Thinned:
    """Leave out points that a chart has no room for, but no peak and no gap.

    Args:
        points: (step, value), by step.
        most: how many are kept, roughly: of each group of neighbours the first, the
            lowest, the highest, the first that is not finite, and the last of all.

    Example:
        >>> points = [(step, float(step == 500)) for step in range(1000)]
        >>> kept = thinned(points, most=40)
        >>> len(kept.points) < 40, (500, 1.0) in kept.points, kept.points[-1]
        (True, True, (999, 0.0))
        >>> len(kept.means), kept.means[5]
        (10, (549, 0.01))
    """
    values = np.array([value for _, value in points], np.float64)
    finite = np.isfinite(values)
    positive = bool((values[finite] > 0).all())
    if len(points) <= most:
        every = list(points)
        return Thinned(every, every, every if positive else [], complete=True)
    kept = {len(points) - 1}
    means: list[Point] = []
    log_means: list[Point] = []
    for group in np.array_split(np.arange(len(points)), max(1, most // 4)):
        here, is_finite = values[group], finite[group]
        kept.add(int(group[0]))
        if is_finite.any():
            kept.add(int(group[np.argmin(np.where(is_finite, here, np.inf))]))
            kept.add(int(group[np.argmax(np.where(is_finite, here, -np.inf))]))
        if not is_finite.all():
            kept.add(int(group[np.argmin(is_finite)]))
        middle = points[int(group[(len(group) - 1) // 2])][0]
        means.append((middle, _mean(here[is_finite])))
        if positive:
            # Rounded up, the largest of all numbers would be beyond them.
            logarithm = min(_mean(np.log10(here[is_finite])), 308.25)
            log_means.append((middle, 10.0**logarithm))
    drawn = [points[index] for index in sorted(kept)]
    return Thinned(drawn, means, log_means, complete=False)


def _mean(values: NDArray[np.float64]) -> float:
    # Divided first: the sum of huge values may be infinite, their mean is not.
    return float((values / values.size).sum()) if values.size else math.nan
