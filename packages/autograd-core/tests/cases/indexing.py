"""Rows for `ops/indexing.py`."""

import numpy as np

from ._case import Case

# Indices of an array of shape (3, 3) that the Array API standard knows, to set
# elements too: slices, ints and ..., for every axis.
STANDARD = [
    ...,
    (0, 1),
    (slice(None), 1),
    (..., 0),
    (slice(None, None, -2), ...),
    (slice(1, 1), slice(2)),
]
# And others.
INDICES = [
    0,
    -1,
    slice(1, 3),
    None,
    True,
    False,
    (None, slice(None), 2),
    np.int64(1),
    [0, 2, 0],
    [-1, 2],
    [True, False, True],
    (),
    np.array(2),
    np.array([], dtype=int),
    np.array([[0, 1], [1, 1]]),
    np.array([0, 2, 2], dtype=np.uint8),
    np.array([True, False, True]),
    np.arange(9).reshape(3, 3) % 2 == 0,
    (np.array([0, 0, 2]), np.array([1, 1, 0])),
    (slice(None), np.array([2, 0, 0])),
    (np.array([0, 1]), slice(None, 2)),
    (np.array([[0], [1]]), np.array([[1, 1]])),
    (np.array([0, 0]), None, np.array([1, 1])),
    (..., np.array([1, 1]), None),
    (np.array([True, False, True]), np.array([0, 0])),
    (slice(None, None, -1), np.array([False, True, True])),
]


def take(x, index):
    return x[index]


def put(x, shape, index):
    out = np.zeros(shape)
    np.add.at(out, index, x)
    return out


def rows(index, strict):
    static = {"index": index}
    picked = np.zeros((3, 3))[index].shape
    return [
        Case("getitem", [(3, 3)], take, static, strict=strict),
        Case("scatter", [picked], put, {"shape": (3, 3), **static}, strict=strict),
    ]


TAKES = [
    ((4, 3), {"indices": [2, 0, 2], "axis": 0}),
    ((4, 3), {"indices": [-1, 0], "axis": -1}),
    ((2, 3, 2), {"indices": [[0, 2], [2, 2]], "axis": 1}),
    ((4, 3), {"indices": [3, 3, 0], "axis": None}),
    ((2, 3), {"indices": 1, "axis": 1}),
    ((2, 3), {"indices": [], "axis": 0}),
    ((2, 0), {"indices": [1, 1], "axis": 0}),
    ((), {"indices": [0, 0]}),
    ((3,), {"indices": np.array([2, 2], np.uint8), "axis": 0}),
]
ALONG = [
    ((2, 3), {"indices": [[2], [0]]}),
    ((2, 3), {"indices": [[2, 2, 1], [0, -1, 1]], "axis": 1}),
    ((3, 2), {"indices": [[2, 0], [2, 1], [0, 1], [1, 1]], "axis": 0}),
    ((2, 3, 2), {"indices": [[[1, 0]]], "axis": 1}),  # broadcast to x
    ((1, 3), {"indices": [[1, 1], [0, 2]], "axis": -1}),  # x broadcast to them
    ((3,), {"indices": [0, 0, 0, 2]}),
    ((2, 3), {"indices": np.zeros((2, 0), int)}),
]
ADDS = [
    ((3,), (4,), {"index": [0, 2, 2, -1]}),
    ((3, 2), (2, 2), {"index": [1, 1]}),
    ((2, 3), (2, 1), {"index": [2], "axis": 1}),
    ((2, 3, 2), (2, 2, 2), {"index": [0, 0], "axis": -2}),
    ((2, 3), (0, 3), {"index": []}),
]
PUTS = [
    ((3, 3), (3, 3), ..., True),
    ((3, 3), (3,), (1, slice(None)), True),
    ((3, 3), (), (slice(None), slice(2)), True),
    ((3, 3), (2, 1), (slice(None, None, 2), slice(1, None)), True),
    ((3, 3), (), (0, 2), True),
    ((3, 3), (2, 3), [2, 0], False),
    ((3, 3), (3,), [2, 0], False),
    ((3, 3), (4,), np.arange(9).reshape(3, 3) % 2 == 1, False),
    ((3, 3), (2,), (np.array([0, 1]), np.array([1, 2])), False),
]


def as_ints(function):
    """NumPy's function, to which an empty list has no integers."""

    def call(x, indices, axis=None if function is np.take else -1):
        return function(x, np.asarray(indices, dtype=int), axis)

    return call


def index_add(x, source, index, axis=0):
    out = x.copy()
    index = np.asarray(index, dtype=int)
    np.add.at(np.moveaxis(out, axis, 0), index, np.moveaxis(source, axis, 0))
    return out


def index_put(x, value, index):
    out = x.copy()
    out[index] = value
    return out


def by_position(function, x, other, index, **static):
    """Call what takes the index between its two arrays."""
    return function(x, index, other, **static)


CASES = [
    *[row for index in STANDARD for row in rows(index, strict=True)],
    # The standard has no such indices.
    *[row for index in INDICES for row in rows(index, strict=False)],
    *[Case("take", [shape], as_ints(np.take), static) for shape, static in TAKES],
    *[
        Case("take_along_axis", [shape], as_ints(np.take_along_axis), static)
        for shape, static in ALONG
    ],
    *[
        Case("index_add", [x, source], index_add, static, call_with=by_position)
        for x, source, static in ADDS
    ],
    *[
        Case(
            "index_put",
            [x, value],
            index_put,
            {"index": index},
            call_with=by_position,
            strict=strict,
        )
        for x, value, index, strict in PUTS
    ],
]
