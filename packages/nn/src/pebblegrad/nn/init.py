"""Initial values, written into a Tensor in place.

The scale of the weights decides whether signals keep their size on the way through a
network, or fade, or explode. Each sum over `fan_in` numbers multiplies the variance by
``fan_in * var(weight)``; most rules here choose ``var(weight)`` so that this is about 1
(or, for the gradients on their way back, the same with `fan_out`).

Numbers are drawn in float64 and rounded to the Tensor's dtype, so that a seed gives the
same network in every precision. Constants and plain distributions are in `_fills.py`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pebblegrad.autograd import Tensor, generator
from pebblegrad.nn._arguments import number, one_of

from ._fills import (
    constant_,
    dirac_,
    eye_,
    normal_,
    ones_,
    shape_of_floats,
    sparse_,
    trunc_normal_,
    uniform_,
    zeros_,
)

if TYPE_CHECKING:
    from ._fills import Random

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "lecun_normal_",
    "lecun_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

# What a layer in front of the activation must multiply by to keep the variance.
_GAINS = {
    **dict.fromkeys(("linear", "sigmoid", "conv1d", "conv2d", "conv3d"), 1.0),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), 1.0),
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "leaky_relu": math.sqrt(2),  # divided by what the slope adds, see calculate_gain
    "selu": 3 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the gain that makes up for what an activation does to the variance.

    It is 1 for "linear", "sigmoid" and the convolutions ("conv2d"), 5/3 for "tanh",
    sqrt(2) for "relu", ``sqrt(2 / (1 + slope**2))`` for "leaky_relu" and 3/4 for
    "selu".

    Args:
        nonlinearity: one of these.
        param: the slope of "leaky_relu" below zero; None for 0.01.

    Raises:
        ValueError: if `nonlinearity` is not known, or `param` is not a number.

    Example:
        >>> calculate_gain("leaky_relu", 1.0)
        1.0

    Reference:
        He et al. 2015, "Delving deep into rectifiers", section 2.2, for the rectifiers.
    """
    gain = _GAINS[one_of("calculate_gain", "nonlinearity", nonlinearity, list(_GAINS))]
    if nonlinearity != "leaky_relu":
        return gain
    slope = 0.01 if param is None else number("calculate_gain", "param", param)
    return gain / math.sqrt(1 + slope**2)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, *, rng: Random = None) -> Tensor:
    """Fill evenly from ±``gain * sqrt(6 / (fan_in + fan_out))``.

    A compromise between keeping the variance of signals and of gradients, for
    activations that are linear about zero, such as tanh.

    Args:
        tensor: a weight, shape (out, in, ...): `fan_in` is the product of all axes but
            the first, `fan_out` of all but the second.
        gain: see `calculate_gain`.
        rng: a Generator, a seed, or None for the default generator.

    Returns:
        `tensor`.

    Raises:
        ValueError: if it has less than two axes.
        TypeError: if `tensor` is no Tensor of floats.

    Reference:
        Glorot and Bengio 2010, "Understanding the difficulty of training deep
        feedforward neural networks", equation 16.
    """
    std = _xavier_std("xavier_uniform_", tensor, gain)
    return _evenly(tensor, std, rng)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, *, rng: Random = None) -> Tensor:
    """Fill from a normal distribution, ``std = gain * sqrt(2 / (fan_in + fan_out))``.

    See `xavier_uniform_`, of which it has the arguments and the variance.
    """
    return normal_(tensor, 0.0, _xavier_std("xavier_normal_", tensor, gain), rng=rng)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: Random = None,
) -> Tensor:
    """Fill evenly from ±``gain * sqrt(3 / fan)``.

    Keeps the variance of signals through layers with rectifiers; by default those of
    slope 0 below zero, which is `relu`.

    Args:
        tensor: a weight, shape (out, in, ...): `fan_in` is the product of all axes but
            the first, `fan_out` of all but the second.
        a: the slope of "leaky_relu" below zero.
        mode: "fan_in" to keep the variance of signals, "fan_out" of gradients.
        nonlinearity: what follows the layer; its `calculate_gain` is the gain.
        rng: a Generator, a seed, or None for the default generator.

    Returns:
        `tensor`.

    Raises:
        ValueError: if it has less than two axes, or `mode` or `nonlinearity` is not
            known.
        TypeError: if `tensor` is no Tensor of floats.

    Reference:
        He et al. 2015, "Delving deep into rectifiers", equations 10 and 14.
    """
    std = _kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return _evenly(tensor, std, rng)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    *,
    rng: Random = None,
) -> Tensor:
    """Fill from a normal distribution, ``std = gain / sqrt(fan)``.

    See `kaiming_uniform_`, of which it has the arguments and the variance.
    """
    std = _kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity)
    return normal_(tensor, 0.0, std, rng=rng)


