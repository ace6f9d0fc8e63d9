"""Rows of `layers/activations.py`."""

import math

import numpy as np

from ._case import Case

ANY = [(4, 2), (), (3,), (2, 3, 4), (0, 2)]


def wide(rng, shape):
    """Numbers within ±8, none near a multiple of 0.5: there the kinks are."""
    return rng.integers(-16, 16, shape) / 2 + rng.uniform(0.15, 0.4, shape)


def sigmoid(x):
    """The logistic curve."""
    return 1 / (1 + np.exp(-x))


def softplus(x, beta=1.0, threshold=20.0):
    """Both sides of the threshold."""
    return np.where(beta * x > threshold, x, np.log(1 + np.exp(beta * x)) / beta)


def gelu(x):
    """By the error function of the standard library, number by number."""
    return x * (1 + np.vectorize(math.erf, "d")(x / math.sqrt(2))) / 2


def gelu_tanh(x):
    """The approximation of the paper."""
    return x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2


CASES = [
    Case("Sigmoid()", ANY, sigmoid),
    Case("LogSigmoid()", ANY, lambda x: np.log(sigmoid(x)), domain=wide),
    Case("Tanh()", ANY, np.tanh),
    Case("Softplus()", ANY, softplus),
    Case("Softplus(beta=2.0)", ANY, lambda x: softplus(x, 2.0)),
    Case(
        "Softplus(beta=0.5, threshold=1.0)",
        ANY,
        lambda x: softplus(x, 0.5, 1.0),
        domain=wide,
    ),
    Case("Softplus(threshold=2.0)", ANY, lambda x: softplus(x, 1.0, 2.0), domain=wide),
    Case("Softsign()", ANY, lambda x: x / (1 + np.abs(x)), domain=wide),
    Case("GELU()", ANY, gelu, domain=wide),
    Case("GELU(approximate='tanh')", ANY, gelu_tanh, domain=wide),
    Case("SiLU()", ANY, lambda x: x * sigmoid(x), domain=wide),
    Case("Mish()", ANY, lambda x: x * np.tanh(softplus(x)), domain=wide),
    Case("Hardsigmoid()", ANY, lambda x: np.clip(x / 6 + 0.5, 0, 1), domain=wide),
    Case("Hardswish()", ANY, lambda x: x * np.clip(x / 6 + 0.5, 0, 1), domain=wide),
]
