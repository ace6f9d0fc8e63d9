"""PyTorch's words for `ops/choosing.py`."""

import torch

UNARY = {"relu": torch.relu}
BINARY = {"maximum": torch.maximum, "minimum": torch.minimum}


def masked_fill(x, mask, value):
    return torch.where(mask, torch.full_like(x, value), x)


def clip(x, min=None, max=None):
    if hasattr(min, "shape"):
        min, max = torch.tensor(min, dtype=x.dtype), torch.tensor(max, dtype=x.dtype)
    return x + 0 if min is None and max is None else x.clamp(min, max)


THEIRS = {
    **UNARY,
    **BINARY,
    "clip": clip,
    "where": torch.where,
    "masked_fill": masked_fill,
    "zero_where": lambda x, mask: masked_fill(x, mask, 0),
}
