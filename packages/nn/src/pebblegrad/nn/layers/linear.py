"""The fully connected layer, and the bilinear one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, generator
from pebblegrad.nn import functional
from pebblegrad.nn._arguments import integer
from pebblegrad.nn._lint import look_at_first_units
from pebblegrad.nn._module import Module
from pebblegrad.nn.functional.linear import linear_relu, linear_sigmoid, linear_tanh

from ._parameters import uniform
from .activations import fused_with

_FUSED = {"relu": linear_relu, "sigmoid": linear_sigmoid, "tanh": linear_tanh}


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

    _looked_at = False  # whether `lint` has seen the first weights

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
        self._map, self._activate = fused_with(activation, functional.linear, _FUSED)
        bound = 1 / math.sqrt(self.in_features)
        self.weight = uniform((self.out_features, self.in_features), bound, random)
        self.bias = uniform((self.out_features,), bound, random) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., in_features) to (..., out_features)."""
        if self.training and not self._looked_at:
            self._looked_at = True
            look_at_first_units("Linear", self.weight, x)
        out = self._map(x, self.weight, self.bias)
        return out if self._activate is None else self._activate(out)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return one for each weight and each vector that goes in."""
        return int(output.size) * self.in_features

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        bias = "" if self.bias is not None else ", bias=False"
        activation = f", activation={self.activation!r}" if self.activation else ""
        return f"{self.in_features}, {self.out_features}{bias}{activation}"


class Bilinear(Module):
    """Bilinear map ``out_k = x1 @ weight_k @ x2 + bias_k`` of two inputs.

    Args:
        in1_features: D1, size of the last axis of the first input.
        in2_features: D2, size of the last axis of the second.
        out_features: D_out, size of the last axis of the output.
        bias: whether to add a learned offset.
        rng: source of the initial values: a Generator, a seed, or None for the default
            one.

    Shape:
        (..., D1) and (..., D2) -> (..., D_out).

    Initial values: uniform in ±1/sqrt(D1), weight and bias alike; PyTorch's default.

    Raises:
        ValueError: if a size is not positive.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer = Bilinear(2, 3, 4, rng=0)
        >>> layer(Tensor([[1.0, 2.0]]), Tensor([[1.0, 2.0, 3.0]])).shape
        (1, 4)
    """

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        random = generator(rng)
        self.in1_features = integer("Bilinear", "in1_features", in1_features)
        self.in2_features = integer("Bilinear", "in2_features", in2_features)
        self.out_features = integer("Bilinear", "out_features", out_features)
        bound = 1 / math.sqrt(self.in1_features)
        shape = self.out_features, self.in1_features, self.in2_features
        self.weight = uniform(shape, bound, random)
        self.bias = uniform(shape[:1], bound, random) if bias else None

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """Map (..., in1_features) and (..., in2_features) to (..., out_features)."""
        out: Tensor = functional.bilinear(x1, x2, self.weight, self.bias)
        return out

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return one for each weight and each pair that goes in, and what is added."""
        return int(output.size) * self.in1_features * self.in2_features

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        sizes = f"{self.in1_features}, {self.in2_features}, {self.out_features}"
        return sizes if self.bias is not None else f"{sizes}, bias=False"
