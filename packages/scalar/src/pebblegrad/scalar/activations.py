"""What makes a network more than a weighted sum: the activations.

Each is a function of single Tensors, so here are a table of them by name, for neurons,
and the same as parts of a model, which take a list and return a list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._arguments import inputs
from ._numbers import as_number, kind_of
from .module import Module
from .tensor import Tensor


def unchanged(x: Tensor) -> Tensor:
    """Return what came in, as neurons with ``activation=None`` do."""
    return x


ACTIVATIONS: dict[str | None, Callable[[Tensor], Tensor]] = {
    "tanh": Tensor.tanh,
    "relu": Tensor.relu,
    "sigmoid": Tensor.sigmoid,
    None: unchanged,
}


def activation_named(who: str, name: Any) -> Callable[[Tensor], Tensor]:
    """Return an activation.

    Raises:
        TypeError: if the name is no text, nor None.
        ValueError: if there is none of that name.
    """
    if name is not None and not isinstance(name, str):
        hint = "; a seed is given by its name, rng=..." if type(name) is int else ""
        raise TypeError(
            f"{who}: activation is {name!r}, {kind_of(name)}; the name of one was "
            f"needed, such as 'relu', or None{hint}"
        )
    if name not in ACTIVATIONS:
        known = ", ".join(repr(key) for key in ACTIVATIONS)
        raise ValueError(f"{who}: activation is {name!r}; known are {known}")
    return ACTIVATIONS[name]


class Relu(Module):
    """``max(x, 0)`` of each Tensor of a list, or of a single one.

    Example:
        >>> from pebblegrad.scalar import Relu, Tensor
        >>> Relu()([Tensor(-1.0), Tensor(2.0)])
        [Value(data=0, grad=0), Value(data=2.0, grad=0)]
    """

    def forward(self, x: Any) -> Any:
        """Return a list as long as `x`; a Tensor for a Tensor."""
        return _each("Relu", Tensor.relu, x)


class Sigmoid(Module):
    """``1 / (1 + exp(-x))`` of each Tensor of a list, or of a single one.

    Example:
        >>> from pebblegrad.scalar import Sigmoid, Tensor
        >>> Sigmoid()([Tensor(0.0)])
        [Value(data=0.5, grad=0)]
    """

    def forward(self, x: Any) -> Any:
        """Return a list as long as `x`; a Tensor for a Tensor."""
        return _each("Sigmoid", Tensor.sigmoid, x)


class Tanh(Module):
    """The hyperbolic tangent of each Tensor of a list, or of a single one.

    Example:
        >>> from pebblegrad.scalar import Tanh, Tensor
        >>> Tanh()(Tensor(0.0))
        Value(data=0.0, grad=0)
    """

    def forward(self, x: Any) -> Any:
        """Return a list as long as `x`; a Tensor for a Tensor."""
        return _each("Tanh", Tensor.tanh, x)


class LeakyRelu(Module):
    """``x`` where it is positive, else a small part of it, so that no neuron dies.

    Args:
        negative_slope: that part.

    Example:
        >>> from pebblegrad.scalar import LeakyRelu, Tensor
        >>> [y.data for y in LeakyRelu(0.1)([Tensor(-2.0), Tensor(2.0)])]
        [-0.2, 2.0]

    Reference:
        Maas, Hannun, Ng 2013, "Rectifier nonlinearities improve neural network
        acoustic models".
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = as_number(negative_slope, "LeakyRelu", "negative_slope")

    def forward(self, x: Any) -> Any:
        """Return a list as long as `x`; a Tensor for a Tensor."""
        return _each("LeakyRelu", self._one, x)

    def _one(self, x: Tensor) -> Tensor:
        return x * self.negative_slope if x.data <= 0 else x * 1

    def __repr__(self) -> str:
        return f"LeakyRelu({self.negative_slope})"


class Softmax(Module):
    """Turn a list of scores into probabilities, ``exp(x_i) / sum_j exp(x_j)``.

    The largest score is subtracted first, which changes no probability, and no `exp`
    becomes too large.

    Example:
        >>> from pebblegrad.scalar import Softmax, Tensor
        >>> [p.data for p in Softmax()([Tensor(1000.0), Tensor(1000.0)])]
        [0.5, 0.5]
    """

    def forward(self, x: Any) -> list[Tensor]:
        """Return a list of probabilities, as long as `x`.

        Raises:
            ValueError: if `x` is empty.
        """
        scores = inputs("Softmax", x)
        if not scores:
            raise ValueError("Softmax: x is empty; at least one score was needed")
        largest = max(score.data for score in scores)
        powers = [(score - largest).exp() for score in scores]
        total = sum(powers[1:], powers[0])
        return [power / total for power in powers]


def _each(who: str, function: Callable[[Tensor], Tensor], x: Any) -> Any:
    if isinstance(x, Tensor):
        return function(x)
    return [function(value) for value in inputs(who, x)]
