"""PyTorch's words for `ops/arithmetic.py`."""

import torch

UNARY = {
    "negative": torch.neg,
    "abs": torch.abs,
    "sign": torch.sign,
    "sqrt": torch.sqrt,
}
BINARY = {
    "add": torch.add,
    "subtract": torch.sub,
    "multiply": torch.mul,
    "divide": torch.div,
    "power": torch.pow,
}


def astype(x, dtype):
    return x.to(getattr(torch, dtype.__name__))


THEIRS = {**UNARY, **BINARY, "astype": astype}
