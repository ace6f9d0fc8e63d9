"""Distances and the bilinear map beside PyTorch's."""

import numpy as np
import pytest
import torch
from torch.nn import functional as torch_functional

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional

COSINES = [{}, {"dim": 0}, {"dim": -1}, {"eps": 1e-3}, {"dim": -2, "eps": 1e-2}]
DISTANCES = [
    {},
    {"p": 1.0},
    {"p": 3.0},
    {"p": 2.5, "eps": 0.1},
    {"keepdim": True},
    {"p": 0.5, "keepdim": True},
    {"eps": 0.0},
]
PAIRS = [((4, 5), (4, 5)), ((4, 5), (1, 5)), ((2, 3, 4), (3, 4)), ((0, 3), (0, 3))]


def tolerance(dtype):
    return (2e-4, 2e-5) if dtype == "float32" else (1e-9, 1e-10)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shapes", PAIRS, ids=str)
@pytest.mark.parametrize("options", COSINES, ids=str)
def test_cosine_similarity(options, shapes, dtype, both, rng):
    both(
        lambda x, y: functional.cosine_similarity(x, y, **options),
        lambda x, y: torch_functional.cosine_similarity(x, y, **options),
        [rng.standard_normal(shape).astype(dtype) for shape in shapes],
        *tolerance(dtype),
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shapes", [*PAIRS, ((5,), (5,)), ((4, 5), (5,))], ids=str)
@pytest.mark.parametrize("options", DISTANCES, ids=str)
def test_pairwise_distance(options, shapes, dtype, both, rng):
    both(
        lambda x, y: functional.pairwise_distance(x, y, **options),
        lambda x, y: torch_functional.pairwise_distance(x, y, **options),
        [rng.standard_normal(shape).astype(dtype) for shape in shapes],
        *tolerance(dtype),
    )


def test_the_largest_difference_as_distance(both, rng):
    both(
        lambda x, y: functional.pairwise_distance(x, y, np.inf),
        lambda x, y: torch_functional.pairwise_distance(x, y, torch.inf),
        [rng.standard_normal((4, 5)) for _ in range(2)],
        order=1,
    )


def test_equal_vectors_and_vectors_of_zeros(both):
    ones, zeros = np.ones((2, 3)), np.zeros((2, 3))
    for p in (1.0, 2.0, 3.0):
        both(
            lambda x, y, p=p: functional.pairwise_distance(x, y, p, eps=0.0),
            lambda x, y, p=p: torch_functional.pairwise_distance(x, y, p, eps=0.0),
            [ones, ones],
            order=1,
        )
    both(
        functional.cosine_similarity,
        torch_functional.cosine_similarity,
        [zeros, ones],
        order=1,
    )


def test_below_eps_the_gradient_of_the_cosine_is_that_of_its_formula(differ):
    """There it is ``x @ y / eps**2``; PyTorch keeps the slope of the length as well."""
    x, y = np.array([[0.1, 0.2]]), np.array([[0.3, -0.1]])
    ours, theirs = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)

    functional.cosine_similarity(ours, Tensor(y), eps=1.0).sum().backward()
    torch_functional.cosine_similarity(
        theirs, torch.tensor(y), eps=1.0
    ).sum().backward()

    along_x = x * (x * y).sum() / np.linalg.norm(x)
    differ(ours.grad, theirs.grad, y, y - along_x)


LAYERS = [("CosineSimilarity", options) for options in COSINES] + [
    ("PairwiseDistance", options) for options in DISTANCES
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "options"), LAYERS, ids=str)
def test_distances_train_alike(name, options, dtype, same_training, rng):
    """Of what a layer in front of them, which learns, makes of two inputs."""
    ours, theirs = nn.Linear(4, 3, rng=0).to(dtype), torch.nn.Linear(4, 3)
    distance = {nn.Linear: nn, torch.nn.Linear: torch.nn}

    def call(layer, x, y):
        compare = getattr(distance[type(layer)], name)(**options)
        return compare(layer(x), layer(y))

    same_training(
        ours,
        theirs,
        [rng.standard_normal((5, 4)).astype(dtype) for _ in range(2)],
        call=call,
        rtol=tolerance(dtype)[0],
        atol=tolerance(dtype)[1],
    )


BILINEAR = [
    ((2, 3, 4), {}),
    ((2, 3, 4), {"bias": False}),
    ((1, 1, 1), {}),
    ((5, 2, 1), {}),
    ((2, 5, 3), {"bias": False}),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("leading", [(4,), (), (2, 3)], ids=str)
@pytest.mark.parametrize(("sizes", "options"), BILINEAR, ids=str)
def test_bilinear_layers_train_alike(
    sizes, options, leading, dtype, same_training, rng
):
    same_training(
        nn.Bilinear(*sizes, **options).to(dtype),
        torch.nn.Bilinear(*sizes, **options),
        [rng.standard_normal((*leading, size)).astype(dtype) for size in sizes[:2]],
        rtol=tolerance(dtype)[0],
        atol=tolerance(dtype)[1],
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("leading", [(4,), (), (2, 3), (0,), (1, 1)], ids=str)
def test_bilinear(leading, dtype, both, rng):
    shapes = [(*leading, 2), (*leading, 3), (4, 2, 3), (4,)]
    arrays = [rng.standard_normal(shape).astype(dtype) for shape in shapes]

    both(functional.bilinear, torch_functional.bilinear, arrays, *tolerance(dtype))
    both(functional.bilinear, torch_functional.bilinear, arrays[:3], *tolerance(dtype))
