"""Exponentials and logarithms of every element, and what is made of them.

A rule is written in the output where that is cheaper: the derivative of ``exp`` is its
output.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import math

from pebblegrad.autograd._broadcasting import explain_broadcasting
from pebblegrad.autograd._op import op

from ._erf import erf as _erf


@op
def exp(xp, x, /):
    """Elementwise ``e**x``."""
    return xp.exp(x)


exp.backward("x", lambda g, out: g * out)


@op
def exp2(xp, x, /):
    """Elementwise ``2**x``."""
    return xp.exp2(x) if hasattr(xp, "exp2") else 2.0**x


exp2.backward("x", lambda g, out: g * (out * math.log(2)))


@op
def expm1(xp, x, /):
    """Elementwise ``exp(x) - 1``, exact for small ``x`` too."""
    return xp.expm1(x)


expm1.backward("x", lambda g, out: g * (out + 1))


@op
def log(xp, x, /):
    """Elementwise natural logarithm."""
    return xp.log(x)


log.backward("x", lambda g, x: g / x)


@op
def log1p(xp, x, /):
    """Elementwise ``log(1 + x)``, exact for small ``x`` too."""
    return xp.log1p(x)


log1p.backward("x", lambda g, x: g / (1 + x))


@op
def log2(xp, x, /):
    """Elementwise logarithm to the base 2."""
    return xp.log2(x)


log2.backward("x", lambda g, x: g / (x * math.log(2)))


@op
def log10(xp, x, /):
    """Elementwise logarithm to the base 10."""
    return xp.log10(x)


log10.backward("x", lambda g, x: g / (x * math.log(10)))


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
def logaddexp(xp, x, y, /):
    """Elementwise ``log(exp(x) + exp(y))``, with broadcasting, without overflow."""
    return xp.logaddexp(x, y)


logaddexp.backward("x", lambda g, x, y: g * sigmoid(x - y))
logaddexp.backward("y", lambda g, x, y: g * sigmoid(y - x))
logaddexp.explain(explain_broadcasting)


@op
def log_sigmoid(xp, x, /):
    """Elementwise ``log(sigmoid(x))``, computed so that nothing overflows."""
    return xp.minimum(x, xp.zeros_like(x)) - xp.log1p(xp.exp(-xp.abs(x)))


log_sigmoid.backward("x", lambda g, x: g * sigmoid(-x))


@op
def softplus(xp, x, /, beta=1):
    """Elementwise ``log(1 + exp(beta * x)) / beta``: `relu` without the corner.

    Computed so that nothing overflows; the threshold from which on PyTorch takes ``x``
    itself is not needed.

    Args:
        x: any shape.
        beta: a positive number; the larger, the closer to `relu`.
    """
    z = beta * x
    return (xp.maximum(z, xp.zeros_like(z)) + xp.log1p(xp.exp(-xp.abs(z)))) / beta


softplus.backward("x", lambda g, x, beta: g * sigmoid(beta * x))


@op
def erf(xp, x, /):
    """Elementwise error function, ``2 / sqrt(pi)`` times the integral of ``exp(-t*t)``.

    Example:
        >>> from pebblegrad.autograd import Tensor, ops
        >>> ops.erf(Tensor([-1.0, 0.0, 1.0]))
        Tensor([-0.8427008,  0.       ,  0.8427008], dtype=float32)
    """
    return _erf(xp, x)


@erf.backward("x")
def _(xp, g, x):
    return g * (xp.exp(-x * x) * (2 / math.sqrt(math.pi)))
