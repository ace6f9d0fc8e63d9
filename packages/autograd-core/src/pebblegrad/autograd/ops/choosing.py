"""Ops that choose, for every element: the larger, the one inside bounds, the true one.

Where two operands are equal, a choice has no derivative; each op says which of the
possible ones it takes.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

from pebblegrad.autograd._broadcasting import explain_broadcasting
from pebblegrad.autograd._op import op


@op
def relu(xp, x, /):
    """Elementwise ``max(x, 0)``; at 0 the gradient is 0."""
    return xp.maximum(x, xp.zeros_like(x))


relu.backward("x", lambda xp, g, out: xp.where(out <= 0, xp.zeros_like(g), g))


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


def _winner(xp, g, loses, ties):
    """Gradient of the operand that was taken: all of it, half where both were."""
    return xp.where(loses, xp.zeros_like(g), xp.where(ties, g / 2, g))


maximum.backward("x", lambda xp, g, x, y: _winner(xp, g, x < y, x == y))
maximum.backward("y", lambda xp, g, x, y: _winner(xp, g, y < x, x == y))
minimum.backward("x", lambda xp, g, x, y: _winner(xp, g, x > y, x == y))
minimum.backward("y", lambda xp, g, x, y: _winner(xp, g, y > x, x == y))


@op
def clip(xp, x, /, min=None, max=None):
    """Elementwise ``x``, but not below `min` and not above `max`.

    The gradient is that of ``x`` inside and at the bounds, and 0 outside.

    Args:
        x: any shape.
        min: a number, or None for no bound.
        max: a number, or None for no bound.
    """
    if min is None and max is None:
        return xp.positive(x)
    return xp.clip(x, min, max)


@clip.backward("x")
def _(xp, g, x, min, max):
    if min is not None:
        g = xp.where(x >= min, g, xp.zeros_like(g))
    if max is not None:
        g = xp.where(x <= max, g, xp.zeros_like(g))
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


where.backward("x", lambda xp, g, condition: xp.where(condition, g, xp.zeros_like(g)))
where.backward("y", lambda xp, g, condition: xp.where(condition, xp.zeros_like(g), g))


for _broadcasting_op in (maximum, minimum, where):
    _broadcasting_op.explain(explain_broadcasting)
