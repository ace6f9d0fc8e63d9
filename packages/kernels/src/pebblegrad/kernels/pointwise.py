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


def where_positive(reference):
    """Return the forward of `where_positive`."""

    def forward(xp, x, by, /):
        if type(x) is not np.ndarray or x.size < SMALL or not are_alike(x, by):
            return reference(xp, x, by)
        return _chosen(_native.where_positive, reference, x, by)

    return forward


def zero_where(reference):
    """Return the forward of `zero_where`."""

    def forward(xp, x, mask, /):
        if (
            type(x) is not np.ndarray
            or x.size < SMALL
            or not are_alike(x)
            or type(mask) is not np.ndarray
            or mask.dtype != bool
        ):
            return reference(xp, x, mask)
        return _chosen(_native.zero_where, reference, x, mask)

    return forward


def _chosen(native, reference, x, by):
    """Choose between the numbers of an array and 0 by another one, of its shape."""
    out = np.empty_like(x)
    lying = as_they_lie(x, by, out) if by.shape == x.shape else None
    if lying is None:
        return reference(np, x, by)
    native(struct.pack("q", x.size), *lying)
    return out
