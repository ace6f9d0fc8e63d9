"""Activations as functions, and softmax with its logarithm.

The elementwise ones are ops of autograd under the name that networks know them by.
"""

# mypy: allow-untyped-defs
# Forwards and rules take arrays of any library: there is no type to name.

from pebblegrad.autograd import op, ops

relu = ops.relu
sigmoid = ops.sigmoid
tanh = ops.tanh


@op
def softmax(xp, x, /, dim=-1):
    """Exponentials that sum to one: ``exp(x) / sum(exp(x))`` along `dim`.

    Computed on ``x - max(x)``, so that no logit is too large.

    Args:
        x: any shape.
        dim: the axis of the classes.

    Returns:
        Same shape; non-negative, with sum 1 along `dim`.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> softmax(Tensor([0.0, 0.0, 1e4]))
        Tensor([0., 0., 1.], dtype=float32)
    """
    exponentials = xp.exp(x - xp.max(x, axis=dim, keepdims=True))
    return exponentials / xp.sum(exponentials, axis=dim, keepdims=True)


@softmax.backward("x")
def _(xp, g, out, dim):
    return out * (g - xp.sum(g * out, axis=dim, keepdims=True))


@op
def log_softmax(xp, x, /, dim=-1):
    """Logarithm of `softmax`: ``x - log(sum(exp(x)))`` along `dim`, without overflow.

    Args:
        x: any shape.
        dim: the axis of the classes.
    """
    x = x - xp.max(x, axis=dim, keepdims=True)
    return x - xp.log(xp.sum(xp.exp(x), axis=dim, keepdims=True))


@log_softmax.backward("x")
def _(xp, g, out, dim):
    return g - xp.exp(out) * xp.sum(g, axis=dim, keepdims=True)
