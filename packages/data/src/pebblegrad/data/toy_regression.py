"""A linear problem of which everything is known: ``y = X @ coef + bias + noise``.

What a model finds can be compared with what was put in. Most of the features have no
weight at all, and the columns of X can be made to depend on each other, as those of
measured data do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pebblegrad.data._checks import at_least
from pebblegrad.data._rng import as_generator
from pebblegrad.data._toys import checked_dtype, checked_number


def make_regression(
    n_samples: int = 100,
    n_features: int = 100,
    *,
    n_informative: int = 10,
    n_targets: int = 1,
    bias: float = 0.0,
    effective_rank: int | None = None,
    tail_strength: float = 0.5,
    noise: float = 0.0,
    shuffle: bool = True,
    coef: bool = False,
    dtype: DTypeLike = np.float32,
    rng: int | np.random.Generator | None = None,
) -> Any:
    """Random inputs, and targets that are linear in some of them.

    The arguments and their defaults are scikit-learn's, but for `rng` and `dtype`; the
    numbers for a seed are not.

    Args:
        n_samples: N.
        n_features: D.
        n_informative: how many features have a weight other than 0, each drawn evenly
            from 0 to 100; all, if there are not as many.
        n_targets: T >= 1.
        bias: is added to every target.
        effective_rank: if None, the inputs are independent and standard normal. If a
            number r, X has singular values that fall as
            ``(1 - s) exp(-(i / r)**2) + s exp(-0.1 i / r)`` with i = 0, 1, 2, ... and
            s = `tail_strength`: nearly all of X lies in r directions.
        tail_strength: s in [0, 1], if `effective_rank` is given.
        noise: standard deviation of what is added to each target.
        shuffle: whether the features with a weight are anywhere, or the first ones, and
            the samples in random order.
        coef: whether to return the weights too.
        dtype: a float dtype, of all.
        rng: a seed, a Generator, or None for another problem each time.

    Returns:
        X of shape (N, D), and y of shape (N,), or (N, T) if T > 1; and with `coef`, the
        weights of shape (D,), or (D, T) if T > 1.

    Raises:
        TypeError: an argument is of a wrong kind.
        ValueError: a number is out of its range or not finite, or `dtype` is not a
            float dtype.

    Example:
        >>> X, y, weights = make_regression(50, 3, bias=2, coef=True, rng=0)
        >>> X.shape, y.shape, bool(np.allclose(y, X @ weights + 2, atol=1e-3))
        ((50, 3), (50,), True)

    Reference:
        The singular values are those of scikit-learn's ``make_low_rank_matrix``,
        https://scikit-learn.org/stable/modules/generated/sklearn.datasets.make_low_rank_matrix.html
    """
    who = "make_regression"
    N = at_least(who, "n_samples", n_samples, 0)
    D = at_least(who, "n_features", n_features, 1)
    T = at_least(who, "n_targets", n_targets, 1)
    informative = min(at_least(who, "n_informative", n_informative, 0), D)
    offset = checked_number(who, "bias", bias)
    scale = checked_number(who, "noise", noise, least=0)
    tail = checked_number(who, "tail_strength", tail_strength, least=0)
    if tail > 1:
        raise ValueError(f"{who}: tail_strength is {tail}; needed is at most 1")
    kind, generator = checked_dtype(who, dtype), as_generator(who, rng)

    if effective_rank is None:
        X = generator.normal(size=(N, D))
    else:
        rank = at_least(who, "effective_rank", effective_rank, 1)
        X = _of_low_rank(N, D, rank, tail, generator)
    weights = np.zeros((D, T))
    weights[:informative] = generator.uniform(0, 100, (informative, T))
    if shuffle:
        X = X[generator.permutation(N)]
        weights = weights[generator.permutation(D)]
    # Of what is returned, rounded as it is, so that y is right for just these X.
    X = X.astype(kind)
    y = X.astype(np.float64) @ weights.astype(kind).astype(np.float64) + offset
    if scale:
        y += generator.normal(scale=scale, size=y.shape)
    if T == 1:
        y, weights = y[:, 0], weights[:, 0]
    found = (X, y.astype(kind))
    return (*found, weights.astype(kind)) if coef else found


def _of_low_rank(
    N: int, D: int, rank: int, tail: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """(N, D) with singular values like those of measured data."""
    count = min(N, D)
    left, _ = np.linalg.qr(rng.normal(size=(N, count)))
    right, _ = np.linalg.qr(rng.normal(size=(D, count)))
    i = np.arange(count) / rank
    singular = (1 - tail) * np.exp(-(i**2)) + tail * np.exp(-0.1 * i)
    X: NDArray[np.float64] = (left * singular) @ right.T
    return X
