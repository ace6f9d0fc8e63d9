"""Rows of `layers/activations.py`."""

import numpy as np

from ._case import Case

ANY = [(4, 2), (), (3,), (2, 3, 4), (0, 2)]

CASES = [
    Case("ReLU()", ANY, lambda x: np.maximum(x, 0)),
    Case("Sigmoid()", ANY, lambda x: 1 / (1 + np.exp(-x))),
    Case("Tanh()", ANY, np.tanh),
]
