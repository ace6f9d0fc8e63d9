"""Smooth activations, gates, and softmax with its logarithm.

A gate is a number between 0 and 1, computed from ``x`` itself, that says how much of
``x`` passes: `silu`, `gelu`, `mish` and `hardswish` are ``x`` times one, and differ in
the gate only. Activations with a kink at zero are in `rectifiers`.

Elementwise functions that autograd has are its ops, under the name that networks know
them by.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import math
from typing import Any

from pebblegrad.autograd import Tensor, op, ops
from pebblegrad.nn._arguments import one_of, positive, shape_of

sigmoid = ops.sigmoid
logsigmoid = ops.log_sigmoid
tanh = ops.tanh


def softplus(x: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """Elementwise ``log(1 + exp(beta * x)) / beta``: `relu` without the corner.

    Args:
        x: any shape.
        beta: a positive number; the larger, the closer to `relu`.
        threshold: from ``beta * x > threshold`` on, ``x`` itself is taken. Nothing
            overflows without it: it is there so that the numbers are PyTorch's.

    Raises:
        ValueError: if `beta` is not positive.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> softplus(Tensor([-1e4, 1e4]))
        Tensor([    0., 10000.], dtype=float32)
    """
    beta = positive("softplus", "beta", beta)
    smooth = ops.softplus(x, beta)
    out: Tensor = ops.where(x > threshold / beta, x, smooth)
    return out


@op
def softsign(xp, x, /):
    """Elementwise ``x / (1 + |x|)``.

    Args:
        x: any shape.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> softsign(Tensor([-1.0, 0.0, 3.0]))
        Tensor([-0.5 ,  0.  ,  0.75], dtype=float32)
    """
    return x / (1 + xp.abs(x))


@softsign.backward("x")
def _(xp, g, x):
    # The rules of a quotient subtract two numbers that are nearly equal where x is
    # large; and the square would overflow in float16.
    size = 1 + xp.abs(x)
    return g / size / size


def silu(x: Tensor) -> Tensor:
    """Elementwise ``x * sigmoid(x)``, also called swish.

    Args:
        x: any shape.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> silu(Tensor([-1e4, 0.0, 1e4]))
        Tensor([   -0.,     0., 10000.], dtype=float32)
    """
    return sigmoid(x) * x


def mish(x: Tensor) -> Tensor:
    """Elementwise ``x * tanh(softplus(x))``.

    Args:
        x: any shape.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> mish(Tensor([-1e4, 0.0, 1e4]))
        Tensor([   -0.,     0., 10000.], dtype=float32)
    """
    return tanh(ops.softplus(x)) * x


def gelu(x: Tensor, approximate: str = "none") -> Tensor:
    """Elementwise ``x`` times the share of a normal distribution that is below ``x``.

    Args:
        x: any shape.
        approximate: "none" for the error function, ``(1 + erf(x / sqrt(2))) / 2``, or
            "tanh" for a formula that is within 0.0005 of it and takes less time:
            ``(1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2``.

    Raises:
        ValueError: if `approximate` is neither.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> gelu(Tensor([-1.0, 0.0, 1.0])).data.round(4)
        array([-0.1587,  0.    ,  0.8413], dtype=float32)
    """
    one_of("gelu", "approximate", approximate, ("none", "tanh"))
    gate = normal_cdf if approximate == "none" else normal_cdf_by_tanh
    return gate(x) * x


@op
def normal_cdf(xp, x, /):
    """Elementwise share of the standard normal distribution that is below ``x``.

    Args:
        x: any shape.
    """
    # In float16 the polynomials of erf would overflow from 4 on.
    is_half = getattr(x, "dtype", None) == "float16"
    z = xp.astype(x, xp.float32) if is_half else x
    share = (1 + ops.erf(z * math.sqrt(0.5))) / 2
    return xp.astype(share, x.dtype) if is_half else share


@normal_cdf.backward("x")
def _(g, x):
    return g * normal_density(x)


@op
def normal_density(xp, x, /):
    """Elementwise ``exp(-x * x / 2) / sqrt(2 * pi)``, the slope of `normal_cdf`.

    Args:
        x: any shape.
    """
    # At ±40 this is below the smallest float64, and z * z is finite in float16 too.
    z = xp.clip(x, -40.0, 40.0)
    return xp.exp(z * z / -2) / math.sqrt(2 * math.pi)


@normal_density.backward("x")
def _(xp, g, out, x):
    return g * (-xp.clip(x, -40.0, 40.0) * out)


@op
def normal_cdf_by_tanh(xp, x, /):
    """Elementwise `normal_cdf` by the logistic curve, to 0.0003.

    Args:
        x: any shape.
    """
    z = xp.clip(x, -FLAT, FLAT)
    return (1 + xp.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z))) / 2


@normal_cdf_by_tanh.backward("x")
def _(xp, g, out, x):
    z = xp.clip(x, -FLAT, FLAT)
    slope = math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * z * z)
    slope = xp.where(xp.abs(x) < FLAT, slope, xp.zeros_like(slope))
    return g * (2 * out * (1 - out) * slope)


# From here on `normal_cdf_by_tanh` is 0 or 1 to the last digit of a float64. Without
# the bound the cube, and to second order the slope, would overflow in float16.
FLAT = 8.0


@op
def hardsigmoid(xp, x, /):
    """Elementwise ``min(max(x + 3, 0), 6) / 6``; at -3 and at 3 the gradient is 0.

    Args:
        x: any shape.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> hardsigmoid(Tensor([-3.0, 0.0, 1.5]))
        Tensor([0.  , 0.5 , 0.75], dtype=float32)
    """
    return xp.clip(x + 3, 0.0, 6.0) / 6


@hardsigmoid.backward("x")
def _(xp, g, x):
    return xp.where((x > -3) & (x < 3), g / 6, xp.zeros_like(g))


def hardswish(x: Tensor) -> Tensor:
    """Elementwise ``x * hardsigmoid(x)``; at -3 the gradient is 0, at 3 it is 1.

    Args:
        x: any shape.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> hardswish(Tensor([-4.0, 1.5, 4.0]))
        Tensor([-0.   ,  1.125,  4.   ], dtype=float32)
    """
    return hardsigmoid(x) * x


def glu(x: Tensor, dim: int = -1) -> Tensor:
    """First half of ``x`` along `dim`, times the sigmoid of its second half.

    Args:
        x: any shape whose size along `dim` is even.
        dim: the axis to halve.

    Raises:
        ValueError: if there is no such axis, or its size is odd.
        TypeError: if `x` has no shape.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> glu(Tensor([1.0, 2.0, 0.0, 1e4]))
        Tensor([0.5, 2. ], dtype=float32)
    """
    shape_of("glu", "x", x)
    reason = _explain_axis(x.shape, dim)
    if reason is None and x.shape[dim] % 2:
        reason = f"the size of axis {dim} is {x.shape[dim]}; an even one is needed"
    if reason is not None:
        raise ValueError(f"glu: x has shape {x.shape}, dim={dim}; {reason}")
    value, gate = ops.chunk(x, 2, dim)
    out: Tensor = value * sigmoid(gate)
    return out


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
    exponentials = xp.exp(_shifted(xp, x, dim))
    return exponentials / xp.sum(exponentials, axis=dim, keepdims=True)


@softmax.backward("x")
def _(g, out, dim):
    return softmax_gradient(g, out, dim)


@op
def softmax_gradient(xp, y, p, /, dim):
    """Gradient ``y`` through a softmax: ``p * (y - sum(y * p))`` along `dim`.

    Args:
        y: any shape.
        p: the same shape: what `softmax` gave.
        dim: the axis of the classes.
    """
    return p * (y - xp.sum(y * p, axis=dim, keepdims=True))


softmax_gradient.backward("y", lambda g, p, dim: softmax_gradient(g, p, dim))


@softmax_gradient.backward("p")
def _(xp, g, y, p, dim):
    centred = y - xp.sum(y * p, axis=dim, keepdims=True)
    return g * centred - y * xp.sum(g * p, axis=dim, keepdims=True)


@op
def log_softmax(xp, x, /, dim=-1):
    """Logarithm of `softmax`: ``x - log(sum(exp(x)))`` along `dim`, without overflow.

    Args:
        x: any shape.
        dim: the axis of the classes.
    """
    x = _shifted(xp, x, dim)
    return x - xp.log(xp.sum(xp.exp(x), axis=dim, keepdims=True)) if x.size else x


@log_softmax.backward("x")
def _(xp, g, out, dim):
    return g - xp.exp(out) * xp.sum(g, axis=dim, keepdims=True)


@softmax.explain
@log_softmax.explain
def _explain_axis(shape: tuple[int, ...], dim: Any) -> str | None:
    """Say what is wrong with an axis, if anything is."""
    if not hasattr(dim, "__index__"):
        return "dim must be an integer"
    if not shape:
        return "x is a single number; an axis is needed"
    if not -len(shape) <= dim < len(shape):
        return f"x has no axis {dim}; give one from {-len(shape)} to {len(shape) - 1}"
    return None


def _shifted(xp, x, dim):
    """Return ``x - max(x)``; of nothing there is a sum, but no maximum."""
    largest = xp.max if x.size else xp.sum
    return x - largest(x, axis=dim, keepdims=True)
