"""Ops that fold one axis, several or all into one value.

All take `axis` (an int, a tuple, or None for all axes) and `keepdims`. Their rules
first give the gradient the axes back that the reduction dropped, as axes of size 1.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import builtins
import math
import numbers
from typing import Any

from pebblegrad.autograd._namespace import namespace
from pebblegrad.autograd._op import op

from ._axes import all_axes, one_axis
from ._operands import array_of, shape_of
from .arithmetic import abs, divide, multiply, sign, square, subtract
from .indexing import getitem
from .joining import concat
from .shaping import permute_dims, reshape


def spread(xp, g, in_shape, axis, keepdims):
    """`g`, for each element that went into it: repeated along the folded axes."""
    if not keepdims and in_shape:
        g = xp.reshape(g, _kept_shape(in_shape, axis))
    return xp.broadcast_to(g, in_shape)


def share_of_each(g, in_shape):
    """What part of a mean each element is: 1 / 5, say, where five make one mean."""
    # Without elements there is no gradient, and nothing to divide by.
    return builtins.max(math.prod(g.shape), 1) / builtins.max(math.prod(in_shape), 1)


def restore_axes(xp, g, in_shape, axis, keepdims):
    """`g`, with the axes back that the op dropped, as axes of size 1."""
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
    return spread(xp, g, in_shape, axis, keepdims)


@op
def mean(xp, x, /, axis=None, keepdims=False):
    """Arithmetic mean over `axis`; of no elements it is NaN.

    Args:
        x: any shape.
        axis: an axis, a tuple of axes, or None for all.
        keepdims: whether the axes stay, with size 1.
    """
    return xp.mean(x, axis=axis, keepdims=keepdims)


# Times the share, since float16 has that of 100,000 elements, but not their number.
@mean.backward("x")
def _(xp, g, in_shape, axis, keepdims):
    return spread(xp, g * share_of_each(g, in_shape), in_shape, axis, keepdims)


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
    out = restore_axes(xp, out, x.shape, axis, keepdims)
    g = restore_axes(xp, g, x.shape, axis, keepdims)
    ties = xp.where(x == out, xp.ones_like(x), xp.zeros_like(x))
    return g * (ties / xp.sum(ties, axis=axis, keepdims=True))


max.backward("x", _to_extremes)
min.backward("x", _to_extremes)


def prod(x, /, axis=None, keepdims=False) -> Any:
    """Product over `axis`; of no elements it is 1.

    Computed by multiplying halves with each other, so that the gradient of an element,
    the product of all others, needs no division and is right where elements are 0.

    Args:
        x: any shape.
        axis: an axis, a tuple of axes, or None for all.
        keepdims: whether the axes stay, with size 1.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> x = Tensor([0.0, 2.0, 3.0], requires_grad=True)
        >>> ops.prod(x).backward()
        >>> x.grad
        Tensor([6., 0., 0.], dtype=float32)
    """
    shape, axes = shape_of("prod", x), all_axes("prod", x, axis)
    others = tuple(a for a in range(len(shape)) if a not in axes)
    kept = tuple(1 if a in axes else size for a, size in enumerate(shape))
    sizes = tuple(shape[a] for a in others)
    size = math.prod(shape[a] for a in axes)
    x = reshape(permute_dims(x, others + axes), (*sizes, size))
    while size > 1:
        half = size // 2
        rest = getitem(x, (..., slice(2 * half, size)))
        x = multiply(
            getitem(x, (..., slice(0, half))), getitem(x, (..., slice(half, 2 * half)))
        )
        x = concat([x, rest], axis=-1) if size % 2 else x
        size -= half
    x = sum(x, axis=-1) if size else sum(x, axis=-1) + 1
    return reshape(x, kept if keepdims else sizes)


def var(x, /, axis=None, correction=0, keepdims=False) -> Any:
    """Variance over `axis`: the mean of the squared distances from the mean.

    Args:
        x: any shape.
        axis: an axis, a tuple of axes, or None for all.
        correction: the sum of squares is divided by the number of elements less this: 0
            (NumPy's default) for all that there is, 1 (PyTorch's default) to estimate
            from a sample.
        keepdims: whether the axes stay, with size 1.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> x = Tensor([1.0, 2.0, 3.0])
        >>> ops.var(x), ops.var(x, correction=1)
        (Tensor(0.6666667, dtype=float32), Tensor(1., dtype=float32))
    """
    distances, count = _from_the_mean("var", x, axis, correction)
    total = sum(square(distances), axis=axis, keepdims=keepdims)
    return divide(total, count)


def std(x, /, axis=None, correction=0, keepdims=False) -> Any:
    """Standard deviation over `axis`: the square root of `var`.

    Where it is 0 the gradient is 0, as that of a norm.

    Args:
        x: any shape.
        axis: an axis, a tuple of axes, or None for all.
        correction: as for `var`.
        keepdims: whether the axes stay, with size 1.
    """
    distances, count = _from_the_mean("std", x, axis, correction)
    total = euclidean_norm(distances, axis=axis, keepdims=keepdims)
    return divide(total, math.sqrt(count))


def _from_the_mean(who, x, axis, correction):
    """Return the distances from the mean, and what their squares are divided by."""
    shape = shape_of(who, x)
    count = math.prod(shape[a] for a in all_axes(who, x, axis))
    if not isinstance(correction, numbers.Real):
        raise TypeError(
            f"{who}: x has shape {shape}, correction={correction!r}; a number is "
            "needed: 0 for all that there is, 1 for a sample"
        )
    distances = subtract(x, mean(x, axis=axis, keepdims=True))
    return distances, builtins.max(count - float(correction), 0)


@op
def logsumexp(xp, x, /, axis=None, keepdims=False):
    """``log(sum(exp(x)))`` over `axis`, without overflow: a smooth `max`.

    Where all elements are minus infinity, so is the result, and the gradients are 0.

    Args:
        x: any shape.
        axis: an axis, a tuple of axes, or None for all.
        keepdims: whether the axes stay, with size 1.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.logsumexp(Tensor([1000.0, 1000.0]))
        Tensor(1000.6932, dtype=float32)
    """
    largest = _largest(xp, x, axis)
    total = xp.sum(xp.exp(x - largest), axis=axis, keepdims=True)
    # Of nothing but minus infinity it is that, without the logarithm of 0.
    none = total == 0
    logarithm = xp.log(xp.where(none, xp.ones_like(total), total))
    infinite = xp.full_like(total, -math.inf)
    out = xp.where(none, infinite, logarithm) + largest
    return out if keepdims else xp.reshape(out, xp.sum(x, axis=axis).shape)


@logsumexp.backward("x")
def _(xp, g, out, x, axis, keepdims):
    out = restore_axes(xp, out, x.shape, axis, keepdims)
    share = xp.exp(x - xp.where(out == -math.inf, xp.zeros_like(out), out))
    return restore_axes(xp, g, x.shape, axis, keepdims) * share


def _largest(xp, x, axis):
    """Return the largest element, with the axes kept; 0 where it is not finite."""
    if 0 in x.shape:
        return xp.sum(x, axis=axis, keepdims=True)
    largest = xp.max(x, axis=axis, keepdims=True)
    return xp.where(xp.isfinite(largest), largest, xp.zeros_like(largest))


def norm(x, /, ord=2, axis=None, keepdims=False) -> Any:
    """Length of a vector: ``sum(abs(x)**ord) ** (1 / ord)`` over `axis`.

    At the zero vector the gradient is 0. For matrices there is `linalg.matrix_norm`.

    Args:
        x: any shape.
        ord: a number: 2 is the Euclidean length, 1 the sum of the sizes, infinity the
            largest size, minus infinity the smallest, 0 the number of elements that are
            not 0, which has no gradient.
        axis: an axis, a tuple of axes, or None for all.
        keepdims: whether the axes stay, with size 1.

    Raises:
        TypeError: if `ord` is no number.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.norm(Tensor([3.0, 4.0])), ops.norm(Tensor([3.0, 4.0]), 1)
        (Tensor(5., dtype=float32), Tensor(7., dtype=float32))
    """
    shape = shape_of("norm", x)
    all_axes("norm", x, axis)
    if not isinstance(ord, numbers.Real):
        raise TypeError(
            f"norm: x has shape {shape}, ord={ord!r}; a number is needed; the norms of "
            "matrices that have names are in linalg.matrix_norm"
        )
    options = {"axis": axis, "keepdims": keepdims}
    if ord == 2:
        return euclidean_norm(x, **options)
    if ord == math.inf:
        return max(abs(x), **options)
    if ord == -math.inf:
        return min(abs(x), **options)
    if ord == 1:
        return sum(abs(x), **options)
    if ord == 0:
        return sum(abs(sign(x)), **options)
    return p_norm(x, ord, **options)


@op
def euclidean_norm(xp, x, /, axis, keepdims):
    """``sqrt(sum(x * x))`` over `axis`."""
    return xp.sqrt(xp.sum(x * x, axis=axis, keepdims=keepdims))


euclidean_norm.__name__ = "norm"  # errors and graphs say what the user called


@euclidean_norm.backward("x")
def _(xp, g, out, x, axis, keepdims):
    g, out = (restore_axes(xp, a, x.shape, axis, keepdims) for a in (g, out))
    return g * (x / xp.where(out == 0, xp.ones_like(out), out))


@op
def p_norm(xp, x, /, p, axis, keepdims):
    """``sum(abs(x)**p) ** (1 / p)`` over `axis`."""
    return xp.sum(xp.abs(x) ** p, axis=axis, keepdims=keepdims) ** (1 / p)


p_norm.__name__ = "norm"


@p_norm.backward("x")
def _(xp, g, out, x, p, axis, keepdims):
    g, out = (restore_axes(xp, a, x.shape, axis, keepdims) for a in (g, out))
    is_zero = x == 0
    share = xp.abs(x) / xp.where(out == 0, xp.ones_like(out), out)
    share = xp.where(is_zero, xp.ones_like(share), share) ** (p - 1)
    return xp.where(is_zero, xp.zeros_like(x), g * (xp.sign(x) * share))


def argmax(x, /, axis=None, keepdims=False) -> Any:
    """Where the largest element along `axis` is, the first of several: plain integers.

    Args:
        x: any shape, with at least one element along `axis`.
        axis: an axis, or None to count along all elements in their order.
        keepdims: whether the axis stays, with size 1.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.argmax(Tensor([[1.0, 3.0], [5.0, 4.0]]), axis=1)
        array([1, 0])
    """
    return _place("argmax", x, axis, keepdims)


def argmin(x, /, axis=None, keepdims=False) -> Any:
    """Where the smallest element along `axis` is, the first of several: plain integers.

    Args:
        x: any shape, with at least one element along `axis`.
        axis: an axis, or None to count along all elements in their order.
        keepdims: whether the axis stays, with size 1.
    """
    return _place("argmin", x, axis, keepdims)


def any(x, /, axis=None, keepdims=False) -> Any:
    """Whether any element along `axis` is not 0, as a plain boolean array.

    Args:
        x: any shape.
        axis: an axis, a tuple of axes, or None for all.
        keepdims: whether the axes stay, with size 1.
    """
    return _answer("any", x, axis, keepdims)


def all(x, /, axis=None, keepdims=False) -> Any:
    """Whether no element along `axis` is 0, as a plain boolean array.

    Args:
        x: any shape.
        axis: an axis, a tuple of axes, or None for all.
        keepdims: whether the axes stay, with size 1.
    """
    return _answer("all", x, axis, keepdims)


def count_nonzero(x, /, axis=None, keepdims=False) -> Any:
    """How many elements along `axis` are not 0, as plain integers.

    Args:
        x: any shape.
        axis: an axis, a tuple of axes, or None for all.
        keepdims: whether the axes stay, with size 1.
    """
    return _answer("count_nonzero", x, axis, keepdims)


def _place(who, x, axis, keepdims):
    shape = shape_of(who, x)
    axis = None if axis is None else one_axis(who, x, axis)
    if not (math.prod(shape) if axis is None else shape[axis]):
        raise ValueError(
            f"{who}: x has shape {shape}, axis={axis}; among no elements there is no "
            "place to name"
        )
    array = array_of(x)
    return getattr(namespace([array]), who)(array, axis=axis, keepdims=keepdims)


def _answer(who, x, axis, keepdims):
    shape_of(who, x)
    axis = None if axis is None else all_axes(who, x, axis)
    array = array_of(x)
    return getattr(namespace([array]), who)(array, axis=axis, keepdims=keepdims)


@sum.explain
@mean.explain
@logsumexp.explain
@euclidean_norm.explain
@p_norm.explain
def _explain_axes(x, /, axis=None, **static):
    axes = axis if isinstance(axis, tuple) else (axis,)
    for a in axes:
        if a is not None and not isinstance(a, int):
            return "the axis must be an int, a tuple of ints, or None"
        if a is not None and not -len(x) <= a < len(x):
            return f"there is no axis {a} among {len(x)}"
    if len(axes) > 1 and len({a % len(x) for a in axes}) < len(axes):
        return "an axis is named twice"
    return None


@max.explain
@min.explain
def _(x, /, axis=None, **static):
    return _explain_axes(x, axis=axis) or (
        "among no elements none is the largest or smallest" if 0 in x else None
    )
