"""PyTorch's words for `ops/reductions.py`."""

import torch


def reduction(function):
    def call(x, axis=None, keepdims=False):
        axis = tuple(range(x.ndim)) if axis is None else axis
        return function(x, dim=axis, keepdim=keepdims)

    return call


REDUCTIONS = {
    "sum": reduction(torch.sum),
    "mean": reduction(torch.mean),
    "max": reduction(torch.amax),
    "min": reduction(torch.amin),
}

THEIRS = {**REDUCTIONS}
