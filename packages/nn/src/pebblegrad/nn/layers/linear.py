"""The fully connected layer."""

import math

import numpy as np

from pebblegrad.autograd import Tensor, generator
from pebblegrad.nn import functional
from pebblegrad.nn._arguments import integer
from pebblegrad.nn._module import Module

from ._parameters import uniform
from .activations import function_of


class Linear(Module):
    """Affine map ``out = x @ weight.T + bias``, with an activation behind it if wanted.

    Args:
        in_features: D_in, size of the last axis of the input.
        out_features: D_out, size of the last axis of the output.
        bias: whether to add a learned offset.
        activation: "relu", "sigmoid", "tanh" or None.
        rng: source of the initial values: a Generator, a seed, or None for the default
            one.

    Shape:
        (..., D_in) -> (..., D_out).

    Initial values: uniform in ±1/sqrt(D_in), weight and bias alike (LeCun et al. 1998,
    "Efficient BackProp", section 4.6, gives the scale); PyTorch's default.

    Raises:
        ValueError: if a size is not positive, or the activation is not known.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer = Linear(2, 3, activation="relu", rng=0)
        >>> layer
        Linear(2, 3, activation='relu')
        >>> layer(Tensor([[1.0, 2.0]])).shape
        (1, 3)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        activation: str | None = None,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        random = generator(rng)  # one for both, also when `rng` is a seed
        self.in_features = integer("Linear", "in_features", in_features)
        self.out_features = integer("Linear", "out_features", out_features)
        self.activation = activation
        self._activate = function_of(activation)
        bound = 1 / math.sqrt(self.in_features)
        self.weight = uniform((self.out_features, self.in_features), bound, random)
        self.bias = uniform((self.out_features,), bound, random) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., in_features) to (..., out_features)."""
        out = functional.linear(x, self.weight, self.bias)
        return out if self._activate is None else self._activate(out)

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        bias = "" if self.bias is not None else ", bias=False"
        activation = f", activation={self.activation!r}" if self.activation else ""
        return f"{self.in_features}, {self.out_features}{bias}{activation}"
