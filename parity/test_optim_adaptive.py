"""RMSprop, Adagrad, Adadelta and Muon beside PyTorch's, with each of their options."""

import numpy as np
import pytest
import torch

from pebblegrad.autograd import Tensor
from pebblegrad.optim import Adadelta, Adagrad, Muon, RMSprop

CASES = [
    (RMSprop, torch.optim.RMSprop, {}),
    (RMSprop, torch.optim.RMSprop, {"lr": 0.1, "alpha": 0.5}),
    (RMSprop, torch.optim.RMSprop, {"lr": 0.1, "eps": 0.1}),
    (RMSprop, torch.optim.RMSprop, {"lr": 0.05, "weight_decay": 0.3}),
    (RMSprop, torch.optim.RMSprop, {"lr": 0.01, "momentum": 0.9}),
    (RMSprop, torch.optim.RMSprop, {"lr": 0.01, "centered": True}),
    (RMSprop, torch.optim.RMSprop, {"centered": True, "momentum": 0.5, "alpha": 0.9}),
    (RMSprop, torch.optim.RMSprop, {"maximize": True, "weight_decay": 0.1}),
    (Adagrad, torch.optim.Adagrad, {}),
    (Adagrad, torch.optim.Adagrad, {"lr": 0.5}),
    (Adagrad, torch.optim.Adagrad, {"lr": 0.5, "lr_decay": 0.1}),
    (Adagrad, torch.optim.Adagrad, {"lr": 0.5, "initial_accumulator_value": 2.0}),
    (Adagrad, torch.optim.Adagrad, {"lr": 0.5, "eps": 0.1, "weight_decay": 0.3}),
    (Adagrad, torch.optim.Adagrad, {"lr": 0.1, "maximize": True, "lr_decay": 0.5}),
    (Adadelta, torch.optim.Adadelta, {}),
    (Adadelta, torch.optim.Adadelta, {"lr": 0.3, "eps": 1e-3}),
    (Adadelta, torch.optim.Adadelta, {"rho": 0.95, "eps": 1e-2}),
    (Adadelta, torch.optim.Adadelta, {"rho": 0.5, "eps": 1e-2}),
    (Adadelta, torch.optim.Adadelta, {"weight_decay": 0.3, "eps": 1e-2}),
    (Adadelta, torch.optim.Adadelta, {"maximize": True, "weight_decay": 0.1}),
]
PRECISIONS = [("float64", 1e-10, 1e-12), ("float32", 1e-3, 1e-4)]
each_precision = pytest.mark.parametrize(("dtype", "rtol", "atol"), PRECISIONS)


@pytest.mark.parametrize(("ours", "theirs", "options"), CASES)
@each_precision
def test_a_hundred_steps(ours, theirs, options, dtype, rtol, atol, same_descent):
    same_descent(
        lambda groups: ours(groups, **options),
        lambda groups: theirs(groups, **options),
        dtype=dtype,
        rtol=rtol,
        atol=atol,
    )


# With small rates: around the target its steps, which stay as long as they were, go
# back and forth in directions that amplify every rounding, of either library.
MUON_CASES = [
    {},
    {"lr": 0.01},
    {"lr": 0.01, "nesterov": False},
    {"lr": 0.01, "momentum": 0.5, "weight_decay": 0.0},
    {"lr": 0.01, "weight_decay": 0.5, "adjust_lr_fn": "original"},
    {"lr": 0.01, "adjust_lr_fn": "match_rms_adamw", "nesterov": False},
    {"lr": 0.01, "ns_coefficients": (1.5, -0.5, 0.0), "ns_steps": 8},
    {"lr": 0.01, "ns_steps": 2, "eps": 1.0},
]
MATRICES = ((4, 3), (3, 5), (6, 6), (1, 4))


def at_full_precision(grad, coefficients, steps, eps):
    """Do what PyTorch's Muon does in bfloat16, in the precision of the gradient."""
    a, b, c = coefficients
    tall = len(grad) > len(grad.T)
    x = (grad.T if tall else grad) / grad.norm().clamp(min=eps)
    for _ in range(steps):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if tall else x


@pytest.mark.parametrize("options", MUON_CASES)
@each_precision
def test_a_hundred_steps_of_muon_but_for_the_precision_of_the_iterations(
    options, dtype, rtol, atol, same_descent, monkeypatch
):
    monkeypatch.setattr(
        "torch.optim._muon._zeropower_via_newtonschulz", at_full_precision
    )

    same_descent(
        lambda groups: Muon(groups, **options),
        lambda groups: torch.optim.Muon(groups, **options),
        dtype=dtype,
        rtol=rtol,
        atol=atol,
        shapes=MATRICES,
    )


@pytest.mark.parametrize("shape", (*MATRICES, (64, 32), (32, 100)))
@pytest.mark.parametrize("nesterov", [False, True])
def test_a_step_of_muon_as_it_is(shape, nesterov, rng, agree):
    u, s, vt = np.linalg.svd(rng.standard_normal(shape), full_matrices=False)
    gradient = ((u * rng.uniform(0.5, 1, s.shape)) @ vt).astype("float32")
    p = Tensor(np.zeros(shape, "float32"), requires_grad=True)
    q = torch.zeros(shape, requires_grad=True)
    p.grad, q.grad = gradient, torch.tensor(gradient)

    Muon([p], lr=1.0, nesterov=nesterov).step()
    torch.optim.Muon([q], lr=1.0, nesterov=nesterov).step()

    # The singular values of a step are about 1. bfloat16 rounds each number by up to
    # 2**-9 of it, and an iteration multiplies what was rounded before by up to 3.4. The
    # most that was met is 0.085, in 30 gradients of each shape.
    agree(p, q, rtol=0, atol=0.1, what=f"{shape}")
