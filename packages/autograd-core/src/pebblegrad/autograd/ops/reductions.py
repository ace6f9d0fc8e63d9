"""Ops that fold one axis, several or all into one value.

All take `axis` (an int, a tuple, or None for all axes) and `keepdims`. Their rules
first give the gradient the axes back that the reduction dropped, as axes of size 1.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import math

from pebblegrad.autograd._op import op


def _restore(xp, g, in_shape, axis, keepdims):
    """Return `g` with the dropped axes back, as axes of size 1."""
    if keepdims or not in_shape:
        return g
    return xp.reshape(g, _kept_shape(in_shape, axis))


def _kept_shape(in_shape, axis):
    """Return the shape that a reduction with keepdims has."""
    if axis is None:
        return (1,) * len(in_shape)
    axes = axis if isinstance(axis, tuple) else (axis,)
    dropped = [a % len(in_shape) for a in axes]
    return tuple(1 if a in dropped else size for a, size in enumerate(in_shape))


@op
def sum(xp, x, /, axis=None, keepdims=False):
    """Sum over `axis`.

    Args:
        x: any shape.
        axis: an axis, a tuple of axes, or None for all.
        keepdims: whether the axes stay, with size 1.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.sum(Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
        Tensor([4., 6.], dtype=float32)
    """
    return xp.sum(x, axis=axis, keepdims=keepdims)


@sum.backward("x")
def _(xp, g, in_shape, axis, keepdims):
    return xp.broadcast_to(_restore(xp, g, in_shape, axis, keepdims), in_shape)


@op
def mean(xp, x, /, axis=None, keepdims=False):
    """Arithmetic mean over `axis`; of no elements it is NaN.

    Args:
        x: any shape.
        axis: an axis, a tuple of axes, or None for all.
        keepdims: whether the axes stay, with size 1.
    """
    return xp.mean(x, axis=axis, keepdims=keepdims)


@mean.backward("x")
def _(xp, g, in_shape, axis, keepdims):
    count = math.prod(in_shape) / (math.prod(g.shape) or 1)
    g = g / (count or 1)  # without elements there is no gradient, and no division
    return xp.broadcast_to(_restore(xp, g, in_shape, axis, keepdims), in_shape)


@op
def max(xp, x, /, axis=None, keepdims=False):
    """Largest element along `axis`.

    Where several elements are the largest the gradient is divided evenly among them.

    Args:
        x: any shape, with at least one element along `axis`.
        axis: an axis, a tuple of axes, or None for all.
        keepdims: whether the axes stay, with size 1.
    """
    return xp.max(x, axis=axis, keepdims=keepdims)


@op
def min(xp, x, /, axis=None, keepdims=False):
    """Smallest element along `axis`.

    Where several elements are the smallest the gradient is divided evenly among them.

    Args:
        x: any shape, with at least one element along `axis`.
        axis: an axis, a tuple of axes, or None for all.
        keepdims: whether the axes stay, with size 1.
    """
    return xp.min(x, axis=axis, keepdims=keepdims)


def _to_extremes(xp, g, out, x, axis, keepdims):
    """Divide `g` evenly among the elements of `x` that are equal to `out`."""
    out = _restore(xp, out, x.shape, axis, keepdims)
    g = _restore(xp, g, x.shape, axis, keepdims)
    ties = xp.where(x == out, xp.ones_like(x), xp.zeros_like(x))
    return g * (ties / xp.sum(ties, axis=axis, keepdims=True))


max.backward("x", _to_extremes)
min.backward("x", _to_extremes)


@sum.explain
@mean.explain
@max.explain
@min.explain
def _(x, /, axis=None, **static):
    axes = axis if isinstance(axis, tuple) else (axis,)
    for a in axes:
        if isinstance(a, int) and not -len(x) <= a < len(x):
            return f"there is no axis {a} among {len(x)}"
    if len(axes) > 1 and len({a % len(x) for a in axes}) < len(axes):
        return "an axis is named twice"
    return None
