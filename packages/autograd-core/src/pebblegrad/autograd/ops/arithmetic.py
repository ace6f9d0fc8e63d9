"""Sums, products, powers: ops that compute with every element alike.

Each op is a forward function and, below it, one backward rule per input. A rule reads
as the chain rule does: the incoming gradient `g` times the local derivative.
Broadcasting is not mentioned here because the engine undoes it (see
`_broadcasting.sum_to`).
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

from pebblegrad.autograd._broadcasting import explain_broadcasting
from pebblegrad.autograd._namespace import cast, kind
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
def floor_divide(xp, x, y, /):
    """Elementwise ``floor(x / y)``, with broadcasting; its gradient is 0 everywhere."""
    return x // y


floor_divide.backward("x", lambda xp, g: xp.zeros_like(g))
floor_divide.backward("y", lambda xp, g: xp.zeros_like(g))


@op
def remainder(xp, x, y, /):
    """Elementwise ``x - y * floor(x / y)``, with broadcasting: Python's ``x % y``.

    It has the sign of ``y``. Where ``x`` is a multiple of ``y`` it jumps; the gradient
    there is that of the side towards which it goes on.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.remainder(Tensor([-1.0, 5.0]), 3)
        Tensor([2., 2.], dtype=float32)
    """
    return x % y


remainder.backward("x", lambda g: g)
remainder.backward("y", lambda g, x, y: -g * (x // y))


@op
def power(xp, x, y, /):
    """Elementwise ``x`` to the power ``y``, with broadcasting.

    Where ``y`` is 0 the gradient for ``x`` is 0, whatever ``x`` is; where ``x`` is 0
    and ``y`` is not negative, the gradient for ``y`` is 0.
    """
    return x**y


def slope_of_power(xp, x, y):
    """``y * x ** (y - 1)``, the derivative of ``x ** y``; 0 where ``y`` is 0."""
    if isinstance(y, int | float):
        return y * x ** (y - 1) if y != 0 else xp.zeros_like(x)
    is_constant = y == 0
    exponent = xp.where(is_constant, xp.ones_like(y), y - 1)
    slope = y * x**exponent
    return xp.where(is_constant, xp.zeros_like(slope), slope)


def logarithm_of_base(xp, out, x, y):
    """``log(x)``; 0 where ``x`` is 0 and ``y`` is not negative."""
    if isinstance(x, int | float):
        x = xp.full_like(out, x)
    is_constant = (x == 0) & (y >= 0)
    return xp.log(xp.where(is_constant, xp.ones_like(x), x))


power.backward("x", lambda xp, g, x, y: g * slope_of_power(xp, x, y))
power.backward(
    "y", lambda xp, g, out, x, y: g * (out * logarithm_of_base(xp, out, x, y))
)


@op
def negative(xp, x, /):
    """Elementwise ``-x``."""
    return -x


negative.backward("x", lambda g: -g)


@op
def positive(xp, x, /):
    """Elementwise ``+x``: a copy."""
    return xp.positive(x)


positive.backward("x", lambda g: g)


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
def square(xp, x, /):
    """Elementwise ``x * x``."""
    return xp.square(x)


square.backward("x", lambda g, x: g * (2 * x))


@op
def reciprocal(xp, x, /):
    """Elementwise ``1 / x``."""
    return 1 / x


reciprocal.backward("x", lambda g, out: -g * (out * out))


@op
def sqrt(xp, x, /):
    """Elementwise square root; at 0 the gradient is infinite."""
    return xp.sqrt(x)


sqrt.backward("x", lambda g, out: g / (2 * out))


@op
def rsqrt(xp, x, /):
    """Elementwise ``1 / sqrt(x)``; at 0 it is infinite, and so is the gradient."""
    return 1 / xp.sqrt(x)


rsqrt.backward("x", lambda g, out: g * (out * out * out / -2))


@op
def hypot(xp, x, y, /):
    """Elementwise ``sqrt(x**2 + y**2)``, with broadcasting, without overflow.

    Where both are 0 the gradients are 0: of the slopes in all directions, the mean.
    """
    return xp.hypot(x, y)


@hypot.backward("x")
def _(xp, g, out, x):
    return g * (x / xp.where(out == 0, xp.ones_like(out), out))


@hypot.backward("y")
def _(xp, g, out, y):
    return g * (y / xp.where(out == 0, xp.ones_like(out), out))


@op
def lerp(xp, x, y, weight, /):
    """Elementwise ``x + weight * (y - x)``, with broadcasting: on the way to ``y``.

    At the weights 0 and 1 it is ``x`` and ``y`` exactly.

    Args:
        x: any shape.
        y: any shape that broadcasts.
        weight: a number, or any shape that broadcasts; may be outside of 0 to 1.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.lerp(Tensor([0.0, 10.0]), Tensor([1.0, 20.0]), 0.25)
        Tensor([ 0.25, 12.5 ], dtype=float32)
    """
    way = y - x
    return xp.where(xp.asarray(weight < 0.5), x + weight * way, y - (1 - weight) * way)


lerp.backward("x", lambda g, weight: g * (1 - weight))
lerp.backward("y", lambda g, weight: g * weight)
lerp.backward("weight", lambda g, x, y: g * (y - x))


@op
def floor(xp, x, /):
    """Elementwise largest whole number not above ``x``; its gradient is 0."""
    return xp.floor(x)


@op
def ceil(xp, x, /):
    """Elementwise smallest whole number not below ``x``; its gradient is 0."""
    return xp.ceil(x)


@op
def round(xp, x, /):
    """Elementwise nearest whole number, of two the even one; its gradient is 0."""
    return xp.round(x)


@op
def trunc(xp, x, /):
    """Elementwise nearest whole number towards 0; its gradient is 0."""
    return xp.trunc(x)


floor.backward("x", lambda xp, g: xp.zeros_like(g))
ceil.backward("x", lambda xp, g: xp.zeros_like(g))
round.backward("x", lambda xp, g: xp.zeros_like(g))
trunc.backward("x", lambda xp, g: xp.zeros_like(g))


@op
def astype(xp, x, /, dtype):
    """``x`` with another dtype; the gradient comes back in the dtype of ``x``.

    Args:
        x: any shape.
        dtype: a dtype of the array library, of real numbers.

    Raises:
        TypeError: if it is another dtype, such as a complex one.
    """
    out = cast(xp, x, dtype)
    if kind(out) not in "fiub":
        raise TypeError("a dtype of real numbers is needed")
    return out


astype.backward("x", lambda g: g)


for _broadcasting_op in (
    *(add, subtract, multiply, divide, floor_divide, remainder),
    *(power, hypot, lerp),
):
    _broadcasting_op.explain(explain_broadcasting)
