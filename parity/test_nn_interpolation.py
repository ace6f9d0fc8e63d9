"""Images of another size beside PyTorch's."""

import numpy as np
import pytest
import torch
from torch.nn import functional as torch_functional

from pebblegrad import nn
from pebblegrad.nn import functional

SIZES = [
    {"size": (7, 3)},
    {"size": 10},
    {"size": (1, 1)},
    {"scale_factor": 2},
    {"scale_factor": (0.6, 1.7)},
    {"scale_factor": 2.3},
    {"scale_factor": 3.0},
]
MODES = [
    {"mode": "nearest"},
    {"mode": "nearest-exact"},
    {"mode": "bilinear"},
    {"mode": "bilinear", "align_corners": False},
    {"mode": "bilinear", "align_corners": True},
]


def tolerance(dtype):
    return (1e-5, 1e-5) if dtype == "float32" else (1e-10, 1e-11)


def on_one_axis(arguments):
    """The arguments for signals."""
    out = {k: v[-1] if isinstance(v, tuple) else v for k, v in arguments.items()}
    if out.get("mode") == "bilinear":
        out["mode"] = "linear"
    return out


each_size = pytest.mark.parametrize("size", SIZES, ids=str)
each_mode = pytest.mark.parametrize("mode", MODES, ids=str)
each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


@each_dtype
@each_size
@each_mode
@pytest.mark.parametrize("shape", [(2, 3, 5, 6), (1, 2, 4, 1)], ids=str)
def test_interpolation_of_images(shape, mode, size, dtype, both, rng):
    both(
        lambda x: functional.interpolate(x, **size, **mode),
        lambda x: torch_functional.interpolate(x, **size, **mode),
        [rng.standard_normal(shape).astype(dtype)],
        *tolerance(dtype),
    )


@each_size
@each_mode
def test_interpolation_of_signals(mode, size, both, rng):
    arguments = on_one_axis({**size, **mode})

    both(
        lambda x: functional.interpolate(x, **arguments),
        lambda x: torch_functional.interpolate(x, **arguments),
        [rng.standard_normal((2, 3, 7))],
    )


# Not "nearest-exact" in float32: exactly between two elements, PyTorch's own choice
# there differs between one axis and two (2 elements to 41).
@pytest.mark.parametrize(
    ("mode", "dtype"),
    [
        ("nearest", "float32"),
        ("nearest", "float64"),
        ("nearest-exact", "float64"),
        ("linear", "float64"),
    ],
)
def test_all_pairs_of_sizes(mode, dtype, agree, rng):
    for old in range(1, 24):
        x = rng.standard_normal((1, 1, old)).astype(dtype)
        for new in range(1, 40, 2):
            agree(
                functional.interpolate(x, new, mode=mode),
                torch_functional.interpolate(torch.tensor(x), new, mode=mode),
            )


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "linear"])
def test_many_scale_factors(mode, agree, rng):
    x = rng.standard_normal((1, 1, 30))
    for factor in np.linspace(0.1, 5.0, 99):
        agree(
            functional.interpolate(x, scale_factor=float(factor), mode=mode),
            torch_functional.interpolate(
                torch.tensor(x), scale_factor=float(factor), mode=mode
            ),
        )


@pytest.mark.parametrize("value", [np.nan, np.inf])
@each_mode
def test_what_is_not_finite(mode, value, both, rng):
    x = rng.standard_normal((1, 1, 4, 4))
    x[0, 0, 1, 2] = value

    with np.errstate(invalid="ignore"):
        both(
            lambda x: functional.interpolate(x, 7, **mode),
            lambda x: torch_functional.interpolate(x, 7, **mode),
            [x],
            order=1,
        )


@each_dtype
@each_size
@each_mode
def test_upsample_trains_alike(mode, size, dtype, same_training, rng):
    """With a layer in front of it that learns."""
    rtol, atol = tolerance(dtype)

    same_training(
        nn.Sequential(nn.Linear(6, 6, rng=0), nn.Upsample(**size, **mode)).to(dtype),
        torch.nn.Sequential(torch.nn.Linear(6, 6), torch.nn.Upsample(**size, **mode)),
        [rng.standard_normal((2, 3, 5, 6)).astype(dtype)],
        rtol=rtol,
        atol=atol,
    )
