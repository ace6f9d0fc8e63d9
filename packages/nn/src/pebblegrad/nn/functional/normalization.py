"""Normalisation: to mean 0 and variance 1 over some axes, then scale and shift.

Every one of them is `standardize` over other axes: over the batch for `batch_norm`,
over the features of a sample for `layer_norm`, over groups of channels for
`group_norm`, over one channel of one sample for `instance_norm`.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import math
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, op, ops
from pebblegrad.nn._arguments import integer, number

from ._half import narrowed, widened


@op
def standardize(xp, x, /, axis, eps):
    """``(x - mean(x)) / sqrt(var(x) + eps)`` over `axis`.

    One op in place of seven: forward and backward take 2.5 ms in place of 3.5 for (64,
    16, 28, 28) in float32 over the batch and the pixels. Over the last axis, as in
    `layer_norm`, BLAS sums up, and it is half of that again: 0.27 ms for (8, 128, 128)
    in place of 0.5. What multiplies and shifts stays an op of its own: to fuse it too
    was worth a sixth.

    Args:
        x: any shape.
        axis: a tuple of axes.
        eps: added to the variance, so that nothing is divided by 0.
    """
    # On arrays `-=` and `/=` write into what the line above made.
    out = x - mean_of(xp, x, axis)
    out /= xp.sqrt(mean_of_product(xp, out, out, axis) + eps)
    return out


@op
def standardize_gradient(xp, y, x, /, axis, eps):
    """The gradient of `standardize` at ``x``, if that of its result ``out`` is ``y``.

    ``(y - mean(y) - out * mean(y * out)) / sqrt(var(x) + eps)`` over `axis`: what moves
    the mean or the variance of ``x`` does not move ``out``.

    Args:
        y: any shape.
        x: the same shape.
        axis: the axes of the mean.
        eps: as of `standardize`.
    """
    distance = x - mean_of(xp, x, axis)
    variance = mean_of_product(xp, distance, distance, axis) + eps
    distance *= mean_of_product(xp, y, distance, axis) / variance
    dx = y - distance
    dx -= mean_of(xp, y, axis)
    dx /= xp.sqrt(variance)
    return dx


@standardize.backward("x")
def _(g, x, axis, eps):
    return standardize_gradient(g, x, axis, eps)


@standardize_gradient.backward("y")
def _(g, x, axis, eps):
    return standardize_gradient(g, x, axis, eps)


# It depends on x by out, in two places, and by the deviation that it is divided by.
@standardize_gradient.backward("x")
def _(xp, g, out, y, x, axis, eps):
    unit = standardize(x, axis, eps)
    bent = g * mean_of_product(xp, y, unit, axis)
    bent += y * mean_of_product(xp, g, unit, axis)
    dx = standardize_gradient(bent, x, axis, eps)
    dx += unit * mean_of_product(xp, g, out, axis)
    return -dx / deviation_of(xp, x, axis, eps)


@op
def scale_and_shift(xp, x, weight, bias=None, /):
    """``x * weight + bias``, each broadcast to the shape of ``x``."""
    out = x * weight
    return out if bias is None else out + bias


scale_and_shift.backward("x", lambda g, weight: scale_and_shift(g, weight))
# The engine would sum these up too; as an op a compiled kernel can.
scale_and_shift.backward("weight", lambda g, x, in_shape: ops.sum_to(g * x, in_shape))
scale_and_shift.backward("bias", lambda g, in_shape: ops.sum_to(g, in_shape))


def mean_of(xp, x, axis):
    """Return the mean over `axis`, which stays as an axis of size 1."""
    if not is_last(x, axis):
        return xp.mean(x, axis=axis, keepdims=True)
    return mean_of_product(xp, x, xp.ones(x.shape[-1:], dtype=x.dtype), axis)


def mean_of_product(xp, x, y, axis):
    """Return the mean of ``x * y`` over `axis`, which stays as an axis of size 1."""
    if not is_last(x, axis):
        return xp.mean(x * y, axis=axis, keepdims=True)
    return xp.expand_dims(xp.vecdot(x, y), axis=-1) / x.shape[-1]


def deviation_of(xp, x, axis, eps):
    """Return ``sqrt(var(x) + eps)`` over `axis`, which stays as an axis of size 1."""
    distance = x - mean_of(xp, x, axis)
    return xp.sqrt(mean_of_product(xp, distance, distance, axis) + eps)


def is_last(x, axis):
    """Return whether `axis` is the last alone, for which a product of vectors does."""
    return tuple(axis) in ((-1,), (x.ndim - 1,))


def batch_norm(
    x: Any,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Normalise each channel, over the batch in training, else by running statistics.

    In training the running statistics, if they are given, move towards those of the
    batch: ``running = (1 - momentum) * running + momentum * batch``, with the variance
    of the batch as a sample (divided by its number less 1).

    Args:
        x: shape (N, C) or (N, C, ...): the channels are in axis 1.
        running_mean: shape (C,): written into in training; None for none.
        running_var: shape (C,): alike.
        weight: shape (C,): the scale, or None.
        bias: shape (C,): the shift, or None.
        training: whether the batch's own statistics are used.
        momentum: share of the batch in the running statistics, from 0 to 1.
        eps: added to the variance.

    Returns:
        The shape of ``x``.

    Raises:
        ValueError: if the shapes do not go together; in training, if there is only one
            value in each channel, which would become 0; outside of it, if there are no
            running statistics.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> x = Tensor([[1.0, 10.0], [3.0, 30.0]])
        >>> batch_norm(x, None, None, training=True, eps=0)
        Tensor([[-1., -1.],
                [ 1.,  1.]], dtype=float32)

    Reference:
        Ioffe and Szegedy 2015, "Batch normalization", algorithms 1 and 2.
    """
    shape = _shape("batch_norm", x, 2)
    channels = {
        "running_mean": running_mean,
        "running_var": running_var,
        "weight": weight,
        "bias": bias,
    }
    _check_channels("batch_norm", shape, channels)
    number("batch_norm", "momentum", momentum, 0, 1)
    axis, wide = (0, *range(2, len(shape))), widened(x)
    if not training:
        if running_mean is None or running_var is None:
            raise ValueError(
                "batch_norm: there are no running statistics, and training is False; "
                "give both, or training=True"
            )
        scale = ops.sqrt(ops.add(running_var, eps))
        distance = ops.subtract(wide, _along(running_mean, shape))
        out = ops.divide(distance, _along(scale, shape))
        return narrowed(_scaled(out, weight, bias, shape), x)
    count = math.prod(shape[a] for a in axis)
    if count == 1:
        raise ValueError(
            f"batch_norm: x has shape {shape}, one value in each channel; in training "
            "it would be normalised to 0 whatever it is: give more samples, or call "
            "eval() on the model to use the running statistics"
        )
    out = standardize(wide, axis, eps) if count else wide
    out = narrowed(_scaled(out, weight, bias, shape), x)
    if count:
        _follow(running_mean, running_var, wide, axis, count, momentum)
    return out


