"""Rows for `ops/reductions.py`."""

import numpy as np

from ._case import Case

CALLS = [
    ((), {}),
    ((3,), {"axis": 0}),
    ((2, 3), {}),
    ((2, 3), {"axis": -1, "keepdims": True}),
    ((2, 3, 4), {"axis": (0, 2)}),
    ((2, 3, 4), {"axis": (-1, 0), "keepdims": True}),
]


def reduction(name, reference):
    """Return the rows of a reduction."""
    return [Case(name, [shape], reference, static) for shape, static in CALLS]


CASES = [
    *reduction("sum", np.sum),
    *reduction("mean", np.mean),
    *reduction("max", np.max),
    *reduction("min", np.min),
    Case("sum", [(0, 3)], np.sum, {"axis": 0}),
]
