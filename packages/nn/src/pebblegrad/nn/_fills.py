"""Initial values that do not depend on the role of a Tensor: constants, distributions.

They are written into the Tensor in place. Random numbers are drawn in float64 and
rounded to the Tensor's dtype, so that a seed gives the same network in every precision.
The public names are those of `init`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pebblegrad.autograd import Tensor, generator
from pebblegrad.nn._arguments import integer, number

if TYPE_CHECKING:  # the library is not imported before something is drawn
    Random = np.random.Generator | int | None


# The same numbers everywhere


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one number.

    Args:
        tensor: any shape; its values are overwritten.
        val: the number.

    Returns:
        `tensor`.
    """
    shape_of("constant_", tensor)
    return _written(tensor, number("constant_", "val", val))


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros; returns `tensor`, which may have any shape."""
    shape_of("zeros_", tensor)
    return _written(tensor, 0)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones; returns `tensor`, which may have any shape."""
    shape_of("ones_", tensor)
    return _written(tensor, 1)


# Maps that change nothing


def eye_(tensor: Tensor) -> Tensor:
    """Fill with ones on the diagonal and zeros beside it: Linear passes what it gets.

    Args:
        tensor: shape (rows, columns).

    Returns:
        `tensor`.

    Raises:
        ValueError: if it does not have two axes.
    """
    shape = shape_of("eye_", tensor)
    if len(shape) != 2:
        raise ValueError(f"eye_: tensor has shape {shape}; 2 axes are needed")
    return _written(tensor, np.eye(shape[0], shape[1]))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill so that a convolution passes as many channels as it can on as they are.

    Zeros, but for a one at the middle of the kernel where channel ``i`` meets channel
    ``i``, in each group.

    Args:
        tensor: the weight of a convolution, shape (out_channels, in_channels / groups,
            ...), with one to three axes of the kernel.
        groups: of the convolution.

    Returns:
        `tensor`.

    Raises:
        ValueError: if it has another number of axes, or `groups` does not divide
            out_channels.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> dirac_(Tensor([[[5.0, 5.0, 5.0]]])).data
        array([[[0., 1., 0.]]], dtype=float32)
    """
    groups = integer("dirac_", "groups", groups)
    shape = shape_of("dirac_", tensor)
    if len(shape) not in (3, 4, 5):
        raise ValueError(
            f"dirac_: tensor has shape {shape}; 3 to 5 axes are needed, "
            "(out_channels, in_channels, ...)"
        )
    channels, inputs, *kernel = shape
    if channels % groups:
        raise ValueError(
            f"dirac_: tensor has shape {shape}, groups={groups}; groups must "
            f"divide the number of output channels, {channels}"
        )
    values = np.zeros(shape)
    middle = tuple(size // 2 for size in kernel)
    each = channels // groups
    for channel in range(channels):
        if channel % each < inputs:
            values[(channel, channel % each, *middle)] = 1
    return _written(tensor, values)


# Random numbers of a given distribution


def uniform_(
    tensor: Tensor,
    a: float = 0.0,
    b: float = 1.0,
    *,
    low: float | None = None,
    high: float | None = None,
    rng: Random = None,
) -> Tensor:
    """Fill with numbers drawn evenly from [a, b).

    Args:
        tensor: any shape; its values are overwritten.
        a: the least number.
        b: the bound above.
        low: another name of `a`.
        high: another name of `b`.
        rng: a Generator, a seed, or None for the default generator.

    Returns:
        `tensor`.

    Raises:
        ValueError: if `b` is below `a`.
        TypeError: if `tensor` is no Tensor of floats.
    """
    a = number("uniform_", "a", a if low is None else low)
    b = number("uniform_", "b", b if high is None else high)
    if b < a:
        raise ValueError(f"uniform_: a is {a:g} and b is {b:g}; b must not be below a")
    shape = shape_of_floats("uniform_", tensor)
    return _written(tensor, generator(rng).uniform(a, b, shape))


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, *, rng: Random = None
) -> Tensor:
    """Fill with numbers drawn from a normal distribution.

    Args:
        tensor: any shape; its values are overwritten.
        mean: of the distribution.
        std: its standard deviation, 0 or more.
        rng: a Generator, a seed, or None for the default generator.

    Returns:
        `tensor`.

    Raises:
        ValueError: if `std` is negative.
        TypeError: if `tensor` is no Tensor of floats.
    """
    mean, std = number("normal_", "mean", mean), number("normal_", "std", std, 0)
    shape = shape_of_floats("normal_", tensor)
    return _written(tensor, generator(rng).normal(mean, std, shape))


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    *,
    rng: Random = None,
) -> Tensor:
    """Fill with numbers drawn from the part of a normal distribution in [a, b].

    Args:
        tensor: any shape; its values are overwritten.
        mean: of the whole distribution.
        std: standard deviation of the whole distribution, above 0.
        a: the least number; not in units of `std`.
        b: the largest.
        rng: a Generator, a seed, or None for the default generator.

    Returns:
        `tensor`.

    Raises:
        ValueError: if `std` is not positive, or `b` is not above `a`.
        TypeError: if `tensor` is no Tensor of floats.
    """
    who = "trunc_normal_"
    mean, std = number(who, "mean", mean), number(who, "std", std)
    a, b = number(who, "a", a), number(who, "b", b)
    if std <= 0:
        raise ValueError(f"{who}: std is {std:g}; a positive number is needed")
    if b <= a:
        raise ValueError(f"{who}: a is {a:g} and b is {b:g}; b must be above a")
    shape, random = shape_of_floats(who, tensor), generator(rng)
    # Drawn evenly, and kept with the probability exp(-(z*z - peak*peak) / 2), which is
    # the density relative to its peak. Where that is below exp(-40) nothing is drawn,
    # so that a share of the draws is kept even of a tail: 1 in 7 without bounds.
    low, high = (a - mean) / std, (b - mean) / std
    peak = min(max(0.0, low), high)
    reach = math.sqrt(peak * peak + 80)
    low, high = max(low, -reach), min(high, reach)
    values = np.empty(math.prod(shape))
    missing = np.arange(values.size)
    while missing.size:
        z = random.uniform(low, high, missing.size)
        values[missing] = z
        kept = random.random(z.size) < np.exp((peak * peak - z * z) / 2)
        missing = missing[~kept]
    return _written(tensor, np.clip(mean + std * values, a, b).reshape(shape))


def sparse_(
    tensor: Tensor, sparsity: float, std: float = 0.01, *, rng: Random = None
) -> Tensor:
    """Fill from a normal distribution, and set a share of each column to zero.

    Args:
        tensor: shape (rows, columns).
        sparsity: the share of the zeros in each column, from 0 to 1; their number is
            rounded up.
        std: standard deviation of the others.
        rng: a Generator, a seed, or None for the default generator.

    Returns:
        `tensor`.

    Raises:
        ValueError: if it does not have two axes, or a number is out of range.
        TypeError: if `tensor` is no Tensor of floats.

    Reference:
        Martens 2010, "Deep learning via Hessian-free optimization", section 5.
    """
    sparsity = number("sparse_", "sparsity", sparsity, 0, 1)
    std, shape = number("sparse_", "std", std, 0), shape_of_floats("sparse_", tensor)
    if len(shape) != 2:
        raise ValueError(f"sparse_: tensor has shape {shape}; 2 axes are needed")
    random = generator(rng)
    values = random.normal(0.0, std, shape)
    order = random.permuted(np.indices(shape)[0], axis=0)  # of the rows, by column
    values[order < math.ceil(sparsity * shape[0])] = 0
    return _written(tensor, values)


def shape_of(who: str, tensor: Any) -> tuple[int, ...]:
    """Return the shape of what must be a Tensor.

    Raises:
        TypeError: if it is none.
    """
    if not isinstance(tensor, Tensor):
        kind = type(tensor).__name__
        raise TypeError(f"{who}: tensor is {kind}; a Tensor is needed")
    return tensor.shape


def shape_of_floats(who: str, tensor: Any) -> tuple[int, ...]:
    """Return the shape of what must be a Tensor of floats.

    Raises:
        TypeError: if it is anything else.
    """
    shape = shape_of(who, tensor)
    if tensor.dtype.kind != "f":
        raise TypeError(f"{who}: tensor is {tensor.dtype}; floats are needed")
    return shape


def _written(tensor: Tensor, values: Any) -> Tensor:
    """Overwrite the values of a Tensor."""
    tensor.data[...] = values
    return tensor
