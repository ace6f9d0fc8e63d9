"""The relatives of Adam beside PyTorch's, with each of their options.

Lion is not here: PyTorch has none.
"""

import numpy as np
import pytest
import torch

from pebblegrad.autograd import Tensor
from pebblegrad.optim import Adamax, AdamW, NAdam, RAdam

SHORT = {"betas": (0.5, 0.6)}

CASES = [
    (AdamW, torch.optim.AdamW, {}),
    (AdamW, torch.optim.AdamW, {"lr": 0.1, "betas": (0.5, 0.9)}),
    (AdamW, torch.optim.AdamW, {"lr": 0.1, "eps": 0.1}),
    (AdamW, torch.optim.AdamW, {"lr": 0.1, "weight_decay": 0.0}),
    (AdamW, torch.optim.AdamW, {"lr": 0.1, "weight_decay": 0.5}),
    (AdamW, torch.optim.AdamW, {"lr": 0.1, "amsgrad": True, **SHORT}),
    (AdamW, torch.optim.AdamW, {"lr": 0.1, "maximize": True, "weight_decay": 0.1}),
    (NAdam, torch.optim.NAdam, {}),
    (NAdam, torch.optim.NAdam, {"lr": 0.1, "betas": (0.5, 0.9)}),
    (NAdam, torch.optim.NAdam, {"lr": 0.1, "eps": 0.1}),
    (NAdam, torch.optim.NAdam, {"lr": 0.1, "momentum_decay": 0.5}),
    (NAdam, torch.optim.NAdam, {"lr": 0.1, "momentum_decay": 0.0}),
    (NAdam, torch.optim.NAdam, {"lr": 0.1, "weight_decay": 0.3}),
    (
        NAdam,
        torch.optim.NAdam,
        {"lr": 0.1, "weight_decay": 0.3, "decoupled_weight_decay": True},
    ),
    (NAdam, torch.optim.NAdam, {"lr": 0.1, "maximize": True, "weight_decay": 0.1}),
    (RAdam, torch.optim.RAdam, {}),
    (RAdam, torch.optim.RAdam, {"lr": 0.1, "betas": (0.5, 0.9)}),
    (RAdam, torch.optim.RAdam, {"lr": 0.1, "betas": (0.9, 0.99), "eps": 0.1}),
    (RAdam, torch.optim.RAdam, {"lr": 0.1, **SHORT}),  # never rectified
    (RAdam, torch.optim.RAdam, {"lr": 0.1, "weight_decay": 0.3}),
    (
        RAdam,
        torch.optim.RAdam,
        {"lr": 0.1, "weight_decay": 0.3, "decoupled_weight_decay": True},
    ),
    (RAdam, torch.optim.RAdam, {"lr": 0.01, "maximize": True, "weight_decay": 0.1}),
    (Adamax, torch.optim.Adamax, {}),
    (Adamax, torch.optim.Adamax, {"lr": 0.1, "betas": (0.5, 0.9)}),
    (Adamax, torch.optim.Adamax, {"lr": 0.1, "eps": 0.1}),
    (Adamax, torch.optim.Adamax, {"lr": 0.1, "eps": 0.0}),
    (Adamax, torch.optim.Adamax, {"lr": 0.1, "weight_decay": 0.3}),
    (Adamax, torch.optim.Adamax, {"lr": 0.1, "maximize": True, "weight_decay": 0.1}),
]


@pytest.fixture
def exact_products():
    """Let PyTorch keep NAdam's product of momenta in float64.

    It keeps that number in the default dtype, whatever the dtype of the parameters, and
    its rounding in float32 would be seen from the ninth digit on.
    """
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.mark.usefixtures("exact_products")
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


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (AdamW, torch.optim.AdamW),
        (NAdam, torch.optim.NAdam),
        (RAdam, torch.optim.RAdam),
        (Adamax, torch.optim.Adamax),
    ],
)
def test_the_defaults_are_those_of_pytorch(ours, theirs):
    p = Tensor(np.zeros(1), requires_grad=True)
    q = torch.zeros(1, requires_grad=True)

    options = dict(ours([p]).param_groups[0])
    others = theirs([q]).param_groups[0]

    del options["params"], options["initial_lr"]
    assert options == {name: others[name] for name in options}


def test_adamax_without_eps_leaves_weights_without_gradient_alone(differ):
    p = Tensor(np.array([1.0]), requires_grad=True)
    q = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    p.grad, q.grad = np.zeros(1), torch.zeros_like(q)

    Adamax([p], eps=0.0).step()
    torch.optim.Adamax([q], eps=0.0).step()

    differ(p, q, [1.0], [np.nan])
