"""Layer: neurons side by side, which all see the same inputs."""

from __future__ import annotations

import random
from typing import Any

from ._arguments import at_least, generator, inputs
from .activations import activation_named
from .module import Module
from .neuron import Neuron
from .tensor import Tensor


class Layer(Module):
    """A list of neurons.

    Args:
        in_features: how many inputs there are.
        out_features: how many neurons.
        activation: of all of them: "tanh", "relu", "sigmoid" or None.
        rng: a seed, a `random.Random`, or None for what `random.seed` has set.

    Attributes:
        neurons: a list of `Neuron`.

    Raises:
        TypeError: if a size, `activation` or `rng` is of a wrong kind.
        ValueError: if there is no such activation, or a size is less than 1.

    Example:
        >>> from pebblegrad.scalar import Layer
        >>> for out in Layer(3, 2, rng=0)([0.5, 0.0, -0.5]):
        ...     print(out)
        Value(data=-0.0583, grad=0)
        Value(data=-0.5823, grad=0)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        activation: str | None = "tanh",
        *,
        rng: int | random.Random | None = None,
    ) -> None:
        who = type(self).__name__
        at_least(who, "in_features", in_features, 1)
        at_least(who, "out_features", out_features, 1)
        activation_named(who, activation)
        draws = generator(who, rng)
        self.in_features = in_features
        self.neurons = [
            Neuron(in_features, activation, rng=draws) for _ in range(out_features)
        ]

    def forward(self, x: Any) -> Tensor | list[Tensor]:
        """Return a list with a Tensor for each neuron; of one neuron only its Tensor.

        Args:
            x: a list of Tensors or numbers; of one input also the Tensor itself, as a
                layer of one neuron returns it.

        Raises:
            TypeError: if `x` is no list, or something in it is not a number.
            ValueError: if there are not `in_features` of them.
        """
        if isinstance(x, Tensor) and self.in_features == 1:
            x = [x]
        given = inputs(type(self).__name__, x, self.in_features)
        out = [neuron(given) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def __repr__(self) -> str:
        found = list(dict.fromkeys(neuron.activation for neuron in self.neurons))
        return (
            f"{type(self).__name__}({self.in_features}, {len(self.neurons)}, "
            f"activation={found[0] if len(found) == 1 else found!r})"
        )


class Linear(Layer):
    """A `Layer` whose neurons have ReLU, unless another activation is asked for.

    With ``activation=None`` it is linear, as its name says and as PyTorch's is. A last
    layer with ReLU can die: where its sum is negative for all data, it is 0 and so are
    all gradients. Then ``activation=None`` or "sigmoid" there helps.

    Args:
        in_features: how many inputs there are.
        out_features: how many neurons.
        activation: of all of them: "relu", "tanh", "sigmoid" or None.
        rng: a seed, a `random.Random`, or None for what `random.seed` has set.

    Attributes:
        neurons: a list of `Neuron`.

    Raises:
        TypeError: if a size, `activation` or `rng` is of a wrong kind.
        ValueError: if there is no such activation, or a size is less than 1.

    Example:
        >>> from pebblegrad.scalar import Linear
        >>> Linear(3, 1, rng=0)([0.5, 1.0, 0.0])
        Value(data=0.3782, grad=0)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        activation: str | None = "relu",
        *,
        rng: int | random.Random | None = None,
    ) -> None:
        super().__init__(in_features, out_features, activation, rng=rng)
