"""Rows of `layers/containers.py`."""

import numpy as np

from ._case import Case
from .linear import VECTORS, affine


def two_layers(x, weight1, bias1, weight2, bias2):
    """A hidden layer and an output."""
    return affine(np.maximum(affine(x, weight1, bias1), 0), weight2, bias2)


CASES = [
    Case("Sequential()", [(4, 2), (), (0, 2)], lambda x: x),
    Case(
        "Sequential(\n  (0): Linear(2, 3)\n  (1): ReLU()\n  (2): Linear(3, 1)\n)",
        VECTORS,
        two_layers,
        {"0.weight": (3, 2), "0.bias": (3,), "2.weight": (1, 3), "2.bias": (1,)},
        made_by="Sequential(Linear(2, 3), ReLU(), Linear(3, 1))",
    ),
]
