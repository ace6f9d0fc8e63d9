"""Rows for `ops/joining.py`."""

import numpy as np

from ._case import Case


def concatenate(*xs, axis=0):
    return np.concatenate(xs, axis=axis)


def stack(*xs, axis=0):
    return np.stack(xs, axis=axis)


def joined(name, shapes, reference, **static):
    """Return a row of an op that takes a list."""
    return Case(name, shapes, reference, static, takes_list=True)


CASES = [
    joined("concat", [(2, 3), (1, 3), (0, 3)], concatenate, axis=0),
    joined("concat", [(2, 3), (2, 1)], concatenate, axis=-1),
    joined("concat", [(2, 3), (4,)], concatenate, axis=None),
    joined("concat", [(2,)], concatenate),
    joined("stack", [(2, 3), (2, 3)], stack, axis=0),
    joined("stack", [(2, 3), (2, 3)], stack, axis=-1),
]
