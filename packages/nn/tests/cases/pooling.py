"""Rows of `layers/pooling.py`."""

import numpy as np

from ._case import Case


def pooled(x, reduce, kernel, stride, padding=0, dilation=1, fill=np.nan, axes=2):
    """Each window of the padded array, reduced; signals are images of one row."""
    x = x if axes == 2 else x[..., None, :]
    kernel = (kernel, kernel) if axes == 2 else (1, kernel)
    step = (stride, stride) if axes == 2 else (1, stride)
    width = (padding, padding) if axes == 2 else (0, padding)
    pairs = [(0, 0)] * (x.ndim - 2) + [(n, n) for n in width]
    x = np.pad(x, pairs, constant_values=fill)
    reach = [(k - 1) * dilation + 1 for k in kernel]
    sizes = [
        (n - r) // s + 1 for n, r, s in zip(x.shape[-2:], reach, step, strict=True)
    ]
    out = np.zeros((*x.shape[:-2], *sizes))
    for p, q in np.ndindex(*sizes):
        top, left = p * step[0], q * step[1]
        window = x[
            ...,
            top : top + reach[0] : dilation,
            left : left + reach[1] : dilation,
        ]
        out[..., p, q] = reduce(window, axis=(-2, -1))
    return out if axes == 2 else out[..., 0, :]


def adapted(x, reduce, rows, columns):
    """The grid of windows, by its definition."""
    height, width = x.shape[-2:]
    out = np.zeros((*x.shape[:-2], rows, columns))
    for p, q in np.ndindex(rows, columns):
        top, below = p * height // rows, -(-(p + 1) * height // rows)
        left, right = q * width // columns, -(-(q + 1) * width // columns)
        out[..., p, q] = reduce(x[..., top:below, left:right], axis=(-2, -1))
    return out


CASES = [
    Case(
        "MaxPool2d(2)",
        [(2, 1, 4, 5), (2, 4, 4), (0, 2, 4, 4)],
        lambda x: pooled(x, np.max, 2, 2),
    ),
    Case(
        "MaxPool2d(3, stride=2, padding=1)",
        [(2, 1, 5, 4)],
        lambda x: pooled(x, np.nanmax, 3, 2, 1),
    ),
    Case(
        "MaxPool2d(2, stride=1, dilation=2)",
        [(1, 2, 4, 4)],
        lambda x: pooled(x, np.max, 2, 1, dilation=2),
    ),
    Case(
        "MaxPool2d(2, ceil_mode=True)",
        [(1, 2, 3, 5)],
        lambda x: pooled(
            np.pad(x, [(0, 0)] * 2 + [(0, 1)] * 2, constant_values=np.nan),
            np.nanmax,
            2,
            2,
        ),
    ),
    Case("MaxPool2D(2)", [(2, 1, 4, 4)], lambda x: pooled(x, np.max, 2, 2)),
    Case("MaxPool2D(2, stride=1)", [(1, 1, 3, 3)], lambda x: pooled(x, np.max, 2, 1)),
    Case(
        "MaxPool2D(2, padding=1)",
        [(1, 1, 4, 4)],
        lambda x: pooled(x, np.nanmax, 2, 2, 1),
    ),
    Case(
        "MaxPool1d(2)",
        [(2, 1, 5), (2, 4), (0, 2, 4)],
        lambda x: pooled(x, np.max, 2, 2, axes=1),
    ),
    Case(
        "MaxPool1d(3, stride=1, padding=1)",
        [(2, 1, 4)],
        lambda x: pooled(x, np.nanmax, 3, 1, 1, axes=1),
    ),
    Case(
        "MaxPool1d(2, stride=1, dilation=2)",
        [(2, 1, 4)],
        lambda x: pooled(x, np.max, 2, 1, dilation=2, axes=1),
    ),
    Case(
        "AvgPool2d(2)",
        [(2, 1, 4, 5), (2, 4, 4), (0, 2, 4, 4)],
        lambda x: pooled(x, np.mean, 2, 2),
    ),
    Case(
        "AvgPool2d(3, stride=1, padding=1)",
        [(2, 1, 3, 4)],
        lambda x: pooled(x, np.mean, 3, 1, 1, fill=0.0),
    ),
    Case(
        "AvgPool2d(3, stride=2, padding=1, count_include_pad=False)",
        [(2, 1, 5, 4)],
        lambda x: pooled(x, np.nanmean, 3, 2, 1),
    ),
    Case(
        "AvgPool2d(2, stride=1, divisor_override=3)",
        [(1, 1, 3, 3)],
        lambda x: pooled(x, np.sum, 2, 1) / 3,
    ),
    Case(
        "AvgPool1d(2)",
        [(2, 1, 5), (2, 4), (0, 2, 4)],
        lambda x: pooled(x, np.mean, 2, 2, axes=1),
    ),
    Case(
        "AvgPool1d(3, stride=1, padding=1)",
        [(2, 1, 4)],
        lambda x: pooled(x, np.mean, 3, 1, 1, fill=0.0, axes=1),
    ),
    Case(
        "AvgPool1d(3, stride=2, padding=1, count_include_pad=False)",
        [(2, 1, 5)],
        lambda x: pooled(x, np.nanmean, 3, 2, 1, axes=1),
    ),
    Case(
        "AdaptiveAvgPool2d(1)",
        [(2, 3, 4, 5), (2, 4, 4), (0, 2, 4, 4)],
        lambda x: x.mean(axis=(-2, -1), keepdims=True),
    ),
    Case(
        "AdaptiveAvgPool2d((2, 3))",
        [(2, 1, 4, 7), (1, 1, 3, 3)],
        lambda x: adapted(x, np.mean, 2, 3),
    ),
    Case(
        "AdaptiveAvgPool2d((None, 5))",
        [(1, 2, 2, 3)],  # more windows than elements
        lambda x: adapted(x, np.mean, 2, 5),
    ),
    Case(
        "AdaptiveMaxPool2d(2)",
        [(2, 1, 4, 6), (2, 5, 3), (0, 2, 4, 5)],
        lambda x: adapted(x, np.max, 2, 2),
    ),
    Case(
        "AdaptiveMaxPool2d((3, 1))",
        [(1, 1, 5, 4)],
        lambda x: adapted(x, np.max, 3, 1),
    ),
    Case(
        "AdaptiveMaxPool2d((1, None))",
        [(1, 1, 3, 2)],
        lambda x: adapted(x, np.max, 1, 2),
    ),
]
