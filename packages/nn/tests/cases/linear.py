"""Rows of `layers/linear.py`."""

import numpy as np

from ._case import Case


def affine(x, weight, bias=0.0):
    """The formula of `Linear`."""
    return np.einsum("...i,oi->...o", x, weight) + bias


VECTORS = [(4, 2), (2,), (3, 4, 2), (0, 2)]
LINEAR = {"weight": (3, 2), "bias": (3,)}

CASES = [
    Case("Linear(2, 3)", VECTORS, affine, LINEAR),
    Case("Linear(2, 3, bias=False)", VECTORS, affine, {"weight": (3, 2)}),
    Case("Linear(2, 1)", [(4, 2)], affine, {"weight": (1, 2), "bias": (1,)}),
    Case(
        "Linear(2, 3, activation='relu')",
        [(4, 2)],
        lambda *a: np.maximum(affine(*a), 0),
        LINEAR,
    ),
    Case(
        "Linear(2, 3, activation='tanh')",
        [(4, 2)],
        lambda *a: np.tanh(affine(*a)),
        LINEAR,
    ),
    Case(
        "Linear(2, 3, bias=False, activation='sigmoid')",
        [(4, 2)],
        lambda *a: 1 / (1 + np.exp(-affine(*a))),
        {"weight": (3, 2)},
    ),
]
