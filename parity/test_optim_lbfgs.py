"""L-BFGS beside PyTorch's: the same losses after every call of `step`.

Rounding grows from iteration to iteration along a valley such as Rosenbrock's, and the
dot products of the two libraries are summed in other orders. So the tolerance is that
of the problem, not that of a single operation: 3 steps are up to 60 iterations. In five
dimensions with a history of 2, PyTorch started 2e-16 beside differs from itself by 2e-8
after 40 iterations and by 3e-6 after 60, which is why two steps are enough there.
"""

import numpy as np
import pytest
import torch

from pebblegrad.autograd import Tensor, ops
from pebblegrad.optim import LBFGS

rng = np.random.default_rng(3)
ROOT = rng.standard_normal((6, 6))
HESSIAN = ROOT @ ROOT.T + 0.5 * np.eye(6)
INPUTS = rng.standard_normal((40, 3))
NOISE = 0.5 * rng.standard_normal(40)
LABELS = (INPUTS @ [1.0, -2.0, 0.5] + NOISE > 0).astype("float64")


def quadratic(x, library):
    (x,) = x
    linear = (library(np.arange(6.0)) * x).sum()
    return 0.5 * (x * (library(HESSIAN) @ x)).sum() + linear


def rosenbrock(x, library):
    (x,) = x
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def logistic(parameters, library):
    weight, bias = parameters
    z = library(INPUTS) @ weight + bias
    sign = library(1 - 2 * LABELS)
    # log(1 + exp(sign * z)), with a penalty that makes the minimum a single point.
    loss = logarithm_of_one_plus_exponential(sign * z[:, 0]).mean()
    return loss + 0.01 * (weight * weight).sum()


def logarithm_of_one_plus_exponential(z):
    if isinstance(z, torch.Tensor):
        return torch.logaddexp(z, torch.zeros_like(z))
    return ops.logaddexp(z, ops.zeros_like(z))


# Loss, start, and how many steps are compared.
PROBLEMS = {
    "quadratic": (quadratic, [np.linspace(-1, 1, 6)], 5),
    "Rosenbrock": (rosenbrock, [np.array([-1.2, 1.0])], 3),
    "Rosenbrock in five": (rosenbrock, [np.array([-1.2, 1.0, -0.5, 0.8, 1.3])], 2),
    "logistic": (logistic, [np.zeros((3, 1)), np.zeros(1)], 5),
}
OPTIONS = [
    {},
    {"lr": 0.5},
    {"lr": 0.1, "max_iter": 7},
    {"history_size": 2},
    {"max_eval": 9},
    {"tolerance_grad": 1e-2},
    {"tolerance_change": 1e-3},
    {"max_iter": 1},
]


def trajectory(optimizer, parameters, loss_of, steps):
    """Yield the loss before each step, then the parameters after it."""

    def closure():
        optimizer.zero_grad()
        loss = loss_of(parameters)
        loss.backward()
        return loss

    for _ in range(steps):
        yield optimizer.step(closure)
        yield from parameters


def compare(problem, options, agree, dtype="float64", steps=None, rtol=1e-8, atol=1e-9):
    function, starts, usual = PROBLEMS[problem]
    ours = [Tensor(a.astype(dtype), requires_grad=True) for a in starts]
    theirs = [torch.tensor(a.astype(dtype), requires_grad=True) for a in starts]
    kind = theirs[0].dtype
    steps = steps or usual
    for found, expected in zip(
        trajectory(
            LBFGS(ours, **options),
            ours,
            lambda x: function(x, lambda a: Tensor(a.astype(dtype))),
            steps,
        ),
        trajectory(
            torch.optim.LBFGS(theirs, **options),
            theirs,
            lambda x: function(x, lambda a: torch.tensor(a, dtype=kind)),
            steps,
        ),
        strict=True,
    ):
        agree(found, expected, rtol, atol, f"{problem}, {options}")


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_with_the_line_search(problem, options, agree):
    compare(problem, {"line_search_fn": "strong_wolfe", **options}, agree)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("problem", ["quadratic", "logistic"])
def test_with_steps_of_one_length(problem, options, agree):
    compare(problem, options, agree)


@pytest.mark.parametrize("lr", [1e-3, 0.1, 0.5])
def test_rosenbrock_with_short_steps(lr, agree):
    compare("Rosenbrock", {"lr": lr, "max_iter": 10}, agree, steps=2)


@pytest.mark.parametrize("line_search", [None, "strong_wolfe"])
@pytest.mark.parametrize("problem", ["quadratic", "logistic"])
def test_in_single_precision(problem, line_search, agree):
    options = {"line_search_fn": line_search, "max_iter": 5}
    compare(problem, options, agree, "float32", steps=3, rtol=1e-3, atol=1e-3)
