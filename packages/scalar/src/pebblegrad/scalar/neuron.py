"""Neuron: a weighted sum of the inputs, a bias, and an activation."""

from __future__ import annotations

import random
from typing import Any

from ._arguments import at_least, generator, inputs
from .activations import activation_named
from .dot import dot
from .module import Module
from .tensor import Tensor


class Neuron(Module):
    """``activation(w_1 * x_1 + ... + w_n * x_n + b)``.

    Weights and bias begin as random numbers between -1 and 1, all equally likely.

    Args:
        in_features: n, how many inputs there are.
        activation: "tanh", "relu", "sigmoid", or None for the sum itself.
        rng: a seed, a `random.Random`, or None for what `random.seed` has set.

    Attributes:
        weights: a list of n Tensors.
        bias: a Tensor.
        activation: as given; may be assigned.

    Raises:
        TypeError: if `in_features`, `activation` or `rng` is of a wrong kind.
        ValueError: if there is no such activation, or `in_features` is less than 1.

    Example:
        >>> from pebblegrad.scalar import Neuron
        >>> neuron = Neuron(2, activation="relu", rng=0)
        >>> [p.data for p in neuron.parameters()]
        [0.6888, 0.5159, -0.1589]
        >>> neuron([1.0, 2.0])
        Value(data=1.5618, grad=0)
    """

    def __init__(
        self,
        in_features: int,
        activation: str | None = "tanh",
        *,
        rng: int | random.Random | None = None,
    ) -> None:
        who = type(self).__name__
        at_least(who, "in_features", in_features, 1)
        activation_named(who, activation)
        draws = generator(who, rng)
        # Without one, those of the module: what `random.seed` has set.
        draw = random.uniform if draws is None else draws.uniform
        self.activation = activation
        self.weights = [Tensor(draw(-1, 1)) for _ in range(in_features)]
        self.bias = Tensor(draw(-1, 1))

    def forward(self, x: Any) -> Tensor:
        """Return one Tensor.

        Args:
            x: a list of n Tensors or numbers.

        Raises:
            TypeError: if `x` is no list, or something in it is not a number.
            ValueError: if there are not n of them.
        """
        given = inputs("Neuron", x, len(self.weights))
        activate = activation_named("Neuron", self.activation)
        return activate(dot(self.weights, given) + self.bias)

    def __repr__(self) -> str:
        return f"Neuron({len(self.weights)}, activation={self.activation!r})"
