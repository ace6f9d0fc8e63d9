"""Rows for `ops/diagonals.py`."""

import numpy as np

from ._case import Case


def diagonal(x, offset=0, axis1=-2, axis2=-1):
    return np.diagonal(x, offset, axis1, axis2)


def diag_embed(x, offset=0, axis1=-2, axis2=-1, shape=None):
    if shape is None:
        size = x.shape[-1] + abs(offset)
        matrices = np.zeros((*x.shape[:-1], size, size))
        shape = np.moveaxis(matrices, (-2, -1), (axis1, axis2)).shape
    out = np.zeros(shape)
    matrices = np.moveaxis(out, (axis1, axis2), (-2, -1))
    for i in range(x.shape[-1]):
        matrices[..., i - min(offset, 0), i + max(offset, 0)] = x[..., i]
    return out


def trace(x, offset=0, axis1=-2, axis2=-1):
    return np.trace(x, offset, axis1, axis2)


SHAPES = [(3, 3), (2, 4), (4, 2), (2, 3, 4), (0, 3), (2, 3, 0), (1, 1)]
OFFSETS = [0, 1, -1, 5]

CASES = [
    *[
        Case(name, [shape], reference, {"k": k})
        for name, reference in (("tril", np.tril), ("triu", np.triu))
        for shape in SHAPES
        for k in OFFSETS
    ],
    Case("tril", [(3, 3)], np.tril),
    Case("triu", [(3, 3)], np.triu),
    *[
        Case(name, [shape], reference, {"offset": offset})
        for name, reference in (("diagonal", diagonal), ("trace", trace))
        for shape in SHAPES
        for offset in OFFSETS
    ],
    Case("diagonal", [(2, 3, 4)], diagonal, {"axis1": 0, "axis2": 1}),
    Case("diagonal", [(2, 3, 4)], diagonal, {"offset": -1, "axis1": -1, "axis2": 0}),
    Case("trace", [(2, 3, 4)], trace, {"offset": 1, "axis1": 0, "axis2": 1}),
    *[
        Case("diag_embed", [shape], diag_embed, {"offset": offset})
        for shape in [(3,), (2, 3), (0,), (0, 2)]
        for offset in (0, 2, -1)
    ],
    Case("diag_embed", [(2, 3)], diag_embed, {"offset": 1, "axis1": 0, "axis2": 2}),
    Case("diag_embed", [(2, 3)], diag_embed, {"axis1": -1, "axis2": 0}),
    Case("diag_embed", [(2,)], diag_embed, {"offset": -1, "shape": (3, 5)}),
    Case(
        "diag_embed",
        [(4, 2)],
        diag_embed,
        {"offset": 1, "axis1": 1, "axis2": 0, "shape": (3, 5, 4)},
    ),
]
