"""Layers, activations and losses, and weights that travel in files."""

import itertools
import math

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as torch_functional

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional

REDUCTIONS = ["mean", "sum", "none"]
each_reduction = pytest.mark.parametrize("reduction", REDUCTIONS)
each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def tolerance(dtype):
    return (1e-4, 1e-5) if dtype == "float32" else (1e-10, 1e-11)


# Layers


@each_dtype
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(5, 3), (3,), (2, 5, 3), (0, 3)], ids=str)
def test_linear(shape, bias, dtype, both, rng):
    shapes = [shape, (4, 3), (4,)] if bias else [shape, (4, 3)]
    arrays = [rng.standard_normal(s).astype(dtype) for s in shapes]

    both(functional.linear, torch_functional.linear, arrays, *tolerance(dtype))


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_linear_with_an_activation(name, both, agree, rng):
    layer = nn.Linear(3, 4, activation=name, rng=0).to("float64")
    other = torch.nn.Linear(3, 4, dtype=torch.float64)
    other.load_state_dict(as_torch(layer.state_dict()))

    both(layer, lambda x: getattr(torch, name)(other(x)), [rng.standard_normal((5, 3))])


@each_dtype
@pytest.mark.parametrize("bias", [True, False])
def test_linear_trains_alike(bias, dtype, same_training, rng):
    ours = nn.Linear(3, 4, bias=bias, rng=0).to(dtype)
    tight = dtype == "float64"

    same_training(
        ours,
        torch.nn.Linear(3, 4, bias=bias),
        [rng.standard_normal((5, 3)).astype(dtype)],
        rtol=1e-9 if tight else 1e-4,
        atol=1e-10 if tight else 1e-5,
    )


@pytest.mark.parametrize("arguments", [(), (0, 1), (0,), (-2, -1), (1, 1)], ids=str)
def test_flatten(arguments, both, rng):
    array = rng.standard_normal((2, 3, 4))

    both(nn.Flatten(*arguments), torch.nn.Flatten(*arguments), [array])


@pytest.mark.parametrize(
    ("dim", "sizes"),
    [(1, (2, 3)), (-1, (2, -1)), (0, (2, 2)), (1, (6,)), (0, (-1, 1, 4))],
    ids=str,
)
def test_unflatten(dim, sizes, both, rng):
    array = rng.standard_normal((4, 6))

    both(nn.Unflatten(dim, sizes), torch.nn.Unflatten(dim, sizes), [array])


@each_dtype
@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_activations(name, dtype, both, rng):
    array = rng.standard_normal((4, 5)).astype(dtype)
    layer = {"relu": "ReLU", "sigmoid": "Sigmoid", "tanh": "Tanh"}[name]

    both(getattr(functional, name), getattr(torch, name), [array], *tolerance(dtype))
    both(getattr(nn, layer)(), getattr(torch.nn, layer)(), [array], *tolerance(dtype))


@each_dtype
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize(("shape", "dim"), [((4, 5), -1), ((4, 5), 0), ((2, 3, 4), 1)])
def test_softmax_and_its_logarithm(name, shape, dim, dtype, both, rng):
    both(
        lambda x: getattr(functional, name)(x, dim),
        lambda x: getattr(torch, name)(x, dim),
        [rng.standard_normal(shape).astype(dtype)],
        *tolerance(dtype),
    )


INF, NAN = math.inf, math.nan


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize(
    "row",
    [
        [1e4, -1e4, 0.0],
        [-1e4, -1e4, -1e4],
        [-INF, 0.0, 1.0],
        [INF, 0.0, 1.0],
        [NAN, 0.0, 1.0],
        [-INF, -INF, -INF],
    ],
    ids=str,
)
def test_softmax_on_the_edges(name, row, both):
    with np.errstate(all="ignore"):
        both(
            getattr(functional, name),
            lambda x: getattr(torch, name)(x, -1),
            [np.array(row)],
            order=1,
        )


# Losses


@each_dtype
@each_reduction
@pytest.mark.parametrize("shape", [(5, 3), (5,), ()], ids=str)
def test_mse_loss(shape, reduction, dtype, both, rng):
    x, y = rng.standard_normal((2, *shape)).astype(dtype)

    both(
        lambda x, y: nn.mse_loss(x, y, reduction=reduction),
        lambda x, y: torch_functional.mse_loss(x, y, reduction=reduction),
        [np.asarray(x), np.asarray(y)],
        *tolerance(dtype),
    )


@each_dtype
@each_reduction
def test_binary_cross_entropy(reduction, dtype, both, rng):
    # torch adds 1e-12 in its second gradient: that is where 1e-8 comes from.
    rtol, atol = (1e-4, 1e-4) if dtype == "float32" else (1e-8, 1e-9)

    both(
        lambda p, y: nn.binary_cross_entropy(p, y, reduction=reduction),
        lambda p, y: torch_functional.binary_cross_entropy(p, y, reduction=reduction),
        list(rng.uniform(0.1, 0.9, (2, 5, 3)).astype(dtype)),
        rtol,
        atol,
    )


@each_dtype
def test_binary_cross_entropy_of_certain_and_nearly_certain_probabilities(dtype, both):
    p = np.array([0, 1, 1e-30, 1e-44, 1 - 1e-7, 0.5], dtype)

    for target in ([0.0] * 6, [1.0] * 6, [0.25] * 6):
        y = np.array(target, dtype)
        both(
            lambda p, y=y: nn.binary_cross_entropy(p, y, reduction="none"),
            lambda p, y=y: torch_functional.binary_cross_entropy(
                p, torch.tensor(y), reduction="none"
            ),
            [p],
            1e-6,
            order=1,
        )


