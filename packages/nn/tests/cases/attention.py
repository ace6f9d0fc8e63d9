"""Rows of `layers/attention.py`."""

import numpy as np

from ._case import Case
from .linear import affine


def softmax(scores):
    """Weights along the last axis; zeros where every score is -inf."""
    with np.errstate(invalid="ignore"):
        exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return np.where(np.isneginf(scores).all(-1, keepdims=True), 0.0, weights)


def heads_by_hand(query, key, value, maps, biases, heads, added=0.0):
    """Attention with the batch in front, a head at a time; `added` to the scores."""
    query, key, value = (
        affine(x, weight, bias)
        for x, weight, bias in zip((query, key, value), maps, biases, strict=True)
    )
    size = query.shape[-1] // heads
    found, weights = [], []
    for i in range(heads):
        one = slice(i * size, (i + 1) * size)
        scores = np.einsum("nld,nsd->nls", query[..., one], key[..., one])
        weights.append(softmax(scores / np.sqrt(size) + added))
        found.append(weights[-1] @ value[..., one])
    return np.concatenate(found, axis=-1), np.mean(weights, axis=0)


def attention(
    query,
    key,
    value,
    *state,
    heads=2,
    bias=True,
    packed=True,
    batch_first=False,
    added=0.0,
):
    """The formula of `MultiheadAttention`."""
    state = list(state)
    maps = np.split(state.pop(0), 3) if packed else [state.pop(0) for _ in range(3)]
    biases = np.split(state.pop(0), 3) if bias else [0.0] * 3
    joined = query.ndim == 2
    swap = not joined and not batch_first
    query, key, value = (
        x[None] if joined else np.moveaxis(x, 0, 1) if swap else x
        for x in (query, key, value)
    )
    out, weights = heads_by_hand(query, key, value, maps, biases, heads, added)
    out = affine(out, *state)
    if joined:
        return out[0], weights[0]
    return (np.moveaxis(out, 0, 1) if swap else out), weights


def causal(length, keys):
    """What a causal mask adds."""
    return np.where(np.arange(keys) <= np.arange(length)[:, None], 0.0, -np.inf)


def state_of(size, packed=None, bias=True):
    """Names and shapes of the state."""
    if packed is None:
        state = {"in_proj_weight": (3 * size, size)}
    else:
        names = ("q_proj_weight", "k_proj_weight", "v_proj_weight")
        state = {
            name: (size, own) for name, own in zip(names, (size, *packed), strict=True)
        }
    if bias:
        state["in_proj_bias"] = (3 * size,)
    state["out_proj.weight"] = (size, size)
    if bias:
        state["out_proj.bias"] = (size,)
    return state


def same(*shape):
    """Shapes of query, key and value that are alike."""
    return [shape, shape, shape]


MASK = [[False, True, False], [True, False, False]]

CASES = [
    Case(
        "MultiheadAttention(4, 2)",
        [
            same(3, 2, 4),
            [(2, 2, 4), (3, 2, 4), (3, 2, 4)],
            [(2, 4), (3, 4), (3, 4)],
            same(3, 0, 4),
        ],
        attention,
        state_of(4),
    ),
    Case(
        "MultiheadAttention(4, 1, bias=False, batch_first=True)",
        [[(2, 2, 4), (2, 3, 4), (2, 3, 4)], same(0, 3, 4)],
        lambda *a: attention(*a, heads=1, bias=False, batch_first=True),
        state_of(4, bias=False),
    ),
    Case(
        "MultiheadAttention(4, 2, kdim=3, vdim=5)",
        [[(2, 2, 4), (3, 2, 3), (3, 2, 5)], [(2, 4), (3, 3), (3, 5)]],
        lambda *a: attention(*a, packed=False),
        state_of(4, packed=(3, 5)),
    ),
    Case(
        "MultiheadAttention(6, 3, dropout=0.5, batch_first=True)",
        [same(2, 3, 6)],
        lambda *a: attention(*a, heads=3, batch_first=True, added=causal(3, 3)),
        state_of(6),
        training=False,
        call=lambda layer, *xs: layer(*xs, is_causal=True),
    ),
    Case(
        "MultiheadAttention(4, 4, vdim=2, batch_first=True)",
        [[(2, 2, 4), (2, 3, 4), (2, 3, 2)]],
        lambda *a: attention(
            *a,
            heads=4,
            packed=False,
            batch_first=True,
            added=np.where(MASK, -np.inf, 0),
        )[0],
        state_of(4, packed=(4, 2)),
        call=lambda layer, *xs: layer(*xs, attn_mask=MASK, need_weights=False)[0],
    ),
]
