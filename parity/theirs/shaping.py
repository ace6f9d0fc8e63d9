"""PyTorch's words for `ops/shaping.py`."""

import torch

THEIRS = {
    "reshape": torch.reshape,
    "permute_dims": lambda x, axes: x.permute(axes),
    "matrix_transpose": lambda x: x.mT,
    "expand_dims": lambda x, axis: x.unsqueeze(axis),
    "squeeze": lambda x, axis: x.squeeze(axis),
    "broadcast_to": lambda x, shape: x.expand(shape),
    "sum_to": lambda x, shape: x.sum_to_size(shape),
}
