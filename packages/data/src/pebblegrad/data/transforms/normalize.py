"""Inputs with mean 0 and standard deviation 1, which initial weights are made for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pebblegrad.data.transforms._transform import Transform

_ROWS = 1024  # that are looked at together: an array may be larger than memory


class Normalize(Transform):
    """``(X - mean) / std``, per channel of images or per feature of rows.

    Args:
        mean: a number, or shape (C,): one for each entry of axis 1 of X.
        std: a number above 0, or shape (C,) of them.

    Raises:
        TypeError: `mean` or `std` are no numbers.
        ValueError: they have more than one axis or are not finite, or a `std` is not
            above 0; or, in a call, X has another number of channels, or a dtype in
            which a `std` is 0 or infinite, or a `mean` is infinite.

    Shape:
        (N, C, ...) -> (N, C, ...). A float dtype is kept, integers become float32.

    Example:
        >>> Normalize(mean=[1.0, 10.0], std=[1.0, 5.0])(np.array([[2.0, 20.0]]))
        array([[1., 2.]])
    """

    def __init__(self, mean: ArrayLike, std: ArrayLike) -> None:
        self.mean = _checked("mean", mean)
        self.std = _checked("std", std)
        if not (self.std > 0).all():
            raise ValueError(
                f"Normalize: std is {std!r}; needed is above 0 everywhere; for what "
                "never varies, use 1, as Normalize.from_data does"
            )
        if self.mean.ndim and self.std.ndim and self.mean.shape != self.std.shape:
            raise ValueError(
                f"Normalize: mean has shape {self.mean.shape} and std "
                f"{self.std.shape}; needed is the same number of channels"
            )

    @classmethod
    def from_data(cls, X: Any) -> Normalize:
        """Measure mean and standard deviation of each channel, or feature.

        Measure them on training data only: what is learned from test data is not known
        when the model is used. What never varies gets a `std` of 1.

        Args:
            X: shape (N, C, ...), N >= 1. It may be larger than memory. Axis 1 is that
                of the channels, always: (N, H, W) counts as N samples of H channels;
                give images without such an axis as ``X[:, None]``, (N, 1, H, W).

        Returns:
            The transform with which X has means of 0 and standard deviations of 1.

        Raises:
            TypeError: X holds no numbers.
            ValueError: X has less than two axes, no samples, or holds NaN or infinity.

        Example:
            >>> X = np.array([[1.0, 5.0], [3.0, 5.0]])
            >>> Normalize.from_data(X)(X)
            array([[-1.,  0.],
                   [ 1.,  0.]])
        """
        if not isinstance(X, np.ndarray) or X.dtype.kind not in "biuf":
            found = getattr(X, "dtype", type(X).__name__)
            raise TypeError(
                f"Normalize.from_data: X is of {found}; needed is an array of numbers"
            )
        if X.ndim < 2 or X.size == 0:
            raise ValueError(
                f"Normalize.from_data: X has shape {X.shape}; needed is (N, C, ...), "
                "with nothing empty"
            )
        axes = (0, *range(2, X.ndim))
        # Chan, Golub and LeVeque's rule for joining two sets of samples: unlike a sum
        # of squares, it loses nothing when the mean is far from 0.
        #
        # Measured is the distance from the first number of each channel. The mean of
        # many times 0.1 need not be 0.1, but that of zeros is 0: what never varies has
        # a deviation of exactly 0.
        beside = (-1, *[1] * (X.ndim - 2))
        origin = X[0].astype(np.float64).reshape(X.shape[1], -1)[:, 0]
        count, mean, squares = 0, np.zeros(X.shape[1]), np.zeros(X.shape[1])
        for start in range(0, len(X), _ROWS):
            rows = X[start : start + _ROWS].astype(np.float64)
            rows -= origin.reshape(beside)
            added = rows.size // X.shape[1]
            its_mean = rows.mean(axis=axes)
            rows -= its_mean.reshape(beside)
            step = its_mean - mean
            mean += step * (added / (count + added))
            squares += (rows * rows).sum(axis=axes)
            squares += step * step * (count * added / (count + added))
            count += added
        std = np.sqrt(squares / count)
        if not np.isfinite(std).all():
            channel = int(np.argmin(np.isfinite(std)))
            raise ValueError(
                f"Normalize.from_data: X[:, {channel}] holds NaN or infinity, or too "
                "large numbers; needed are finite ones"
            )
        return cls(origin + mean, np.where(std > 0, std, 1.0))

    def change(self, X: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
        """Subtract the mean and divide by the standard deviation."""
        if X.dtype.kind not in "biuf":
            raise TypeError(f"Normalize: X has dtype {X.dtype}; needed are numbers")
        dtype = X.dtype if X.dtype.kind == "f" else np.dtype(np.float32)
        with np.errstate(over="ignore"):  # the message below is better than a warning
            mean, std = (
                self._beside(values, X).astype(dtype)
                for values in (self.mean, self.std)
            )
        if not (np.isfinite(mean).all() and (std > 0).all() and np.isfinite(std).all()):
            raise ValueError(
                f"Normalize: X has dtype {X.dtype}, and in {dtype} mean is "
                f"{mean.reshape(-1)} and std {std.reshape(-1)}; needed is a dtype that "
                "holds them, finite and std above 0: convert X first"
            )
        out = X.astype(dtype)  # a copy, always
        out -= mean
        out /= std
        return out

    def _beside(self, values: NDArray[Any], X: NDArray[Any]) -> NDArray[Any]:
        """The values in a shape that meets axis 1 of X."""
        if values.ndim == 0:
            return values
        if X.ndim < 2 or X.shape[1] != len(values):
            raise ValueError(
                f"Normalize: X has shape {X.shape} and there are {len(values)} means "
                "or standard deviations; needed is one for each entry of axis 1"
            )
        return values.reshape(-1, *[1] * (X.ndim - 2))


def _checked(name: str, given: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(given)
    if values.dtype.kind not in "iuf":
        raise TypeError(
            f"Normalize: {name} is {given!r}; needed is a number, or one per channel"
        )
    if values.ndim > 1 or values.size == 0:
        raise ValueError(
            f"Normalize: {name} has shape {values.shape}; needed is a number, or one "
            "per channel, (C,)"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"Normalize: {name} is {given!r}; needed are finite numbers")
    return values.astype(np.float64)
