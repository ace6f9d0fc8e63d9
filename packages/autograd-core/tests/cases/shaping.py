"""Rows for `ops/shaping.py`."""

import numpy as np

from ._case import Case


def reshape(x, shape):
    return np.reshape(x, shape)


CASES = [
    Case("reshape", [(2, 6)], reshape, {"shape": (3, -1)}),
    Case("reshape", [()], reshape, {"shape": (1, 1)}),
    Case("permute_dims", [(2, 3, 4)], np.transpose, {"axes": (2, 0, 1)}),
    Case("permute_dims", [(2, 3, 4)], np.transpose, {"axes": (-1, 0, -2)}),
    Case("matrix_transpose", [(2, 3, 4)], lambda x: np.swapaxes(x, -1, -2)),
    Case("expand_dims", [(2, 3)], np.expand_dims, {"axis": 1}),
    Case("expand_dims", [(2, 3)], np.expand_dims, {"axis": -1}),
    Case("squeeze", [(2, 1, 3)], np.squeeze, {"axis": 1}),
    Case("squeeze", [(2, 1, 3, 1)], np.squeeze, {"axis": (1, -1)}),
    Case("broadcast_to", [(3, 1)], np.broadcast_to, {"shape": (2, 3, 4)}),
    Case(
        "sum_to",
        [(2, 3, 4)],
        lambda x, shape: x.sum((0, 2))[:, None],
        {"shape": (3, 1)},
    ),
    Case("sum_to", [(2, 3)], lambda x, shape: x, {"shape": (2, 3)}),
]
