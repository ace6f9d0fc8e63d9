"""The loops over time: see `pebblegrad.nn.functional._recurrences`."""

# mypy: allow-untyped-defs, allow-untyped-calls

import struct

import numpy as np

from . import _native
from ._arrays import are_alike


def lstm_states(reference):
    """Return the forward of `lstm_states`."""

    def forward(xp, projected, weight_hh, h=None, c=None, /):
        given = [array for array in (h, c) if array is not None]
        if not are_alike(projected, weight_hh, *given):
            return reference(xp, projected, weight_hh, h, c)
        steps, batch, rows = projected.shape
        size = rows // 4
        if (
            weight_hh.shape != (4 * size, size)
            or rows % 4
            or any(a.shape != (batch, size) for a in given)
        ):
            return reference(xp, projected, weight_hh, h, c)
        out = np.empty((steps + 1, 6, batch, size), projected.dtype)
        _native.lstm(
            struct.pack("3q", steps, batch, size),
            np.ascontiguousarray(projected),
            np.ascontiguousarray(weight_hh),
            None if h is None else np.ascontiguousarray(h),
            None if c is None else np.ascontiguousarray(c),
            out,
        )
        return out

    return forward


def lstm_gradients(reference):
    """Return what takes the place of `lstm_gradients`."""

    def gradients(g, out, weight_hh):
        if not are_alike(g, out, weight_hh):
            return reference(g, out, weight_hh)
        count, _, batch, size = out.shape
        da = np.empty((count - 1, batch, 4 * size), out.dtype)
        dh, dc = np.empty((2, batch, size), out.dtype)
        _native.lstm_gradients(
            struct.pack("3q", count - 1, batch, size),
            np.ascontiguousarray(g),
            np.ascontiguousarray(out),
            np.ascontiguousarray(weight_hh),
            da,
            dh,
            dc,
        )
        return da, dh, dc

    return gradients
