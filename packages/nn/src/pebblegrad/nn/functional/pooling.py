"""Pooling: one number for what a window sees, its largest or its mean.

The loops are over the places of the window, never over its positions: place by place
all positions are compared, or summed, at once. What maximum pooling picks is found as
an array of integers, which place is the largest, and picking is linear; so the op's
rule, that rule's own, and so on, are `max_unpool` and `pick_from_windows` in turn.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

import math
from typing import Any

import numpy as np

from pebblegrad.autograd import op, ops
from pebblegrad.nn._arguments import integer

from ._windows import as_given, as_images, motion, places, room_like, walk


def max_pool2d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Any:
    """The largest element that a window sees at each position.

    The gradient goes to that element; to the first, row by row, if there are several.

    Args:
        x: shape (N, C, H, W), or (C, H, W) for one image.
        kernel_size: kh and kw of the window, or an int for both.
        stride: how far a position is from the next; `kernel_size` if None.
        padding: how far the window reaches over each side, where it sees nothing; at
            most half of the window.
        dilation: how far a place of the window is from the next.
        ceil_mode: whether what is left at the end, smaller than the window, gets a
            position too.

    Returns:
        Shape (N, C, OH, OW), OH = (H + 2 padding - dilation (kh - 1) - 1) / stride + 1
        rounded down (up in `ceil_mode`), and OW alike; without N if x had none.

    Raises:
        ValueError: if the window does not fit, or an argument is out of range.
        TypeError: if x is no array.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> image = Tensor([[[1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 5.0]]])
        >>> max_pool2d(image, 2)
        Tensor([[[4., 5.]]], dtype=float32)

    Reference:
        Ranzato et al. 2007, "Unsupervised learning of invariant feature hierarchies".
    """
    moves = kernel_size, stride, padding, dilation, ceil_mode
    return _max("max_pool2d", 2, x, *moves)


def max_pool1d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Any:
    """The largest element that a window sees along signals; see `max_pool2d`.

    Args:
        x: shape (N, C, L), or (C, L) for one signal.
        kernel_size: of the window.
        stride: as in `max_pool2d`, and so the others.
        padding: how far the window reaches over each end.
        dilation: how far a place of the window is from the next.
        ceil_mode: whether what is left at the end gets a position too.

    Returns:
        Shape (N, C, OL).

    Raises:
        ValueError: as in `max_pool2d`.
        TypeError: as in `max_pool2d`.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> max_pool1d(Tensor([[1.0, 3.0, 2.0, 0.0]]), 2)
        Tensor([[3., 2.]], dtype=float32)
    """
    moves = kernel_size, stride, padding, dilation, ceil_mode
    return _max("max_pool1d", 1, x, *moves)


def avg_pool2d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of what a window sees at each position.

    Args:
        x: shape (N, C, H, W), or (C, H, W) for one image.
        kernel_size: kh and kw of the window, or an int for both.
        stride: how far a position is from the next; `kernel_size` if None.
        padding: how far the window reaches over each side, where it sees zeros; at most
            half of the window.
        ceil_mode: whether what is left at the end, smaller than the window, gets a
            position too.
        count_include_pad: whether the zeros of the padding count in the mean.
        divisor_override: what to divide the sum by instead of the number of elements.

    Returns:
        Shape (N, C, OH, OW) as in `max_pool2d`.

    Raises:
        ValueError: if the window does not fit, or an argument is out of range.
        TypeError: if x is no array.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> image = Tensor([[[1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 5.0]]])
        >>> avg_pool2d(image, 2)
        Tensor([[[2.5 , 1.25]]], dtype=float32)
    """
    moves = kernel_size, stride, padding, ceil_mode
    return _mean("avg_pool2d", 2, x, *moves, count_include_pad, divisor_override)


def avg_pool1d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """The mean of what a window sees along signals; see `avg_pool2d`.

    Args:
        x: shape (N, C, L), or (C, L) for one signal.
        kernel_size: of the window.
        stride: as in `avg_pool2d`, and so the others.
        padding: how far the window reaches over each end.
        ceil_mode: whether what is left at the end gets a position too.
        count_include_pad: whether the zeros of the padding count in the mean.

    Returns:
        Shape (N, C, OL).

    Raises:
        ValueError: as in `avg_pool2d`.
        TypeError: as in `avg_pool2d`.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> avg_pool1d(Tensor([[1.0, 3.0, 2.0, 0.0]]), 2)
        Tensor([[2., 1.]], dtype=float32)
    """
    moves = kernel_size, stride, padding, ceil_mode
    return _mean("avg_pool1d", 1, x, *moves, count_include_pad, None)


@op
def max_pool(xp, x, /, windows):
    """The largest element in each window: (N, C, H, W) to (N, C, OH, OW)."""
    out = room_like(xp, x, (*x.shape[:2], *windows.positions))
    out[...] = _lowest(xp, x.dtype)
    for _, positions, elements in places(windows):
        out[positions] = xp.maximum(out[positions], x[elements])
    return out


