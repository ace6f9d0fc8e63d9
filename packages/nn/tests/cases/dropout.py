"""Rows of `layers/dropout.py`: in training with what is dropped drawn from a seed."""

import numpy as np

from ._case import Case

ANY = [(4, 2), (2,), (3, 4, 2), (0, 2), ()]


def seeded(layer, x):
    """Call a layer so that it draws the same each time."""
    layer._rng = np.random.default_rng(3)
    return layer(x)


def dropped(p, axes=0):
    """The formula: what is drawn has the shape of the input but for its last axes."""

    def reference(x):
        kept = x.shape[: x.ndim - axes] + (1,) * axes
        stays = np.random.default_rng(3).random(kept, np.float32) >= p
        return x * stays / (1 - p)

    return reference


def alpha(p):
    """The formula of `AlphaDropout`, with the numbers of the paper."""
    least = -1.7580993408473766
    scale = ((1 - p) + least**2 * p * (1 - p)) ** -0.5

    def reference(x):
        stays = np.random.default_rng(3).random(x.shape, np.float32) >= p
        return scale * (x * stays + least * ~stays) - scale * p * least

    return reference


def same(x):
    """What every one does outside of training."""
    return x


def nothing(x):
    """What is left where all is dropped."""
    return 0 * x


SIGNALS = [(2, 3, 4), (3, 4), (0, 3, 4)]
IMAGES = [(2, 3, 2, 4), (3, 2, 4), (0, 3, 2, 2)]

CASES = [
    Case("Dropout(0.5)", ANY, dropped(0.5), call=seeded),
    Case("Dropout(0.2)", ANY, dropped(0.2), call=seeded),
    Case("Dropout(0)", ANY, same),
    Case("Dropout(1)", ANY, nothing),
    Case("Dropout(0.7)", ANY, same, training=False),
    Case("Dropout1d(0.5)", SIGNALS, dropped(0.5, 1), call=seeded),
    Case("Dropout1d(0.25)", SIGNALS, dropped(0.25, 1), call=seeded),
    Case("Dropout1d(0.5)", SIGNALS, same, training=False),
    Case("Dropout2d(0.5)", IMAGES, dropped(0.5, 2), call=seeded),
    Case("Dropout2d(0.75)", IMAGES, dropped(0.75, 2), call=seeded),
    Case("Dropout2d(0.5)", IMAGES, same, training=False),
    Case("AlphaDropout(0.5)", ANY, alpha(0.5), call=seeded),
    Case("AlphaDropout(0.1)", ANY, alpha(0.1), call=seeded),
    Case("AlphaDropout(1)", ANY, nothing),
    Case("AlphaDropout(0.1)", ANY, same, training=False),
]
