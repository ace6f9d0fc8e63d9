"""Rows for `ops/exponential.py`."""

import numpy as np

from ._case import positive, unary


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


CASES = [
    *unary("exp", np.exp),
    *unary("log", np.log, positive),
    *unary("sigmoid", sigmoid),
]