@op
def argmax_pool(xp, x, largest, /, windows):
    """Which place of each window has its largest element: 0 for the first, and so on.

    Counts the places before that one; in NumPy five times as fast as choosing a number
    by `where`, for which the elements come in no order that a processor could guess.
    Forwards and backwards, windows of 2 x 2 on 64 x 16 images of 28 x 28 take 1.7 ms on
    one core as a convolution lays them, and 2.3 ms image by image (PyTorch 4.8 ms).
    """
    few = math.prod(windows.kernel) < 256
    missed = largest == largest  # everywhere, but where there is a NaN
    has_nan = not xp.all(missed)
    missed[...] = True
    found = xp.zeros_like(missed, dtype=xp.uint8 if few else xp.int32)
    for _, positions, elements in places(windows):
        seen = x[elements]
        is_other = seen != largest[positions]
        if has_nan:  # where the largest is NaN, it is the first that is
            is_other &= seen == seen
        missed[positions] &= is_other
        found += xp.asarray(missed, dtype=found.dtype)
    return found


@op
def max_unpool(xp, y, which, /, windows):
    """Zeros, and ``y`` added where it was picked: (N, C, OH, OW) to (N, C, H, W)."""
    out = room_like(xp, which, (*y.shape[:2], *windows.sizes), y.dtype)
    out[...] = 0
    apart = windows.are_apart
    turned = room_like(xp, which, y.shape, y.dtype)  # once, not for each place
    turned[...] = y
    for k, (_, positions, elements) in enumerate(places(windows)):
        picked = ops.zero_where(turned[positions], which[positions] != k)
        if apart:
            out[elements] = picked
        else:
            out[elements] += picked
    return out


@op
def pick_from_windows(xp, x, which, /, windows):
    """The element at the place `which` of each window."""
    out = room_like(xp, x, (*x.shape[:2], *windows.positions))
    out[...] = 0
    for k, (_, positions, elements) in enumerate(places(windows)):
        out[positions] += ops.zero_where(x[elements], which[positions] != k)
    return out


@max_pool.backward("x")
def _(g, x, out, windows):
    return max_unpool(g, argmax_pool(x, out, windows), windows)


max_unpool.backward("y", lambda g, which, windows: pick_from_windows(g, which, windows))
pick_from_windows.backward("x", lambda g, which, windows: max_unpool(g, which, windows))


@op
def sum_pool(xp, x, /, windows):
    """The sum over each window: (N, C, H, W) to (N, C, OH, OW)."""
    out = room_like(xp, x, (*x.shape[:2], *windows.positions))
    out[...] = 0
    for _, positions, elements in places(windows):
        out[positions] += x[elements]
    return out


@op
def sum_unpool(xp, y, /, windows):
    """What each window gets, given to all elements in it and added up."""
    out = room_like(xp, y, (*y.shape[:2], *windows.sizes))
    out[...] = 0
    for _, positions, elements in places(windows):
        out[elements] += y[positions]
    return out


sum_pool.backward("x", lambda g, windows: sum_unpool(g, windows))
sum_unpool.backward("y", lambda g, windows: sum_pool(g, windows))


def _max(who, axes, x, kernel_size, stride, padding, dilation, ceil_mode):
    image, shape = as_images(who, axes, x)
    moves = _motion(who, axes, kernel_size, stride, padding, dilation)
    windows = walk(who, shape, *moves, ceil_mode=ceil_mode)
    return as_given(max_pool(image, windows), shape, axes)


def _mean(who, axes, x, kernel_size, stride, padding, ceil_mode, with_padding, divisor):
    image, shape = as_images(who, axes, x)
    moves = _motion(who, axes, kernel_size, stride, padding, 1)
    windows = walk(who, shape, *moves, ceil_mode=ceil_mode)
    if divisor is not None:
        count = integer(who, "divisor_override", divisor)
    else:
        count = _counts(windows, with_padding, image.dtype)
    return as_given(sum_pool(image, windows) / count, shape, axes)


def _motion(who, axes, kernel_size, stride, padding, dilation):
    """Return the arguments as tuples; the padding is at most half of the window."""
    moves = motion(who, axes, kernel_size, stride, padding, dilation)
    kernel, _, widths, gaps = moves
    for size, (width, _), gap in zip(kernel, widths, gaps, strict=True):
        span = (size - 1) * gap + 1
        if width > span // 2:
            raise ValueError(
                f"{who}: padding={padding} and kernel_size={kernel_size}; a window "
                f"that reaches over {span} elements can have at most {span // 2}"
            )
    return moves


def _counts(windows, with_padding, dtype):
    """Return by what the sum at each position is divided: a number, or (OH, OW)."""
    counts = []
    for size, kernel, stride, before, positions in zip(
        windows.sizes,
        windows.kernel,
        windows.stride,
        windows.before,
        windows.positions,
        strict=True,
    ):
        starts = np.arange(positions) * stride - before
        ends = np.minimum(starts + kernel, size + before)
        if not with_padding:
            starts, ends = np.maximum(starts, 0), np.minimum(ends, size)
        counts.append(ends - starts)
    table = counts[0][:, None] * counts[1]
    return int(table[0, 0]) if (table == table[0, 0]).all() else table.astype(dtype)


def _lowest(xp, dtype):
    """Return what is below all numbers of a dtype."""
    return -math.inf if xp.isdtype(dtype, "real floating") else xp.iinfo(dtype).min
