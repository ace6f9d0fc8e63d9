"""Rows for `ops/choosing.py`."""

import numpy as np

from ._case import Case, binary, unary

MASK = np.array([[True, False, True], [False, False, True]])

CASES = [
    *binary("maximum", np.maximum),
    *binary("minimum", np.minimum),
    *unary("relu", lambda x: np.maximum(x, 0)),
    *[
        Case("clip", [(2, 3)], lambda x, min=None, max=None: np.clip(x, min, max), s)
        for s in [{"min": -0.4, "max": 0.4}, {"max": 0.4}, {"min": -0.4}]
    ],
    Case("clip", [(2, 3)], lambda x: x),
    Case("where", [(2, 3), (3,)], np.where, fixed=(MASK,)),
    Case("where", [(), (2, 1)], np.where, fixed=(MASK,)),
]
