"""Points in the plane, in classes that a small network can learn to tell apart.

Each set shows one thing: blobs can be told apart by straight lines; moons and circles
by one hidden layer; XOR is the smallest that no single line can; spirals need depth or
width. All are made in milliseconds and can be drawn, so one sees what is learned.

The names, arguments and defaults are scikit-learn's where it has the set, but for two:
`rng` stands for ``random_state``, and `dtype` is float32, as networks take it. The
points are drawn by NumPy's Generator, so they are not scikit-learn's for the same seed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from pebblegrad.data._checks import at_least
from pebblegrad.data._rng import as_generator
from pebblegrad.data._toys import (
    checked_dtype,
    checked_number,
    finished,
    halves,
)


def make_moons(
    n_samples: int | tuple[int, int] = 100,
    *,
    shuffle: bool = True,
    noise: float | None = None,
    dtype: DTypeLike = np.float32,
    rng: int | np.random.Generator | None = None,
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Two half circles that reach into each other.

    Class 0 is ``(cos t, sin t)``, class 1 ``(1 - cos t, 1/2 - sin t)``, with t evenly
    from 0 to pi.

    Args:
        n_samples: N, or the number of each class; an odd one goes to class 1.
        shuffle: whether the samples are in random order, or class by class.
        noise: standard deviation of what is added to each coordinate; None is 0.
        dtype: a float dtype, of X.
        rng: a seed, a Generator, or None for other noise and order each time.

    Returns:
        X of shape (N, 2), and y of shape (N,), int64, 0 or 1.

    Raises:
        TypeError: an argument is of a wrong kind.
        ValueError: a number is negative or not finite, or `dtype` is not a float dtype.

    Example:
        >>> X, y = make_moons(4, shuffle=False)
        >>> X.round(1) + 0.0
        array([[ 1. ,  0. ],
               [-1. ,  0. ],
               [ 0. ,  0.5],
               [ 2. ,  0.5]], dtype=float32)
        >>> y
        array([0, 0, 1, 1])
    """
    who = "make_moons"
    upper, lower = halves(who, n_samples)
    scale = checked_number(who, "noise", 0.0 if noise is None else noise, least=0)
    kind, generator = checked_dtype(who, dtype), as_generator(who, rng)
    t_upper, t_lower = np.linspace(0, np.pi, upper), np.linspace(0, np.pi, lower)
    X = np.concatenate(
        [
            np.column_stack([np.cos(t_upper), np.sin(t_upper)]),
            np.column_stack([1 - np.cos(t_lower), 0.5 - np.sin(t_lower)]),
        ]
    )
    y = np.repeat(np.arange(2), [upper, lower])
    return finished(X, y, noise=scale, shuffle=shuffle, dtype=kind, rng=generator)


