"""The same weights and the same batches through a hundred steps of both."""

import numpy as np
import pytest
import torch
from torch.nn import functional as torch_functional

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.optim import SGD, Adam

STEPS = 100

OPTIMIZERS = {
    "SGD": (SGD, torch.optim.SGD, {"lr": 0.1}),
    "SGD with momentum": (SGD, torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}),
    "Adam": (Adam, torch.optim.Adam, {"lr": 0.01}),
    "Adam with other options": (
        Adam,
        torch.optim.Adam,
        {"lr": 0.02, "betas": (0.7, 0.95), "eps": 1e-3},
    ),
}
LOSSES = {
    "mse": (nn.mse_loss, torch_functional.mse_loss),
    "cross_entropy": (nn.cross_entropy, torch_functional.cross_entropy),
    "binary_cross_entropy": (
        lambda x, y: nn.binary_cross_entropy(nn.sigmoid(x), y),
        lambda x, y: torch_functional.binary_cross_entropy(torch.sigmoid(x), y),
    ),
}


def networks(dtype):
    """The same network twice: ours, and torch's with our weights."""
    rng = np.random.default_rng(1)
    ours = nn.Sequential(
        nn.Linear(4, 16, rng=rng),
        nn.ReLU(),
        nn.Linear(16, 8, rng=rng),
        nn.Tanh(),
        nn.Linear(8, 3, rng=rng),
    ).to(dtype)
    theirs = torch.nn.Sequential(
        torch.nn.Linear(4, 16),
        torch.nn.ReLU(),
        torch.nn.Linear(16, 8),
        torch.nn.Tanh(),
        torch.nn.Linear(8, 3),
    ).to(getattr(torch, dtype))
    state = {name: torch.tensor(array) for name, array in ours.state_dict().items()}
    theirs.load_state_dict(state)
    return ours, theirs


def batches(loss, dtype, rng):
    for _ in range(STEPS):
        X = rng.standard_normal((32, 4))
        if loss == "cross_entropy":
            y = X[:, :3].argmax(axis=1)
        else:
            y = (X[:, :3] > 0).astype(dtype)
        yield X.astype(dtype), y


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(
    ("dtype", "rtol", "atol"), [("float64", 1e-10, 1e-10), ("float32", 2e-3, 2e-3)]
)
def test_a_hundred_steps(loss, optimizer, dtype, rtol, atol, agree, rng):
    ours, theirs = networks(dtype)
    our_class, their_class, options = OPTIMIZERS[optimizer]
    our_loss, their_loss = LOSSES[loss]
    our_optimizer = our_class(ours, **options)
    their_optimizer = their_class(theirs.parameters(), **options)
    values = []

    for step, (X, y) in enumerate(batches(loss, dtype, rng)):
        one = our_loss(ours(Tensor(X)), y)
        other = their_loss(theirs(torch.tensor(X)), torch.tensor(y))
        for made, used in ((one, our_optimizer), (other, their_optimizer)):
            used.zero_grad()
            made.backward()
            used.step()
        values.append(one.item())
        agree(one, other, rtol, atol, f"loss of step {step}")

    assert np.mean(values[-10:]) < np.mean(values[:10])
    for (name, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        agree(p, q, rtol, atol, f"{name} after {STEPS} steps")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_rate_that_changes_and_groups_of_parameters(optimizer, agree, rng):
    ours, theirs = networks("float64")
    our_class, their_class, options = OPTIMIZERS[optimizer]
    our_groups, their_groups = (
        [
            {"params": list(net[0].parameters()), "lr": 0.03},
            {"params": [p for layer in (net[2], net[4]) for p in layer.parameters()]},
        ]
        for net in (ours, theirs)
    )
    our_optimizer = our_class(our_groups, **options)
    their_optimizer = their_class(their_groups, **options)

    for step, (X, y) in enumerate(batches("mse", "float64", rng)):
        one = nn.mse_loss(ours(Tensor(X)), y)
        other = torch_functional.mse_loss(theirs(torch.tensor(X)), torch.tensor(y))
        for group in (*our_optimizer.param_groups, *their_optimizer.param_groups):
            group["lr"] *= 0.97
        for made, used in ((one, our_optimizer), (other, their_optimizer)):
            used.zero_grad()
            made.backward()
            used.step()
        agree(one, other, 1e-10, 1e-10, f"loss of step {step}")

    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        agree(p, q, 1e-10, 1e-10)
