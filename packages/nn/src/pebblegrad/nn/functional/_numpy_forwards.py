"""Faster forwards of some ops for NumPy's arrays, plugged in by `Op.implement`.

The ops' own forwards say what is computed, and are what the tests compare these with.

In softmax and its kin all passes but the first write into the array that the first one
made. And where there are many samples of few classes, that array lies class by class:
NumPy then adds and compares whole rows of samples, several at once, in half of the
time.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
# The arrays are those of an op: of any float dtype.

import numpy as np

from ._windows import places, room_like
from .activations import log_softmax, softmax, softmax_gradient
from .losses.classification import mean_cost, softmax_minus_one_hot
from .losses.regression import mean_squared_error
from .pooling import max_unpool

_FLOATS = (np.dtype("f4"), np.dtype("f8"))
# Up to so many classes, of so many samples or more, it is faster class by class.
_FEW, _MANY = 16, 16
_SHORT = 4096  # elements whose sum one row of additions gives well enough
_INTEGERS = {np.dtype(f"f{size}"): np.dtype(f"i{size}") for size in (2, 4, 8)}
_add_up, _largest = np.add.reduce, np.maximum.reduce  # without the wrappers of these


def _is_usual(x):
    return type(x) is np.ndarray and x.ndim and x.size and x.dtype in _FLOATS


def _shifted(x, dim):
    """Return ``x - max(x)``, an array of its own."""
    if x.ndim == 2 and dim in (1, -1) and x.shape[1] <= _FEW and x.shape[0] >= _MANY:
        out = x.copy(order="F")
        out -= _largest(out, axis=dim, keepdims=True)
        return out
    return x - _largest(x, axis=dim, keepdims=True)


def _softmax(xp, x, dim=-1):
    if not _is_usual(x):
        return softmax.forward(xp, x, dim=dim)
    p = _shifted(x, dim)
    np.exp(p, out=p)
    p /= _add_up(p, axis=dim, keepdims=True)
    return np.ascontiguousarray(p)


def _log_softmax(xp, x, dim=-1):
    if not _is_usual(x):
        return log_softmax.forward(xp, x, dim=dim)
    log_p = _shifted(x, dim)
    log_p -= np.log(_add_up(np.exp(log_p), axis=dim, keepdims=True))
    return np.ascontiguousarray(log_p)


def _softmax_gradient(xp, y, p, dim):
    if not _is_usual(p) or type(y) is not np.ndarray or dim not in (-1, p.ndim - 1):
        return softmax_gradient.forward(xp, y, p, dim=dim)
    out = y - np.vecdot(y, p)[..., np.newaxis]
    out *= p
    return out


def _mean_cost(xp, logits, indices, dim):
    if not _is_usual(logits) or logits.ndim != 2 or dim != 1:
        return mean_cost.forward(xp, logits, indices, dim=dim)
    shifted = _shifted(logits, dim)
    at_target = shifted[np.arange(len(indices)), indices]
    np.exp(shifted, out=shifted)
    costs = np.log(_add_up(shifted, axis=dim))
    costs -= at_target
    return _add_up(costs) / len(costs)


def _softmax_minus_one_hot(xp, logits, indices, dim):
    if not _is_usual(logits) or logits.ndim != 2 or dim != 1:
        return softmax_minus_one_hot.forward(xp, logits, indices, dim=dim)
    p = _softmax(xp, logits, dim)
    p[np.arange(len(indices)), indices] -= 1
    return p


def _mean_squared_error(xp, prediction, target):
    """One product of a row with itself, for what is too short to be added in parts."""
    if not _is_usual(prediction) or prediction.size > _SHORT:
        return mean_squared_error.forward(xp, prediction, target)
    row = (prediction - target).reshape(-1)
    return row.dot(row) / row.size


def _max_unpool(xp, y, which, windows):
    """Write each place once, all bits or none of a number: in half of the time."""
    integers = _INTEGERS.get(y.dtype)
    if type(y) is not np.ndarray or integers is None or not windows.are_apart:
        return max_unpool.forward(xp, y, which, windows=windows)
    out = room_like(xp, which, (*y.shape[:2], *windows.sizes), y.dtype)
    if not windows.fill_the_image:
        out[...] = 0
    turned = room_like(xp, which, y.shape, y.dtype)  # once, not for each place
    turned[...] = y
    numbers, into = turned.view(integers), out.view(integers)
    for k, (_, positions, elements) in enumerate(places(windows)):
        bits = (which[positions] == k).astype(integers)
        np.negative(bits, out=bits)  # of 1, all are set
        np.bitwise_and(bits, numbers[positions], out=into[elements])
    return out


softmax.implement(np, _softmax, may_be_replaced=True)
log_softmax.implement(np, _log_softmax, may_be_replaced=True)
softmax_gradient.implement(np, _softmax_gradient, may_be_replaced=True)
mean_cost.implement(np, _mean_cost, may_be_replaced=True)
softmax_minus_one_hot.implement(np, _softmax_minus_one_hot, may_be_replaced=True)
max_unpool.implement(np, _max_unpool, may_be_replaced=True)
mean_squared_error.implement(np, _mean_squared_error, may_be_replaced=True)
