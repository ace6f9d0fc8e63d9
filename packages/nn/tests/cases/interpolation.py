"""Rows of `layers/interpolation.py`."""

import numpy as np

from ._case import Case


def nearest(x, factor):
    """Every element `factor` times, on each axis behind the channels."""
    for axis in range(2, x.ndim):
        x = np.repeat(x, factor, axis)
    return x


def between(x, sizes, align_corners=False):
    """Between the two neighbours on each axis, from where the element stands."""
    for axis, new in enumerate(sizes, start=2):
        old = x.shape[axis]
        if align_corners:
            where = np.linspace(0, old - 1, new)
        else:
            where = (np.arange(new) + 0.5) * old / new - 0.5
        x = np.apply_along_axis(
            lambda row, where=where: np.interp(where, np.arange(len(row)), row), axis, x
        )
    return x


CASES = [
    Case(
        "Upsample(scale_factor=2)",
        [(2, 1, 2, 3), (2, 1, 3), (0, 1, 2, 2)],
        lambda x: nearest(x, 2),
    ),
    Case("Upsample((4, 6))", [(1, 2, 2, 3)], lambda x: nearest(x, 2)),
    Case(
        "Upsample(scale_factor=2, mode='bilinear')",
        [(1, 2, 2, 3)],
        lambda x: between(x, (4, 6)),
    ),
    Case(
        "Upsample((5, 4), mode='bilinear', align_corners=True)",
        [(2, 1, 3, 2)],
        lambda x: between(x, (5, 4), align_corners=True),
    ),
    Case(
        "Upsample(5, mode='linear')",
        [(2, 1, 3), (1, 1, 1)],
        lambda x: between(x, (5,)),
    ),
    Case(
        "Upsample(scale_factor=3, mode='nearest-exact')",
        [(2, 1, 2, 2)],
        lambda x: nearest(x, 3),
    ),
]
