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


THEIRS = {"getitem": getitem, "scatter": scatter}
