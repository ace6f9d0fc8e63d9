"""What all transforms share: how they are called, how their arguments are checked."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pebblegrad.data._rng import as_generator


class Transform:
    """A change of the first array of a batch; the other arrays are handed on.

    A transform of your own is a subclass with a method ``change(X, rng)`` that returns
    a new array. Any function of the arrays of a batch will do as well: `DataLoader` and
    `Compose` give it `rng` if it has such a parameter.

    Example:
        >>> class Noise(Transform):
        ...     def change(self, X, rng):
        ...         return X + 0.1 * rng.standard_normal(X.shape, dtype=X.dtype)
        >>> noisy, y = Noise()(np.zeros((3, 2), np.float32), np.arange(3), rng=0)
        >>> noisy.shape, y
        ((3, 2), array([0, 1, 2]))
    """

    def __call__(
        self, *arrays: Any, rng: int | np.random.Generator | None = None
    ) -> Any:
        """Transform a batch.

        Args:
            arrays: at least one, each (N, ...): inputs, targets...
            rng: a Generator or a seed; None for other draws each time.

        Returns:
            The new array; a tuple with the others, if there are others.
        """
        who = type(self).__name__
        if not arrays:
            raise TypeError(f"{who}: no arrays were given; needed is a batch")
        X, *others = arrays
        if not isinstance(X, np.ndarray):
            raise TypeError(
                f"{who}: the batch is of type {type(X).__name__}; needed is a NumPy "
                "array, or several one by one: transform(X, y), not transform((X, y))"
            )
        out = self.change(X, as_generator(who, rng))
        return (out, *others) if others else out

    def change(self, X: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
        """Return the new first array of a batch; `X` is not written into."""
        raise NotImplementedError

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({settings})"


def check_images(who: str, X: NDArray[Any]) -> None:
    """Whether X is a batch of images, (N, C, H, W) or (N, H, W)."""
    if X.ndim not in (3, 4):
        advice = "; flat rows of pixels are images with load_mnist(flat=False)"
        raise ValueError(
            f"{who}: X has shape {X.shape}; needed are images, (N, C, H, W) or "
            f"(N, H, W){advice if X.ndim == 2 else ''}"
        )
    if X.dtype.kind not in "biuf":
        raise TypeError(f"{who}: X has dtype {X.dtype}; needed are numbers")


def checked_number(
    who: str, name: str, given: Any, low: float = -math.inf, high: float = math.inf
) -> float:
    """A finite number in [low, high]; one of NumPy's is as good."""
    if isinstance(given, bool) or not isinstance(given, numbers.Real):
        raise TypeError(f"{who}: {name} is {given!r}; needed is a number")
    number = float(given)
    if not (math.isfinite(number) and low <= number <= high):
        bounds = {
            (False, False): "",
            (True, False): f" of at least {low:g}",
            (True, True): f" in [{low:g}, {high:g}]",
        }[math.isfinite(low), math.isfinite(high)]
        raise ValueError(f"{who}: {name} is {given}; needed is a finite number{bounds}")
    return number


def checked_fill(who: str, fill: float, dtype: np.dtype[Any]) -> Any:
    """`fill` in the dtype of the images, which must be able to hold it."""
    if dtype.kind in "biu":
        low, high = (0, 1) if dtype.kind == "b" else limits(dtype)
        if not (fill.is_integer() and low <= fill <= high):
            raise ValueError(
                f"{who}: fill is {fill:g} and X has dtype {dtype}; needed is an "
                f"integer in [{low}, {high}]"
            )
    return dtype.type(fill)


def limits(dtype: np.dtype[Any]) -> tuple[int, int]:
    """The least and the greatest integer of a dtype."""
    info = np.iinfo(dtype)
    return int(info.min), int(info.max)


def checked_pair(
    who: str, name: str, given: Any, **bounds: float
) -> tuple[float, float]:
    """Two numbers."""
    if not isinstance(given, tuple | list | np.ndarray) or len(given) != 2:
        raise TypeError(f"{who}: {name} is {given!r}; needed are two numbers, (a, b)")
    first, second = (checked_number(who, name, number, **bounds) for number in given)
    return first, second
