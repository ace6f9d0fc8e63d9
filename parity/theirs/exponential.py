"""PyTorch's words for `ops/exponential.py`."""

import torch

UNARY = {
    "exp": torch.exp,
    "exp2": torch.exp2,
    "expm1": torch.expm1,
    "log": torch.log,
    "log1p": torch.log1p,
    "log2": torch.log2,
    "log10": torch.log10,
    "sigmoid": torch.sigmoid,
    "log_sigmoid": torch.nn.functional.logsigmoid,
    "erf": torch.erf,
}
BINARY = {"logaddexp": torch.logaddexp}


def softplus(x, beta=1):
    return torch.nn.functional.softplus(x, beta, threshold=1e4)


THEIRS = {**UNARY, **BINARY, "softplus": softplus}
