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
    Case(
        "Network(\n  (0): Linear(2, 3)\n  (1): relu\n  (2): Linear(3, 1)\n)",
        VECTORS,
        two_layers,
        {"0.weight": (3, 2), "0.bias": (3,), "2.weight": (1, 3), "2.bias": (1,)},
        made_by="Network([Linear(2, 3), functional.relu, Linear(3, 1)])",
    ),
    Case("Identity()", [(4, 2), (), (0, 2)], lambda x: x),
    Case(
        "Residual(\n  (layer): Linear(2, 2)\n)",
        VECTORS,
        lambda x, weight, bias: x + affine(x, weight, bias),
        {"layer.weight": (2, 2), "layer.bias": (2,)},
        made_by="Residual(Linear(2, 2))",
    ),
    Case(
        "ModuleList(\n  (0): Linear(2, 3)\n  (1): Linear(3, 1)\n)",
        [(4, 2)],
        lambda x, w1, b1, w2, b2: affine(affine(x, w1, b1), w2, b2),
        {"0.weight": (3, 2), "0.bias": (3,), "1.weight": (1, 3), "1.bias": (1,)},
        made_by="ModuleList([Linear(2, 3), Linear(3, 1)])",
        call=lambda layer, x: layer[1](layer[0](x)),
    ),
    Case(
        "ModuleDict(\n  (in): Linear(2, 3)\n  (out): Linear(3, 1)\n)",
        [(4, 2)],
        lambda x, w1, b1, w2, b2: affine(affine(x, w1, b1), w2, b2),
        {"in.weight": (3, 2), "in.bias": (3,), "out.weight": (1, 3), "out.bias": (1,)},
        made_by="ModuleDict({'in': Linear(2, 3), 'out': Linear(3, 1)})",
        call=lambda layer, x: layer["out"](layer["in"](x)),
    ),
]
