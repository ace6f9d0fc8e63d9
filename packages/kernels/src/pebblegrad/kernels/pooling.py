"""Pooling: see `pebblegrad.nn.functional.pooling`."""

# mypy: allow-untyped-defs, allow-untyped-calls

import functools
import math
import struct

import numpy as np

from . import _native
from ._arrays import are_alike, pixels

LIMIT = 2**31  # of any size
REACH = 2**46  # pixels from the first to the last that a window may stand over


def max_pool(reference):
    """Return the forward of `max_pool`."""
    return _pooled(_native.max_pool, reference)


def _pooled(native, reference):
    def forward(xp, x, /, windows):
        if not are_alike(x) or not _fit(windows):
            return reference(xp, x, windows=windows)
        batch, channels = x.shape[:2]
        out = np.empty((batch, *windows.positions, channels), x.dtype)
        native(_described(batch, channels, windows), pixels(x), out)
        return out.transpose(0, 3, 1, 2)

    return forward


def argmax_pool(reference):
    """Return the forward of `argmax_pool`."""

    def forward(xp, x, largest, /, windows):
        if not are_alike(x, largest) or not _fit(windows):
            return reference(xp, x, largest, windows=windows)
        batch, channels = x.shape[:2]
        out = np.empty((batch, *windows.positions, channels), np.uint8)
        described = _described(batch, channels, windows)
        _native.argmax_pool(described, pixels(x), pixels(largest), out)
        return out.transpose(0, 3, 1, 2)

    return forward


def max_unpool(reference):
    """Return the forward of `max_unpool`."""

    def forward(xp, y, which, /, windows):
        if not are_alike(y) or which.dtype != np.uint8 or not _fit(windows):
            return reference(xp, y, which, windows=windows)
        batch, channels = y.shape[:2]
        out = np.empty((batch, *windows.sizes, channels), y.dtype)
        described = _described(batch, channels, windows)
        _native.max_unpool(described, pixels(y), pixels(which), out)
        return out.transpose(0, 3, 1, 2)

    return forward


def sum_pool(reference):
    """Return the forward of `sum_pool`."""
    return _pooled(_native.sum_pool, reference)


def sum_unpool(reference):
    """Return the forward of `sum_unpool`."""

    def forward(xp, y, /, windows):
        if not are_alike(y) or not _fit(windows):
            return reference(xp, y, windows=windows)
        batch, channels = y.shape[:2]
        out = np.empty((batch, *windows.sizes, channels), y.dtype)
        _native.sum_unpool(_described(batch, channels, windows), pixels(y), out)
        return out.transpose(0, 3, 1, 2)

    return forward


@functools.lru_cache(1024)
def _fit(windows):
    numbers = [number for pair in windows for number in pair]
    sizes, kernel, stride, before, dilation, positions = windows
    rows = positions[0] * stride[0] + before[0] + kernel[0] * dilation[0]
    return (
        min(*sizes, *positions) > 0
        and math.prod(kernel) < 256
        and max(map(abs, numbers)) < LIMIT
        and rows * sizes[1] < REACH
    )


@functools.lru_cache(1024)
def _described(batch, channels, windows):
    """Return the bytes of the struct Windows."""
    sizes, kernel, stride, before, dilation, positions = windows
    return struct.pack(
        "14q",
        *(batch, channels, *sizes, *positions),
        *(*kernel, *stride, *before, *dilation),
    )
