"""Gradients that are too long, shortened together.

Write `clip`: one bad batch shall not throw the weights away. All gradients count as
one long vector, so that its direction stays what it is.
"""

# ruff: noqa: F401  the imports are for what you will write

import numpy as np


def clip(parameters, max_norm):
    """Shorten the gradients so that their common norm is at most ``max_norm``.

    Args:
        parameters: a list of Tensors; those whose ``grad`` is None are left alone.
        max_norm: a number.

    Returns:
        The norm before: the root of the sum of all squares, of all gradients.

    Write into the gradients' own arrays, ``parameter.grad.data``. Leave them alone if
    they are short enough: a gradient that is 0 stays 0, and is not divided by 0.
    """
    raise NotImplementedError("clip(parameters, max_norm) returns the norm before")
