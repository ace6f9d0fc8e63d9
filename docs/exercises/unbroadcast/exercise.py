"""Broadcasting, undone: what makes ``matrix + row`` have gradients.

A row of shape (3,) that is added to a matrix of shape (2, 3) is used twice, so its
gradient is the sum over the two uses. Write `unbroadcast` for any pair of shapes.
"""

# ruff: noqa: F401  the imports are for what you will write

import numpy as np


def unbroadcast(g, shape):
    """Return ``g`` summed to ``shape``, which was broadcast to ``g.shape``.

    Two things may have happened to ``shape``: new axes were put in front, and axes of
    size 1 were stretched. Sum over both; the second kind stays, with size 1.
    """
    raise NotImplementedError("unbroadcast(g, shape) returns an array of that shape")