def make_circles(
    n_samples: int | tuple[int, int] = 100,
    *,
    shuffle: bool = True,
    noise: float | None = None,
    factor: float = 0.8,
    dtype: DTypeLike = np.float32,
    rng: int | np.random.Generator | None = None,
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """A circle in a circle: class 0 has radius 1, class 1 has radius `factor`.

    Args:
        n_samples: N, or the number of each class; an odd one goes to class 1.
        shuffle: whether the samples are in random order, or class by class.
        noise: standard deviation of what is added to each coordinate; None is 0.
        factor: in [0, 1), the radius of the inner circle.
        dtype: a float dtype, of X.
        rng: a seed, a Generator, or None for other noise and order each time.

    Returns:
        X of shape (N, 2), and y of shape (N,), int64, 0 or 1.

    Raises:
        TypeError: an argument is of a wrong kind.
        ValueError: a number is negative or not finite, `factor` is not in [0, 1), or
            `dtype` is not a float dtype.

    Example:
        >>> X, y = make_circles(4, shuffle=False, factor=0.5)
        >>> X.round(1) + 0.0
        array([[ 1. ,  0. ],
               [-1. ,  0. ],
               [ 0.5,  0. ],
               [-0.5,  0. ]], dtype=float32)
    """
    who = "make_circles"
    outer, inner = halves(who, n_samples)
    scale = checked_number(who, "noise", 0.0 if noise is None else noise, least=0)
    radius = checked_number(who, "factor", factor, least=0)
    if radius >= 1:
        raise ValueError(f"{who}: factor is {factor}; needed is a number in [0, 1)")
    kind, generator = checked_dtype(who, dtype), as_generator(who, rng)
    angles = np.concatenate(
        [np.linspace(0, 2 * np.pi, n, endpoint=False) for n in (outer, inner)]
    )
    y = np.repeat(np.arange(2), [outer, inner])
    X = np.column_stack([np.cos(angles), np.sin(angles)])
    X *= np.where(y == 0, 1, radius)[:, np.newaxis]
    return finished(X, y, noise=scale, shuffle=shuffle, dtype=kind, rng=generator)


def make_blobs(
    n_samples: int | Sequence[int] | NDArray[Any] = 100,
    n_features: int = 2,
    *,
    centers: int | ArrayLike | None = None,
    cluster_std: float | ArrayLike = 1.0,
    center_box: tuple[float, float] = (-10.0, 10.0),
    shuffle: bool = True,
    return_centers: bool = False,
    dtype: DTypeLike = np.float32,
    rng: int | np.random.Generator | None = None,
) -> Any:
    """Round clouds of points, each a normal distribution about its center.

    Args:
        n_samples: N, shared out evenly among the K centers; or K numbers.
        n_features: D, if the centers are drawn.
        centers: K, to draw them evenly from a box; or where they are, shape (K, D). By
            default 3 are drawn, or as many as there are numbers in `n_samples`.
        cluster_std: standard deviation of the clouds, one for all or shape (K,).
        center_box: the lower and the upper bound of each coordinate of drawn centers.
        shuffle: whether the samples are in random order, or class by class.
        return_centers: whether to return the centers too.
        dtype: a float dtype, of X and of the centers.
        rng: a seed, a Generator, or None for another set each time.

    Returns:
        X of shape (N, D), and y of shape (N,), int64, the number of the cloud; and with
        `return_centers`, the centers of shape (K, D).

    Raises:
        TypeError: an argument is of a wrong kind.
        ValueError: a number is negative or not finite, there is no center, the
            arguments do not agree on K or D, or `dtype` is not a float dtype.

    Example:
        >>> X, y = make_blobs(300, centers=[[0, 0], [9, 9]], rng=0)
        >>> X.shape, X[y == 1].mean(axis=0).round()
        ((300, 2), array([9., 9.], dtype=float32))
    """
    who = "make_blobs"
    kind, generator = checked_dtype(who, dtype), as_generator(who, rng)
    per_center = isinstance(n_samples, list | tuple | np.ndarray)
    given: Any = n_samples
    if centers is None:
        centers = len(given) if per_center else 3
    where = _centers(who, centers, n_features, center_box, generator)
    K, D = where.shape
    if not per_center:
        total = at_least(who, "n_samples", n_samples, 0)
        counts = [total // K + (k < total % K) for k in range(K)]
    else:
        counts = [at_least(who, "n_samples", count, 0) for count in given]
    if len(counts) != K:
        raise ValueError(
            f"{who}: n_samples has {len(counts)} numbers and there are {K} centers; "
            "needed is a number for each"
        )
    spread = np.asarray(cluster_std)
    if spread.dtype.kind not in "iuf" or spread.shape not in ((), (K,)):
        raise ValueError(
            f"{who}: cluster_std has shape {spread.shape} and dtype {spread.dtype}; "
            f"needed is a number, or one for each of the {K} centers"
        )
    if not (np.isfinite(spread) & (spread >= 0)).all():
        raise ValueError(
            f"{who}: cluster_std is {cluster_std!r}; needed are finite numbers of at "
            "least 0"
        )
    y = np.repeat(np.arange(K), counts)
    deviations = np.broadcast_to(spread, (K,))[y, np.newaxis]
    X = where[y] + generator.normal(size=(len(y), D)) * deviations
    X, y = finished(X, y, noise=0, shuffle=shuffle, dtype=kind, rng=generator)
    return (X, y, where.astype(kind)) if return_centers else (X, y)


def make_spirals(
    n_samples: int = 100,
    n_classes: int = 2,
    *,
    turns: float = 1.0,
    shuffle: bool = True,
    noise: float | None = None,
    dtype: DTypeLike = np.float32,
    rng: int | np.random.Generator | None = None,
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Arms that wind around each other, from the middle to radius 1.

    Class k is ``r * (cos t, sin t)``, ``t = 2 pi (turns * r + k / K)``, with r evenly
    from 0 to 1, 0 left out.

    Args:
        n_samples: N, shared out evenly among the classes.
        n_classes: K >= 1, the number of arms.
        turns: how many times an arm goes around.
        shuffle: whether the samples are in random order, or class by class.
        noise: standard deviation of what is added to each coordinate; None is 0.
        dtype: a float dtype, of X.
        rng: a seed, a Generator, or None for other noise and order each time.

    Returns:
        X of shape (N, 2), and y of shape (N,), int64, 0 <= y < K.

    Raises:
        TypeError: an argument is of a wrong kind.
        ValueError: a number is negative or not finite, there is no class, or `dtype` is
            not a float dtype.

    Example:
        >>> X, y = make_spirals(4, turns=0.25, shuffle=False)
        >>> X.round(2) + 0.0
        array([[ 0.35,  0.35],
               [ 0.  ,  1.  ],
               [-0.35, -0.35],
               [ 0.  , -1.  ]], dtype=float32)
    """
    who = "make_spirals"
    total = at_least(who, "n_samples", n_samples, 0)
    K = at_least(who, "n_classes", n_classes, 1)
    winding = checked_number(who, "turns", turns)
    scale = checked_number(who, "noise", 0.0 if noise is None else noise, least=0)
    kind, generator = checked_dtype(who, dtype), as_generator(who, rng)
    counts = [total // K + (k < total % K) for k in range(K)]
    r = np.concatenate([np.arange(1, n + 1) / max(n, 1) for n in counts])
    y = np.repeat(np.arange(K), counts)
    t = 2 * np.pi * (winding * r + y / K)
    X = np.column_stack([r * np.cos(t), r * np.sin(t)])
    return finished(X, y, noise=scale, shuffle=shuffle, dtype=kind, rng=generator)


def make_xor(
    n_samples: int = 100,
    *,
    shuffle: bool = True,
    noise: float | None = 0.1,
    dtype: DTypeLike = np.float32,
    rng: int | np.random.Generator | None = None,
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Points at the corners (±1, ±1), of class 1 where just one coordinate is above 0.

    No straight line has class 0 on one side and class 1 on the other, which is why a
    network without a hidden layer cannot learn it.

    Args:
        n_samples: N, shared out evenly among the corners.
        shuffle: whether the samples are in random order, or corner by corner.
        noise: standard deviation of what is added to each coordinate; None is 0. The
            class is that of the corner, wherever the noise carries the point.
        dtype: a float dtype, of X.
        rng: a seed, a Generator, or None for another set each time.

    Returns:
        X of shape (N, 2), and y of shape (N,), int64, 0 or 1.

    Raises:
        TypeError: an argument is of a wrong kind.
        ValueError: a number is negative or not finite, or `dtype` is not a float dtype.

    Example:
        >>> make_xor(4, shuffle=False, noise=0)
        (array([[-1., -1.],
               [-1.,  1.],
               [ 1., -1.],
               [ 1.,  1.]], dtype=float32), array([0, 1, 1, 0]))

    Reference:
        M. Minsky, S. Papert, "Perceptrons", MIT Press, 1969.
    """
    who = "make_xor"
    total = at_least(who, "n_samples", n_samples, 0)
    scale = checked_number(who, "noise", 0.0 if noise is None else noise, least=0)
    kind, generator = checked_dtype(who, dtype), as_generator(who, rng)
    corner = np.sort(np.arange(total) % 4)
    X = np.column_stack([corner // 2, corner % 2]) * 2.0 - 1
    y = corner // 2 ^ corner % 2
    return finished(X, y, noise=scale, shuffle=shuffle, dtype=kind, rng=generator)


def _centers(
    who: str,
    centers: Any,
    n_features: Any,
    box: Any,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """The centers of shape (K, D), as given or drawn from a box."""
    if isinstance(centers, int | np.integer):
        K = at_least(who, "centers", centers, 1)
        D = at_least(who, "n_features", n_features, 1)
        if not isinstance(box, tuple | list) or len(box) != 2:
            raise ValueError(
                f"{who}: center_box is {box!r}; needed are a lower and an upper bound"
            )
        low, high = (checked_number(who, "center_box", bound) for bound in box)
        if low > high or not math.isfinite(high - low):
            raise ValueError(
                f"{who}: center_box is {box!r}; needed is a lower bound and then an "
                "upper one"
            )
        return rng.uniform(low, high, (K, D))
    where = np.asarray(centers)
    if where.dtype.kind not in "iuf" or where.ndim != 2 or 0 in where.shape:
        raise ValueError(
            f"{who}: centers have shape {where.shape} and dtype {where.dtype}; needed "
            "is their number, or numbers of shape (K, D)"
        )
    if not np.isfinite(where).all():
        raise ValueError(
            f"{who}: centers are not all finite; needed are finite numbers"
        )
    return where.astype(np.float64)
