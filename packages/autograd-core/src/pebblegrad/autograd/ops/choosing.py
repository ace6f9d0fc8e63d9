"""Ops that choose, for every element: the larger, the one inside bounds, the true one.

Where two operands are equal, a choice has no derivative; each op says which of the
possible ones it takes.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

from typing import Any

from pebblegrad.autograd._broadcasting import explain_broadcasting
from pebblegrad.autograd._kernels import replaceable
from pebblegrad.autograd._namespace import NUMBERS, namespace
from pebblegrad.autograd._op import op

from ._operands import array_of, shape_of


@op
def zero_where(xp, x, mask, /):
    """Elementwise 0 where `mask` holds, and ``x`` where not: `where` in one direction.

    The op that many rules here are made of, and its own rule. It has a fast forward for
    NumPy's arrays, in `_numpy_forwards.py`.

    Args:
        x: any shape.
        mask: a boolean array that broadcasts; no gradient goes through it.
    """
    return xp.where(mask, xp.zeros_like(x), x)


zero_where.backward("x", lambda g, mask: zero_where(g, mask))


@replaceable
def where_positive(x, by, /):
    """Elementwise ``x`` where `by` is above 0 or NaN, and 0 where not."""
    return zero_where(x, by <= 0)


@op
def relu(xp, x, /):
    """Elementwise ``max(x, 0)``; at 0 the gradient is 0."""
    return xp.maximum(x, xp.zeros_like(x))


relu.backward("x", lambda g, out: where_positive(g, out))


@op
def maximum(xp, x, y, /):
    """Elementwise larger of ``x`` and ``y``, with broadcasting.

    Where the two are equal each gets half of the gradient. NaN in either gives NaN.
    """
    return xp.maximum(x, y)


@op
def minimum(xp, x, y, /):
    """Elementwise smaller of ``x`` and ``y``, with broadcasting.

    Where the two are equal each gets half of the gradient. NaN in either gives NaN.
    """
    return xp.minimum(x, y)


def winners_share(xp, g, loses, ties):
    """Gradient of the operand that was taken: all of it, half where both were."""
    return xp.where(loses, xp.zeros_like(g), xp.where(ties, g / 2, g))


maximum.backward("x", lambda xp, g, x, y: winners_share(xp, g, x < y, x == y))
maximum.backward("y", lambda xp, g, x, y: winners_share(xp, g, y < x, x == y))
minimum.backward("x", lambda xp, g, x, y: winners_share(xp, g, x > y, x == y))
minimum.backward("y", lambda xp, g, x, y: winners_share(xp, g, y > x, x == y))


@op
def clip(xp, x, /, min=None, max=None):
    """Elementwise ``x``, but not below `min` and not above `max`.

    The gradient is that of ``x`` inside and at the bounds, and 0 outside.

    Args:
        x: any shape.
        min: a number, an array that broadcasts, or None for no bound. No gradient goes
            through a bound: for that there are `maximum` and `minimum`.
        max: the same.
    """
    if min is None and max is None:
        return xp.positive(x)
    return xp.clip(x, min, max)


@clip.backward("x")
def _(g, x, min, max):
    if min is not None:
        g = zero_where(g, ~(x >= min))
    if max is not None:
        g = zero_where(g, ~(x <= max))
    return g


@op
def where(xp, condition, x, y, /):
    """Elementwise ``x`` where `condition` holds and ``y`` where not, with broadcasting.

    The element that was not taken gets the gradient 0.

    Args:
        condition: a boolean array; no gradient goes through it.
        x: any shape that broadcasts.
        y: any shape that broadcasts.
    """
    return xp.where(condition, x, y)


where.backward("x", lambda g, condition: zero_where(g, logical_not(condition)))
where.backward("y", lambda g, condition: zero_where(g, condition))


@op
def masked_fill(xp, x, mask, /, value):
    """Elementwise `value` where `mask` holds, and ``x`` where not.

    Args:
        x: any shape.
        mask: a boolean array that broadcasts; no gradient goes through it.
        value: a number.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> x = Tensor([1.0, 2.0, 3.0])
        >>> ops.masked_fill(x, x > 1.5, 0.0)
        Tensor([1., 0., 0.], dtype=float32)
    """
    return xp.where(mask, xp.full_like(x, value), x)


masked_fill.backward("x", lambda g, mask: zero_where(g, mask))


def isnan(x, /) -> Any:
    """Elementwise whether ``x`` is NaN, as a plain boolean array."""
    return _plainly("isnan", x)


def isinf(x, /) -> Any:
    """Elementwise whether ``x`` is infinite, as a plain boolean array."""
    return _plainly("isinf", x)


def isfinite(x, /) -> Any:
    """Elementwise whether ``x`` is neither infinite nor NaN, as a plain boolean array.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.isfinite(Tensor([1.0, float("inf")]))
        array([ True, False])
    """
    return _plainly("isfinite", x)


def equal(x, y, /) -> Any:
    """Elementwise ``x == y``, as a plain boolean array."""
    return _plainly("equal", x, y)


def not_equal(x, y, /) -> Any:
    """Elementwise ``x != y``, as a plain boolean array."""
    return _plainly("not_equal", x, y)


def less(x, y, /) -> Any:
    """Elementwise ``x < y``, as a plain boolean array."""
    return _plainly("less", x, y)


def less_equal(x, y, /) -> Any:
    """Elementwise ``x <= y``, as a plain boolean array."""
    return _plainly("less_equal", x, y)


def greater(x, y, /) -> Any:
    """Elementwise ``x > y``, as a plain boolean array."""
    return _plainly("greater", x, y)


def greater_equal(x, y, /) -> Any:
    """Elementwise ``x >= y``, as a plain boolean array."""
    return _plainly("greater_equal", x, y)


def logical_and(x, y, /) -> Any:
    """Elementwise whether both hold, as a plain boolean array."""
    return _plainly("logical_and", x, y)


def logical_or(x, y, /) -> Any:
    """Elementwise whether one or both hold, as a plain boolean array."""
    return _plainly("logical_or", x, y)


def logical_xor(x, y, /) -> Any:
    """Elementwise whether just one holds, as a plain boolean array."""
    return _plainly("logical_xor", x, y)


def logical_not(x, /) -> Any:
    """Elementwise whether ``x`` does not hold, as a plain boolean array."""
    return _plainly("logical_not", x)


def _plainly(name, *operands):
    """Call a function of the array library on arrays; nothing flows through a mask."""
    arrays = [array_of(x) for x in operands]
    for x in arrays:
        if not isinstance(x, NUMBERS):
            shape_of(name, x)  # refuses what is neither number nor array
    shapes = [tuple(getattr(array, "shape", ())) for array in arrays]
    reason = explain_broadcasting(*shapes)
    if reason is not None:
        raise ValueError(f"{name}: x has shape {shapes[0]} and y {shapes[1]}; {reason}")
    return getattr(namespace(arrays), name)(*arrays)


for _broadcasting_op in (maximum, minimum, where, clip, masked_fill, zero_where):
    _broadcasting_op.explain(explain_broadcasting)