def lecun_uniform_(tensor: Tensor, *, rng: Random = None) -> Tensor:
    """Fill evenly from ±``sqrt(3 / fan_in)``: the variance is ``1 / fan_in``.

    For activations that keep mean 0 and variance 1 themselves, such as `selu`.

    Args:
        tensor: a weight, shape (out, in, ...): `fan_in` is the product of all axes but
            the first.
        rng: a Generator, a seed, or None for the default generator.

    Returns:
        `tensor`.

    Raises:
        ValueError: if it has less than two axes.
        TypeError: if `tensor` is no Tensor of floats.

    Reference:
        LeCun et al. 1998, "Efficient BackProp", section 4.6.
    """
    fan_in, _ = _fans("lecun_uniform_", tensor)
    return _evenly(tensor, 1 / math.sqrt(fan_in), rng)


def lecun_normal_(tensor: Tensor, *, rng: Random = None) -> Tensor:
    """Fill from a normal distribution, ``std = 1 / sqrt(fan_in)``.

    See `lecun_uniform_`, of which it has the arguments and the variance.
    """
    fan_in, _ = _fans("lecun_normal_", tensor)
    return normal_(tensor, 0.0, 1 / math.sqrt(fan_in), rng=rng)


def orthogonal_(tensor: Tensor, gain: float = 1.0, *, rng: Random = None) -> Tensor:
    """Fill with a random orthogonal matrix, which keeps the length of every vector.

    All axes but the first are taken as one; where that gives more columns than rows the
    rows are orthonormal, else the columns.

    Args:
        tensor: a weight, shape (out, in, ...).
        gain: what the matrix is multiplied by, see `calculate_gain`.
        rng: a Generator, a seed, or None for the default generator.

    Returns:
        `tensor`.

    Raises:
        ValueError: if it has less than two axes.
        TypeError: if `tensor` is no Tensor of floats.

    Reference:
        Saxe, McClelland and Ganguli 2014, "Exact solutions to the nonlinear dynamics of
        learning in deep linear neural networks", section 3. Mezzadri 2007, "How to
        generate random matrices from the classical compact groups", section 5, for the
        signs.
    """
    gain = number("orthogonal_", "gain", gain)
    shape = _weight("orthogonal_", tensor)
    rows, columns = shape[0], math.prod(shape[1:])
    tall = (max(rows, columns), min(rows, columns))
    q, r = np.linalg.qr(generator(rng).standard_normal(tall))
    q = q * np.sign(np.diagonal(r))  # without it they are not evenly distributed
    values = q if rows >= columns else q.T
    tensor.data[...] = gain * values.reshape(shape)
    return tensor


def _evenly(tensor: Tensor, std: float, rng: Random) -> Tensor:
    """Fill evenly from the interval around 0 that has this standard deviation."""
    return uniform_(tensor, -math.sqrt(3) * std, math.sqrt(3) * std, rng=rng)


def _xavier_std(who: str, tensor: Tensor, gain: float) -> float:
    fan_in, fan_out = _fans(who, tensor)
    return number(who, "gain", gain, 0) * math.sqrt(2 / (fan_in + fan_out))


def _kaiming_std(
    who: str, tensor: Tensor, a: float, mode: str, nonlinearity: str
) -> float:
    one_of(who, "mode", mode, ("fan_in", "fan_out"))
    one_of(who, "nonlinearity", nonlinearity, list(_GAINS))
    a, (fan_in, fan_out) = number(who, "a", a), _fans(who, tensor)
    fan = fan_in if mode == "fan_in" else fan_out
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _fans(who: str, tensor: Tensor) -> tuple[int, int]:
    """Return how many numbers an output sums over, and how many sums an input is in."""
    out, inputs, *kernel = _weight(who, tensor)
    area = math.prod(kernel)
    # A fan of 0 is that of a weight without elements: any scale will do.
    return max(inputs * area, 1), max(out * area, 1)


def _weight(who: str, tensor: Tensor) -> tuple[int, ...]:
    """Return the shape of a Tensor of floats, which must have two axes or more."""
    shape = shape_of_floats(who, tensor)
    if len(shape) < 2:
        raise ValueError(
            f"{who}: tensor has shape {shape}; a weight of 2 axes or more is needed, "
            "(out, in, ...); for a bias take zeros_ or uniform_"
        )
    return shape
