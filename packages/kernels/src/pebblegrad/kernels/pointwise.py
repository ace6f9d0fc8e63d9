"""Ops on single numbers: see `pebblegrad.autograd.ops.choosing`."""

# mypy: allow-untyped-defs, allow-untyped-calls

import struct

import numpy as np

from . import _native
from ._arrays import are_alike, as_they_lie

SMALL = 16_384  # numbers; NumPy is as fast for fewer


def relu(reference):
    """Return the forward of `relu`."""

    def forward(xp, x, /):
        if not are_alike(x) or x.size < SMALL:
            return reference(xp, x)
        out = np.empty_like(x)
        lying = as_they_lie(x, out)
        if lying is None:
            return reference(xp, x)
        _native.relu(struct.pack("q", x.size), *lying)
        return out

    return forward


def zero_where(reference):
    """Return the forward of `zero_where`."""

    def forward(xp, x, mask, /):
        if (
            not are_alike(x)
            or x.size < SMALL
            or type(mask) is not np.ndarray
            or mask.dtype != bool
            or mask.shape != x.shape
        ):
            return reference(xp, x, mask)
        out = np.empty_like(x)
        lying = as_they_lie(x, mask, out)
        if lying is None:
            return reference(xp, x, mask)
        _native.zero_where(struct.pack("q", x.size), *lying)
        return out

    return forward
