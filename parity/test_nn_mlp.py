"""The multilayer perceptron beside one that is put together in torch."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from pebblegrad import nn


class Perceptron(torch.nn.Module):
    def __init__(self, sizes, bias, activation, output_activation):
        super().__init__()
        self.layers = torch.nn.ModuleList(
            torch.nn.Linear(a, b, bias) for a, b in pairwise(sizes)
        )
        count = len(self.layers)
        self.activations = [activation] * (count - 1) + [output_activation]

    def forward(self, x):
        for layer, name in zip(self.layers, self.activations, strict=True):
            x = layer(x)
            x = x if name is None else getattr(torch, name)(x)
        return x


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("sizes", "bias", "activation", "output_activation"),
    [
        ((2, 4, 1), True, "relu", None),
        ((3, 4, 4, 1), True, "tanh", None),
        ((3, 5, 2), False, "sigmoid", "tanh"),
        ((3, 2), True, "relu", "sigmoid"),
        ((2, 8, 8, 8, 3), True, "relu", "relu"),
        ((2, 3, 3), True, None, None),
    ],
)
def test_it_trains_alike(
    sizes, bias, activation, output_activation, dtype, same_training, rng
):
    ours = nn.MLP(
        sizes[0],
        list(sizes[1:-1]),
        sizes[-1],
        bias,
        activation=activation,
        output_activation=output_activation,
        rng=0,
    )
    tight = dtype == "float64"

    same_training(
        ours.to(dtype),
        Perceptron(sizes, bias, activation, output_activation),
        [rng.standard_normal((6, sizes[0])).astype(dtype)],
        rtol=1e-9 if tight else 1e-4,
        atol=1e-10 if tight else 1e-5,
    )


def test_initial_values_have_the_distribution_of_torch():
    ours = nn.MLP(200, [300], 100, rng=0).state_dict()
    theirs = Perceptron((200, 300, 100), True, None, None).state_dict()

    assert list(ours) == list(theirs)
    for name, array in ours.items():
        other = theirs[name].numpy()
        np.testing.assert_allclose(np.abs(array).max(), np.abs(other).max(), rtol=0.02)
        np.testing.assert_allclose(array.var(), other.var(), rtol=0.25)
