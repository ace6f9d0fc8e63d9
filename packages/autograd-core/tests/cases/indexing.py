"""Rows for `ops/indexing.py`."""

import numpy as np

from ._case import Case

INDICES = [
    0,
    -1,
    slice(1, 3),
    slice(None, None, -2),
    ...,
    None,
    (0, 1),
    (slice(None), 1),
    (..., 0),
    (None, slice(None), 2),
    [0, 2, 0],
    np.array([[0, 1], [1, 1]]),
    (np.array([0, 0, 2]), np.array([1, 1, 0])),
    (slice(None), np.array([2, 0, 0])),
    (np.array([0, 1]), slice(None, 2)),
    np.array([True, False, True]),
    np.arange(9).reshape(3, 3) % 2 == 0,
    np.int64(1),
    True,
    np.array([], dtype=int),
]


def take(x, index):
    return x[index]


def put(x, shape, index):
    out = np.zeros(shape)
    np.add.at(out, index, x)
    return out


# More than the Array API standard has, which knows no repeated indices.
CASES = [
    *[Case("getitem", [(3, 3)], take, {"index": i}, strict=False) for i in INDICES],
    *[
        Case(
            "scatter",
            [np.zeros((3, 3))[i].shape],
            put,
            {"shape": (3, 3), "index": i},
            strict=False,
        )
        for i in INDICES
    ],
]