LOGITS = [(5, 3), (3,), (2, 3, 4), (2, 3, 2, 2), (5, 1)]


@each_dtype
@each_reduction
@pytest.mark.parametrize("shape", LOGITS, ids=str)
def test_cross_entropy_of_class_indices(shape, reduction, dtype, both, rng):
    dim = min(1, len(shape) - 1)
    targets = rng.integers(0, shape[dim], shape[:dim] + shape[dim + 1 :])

    both(
        lambda x: nn.cross_entropy(x, targets, reduction=reduction),
        lambda x: torch_functional.cross_entropy(
            x, torch.tensor(targets), reduction=reduction
        ),
        [rng.standard_normal(shape).astype(dtype)],
        *tolerance(dtype),
    )


@each_dtype
@each_reduction
@pytest.mark.parametrize("shape", LOGITS, ids=str)
def test_cross_entropy_of_probabilities(shape, reduction, dtype, both, rng):
    targets = rng.uniform(size=shape)
    targets /= targets.sum(axis=min(1, len(shape) - 1), keepdims=True)

    both(
        lambda x, y: nn.cross_entropy(x, y, reduction=reduction),
        lambda x, y: torch_functional.cross_entropy(x, y, reduction=reduction),
        [rng.standard_normal(shape).astype(dtype), targets.astype(dtype)],
        *tolerance(dtype),
    )


@each_dtype
def test_cross_entropy_of_huge_logits(dtype, both):
    logits = np.array(list(itertools.product([1e4, -1e4, 0], repeat=3)), dtype)
    targets = np.arange(27) % 3

    both(
        lambda x: nn.cross_entropy(x, targets, reduction="none"),
        lambda x: torch_functional.cross_entropy(
            x, torch.tensor(targets), reduction="none"
        ),
        [logits],
        *tolerance(dtype),
        order=1,
    )


# Decided differences


def test_a_target_that_would_broadcast_is_an_error_where_torch_only_warns():
    # `(N, 1)` against `(N,)` compares every prediction with every target.
    with pytest.warns(UserWarning, match="target size"):
        torch_functional.mse_loss(torch.zeros(4, 1), torch.zeros(4))
    with pytest.raises(ValueError, match="broadcasting would compare"):
        nn.mse_loss(Tensor(np.zeros((4, 1))), np.zeros(4))


def test_the_gradient_for_a_target_is_finite_where_a_probability_is_certain(differ):
    # The loss there is clamped to 100 in both; torch's gradient is not clamped with it.
    p, y = Tensor([0.0]), Tensor([0.25], requires_grad=True)
    torch_y = torch.tensor([0.25], requires_grad=True)

    nn.binary_cross_entropy(p, y).backward()
    torch_functional.binary_cross_entropy(torch.tensor([0.0]), torch_y).backward()

    differ(y.grad, torch_y.grad, [100.0], [np.inf])


# Weights in files


def as_torch(state):
    return {name: torch.tensor(array) for name, array in state.items()}


@pytest.fixture
def ours():
    rng = np.random.default_rng(0)
    return nn.Sequential(nn.Linear(3, 8, rng=rng), nn.ReLU(), nn.Linear(8, 2, rng=rng))


@pytest.fixture
def theirs():
    return torch.nn.Sequential(
        torch.nn.Linear(3, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2)
    )


def test_state_dicts_have_the_same_names_shapes_and_dtypes(ours, theirs, agree):
    state, torch_state = ours.state_dict(), theirs.state_dict()

    assert list(state) == list(torch_state)
    theirs.load_state_dict(as_torch(state))
    for name, array in state.items():
        agree(array, theirs.state_dict()[name], 0, 0)


@each_dtype
def test_weights_travel_to_torch(ours, theirs, dtype, agree, tmp_path, rng):
    path = tmp_path / "weights.safetensors"
    x = rng.standard_normal((5, 3)).astype(dtype)

    nn.save(ours.to(dtype), path)
    theirs.to(getattr(torch, dtype)).load_state_dict(load_file(path))

    agree(ours(Tensor(x)), theirs(torch.tensor(x)), *tolerance(dtype))
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        agree(one, other, 0, 0)


@each_dtype
def test_weights_travel_from_torch(ours, theirs, dtype, agree, tmp_path, rng):
    path = tmp_path / "weights.safetensors"
    x = rng.standard_normal((5, 3)).astype(dtype)

    save_file(theirs.to(getattr(torch, dtype)).state_dict(), path)
    nn.load(ours.to(dtype), path)

    agree(ours(Tensor(x)), theirs(torch.tensor(x)), *tolerance(dtype))
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        agree(one, other, 0, 0)


def test_weights_come_back_to_the_bit(ours, theirs, agree, tmp_path):
    before = ours.state_dict()
    there, back = tmp_path / "there.safetensors", tmp_path / "back.safetensors"

    nn.save(ours, there)
    theirs.load_state_dict(load_file(there))
    save_file(theirs.state_dict(), back)
    for parameter in ours.parameters():
        parameter.data[...] = 0
    nn.load(ours, back)

    for name, array in ours.state_dict().items():
        agree(array, before[name], 0, 0)


def test_weights_in_bfloat16_are_refused_with_the_reason(ours, theirs, tmp_path):
    # NumPy has no such dtype: a decided difference, until somebody needs it.
    path = tmp_path / "weights.safetensors"
    save_file(theirs.to(torch.bfloat16).state_dict(), path)

    with pytest.raises(ValueError, match="dtype BF16, which NumPy does not have"):
        nn.load(ours, path)
