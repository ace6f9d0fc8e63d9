"""Rows added to a table: see `pebblegrad.autograd.ops.indexing`."""

# mypy: allow-untyped-defs, allow-untyped-calls

import struct

import numpy as np

from . import _native
from ._arrays import are_alike


def scatter_rows(reference):
    """Return the forward of `scatter_rows`, for rows along the first axis."""

    def forward(xp, x, /, shape, indices, axis):
        columns = x.shape[-1] if x.ndim else 0
        if (
            axis != 0
            or len(shape) != 2
            or not are_alike(x)
            or x.shape != (*indices.shape, shape[1])
            or indices.dtype != np.int64
        ):
            return reference(xp, x, shape=shape, indices=indices, axis=axis)
        places = np.where(indices < 0, indices + shape[0], indices).reshape(-1)
        out = np.zeros(shape, x.dtype)
        rows = struct.pack("3q", indices.size, shape[0], columns)
        _native.add_rows(rows, np.ascontiguousarray(x), places, out)
        return out

    return forward
