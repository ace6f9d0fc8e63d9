"""Layers that tell attention where a token stands; `functional/positional.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, generator
from pebblegrad.nn import functional
from pebblegrad.nn._arguments import integer, number
from pebblegrad.nn._module import Module

from ._parameters import filled


class SinusoidalPositionalEncoding(Module):
    """Adds to each token a vector of sines and cosines that says where it stands.

    Feature 2i of position p gets ``sin(p / base ** (2 * i / d_model))``, feature 2i + 1
    the cosine. Nothing is learned or saved, and a sequence may have any length.

    Args:
        d_model: D, the size of a token's vector.
        base: the wavelengths go from 2π to nearly 2π times this.
        batch_first: whether the batch is axis 0 and the sequence axis 1, or the other
            way round, as in the layers of transformers.

    Shape:
        (L, N, D) -> (L, N, D), with `batch_first` (N, L, D) -> (N, L, D); (L, D) ->
        (L, D) in both.

    Raises:
        ValueError: if a size is not positive.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer = SinusoidalPositionalEncoding(2)
        >>> layer(Tensor([[0.0, 0.0], [0.0, 0.0]])).data.round(3)
        array([[0.   , 1.   ],
               [0.841, 0.54 ]], dtype=float32)

    Reference:
        Vaswani et al. 2017, "Attention Is All You Need", section 3.5,
        https://arxiv.org/abs/1706.03762
    """

    def __init__(
        self, d_model: int, *, base: float = 10000.0, batch_first: bool = False
    ) -> None:
        self.d_model = integer("SinusoidalPositionalEncoding", "d_model", d_model)
        self.base = number("SinusoidalPositionalEncoding", "base", base, 1)
        self.batch_first = batch_first
        # The longest sequence so far: a plain array, so that it is not saved.
        self._positions: Any = np.zeros((0, d_model))

    def forward(self, x: Tensor) -> Tensor:
        """Return the tokens with their positions added."""
        length = _length(x, self)
        if len(self._positions) < length or self._positions.dtype != x.dtype:
            self._positions = functional.sinusoidal_positions(
                length, self.d_model, self.base, x.dtype
            )
        return _add(x, self._positions[:length], self.batch_first)

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        base = "" if self.base == 10000.0 else f", base={self.base}"
        return f"{self.d_model}{base}{', batch_first=True' * self.batch_first}"


class LearnedPositionalEncoding(Module):
    """Adds to each token a learned vector for the place where it stands.

    Args:
        max_len: the length of the longest sequence.
        d_model: D, the size of a token's vector.
        batch_first: whether the batch is axis 0 and the sequence axis 1, or the other
            way round, as in the layers of transformers.
        rng: source of the initial values: a Generator, a seed, or None for the default
            one.

    Shape:
        (L, N, D) -> (L, N, D), with `batch_first` (N, L, D) -> (N, L, D); (L, D) ->
        (L, D) in both.

    Initial values: normal with standard deviation 0.02, as in the reference.

    Raises:
        ValueError: if a size is not positive, or a sequence is longer than `max_len`.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> layer = LearnedPositionalEncoding(10, 2, rng=0)
        >>> layer(Tensor([[0.0, 0.0], [0.0, 0.0]])).shape
        (2, 2)
        >>> layer.weight.shape
        (10, 2)

    Reference:
        Radford et al. 2018, "Improving Language Understanding by Generative
        Pre-Training", section 4.1.
    """

    def __init__(
        self,
        max_len: int,
        d_model: int,
        *,
        batch_first: bool = False,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        self.max_len = integer("LearnedPositionalEncoding", "max_len", max_len)
        self.d_model = integer("LearnedPositionalEncoding", "d_model", d_model)
        self.batch_first = batch_first
        self.weight = filled((self.max_len, self.d_model), 0.0)
        self.weight.data[...] = generator(rng).normal(0.0, 0.02, self.weight.shape)

    def forward(self, x: Tensor) -> Tensor:
        """Return the tokens with their positions added."""
        length = _length(x, self)
        if length > self.max_len:
            raise ValueError(
                f"x has shape {x.shape}, a sequence of {length}; the longest is "
                f"max_len={self.max_len} (the sequence is axis "
                f"{1 if self.batch_first and x.ndim == 3 else 0}: see batch_first)"
            )
        return _add(x, self.weight[:length], self.batch_first)

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        batch_first = ", batch_first=True" * self.batch_first
        return f"{self.max_len}, {self.d_model}{batch_first}"


class RotaryEmbedding(Module):
    """Turns pairs of features of queries and keys by angles that grow with position.

    To be applied to queries and keys, not to values, once they are split into heads.

    Args:
        dim: D, the size of a head; even.
        base: the wavelengths go from 2π to nearly 2π times this.
        interleaved: whether a pair is made of features 2i and 2i + 1, as in the paper,
            or of i and i + D / 2, as in GPT-NeoX and LLaMA.

    Shape:
        (..., L, D) -> (..., L, D).

    Raises:
        ValueError: if `dim` is odd or not positive.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> rotary = RotaryEmbedding(2)
        >>> query, key = Tensor([[1.0, 2.0]]), Tensor([[3.0, 4.0]])
        >>> near = rotary(query, [2]) @ rotary(key, [1]).mT
        >>> far = rotary(query, [102]) @ rotary(key, [101]).mT
        >>> round(near.item(), 4), round(far.item(), 4)
        (4.2604, 4.2604)

    Reference:
        Su et al. 2021, "RoFormer: Enhanced Transformer with Rotary Position Embedding",
        section 3.2.2, https://arxiv.org/abs/2104.09864
    """

    def __init__(
        self, dim: int, *, base: float = 10000.0, interleaved: bool = True
    ) -> None:
        self.dim = integer("RotaryEmbedding", "dim", dim)
        if self.dim % 2:
            raise ValueError(f"RotaryEmbedding: dim is {dim}; an even number is needed")
        self.base = number("RotaryEmbedding", "base", base, 1)
        self.interleaved = interleaved

    def forward(self, x: Tensor, positions: Any = None) -> Tensor:
        """Return queries or keys, turned; at positions 0 to L - 1 if none are given."""
        if x.ndim < 2 or x.shape[-1] != self.dim:
            raise ValueError(
                f"x has shape {x.shape}; (..., L, {self.dim}) is needed, as dim is "
                f"{self.dim}"
            )
        out: Tensor = functional.rotary_embedding(
            x, positions, base=self.base, interleaved=self.interleaved
        )
        return out

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        base = "" if self.base == 10000.0 else f", base={self.base}"
        interleaved = "" if self.interleaved else ", interleaved=False"
        return f"{self.dim}{base}{interleaved}"


def _length(x: Any, layer: Any) -> int:
    """Return the length of the sequence, once the shape of `x` is known to be right."""
    if x.ndim not in (2, 3) or x.shape[-1] != layer.d_model:
        batched = "(N, L, {0})" if layer.batch_first else "(L, N, {0})"
        needed = f"{batched} or (L, {{0}})".format(layer.d_model)
        raise ValueError(
            f"x has shape {x.shape}; {needed} is needed, as d_model is {layer.d_model}"
        )
    if x.dtype.kind != "f":
        raise TypeError(f"x holds {x.dtype}; floats are needed: the tokens' vectors")
    length: int = x.shape[-2] if layer.batch_first else x.shape[0]
    return length


def _add(x: Any, positions: Any, batch_first: bool) -> Tensor:
    """Return (L, N, D) or (N, L, D), or (L, D), plus (L, D)."""
    between = x.ndim == 3 and not batch_first
    out: Tensor = x + (positions[:, None] if between else positions)
    return out
