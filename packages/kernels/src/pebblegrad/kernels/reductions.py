"""Sums: see `pebblegrad.autograd.ops.reductions`."""

# mypy: allow-untyped-defs, allow-untyped-calls

import math
import struct

import numpy as np

from . import _native
from ._arrays import are_alike

OVER_PIXELS = (0, 2, 3)  # of (N, C, H, W): what the gradient of a convolution's bias is


def sum_(reference):
    """Return the forward of `sum`."""

    def forward(xp, x, /, axis=None, keepdims=False):
        if axis != OVER_PIXELS or keepdims or x.ndim != 4 or not are_alike(x):
            return reference(xp, x, axis=axis, keepdims=keepdims)
        pixels = x.transpose(0, 2, 3, 1)
        if not pixels.flags.c_contiguous:
            return reference(xp, x, axis=axis, keepdims=keepdims)
        channels = x.shape[1]
        out = np.empty(channels, x.dtype)
        groups = struct.pack("3qd", math.prod(pixels.shape[:3]), channels, 1, 0)
        _native.group_sums(groups, pixels, out)
        return out

    return forward
