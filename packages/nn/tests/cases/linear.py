"""Rows of `layers/linear.py`."""

import numpy as np

from ._case import Case


def affine(x, weight, bias=0.0):
    """The formula of `Linear`."""
    return np.einsum("...i,oi->...o", x, weight) + bias


def bilinear(x1, x2, weight, bias=0.0):
    """The formula of `Bilinear`."""
    pairs = x1[..., :, None] * x2[..., None, :]
    return np.tensordot(pairs, weight, axes=[[-2, -1], [1, 2]]) + bias


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
    Case(
        "Bilinear(2, 3, 4)",
        [[(5, 2), (5, 3)], [(2,), (3,)], [(3, 4, 2), (3, 4, 3)], [(0, 2), (0, 3)]],
        bilinear,
        {"weight": (4, 2, 3), "bias": (4,)},
    ),
    Case(
        "Bilinear(2, 3, 4, bias=False)",
        [[(5, 2), (5, 3)]],
        bilinear,
        {"weight": (4, 2, 3)},
    ),
    Case(
        "Bilinear(3, 1, 1)",
        [[(5, 3), (5, 1)]],
        bilinear,
        {"weight": (1, 3, 1), "bias": (1,)},
    ),
]
