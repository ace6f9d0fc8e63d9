"""Sine and its relatives of every element, with the hyperbolic ones.

Angles are in radians.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

from pebblegrad.autograd._broadcasting import explain_broadcasting
from pebblegrad.autograd._op import op


@op
def sin(xp, x, /):
    """Elementwise sine.

    Example:
        >>> from pebblegrad.autograd import Tensor, grad, ops
        >>> grad(ops.sin)(0.0)
        Tensor(1., dtype=float32)
    """
    return xp.sin(x)


sin.backward("x", lambda xp, g, x: g * xp.cos(x))


@op
def cos(xp, x, /):
    """Elementwise cosine."""
    return xp.cos(x)


cos.backward("x", lambda xp, g, x: -g * xp.sin(x))


@op
def tan(xp, x, /):
    """Elementwise tangent."""
    return xp.tan(x)


tan.backward("x", lambda g, out: g * (1 + out * out))


@op
def asin(xp, x, /):
    """Elementwise inverse sine, from -pi/2 to pi/2; NaN outside of -1 to 1."""
    return xp.asin(x)


asin.backward("x", lambda xp, g, x: g / xp.sqrt((1 - x) * (1 + x)))


@op
def acos(xp, x, /):
    """Elementwise inverse cosine, from 0 to pi; NaN outside of -1 to 1."""
    return xp.acos(x)


acos.backward("x", lambda xp, g, x: -g / xp.sqrt((1 - x) * (1 + x)))


@op
def atan(xp, x, /):
    """Elementwise inverse tangent, from -pi/2 to pi/2."""
    return xp.atan(x)


atan.backward("x", lambda g, x: g / (1 + x * x))


@op
def atan2(xp, y, x, /):
    """Elementwise angle of the point ``(x, y)``, from -pi to pi, with broadcasting.

    At the origin, where all directions meet, the gradients are 0.

    Args:
        y: any shape; the second coordinate comes first, as everywhere.
        x: any shape that broadcasts.
    """
    return xp.atan2(y, x)


@atan2.backward("y")
def _(xp, g, y, x):
    return g * (x / one_where_zero(xp, x * x + y * y))


@atan2.backward("x")
def _(xp, g, y, x):
    return g * (-y / one_where_zero(xp, x * x + y * y))


def one_where_zero(xp, x):
    """``x``, but 1 where it is 0, to divide by."""
    return xp.where(x == 0, xp.ones_like(x), x)


atan2.explain(explain_broadcasting)


@op
def sinh(xp, x, /):
    """Elementwise hyperbolic sine."""
    return xp.sinh(x)


sinh.backward("x", lambda xp, g, x: g * xp.cosh(x))


@op
def cosh(xp, x, /):
    """Elementwise hyperbolic cosine."""
    return xp.cosh(x)


cosh.backward("x", lambda xp, g, x: g * xp.sinh(x))


@op
def tanh(xp, x, /):
    """Elementwise hyperbolic tangent."""
    return xp.tanh(x)


tanh.backward("x", lambda g, out: g * (1 - out * out))


@op
def asinh(xp, x, /):
    """Elementwise inverse hyperbolic sine."""
    return xp.asinh(x)


asinh.backward("x", lambda xp, g, x: g / xp.sqrt(1 + x * x))


@op
def acosh(xp, x, /):
    """Elementwise inverse hyperbolic cosine; NaN below 1."""
    return xp.acosh(x)


acosh.backward("x", lambda xp, g, x: g / (xp.sqrt(x - 1) * xp.sqrt(x + 1)))


@op
def atanh(xp, x, /):
    """Elementwise inverse hyperbolic tangent; NaN outside of -1 to 1."""
    return xp.atanh(x)


atanh.backward("x", lambda g, x: g / ((1 - x) * (1 + x)))
