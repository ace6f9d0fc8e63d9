"""Rows for `ops/products.py`."""

import numpy as np

from ._case import Case

PAIRS = [
    [(2, 3), (3, 4)],
    [(3,), (3, 4)],
    [(2, 3), (3,)],
    [(3,), (3,)],
    [(5, 2, 3), (3, 4)],
    [(2, 3), (5, 3, 4)],
    [(5, 1, 2, 3), (6, 3, 4)],
    [(5, 2, 3), (3,)],
    [(3,), (5, 3, 4)],
    [(0, 3), (3, 2)],
    [(2, 0), (0, 3)],
]

CASES = [Case("matmul", pair, np.matmul) for pair in PAIRS]
