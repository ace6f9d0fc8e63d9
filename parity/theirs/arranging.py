"""PyTorch's words for `ops/arranging.py`.

Its `pad` fills borders only of images and the like; for arrays of any shape the places
that a border repeats are found with NumPy, and picked with `index_select`.
"""

import numpy as np
import torch


def repeat(x, repeats, axis=None):
    counts = torch.tensor(np.array(repeats))
    return torch.repeat_interleave(x, counts, dim=axis)


def flip(x, axis=None):
    axis = tuple(range(x.ndim)) if axis is None else axis
    return torch.flip(x, axis if isinstance(axis, tuple) else (axis,))


def roll(x, shift, axis=None):
    if isinstance(axis, tuple) and isinstance(shift, int):
        shift = (shift,) * len(axis)
    return torch.roll(x, shift, axis)


def pad(x, pad_width, mode="constant", value=0):
    pairs = np.broadcast_to(pad_width, (x.ndim, 2)).tolist()
    if mode == "constant":
        flat = [width for pair in reversed(pairs) for width in pair]
        return torch.nn.functional.pad(x, flat, value=value)
    for axis, pair in enumerate(pairs):
        places = torch.tensor(np.pad(np.arange(x.shape[axis]), pair, mode))
        x = x.index_select(axis, places)
    return x


THEIRS = {
    "tile": lambda x, repetitions: torch.tile(x, np.atleast_1d(repetitions).tolist()),
    "repeat": repeat,
    "flip": flip,
    "roll": roll,
    "pad": pad,
}
