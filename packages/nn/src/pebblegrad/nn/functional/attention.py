"""Attention: every query takes a mean of the values, weighted by how its key fits.

    weights = softmax(query @ key.T * scale + bias)
    out = weights @ value

The weights are an op of their own: its rule needs only them, so that the graph keeps
one array of shape (L, S) for each head. L counts queries, S keys; D is the size of a
key, the axes in front (batch, heads) are a stack.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# Forwards and rules take arrays of any library: there is no type to name.

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pebblegrad.autograd import Tensor, op, ops
from pebblegrad.nn._arguments import number

from .activations import softmax_gradient
from .dropout import dropout


@op
def attention_weights(xp, query, key, bias=None, /, scale=1.0):
    """Weights that sum to one: ``softmax(query @ key.T * scale + bias)``.

    A query for which `bias` is -inf at every key has the weights 0: there is nothing to
    take a mean of.

    Args:
        query: shape (..., L, D).
        key: shape (..., S, D).
        bias: added to the products, any shape that broadcasts to (..., L, S), or None.
        scale: a number.

    Returns:
        Shape (..., L, S).

    Raises:
        ValueError: if the shapes do not go together.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> attention_weights(Tensor([[0.0, 1.0]]), Tensor([[1.0, 0.0], [2.0, 0.0]]))
        Tensor([[0.5, 0.5]], dtype=float32)
    """
    if query.ndim < 2:
        raise ValueError("query is a vector")
    # One op in place of four (multiply, matmul, add, softmax), and each pass over an
    # array of (L, S) writes into the one array there is.
    weights = ops.matmul(query * scale, key.mT)
    if bias is not None:
        weights = weights + bias
    if not weights.shape[-1]:
        return weights
    largest = xp.max(weights, axis=-1, keepdims=True)
    weights -= xp.where(largest == -math.inf, xp.zeros_like(largest), largest)
    weights = np.exp(weights, out=weights) if xp is np else xp.exp(weights)
    # A product of matrices adds up rows in a quarter of the time that `sum` takes.
    total = weights @ xp.ones((weights.shape[-1], 1), dtype=weights.dtype)
    weights /= xp.where(total == 0, xp.ones_like(total), total)
    return weights


@attention_weights.backward("query", "key", "bias")
def _(g, out, query, key, scale):
    scores = softmax_gradient(g, out, -1)  # (..., L, S), of what it was taken of
    for_query = ops.matmul(scores, key) * scale
    return for_query, ops.matmul(scores.mT, query * scale), scores


@attention_weights.explain
def _(query, key, bias=None, /, scale=1.0):
    if len(query) < 2 or len(key) < 2:
        return "query must have shape (..., L, D) and key (..., S, D)"
    if query[-1] != key[-1]:
        return (
            f"query's last axis ({query[-1]}) must equal key's ({key[-1]}), the size "
            "of a key"
        )
    return f"bias must broadcast to (..., {query[-2]}, {key[-2]})"


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    *,
    rng: np.random.Generator | int | None = None,
) -> Any:
    """Mean of the values for each query: ``softmax(query @ key.T * scale) @ value``.

    In a boolean mask **True means: may attend**. In `MultiheadAttention` it means the
    opposite; both are as in PyTorch.

    Args:
        query: shape (..., L, D).
        key: shape (..., S, D).
        value: shape (..., S, D_out).
        attn_mask: shape (..., L, S) or what broadcasts to it: booleans, or numbers that
            are added to ``query @ key.T * scale``. A query that may attend to nothing
            gets zeros.
        dropout_p: probability with which a weight is dropped. It is dropped whenever
            this is not 0: the function does not know whether it is in training.
        is_causal: whether query number i attends only to keys number 0 to i. With a
            mask too, both must allow it.
        scale: 1 / sqrt(D) if None.
        rng: source of what is dropped: a Generator, a seed, or None for the default
            one.

    Returns:
        Shape (..., L, D_out).

    Raises:
        ValueError: if the shapes do not go together, or dropout_p is no probability.
        TypeError: if `attn_mask` holds integers.

    Example:
        >>> from pebblegrad.autograd import Tensor
        >>> query = key = Tensor([[0.0, 1.0], [1.0, 0.0]])
        >>> value = Tensor([[1.0], [3.0]])
        >>> scaled_dot_product_attention(query, key, value, is_causal=True)
        Tensor([[1.       ],
                [2.3395228]], dtype=float32)

    Reference:
        Vaswani et al. 2017, "Attention Is All You Need", section 3.2.1,
        https://arxiv.org/abs/1706.03762
    """
    who = "scaled_dot_product_attention"
    query, key, value = (
        x if isinstance(x, Tensor) else np.asarray(x) for x in (query, key, value)
    )
    _check_shapes(who, query, key, value)
    number(who, "dropout_p", dropout_p, 0, 1)
    bias = None
    if attn_mask is not None:
        bias = bias_of(f"{who}: attn_mask", attn_mask, query.dtype)
        _check_bias(who, bias, query, key)
    if is_causal:
        causal = causal_bias(query.shape[-2], key.shape[-2], query.dtype)
        bias = causal if bias is None else bias + causal
    if scale is None:
        scale = 1 / math.sqrt(max(query.shape[-1], 1))
    weights = attention_weights(query, key, bias, scale)
    if dropout_p:
        weights = dropout(weights, dropout_p, rng=rng)
    return weights @ value


def bias_of(name: str, mask: Any, dtype: Any) -> Any:
    """Return what a mask adds to the products of queries and keys.

    Args:
        name: of the mask, begins the message of an error.
        mask: booleans, True where a query may attend; or numbers.
        dtype: of the result.

    Returns:
        0 where `mask` is True and -inf where not; or the numbers.

    Raises:
        TypeError: if `mask` holds neither.
    """
    array = mask if isinstance(mask, Tensor) else np.asarray(mask)
    if array.dtype == bool:
        allowed = array.data if isinstance(array, Tensor) else array
        return np.where(allowed, dtype.type(0), dtype.type(-math.inf))
    if array.dtype.kind != "f":
        raise TypeError(
            f"{name} holds {array.dtype}; booleans or floats are needed; write "
            "mask != 0 to make booleans of it"
        )
    return array if array.dtype == dtype else ops.astype(array, dtype)


def causal_bias(queries: int, keys: int, dtype: Any) -> Any:
    """Return shape (L, S): 0 where key number <= query number, -inf elsewhere."""
    return np.where(
        np.tri(queries, keys, dtype=bool), dtype.type(0), -dtype.type("inf")
    )


def _check_shapes(who, query, key, value):
    """Raise unless the last two axes go together, and those in front broadcast."""
    given = f"query has shape {query.shape}, key {key.shape} and value {value.shape}"
    if not {query.dtype.kind, key.dtype.kind, value.dtype.kind} <= {"f"}:
        raise TypeError(
            f"{who}: query holds {query.dtype}, key {key.dtype} and value "
            f"{value.dtype}; floats are needed"
        )
    if min(query.ndim, key.ndim, value.ndim) < 2:
        needed = "(..., L, D), (..., S, D) and (..., S, D_out) are needed"
    elif query.shape[-1] != key.shape[-1]:
        needed = (
            f"the last axes of query ({query.shape[-1]}) and key ({key.shape[-1]}) "
            "must be equal"
        )
    elif key.shape[-2] != value.shape[-2]:
        needed = (
            f"key and value must be equally many, here {key.shape[-2]} and "
            f"{value.shape[-2]}"
        )
    elif _broadcast(*[x.shape[:-2] for x in (query, key, value)]) is None:
        needed = "the axes in front must broadcast"
    else:
        return
    raise ValueError(f"{who}: {given}; {needed}")


def _check_bias(who, bias, query, key):
    """Raise unless the mask broadcasts to the products, without making them larger."""
    front = _broadcast(query.shape[:-2], key.shape[:-2])
    products = (*front, query.shape[-2], key.shape[-2])
    if _broadcast(bias.shape, products) != products:
        raise ValueError(
            f"{who}: attn_mask has shape {bias.shape}; what broadcasts to {products} "
            "is needed: (..., queries, keys)"
        )


def _broadcast(*shapes):
    """Return the shape that all broadcast to, or None."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None
