"""Pooling with a grid of windows that covers images of any size.

One axis after the other, each window as a row of elements; where the windows are of one
size, that is a change of shape and no copy.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

from typing import Any

import numpy as np

from pebblegrad.autograd import ops
from pebblegrad.nn._arguments import integers

from ._windows import as_given, as_images


def adaptive_avg_pool2d(x: Any, output_size: Any) -> Any:
    """The means of a grid of windows that covers images of any size.

    Window p of P along an axis goes from ``floor(p * H / P)`` to ``ceil((p + 1) * H /
    P)``: where P does not divide H they overlap by an element.

    Args:
        x: shape (N, C, H, W), or (C, H, W) for one image.
        output_size: OH and OW, or an int for both; None leaves an axis as it is.

    Returns:
        Shape (N, C, OH, OW), or without N.

    Raises:
        ValueError: if x is no image, or a size is not positive.
        TypeError: if x is no array.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> image = Tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
        >>> adaptive_avg_pool2d(image, 1)
        Tensor([[[3.5]]], dtype=float32)
        >>> adaptive_avg_pool2d(image, (1, 2))
        Tensor([[[3., 4.]]], dtype=float32)
    """
    image, shape, sizes = _adaptive("adaptive_avg_pool2d", x, output_size)
    for axis, count in zip((2, 3), sizes, strict=True):
        image = _means_along(image, axis, count)
    return as_given(image, shape, 2)


def adaptive_max_pool2d(x: Any, output_size: Any) -> Any:
    """The largest elements in a grid of windows that covers images of any size.

    Args:
        x: shape (N, C, H, W), or (C, H, W) for one image.
        output_size: as in `adaptive_avg_pool2d`, and so are the windows.

    Returns:
        Shape (N, C, OH, OW), or without N.

    Raises:
        ValueError: as in `adaptive_avg_pool2d`.
        TypeError: as in `adaptive_avg_pool2d`.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> adaptive_max_pool2d(Tensor([[[1.0, 2.0, 3.0], [6.0, 5.0, 4.0]]]), (1, 2))
        Tensor([[[6., 5.]]], dtype=float32)
    """
    image, shape, sizes = _adaptive("adaptive_max_pool2d", x, output_size)
    # Along one axis and then the other: of equals, the first in the first row with one
    # is found only if the columns come first.
    for axis, count in zip((3, 2), reversed(sizes), strict=True):
        image = _largest_along(image, axis, count)
    return as_given(image, shape, 2)


def _adaptive(who, x, output_size):
    """Return images, the shape that was given, and how many windows on each axis."""
    image, shape = as_images(who, 2, x)
    if min(image.shape[1:]) < 1:
        raise ValueError(f"{who}: x has shape {shape}; images without elements")
    several = isinstance(output_size, tuple | list)
    counts = list(output_size) if several else [output_size] * 2
    for axis, size in enumerate(image.shape[2:]):
        if axis < len(counts) and counts[axis] is None:
            counts[axis] = size
    return image, shape, integers(who, "output_size", counts, 2)


def _grid(size, count):
    """Return an index of the elements of each window along an axis, and how many.

    A window that is shorter than others has its last element several times.
    """
    starts = np.arange(count) * size // count
    ends = -(-(np.arange(1, count + 1) * size) // count)
    index = starts[:, None] + np.arange((ends - starts).max())
    return np.minimum(index, ends[:, None] - 1), ends - starts


def _means_along(x, axis, count):
    """Return the means of `count` windows along an axis of (N, C, H, W)."""
    if x.shape[axis] % count == 0:
        return ops.mean(_split(x, axis, count), axis=axis + 1)
    index, lengths = _grid(x.shape[axis], count)
    is_filled = np.arange(index.shape[1]) < lengths[:, None]
    seen = ops.take(x, index, axis=axis)  # an axis of windows, and one inside of them
    behind = (1,) * (3 - axis)
    seen = ops.where(is_filled.reshape(*is_filled.shape, *behind), seen, 0.0)
    return ops.sum(seen, axis=axis + 1) / lengths.reshape(-1, *behind).astype(x.dtype)


def _largest_along(x, axis, count):
    """Return the largest in `count` windows along an axis of (N, C, H, W)."""
    if x.shape[axis] % count == 0:
        seen = _split(x, axis, count)
    else:
        seen = ops.take(x, _grid(x.shape[axis], count)[0], axis=axis)
    where = ops.argmax(seen, axis=axis + 1, keepdims=True)
    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :])
    return ops.reshape(ops.take_along_axis(seen, where, axis=axis + 1), shape)


def _split(x, axis, count):
    """Return `x` with an axis of windows of equal size, and one inside of them."""
    size = x.shape[axis] // count
    return ops.reshape(x, (*x.shape[:axis], count, size, *x.shape[axis + 1 :]))
