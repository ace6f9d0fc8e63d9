"""Rows of `layers/flatten.py`."""

import numpy as np

from ._case import Case

CASES = [
    Case(
        "Flatten()",
        [(2, 3, 4), (2, 3), (2, 1, 3, 4), (0, 3, 4)],
        lambda x: x.reshape(len(x), int(np.prod(x.shape[1:]))),
    ),
    Case("Flatten(0, 1)", [(2, 3, 4), (2, 3)], lambda x: x.reshape(-1, *x.shape[2:])),
    Case("Flatten(-2, 2)", [(2, 3, 4)], lambda x: x.reshape(2, 12)),
    Case("Unflatten(1, (2, 3))", [(4, 6), (0, 6)], lambda x: x.reshape(-1, 2, 3)),
    Case("Unflatten(-1, (2, -1))", [(4, 6)], lambda x: x.reshape(4, 2, 3)),
    Case("Unflatten(0, (2, 2, 1))", [(4, 6)], lambda x: x.reshape(2, 2, 1, 6)),
]
