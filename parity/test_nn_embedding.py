"""Tables of vectors beside PyTorch's."""

import numpy as np
import pytest
import torch
from torch.nn import functional as torch_functional

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional

LAYERS = [
    (5, 3, {}),
    (5, 3, {"padding_idx": 0}),
    (5, 3, {"padding_idx": -1}),
    (5, 1, {"padding_idx": 2}),
    (1, 4, {}),
    (40, 2, {}),
]
SHAPES = [(6,), (), (2, 3), (0,), (2, 0, 3)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES[:3], ids=str)
@pytest.mark.parametrize(("rows", "size", "options"), LAYERS, ids=str)
def test_layers_train_alike(rows, size, options, shape, dtype, same_training, rng):
    same_training(
        nn.Embedding(rows, size, **options).to(dtype),
        torch.nn.Embedding(rows, size, **options),
        [rng.integers(0, rows, shape)],
        rtol=1e-5 if dtype == "float32" else 1e-9,
        atol=1e-6 if dtype == "float32" else 1e-10,
    )


@pytest.mark.parametrize("freeze", [True, False])
@pytest.mark.parametrize("padding_idx", [None, 1, -1])
def test_a_table_that_exists(freeze, padding_idx, agree, rng):
    table = rng.standard_normal((4, 3))
    ours = nn.Embedding.from_pretrained(table, freeze, padding_idx)
    theirs = torch.nn.Embedding.from_pretrained(
        torch.tensor(table), freeze, padding_idx
    )

    agree(ours([3, 0, 1]), theirs(torch.tensor([3, 0, 1])))
    assert ours.padding_idx == theirs.padding_idx
    trained = [p.requires_grad for p in theirs.parameters()]
    assert [p.requires_grad for p in [*ours.parameters(), *ours.buffers()]] == trained


@pytest.mark.parametrize("padding_idx", [None, 0, -2])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_embedding(shape, padding_idx, dtype, both, rng):
    indices = rng.integers(0, 5, shape)

    both(
        lambda w: functional.embedding(indices, w, padding_idx),
        lambda w: torch_functional.embedding(torch.tensor(indices), w, padding_idx),
        [rng.standard_normal((5, 3)).astype(dtype)],
        rtol=1e-5 if dtype == "float32" else 1e-10,
    )


def test_a_nan_in_the_table_comes_out_in_its_row_only(both):
    table = np.ones((3, 2))
    table[1] = np.nan, np.inf

    both(
        lambda w: functional.embedding([0, 1], w),
        lambda w: torch_functional.embedding(torch.tensor([0, 1]), w),
        [table],
    )


@pytest.mark.parametrize(
    ("indices", "classes"),
    [([0, 2, 1], -1), ([[1], [0]], 4), ([0], 1), ([0, 0], -1), (2, 3), (2, -1)],
)
def test_one_hot(indices, classes, agree):
    """PyTorch gives integers, and we floats: they are what a loss or a layer takes."""
    ours = functional.one_hot(indices, classes)
    theirs = torch_functional.one_hot(torch.tensor(indices), classes)

    agree(ours, theirs.float())
    agree(functional.one_hot(Tensor(np.array(indices)), classes), theirs.float())
