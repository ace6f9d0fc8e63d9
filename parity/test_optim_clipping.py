"""Clipping beside PyTorch's, for each norm and on what is not finite."""

import math

import numpy as np
import pytest
import torch

from pebblegrad.autograd import Tensor
from pebblegrad.optim import clip_grad_norm_, clip_grad_value_, total_grad_norm

SHAPES = [(4, 3), (7,), (), (1,), (2, 1, 3)]


def of_both(gradients):
    """Return parameters with these gradients, of both libraries."""
    ours, theirs = [], []
    for gradient in gradients:
        ours.append(Tensor(np.zeros_like(gradient), requires_grad=True))
        ours[-1].grad = gradient.copy()
        theirs.append(torch.zeros(gradient.shape, dtype=torch.tensor(gradient).dtype))
        theirs[-1].requires_grad_()
        theirs[-1].grad = torch.tensor(gradient)
    return ours, theirs


@pytest.fixture
def gradients(rng):
    def make(dtype, scale=1.0):
        return [
            np.asarray(scale * rng.standard_normal(s)).astype(dtype) for s in SHAPES
        ]

    return make


@pytest.mark.parametrize("norm_type", [0.5, 1.0, 2.0, 3.0, math.inf])
@pytest.mark.parametrize("max_norm", [0.0, 1e-3, 1.0, 1e3])
@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-12), ("float32", 1e-5)])
def test_norms(norm_type, max_norm, dtype, rtol, gradients, agree):
    for scale in (1e-7, 1.0, 100.0):
        ours, theirs = of_both(gradients(dtype, scale))
        grads = [q.grad for q in theirs]

        found = total_grad_norm(ours, norm_type)
        expected = torch.nn.utils.get_total_norm(grads, norm_type)
        agree(found, expected.double(), rtol, 0.0)
        found = clip_grad_norm_(ours, max_norm, norm_type)
        expected = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type)
        agree(found, expected.double(), rtol, 0.0)
        for p, q in zip(ours, theirs, strict=True):
            agree(p.grad, q.grad, rtol, 0.0)


@pytest.mark.parametrize("clip_value", [0.0, 0.1, 1.0, 10.0])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_values(clip_value, dtype, gradients, agree):
    given = gradients(dtype)
    given[1][:3] = math.nan, math.inf, -math.inf
    ours, theirs = of_both(given)

    clip_grad_value_(ours, clip_value)
    torch.nn.utils.clip_grad_value_(theirs, clip_value)

    for p, q in zip(ours, theirs, strict=True):
        agree(p.grad, q.grad, 0.0, 0.0)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("norm_type", [1.0, 2.0, math.inf])
def test_norms_that_are_not_finite(bad, norm_type, gradients, agree):
    given = gradients("float64")
    given[1][2] = bad
    ours, theirs = of_both(given)

    found = clip_grad_norm_(ours, 1.0, norm_type)
    expected = torch.nn.utils.clip_grad_norm_(theirs, 1.0, norm_type)

    agree(found, expected)
    for p, q in zip(ours, theirs, strict=True):
        agree(p.grad, q.grad)


def test_a_norm_too_large_for_single_precision(differ):
    ours, theirs = of_both([np.full(4, 2e38, "float32")])

    found = clip_grad_norm_(ours, 1.0)
    expected = torch.nn.utils.clip_grad_norm_(theirs, 1.0)

    # PyTorch's norm has the gradients' dtype and overflows; ours is a float64.
    differ(found, expected, 4e38, math.inf)
    differ(ours[0].grad, theirs[0].grad, 0.5, 0.0)


def test_a_parameter_that_comes_twice(differ):
    (p,), (q,) = of_both([np.array([3.0])])

    found = clip_grad_norm_([p, p], 1.0)
    expected = torch.nn.utils.clip_grad_norm_([q, q], 1.0)

    # PyTorch counts it twice and clips it twice.
    differ(found, expected, 3.0, math.sqrt(18))
    differ(p.grad, q.grad, 1.0, 3 / 18)
