"""The multilayer perceptron: fully connected layers one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, generator
from pebblegrad.nn._arguments import integer
from pebblegrad.nn._module import Module

from .linear import Linear


class MLP(Module):
    """Multilayer perceptron: `Linear` layers, each but the last with an activation.

    Args:
        in_features: D_in, size of the last axis of the input.
        hidden_sizes: how many units each hidden layer has; an empty list leaves a
            single `Linear`.
        out_features: D_out, size of the last axis of the output. If left out, the last
            of `hidden_sizes` is it: ``MLP(3, [4, 4, 1])``.
        bias: whether the layers add a learned offset.
        activation: of the hidden layers, a name that `Linear` takes, or None.
        output_activation: of the last layer, likewise; None by default, which is what
            `cross_entropy` and regression want.
        rng: source of the initial values: a Generator, a seed, or None for the default
            one.

    Attributes:
        layers: the list of them, so that the state's names are `layers.0.weight`,
            `layers.0.bias`, `layers.1.weight` and so on, without gaps.

    Shape:
        (..., D_in) -> (..., D_out).

    Initial values: those of `Linear`.

    Raises:
        ValueError: if a size is not positive, an activation is not known, or neither
            `out_features` nor a hidden size is there.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> model = MLP(in_features=2, hidden_sizes=[4], out_features=1, rng=0)
        >>> model
        MLP(
          (layers.0): Linear(2, 4, activation='relu')
          (layers.1): Linear(4, 1)
        )
        >>> model(Tensor([[1.0, 2.0], [3.0, 4.0]])).shape
        (2, 1)
        >>> list(model.state_dict())
        ['layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias']

    Reference:
        Rumelhart, Hinton & Williams 1986, "Learning representations by back-propagating
        errors", Nature 323, 533-536.
    """

    def __init__(
        self,
        in_features: int,
        hidden_sizes: Sequence[int],
        out_features: int | None = None,
        bias: bool = True,
        *,
        activation: str | None = "relu",
        output_activation: str | None = None,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        sizes = _sizes(in_features, hidden_sizes, out_features)
        random = generator(rng)  # one for all, also when `rng` is a seed
        last = len(sizes) - 2
        self.layers = [
            Linear(
                before,
                behind,
                bias,
                activation=output_activation if i == last else activation,
                rng=random,
            )
            for i, (before, behind) in enumerate(pairwise(sizes))
        ]

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., in_features) to (..., out_features)."""
        for layer in self.layers:
            x = layer(x)
        return x


def _sizes(in_features: Any, hidden_sizes: Any, out_features: Any) -> list[int]:
    """Return the sizes from the input to the output, checked by their names."""
    if isinstance(hidden_sizes, str) or not hasattr(hidden_sizes, "__iter__"):
        raise TypeError(
            f"MLP: hidden_sizes is {hidden_sizes!r}; a list of integers is needed, "
            f"such as [{hidden_sizes if isinstance(hidden_sizes, int) else 16}]"
        )
    hidden = list(hidden_sizes)
    sizes = [integer("MLP", "in_features", in_features)]
    sizes += [integer("MLP", f"hidden_sizes[{i}]", h) for i, h in enumerate(hidden)]
    if out_features is not None:
        return [*sizes, integer("MLP", "out_features", out_features)]
    if not hidden:
        raise ValueError(
            "MLP: hidden_sizes is empty and out_features left out; give "
            "out_features=, the number of outputs"
        )
    return sizes
