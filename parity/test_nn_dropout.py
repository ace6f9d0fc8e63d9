"""Dropout beside PyTorch's, where nothing is left to chance; shares and scale apart.

What is dropped is another draw in each library, so p is 0 or 1, or the layer is in
evaluation; for other p the shares and the size of what is kept are compared.
"""

import numpy as np
import pytest
import torch
from torch.nn import functional as torch_functional

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional

SHAPES = {
    "dropout": [(4, 3), (2, 3, 4), (5,), (), (0, 3)],
    "dropout1d": [(2, 3, 4), (3, 4), (0, 3, 4), (1, 1, 1), (2, 1, 5)],
    "alpha_dropout": [(4, 3), (2, 3, 4), (5,), (), (0, 3)],
    "dropout2d": [(2, 3, 4, 5), (0, 3, 2, 2), (1, 1, 1, 1), (2, 3, 1, 4), (3, 1, 2, 2)],
}
CALLS = [(name, shape) for name, shapes in SHAPES.items() for shape in shapes]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("p", "training"), [(0.0, True), (1.0, True), (0.7, False)])
@pytest.mark.parametrize(("name", "shape"), CALLS, ids=str)
def test_what_is_certain(name, shape, p, training, dtype, both, rng):
    both(
        lambda x: getattr(functional, name)(x, p, training),
        lambda x: getattr(torch_functional, name)(x, p, training),
        [rng.standard_normal(shape).astype(dtype)],
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("p", "training"), [(0.0, True), (1.0, True), (0.5, False)])
@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("Dropout", (4, 3)),
        ("AlphaDropout", (4, 3)),
        ("Dropout1d", (2, 4, 3)),
        ("Dropout2d", (2, 4, 2, 3)),
    ],
)
def test_layers_train_alike(name, shape, p, training, dtype, same_training, rng):
    """With a layer in front of it that learns."""
    ours = nn.Sequential(nn.Linear(3, 3), getattr(nn, name)(p)).to(dtype)
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 3), getattr(torch.nn, name)(p))

    same_training(
        ours.train(training),
        theirs.train(training),
        [rng.standard_normal(shape).astype(dtype)],
        rtol=1e-4 if dtype == "float32" else 1e-9,
        atol=1e-5 if dtype == "float32" else 1e-10,
    )


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("name", ["dropout", "dropout1d", "dropout2d"])
def test_what_is_kept_has_the_same_size_and_about_the_same_share(name, p, agree):
    shape = (100, 100, 2, 2)[: {"dropout": 2, "dropout1d": 3, "dropout2d": 4}[name]]
    x = np.ones(shape)

    ours = getattr(functional, name)(Tensor(x), p, rng=0).data
    theirs = getattr(torch_functional, name)(torch.tensor(x), p).numpy()

    agree(ours[ours > 0][:1], theirs[theirs > 0][:1])
    assert abs(ours.mean() - theirs.mean()) < 0.3
    assert abs((ours == 0).mean() - (theirs == 0).mean()) < 0.03


def test_what_is_dropped_is_zero_where_pytorch_multiplies_nan_by_zero(differ):
    x = np.full(3, np.nan)

    differ(
        functional.dropout(Tensor(x), 1.0),
        torch_functional.dropout(torch.tensor(x), 1.0),
        np.zeros(3),
        x,
    )
