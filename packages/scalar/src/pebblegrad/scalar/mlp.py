"""MLP: layers one after the other, a multi-layer perceptron."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ._arguments import at_least, generator
from ._numbers import kind_of
from .activations import activation_named
from .layer import Layer
from .module import Module
from .tensor import Tensor


class MLP(Module):
    """Layers, each of which takes what the one before it returns.

    Args:
        in_features: how many inputs there are.
        out_features: how many neurons each layer has, a list.
        activation: of all neurons, "tanh", "relu", "sigmoid" or None; or a list with
            one for each layer.
        rng: a seed, a `random.Random`, or None for what `random.seed` has set.

    Attributes:
        layers: a list of `Layer`.

    Raises:
        TypeError: if a size, an activation or `rng` is of a wrong kind.
        ValueError: if there is no layer or no such activation, a size is less than 1,
            or there are not as many activations as layers.

    Example:
        >>> from pebblegrad.scalar import MLP
        >>> model = MLP(3, [4, 4, 1], rng=0)
        >>> model([0.5, 0.5, 1.0])
        Value(data=-0.7166, grad=0)
        >>> len(model.parameters())
        41
        >>> MLP(2, [16, 16, 1], activation=["relu", "relu", None])
        MLP(
          (layers.0): Layer(2, 16, activation='relu')
          (layers.1): Layer(16, 16, activation='relu')
          (layers.2): Layer(16, 1, activation=None)
        )
    """

    def __init__(
        self,
        in_features: int,
        out_features: Sequence[int],
        activation: str | Sequence[str | None] | None = "tanh",
        *,
        rng: int | random.Random | None = None,
    ) -> None:
        if not isinstance(out_features, list | tuple):
            raise TypeError(
                f"MLP: out_features is {out_features!r}, "
                f"{kind_of(out_features)}; a list was needed, with the number of "
                "neurons of each layer, such as [4, 4, 1]"
            )
        if not out_features:
            raise ValueError("MLP: out_features is empty; at least one layer is needed")
        several = isinstance(activation, list | tuple)
        names: list[Any] = list(activation or ()) if several else [activation]
        for name in names:
            activation_named("MLP", name)
        if not several:
            names *= len(out_features)
        if len(names) != len(out_features):
            raise ValueError(
                f"MLP: activation has length {len(names)} and out_features "
                f"{len(out_features)}; one activation for each layer was needed, or a "
                "single name for all"
            )
        at_least("MLP", "in_features", in_features, 1)
        for i, size in enumerate(out_features):
            at_least("MLP", f"out_features[{i}]", size, 1)
        draws = generator("MLP", rng)
        sizes = pairwise([in_features, *out_features])
        self.layers = [
            Layer(n_in, n_out, name, rng=draws)
            for (n_in, n_out), name in zip(sizes, names, strict=True)
        ]

    def forward(self, x: Any) -> Tensor | list[Tensor]:
        """Return what the last layer does: a list, or a Tensor if it has one neuron.

        Args:
            x: a list of Tensors or numbers.

        Raises:
            TypeError: if `x` is no list, or something in it is not a number.
            ValueError: if there are not `in_features` of them.
        """
        for layer in self.layers:
            x = layer(x)
        return x  # type: ignore[no-any-return]