def _follow(running_mean, running_var, x, axis, count, momentum):
    """Move running statistics towards those of a batch."""
    if running_mean is None and running_var is None:
        return
    x = x.detach() if isinstance(x, Tensor) else x
    both = _array(moments(x, axis))
    mean, var = both[0, ...], both[1, ...]
    for running, found in (
        (running_mean, mean),
        (running_var, var * (count / (count - 1))),
    ):
        if running is not None:
            change = momentum * (found - running.data)
            running.data += change.astype(running.dtype)


@op
def moments(xp, x, /, axis):
    """Mean and variance over `axis`, one after the other; no gradient goes through."""
    return xp.stack([ops.mean(x, axis=axis), ops.var(x, axis=axis)])


def layer_norm(
    x: Any,
    normalized_shape: Any,
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Any:
    """Normalise every sample over its last axes.

    Args:
        x: shape ``(..., *normalized_shape)``.
        normalized_shape: an int or a tuple: the sizes of the last axes.
        weight: shape `normalized_shape`: the scale, or None.
        bias: alike: the shift, or None.
        eps: added to the variance.

    Returns:
        The shape of ``x``.

    Raises:
        ValueError: if the shapes do not go together.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer_norm(Tensor([[1.0, 3.0], [10.0, 30.0]]), 2, eps=0)
        Tensor([[-1.,  1.],
                [-1.,  1.]], dtype=float32)

    Reference:
        Ba, Kiros and Hinton 2016, "Layer normalization".
    """
    axis = _last_axes("layer_norm", x, normalized_shape, weight, bias)
    return narrowed(_affine(standardize(widened(x), axis, eps), weight, bias), x)


def rms_norm(
    x: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None
) -> Any:
    """Divide every sample by the root of its mean square, over its last axes.

    Args:
        x: shape ``(..., *normalized_shape)``.
        normalized_shape: an int or a tuple: the sizes of the last axes.
        weight: shape `normalized_shape`: the scale, or None.
        eps: added to the mean square; None for the precision of the dtype (in float16
            that of float32, in which it is computed).

    Returns:
        The shape of ``x``.

    Raises:
        ValueError: if the shapes do not go together.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> rms_norm(Tensor([[3.0, 3.0]]), 2, eps=0)
        Tensor([[1., 1.]], dtype=float32)

    Reference:
        Zhang and Sennrich 2019, "Root mean square layer normalization".
    """
    axis = _last_axes("rms_norm", x, normalized_shape, weight)
    wide = widened(x)
    if eps is None:
        eps = float(np.finfo(wide.dtype).eps)
    square = ops.mean(ops.square(wide), axis=axis, keepdims=True)
    out = ops.multiply(wide, ops.rsqrt(ops.add(square, eps)))
    return narrowed(_affine(out, weight, None), x)


def group_norm(
    x: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """Normalise every sample over each of some groups of its channels.

    Args:
        x: shape (N, C, ...).
        num_groups: how many groups of C / num_groups channels there are.
        weight: shape (C,): the scale, or None.
        bias: shape (C,): the shift, or None.
        eps: added to the variance.

    Returns:
        The shape of ``x``.

    Raises:
        ValueError: if the shapes do not go together, or the channels do not part into
            so many groups.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> group_norm(Tensor([[1.0, 3.0, 10.0, 30.0]]), 2, eps=0)
        Tensor([[-1.,  1., -1.,  1.]], dtype=float32)

    Reference:
        Wu and He 2018, "Group normalization".
    """
    shape = _shape("group_norm", x, 2)
    _check_channels("group_norm", shape, {"weight": weight, "bias": bias})
    groups = integer("group_norm", "num_groups", num_groups)
    if shape[1] % groups:
        raise ValueError(
            f"group_norm: x has shape {shape}, num_groups={groups}; the {shape[1]} "
            f"channels do not part into {groups} groups of one size"
        )
    # The pixels' axes stay: to make one of all would turn what a convolution gave.
    split = (shape[0], groups, shape[1] // groups, *shape[2:])
    parts = ops.reshape(widened(x), split)
    if math.prod(split[2:]):
        parts = standardize(parts, tuple(range(2, len(split))), eps)
    out = ops.reshape(parts, shape)
    return narrowed(_scaled(out, weight, bias, shape), x)


def instance_norm(
    x: Any,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Normalise every channel of every sample by itself.

    Args:
        x: shape (N, C, ...), with more than one value in each channel.
        running_mean: shape (C,): moved towards the mean of the samples' means; None
            for none.
        running_var: shape (C,): alike, of their variances.
        weight: shape (C,): the scale, or None.
        bias: shape (C,): the shift, or None.
        use_input_stats: False to use the running statistics, as `batch_norm` does.
        momentum: share of the batch in the running statistics, from 0 to 1.
        eps: added to the variance.

    Returns:
        The shape of ``x``.

    Raises:
        ValueError: if the shapes do not go together, or there is only one value in
            each channel.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> instance_norm(Tensor([[[1.0, 3.0], [10.0, 30.0]]]), eps=0)
        Tensor([[[-1.,  1.],
                 [-1.,  1.]]], dtype=float32)

    Reference:
        Ulyanov, Vedaldi and Lempitsky 2016, "Instance normalization: the missing
        ingredient for fast stylization".
    """
    if not use_input_stats:
        return batch_norm(x, running_mean, running_var, weight, bias, eps=eps)
    shape = _shape("instance_norm", x, 3)
    channels = {
        "running_mean": running_mean,
        "running_var": running_var,
        "weight": weight,
        "bias": bias,
    }
    _check_channels("instance_norm", shape, channels)
    axis = tuple(range(2, len(shape)))
    count = math.prod(shape[2:])
    if count == 1:
        raise ValueError(
            f"instance_norm: x has shape {shape}, one value in each channel of a "
            "sample, which would be normalised to 0 whatever it is"
        )
    wide = widened(x)
    out = standardize(wide, axis, eps) if count else wide
    out = narrowed(_scaled(out, weight, bias, shape), x)
    if count and shape[0]:
        for running, of_each, factor in (
            (running_mean, ops.mean, 1.0),
            (running_var, ops.var, count / (count - 1)),
        ):
            if running is not None:
                of_samples = _array(of_each(_detached(wide), axis=axis))
                found = of_samples.mean(axis=0) * factor
                change = momentum * (found - running.data)
                running.data += change.astype(running.dtype)
    return out


def normalize(x: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Any:
    """Divide by the norm along an axis: vectors of length 1.

    Args:
        x: any shape.
        p: the order of the norm.
        dim: the axis of the vectors, or a tuple of axes.
        eps: the least number that is divided by.

    Returns:
        The shape of ``x``.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> normalize(Tensor([[3.0, 4.0], [0.0, 0.0]]))
        Tensor([[0.6, 0.8],
                [0. , 0. ]], dtype=float32)
    """
    _shape("normalize", x, 0)
    wide = widened(x)
    length = ops.norm(wide, p, axis=dim, keepdims=True)
    return narrowed(ops.divide(wide, ops.clip(length, eps)), x)


def _detached(x):
    return x.detach() if isinstance(x, Tensor) else x


def _array(x):
    return x.data if isinstance(x, Tensor) else x


def _shape(who, x, least):
    """Return the shape of floats with a batch, channels and maybe more."""
    shape = tuple(getattr(x, "shape", ()))
    if getattr(getattr(x, "dtype", None), "kind", "f") != "f" or not hasattr(
        x, "dtype"
    ):
        what = f"of {x.dtype}" if hasattr(x, "dtype") else f"a {type(x).__name__}"
        raise TypeError(f"{who}: x is {what}; a Tensor or an array of floats is needed")
    if len(shape) < least:
        axes = "(N, C, ...)" if least == 2 else "(N, C, L) or (N, C, H, W)"
        raise ValueError(f"{who}: x has shape {shape}; {axes} is needed")
    return shape


def _check_channels(who, shape, arrays):
    """Refuse what has not one number for each channel."""
    for name, array in arrays.items():
        if array is not None and tuple(array.shape) != (shape[1],):
            raise ValueError(
                f"{who}: x has shape {shape} and {name} {tuple(array.shape)}; {name} "
                f"must have shape ({shape[1]},), one number for each channel in axis 1"
            )


def _last_axes(who, x, normalized_shape, *arrays):
    """Return the last axes, as many as `normalized_shape` has sizes."""
    shape = _shape(who, x, 0)
    sizes = (
        tuple(normalized_shape)
        if isinstance(normalized_shape, tuple | list)
        else (normalized_shape,)
    )
    if not sizes or shape[-len(sizes) :] != sizes:
        raise ValueError(
            f"{who}: x has shape {shape}, normalized_shape={normalized_shape}; its "
            "last axes must have these sizes"
        )
    for array in arrays:
        if array is not None and tuple(array.shape) != sizes:
            raise ValueError(
                f"{who}: normalized_shape is {sizes}, and weight or bias has shape "
                f"{tuple(array.shape)}; the two must be equal"
            )
    return tuple(range(-len(sizes), 0))


def _along(values, shape):
    """Return one number for each channel as an array that broadcasts along axis 1."""
    return ops.reshape(values, (1, shape[1], *(1,) * (len(shape) - 2)))


def _scaled(out, weight, bias, shape):
    """Return ``out * weight + bias``, channel by channel."""
    weight, bias = (
        None if array is None else _along(array, shape) for array in (weight, bias)
    )
    return _affine(out, weight, bias)


def _affine(out, weight, bias):
    """Return ``out * weight + bias``, each of which may be None for none."""
    if weight is not None:
        return scale_and_shift(out, weight, bias)
    return out if bias is None else ops.add(out, bias)
