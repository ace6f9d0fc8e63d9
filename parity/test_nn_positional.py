"""Positions; torch has no such layers, so they are written in torch here."""

import numpy as np
import pytest
import torch

from pebblegrad import nn
from pebblegrad.nn import functional

each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def tolerance(dtype):
    return (1e-4, 1e-5) if dtype == "float32" else (1e-10, 1e-11)


def turned(x, positions=None, base=10000.0, interleaved=True):
    """Rotary embedding, as it is written for torch."""
    positions = torch.arange(x.shape[-2]) if positions is None else positions
    dim = x.shape[-1]
    frequencies = base ** (-torch.arange(0, dim, 2, dtype=torch.float64) / dim)
    angles = torch.as_tensor(positions)[..., None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = (x[..., ::2], x[..., 1::2]) if interleaved else x.chunk(2, -1)
    pairs = [a * cos - b * sin, a * sin + b * cos]
    return torch.stack(pairs, -1).flatten(-2) if interleaved else torch.cat(pairs, -1)


@each_dtype
@pytest.mark.parametrize("interleaved", [True, False])
@pytest.mark.parametrize(
    ("shape", "positions", "base"),
    [
        ((3, 4), None, 10000.0),
        ((2, 3, 6), None, 10000.0),
        ((2, 2, 3, 2), None, 100.0),
        ((3, 4), [7, 1, 1000], 10000.0),
        ((2, 3, 4), [[0, 1, 2], [4, 5, 6]], 10.0),
        ((0, 3, 4), None, 10000.0),
    ],
    ids=str,
)
def test_rotary_embedding(shape, positions, base, interleaved, dtype, both, rng):
    options = {"base": base, "interleaved": interleaved}

    both(
        lambda x: functional.rotary_embedding(x, positions, **options),
        lambda x: turned(x, positions, **options),
        [rng.standard_normal(shape).astype(dtype)],
        *tolerance(dtype),
    )
    both(
        nn.RotaryEmbedding(shape[-1], **options),
        lambda x: turned(x, **options),
        [rng.standard_normal(shape).astype(dtype)],
        *tolerance(dtype),
    )


class Learned(torch.nn.Module):
    def __init__(self, max_len, d_model, batch_first=False):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(max_len, d_model))
        self.batch_first = batch_first

    def forward(self, x):
        if self.batch_first or x.ndim == 2:
            return x + self.weight[: x.shape[-2]]
        return x + self.weight[: len(x), None]


@each_dtype
@pytest.mark.parametrize(
    ("arguments", "batch_first", "shape"),
    [
        ((5, 3), False, (5, 2, 3)),
        ((5, 3), False, (4, 2, 3)),
        ((5, 3), True, (2, 4, 3)),
        ((5, 3), True, (4, 3)),
        ((1, 1), False, (1, 1)),
    ],
)
def test_learned_positions_train_alike(
    arguments, batch_first, shape, dtype, same_training, rng
):
    ours = nn.LearnedPositionalEncoding(*arguments, batch_first=batch_first, rng=0)
    tight = dtype == "float64"

    same_training(
        ours.to(dtype),
        Learned(*arguments, batch_first=batch_first),
        [rng.standard_normal(shape).astype(dtype)],
        rtol=1e-9 if tight else 1e-4,
        atol=1e-10 if tight else 1e-5,
    )


@each_dtype
@pytest.mark.parametrize(
    ("length", "d_model", "base"),
    [(5, 4, 10000.0), (7, 3, 10000.0), (1, 1, 10000.0), (400, 64, 100.0), (2, 8, 2.0)],
)
def test_sinusoidal_positions(length, d_model, base, dtype, both, rng):
    positions = torch.arange(length, dtype=torch.float64)[:, None]
    steps = torch.arange(0, d_model, 2, dtype=torch.float64)
    angles = positions * torch.exp(-np.log(base) * steps / d_model)
    table = torch.zeros(length, d_model, dtype=torch.float64)
    table[:, ::2] = angles.sin()
    table[:, 1::2] = angles.cos()[:, : d_model // 2]
    table = table.to(getattr(torch, dtype))
    layer = nn.SinusoidalPositionalEncoding(d_model, base=base)

    for shape in ((length, d_model), (length, 2, d_model)):
        both(
            layer,
            lambda x: x + (table if x.ndim == 2 else table[:, None]),
            [rng.standard_normal(shape).astype(dtype)],
            *tolerance(dtype),
        )
