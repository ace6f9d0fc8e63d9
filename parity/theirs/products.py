"""PyTorch's words for `ops/products.py`."""

import torch

THEIRS = {"matmul": torch.matmul}
