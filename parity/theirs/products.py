"""PyTorch's words for `ops/products.py` and `ops/contraction.py`."""

import torch


def tensordot(x, y, axes=2):
    """PyTorch wants lists, not single ints."""
    if not isinstance(axes, int):
        axes = [[a] if isinstance(a, int) else list(a) for a in axes]
    return torch.tensordot(x, y, dims=axes)


def vecdot(x, y, axis=-1):
    return torch.linalg.vecdot(x, y, dim=axis)


def dot(x, y):
    """PyTorch's dot is for two vectors; this is NumPy's, by tensordot."""
    if x.ndim == 0 or y.ndim == 0:
        return x * y
    return torch.tensordot(x, y, dims=[[-1], [-2 if y.ndim > 1 else -1]])


THEIRS = {
    "matmul": torch.matmul,
    "vecdot": vecdot,
    "dot": dot,
    "inner": torch.inner,
    "outer": lambda x, y: torch.outer(x.reshape(-1), y.reshape(-1)),
    "tensordot": tensordot,
    "einsum": torch.einsum,
}
