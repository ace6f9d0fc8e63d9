"""Sums, products, powers: ops that compute with every element alike.

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
def astype(xp, x, /, dtype):
    """``x`` with another dtype; the gradient comes back in the dtype of ``x``.

    Args:
        x: any shape.
        dtype: a dtype of the array library.
    """
    return cast(xp, x, dtype)


astype.backward("x", lambda g: g)


for _broadcasting_op in (add, subtract, multiply, divide, power):
    _broadcasting_op.explain(explain_broadcasting)
