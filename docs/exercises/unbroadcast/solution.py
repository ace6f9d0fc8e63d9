"""Broadcasting, undone."""

import numpy as np


def unbroadcast(g, shape):
    """Return ``g`` summed to ``shape``, which was broadcast to ``g.shape``."""
    added = g.ndim - len(shape)
    g = np.sum(g, axis=tuple(range(added)))
    stretched = [
        axis for axis, size in enumerate(shape) if size == 1 and g.shape[axis] != 1
    ]
    return np.sum(g, axis=tuple(stretched), keepdims=True)
