"""Rows for `ops/sorting.py`."""

import numpy as np

from ._case import Case


def sort(x, axis=-1, descending=False):
    return -np.sort(-x, axis=axis) if descending else np.sort(x, axis=axis)


def argsort(x, axis=-1, descending=False):
    return np.argsort(-x if descending else x, axis=axis)


def topk(x, k, axis=-1, largest=True):
    return np.moveaxis(np.moveaxis(sort(x, axis, largest), axis, 0)[:k], 0, axis)


def first_of_two(function, *xs, **static):
    return function(*xs, **static)[0]


ORDERS = [
    ((3,), {}),
    ((2, 3), {"axis": 0}),
    ((2, 5), {"descending": True}),
    ((2, 3, 4), {"axis": 1, "descending": True}),
]
AXES = [
    ((3,), {}),
    ((4,), {}),
    ((2, 3), {"axis": 0}),
    ((2, 3), {"axis": None, "keepdims": True}),
    ((2, 3, 4), {"axis": (0, -1)}),
    ((2, 3, 4), {"axis": 1, "keepdims": True}),
]

CASES = [
    *[Case("sort", [shape], sort, static) for shape, static in ORDERS],
    *[
        Case("topk", [(3, 5)], topk, static, call_with=first_of_two)
        for static in [
            {"k": 2},
            {"k": 5, "axis": -1},
            {"k": 2, "axis": 0, "largest": False},
            {"k": 0},
        ]
    ],
    *[Case("median", [shape], np.median, static) for shape, static in AXES],
    *[
        Case("quantile", [shape], np.quantile, {"q": q, **static})
        for q in (0.3, [0.0, 0.25, 1.0])
        for shape, static in AXES
    ],
]
PLAIN = [Case("argsort", [shape], argsort, static) for shape, static in ORDERS]
