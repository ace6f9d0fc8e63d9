"""Rows of `layers/rectifiers.py`."""

import numpy as np

from ._case import Case
from .activations import ANY, wide

CHANNELS = [(4, 3), (2, 3, 4), (2, 3, 2, 2), (0, 3)]


def leaky(x, slope):
    """Both sides of zero are straight."""
    return np.where(x > 0, x, slope * x)


def exponential(x, alpha, rate=1.0):
    """Below zero it levels off at -alpha."""
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0) / rate) - 1))


def selu(x):
    """With the constants of the paper, to the digits that it gives."""
    return 1.0507009873554804934 * exponential(x, 1.6732632423543772848)


def prelu(x, weight):
    """A slope for each channel."""
    slopes = weight.reshape(-1, *[1] * (x.ndim - 2)) if x.ndim > 1 else weight.sum()
    return leaky(x, slopes)


CASES = [
    Case("ReLU()", ANY, lambda x: np.maximum(x, 0)),
    Case("ReLU6()", ANY, lambda x: np.minimum(np.maximum(x, 0), 6), domain=wide),
    Case("LeakyReLU()", ANY, lambda x: leaky(x, 0.01)),
    Case("LeakyReLU(negative_slope=0.2)", ANY, lambda x: leaky(x, 0.2)),
    Case("LeakyReLU(negative_slope=-1.0)", ANY, np.abs),
    Case("LeakyReLU(negative_slope=2.0)", ANY, lambda x: np.minimum(x, 2 * x)),
    Case("PReLU()", ANY, prelu, {"weight": (1,)}),
    Case("PReLU(num_parameters=3)", CHANNELS, prelu, {"weight": (3,)}),
    Case("PReLU(num_parameters=3, init=0.5)", CHANNELS, prelu, {"weight": (3,)}),
    Case("PReLU(init=-0.5)", CHANNELS, prelu, {"weight": (1,)}),
    Case("ELU()", ANY, lambda x: exponential(x, 1.0)),
    Case("ELU(alpha=0.5)", ANY, lambda x: exponential(x, 0.5)),
    Case("ELU(alpha=2.0)", ANY, lambda x: exponential(x, 2.0), domain=wide),
    Case("CELU()", ANY, lambda x: exponential(x, 1.0, 1.0)),
    Case("CELU(alpha=0.5)", ANY, lambda x: exponential(x, 0.5, 0.5)),
    Case("CELU(alpha=3.0)", ANY, lambda x: exponential(x, 3.0, 3.0), domain=wide),
    Case("SELU()", ANY, selu),
    Case("Hardtanh()", ANY, lambda x: np.minimum(np.maximum(x, -1), 1), domain=wide),
    Case("Hardtanh(min_val=-2.0)", ANY, lambda x: np.clip(x, -2, 1), domain=wide),
    Case("Hardtanh(max_val=3.0)", ANY, lambda x: np.clip(x, -1, 3), domain=wide),
    Case(
        "Hardtanh(min_val=-0.5, max_val=0.1)",
        ANY,
        lambda x: np.clip(x, -0.5, 0.1),
        domain=wide,
    ),
]
