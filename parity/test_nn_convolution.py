"""Convolutions, and the matrices they are products of, beside PyTorch's."""

import numpy as np
import pytest
import torch
from torch.nn import functional as torch_functional

from pebblegrad import nn
from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional

FORWARD = [
    {},
    {"stride": 2, "padding": 1},
    {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 2)},
    {"padding": "same", "dilation": 2},
    {"padding": "valid", "groups": 2},
    {"stride": 3, "padding": 2, "dilation": 2, "groups": 4},
    {"padding": 4},
]
TRANSPOSED = [
    {},
    {"stride": 2, "padding": 1, "output_padding": 1},
    {"stride": (3, 1), "padding": (0, 1), "output_padding": (2, 0)},
    {"dilation": 2, "output_padding": 1},
    {"stride": 2, "padding": 2, "dilation": 3, "output_padding": 2, "groups": 2},
    {"groups": 4, "padding": 1},
]
MODES = [
    {"padding": 1, "padding_mode": "reflect"},
    {"padding": 2, "padding_mode": "replicate", "stride": 2},
    {"padding": "same", "padding_mode": "circular"},
]


def tolerance(dtype):
    return (1e-4, 1e-4) if dtype == "float32" else (1e-10, 1e-11)


def on_one_axis(arguments):
    """The arguments for signals: the last of each pair."""
    return {k: v[-1] if isinstance(v, tuple) else v for k, v in arguments.items()}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("arguments", FORWARD, ids=str)
