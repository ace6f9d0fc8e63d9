"""PyTorch's words for `ops/indexing.py`.

PyTorch has no negative steps, so places are looked up with NumPy and taken from the
flat tensor.
"""

import numpy as np
import torch


def places(shape, index):
    """Return where in the flat array the picked elements are."""
    everywhere = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    return torch.tensor(np.array(everywhere[index]))


def getitem(x, index):
    return x.reshape(-1)[places(x.shape, index)]


def scatter(x, shape, index):
    found = places(shape, index)
    out = torch.zeros(int(np.prod(shape)), dtype=x.dtype)
    return out.index_put((found.reshape(-1),), x.reshape(-1), True).reshape(shape)


def take(x, indices, axis=None):
    """index_select has no negative indices and takes one axis of them."""
    if axis is None:
        x, axis = x.reshape(-1), 0
    indices = torch.tensor(np.asarray(indices, dtype=np.int64)) % x.shape[axis]
    rows = torch.index_select(x, axis, indices.reshape(-1))
    axis = axis % x.ndim
    return rows.reshape(x.shape[:axis] + indices.shape + x.shape[axis + 1 :])


def take_along_axis(x, indices, axis=-1):
    """Gather has no negative indices and does not broadcast."""
    indices = torch.tensor(np.asarray(indices, dtype=np.int64)) % x.shape[axis]
    wanted = torch.broadcast_shapes(
        *[
            tuple(n for a, n in enumerate(y.shape) if a != axis % x.ndim)
            for y in (x, indices)
        ]
    )
    x, indices = (
        y.movedim(axis, -1).expand(*wanted, y.shape[axis]) for y in (x, indices)
    )
    return torch.gather(x, -1, indices).movedim(-1, axis)


def index_add(x, index, source, axis=0):
    index = torch.tensor(np.asarray(index, dtype=np.int64)) % x.shape[axis]
    return torch.index_add(x, axis, index, source)


def index_put(x, index, value):
    found = places(x.shape, index)
    value = value.expand(found.shape).reshape(-1)
    return x.reshape(-1).index_put((found.reshape(-1),), value).reshape(x.shape)


THEIRS = {
    "getitem": getitem,
    "scatter": scatter,
    "take": take,
    "take_along_axis": take_along_axis,
    "index_add": index_add,
    "index_put": index_put,
}
