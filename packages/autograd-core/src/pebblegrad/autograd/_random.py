"""Where random numbers come from: a Generator that is passed, or the default one."""

from __future__ import annotations

import numpy as np

_default: np.random.Generator | None = None  # made when first needed: it costs 10 ms


def manual_seed(seed: int) -> None:
    """Seed the default generator, which serves whatever gets no `rng` of its own.

    The same seed gives the same run, to the bit, on one machine.

    Args:
        seed: a non-negative integer.
    """
    global _default
    if seed is None:
        raise TypeError("manual_seed: seed is None; a non-negative integer is needed")
    _default = generator(seed)


def generator(rng: np.random.Generator | int | None = None) -> np.random.Generator:
    """Return the generator to draw from.

    Args:
        rng: a Generator (returned as it is), a seed, or None for the default generator.

    Raises:
        TypeError: if `rng` is anything else.
        ValueError: if a seed is negative.

    Example:
        >>> from pebblegrad.autograd import generator
        >>> generator(7).random() == generator(7).random()
        True
    """
    global _default
    if rng is None:
        _default = _default or np.random.default_rng()
        return _default
    if isinstance(rng, np.random.Generator):
        return rng
    if type(rng) is bool or not isinstance(rng, int | np.integer):
        raise TypeError(
            f"rng: {rng!r} is a {type(rng).__name__}; "
            "a numpy.random.Generator, an integer seed or None is needed"
        )
    if rng < 0:
        raise ValueError(f"rng: the seed is {rng}; it must not be negative")
    return np.random.default_rng(rng)
