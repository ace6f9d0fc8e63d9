"""Ops that treat every element alike.

Each op is a forward function and, below it, one backward rule per input. A rule reads
as the chain rule does: the incoming gradient `g` times the local derivative.
Broadcasting is not mentioned here because the engine undoes it (see
`_broadcasting.sum_to`).
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

from pebblegrad.autograd._broadcasting import explain_broadcasting
from pebblegrad.autograd._namespace import cast
from pebblegrad.autograd._op import op


@op
def add(xp, x, y, /):
    """Elementwise sum ``x + y``, with broadcasting.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.add(Tensor([1.0, 2.0]), 10)
        Tensor([11., 12.], dtype=float32)
    """
    return x + y


add.backward("x", lambda g: g)
add.backward("y", lambda g: g)


@op
def subtract(xp, x, y, /):
    """Elementwise difference ``x - y``, with broadcasting."""
    return x - y


subtract.backward("x", lambda g: g)
subtract.backward("y", lambda g: -g)


@op
def multiply(xp, x, y, /):
    """Elementwise product ``x * y``, with broadcasting."""
    return x * y


multiply.backward("x", lambda g, y: g * y)
multiply.backward("y", lambda g, x: g * x)


@op
def divide(xp, x, y, /):
    """Elementwise quotient ``x / y``, with broadcasting."""
    return x / y


divide.backward("x", lambda g, y: g / y)
divide.backward("y", lambda g, out, y: -g * out / y)


@op
def power(xp, x, y, /):
    """Elementwise ``x`` to the power ``y``, with broadcasting.

    Where ``y`` is 0 the gradient for ``x`` is 0, whatever ``x`` is; where ``x`` is 0
    and ``y`` is not negative, the gradient for ``y`` is 0.
    """
    return x**y


@power.backward("x")
def _(xp, g, x, y):
    if isinstance(y, int | float):
        return g * (y * x ** (y - 1)) if y != 0 else xp.zeros_like(g)
    is_constant = y == 0
    exponent = xp.where(is_constant, xp.ones_like(y), y - 1)
    return xp.where(is_constant, xp.zeros_like(g), g * (y * x**exponent))


@power.backward("y")
def _(xp, g, out, x, y):
    if isinstance(x, int | float):
        x = xp.full_like(out, x)
    is_constant = (x == 0) & (y >= 0)
    return g * (out * xp.log(xp.where(is_constant, xp.ones_like(x), x)))


@op
def negative(xp, x, /):
    """Elementwise ``-x``."""
    return -x


negative.backward("x", lambda g: -g)


@op
def abs(xp, x, /):
    """Elementwise absolute value; at 0 the gradient is 0."""
    return xp.abs(x)


abs.backward("x", lambda xp, g, x: g * xp.sign(x))


@op
def sign(xp, x, /):
    """Elementwise sign: -1, 0 or 1; its gradient is 0 everywhere."""
    return xp.sign(x)


sign.backward("x", lambda xp, g: xp.zeros_like(g))


@op
def sqrt(xp, x, /):
    """Elementwise square root; at 0 the gradient is infinite."""
    return xp.sqrt(x)


sqrt.backward("x", lambda g, out: g / (2 * out))


@op
def exp(xp, x, /):
    """Elementwise ``e**x``."""
    return xp.exp(x)


exp.backward("x", lambda g, out: g * out)


@op
def log(xp, x, /):
    """Elementwise natural logarithm."""
    return xp.log(x)


log.backward("x", lambda g, x: g / x)


@op
def tanh(xp, x, /):
    """Elementwise hyperbolic tangent."""
    return xp.tanh(x)


tanh.backward("x", lambda g, out: g * (1 - out * out))


@op
def sigmoid(xp, x, /):
    """Elementwise ``1 / (1 + exp(-x))``, computed so that nothing overflows.

    With ``z = exp(-|x|)``, which is at most 1, it is ``1 / (1 + z)`` for ``x >= 0`` and
    ``z / (1 + z)`` below: as accurate for -80 as for 80.
    """
    z = xp.exp(-xp.abs(x))
    return xp.where(x >= 0, xp.ones_like(z), z) / (1 + z)


sigmoid.backward("x", lambda g, out: g * (out * (1 - out)))


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


@op
def astype(xp, x, /, dtype):
    """``x`` with another dtype; the gradient comes back in the dtype of ``x``.

    Args:
        x: any shape.
        dtype: a dtype of the array library.
    """
    return cast(xp, x, dtype)


astype.backward("x", lambda g: g)


for _broadcasting_op in (
    *(add, subtract, multiply, divide, power),
    *(maximum, minimum, where),
):
    _broadcasting_op.explain(explain_broadcasting)
