"""PyTorch's words for `ops/trigonometry.py`."""

import torch

UNARY = {"tanh": torch.tanh}
BINARY = {}

THEIRS = {**UNARY, **BINARY}
