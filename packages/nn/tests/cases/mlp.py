"""Rows of `layers/mlp.py`."""

import numpy as np

from ._case import Case
from .linear import affine


def relu_between(x, *state):
    """The formula of `MLP`: weights and biases alternate in the state."""
    for weight, bias in zip(state[::2], state[1::2], strict=True):
        last = weight is state[-2]
        x = affine(x, weight, bias) if last else np.maximum(affine(x, weight, bias), 0)
    return x


TWO = {
    "layers.0.weight": (4, 2),
    "layers.0.bias": (4,),
    "layers.1.weight": (1, 4),
    "layers.1.bias": (1,),
}

CASES = [
    Case(
        "MLP(\n"
        "  (layers.0): Linear(2, 4, activation='relu')\n"
        "  (layers.1): Linear(4, 1)\n"
        ")",
        [(5, 2), (2,), (2, 3, 2), (0, 2)],
        relu_between,
        TWO,
        made_by="MLP(in_features=2, hidden_sizes=[4], out_features=1)",
    ),
    Case(
        "MLP(\n"
        "  (layers.0): Linear(2, 3, activation='relu')\n"
        "  (layers.1): Linear(3, 2, activation='relu')\n"
        "  (layers.2): Linear(2, 1)\n"
        ")",
        [(5, 2)],
        relu_between,
        {
            "layers.0.weight": (3, 2),
            "layers.0.bias": (3,),
            "layers.1.weight": (2, 3),
            "layers.1.bias": (2,),
            "layers.2.weight": (1, 2),
            "layers.2.bias": (1,),
        },
        made_by="MLP(2, [3, 2, 1])",
    ),
    Case(
        "MLP(\n"
        "  (layers.0): Linear(2, 4, bias=False, activation='tanh')\n"
        "  (layers.1): Linear(4, 1, bias=False, activation='sigmoid')\n"
        ")",
        [(5, 2)],
        lambda x, w0, w1: 1 / (1 + np.exp(-affine(np.tanh(affine(x, w0)), w1))),
        {"layers.0.weight": (4, 2), "layers.1.weight": (1, 4)},
        made_by="MLP(2, [4], 1, bias=False, activation='tanh', "
        "output_activation='sigmoid')",
    ),
    Case(
        "MLP(\n  (layers.0): Linear(2, 3)\n)",
        [(5, 2)],
        affine,
        {"layers.0.weight": (3, 2), "layers.0.bias": (3,)},
        made_by="MLP(2, [], 3)",
    ),
]
