"""SGD and Adam beside PyTorch's, with each of their options."""

import pytest
import torch

from pebblegrad.optim import SGD, Adam

CASES = [
    (SGD, torch.optim.SGD, {"lr": 0.1}),
    (SGD, torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    (SGD, torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    (SGD, torch.optim.SGD, {"lr": 0.1, "momentum": 0.5, "dampening": 0.3}),
    (SGD, torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.2}),
    (SGD, torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.2, "momentum": 0.9}),
    (SGD, torch.optim.SGD, {"lr": 0.001, "maximize": True, "momentum": 0.9}),
    (SGD, torch.optim.SGD, {"lr": 0.01, "maximize": True, "weight_decay": 0.1}),
    (Adam, torch.optim.Adam, {}),
    (Adam, torch.optim.Adam, {"lr": 0.1, "betas": (0.5, 0.9)}),
    (Adam, torch.optim.Adam, {"lr": 0.1, "eps": 0.1}),
    (Adam, torch.optim.Adam, {"lr": 0.1, "weight_decay": 0.3}),
    (Adam, torch.optim.Adam, {"lr": 0.1, "amsgrad": True, "betas": (0.5, 0.6)}),
    (Adam, torch.optim.Adam, {"lr": 0.1, "maximize": True, "weight_decay": 0.1}),
]


@pytest.mark.parametrize(("ours", "theirs", "options"), CASES)
@pytest.mark.parametrize(
    ("dtype", "rtol", "atol"), [("float64", 1e-10, 1e-12), ("float32", 1e-3, 1e-4)]
)
def test_a_hundred_steps(ours, theirs, options, dtype, rtol, atol, same_descent):
    same_descent(
        lambda groups: ours(groups, **options),
        lambda groups: theirs(groups, **options),
        dtype=dtype,
        rtol=rtol,
        atol=atol,
    )
