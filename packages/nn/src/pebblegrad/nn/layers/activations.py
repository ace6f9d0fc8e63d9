"""Activations as layers, for `Sequential`; the functions are in `functional`."""

from collections.abc import Callable

from pebblegrad.autograd import Tensor
from pebblegrad.nn import functional
from pebblegrad.nn._module import Module

_FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": functional.relu,
    "sigmoid": functional.sigmoid,
    "tanh": functional.tanh,
}


def function_of(name: str | None) -> Callable[[Tensor], Tensor] | None:
    """Return the activation that a layer's `activation` keyword names.

    Raises:
        ValueError: if there is none of that name.
    """
    if name is None:
        return None
    if name not in _FUNCTIONS:
        known = ", ".join(f'"{known}"' for known in _FUNCTIONS)
        raise ValueError(f"activation: {name!r} is not known; give {known} or None")
    return _FUNCTIONS[name]


class ReLU(Module):
    """Elementwise ``max(x, 0)``; any shape."""

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` where it is positive, else 0."""
        return functional.relu(x)


class Sigmoid(Module):
    """Elementwise ``1 / (1 + exp(-x))``; any shape."""

    def forward(self, x: Tensor) -> Tensor:
        """Return numbers between 0 and 1."""
        return functional.sigmoid(x)


class Tanh(Module):
    """Elementwise hyperbolic tangent; any shape."""

    def forward(self, x: Tensor) -> Tensor:
        """Return numbers between -1 and 1."""
        return functional.tanh(x)
