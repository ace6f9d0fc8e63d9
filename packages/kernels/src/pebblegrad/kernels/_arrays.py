"""What the kernels take: NumPy's arrays of one precision, as they lie in memory."""

# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

_KNOWN = (np.dtype(np.float32), np.dtype(np.float64))


def are_alike(*arrays):
    """Return whether all have numbers, of one precision that the kernels know."""
    first = arrays[0].dtype
    return first in _KNOWN and all(
        type(array) is np.ndarray
        and array.dtype == first
        and array.size
        and array.flags.aligned
        for array in arrays
    )


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
