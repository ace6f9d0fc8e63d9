"""Rows of `layers/convolution.py`."""

import numpy as np

from ._case import Case


def convolved(x, weight, bias=0.0, stride=1, padding=0, dilation=1, groups=1):
    """The formula of `Conv2d`, one position of the window after the other.

    `padding` is a pair for each axis, or an int.
    """
    widths = [(padding, padding)] * 2 if isinstance(padding, int) else padding
    x = np.pad(x, [(0, 0)] * (x.ndim - 2) + list(widths))
    images = x if x.ndim == 4 else x[None]
    count, channels, kh, kw = weight.shape
    rows = (images.shape[2] - (kh - 1) * dilation - 1) // stride + 1
    columns = (images.shape[3] - (kw - 1) * dilation - 1) // stride + 1
    out = np.zeros((len(images), count, rows, columns))
    for d, p, q in np.ndindex(count, rows, columns):
        first = d // (count // groups) * channels
        seen = images[
            :,
            first : first + channels,
            p * stride : p * stride + (kh - 1) * dilation + 1 : dilation,
            q * stride : q * stride + (kw - 1) * dilation + 1 : dilation,
        ]
        out[:, d, p, q] = (seen * weight[d]).sum(axis=(1, 2, 3))
    out += np.reshape(bias, (-1, 1, 1))
    return out if x.ndim == 4 else out[0]


def transposed(x, weight, bias=0.0, stride=1, padding=0, more=0, groups=1, dilation=1):
    """The formula of `ConvTranspose2d`: every element writes its window."""
    images = x if x.ndim == 4 else x[None]
    size, channels, height, width = images.shape
    _, count, kh, kw = weight.shape
    whole = np.zeros(
        (
            size,
            count * groups,
            (height - 1) * stride + (kh - 1) * dilation + 1 + more,
            (width - 1) * stride + (kw - 1) * dilation + 1 + more,
        )
    )
    for c, p, q in np.ndindex(channels, height, width):
        first = c // (channels // groups) * count
        whole[
            :,
            first : first + count,
            p * stride : p * stride + (kh - 1) * dilation + 1 : dilation,
            q * stride : q * stride + (kw - 1) * dilation + 1 : dilation,
        ] += images[:, c, p, q].reshape(-1, 1, 1, 1) * weight[c]
    end = [n - padding for n in whole.shape[2:]]
    out = whole[:, :, padding : end[0], padding : end[1]]
    out = out + np.reshape(bias, (-1, 1, 1))
    return out if x.ndim == 4 else out[0]


def on_signals(formula, **arguments):
    """The formula of images on signals, as images of one row."""

    def of_signals(x, weight, bias=0.0):
        out = formula(x[..., None, :], weight[:, :, None, :], bias, **arguments)
        return out[..., 0, :]

    return of_signals


def with_(formula, **arguments):
    """The formula with some of its arguments."""
    return lambda *arrays: formula(*arrays, **arguments)


def wrapped(x, weight, bias):
    """`padding_mode="circular"`, one element on each side."""
    return convolved(np.pad(x, [(0, 0)] * 2 + [(1, 1)] * 2, mode="wrap"), weight, bias)


IMAGES = [(2, 2, 4, 5), (2, 4, 4), (0, 2, 4, 4)]
SAME = [(0, 1), (1, 1)]  # of a window of 2 by 3

CASES = [
    Case(
        "Conv2d(2, 3, 3)",
        IMAGES,
        convolved,
        {"weight": (3, 2, 3, 3), "bias": (3,)},
    ),
    Case(
        "Conv2d(2, 3, 3, bias=False, stride=2, padding=1)",
        IMAGES,
        with_(convolved, stride=2, padding=1),
        {"weight": (3, 2, 3, 3)},
    ),
    Case(
        "Conv2d(2, 4, (2, 3), padding='same', groups=2)",
        IMAGES,
        with_(convolved, padding=SAME, groups=2),
        {"weight": (4, 1, 2, 3), "bias": (4,)},
    ),
    Case(
        "Conv2d(1, 2, 2, dilation=2)",
        [(1, 1, 4, 4)],
        with_(convolved, dilation=2),
        {"weight": (2, 1, 2, 2), "bias": (2,)},
    ),
    Case(
        "Conv2d(1, 2, 3, padding=1, padding_mode='circular')",
        [(2, 1, 3, 4)],
        wrapped,
        {"weight": (2, 1, 3, 3), "bias": (2,)},
    ),
    Case(
        "Conv2d(1, 2, 2, activation='relu')",
        [(2, 1, 3, 3)],
        lambda *a: np.maximum(convolved(*a), 0),
        {"weight": (2, 1, 2, 2), "bias": (2,)},
    ),
    Case(
        "Conv2D(1, 2, 2)",
        [(2, 1, 3, 3)],
        convolved,
        {"weight": (2, 1, 2, 2), "bias": (2,)},
    ),
    Case(
        "Conv1d(2, 3, 3)",
        [(2, 2, 5), (2, 4), (0, 2, 4)],
        on_signals(convolved),
        {"weight": (3, 2, 3), "bias": (3,)},
    ),
    Case(
        "Conv1d(2, 2, 2, stride=2, padding=1, groups=2)",
        [(2, 2, 5)],
        on_signals(convolved, stride=2, padding=[(0, 0), (1, 1)], groups=2),
        {"weight": (2, 1, 2), "bias": (2,)},
    ),
    Case(
        "Conv1d(1, 2, 3, bias=False, padding='same', activation='tanh')",
        [(2, 1, 4)],
        lambda *a: np.tanh(on_signals(convolved, padding=[(0, 0), (1, 1)])(*a)),
        {"weight": (2, 1, 3)},
    ),
    Case(
        "ConvTranspose2d(2, 3, 2)",
        [(2, 2, 3, 2), (2, 2, 2), (0, 2, 2, 2)],
        transposed,
        {"weight": (2, 3, 2, 2), "bias": (3,)},
    ),
    Case(
        "ConvTranspose2d(2, 2, 3, stride=2, padding=1, output_padding=1, groups=2)",
        [(2, 2, 2, 3)],
        with_(transposed, stride=2, padding=1, more=1, groups=2),
        {"weight": (2, 1, 3, 3), "bias": (2,)},
    ),
    Case(
        "ConvTranspose2d(1, 2, 2, bias=False, dilation=2, activation='sigmoid')",
        [(2, 1, 2, 3)],
        lambda *a: 1 / (1 + np.exp(-transposed(*a, dilation=2))),
        {"weight": (1, 2, 2, 2)},
    ),
    Case(
        "ConvTranspose1d(2, 3, 2)",
        [(2, 2, 3), (2, 3), (0, 2, 3)],
        on_signals(transposed),
        {"weight": (2, 3, 2), "bias": (3,)},
    ),
    Case(
        "ConvTranspose1d(2, 2, 2, stride=2, groups=2)",
        [(2, 2, 3)],
        lambda *a: on_signals(transposed, stride=2, groups=2)(*a),
        {"weight": (2, 1, 2), "bias": (2,)},
    ),
    Case(
        "ConvTranspose1d(1, 1, 3, bias=False)",
        [(2, 1, 3)],
        on_signals(transposed),
        {"weight": (1, 1, 3)},
    ),
]
