"""Attention: each query takes a mean of the values, weighted by how well keys fit."""

import math

import numpy as np

from pebblegrad.autograd import ops


def attention(query, key, value, is_causal=False):
    """Return ``softmax(query @ key.T / sqrt(D)) @ value``."""
    scores = query @ key.mT / math.sqrt(query.shape[-1])  # (..., L, S)
    if is_causal:
        unseen = ~np.tri(*scores.shape[-2:], dtype=bool)
        scores = scores.masked_fill(unseen, -math.inf)
    weights = (scores - ops.logsumexp(scores, axis=-1, keepdims=True)).exp()
    return weights @ value
