"""What the kernels take: NumPy's arrays of one precision, as they lie in memory."""

# mypy: allow-untyped-defs, allow-untyped-calls

import functools
import math
import struct

import numpy as np

_KNOWN = (np.dtype(np.float32), np.dtype(np.float64))


def are_alike(*arrays):
    """Return whether all have numbers, of one precision that the kernels know."""
    dtype = getattr(arrays[0], "dtype", None)
    if dtype not in _KNOWN:
        return False
    for array in arrays:  # a loop takes two thirds of the time of `all`
        if (
            type(array) is not np.ndarray
            or array.dtype != dtype
            or not array.size
            or not array.flags.aligned
        ):
            return False
    return True


def pixels(images):
    """Return (N, C, H, W) as (N, H, W, C), side by side in memory."""
    return np.ascontiguousarray(images.transpose(0, 2, 3, 1))


def as_they_lie(first, *others):
    """Return arrays of one shape with their axes in the order of memory.

    None if there is no order in which all of them lie side by side.
    """
    if first.flags.c_contiguous:
        turned = [first, *others]
    else:
        order = sorted(range(first.ndim), key=lambda axis: -first.strides[axis])
        turned = [array.transpose(order) for array in (first, *others)]
    return turned if all(array.flags.c_contiguous for array in turned) else None


def in_groups(x, axes, eps=0.0):
    """Return how the groups of numbers lie that go along `axes`: see `Groups` in C.

    Returns:
        The order of the axes in memory, and the bytes of the struct; None if the array
        has gaps, or the axes of a group lie on both sides of some, and between others.
    """
    return _in_groups(x.shape, x.strides, x.itemsize, tuple(axes), eps)


@functools.lru_cache(1024)
def _in_groups(shape, strides, step, axes, eps):
    if any(not -len(shape) <= axis < len(shape) for axis in axes):
        return None  # NumPy has the words for it
    axes = [axis % len(shape) for axis in axes]
    order = in_memory(shape, strides, step)
    if order is None:
        return None
    long = [axis for axis in order if shape[axis] > 1]
    sizes = [1, 1, 1]  # outer, groups, inner
    place = 0
    for axis in long:
        counts = axis not in axes
        if counts and place == 2:
            return None
        place = 1 if counts else 2 * (place > 0)
        sizes[place] *= shape[axis]
    if not set(long) - set(axes):
        sizes = [1, 1, math.prod(sizes)]
    return order, struct.pack("3qd", *sizes, eps)


def in_memory(shape, strides, step):
    """Return the axes in the order of memory, those of one number first.

    None if there are gaps between the numbers, of `step` bytes.
    """
    axes = range(len(shape))
    order = sorted(axes, key=lambda axis: (shape[axis] > 1, -strides[axis]))
    for axis in reversed(order):
        if shape[axis] > 1:
            if strides[axis] != step:
                return None
            step *= shape[axis]
    return order


@functools.lru_cache(1024)
def stretched(shape, full):
    """Return the axes along which a shape is broadcast to a full one, None if not."""
    added = len(full) - len(shape)
    if added < 0:
        return None
    axes = list(range(added))
    for axis, (size, wide) in enumerate(zip(shape, full[added:], strict=True), added):
        if size == 1:
            axes.append(axis)
        elif size != wide:
            return None
    return tuple(axes)
