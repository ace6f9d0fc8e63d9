"""What the makers of toy sets share: their checks, and the order of their samples."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pebblegrad.data._checks import at_least


def checked_number(
    who: str, name: str, number: Any, *, least: float = -math.inf
) -> float:
    """`number` as a float, if it is a finite real number of at least `least`."""
    real = isinstance(number, int | float | np.integer | np.floating)
    if isinstance(number, bool | np.bool) or not real:
        raise TypeError(f"{who}: {name} is {number!r}; needed is a number")
    if not math.isfinite(number) or number < least:
        bound = "" if least == -math.inf else f" of at least {least:g}"
        raise ValueError(f"{who}: {name} is {number}; needed is a finite number{bound}")
    return float(number)


def checked_dtype(who: str, dtype: DTypeLike) -> np.dtype[Any]:
    """`dtype` in native byte order, if it is float32, float64 or another float."""
    given: Any = dtype
    checked: np.dtype[Any] | None
    try:
        checked = None if given is None else np.dtype(given)
    except TypeError:
        checked = None
    if checked is None:
        raise TypeError(f"{who}: dtype is {given!r}; needed is a float dtype")
    if checked.kind != "f":
        raise ValueError(
            f"{who}: dtype is {checked}; needed is a float dtype, such as float32"
        )
    native: np.dtype[Any] = checked.newbyteorder("=")
    return native


def halves(who: str, n_samples: Any) -> tuple[int, int]:
    """The numbers of samples of two classes, given together or one by one."""
    if isinstance(n_samples, tuple):
        if len(n_samples) != 2:
            raise ValueError(
                f"{who}: n_samples has {len(n_samples)} numbers; needed is one number, "
                "or one for each of the 2 classes"
            )
        first, second = (at_least(who, "n_samples", each, 0) for each in n_samples)
        return first, second
    total = at_least(who, "n_samples", n_samples, 0)
    return total // 2, total - total // 2


def finished(
    X: NDArray[Any],
    y: NDArray[Any],
    *,
    noise: float,
    shuffle: bool,
    dtype: np.dtype[Any],
    rng: np.random.Generator,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """X with normal noise of standard deviation `noise`, in `dtype`; both shuffled."""
    if shuffle:
        order = rng.permutation(len(X))
        X, y = X[order], y[order]
    if noise:
        X = X + rng.normal(scale=noise, size=X.shape)
    return X.astype(dtype), y
