"""Exponentials and logarithms of every element, and what is made of them.

A rule is written in the output where that is cheaper: the derivative of ``exp`` is its
output.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

from pebblegrad.autograd._op import op


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
def sigmoid(xp, x, /):
    """Elementwise ``1 / (1 + exp(-x))``, computed so that nothing overflows.

    With ``z = exp(-|x|)``, which is at most 1, it is ``1 / (1 + z)`` for ``x >= 0`` and
    ``z / (1 + z)`` below: as accurate for -80 as for 80.
    """
    z = xp.exp(-xp.abs(x))
    return xp.where(x >= 0, xp.ones_like(z), z) / (1 + z)


sigmoid.backward("x", lambda g, out: g * (out * (1 - out)))
