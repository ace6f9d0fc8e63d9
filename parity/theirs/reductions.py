"""PyTorch's words for `ops/reductions.py`."""

import torch


def reduction(function):
    def call(x, axis=None, keepdims=False):
        axis = tuple(range(x.ndim)) if axis is None else axis
        if axis == ():  # in torch that means all
            return function(x[..., None], dim=-1)
        return function(x, dim=axis, keepdim=keepdims)

    return call


REDUCTIONS = {
    "sum": reduction(torch.sum),
    "mean": reduction(torch.mean),
    "max": reduction(torch.amax),
    "min": reduction(torch.amin),
}


def prod(x, axis=None, keepdims=False):
    axes = (
        range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else [axis]
    )
    for a in sorted((a % x.ndim for a in axes), reverse=True):
        x = torch.prod(x, dim=a, keepdim=keepdims)
    return x


def var(x, axis=None, correction=0, keepdims=False):
    return torch.var(x, dim=axis, correction=correction, keepdim=keepdims)


def std(x, axis=None, correction=0, keepdims=False):
    return torch.std(x, dim=axis, correction=correction, keepdim=keepdims)


def norm(x, ord=2, axis=None, keepdims=False):
    if axis == ():
        return torch.linalg.vector_norm(x[..., None], ord=ord, dim=-1)
    return torch.linalg.vector_norm(x, ord=ord, dim=axis, keepdim=keepdims)


THEIRS = {
    **REDUCTIONS,
    "prod": prod,
    "var": var,
    "std": std,
    "logsumexp": reduction(torch.logsumexp),
    "norm": norm,
}
