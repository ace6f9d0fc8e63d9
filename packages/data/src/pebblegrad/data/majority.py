"""The majority of a few bits: the smallest task that is not quite trivial.

All 2**n inputs can be written down, the answer is plain, and one neuron can learn it,
for the majority is a weighted sum and a threshold. A good first thing to train on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pebblegrad.data._checks import at_least
from pebblegrad.data._rng import as_generator
from pebblegrad.data._toys import checked_dtype


def majority_bits(
    n_samples: int | None = None,
    n_bits: int = 5,
    *,
    dtype: DTypeLike = np.float32,
    rng: int | np.random.Generator | None = None,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Random bits, and the bit that most of them are.

    Args:
        n_samples: N, or None for a single sample without an axis of samples.
        n_bits: D, odd, so that there is always a majority.
        dtype: a float dtype, of both.
        rng: a seed, a Generator, or None for other bits each time.

    Returns:
        x of shape (N, D), zeros and ones, and y of shape (N, 1), as ``Linear(D, 1)``
        gives it; or (D,) and (1,) for a single sample.

    Raises:
        TypeError: `n_samples` or `n_bits` is not an integer, or `rng` of a wrong kind.
        ValueError: `n_samples` is negative, `n_bits` is not odd and at least 1, or
            `dtype` is not a float dtype.

    Example:
        >>> x, y = majority_bits(rng=3)
        >>> x, y
        (array([1., 0., 0., 0., 0.], dtype=float32), array([0.], dtype=float32))
        >>> x, y = majority_bits(1000, 7)
        >>> x.shape, y.shape
        ((1000, 7), (1000, 1))
    """
    who = "majority_bits"
    D = at_least(who, "n_bits", n_bits, 1)
    if D % 2 == 0:
        raise ValueError(
            f"{who}: n_bits is {D}; needed is an odd number, as half of {D} bits are "
            "no majority"
        )
    N = 1 if n_samples is None else at_least(who, "n_samples", n_samples, 0)
    kind, generator = checked_dtype(who, dtype), as_generator(who, rng)
    bits = generator.integers(0, 2, (N, D))
    x = bits.astype(kind)
    y = (bits.sum(axis=1, keepdims=True) > D // 2).astype(kind)
    return (x[0], y[0]) if n_samples is None else (x, y)


target_generator = majority_bits
"""The name under which a program that learns this task may know it."""
