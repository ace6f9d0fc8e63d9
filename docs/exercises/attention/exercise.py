"""Attention: each query takes a mean of the values, weighted by how well keys fit.

Write it with ops, so that it has gradients. Shapes as in PyTorch: any leading axes,
then the sequence, then the features.
"""

# ruff: noqa: F401  the imports are for what you will write

import math

from pebblegrad.autograd import Tensor, ops


def attention(query, key, value, is_causal=False):
    """Return ``softmax(query @ key.T / sqrt(D)) @ value``.

    Args:
        query: shape (..., L, D).
        key: shape (..., S, D).
        value: shape (..., S, D_out).
        is_causal: whether query number i may see only keys number 0 to i.

    Returns:
        Shape (..., L, D_out).

    Useful: ``key.mT`` turns the last two axes; ``ops.logsumexp`` or subtracting the
    largest makes a softmax that does not overflow; ``masked_fill(mask, value)`` fills
    where a mask, such as ``~np.tri(L, S, dtype=bool)``, is true.
    """
    raise NotImplementedError("attention(query, key, value) returns a Tensor")
