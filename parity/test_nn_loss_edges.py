"""Edges of losses, with their second gradients."""

import numpy as np
import pytest
import torch
from torch.nn import functional as torch_functional

from pebblegrad.nn import functional


@pytest.mark.parametrize("name", ["huber_loss", "smooth_l1_loss"])
def test_the_second_gradient_where_the_prediction_is_right(name, both):
    both(
        lambda x: getattr(functional, name)(x, np.zeros(3)),
        lambda x: getattr(torch_functional, name)(
            x, torch.zeros(3, dtype=torch.float64)
        ),
        [np.array([0.0, 0.5, 2.0])],
    )


def test_variances_below_eps(both):
    both(
        lambda x, y, v: functional.gaussian_nll_loss(x, y, v, eps=0.1),
        lambda x, y, v: torch_functional.gaussian_nll_loss(x, y, v, eps=0.1),
        [np.array([1.0, 2.0]), np.array([0.5, 0.0]), np.array([0.0, 0.05])],
    )


def test_counts_that_get_gradients(both):
    both(
        lambda x, y: functional.poisson_nll_loss(x, y, full=True),
        lambda x, y: torch_functional.poisson_nll_loss(x, y, full=True),
        [np.array([0.5, 1.0]), np.array([2.5, 0.5])],
    )


def test_equal_scores(both):
    ones = np.ones(2)
    both(
        lambda x, y: functional.margin_ranking_loss(x, y, [1.0, -1.0]),
        lambda x, y: torch_functional.margin_ranking_loss(
            x, y, torch.tensor([1.0, -1.0])
        ),
        [ones, ones],
    )


def test_scores_at_the_margin(both):
    both(
        lambda x: functional.hinge_embedding_loss(x, [-1.0, 1.0]),
        lambda x: torch_functional.hinge_embedding_loss(x, torch.tensor([-1.0, 1.0])),
        [np.ones(2)],
    )


def test_a_score_of_minus_infinity(both):
    both(
        lambda x: functional.multi_margin_loss(x, [0]),
        lambda x: torch_functional.multi_margin_loss(x, torch.tensor([0])),
        [np.array([[2.0, 1.5, -np.inf]])],
        order=1,  # torch has no second gradient of it
    )


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_a_sample_that_is_ignored_and_nan(smoothing, both):
    # The value only is finite: in both the gradient of that row is NaN.
    options = {"label_smoothing": smoothing}
    both(
        lambda x: functional.cross_entropy(x, [-100, 1], **options),
        lambda x: torch_functional.cross_entropy(x, torch.tensor([-100, 1]), **options),
        [np.array([[np.nan, 0.0], [1.0, 2.0]])],
        order=1,
    )
