"""Rows for `ops/arithmetic.py`."""

import numpy as np

from ._case import Case, binary, positive, real, unary


def convert(x, dtype):
    return x.astype(dtype)


def lerp(x, y, weight):
    return x + weight * (y - x)


def weights(rng, shape):
    return rng.choice([-0.5, 0.25, 0.75, 1.5], shape)


CASES = [
    *binary("add", np.add),
    *binary("subtract", np.subtract),
    *binary("multiply", np.multiply),
    *binary("divide", np.divide),
    *binary("power", np.power, positive),
    *binary("floor_divide", np.floor_divide),
    *binary("remainder", np.remainder),
    *binary("hypot", np.hypot),
    *[
        Case("lerp", shapes, lerp, domain=[real, real, weights])
        for shapes in [[(3,), (3,), (3,)], [(2, 3), (3,), ()], [(1,), (2, 1), (2, 3)]]
    ],
    *unary("negative", np.negative),
    *unary("abs", np.abs),
    *unary("sign", np.sign),
    *unary("sqrt", np.sqrt, positive),
    *unary("rsqrt", lambda x: 1 / np.sqrt(x), positive),
    *unary("square", np.square),
    *unary("reciprocal", np.reciprocal),
    *unary("positive", np.positive),
    *unary("floor", np.floor),
    *unary("ceil", np.ceil),
    *unary("round", np.round),
    *unary("trunc", np.trunc),
    # NumPy's dtypes are not those of other libraries.
    Case(
        "astype",
        [(2, 3)],
        convert,
        {"dtype": np.float64},
        strict=False,
        keeps_float32=False,
    ),
]
