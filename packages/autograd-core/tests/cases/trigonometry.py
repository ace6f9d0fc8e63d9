"""Rows for `ops/trigonometry.py`."""

import numpy as np

from ._case import binary, positive, real, unary


def inside(rng, shape):
    """Numbers between -1 and 1, away from both."""
    return 0.8 * real(rng, shape)


def above_one(rng, shape):
    return 1.1 + positive(rng, shape)


CASES = [
    *unary("sin", np.sin),
    *unary("cos", np.cos),
    *unary("tan", np.tan),
    *unary("asin", np.arcsin, inside),
    *unary("acos", np.arccos, inside),
    *unary("atan", np.arctan),
    *binary("atan2", np.arctan2),
    *unary("sinh", np.sinh),
    *unary("cosh", np.cosh),
    *unary("tanh", np.tanh),
    *unary("asinh", np.arcsinh),
    *unary("acosh", np.arccosh, above_one),
    *unary("atanh", np.arctanh, inside),
]
