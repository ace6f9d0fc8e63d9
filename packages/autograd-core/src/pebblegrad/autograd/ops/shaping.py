"""Ops that move elements without computing anything.

The rule of each is the move back: a reshape for a reshape, the inverse permutation for
a permutation, pieces for a concatenation. `broadcast_to` and `sum_to` are each other's
rule.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import math

from pebblegrad.autograd._broadcasting import sum_to as _sum_to
from pebblegrad.autograd._op import op


@op
def reshape(xp, x, /, shape):
    """The same elements, in the same order, in another shape.

    Args:
        x: any shape.
        shape: the new shape, an int or a tuple; one size may be -1 and is worked out.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.reshape(Tensor([1.0, 2.0, 3.0, 4.0]), (2, -1))
        Tensor([[1., 2.],
                [3., 4.]], dtype=float32)
    """
    return xp.reshape(x, shape)


reshape.backward("x", lambda xp, g, in_shape: xp.reshape(g, in_shape))


@reshape.explain
def _(x, /, shape):
    sizes = shape if isinstance(shape, tuple | list) else (shape,)
    if all(type(size) is int and size >= 0 for size in sizes):
        return f"{math.prod(x)} elements do not fill {math.prod(sizes)} places"
    return None


@op
def permute_dims(xp, x, /, axes):
    """The axes in another order: axis ``i`` of the result is axis ``axes[i]`` of ``x``.

    Args:
        x: any shape.
        axes: each axis of ``x`` once.
    """
    return xp.permute_dims(x, axes)


@permute_dims.backward("x")
def _(xp, g, axes):
    back = sorted(range(len(axes)), key=lambda i: axes[i] % len(axes))
    return xp.permute_dims(g, tuple(back))


@op
def matrix_transpose(xp, x, /):
    """The last two axes swapped.

    Args:
        x: shape (..., M, N).

    Returns:
        Shape (..., N, M).
    """
    return xp.matrix_transpose(x)


matrix_transpose.backward("x", lambda xp, g: xp.matrix_transpose(g))


@op
def expand_dims(xp, x, /, axis=0):
    """A new axis of size 1 at `axis`."""
    return xp.expand_dims(x, axis=axis)


expand_dims.backward("x", lambda xp, g, in_shape: xp.reshape(g, in_shape))


@op
def squeeze(xp, x, /, axis):
    """Without the axis or axes `axis`, which must have size 1."""
    return xp.squeeze(x, axis=axis)


squeeze.backward("x", lambda xp, g, in_shape: xp.reshape(g, in_shape))


@op
def broadcast_to(xp, x, /, shape):
    """Repeated along new axes and axes of size 1 until it has `shape`."""
    return xp.broadcast_to(x, shape)


@op
def sum_to(xp, x, /, shape):
    """Summed over the axes that broadcasting from `shape` would have repeated."""
    return _sum_to(xp, x, shape)


broadcast_to.backward("x", lambda g, in_shape: sum_to(g, in_shape))
sum_to.backward("x", lambda xp, g, in_shape: xp.broadcast_to(g, in_shape))
