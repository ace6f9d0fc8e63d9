"""Rows for `ops/reductions.py`."""

import numpy as np

from ._case import Case, real

CALLS = [
    ((), {}),
    ((3,), {"axis": 0}),
    ((2, 3), {}),
    ((2, 3), {"axis": -1, "keepdims": True}),
    ((2, 3, 4), {"axis": (0, 2)}),
    ((2, 3, 4), {"axis": (-1, 0), "keepdims": True}),
]


def reduction(name, reference):
    """Return the rows of a reduction."""
    return [Case(name, [shape], reference, static) for shape, static in CALLS]


def spread_out(name, reference):
    """Return the rows of a reduction that has a corner where its result is 0."""
    return [case for case in reduction(name, reference) if case.shapes != [()]]


def zeros(count):
    """Return what makes inputs of which `count` elements are 0."""

    def make(rng, shape):
        x = real(rng, shape)
        x.reshape(-1)[:count] = 0
        return x

    return make


def variance(x, axis=None, correction=0, keepdims=False):
    return np.var(x, axis=axis, ddof=correction, keepdims=keepdims)


def deviation(x, axis=None, correction=0, keepdims=False):
    return np.std(x, axis=axis, ddof=correction, keepdims=keepdims)


def logsumexp(x, axis=None, keepdims=False):
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def norm(x, ord=2, axis=None, keepdims=False):
    if np.isinf(ord):
        extreme = np.max if ord > 0 else np.min
        return extreme(np.abs(x), axis=axis, keepdims=keepdims)
    return np.sum(np.abs(x) ** ord, axis=axis, keepdims=keepdims) ** (1 / ord)


OF_NO_AXIS = [
    ("sum", np.sum),
    ("mean", np.mean),
    ("max", np.max),
    ("prod", np.prod),
    ("logsumexp", logsumexp),
    ("norm", norm),
]

CASES = [
    *reduction("sum", np.sum),
    *reduction("mean", np.mean),
    *reduction("max", np.max),
    *reduction("min", np.min),
    Case("sum", [(0, 3)], np.sum, {"axis": 0}),
    *reduction("prod", np.prod),
    *[Case("prod", [shape], np.prod, {"axis": 0}) for shape in [(5, 2), (0, 2), (8,)]],
    *[
        Case("prod", [(4,)], np.prod, domain=zeros(count), rtol=1e-14)
        for count in (1, 2, 3)
    ],
    *reduction("var", variance),
    *[
        Case("var", [(2, 3)], variance, {"axis": axis, "correction": correction})
        for axis, correction in [(1, 1), (None, 1), (0, 0.5)]
    ],
    *spread_out("std", deviation),
    Case("std", [(2, 3)], deviation, {"axis": 1, "correction": 1}),
    *reduction("logsumexp", logsumexp),
    *spread_out("norm", norm),
    *[
        Case("norm", [(2, 3)], norm, {"ord": ord, "axis": axis, "keepdims": True})
        for ord in (1, 2, 3, 2.5, -1, 0.5, np.inf, -np.inf)
        for axis in (0, None)
    ],
    *[Case(name, [(2, 3)], f, {"axis": ()}) for name, f in OF_NO_AXIS],
]
PLAIN = [
    *[
        Case(name, [(2, 3)], getattr(np, name), static)
        for name in ("argmax", "argmin")
        for static in [{}, {"axis": 0}, {"axis": -1, "keepdims": True}]
    ],
    *[
        Case(name, [(2, 3)], getattr(np, name), static, domain=zeros(4))
        for name in ("any", "all", "count_nonzero")
        for static in [{}, {"axis": 0}, {"axis": (0, 1)}, {"axis": 1, "keepdims": True}]
    ],
]
