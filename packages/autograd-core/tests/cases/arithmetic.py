"""Rows for `ops/arithmetic.py`."""

import numpy as np

from ._case import Case, binary, positive, unary


def convert(x, dtype):
    return x.astype(dtype)


CASES = [
    *binary("add", np.add),
    *binary("subtract", np.subtract),
    *binary("multiply", np.multiply),
    *binary("divide", np.divide),
    *binary("power", np.power, positive),
    *unary("negative", np.negative),
    *unary("abs", np.abs),
    *unary("sign", np.sign),
    *unary("sqrt", np.sqrt, positive),
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
