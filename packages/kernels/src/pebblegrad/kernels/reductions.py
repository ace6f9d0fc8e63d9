"""Sums: see `pebblegrad.autograd`'s `ops.reductions` and `_broadcasting`."""

# mypy: allow-untyped-defs, allow-untyped-calls

import struct

import numpy as np

from . import _native
from ._arrays import are_alike

# From about here on NumPy's product with ones uses the threads of BLAS.
MANY = 8192
OVER_PIXELS = (0, 2, 3)  # of (N, C, H, W): what the gradient of a convolution's bias is


def sum_(reference):
    """Return the forward of `sum`."""

    def forward(xp, x, /, axis=None, keepdims=False):
        if axis != OVER_PIXELS or keepdims or x.ndim != 4 or not are_alike(x):
            return reference(xp, x, axis=axis, keepdims=keepdims)
        pixels = x.transpose(0, 2, 3, 1)
        if not pixels.flags.c_contiguous:
            return reference(xp, x, axis=axis, keepdims=keepdims)
        return _sum_of_rows(pixels.reshape(-1, x.shape[1]))

    return forward


def sum_of_rows(reference):
    """Return what takes the place of `sum_of_rows`."""

    def of_rows(x):
        if x.size < MANY or x.ndim != 2 or not are_alike(x):
            return reference(x)
        return _sum_of_rows(np.ascontiguousarray(x))

    return of_rows


def _sum_of_rows(x):
    rows, columns = x.shape
    out = np.empty(columns, x.dtype)
    _native.group_sums(struct.pack("3qd", rows, columns, 1, 0), x, out)
    return out
