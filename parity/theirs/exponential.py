"""PyTorch's words for `ops/exponential.py`."""

import torch

UNARY = {"exp": torch.exp, "log": torch.log, "sigmoid": torch.sigmoid}
BINARY = {}

THEIRS = {**UNARY, **BINARY}
