"""Pooling beside PyTorch's."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as torch_functional

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional

MAXIMA = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": (3, 2), "stride": (1, 2), "padding": (1, 0)},
    {"kernel_size": 2, "stride": 1, "dilation": 2},
    {"kernel_size": 3, "stride": 2, "ceil_mode": True},
    {"kernel_size": 3, "stride": 3, "padding": 1, "ceil_mode": True},
    {"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True},
    {"kernel_size": 3, "stride": 2, "padding": 1, "dilation": 2, "ceil_mode": True},
    {"kernel_size": 2, "stride": 4},
]
MEANS = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
    {"kernel_size": (3, 2), "stride": (1, 2), "padding": (1, 0)},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    {
        "kernel_size": 3,
        "stride": 2,
        "padding": 1,
        "ceil_mode": True,
        "count_include_pad": False,
    },
    {"kernel_size": 2, "stride": 3, "ceil_mode": True},
    {"kernel_size": 2, "stride": 1, "divisor_override": 3},
]
SIZES = [1, 2, (2, 3), (5, 1), (None, 4), (7, 9)]
SHAPES = [(2, 3, 8, 7), (3, 6, 9), (2, 1, 5, 5)]


def tolerance(dtype):
    return (1e-5, 1e-5) if dtype == "float32" else (1e-10, 1e-11)


def on_one_axis(arguments):
    """The arguments for signals: the last of each pair."""
    return {
        k: v[-1] if isinstance(v, tuple) else v
        for k, v in arguments.items()
        if k != "divisor_override"
    }


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(
    ("name", "arguments"),
    [("max_pool2d", a) for a in MAXIMA] + [("avg_pool2d", a) for a in MEANS],
    ids=str,
)
def test_pooling_of_images(name, arguments, shape, dtype, both, rng):
    both(
        lambda x: getattr(functional, name)(x, **arguments),
        lambda x: getattr(torch_functional, name)(x, **arguments),
        [rng.standard_normal(shape).astype(dtype)],
        *tolerance(dtype),
    )


@pytest.mark.parametrize("shape", [(2, 3, 8), (3, 7)], ids=str)
@pytest.mark.parametrize(
    ("name", "arguments"),
    [("max_pool1d", a) for a in MAXIMA] + [("avg_pool1d", a) for a in MEANS],
    ids=str,
)
def test_pooling_of_signals(name, arguments, shape, both, rng):
    arguments = on_one_axis(arguments)

    both(
        lambda x: getattr(functional, name)(x, **arguments),
        lambda x: getattr(torch_functional, name)(x, **arguments),
        [rng.standard_normal(shape)],
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", ["adaptive_avg_pool2d", "adaptive_max_pool2d"])
def test_adaptive_pooling(name, size, shape, dtype, both, rng):
    both(
        lambda x: getattr(functional, name)(x, size),
        lambda x: getattr(torch_functional, name)(x, size),
        [rng.standard_normal(shape).astype(dtype)],
        *tolerance(dtype),
    )


LAYERS = (
    [("MaxPool2d", a) for a in MAXIMA]
    + [("AvgPool2d", a) for a in MEANS]
    + [("MaxPool1d", on_one_axis(a)) for a in MAXIMA]
    + [("AvgPool1d", on_one_axis(a)) for a in MEANS]
    + [("AdaptiveAvgPool2d", {"output_size": size}) for size in SIZES]
    + [("AdaptiveMaxPool2d", {"output_size": size}) for size in SIZES]
)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "arguments"), LAYERS, ids=str)
def test_layers_train_alike(name, arguments, dtype, same_training, rng):
    """With a layer in front of it that learns."""
    shape = (2, 3, 8, 7) if name.endswith("2d") else (2, 3, 9)
    features = shape[-1]
    rtol, atol = tolerance(dtype)

    same_training(
        nn.Sequential(
            nn.Linear(features, features, rng=0), getattr(nn, name)(**arguments)
        ).to(dtype),
        torch.nn.Sequential(
            torch.nn.Linear(features, features), getattr(torch.nn, name)(**arguments)
        ),
        [rng.standard_normal(shape).astype(dtype)],
        rtol=rtol,
        atol=atol,
    )


@pytest.mark.parametrize("name", ["max_pool2d", "adaptive_max_pool2d"])
@pytest.mark.parametrize("size", [2, 3])
def test_of_equals_the_first_gets_the_gradient(name, size, both, rng):
    for _ in range(5):
        x = rng.integers(0, 2, (2, 3, 6, 6)).astype("float64")

        both(
            lambda x: getattr(functional, name)(x, size),
            lambda x: getattr(torch_functional, name)(x, size),
            [x],
        )


def test_windows_that_overlap_give_one_element_several_gradients(both, rng):
    x = rng.integers(0, 3, (1, 1, 7, 7)).astype("float64")

    both(
        lambda x: functional.max_pool2d(x, 3, 1, 1),
        lambda x: torch_functional.max_pool2d(x, 3, 1, 1),
        [x],
    )


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("max_pool2d", (2,)),
        ("max_pool2d", (3, 2, 1)),
        ("avg_pool2d", (2,)),
        ("avg_pool2d", (3, 2, 1)),
        ("adaptive_avg_pool2d", (4,)),
        ("adaptive_max_pool2d", (4,)),
    ],
    ids=str,
)
def test_what_is_not_finite_stays_in_the_windows_that_see_it(
    name, arguments, value, both, rng
):
    x = rng.standard_normal((1, 2, 6, 6))
    x[0, 1, 2, 3] = value

    both(
        lambda x: getattr(functional, name)(x, *arguments),
        lambda x: getattr(torch_functional, name)(x, *arguments),
        [x],
        order=1,
    )


@pytest.mark.parametrize("arguments", [(2,), (3, 2, 1)], ids=str)
def test_windows_of_nothing_but_minus_infinity(arguments, both):
    both(
        lambda x: functional.max_pool2d(x, *arguments),
        lambda x: torch_functional.max_pool2d(x, *arguments),
        [np.full((1, 1, 5, 5), -np.inf)],
        order=1,
    )


def test_of_several_nans_the_first_gets_the_gradient(differ):
    # As of all equals. PyTorch compares each NaN with the one before, and keeps the
    # last.
    ours = Tensor([[[np.nan, np.nan]]], requires_grad=True)
    theirs = torch.tensor([[[math.nan, math.nan]]], requires_grad=True)

    functional.max_pool2d(ours, (1, 2)).sum().backward()
    torch_functional.max_pool2d(theirs, (1, 2)).sum().backward()

    differ(ours.grad, theirs.grad, [[[1, 0]]], [[[0, 1]]])


def test_integers_have_maxima(agree, rng):
    x = rng.integers(-9, -1, (1, 1, 5, 5))

    agree(
        functional.max_pool2d(x, 3, 2, 1),
        torch_functional.max_pool2d(torch.tensor(x), 3, 2, 1),
    )


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d", "adaptive_avg_pool2d"])
def test_a_batch_without_images(name, agree):
    x = Tensor(np.zeros((0, 2, 4, 4)), requires_grad=True)
    other = torch.zeros((0, 2, 4, 4), dtype=torch.float64, requires_grad=True)

    out, theirs = (
        getattr(functional, name)(x, 2),
        getattr(torch_functional, name)(other, 2),
    )
    out.sum().backward()
    theirs.sum().backward()

    agree(out, theirs)
    agree(x.grad, other.grad)
