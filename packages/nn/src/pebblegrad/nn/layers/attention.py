"""Attention with several heads; what it computes is in `functional/attention.py`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, generator
from pebblegrad.nn import functional
from pebblegrad.nn._arguments import integer, number
from pebblegrad.nn._module import Module
from pebblegrad.nn.functional.attention import (
    attention_weights,
    bias_of,
    causal_bias,
)

from ._parameters import filled, uniform
from .linear import Linear


class MultiheadAttention(Module):
    """Attention in `num_heads` subspaces at once; their results are joined by a map.

    Queries, keys and values are each mapped to D features, cut into heads of
    D / num_heads features, go through `scaled_dot_product_attention` head by head, and
    are joined again.

    **In the masks of this layer True means: may not attend**; in the function
    `scaled_dot_product_attention` it means the opposite. Both are as in PyTorch. A mask
    that was meant the other way round gives no error, only a model that learns badly.

    Args:
        embed_dim: D, size of a query and of the output.
        num_heads: how many heads; must divide D.
        dropout: probability with which a weight is dropped in training.
        bias: whether the maps add a learned offset.
        kdim: size of a key; D if None.
        vdim: size of a value; D if None.
        batch_first: whether the batch is axis 0 and the sequence axis 1. By default it
            is the other way round.
        rng: source of the initial values and of what is dropped: a Generator, a seed,
            or None for the default one.

    Attributes:
        in_proj_weight: shape (3 * D, D): the maps of queries, keys and values, one
            above the other. With a `kdim` or `vdim` that is not D there are
            `q_proj_weight`, `k_proj_weight` and `v_proj_weight` in its place.
        in_proj_bias: shape (3 * D,).
        out_proj: the map that joins the heads, a `Linear`.

    Shape:
        query (L, N, D), key (S, N, kdim), value (S, N, vdim) -> output (L, N, D) and
        weights (N, L, S). With `batch_first` the batch is in front: (N, L, D) and so
        on. Without a batch: (L, D), (S, kdim), (S, vdim) -> (L, D) and (L, S).

    Initial values: the maps of queries, keys and values uniform in
    ±sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010, equation 16), where
    `in_proj_weight` counts as one map to 3 * D features; `out_proj.weight` uniform in
    ±1/sqrt(D); the offsets 0. PyTorch's defaults.

    Raises:
        ValueError: if a size is not positive, `num_heads` does not divide `embed_dim`,
            or `dropout` is no probability.

    Example:
        >>> import numpy as np
        >>> from pebblegrad.autograd import Tensor
        >>> layer = MultiheadAttention(8, 2, batch_first=True, rng=0)
        >>> layer
        MultiheadAttention(8, 2, batch_first=True)
        >>> x = Tensor(np.ones((1, 3, 8), "float32"))
        >>> out, weights = layer(x, x, x, is_causal=True)
        >>> out.shape
        (1, 3, 8)
        >>> weights.data.round(3)
        array([[[1.   , 0.   , 0.   ],
                [0.5  , 0.5  , 0.   ],
                [0.333, 0.333, 0.333]]], dtype=float32)

    Reference:
        Vaswani et al. 2017, "Attention Is All You Need", section 3.2.2,
        https://arxiv.org/abs/1706.03762
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        *,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        who = "MultiheadAttention"
        self.embed_dim = size = integer(who, "embed_dim", embed_dim)
        self.num_heads = integer(who, "num_heads", num_heads)
        if size % self.num_heads:
            raise ValueError(
                f"{who}: embed_dim is {size} and num_heads {num_heads}; each head gets "
                "embed_dim / num_heads features, so num_heads must divide embed_dim"
            )
        self.dropout = number(who, "dropout", dropout, 0, 1)
        self.kdim = size if kdim is None else integer(who, "kdim", kdim)
        self.vdim = size if vdim is None else integer(who, "vdim", vdim)
        self.batch_first = batch_first
        random = generator(rng)  # one for all, also when `rng` is a seed
        self._rng = None if rng is None else random
        if self.kdim == self.vdim == size:
            self.in_proj_weight = _glorot(3 * size, size, random)
        else:
            self.q_proj_weight = _glorot(size, size, random)
            self.k_proj_weight = _glorot(size, self.kdim, random)
            self.v_proj_weight = _glorot(size, self.vdim, random)
        self.in_proj_bias = filled((3 * size,), 0.0) if bias else None
        self.out_proj = Linear(size, size, bias, rng=random)
        if self.out_proj.bias is not None:
            self.out_proj.bias.data[...] = 0.0

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Return what each query found, and the weights or None.

        Args:
            query: shape (L, N, D), or as in the class's Shape.
            key: shape (S, N, kdim).
            value: shape (S, N, vdim).
            key_padding_mask: shape (N, S), or (S,) without a batch: **True where a key
                is padding and is ignored**; or numbers to add.
            need_weights: whether to return the weights too; without them the layer has
                a little less to do.
            attn_mask: shape (L, S), or (N * num_heads, L, S): **True where a query may
                not attend to a key**; or numbers to add.
            average_attn_weights: whether the weights are the mean over the heads, of
                shape (N, L, S), or each head's, (N, num_heads, L, S).
            is_causal: whether query number i attends only to keys number 0 to i; needs
                no `attn_mask`. With one, both must allow it.

        A query that may attend to nothing finds zeros, with weights 0.
        """
        batched = self._check(query, key, value)
        first = self.batch_first or not batched
        if not batched:
            query, key, value = query[None], key[None], value[None]
        batch = query.shape[0 if first else 1]
        heads = [self._heads(x, i, first) for i, x in enumerate((query, key, value))]
        length, keys = heads[0].shape[-2], heads[1].shape[-2]
        bias = self._bias(
            attn_mask, key_padding_mask, is_causal, (batch, length, keys), query.dtype
        )
        scale = 1 / math.sqrt(self.embed_dim // self.num_heads)
        weights = attention_weights(*heads[:2], bias, scale)
        if self.dropout and self.training:
            weights = functional.dropout(weights, self.dropout, rng=self._rng)
        found = weights @ heads[2]  # (N, heads, L, D / heads)
        # (N, L, heads, D / heads), or (L, N, heads, D / heads)
        found = found.permute((0, 2, 1, 3) if first else (2, 0, 1, 3))
        out = self.out_proj(found.reshape((*query.shape[:2], self.embed_dim)))
        out = out if batched else out[0]
        if not need_weights:
            return out, None
        if average_attn_weights:
            weights = weights.mean(axis=1)
        return out, weights if batched else weights[0]

    def _heads(self, x: Any, i: int, first: bool) -> Tensor:
        """Return a map of `x`, the i-th, by heads: (N, heads, L, D / heads)."""
        rows = slice(i * self.embed_dim, (i + 1) * self.embed_dim)
        if self.kdim == self.vdim == self.embed_dim:
            weight = self.in_proj_weight[rows]
        else:
            weight = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)[i]
        bias = None if self.in_proj_bias is None else self.in_proj_bias[rows]
        out: Tensor = functional.linear(x, weight, bias)
        size = self.embed_dim // self.num_heads
        out = out.reshape((*out.shape[:2], self.num_heads, size))
        return out.permute((0, 2, 1, 3) if first else (1, 2, 0, 3))

    def _check(self, query: Any, key: Any, value: Any) -> bool:
        """Return whether there is a batch, once the shapes are known to be right."""
        given = {"query": query, "key": key, "value": value}
        sizes = self.embed_dim, self.kdim, self.vdim
        shapes = [x.shape for x in given.values()]
        what = ", ".join(f"{name} has shape {x.shape}" for name, x in given.items())
        if {len(shape) for shape in shapes} not in ({2}, {3}):
            needed = "three axes are needed in each, or two without a batch"
        elif tuple(shape[-1] for shape in shapes) != sizes:
            needed = f"the last axes must be {sizes[0]}, {sizes[1]} and {sizes[2]}"
        elif key.shape[:-1] != value.shape[:-1]:
            needed = "key and value must be equal in all axes but the last"
        elif query.ndim == 3 and (
            query.shape[not self.batch_first] != key.shape[not self.batch_first]
        ):
            order = "(N, L, D)" if self.batch_first else "(L, N, D)"
            needed = (
                f"the batches must be equally large (batch_first={self.batch_first}: "
                f"the axes are {order})"
            )
        else:
            batched: bool = query.ndim == 3
            return batched
        raise ValueError(f"{what}; {needed}")

    def _bias(
        self,
        attn_mask: Any,
        key_padding_mask: Any,
        is_causal: bool,
        shape: tuple[int, int, int],
        dtype: Any,
    ) -> Any:
        """Return the masks as one array to add: what broadcasts to (N, heads, L, S)."""
        batch, length, keys = shape
        parts = []
        if attn_mask is not None:
            part = _forbidding("attn_mask", attn_mask, dtype)
            stack = (batch * self.num_heads, length, keys)
            if part.shape not in ((length, keys), stack):
                raise ValueError(
                    f"attn_mask has shape {part.shape}; (L, S), here "
                    f"{(length, keys)}, or (N * num_heads, L, S), here {stack}, is "
                    "needed"
                )
            if part.ndim == 3:
                part = part.reshape((batch, self.num_heads, length, keys))
            parts.append(part)
        if key_padding_mask is not None:
            part = _forbidding("key_padding_mask", key_padding_mask, dtype)
            if part.shape != (batch, keys) and (part.shape, batch) != ((keys,), 1):
                raise ValueError(
                    f"key_padding_mask has shape {part.shape}; (N, S), here "
                    f"{(batch, keys)}, is needed"
                )
            parts.append(part.reshape((batch, 1, 1, keys)))
        if is_causal:
            parts.append(causal_bias(length, keys, dtype))
        if not parts:
            return None
        bias, *others = parts
        for part in others:
            bias = bias + part
        return bias

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return those of the three maps in front and of both products of attention.

        What comes behind is a layer of its own, and counts itself.
        """
        batch_axis = 0 if self.batch_first else 1
        query, key = (tuple(x.shape) for x in inputs[:2])
        batch = query[batch_axis] if len(query) == 3 else 1
        length, keys = (math.prod(s[:-1]) // max(batch, 1) for s in (query, key))
        maps = length * self.embed_dim + keys * (self.kdim + self.vdim)
        return int(batch * self.embed_dim * (maps + 2 * length * keys))

    def extra_repr(self) -> str:
        """Return the arguments, those that are not the defaults by name."""
        text = f"{self.embed_dim}, {self.num_heads}"
        text += f", dropout={self.dropout}" if self.dropout else ""
        text += "" if self.in_proj_bias is not None else ", bias=False"
        text += "" if self.kdim == self.embed_dim else f", kdim={self.kdim}"
        text += "" if self.vdim == self.embed_dim else f", vdim={self.vdim}"
        return text + ", batch_first=True" * self.batch_first

    def __repr__(self) -> str:  # the call says all: what is inside follows from it
        return f"{type(self).__name__}({self.extra_repr()})"


def _glorot(rows: int, columns: int, random: np.random.Generator) -> Tensor:
    """Return a parameter drawn evenly from ±sqrt(6 / (rows + columns))."""
    return uniform((rows, columns), math.sqrt(6 / (rows + columns)), random)


def _forbidding(name: str, mask: Any, dtype: Any) -> Any:
    """Return what a mask adds, in which True forbids."""
    array = mask if isinstance(mask, Tensor) else np.asarray(mask)
    if array.dtype == bool:
        array = ~(array.data if isinstance(array, Tensor) else array)
    return bias_of(name, array, dtype)
