"""Order: sorting, the largest few, and what stands in the middle.

What is sorted is the array of values, which gives places; the elements are then taken
from there, and so their gradients go back to there. At equal elements the order, and
with it the gradient, is that in which they stood.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import math
from typing import Any, NamedTuple

from pebblegrad.autograd._namespace import kind, namespace

from ._axes import all_axes, one_axis
from ._operands import array_of, shape_of, whole
from .arithmetic import lerp
from .choosing import isnan, where
from .indexing import getitem, take, take_along_axis
from .shaping import moveaxis, permute_dims, reshape


class TopkResult(NamedTuple):
    """What `topk` returns."""

    values: Any
    indices: Any


def argsort(x, /, axis=-1, descending=False, stable=True) -> Any:
    """The places of the elements in ascending order, as plain integers.

    Args:
        x: at least one axis.
        axis: the axis along which to sort.
        descending: whether the largest comes first.
        stable: whether equal elements keep their order.

    Returns:
        Integers in the shape of ``x``. NaN counts as the largest, as in NumPy.

    Raises:
        ValueError: if there is no such axis.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.argsort(Tensor([3.0, 1.0, 2.0]))
        array([1, 2, 0])
    """
    return _places("argsort", x, axis, descending, stable)


def sort(x, /, axis=-1, descending=False, stable=True) -> Any:
    """The elements in ascending order.

    Args:
        x: at least one axis.
        axis: the axis along which to sort.
        descending: whether the largest comes first.
        stable: whether equal elements keep their order, which tells where their
            gradients go.

    Returns:
        The shape of ``x``. NaN counts as the largest, as in NumPy.

    Raises:
        ValueError: if there is no such axis.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.sort(Tensor([3.0, 1.0, 2.0]))
        Tensor([1., 2., 3.], dtype=float32)
    """
    return take_along_axis(x, _places("sort", x, axis, descending, stable), axis)


def topk(x, /, k, axis=-1, largest=True) -> Any:
    """The `k` largest elements, the largest first, and where they are.

    Args:
        x: at least one axis.
        k: how many, from 0 to the size of the axis.
        axis: the axis along which to look.
        largest: False for the smallest, the smallest first.

    Returns:
        values and indices (plain integers), both with size `k` along the axis.

    Raises:
        ValueError: if there are fewer than `k` elements, or there is no such axis.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.topk(Tensor([3.0, 1.0, 2.0]), 2)
        TopkResult(values=Tensor([3., 2.], dtype=float32), indices=array([0, 2]))
    """
    places, axis = _places("topk", x, axis, largest, True), one_axis("topk", x, axis)
    size, count = x.shape[axis], whole("topk", x, "k", k)
    if not 0 <= count <= size:
        raise ValueError(
            f"topk: x has shape {tuple(x.shape)}, k={k}, axis={axis}; k must be from 0 "
            f"to {size}, the size of the axis"
        )
    places = places[(*(slice(None),) * axis, slice(0, count), ...)]
    return TopkResult(take_along_axis(x, places, axis), places)


def median(x, /, axis=None, keepdims=False) -> Any:
    """The element in the middle, or the mean of the two that are.

    PyTorch takes the smaller of the two.

    Args:
        x: any shape, with at least one element along `axis`.
        axis: an axis, a tuple of axes, or None for all.
        keepdims: whether the axes stay, with size 1.

    Returns:
        The shape of ``x`` without the axes. NaN among the elements gives NaN.

    Raises:
        ValueError: if there are no elements, or there is no such axis.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.median(Tensor([5.0, 1.0, 2.0]))
        Tensor(2., dtype=float32)
    """
    return _quantiles("median", x, 0.5, axis, keepdims)


def quantile(x, /, q, axis=None, keepdims=False) -> Any:
    """What a part `q` of the elements is not above, between two in proportion.

    Args:
        x: any shape, with at least one element along `axis`.
        q: a number from 0 (the smallest) to 1 (the largest), or a list or array of
            them.
        axis: an axis, a tuple of axes, or None for all.
        keepdims: whether the axes stay, with size 1.

    Returns:
        The shape of `q` followed by that of ``x`` without the axes. NaN among the
        elements gives NaN.

    Raises:
        ValueError: if a number is not from 0 to 1, there are no elements, or there is
            no such axis.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.quantile(Tensor([1.0, 2.0, 4.0]), [0.5, 0.75])
        Tensor([2., 3.], dtype=float32)
    """
    return _quantiles("quantile", x, q, axis, keepdims)


def _places(who, x, axis, descending, stable):
    shape_of(who, x)
    axis = one_axis(who, x, axis)
    array = array_of(x)
    xp = namespace([array])
    # NumPy has no word for a descending order. Sorting the reversed array and reversing
    # the result keeps the order of equal elements.
    back = (*(slice(None),) * axis, slice(None, None, -1), ...)
    places = xp.argsort(array[back] if descending else array, axis=axis, stable=stable)
    return array.shape[axis] - 1 - places[back] if descending else places


def _quantiles(who, x, q, axis, keepdims):
    shape, axes = shape_of(who, x), all_axes(who, x, axis)
    fractions = q.tolist() if hasattr(q, "tolist") else q
    several = isinstance(fractions, list | tuple)
    fractions = list(fractions) if several else [fractions]
    numeric = all(isinstance(fraction, int | float) for fraction in fractions)
    if not numeric or not all(0 <= fraction <= 1 for fraction in fractions):
        raise ValueError(
            f"{who}: x has shape {shape}, q={q}; numbers from 0 to 1 are needed"
        )
    others = tuple(a for a in range(len(shape)) if a not in axes)
    sizes = tuple(shape[a] for a in others)
    count = math.prod(shape[a] for a in axes)
    if not count:
        raise ValueError(
            f"{who}: x has shape {shape}, axis={axis}; among no elements there is none "
            "in between"
        )
    x = sort(reshape(permute_dims(x, others + axes), (*sizes, count)))
    positions = [fraction * (count - 1) for fraction in fractions]
    lower = take(x, [math.floor(position) for position in positions], axis=-1)
    upper = take(x, [math.ceil(position) for position in positions], axis=-1)
    array = array_of(x)
    xp = namespace([array])
    dtype = array.dtype if kind(array) == "f" else xp.float64
    between = xp.asarray([p - math.floor(p) for p in positions], dtype=dtype)
    # Not lerp alone: between two infinities there is no way.
    found = where(between == 0, lower, lerp(lower, upper, between))
    last = getitem(x, (..., slice(count - 1, count)))  # NaN, if there is one
    found = moveaxis(where(isnan(last), last, found), -1, 0)
    kept = tuple(1 if a in axes else size for a, size in enumerate(shape))
    return reshape(
        found, ((len(positions),) if several else ()) + (kept if keepdims else sizes)
    )
