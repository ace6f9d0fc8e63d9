"""PyTorch's words for `ops/arithmetic.py`."""

import torch

UNARY = {
    "negative": torch.neg,
    "abs": torch.abs,
    "sign": torch.sign,
    "sqrt": torch.sqrt,
    "rsqrt": torch.rsqrt,
    "square": torch.square,
    "reciprocal": torch.reciprocal,
    "positive": torch.positive,
    "floor": torch.floor,
    "ceil": torch.ceil,
    "round": torch.round,
    "trunc": torch.trunc,
}
BINARY = {
    "add": torch.add,
    "subtract": torch.sub,
    "multiply": torch.mul,
    "divide": torch.div,
    "power": torch.pow,
    "remainder": torch.remainder,
    "hypot": torch.hypot,
}


def astype(x, dtype):
    return x.to(getattr(torch, dtype.__name__))


def floor_divide(x, y):
    return torch.floor(x / y)  # torch.floor_divide has no gradient at all


THEIRS = {
    **UNARY,
    **BINARY,
    "floor_divide": floor_divide,
    "astype": astype,
    "lerp": torch.lerp,
}
