"""Rows of `layers/softmax.py`."""

import numpy as np

from ._case import Case

ALONG_LAST = [(4, 2), (3,), (2, 3, 4), (0, 2), (2, 0)]
ALONG_SECOND = [(4, 2), (2, 3, 4), (0, 2)]


def softmax(x, dim=-1):
    """The share of each exponential."""
    return np.exp(x) / np.exp(x).sum(axis=dim, keepdims=True)


def glu(x, dim=-1):
    """Half of the numbers, gated by the other half."""
    value, gate = np.split(x, 2, axis=dim)
    return value / (1 + np.exp(-gate))


CASES = [
    Case("Softmax()", ALONG_LAST, softmax),
    Case("Softmax(dim=1)", ALONG_SECOND, lambda x: softmax(x, 1)),
    Case("Softmax(dim=0)", [(4, 2), (3,)], lambda x: softmax(x, 0)),
    Case("LogSoftmax()", ALONG_LAST, lambda x: np.log(softmax(x))),
    Case("LogSoftmax(dim=1)", ALONG_SECOND, lambda x: np.log(softmax(x, 1))),
    Case("LogSoftmax(dim=-2)", [(4, 2)], lambda x: np.log(softmax(x, -2))),
    Case("GLU()", [(4, 2), (6,), (2, 3, 4), (0, 2), (3, 0)], glu),
    Case("GLU(dim=1)", [(4, 2), (2, 6, 3)], lambda x: glu(x, 1)),
    Case("GLU(dim=0)", [(4, 2), (2,), (0, 2)], lambda x: glu(x, 0)),
]
