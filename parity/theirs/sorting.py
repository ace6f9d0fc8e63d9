"""PyTorch's words for `ops/sorting.py`."""

import torch


def sort(x, axis=-1, descending=False):
    return torch.sort(x, dim=axis, descending=descending, stable=True).values


def topk(x, k, axis=-1, largest=True):
    return torch.topk(x, k, dim=axis, largest=largest)


def quantile(x, q, axis=None, keepdims=False):
    axes = axis if isinstance(axis, tuple) else (axis,)
    if len(axes) > 1:  # torch takes one axis only
        kept = [a for a in range(x.ndim) if a not in [b % x.ndim for b in axes]]
        x = x.permute(*kept, *axes).flatten(len(kept))
        axis = -1
    return torch.quantile(x, torch.tensor(q, dtype=x.dtype), dim=axis, keepdim=keepdims)


def median(x, axis=None, keepdims=False):
    return quantile(x, 0.5, axis, keepdims)


THEIRS = {"sort": sort, "topk": topk, "quantile": quantile, "median": median}
