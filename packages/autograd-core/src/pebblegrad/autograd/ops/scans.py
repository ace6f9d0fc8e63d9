"""Running sums, products and extremes: each element with all that are before it."""

# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

from typing import Any

from pebblegrad.autograd._namespace import namespace
from pebblegrad.autograd._op import op

from ._axes import one_axis
from ._operands import array_of, shape_of
from .arithmetic import multiply
from .arranging import flip
from .indexing import getitem, take_along_axis
from .joining import concat
from .shaping import ravel


def cumsum(x, /, axis=None) -> Any:
    """Running sum along an axis.

    Args:
        x: any shape.
        axis: an axis; None flattens first, as in NumPy.

    Returns:
        The shape of ``x``; one axis if it was flattened.

    Raises:
        ValueError: if there is no such axis.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.cumsum(Tensor([1.0, 2.0, 3.0]))
        Tensor([1., 3., 6.], dtype=float32)
    """
    x, axis = _along_one("cumsum", x, axis)
    return running_sum(x, axis)


@op
def running_sum(xp, x, /, axis):
    """The running sum along one axis; its rule is the running sum from the end."""
    if hasattr(xp, "cumsum"):
        return xp.cumsum(x, axis=axis)
    return xp.cumulative_sum(x, axis=axis)  # the standard's name, NumPy's since 2.1


running_sum.__name__ = "cumsum"
running_sum.backward("x", lambda g, axis: flip(running_sum(flip(g, axis), axis), axis))


def cumprod(x, /, axis=None) -> Any:
    """Running product along an axis.

    Computed in steps that double: after each, an element is the product of twice as
    many before it. So its gradient needs no division and is right where elements are 0.

    Args:
        x: any shape.
        axis: an axis; None flattens first, as in NumPy.

    Returns:
        The shape of ``x``; one axis if it was flattened.

    Raises:
        ValueError: if there is no such axis.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.cumprod(Tensor([1.0, 2.0, 3.0]))
        Tensor([1., 2., 6.], dtype=float32)

    Reference:
        W. D. Hillis and G. L. Steele, Data parallel algorithms, Communications of the
        ACM 29 (1986), pages 1170 to 1183.
    """
    x, axis = _along_one("cumprod", x, axis)
    size, before = x.shape[axis], (slice(None),) * axis
    step = 1
    while step < size:
        first = getitem(x, (*before, slice(0, step), ...))
        earlier = getitem(x, (*before, slice(0, size - step), ...))
        later = getitem(x, (*before, slice(step, size), ...))
        x = concat([first, multiply(earlier, later)], axis=axis)
        step *= 2
    return x


def cummax(x, /, axis=None) -> Any:
    """Running maximum along an axis.

    The gradient goes to the element that is the maximum, of equal ones to the latest.

    Args:
        x: any shape.
        axis: an axis; None flattens first.

    Returns:
        The shape of ``x``; one axis if it was flattened. From the first NaN on it is
        NaN.

    Raises:
        ValueError: if there is no such axis.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.cummax(Tensor([1.0, 3.0, 2.0]))
        Tensor([1., 3., 3.], dtype=float32)
    """
    x, axis = _along_one("cummax", x, axis)
    return take_along_axis(x, _latest(x, axis, "maximum"), axis)


def cummin(x, /, axis=None) -> Any:
    """Running minimum along an axis.

    The gradient goes to the element that is the minimum, of equal ones to the latest.

    Args:
        x: any shape.
        axis: an axis; None flattens first.

    Returns:
        The shape of ``x``; one axis if it was flattened. From the first NaN on it is
        NaN.

    Raises:
        ValueError: if there is no such axis.
    """
    x, axis = _along_one("cummin", x, axis)
    return take_along_axis(x, _latest(x, axis, "minimum"), axis)


def _along_one(who, x, axis):
    """Return the array, flattened if no axis is given, and the axis from 0."""
    shape_of(who, x)
    return (ravel(x), 0) if axis is None else (x, one_axis(who, x, axis))


def _latest(x, axis, name):
    """Return where the running extreme of each place is, of equal ones the latest."""
    array = array_of(x)
    xp = namespace([array])
    extreme = _accumulated(xp, name, array, axis)
    is_extreme = (array == extreme) | (array != array)
    shape = [1] * len(array.shape)
    shape[axis] = -1
    places = xp.reshape(xp.arange(array.shape[axis]), tuple(shape))
    places = xp.where(is_extreme, places, xp.zeros_like(places))
    return _accumulated(xp, "maximum", places, axis)


def _accumulated(xp, name, array, axis):
    """Return the running extreme; the standard has none, but a way by doubling."""
    function = getattr(xp, name)
    if hasattr(function, "accumulate"):
        return function.accumulate(array, axis=axis)
    size, before, step = array.shape[axis], (slice(None),) * axis, 1
    while step < size:
        first, earlier, later = (
            array[(*before, slice(start, stop), ...)]
            for start, stop in ((0, step), (0, size - step), (step, size))
        )
        array = xp.concat([first, function(earlier, later)], axis=axis)
        step *= 2
    return array
