"""Ops on single numbers: see `pebblegrad.autograd.ops`, `choosing` above all."""

# mypy: allow-untyped-defs, allow-untyped-calls

import struct

import numpy as np

from . import _native
from ._arrays import are_alike, as_they_lie

SMALL = 16_384  # numbers; NumPy is as fast for fewer
FEW = 64  # where one call takes the place of many


def relu(reference):
    """Return the forward of `relu`."""
    return _elementwise(_native.relu, SMALL, reference)


def sigmoid(reference):
    """Return the forward of `sigmoid`."""
    return _elementwise(_native.sigmoid, FEW, reference)


def erf(reference):
    """Return the forward of `erf`."""
    return _elementwise(_native.erf, FEW, reference)


def normal_cdf(reference):
    """Return the forward of `normal_cdf`, the gate of `gelu`."""
    return _elementwise(_native.normal_cdf, FEW, reference)


def normal_cdf_by_tanh(reference):
    """Return the forward of `normal_cdf_by_tanh`."""
    return _elementwise(_native.normal_cdf_by_tanh, FEW, reference)


def normal_density(reference):
    """Return the forward of `normal_density`, for the gradient of `gelu`."""
    return _elementwise(_native.normal_density, FEW, reference)


def _elementwise(native, least, reference):
    """Return a forward of one array, which leaves fewer than `least` numbers to NumPy.

    A view with gaps is copied: its numbers give the same bits as any others.
    """

    def forward(xp, x, /):
        if not are_alike(x) or x.size < least:
            return reference(xp, x)
        out = np.empty_like(x)
        lying = as_they_lie(x, out) or as_they_lie(x.copy(order="K"), out)
        native(struct.pack("q", x.size), *lying)
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
