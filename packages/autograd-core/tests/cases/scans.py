"""Rows for `ops/scans.py`."""

import numpy as np

from ._case import Case
from .reductions import zeros


def scan(name, reference):
    """Return the rows of a scan."""
    calls = [
        ((3,), {}),
        ((2, 3), {}),
        ((2, 3), {"axis": 1}),
        ((2, 5, 3), {"axis": -2}),
        ((1, 2), {"axis": 0}),
    ]
    return [Case(name, [shape], reference, static) for shape, static in calls]


def cummax(x, axis=None):
    x, axis = (x.reshape(-1), 0) if axis is None else (x, axis)
    return np.maximum.accumulate(x, axis=axis)


def cummin(x, axis=None):
    return -cummax(-x, axis)


CASES = [
    *scan("cumsum", np.cumsum),
    *scan("cumprod", np.cumprod),
    *[Case("cumprod", [(5,)], np.cumprod, domain=zeros(count)) for count in (1, 2, 5)],
    *scan("cummax", cummax),
    *scan("cummin", cummin),
    *[
        Case(name, [(0, 3)], reference, {"axis": 0})
        for name, reference in [("cumsum", np.cumsum), ("cumprod", np.cumprod)]
    ],
]