@pytest.mark.parametrize("shape", [(2, 4, 7, 6), (4, 5, 8)], ids=str)
def test_conv2d(shape, arguments, dtype, both, rng):
    kernel = (4, 4 // arguments.get("groups", 1), 3, 2)

    both(
        lambda x, w, b: functional.conv2d(x, w, b, **arguments),
        lambda x, w, b: torch_functional.conv2d(x, w, b, **arguments),
        [rng.standard_normal(s).astype(dtype) for s in (shape, kernel, (4,))],
        *tolerance(dtype),
    )


@pytest.mark.parametrize("arguments", FORWARD, ids=str)
@pytest.mark.parametrize("shape", [(2, 4, 9), (4, 8)], ids=str)
def test_conv1d(shape, arguments, both, rng):
    arguments = on_one_axis(arguments)
    kernel = (4, 4 // arguments.get("groups", 1), 3)

    both(
        lambda x, w, b: functional.conv1d(x, w, b, **arguments),
        lambda x, w, b: torch_functional.conv1d(x, w, b, **arguments),
        [rng.standard_normal(s) for s in (shape, kernel, (4,))],
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("arguments", TRANSPOSED, ids=str)
@pytest.mark.parametrize("shape", [(2, 4, 3, 4), (4, 4, 3)], ids=str)
def test_conv_transpose2d(shape, arguments, dtype, both, rng):
    groups = arguments.get("groups", 1)
    shapes = (shape, (4, 3, 3, 2), (3 * groups,))

    both(
        lambda x, w, b: functional.conv_transpose2d(x, w, b, **arguments),
        lambda x, w, b: torch_functional.conv_transpose2d(x, w, b, **arguments),
        [rng.standard_normal(s).astype(dtype) for s in shapes],
        *tolerance(dtype),
    )


@pytest.mark.parametrize("arguments", TRANSPOSED, ids=str)
@pytest.mark.parametrize("shape", [(2, 4, 5), (4, 6)], ids=str)
def test_conv_transpose1d(shape, arguments, both, rng):
    arguments = on_one_axis(arguments)
    shapes = (shape, (4, 3, 3), (3 * arguments.get("groups", 1),))

    both(
        lambda x, w, b: functional.conv_transpose1d(x, w, b, **arguments),
        lambda x, w, b: torch_functional.conv_transpose1d(x, w, b, **arguments),
        [rng.standard_normal(s) for s in shapes],
    )


COLUMNS = [
    {"kernel_size": 2},
    {"kernel_size": (3, 2), "stride": 2},
    {"kernel_size": 3, "padding": 1},
    {"kernel_size": (1, 3), "padding": (0, 2), "dilation": 2},
    {"kernel_size": 2, "stride": (1, 3), "padding": 1, "dilation": (2, 1)},
]


@pytest.mark.parametrize("arguments", COLUMNS, ids=str)
@pytest.mark.parametrize("shape", [(2, 3, 5, 6), (3, 6, 5)], ids=str)
def test_columns_and_back(shape, arguments, both, rng):
    x = rng.standard_normal(shape)
    columns = torch_functional.unfold(torch.tensor(x), **arguments).numpy()

    for ours in (functional.im2col, functional.unfold):
        both(
            lambda x, ours=ours: ours(x, **arguments),
            lambda x: torch_functional.unfold(x, **arguments),
            [x],
        )
    for ours in (functional.col2im, functional.fold):
        both(
            lambda x, ours=ours: ours(x, shape[-2:], **arguments),
            lambda x: torch_functional.fold(x, shape[-2:], **arguments),
            [columns],
        )


def test_positional_arguments_of_unfold_and_fold_are_in_the_same_order(agree, rng):
    x = rng.standard_normal((2, 3, 9, 8))
    columns = torch_functional.unfold(torch.tensor(x), 2, 3, 1, 2)

    agree(functional.unfold(x, 2, 3, 1, 2), columns)
    agree(
        functional.fold(columns.numpy(), (9, 8), 2, 3, 1, 2),
        torch_functional.fold(columns, (9, 8), 2, 3, 1, 2),
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("arguments", FORWARD + MODES, ids=str)
@pytest.mark.parametrize("name", ["Conv1d", "Conv2d"])
def test_convolutions_train_alike(name, arguments, bias, dtype, same_training, rng):
    shape = (3, 4, 8, 7)
    if name == "Conv1d":
        arguments, shape = on_one_axis(arguments), (3, 4, 9)
    rtol, atol = tolerance(dtype)

    same_training(
        getattr(nn, name)(4, 8, 3, bias=bias, rng=0, **arguments).to(dtype),
        getattr(torch.nn, name)(4, 8, 3, bias=bias, **arguments),
        [rng.standard_normal(shape).astype(dtype)],
        rtol=rtol,
        atol=atol,
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("arguments", TRANSPOSED, ids=str)
@pytest.mark.parametrize("name", ["ConvTranspose1d", "ConvTranspose2d"])
def test_transposed_convolutions_train_alike(
    name, arguments, dtype, same_training, rng
):
    shape = (3, 4, 4, 3)
    if name == "ConvTranspose1d":
        arguments, shape = on_one_axis(arguments), (3, 4, 5)
    rtol, atol = tolerance(dtype)

    same_training(
        getattr(nn, name)(4, 8, 3, rng=0, **arguments).to(dtype),
        getattr(torch.nn, name)(4, 8, 3, **arguments),
        [rng.standard_normal(shape).astype(dtype)],
        rtol=rtol,
        atol=atol,
    )


def test_an_activation_in_the_layer_is_one_behind_it(same_training, rng):
    class Both(torch.nn.Conv2d):
        def forward(self, x):
            return torch.relu(super().forward(x))

    same_training(
        nn.Conv2d(2, 3, 3, padding=1, activation="relu", rng=0).to("float64"),
        Both(2, 3, 3, padding=1),
        [rng.standard_normal((2, 2, 5, 5))],
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_stays_in_the_windows_that_see_it(value, both, rng):
    x = rng.standard_normal((1, 2, 6, 6))
    x[0, 1, 2, 3] = value

    with np.errstate(invalid="ignore"):
        both(
            lambda x, w: functional.conv2d(x, w, padding=1),
            lambda x, w: torch_functional.conv2d(x, w, padding=1),
            [x, rng.standard_normal((3, 2, 3, 3))],
            order=1,
        )


@pytest.mark.parametrize("name", ["conv2d", "conv_transpose2d"])
def test_a_batch_without_images(name, agree):
    x, weight = np.zeros((0, 2, 4, 4)), np.ones((2, 2, 3, 3))
    ours = [Tensor(a, requires_grad=True) for a in (x, weight)]
    theirs = [torch.tensor(a, requires_grad=True) for a in (x, weight)]

    out = getattr(functional, name)(*ours)
    other = getattr(torch_functional, name)(*theirs)
    out.sum().backward()
    other.sum().backward()

    agree(out, other)
    for one, two in zip(ours, theirs, strict=True):
        agree(one.grad, two.grad)


def test_initial_values_have_one_distribution():
    ours = nn.Conv2d(8, 64, 5, groups=2, rng=0)
    theirs = torch.nn.Conv2d(8, 64, 5, groups=2)

    for one, parameter in zip(ours.parameters(), theirs.parameters(), strict=True):
        other = parameter.detach()
        assert abs(one.data).max() == pytest.approx(float(other.abs().max()), rel=0.1)
        assert one.data.std() == pytest.approx(float(other.std()), rel=0.2)


def test_same_padding_with_a_stride_is_refused_by_both():
    for layer in (nn.Conv2d, torch.nn.Conv2d):
        with pytest.raises(ValueError, match="same"):
            layer(1, 1, 3, stride=2, padding="same")
