"""Rows for `ops/shaping.py`."""

import numpy as np

from ._case import Case


def reshape(x, shape):
    return np.reshape(x, shape)


def flatten(x, start_axis=0, end_axis=-1):
    ndim = max(x.ndim, 1)
    before = x.shape[: start_axis % ndim]
    after = x.shape[end_axis % ndim + 1 :]
    size = np.prod(x.shape[start_axis % ndim : end_axis % ndim + 1], dtype=int)
    return np.reshape(x, (*before, size, *after))


def sum_to(x, shape):
    _, pull_back = np.broadcast_arrays(x, np.zeros(shape))
    axes = tuple(i for i, step in enumerate(pull_back.strides) if step == 0)
    return x.sum(axes, keepdims=True).reshape(shape)


def first_of_both(function, x):
    """Return ``x`` as broadcasting with its transpose makes it."""
    return function(x, x.mT)[0]


def broadcast_products(function, *xs):
    """Return the product of all results: each of the common shape, or it fails."""
    x, y, z = function(*xs)
    assert x.shape == y.shape == z.shape
    return x * y * z


CASES = [
    Case("reshape", [(2, 6)], reshape, {"shape": (3, -1)}),
    Case("reshape", [()], reshape, {"shape": (1, 1)}),
    Case("reshape", [(2, 3)], reshape, {"shape": 6}),
    Case("reshape", [(2, 3)], reshape, {"shape": -1}),
    Case("reshape", [(2, 3)], reshape, {"shape": [3, 2]}),
    Case("reshape", [(0, 3)], reshape, {"shape": (3, 2, 0)}),
    Case("flatten", [(2, 3, 4)], flatten),
    Case("flatten", [(2, 3, 4)], flatten, {"start_axis": 1}),
    Case("flatten", [(2, 3, 4)], flatten, {"start_axis": -3, "end_axis": 1}),
    Case("flatten", [(2, 3)], flatten, {"start_axis": 1, "end_axis": 1}),
    Case("flatten", [(0, 2, 3)], flatten, {"start_axis": 1}),
    Case("flatten", [()], flatten),
    Case("ravel", [(2, 3)], np.ravel),
    Case("ravel", [()], np.ravel),
    Case("ravel", [(0, 3)], np.ravel),
    Case("permute_dims", [(2, 3, 4)], np.transpose, {"axes": (2, 0, 1)}),
    Case("permute_dims", [(2, 3, 4)], np.transpose, {"axes": (-1, 0, -2)}),
    Case("permute_dims", [(2, 3, 4)], np.transpose, {"axes": [1, 2, 0]}),
    Case("permute_dims", [()], np.transpose, {"axes": ()}),
    Case("transpose", [(2, 3, 4)], np.transpose),
    Case("transpose", [(2, 3, 4)], np.transpose, {"axes": (1, -1, 0)}),
    Case("transpose", [(3,)], np.transpose),
    Case("transpose", [()], np.transpose),
    Case("matrix_transpose", [(2, 3, 4)], lambda x: np.swapaxes(x, -1, -2)),
    Case("matrix_transpose", [(0, 3)], lambda x: np.swapaxes(x, -1, -2)),
    Case("swapaxes", [(2, 3, 4)], np.swapaxes, {"axis1": 0, "axis2": -1}),
    Case("swapaxes", [(2, 3)], np.swapaxes, {"axis1": 1, "axis2": 1}),
    Case("moveaxis", [(2, 3, 4)], np.moveaxis, {"source": 0, "destination": -1}),
    Case("moveaxis", [(2, 3, 4)], np.moveaxis, {"source": -1, "destination": 0}),
    Case(
        "moveaxis",
        [(2, 3, 4, 1)],
        np.moveaxis,
        {"source": (0, -1), "destination": (-2, 1)},
    ),
    Case("expand_dims", [(2, 3)], np.expand_dims, {"axis": 1}),
    Case("expand_dims", [(2, 3)], np.expand_dims, {"axis": -1}),
    Case("expand_dims", [(2, 3)], np.expand_dims, {"axis": (0, -2)}),
    Case("expand_dims", [()], np.expand_dims, {"axis": (0, 1)}),
    Case("expand_dims", [(2,)], np.expand_dims, {"axis": ()}),
    Case("squeeze", [(2, 1, 3)], np.squeeze, {"axis": 1}),
    Case("squeeze", [(2, 1, 3, 1)], np.squeeze, {"axis": (1, -1)}),
    Case("squeeze", [(1, 2, 1)], np.squeeze),
    Case("squeeze", [(2, 3)], np.squeeze),
    Case("squeeze", [()], np.squeeze),
    Case("squeeze", [(0, 1)], np.squeeze),
    Case("broadcast_to", [(3, 1)], np.broadcast_to, {"shape": (2, 3, 4)}),
    Case("broadcast_to", [()], np.broadcast_to, {"shape": 3}),
    Case("broadcast_to", [(1, 2)], np.broadcast_to, {"shape": (0, 2)}),
    Case("broadcast_to", [(2,)], np.broadcast_to, {"shape": (2,)}),
    Case(
        "broadcast_arrays",
        [(2, 1, 3), (), (4, 1)],
        lambda x, y, z: x * y * z,
        call_with=broadcast_products,
    ),
    Case(
        "broadcast_arrays",
        [(0, 3), (1, 1), (3,)],
        lambda x, y, z: x * y * z,
        call_with=broadcast_products,
    ),
    Case(
        "broadcast_arrays",
        [(3, 1)],
        lambda x: np.tile(x, (1, 3)),
        call_with=first_of_both,
    ),
    Case("sum_to", [(2, 3, 4)], sum_to, {"shape": (3, 1)}),
    Case("sum_to", [(2, 3)], sum_to, {"shape": (2, 3)}),
    Case("sum_to", [(2, 3)], sum_to, {"shape": 3}),
    Case("sum_to", [(2, 3)], sum_to, {"shape": ()}),
    Case("sum_to", [(0, 3)], sum_to, {"shape": (1, 3)}),
]
