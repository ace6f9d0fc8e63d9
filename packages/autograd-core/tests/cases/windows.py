"""Rows for `ops/windows.py`."""

import itertools

import numpy as np

from ._case import Case

# The shape of an array, and how to go through it.
WALKS = [
    ((5,), {"window_shape": 2}),
    ((6,), {"window_shape": (3,), "stride": 2}),
    ((7,), {"window_shape": 2, "dilation": 3}),
    ((8,), {"window_shape": 2, "stride": 4, "dilation": 2}),  # some elements in none
    ((2, 4, 5), {"window_shape": (2, 3)}),
    ((2, 5, 4), {"window_shape": (3, 2), "stride": (2, 1), "dilation": (1, 2)}),
    ((4, 2, 3), {"window_shape": 2, "axes": 0}),
    ((4, 2, 3), {"window_shape": (2, 2), "stride": 2, "axes": (-1, 0)}),
    ((3, 3), {"window_shape": (3, 3)}),
    ((2,), {"window_shape": 1, "stride": 5}),
    ((0, 3), {"window_shape": 2}),
]


def each(value, count):
    return value if isinstance(value, tuple) else (value,) * count


def sliding_windows(x, window_shape, stride=1, dilation=1, axes=None):
    """NumPy's windows of the whole span, and of these every so many."""
    window = each(window_shape, 1)
    count = len(window)
    axes = tuple(range(-count, 0)) if axes is None else each(axes, 1)
    stride, dilation = each(stride, count), each(dilation, count)
    span = [(k - 1) * gap + 1 for k, gap in zip(window, dilation, strict=True)]
    windows = np.lib.stride_tricks.sliding_window_view(x, span, axes)
    positions = [slice(None)] * x.ndim
    for axis, step in zip(axes, stride, strict=True):
        positions[axis] = slice(None, None, step)
    places = [slice(None, None, gap) for gap in dilation]
    return windows[(*positions, *places)]


def fold(x, shape, stride=1, dilation=1, axes=None):
    """Element by element."""
    shape = each(shape, 1)
    count = len(shape)
    full, window = list(x.shape[:-count]), x.shape[-count:]
    axes = tuple(range(-count, 0)) if axes is None else each(axes, 1)
    for axis, size in zip(axes, shape, strict=True):
        full[axis] = size
    stride, dilation = each(stride, count), each(dilation, count)
    out = np.zeros(full)
    for position in np.ndindex(*x.shape[:-count]):
        for place in itertools.product(*map(range, window)):
            element = list(position)
            for i, axis in enumerate(axes):
                element[axis] = position[axis] * stride[i] + place[i] * dilation[i]
            out[tuple(element)] += x[position + place]
    return out


def folded(shape, window_shape, **options):
    """Return the row of `fold` that goes back over a walk."""
    windows = sliding_windows(np.zeros(shape), window_shape, **options)
    count = len(each(window_shape, 1))
    axes = each(options.get("axes", tuple(range(-count, 0))), 1)
    sizes = tuple(shape[axis] for axis in axes)
    return Case("fold", [windows.shape], fold, {"shape": sizes, **options})


CASES = [
    *[Case("sliding_windows", [shape], sliding_windows, walk) for shape, walk in WALKS],
    *[folded(shape, **walk) for shape, walk in WALKS],
]
