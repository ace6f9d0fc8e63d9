"""Softmax and its kin: see `activations` and `losses` of `pebblegrad.nn.functional`.

The kernels go row by row: over the last axis, and over samples of classes.
"""

# mypy: allow-untyped-defs, allow-untyped-calls

import struct

import numpy as np

from . import _native
from ._arrays import are_alike
from .products import matmul


def softmax(reference):
    """Return the forward of `softmax`."""
    return _over_rows(_native.softmax, reference)


def log_softmax(reference):
    """Return the forward of `log_softmax`."""
    return _over_rows(_native.log_softmax, reference)


def _over_rows(native, reference):
    def forward(xp, x, /, dim=-1):
        if not are_alike(x) or not _is_last(dim, x):
            return reference(xp, x, dim=dim)
        out = np.empty(x.shape, x.dtype)
        native(_table(x), np.ascontiguousarray(x), out)
        return out

    return forward


def softmax_gradient(reference):
    """Return the forward of `softmax_gradient`."""

    def forward(xp, y, p, /, dim):
        if not are_alike(y, p) or y.shape != p.shape or not _is_last(dim, p):
            return reference(xp, y, p, dim=dim)
        out = np.empty(p.shape, p.dtype)
        contiguous = np.ascontiguousarray(y), np.ascontiguousarray(p)
        _native.softmax_gradient(_table(p), *contiguous, out)
        return out

    return forward


def attention_weights(reference):
    """Return the forward of `attention_weights`."""
    product = matmul(lambda xp, x, y: xp.matmul(x, y))

    def forward(xp, query, key, bias=None, /, scale=1.0):
        operands = (query, key) if bias is None else (query, key, bias)
        if not are_alike(*operands) or query.ndim < 2 or type(scale) is not float:
            return reference(xp, query, key, bias, scale=scale)
        weights = product(xp, query * scale, key.mT)
        if bias is not None:
            weights = weights + bias
        weights = np.ascontiguousarray(weights)
        _native.masked_softmax(_table(weights), weights)
        return weights

    return forward


def mean_cost(reference):
    """Return the forward of `mean_cost`."""

    def forward(xp, logits, indices, /, dim):
        if not _are_usual(logits, indices, dim):
            return reference(xp, logits, indices, dim=dim)
        out = np.empty((), logits.dtype)
        try:
            _run_with_indices(_native.mean_cost, logits, indices, out)
        except IndexError:  # what is none is not ours to judge
            return reference(xp, logits, indices, dim=dim)
        return out[()]

    return forward


def softmax_minus_one_hot(reference):
    """Return the forward of `softmax_minus_one_hot`."""

    def forward(xp, logits, indices, /, dim):
        if not _are_usual(logits, indices, dim):
            return reference(xp, logits, indices, dim=dim)
        out = np.empty(logits.shape, logits.dtype)
        try:
            _run_with_indices(_native.softmax_minus_one_hot, logits, indices, out)
        except IndexError:
            return reference(xp, logits, indices, dim=dim)
        return out

    return forward


def _is_last(dim, x):
    return x.ndim and type(dim) is int and dim in (-1, x.ndim - 1)


def _table(x):
    """Return the bytes of the struct Table."""
    columns = x.shape[-1]
    return struct.pack("2q", x.size // columns, columns)


def _are_usual(logits, indices, dim):
    """Return whether these are samples of classes, and an int64 for each of them."""
    return (
        are_alike(logits)
        and logits.ndim == 2
        and dim == 1
        and type(indices) is np.ndarray
        and indices.dtype == np.int64
        and indices.shape == logits.shape[:1]
        and indices.flags.c_contiguous
        and indices.flags.aligned
    )


def _run_with_indices(native, logits, indices, out):
    """Call a kernel, which raises an IndexError for what is not a class."""
    native(_table(logits), np.ascontiguousarray(logits), indices, out)
