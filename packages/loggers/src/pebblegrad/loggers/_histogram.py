"""How the values of an array are distributed, in a few dozen numbers.

Training makes hard cases: gradients that are all zero, weights with a nan, values whose
range is smaller than 64 steps of their type. None of these may stop a run, so what is
not finite is counted apart, and a range too small to divide becomes one bin.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 64


@dataclass(frozen=True)
class Histogram:
    """Counts between edges, and the moments of the finite values.

    Args:
        shape: of the array.
        counts: (B,), how many finite values lie in each bin; no bins without values.
        edges: (B + 1,), where the bins begin and end.
        mean: of the finite values, nan without any; as are the next three.
        std: divided by the number of values.
        low: the least finite value.
        high: the greatest.
        total: their sum.
        squares: the sum of their squares.
        not_finite: how many values are nan or infinite.
    """

    shape: tuple[int, ...]
    counts: NDArray[np.int64]
    edges: NDArray[np.float64]
    mean: float
    std: float
    low: float
    high: float
    total: float
    squares: float
    not_finite: int


def histogram(values: NDArray[Any], bins: int = BINS) -> Histogram:
    """Count an array of real numbers or booleans, of any shape.

    Example:
        >>> counted = histogram(np.array([0.0, 0.1, 1.0, np.nan]), bins=2)
        >>> counted.counts.tolist(), counted.edges.tolist(), counted.not_finite
        ([2, 1], [0.0, 0.5, 1.0], 1)
    """
    every = values.astype(np.float64).reshape(-1)  # a copy: later changes do not show
    finite = every[np.isfinite(every)]
    not_finite = every.size - finite.size
    if finite.size == 0:
        nan, none = float("nan"), np.zeros(0, np.int64)
        return Histogram(
            values.shape, none, np.zeros(0), nan, nan, nan, nan, 0.0, 0.0, not_finite
        )
    low, high = float(finite.min()), float(finite.max())
    with np.errstate(over="ignore"):  # sums of huge values may be inf, and say so
        total, squares = float(finite.sum()), float(np.square(finite).sum())
        mean = total / finite.size
        std = float(np.std(finite)) if np.isfinite(squares) else float("inf")
    counts, edges = _count(finite, low, high, bins)
    return Histogram(
        values.shape, counts, edges, mean, std, low, high, total, squares, not_finite
    )


def _count(
    finite: NDArray[np.float64], low: float, high: float, bins: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    with np.errstate(over="ignore", invalid="ignore"):
        edges = np.linspace(low, high, bins + 1)
        widths = np.diff(edges)
    # In a narrow range edges coincide, in a huge one they are not finite.
    if not (np.isfinite(widths).all() and (widths > 0).all()):
        return np.array([finite.size]), np.array([low, high])
    counts, edges = np.histogram(finite, bins, range=(low, high))
    return counts.astype(np.int64), edges
