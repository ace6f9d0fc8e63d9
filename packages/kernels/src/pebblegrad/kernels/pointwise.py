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
        if type(x) is not np.ndarray or x.size < least or not are_alike(x):
            return reference(xp, x)
        out = np.empty_like(x)
        lying = as_they_lie(x, out) or as_they_lie(x.copy(order="K"), out)
        native(struct.pack("q", x.size), *lying)
        return out

    return forward


def where_positive(reference):
    """Return what takes the place of `where_positive`, which `relu`'s rule calls."""

    def of_two(x, by, /):
        if type(x) is np.ndarray and x.size >= SMALL and are_alike(x, by):
            chosen = _chosen(_native.where_positive, x, by)
            if chosen is not None:
                return chosen
        return reference(x, by)

    return of_two


def zero_where(reference):
    """Return the forward of `zero_where`."""

    def forward(xp, x, mask, /):
        if type(x) is np.ndarray and x.size >= SMALL and are_alike(x):
            if type(mask) is np.ndarray and mask.dtype == bool:
                chosen = _chosen(_native.zero_where, x, mask)
                if chosen is not None:
                    return chosen
        return reference(xp, x, mask)

    return forward


def _chosen(native, x, by):
    """Choose between numbers and 0 by another array; None if it lies otherwise."""
    if by.shape != x.shape:
        return None
    out = np.empty_like(x)
    lying = as_they_lie(x, by, out)
    if lying is None:
        return None
    native(struct.pack("q", x.size), *lying)
    return out
