"""PyTorch's words for `ops/joining.py`."""

import torch


def concat(*xs, axis=0):
    if axis is None:
        return torch.cat([x.reshape(-1) for x in xs])
    return torch.cat(xs, axis)


def stack(*xs, axis=0):
    return torch.stack(xs, axis)


THEIRS = {
    "concat": concat,
    "stack": stack,
    "split": torch.tensor_split,
    "chunk": torch.chunk,
    "unstack": torch.unbind,
}
